//! Two runs at the same time, each stopped between any two of its calls.
//!
//! Of the states of a user in which the first run is stopped before the same call, and the second after as many calls, one
//! is tried for each trigger.

use crate::attempt::{ALICE, Calls, Case, Count, Sample, begin, distinct, finish, is_exhaustive};
use crate::recall::Recall;
use jiff::SignedDuration;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_testing::faulty::{Faulty, Trouble};
use mfa_enforcer_testing::trial::scenes::{Scene, Started};
use mfa_enforcer_testing::trial::verdict::{Allowed, wrong};
use mfa_enforcer_testing::trial::{Trial, delivered, run};
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

/// As many calls as a run makes, and more.
const MOST_CALLS: usize = 24;

/// Runs both scenes at once: of the first `first` calls, of the second `second`, then the first to its end, and the
/// second. Returns whether there was anything to interrupt.
async fn interrupted(
    trial: &mut Trial<'_>,
    scenes: [&Scene; 2],
    settings: &Settings,
    [first, second]: [usize; 2],
) -> bool {
    let now = scenes[0].at + SignedDuration::from_secs(20);
    let account = &trial.account;
    let (one, two) = (Faulty::stepped(account), Faulty::stepped(account));
    let (results, is_full) = {
        let mut runs = [
            pin!(run(scenes[0], now, settings, account, &one)),
            pin!(run(scenes[1], now, settings, account, &two)),
        ];
        let mut results = [None, None];
        // To the first call, and then past as many as are asked for.
        for (index, steps) in [first, second].into_iter().enumerate() {
            for _ in 0..=steps {
                if results[index].is_none() {
                    results[index] = poll_fn(|context| Poll::Ready(runs[index].as_mut().poll(context)))
                        .await
                        .into_option();
                }
            }
        }
        let is_full = results.iter().all(Option::is_none);
        for index in [0, 1] {
            if results[index].is_none() {
                results[index] = Some(runs[index].as_mut().await);
            }
        }
        (results, is_full)
    };
    for (result, scene) in results.into_iter().zip(scenes) {
        let is_over = matches!(result, Some(Ok(_)));
        let delivered = delivered(&trial.account, result.unwrap());
        trial.deliveries.push(delivered);
        if !is_over {
            trial.deliver(scene, Trouble::NONE).await;
        }
    }
    is_full
}

trait IntoOption<T> {
    fn into_option(self) -> Option<T>;
}

impl<T> IntoOption<T> for Poll<T> {
    fn into_option(self) -> Option<T> {
        match self {
            Poll::Ready(value) => Some(value),
            Poll::Pending => None,
        }
    }
}

async fn check_together(what: &'static str, second: impl Fn(&Scene) -> Scene) {
    let (mut count, mut sample, mut known) = (Count::of(what), Sample::one_of(113), Calls::default());
    for case in distinct().await {
        let Case { world, scene, start, good, .. } = case;
        let settings = &world.settings;
        let other = second(scene);
        for steps in 0..good.calls.len() {
            for others in 0..MOST_CALLS {
                if !sample.takes() {
                    continue;
                }
                let is_new = known.add(world, scene, &format!("{} {others}", good.calls[steps]));
                if is_exhaustive() && !is_new {
                    continue;
                }
                let mut trial = begin(scene, start, settings);
                let before = trial.user(ALICE).unwrap_or_else(|| start.clone());
                let run = interrupted(&mut trial, [scene, &other], settings, [steps, others]);
                let is_full = Box::pin(run).await;
                let this = finish(trial, Vec::new(), &before, settings, &Recall::Same(&case.known)).await;
                let problem = this.spoilt.or_else(|| {
                    let is_beside_a_sweep = other.by == Started::BySweep;
                    let allowed = Allowed { more: 1, is_beside_a_sweep, ..case.allowed([]) };
                    wrong(&good.ending, &this.ending, allowed)
                });
                count.add(problem, || format!("{}: after {steps} and {others} calls", case.name()));
                if !is_full {
                    break;
                }
            }
        }
    }
    count.end();
}

#[tokio::test(start_paused = true)]
async fn event_may_be_delivered_twice_at_once() {
    Box::pin(check_together("two deliveries at once", Clone::clone)).await;
}

#[tokio::test(start_paused = true)]
async fn sweep_may_run_beside_an_event() {
    let sweep = |scene: &Scene| Scene::of_sweep("hourly", scene.at);
    Box::pin(check_together("a sweep beside an event", sweep)).await;
}
