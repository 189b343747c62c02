//! Who is under the strict quarantine, and stays there.

use crate::approval_fixtures::{
    STRICT_EVERYTHING, STRICT_EVERYTHING_GROUP, approval_by, at_approval, at_enrolment, enrolled, enrolment,
    everything, hourly, hours, policies, settings, strict, swept, waiting,
};
use crate::guard_fixtures::{self, detached, stripped, traced};
use mfa_enforcer_core::device::{MfaDevice, Serial};
use mfa_enforcer_core::facts::{AccessKeys, AttachedBy, UserFacts};
use mfa_enforcer_core::posture::Finding;
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::tags::{APPROVED_KEY, Cause, UserTag};
use mfa_enforcer_testing::fixtures::{
    GROUP, KEY_SERIAL, POLICY, STRICT, STRICT_GROUP, approval_settings, contained, days_ago, decide, event,
    now, overdue, warned, with_tag,
};
use mfa_enforcer_testing::plans::{after, notices, summary, user_notices};
use rstest::rstest;

#[rstest]
#[case::sign_in("ConsoleLogin", STRICT)]
#[case::removal("DeactivateMFADevice", STRICT)]
#[case::password("CreateLoginProfile", POLICY)]
#[case::deadline("Sweep", POLICY)]
fn possible_takeover_is_strict_at_containment(#[case] name: &str, #[case] expected: &str) {
    let plan = if name == "Sweep" {
        swept(&warned(), &settings(), now())
    } else {
        decide(&event(name), &overdue(), &settings(), now())
    };
    assert_eq!(policies(&warned(), &plan), [expected], "{}", summary(&plan));
}

#[test]
fn user_without_room_joins_the_strict_group() {
    let mut full = overdue();
    full.attached_policies = (0..10).map(|n| format!("arn:aws:iam::123456789012:policy/{n}")).collect();
    let plan = decide(&event("ConsoleLogin"), &full, &settings(), now());
    assert_eq!(after(&full, &plan.steps).groups, [STRICT_GROUP], "{}", summary(&plan));
}

#[test]
fn sweep_puts_those_under_it_who_were_contained_before() {
    let user = contained(overdue());
    let plan = swept(&user, &settings(), now());
    let then = after(&user, &plan.steps);
    assert_eq!(then.attached_policies, [STRICT], "{}", summary(&plan));
    assert_eq!(then.quarantine_record().unwrap().cause, Some(Cause::SignIn), "the record stays");
    let late =
        with_tag(user, UserTag::Quarantined.key(), "2026-11-21T09:00:00Z reason=deadline-passed event=e");
    assert_eq!(policies(&late, &swept(&late, &settings(), now())), [POLICY]);
}

#[rstest]
#[case::unreadable(Some("by hand"))]
#[case::of_a_later_version(Some("2026-11-21T09:00:00Z reason=moonshine event=e"))]
#[case::lost(None)]
fn unknown_cause_is_strict(#[case] record: Option<&str>) {
    let mut user = contained(overdue());
    user.tags.remove(UserTag::Quarantined.key());
    if let Some(record) = record {
        user = with_tag(user, UserTag::Quarantined.key(), record);
    }
    let plan = swept(&user, &settings(), now());
    let then = after(&user, &plan.steps);
    assert_eq!(then.attached_policies, [STRICT], "{}", summary(&plan));
    assert_eq!(then.quarantine_record().unwrap().cause, None, "no harmless cause is made up");
}

#[rstest]
#[case::later_cause("2026-11-23T09:00:00Z reason=deadline-passed event=e")]
#[case::other_words("release me")]
fn rewritten_tag_takes_nobody_from_it(#[case] value: &str) {
    let user = with_tag(strict(), UserTag::Quarantined.key(), value);
    for plan in [
        swept(&user, &settings(), now()),
        decide(&event("CreateLoginProfile"), &user, &settings(), now()),
        decide(&event("ConsoleLogin"), &user, &settings(), now()),
    ] {
        assert_eq!(policies(&user, &plan), [STRICT], "{}", summary(&plan));
    }
}

