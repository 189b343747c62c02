//! Every call fails once, in every way.

use crate::attempt::{Calls, Case, Count, WAYS, distinct, is_exhaustive};
use mfa_enforcer_testing::faulty::{Fault, Trouble};
use mfa_enforcer_testing::trial::verdict::wrong;

#[tokio::test(start_paused = true)]
async fn any_call_may_fail_once() {
    // If not everything is tried, each call of each trigger fails once, in one of the ways after the other.
    let (mut count, mut calls, mut turn) = (Count::of("singles"), Calls::default(), (0..WAYS.len()).cycle());
    for case in distinct().await {
        let Case { world, scene, good, .. } = case;
        assert_eq!(good.spoilt, None, "{}", case.name());
        for call in 0..good.calls.len() {
            let is_new = calls.add(world, scene, &good.calls[call]);
            let way = turn.next().filter(|_| is_new);
            for (number, (when, kind, code)) in WAYS.into_iter().enumerate() {
                if !is_exhaustive() && way != Some(number) {
                    continue;
                }
                let trouble = Trouble::Calls(vec![Fault { call, when, kind, code }]);
                let allowed = case.allowed([(good.calls[call].as_str(), kind)]);
                let this = case.attempt(trouble).await;
                let problem = this.spoilt.or_else(|| wrong(&good.ending, &this.ending, allowed));
                count.add(problem, || format!("{}: {} {code}", case.name(), good.calls[call]));
            }
        }
    }
    count.end();
}
