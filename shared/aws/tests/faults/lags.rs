//! Reads that show the account as it was some changes ago.

use crate::attempt::{
    ALICE, Count, Sample, World, attempt, begin, finish, has_no_record, scenes, starts_of, worlds,
};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_testing::faulty::{Faulty, Trouble};
use mfa_enforcer_testing::trial::scenes::{Scene, before};
use mfa_enforcer_testing::trial::verdict::{Allowed, wrong};
use mfa_enforcer_testing::trial::{DELIVERIES, delivered, run};

#[tokio::test(start_paused = true)]
async fn reads_may_lag_while_lambda_retries() {
    let (mut count, mut sample) = (Count::of("lags"), Sample::one_of(97));
    for world in worlds() {
        for scene in scenes(world) {
            for (label, start) in starts_of(&scene, &world.settings) {
                if sample.takes() {
                    check(world, &scene, label, &start, &mut count).await;
                }
            }
        }
    }
    count.end();
}

async fn check(world: &World, scene: &Scene, label: &str, start: &UserFacts, count: &mut Count) {
    let settings = &world.settings;
    let good = attempt(scene, start, settings, Trouble::NONE, None).await;
    for (lag, deliveries) in [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2)] {
        let mut trial = begin(scene, start, settings);
        if let Some(kind) = scene.kind().filter(|_| !scene.is_about_root) {
            trial.account.saw_before("alice", before(kind, start).as_ref());
        }
        let user = trial.user(ALICE).unwrap_or_else(|| start.clone());
        for (number, after) in DELIVERIES.iter().enumerate() {
            *trial.account.behind.lock().unwrap() = if number < deliveries { lag } else { 0 };
            let faulty = Faulty::with(&trial.account, Trouble::NONE);
            let result = run(scene, scene.at + *after, settings, &trial.account, &faulty).await;
            let is_over = result.is_ok();
            let delivered = delivered(&trial.account, result);
            trial.deliveries.push(delivered);
            if is_over {
                break;
            }
        }
        *trial.account.behind.lock().unwrap() = 0;
        let this = finish(trial, Vec::new(), &user, settings, Some(&good)).await;
        let allowed = Allowed { has_no_record: has_no_record(label), ..Allowed::default() };
        let problem = this.spoilt.or_else(|| wrong(&good.ending, &this.ending, allowed));
        count.add(problem, || {
            format!("[{}] {}, {label}: {lag} behind, {deliveries} deliveries", world.name, scene.name)
        });
    }
}