#[rstest]
#[case::policy(true)]
#[case::group(false)]
fn change_of_scope_and_a_rewritten_tag_leave_it_strict(#[case] by_policy: bool) {
    let settings = approval_settings(&[
        ("QUARANTINE_POLICY_ARN", &format!("{POLICY},{STRICT_EVERYTHING}")),
        ("QUARANTINE_GROUP_NAME", &format!("{GROUP} {STRICT_EVERYTHING_GROUP}")),
    ]);
    let mut user = strict();
    user.attached_policies = if by_policy { vec![STRICT_EVERYTHING.to_owned()] } else { Vec::new() };
    user.groups = if by_policy { Vec::new() } else { vec![STRICT_EVERYTHING_GROUP.to_owned()] };
    let forged = "2026-11-21T09:00:00Z reason=deadline-passed event=e approved=2026-11-24T10:00:00Z";
    let user = with_tag(user, UserTag::Quarantined.key(), forged);
    let plan = swept(&user, &settings, now());
    let then = after(&user, &plan.steps);
    assert_eq!(
        (then.attached_policies, then.groups.len()),
        (vec![STRICT.to_owned()], 0),
        "{}",
        summary(&plan)
    );
    let plan = at_enrolment(&enrolled(user, enrolment()), &settings);
    assert_eq!(plan.reason, Reason::AwaitsApproval, "{}", summary(&plan));
}

#[test]
fn later_containment_keeps_the_graver_cause() {
    let record = "2026-11-21T09:00:00Z reason=sign-in event=e release=2026-11-24T21:00:00Z";
    let user = with_tag(contained(overdue()), UserTag::Quarantined.key(), record);
    let then = after(&user, &swept(&user, &settings(), now()).steps);
    assert_eq!(then.quarantine_record().unwrap().cause, Some(Cause::SignIn));
    assert_eq!(then.attached_policies, [STRICT]);
}

#[test]
fn enrolment_before_the_sweep_came_is_strict_as_well() {
    let user = enrolled(contained(overdue()), enrolment());
    let plan = at_enrolment(&user, &settings());
    let then = after(&user, &plan.steps);
    assert!(then.attached_policies.contains(&STRICT.to_owned()), "{}", summary(&plan));
    let swept = after(&then, &swept(&then, &settings(), now() + hours(1)).steps);
    assert_eq!(swept.attached_policies, [STRICT]);
}

#[test]
fn enrolled_user_without_room_joins_the_strict_group() {
    let mut full = enrolled(contained(overdue()), enrolment());
    full.attached_policies.extend((0..9).map(|n| format!("arn:aws:iam::123456789012:policy/{n}")));
    let plan = at_enrolment(&full, &settings());
    assert_eq!(after(&full, &plan.steps).groups, [STRICT_GROUP], "{}", summary(&plan));
    let instead = plan.no_room.unwrap().instead.unwrap();
    assert_eq!(instead.to_string(), "attach-policy", "where the quota of groups is smaller");
}

#[test]
fn device_added_after_the_approval_is_strict_again() {
    let plan = at_approval(&approval_by("carol"), &waiting(), &settings());
    let mut user = after(&with_tag(waiting(), APPROVED_KEY, "yes"), &plan.steps);
    user.devices.push(MfaDevice { serial: Serial::listed(KEY_SERIAL), enabled: enrolment() + hours(2) });
    let plan = swept(&user, &settings(), now() + hours(3));
    let then = after(&user, &plan.steps);
    assert_eq!(
        (then.attached_policies.clone(), notices(&plan)),
        (vec![STRICT.to_owned()], vec!["awaiting-approval"])
    );
    let record = then.quarantine_record().unwrap();
    assert_eq!((record.release, record.approved), (None, None));
}

#[rstest]
#[case("release=2026-11-24T09:30:00Z")]
#[case("release=2026-11-24T21:01:00Z approved=2026-11-24T10:01:00Z")]
fn forged_words_free_nobody_from_it(#[case] words: &str) {
    let record = format!("2026-11-21T09:00:00Z reason=sign-in event=earlier {words}");
    let user = with_tag(waiting(), UserTag::Quarantined.key(), &record);
    for hours_later in [2, 13] {
        let plan = swept(&user, &settings(), now() + hours(hours_later));
        let then = after(&user, &plan.steps);
        assert_eq!(then.attached_policies, [STRICT], "{}", summary(&plan));
        assert_eq!(then.quarantine_record(), waiting().quarantine_record(), "the words are gone");
    }
}

