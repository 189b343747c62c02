//! What a look at the quarantine shows of its policies, and when it is news.

use crate::quarantine_check_fixtures::{
    EDITED, OTHER, alerts, guard, policy, right, seen, spare, told, version, with_spare,
};
use mfa_enforcer_core::decide::QuarantineCheck;
use mfa_enforcer_core::quarantine_look::{PolicySeen, Text};
use mfa_enforcer_testing::fixtures::{POLICY, now, request, whole_quarantine};

#[test]
fn newest_version_is_the_one_with_the_highest_number() {
    let versions =
        vec![version("v11", OTHER), version("v10", right()), version("v9", right()), version("v8", "{}")];
    let lost = PolicySeen::There { in_force: version("v11", OTHER), versions };
    let check = QuarantineCheck::of_sweep(&request());
    let seen = seen(&check, &with_spare(), POLICY, &lost);
    let right = Some("v10".to_owned());
    assert_eq!(seen.text(POLICY, &with_spare(), now()), Text::Changed { right });
}

#[test]
fn failed_look_leaves_the_other_policies_known() {
    let mut seen = whole_quarantine(&QuarantineCheck::of_sweep(&request()), &with_spare());
    seen.set_unknown(POLICY, "denied");
    let text = |arn: &str| seen.text(arn, &with_spare(), now());
    assert_eq!((text(POLICY), text(&spare())), (Text::Unknown, Text::Intact));
}

#[test]
fn text_that_is_lost_in_another_way_is_news() {
    let (settings, check) = (with_spare(), guard(EDITED));
    let mut ledger = told();
    for lost in [policy(&["{}", OTHER]), policy(&[right(), OTHER]), PolicySeen::Gone] {
        let found = seen(&check, &settings, POLICY, &lost);
        let plan = check.report(&found, &found, &ledger, &settings, now());
        assert_eq!(alerts(&plan), ["policy-lost critical"], "{lost:?}");
        ledger = ledger.after(&plan.steps);
        let again = check.report(&found, &found, &ledger, &settings, now());
        assert_eq!(alerts(&again), [""; 0], "{lost:?}");
    }
}
