//! Every call fails once, in every way.

use crate::attempt::{Count, Sample, WAYS, attempt, distinct, has_no_record, settings};
use mfa_enforcer_aws::ErrorKind;
use mfa_enforcer_testing::faulty::{Fault, Trouble};
use mfa_enforcer_testing::trial::verdict::{Allowed, wrong};

#[tokio::test(start_paused = true)]
async fn any_call_may_fail_once() {
    let (settings, mut count, mut sample) = (settings(), Count::of("singles"), Sample::one_of(5));
    for (scene, label, start, good) in distinct().await {
        assert_eq!(good.spoilt, None, "{}, {label}", scene.name);
        for call in 0..good.calls.len() {
            for (when, kind, code) in WAYS {
                if !sample.takes() {
                    continue;
                }
                let trouble = Trouble::Calls(vec![Fault { call, when, kind, code }]);
                let allowed = Allowed {
                    is_refused: kind == ErrorKind::Denied,
                    has_no_record: has_no_record(label),
                    ..Allowed::default()
                };
                let this = attempt(scene, start, &settings, trouble, Some(good)).await;
                let problem = this.spoilt.or_else(|| wrong(&good.ending, &this.ending, allowed));
                count.add(problem, || format!("{}, {label}: {} {code}", scene.name, good.calls[call]));
            }
        }
    }
    count.end();
}