#[test]
fn strict_quarantine_taken_off_comes_back() {
    let user = UserFacts { attached_policies: Vec::new(), ..waiting() };
    let plan = hourly(&user, &settings(), now() + hours(2));
    assert_eq!(policies(&user, &plan), [STRICT], "{}", summary(&plan));
    assert_eq!(notices(&plan), [""; 0], "the user knows that they wait");
}

#[test]
fn only_strict_everything_may_stop_keys() {
    let gone = UserFacts { login_profile_created: None, keys: AccessKeys::Active, ..waiting() };
    assert!(policies(&gone, &swept(&gone, &settings(), now())).is_empty());
    let gone = UserFacts { attached_policies: vec![STRICT_EVERYTHING.to_owned()], ..gone };
    let plan = swept(&gone, &everything(), now());
    assert_eq!((plan.reason, plan.steps.len()), (Reason::KeysWouldRevive, 0));
}

#[test]
fn lost_record_of_who_stays_for_their_keys_is_restored() {
    let mut user = UserFacts { login_profile_created: None, keys: AccessKeys::Active, ..strict() };
    user.attached_policies = vec![STRICT_EVERYTHING.to_owned()];
    let since = user.last_notice().unwrap().at;
    user.tags.remove(UserTag::Quarantined.key());
    let then = after(&user, &hourly(&user, &everything(), now()).steps);
    let record = then.quarantine_record().unwrap();
    assert_eq!((record.since, record.cause), (Some(since), None));
    let stripped = UserFacts { attached_by: AttachedBy::Us(days_ago(2)), ..stripped(user) };
    let plan = hourly(&stripped, &everything(), now());
    let record = after(&stripped, &plan.steps).quarantine_record().unwrap();
    assert_eq!((record.since, plan.reason), (Some(days_ago(2)), Reason::KeysWouldRevive));
}

#[test]
fn lost_record_counts_as_a_takeover() {
    // Somebody took the policy and the record. What was said last tells that there was one.
    let mut user = strict();
    user.attached_policies.clear();
    user.tags.remove(UserTag::Quarantined.key());
    let plan = swept(&user, &settings(), now());
    assert!(settings().quarantine.holds_strictly(&after(&user, &plan.steps)), "{}", summary(&plan));
    // Of a user who was never contained, the deadline is all that there is.
    let plan = swept(&warned(), &settings(), now());
    assert!(!settings().quarantine.holds_strictly(&after(&warned(), &plan.steps)), "{}", summary(&plan));
}

#[rstest]
#[case::deadline("2026-11-21T09:00:00Z reason=deadline-passed event=e", POLICY)]
#[case::sign_in("2026-11-21T09:00:00Z reason=sign-in event=e", STRICT)]
fn lost_record_is_judged_as_it_is_restored(#[case] record: &str, #[case] expected: &str) {
    // Somebody took the policy and all tags, and the history has the record.
    let (event, since) = (guard_fixtures::event("DetachUserPolicy"), days_ago(3));
    let user = traced(stripped(detached()), &[(since, true)], &[(since, record)]);
    let plan = decide(&event, &user, &settings(), now());
    assert_eq!(policies(&user, &plan), [expected], "{}", summary(&plan));
    // The policy could not be attached, and the event comes again.
    let mut again = after(&user, &plan.steps);
    again.attached_policies.clear();
    assert_eq!(policies(&again, &decide(&event, &again, &settings(), now())), [expected]);
}

#[test]
fn refusal_is_told_once_where_two_parts_contain() {
    // Somebody took the policy, and the user approves their own release.
    let mut user = with_tag(waiting(), APPROVED_KEY, "yes");
    user.attached_policies.clear();
    let plan = at_approval(&approval_by("alice"), &user, &settings());
    assert_eq!(policies(&user, &plan), [STRICT], "{}", summary(&plan));
    let refused: Vec<String> = plan.if_refused.iter().map(ToString::to_string).collect();
    assert_eq!(refused, ["notify containment-failed", "set-tag mfa-enforcer:alerted"]);
}

#[test]
fn word_about_the_approval_keeps_other_findings() {
    let user = with_tag(enrolled(strict(), enrolment()), "email", "nowhere");
    let plan = at_enrolment(&user, &settings());
    let [notice] = user_notices(&plan)[..] else { panic!("{}", summary(&plan)) };
    assert_eq!(notice.background.findings, [Finding::UnusableEmail], "it says itself that it waits");
}
