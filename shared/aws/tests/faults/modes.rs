//! Every event in every mode, also where less is done than in `enforce`.

use crate::attempt::{begin, scenes, starts_of, worlds};
use mfa_enforcer_core::settings::{Mode, Settings};
use mfa_enforcer_testing::faulty::Trouble;
use mfa_enforcer_testing::trial::scenes::Started;

/// What a run does, the trial itself compares.
#[tokio::test(start_paused = true)]
async fn no_event_needs_more_than_its_session_may() {
    let mut tried = 0;
    for (world, mode) in worlds().iter().flat_map(|world| [(world, Mode::Observe), (world, Mode::Notify)]) {
        let settings = Settings { mode, ..world.settings.clone() };
        for scene in scenes(world).into_iter().filter(|scene| scene.by != Started::BySweep) {
            for (_, start) in starts_of(&scene, &settings) {
                let calls = begin(&scene, &start, &settings).deliver(&scene, Trouble::NONE).await;
                tried += calls.len();
            }
        }
    }
    println!("modes: {tried} calls");
    assert!(tried > 0, "nothing was tried");
}
