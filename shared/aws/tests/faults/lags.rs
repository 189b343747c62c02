//! Reads that show the account as it was some changes ago.

use crate::attempt::{
    ALICE, Count, Sample, attempt, begin, finish, has_no_record, scenes, settings, starts_of,
};
use mfa_enforcer_testing::faulty::{Faulty, Trouble};
use mfa_enforcer_testing::trial::scenes;
use mfa_enforcer_testing::trial::verdict::{Allowed, wrong};
use mfa_enforcer_testing::trial::{DELIVERIES, delivered, run};

#[tokio::test(start_paused = true)]
async fn reads_may_lag_while_lambda_retries() {
    let (settings, mut count, mut sample) = (settings(), Count::of("lags"), Sample::one_of(31));
    for scene in scenes() {
        for (label, start) in starts_of(&scene) {
            if !sample.takes() {
                continue;
            }
            let good = attempt(&scene, &start, &settings, Trouble::NONE, None).await;
            for (lag, deliveries) in [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2)] {
                let mut trial = begin(&scene, &start, &settings);
                if let Some(kind) = scene.kind.filter(|_| !scene.is_about_root) {
                    trial.account.saw_before("alice", scenes::before(kind, &start).as_ref());
                }
                let before = trial.user(ALICE).unwrap_or_else(|| start.clone());
                for (number, after) in DELIVERIES.iter().enumerate() {
                    *trial.account.behind.lock().unwrap() = if number < deliveries { lag } else { 0 };
                    let faulty = Faulty::with(&trial.account, Trouble::NONE);
                    let result = run(&scene, scene.at + *after, &settings, &trial.account, &faulty).await;
                    let is_over = result.is_ok();
                    let delivered = delivered(&trial.account, result);
                    trial.deliveries.push(delivered);
                    if is_over {
                        break;
                    }
                }
                *trial.account.behind.lock().unwrap() = 0;
                let this = finish(trial, Vec::new(), &before, &settings, Some(&good)).await;
                let problem = this.spoilt.or_else(|| {
                    wrong(
                        &good.ending,
                        &this.ending,
                        Allowed { has_no_record: has_no_record(label), ..Allowed::default() },
                    )
                });
                count.add(problem, || {
                    format!("{}, {label}: {lag} behind, {deliveries} deliveries", scene.name)
                });
            }
        }
    }
    count.end();
}
