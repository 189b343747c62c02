//! Reads that show the account as it was some changes ago.

use crate::attempt::{
    ALICE, Case, Count, Sample, Tried, WAYS, attempt, begin, distinct, finish, origin, scenes, starts_of,
    worlds,
};
use crate::recall::Recall;
use mfa_enforcer_core::event::TriggerKind;
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_testing::faulty::{Fault, Faulty, Trouble};
use mfa_enforcer_testing::trial::scenes::{Scene, Started, before};
use mfa_enforcer_testing::trial::verdict::{Allowed, wrong};
use mfa_enforcer_testing::trial::{DELIVERIES, delivered, run};

#[tokio::test(start_paused = true)]
async fn reads_may_lag_while_lambda_retries() {
    let (mut count, mut sample) = (Count::of("lags"), Sample::one_of(97));
    for world in worlds() {
        for scene in scenes(world) {
            for (label, start) in starts_of(&scene, &world.settings) {
                // A policy is deleted only after it was detached from everybody. Where all these events were lost, IAM is up
                // to date long before a sweep.
                let is_late =
                    scene.by == Started::BySweep && scene.kind() == Some(TriggerKind::PolicyDeleted);
                if is_late || !sample.takes() {
                    continue;
                }
                let good = attempt(&scene, &start, &world.settings).await;
                for lag in LAGS {
                    let recall = Recall::Like(&good);
                    let this = lagging(&scene, &start, &world.settings, lag, Trouble::NONE, &recall).await;
                    let allowed = Allowed { origin: origin(label), ..Allowed::default() };
                    let problem = this.spoilt.or_else(|| wrong(&good.ending, &this.ending, allowed));
                    count.add(problem, || format!("[{}] {}, {label}: {lag:?}", world.name, scene.name));
                }
            }
        }
    }
    count.end();
}

#[tokio::test(start_paused = true)]
async fn call_may_fail_while_reads_lag() {
    let (mut count, mut sample) = (Count::of("lags after a call that failed"), Sample::one_of(89));
    let (when, kind, code) = WAYS[0];
    for case in distinct().await {
        let Case { world, scene, start, good, .. } = case;
        // An order of a sweep comes again only after some minutes.
        if scene.by == Started::BySweep {
            continue;
        }
        for call in 0..good.calls.len() {
            for lag in LAGS_OF_RETRIES {
                if !sample.takes() {
                    continue;
                }
                let trouble = Trouble::Calls(vec![Fault { call, when, kind, code }]);
                let this = lagging(scene, start, &world.settings, lag, trouble, &case.recall()).await;
                let allowed = case.allowed([(good.calls[call].as_str(), kind)]);
                let problem = this.spoilt.or_else(|| wrong(&good.ending, &this.ending, allowed));
                count.add(problem, || format!("{}: {lag:?}, {}", case.name(), good.calls[call]));
            }
        }
    }
    count.end();
}

/// How reads lag.
#[derive(Debug, Clone, Copy)]
struct Lag {
    /// By how many changes.
    changes: usize,
    /// In which deliveries.
    deliveries: (usize, usize),
    /// Whether only lists lag.
    is_only_of_lists: bool,
}

/// In all deliveries before this one.
const fn until(delivery: usize, changes: usize) -> Lag {
    Lag { changes, deliveries: (0, delivery), is_only_of_lists: false }
}

const LAGS: [Lag; 6] = [until(1, 1), until(2, 1), until(1, 2), until(2, 2), until(1, 3), until(2, 3)];

/// In the delivery after the one in which a call failed.
const fn retry(changes: usize, is_only_of_lists: bool) -> Lag {
    Lag { changes, deliveries: (1, 2), is_only_of_lists }
}

const LAGS_OF_RETRIES: [Lag; 4] = [retry(1, false), retry(2, false), retry(2, true), retry(3, true)];

/// A scene whose reads lag like this, with this trouble in the first delivery.
async fn lagging(
    scene: &Scene,
    start: &UserFacts,
    settings: &Settings,
    lag: Lag,
    trouble: Trouble,
    recall: &Recall<'_>,
) -> Tried {
    let mut trial = begin(scene, start, settings);
    if let Some(kind) = scene.kind().filter(|_| !scene.is_about_root) {
        trial.account.saw_before("alice", before(kind, start).as_ref());
    }
    let user = trial.user(ALICE).unwrap_or_else(|| start.clone());
    let (first, later) = (Faulty::with(&trial.account, trouble), Faulty::with(&trial.account, Trouble::NONE));
    *trial.account.is_only_of_lists.lock().unwrap() = lag.is_only_of_lists;
    for (number, after) in DELIVERIES.iter().enumerate() {
        let is_behind = (lag.deliveries.0..lag.deliveries.1).contains(&number);
        *trial.account.behind.lock().unwrap() = if is_behind { lag.changes } else { 0 };
        let faulty = if number == 0 { &first } else { &later };
        let result = run(scene, scene.at + *after, settings, &trial.account, faulty).await;
        let is_over = result.is_ok();
        let delivered = delivered(&trial.account, result);
        trial.deliveries.push(delivered);
        if is_over {
            break;
        }
    }
    *trial.account.behind.lock().unwrap() = 0;
    *trial.account.is_only_of_lists.lock().unwrap() = false;
    finish(trial, Vec::new(), &user, settings, recall).await
}
