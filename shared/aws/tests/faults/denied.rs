//! A call that is denied for good: somebody hears of it.

use crate::attempt::{ALICE, Case, Count, SWEEPS, Sample, begin, distinct};
use mfa_enforcer_aws::ErrorKind;
use mfa_enforcer_testing::faulty::Trouble;
use mfa_enforcer_testing::trial::Delivered;
use mfa_enforcer_testing::trial::scenes::Scene;
use mfa_enforcer_testing::trial::verdict::{Ending, spoilt, wrong};
use std::collections::BTreeSet;

#[tokio::test(start_paused = true)]
async fn denial_for_good_is_never_silent() {
    let (mut count, mut sample) = (Count::of("denied for good"), Sample::one_of(19));
    for case in distinct().await {
        let Case { world, scene, start, good, .. } = case;
        let settings = &world.settings;
        let calls: BTreeSet<&String> = good.calls.iter().collect();
        for call in calls {
            if !sample.takes() {
                continue;
            }
            let mut trial = begin(scene, start, settings);
            let before = trial.user(ALICE).unwrap_or_else(|| start.clone());
            let trouble = || Trouble::Denied(call.clone());
            trial.deliver(scene, trouble()).await;
            for (kind, time) in SWEEPS {
                trial.deliver(&Scene::of_sweep(kind, time.parse().unwrap()), trouble()).await;
            }
            let ending = Ending::of(&trial, ALICE);
            let is_said = ending.deliveries.iter().any(Delivered::says_so);
            let allowed = case.allowed([(call.as_str(), ErrorKind::Denied)]);
            let harm = spoilt(&trial, ALICE, &before, settings);
            let problem = harm.or_else(|| wrong(&good.ending, &ending, allowed).filter(|_| !is_said));
            count.add(problem, || format!("{}: {call}", case.name()));
        }
    }
    count.end();
}
