//! What a look at the quarantine shows of its policies.

use crate::quarantine_check_fixtures::{OTHER, right, seen, spare, version, with_spare};
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
