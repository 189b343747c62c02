//! Any two calls fail, in the same delivery or in two.
//!
//! There are more than a million pairs. Most of them are of the same two calls of the same trigger, in another state of the
//! user. So of these one is tried, in the first state in which a run makes both.

use crate::attempt::{
    Calls, Case, Count, SWEEPS, Sample, WAYS, Way, begin, distinct, is_exhaustive, starts_of, worlds,
};
use mfa_enforcer_testing::faulty::{Fault, Trouble};
use mfa_enforcer_testing::trial::scenes::Scene;
use mfa_enforcer_testing::trial::verdict::wrong;

/// The ways that differ in what follows from them. The first four do not.
fn ways() -> [Way; 3] {
    [WAYS[0], WAYS[4], WAYS[5]]
}

#[tokio::test(start_paused = true)]
async fn any_two_calls_may_fail() {
    let (mut count, mut firsts, mut seconds) = (Count::of("pairs"), Sample::one_of(47), Sample::one_of(17));
    let mut known = Calls::default();
    for case in distinct().await {
        let Case { world, scene, good, .. } = case;
        for first in 0..good.calls.len() {
            for (when, kind, code) in ways() {
                if !firsts.takes() {
                    continue;
                }
                let one = Fault { call: first, when, kind, code };
                let alone = case.attempt(Trouble::Calls(vec![one])).await;
                for call in first + 1..alone.calls.len() {
                    for (when, kind, code) in ways() {
                        if !seconds.takes() {
                            continue;
                        }
                        let other = Fault { call, when, kind, code };
                        let names = [first, call].map(|number| alone.calls[number].as_str());
                        let pair = format!("{} {} {} {code}", names[0], one.code, names[1]);
                        let is_new = known.add(world, scene, &pair);
                        if is_exhaustive() && !is_new {
                            count.besides += 1;
                            continue;
                        }
                        let trouble = Trouble::Calls(vec![one, other]);
                        let allowed = case.allowed([(names[0], one.kind), (names[1], kind)]);
                        let this = case.attempt(trouble).await;
                        let problem = this.spoilt.or_else(|| wrong(&good.ending, &this.ending, allowed));
                        count.add(problem, || {
                            let (first, second) = (&alone.calls[first], &alone.calls[call]);
                            format!("{}: {first} {}, {second} {code}", case.name(), one.code)
                        });
                    }
                }
            }
        }
    }
    count.end();
}

/// A sweep that could not read the policy attaches it, IAM does not find it, and the look at what that means fails. If the
/// sweep took that for a refusal, the user would hear an hour later, and get a reminder less.
#[tokio::test(start_paused = true)]
async fn sweep_is_repeated_after_a_failed_second_look() {
    let settings = &worlds()[0].settings;
    let lost = Scene::of_lost_events("hourly", settings).into_iter();
    let mut lost = lost.filter(|scene| scene.name == "hourly sweep after DeletePolicy by an administrator");
    let scene = lost.next().unwrap();
    let (_, start) = starts_of(&scene, settings).remove(0);
    let fault = |call: usize, (when, kind, code): Way| Fault { call, when, kind, code };
    let position = |calls: &[String], name: &str| calls.iter().position(|call| call == name).unwrap();

    let calls = begin(&scene, &start, settings).deliver(&scene, Trouble::NONE).await;
    let unread = fault(position(&calls, "policy_in_force"), WAYS[0]);
    let calls = begin(&scene, &start, settings).deliver(&scene, Trouble::Calls(vec![unread])).await;
    let attach = position(&calls, "attach-policy");
    let look = attach + 1;
    assert_eq!(calls[look], "user");
    // All but a denial, which would be repeated.
    for way in WAYS.into_iter().filter(|(_, _, code)| *code != "AccessDenied") {
        let mut trial = begin(&scene, &start, settings);
        trial.deliver(&scene, Trouble::Calls(vec![unread, fault(look, way)])).await;
        let (_, _, code) = way;
        assert!(trial.deliveries[0].error.is_some(), "{code}: not repeated");
        trial.sweep(&SWEEPS).await;
        let said: Vec<&String> = trial.deliveries.iter().flat_map(|delivery| &delivery.to_users).collect();
        assert_eq!(said, ["quarantined", "quarantine-reminder"], "{code}");
    }
}
