//! Any two calls fail, in the same delivery or in two.

use crate::attempt::{Case, Count, Sample, WAYS, Way, attempt, distinct, has_no_record};
use mfa_enforcer_aws::ErrorKind;
use mfa_enforcer_testing::faulty::{Fault, Trouble};
use mfa_enforcer_testing::trial::verdict::{Allowed, wrong};

/// The ways that differ in what follows from them. The first four do not.
fn ways() -> [Way; 3] {
    [WAYS[0], WAYS[4], WAYS[5]]
}

#[tokio::test(start_paused = true)]
async fn any_two_calls_may_fail() {
    let (mut count, mut firsts, mut seconds) = (Count::of("pairs"), Sample::one_of(31), Sample::one_of(17));
    for case in distinct().await {
        let Case { world, scene, label, start, good } = case;
        let settings = &world.settings;
        for first in 0..good.calls.len() {
            for (when, kind, code) in ways() {
                if !firsts.takes() {
                    continue;
                }
                let one = Fault { call: first, when, kind, code };
                let alone = attempt(scene, start, settings, Trouble::Calls(vec![one]), Some(good)).await;
                for call in first + 1..alone.calls.len() {
                    for (when, kind, code) in ways() {
                        if !seconds.takes() {
                            continue;
                        }
                        let other = Fault { call, when, kind, code };
                        let trouble = Trouble::Calls(vec![one, other]);
                        let is_refused = [one.kind, kind].contains(&ErrorKind::Denied);
                        let allowed =
                            Allowed { is_refused, has_no_record: has_no_record(label), ..Allowed::default() };
                        let this = attempt(scene, start, settings, trouble, Some(good)).await;
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
