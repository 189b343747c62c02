//! Any two calls fail, in the same delivery or in two.
//!
//! There are more than a million pairs. Most of them are of the same two calls of the same trigger, in another state of the
//! user. So of these one is tried, in the first state in which a run makes both.

use crate::attempt::{Calls, Case, Count, Sample, WAYS, Way, distinct, is_exhaustive};
use mfa_enforcer_testing::faulty::{Fault, Trouble};
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
