//! The cases that a table does not show: order, repetition, lag, other people's hands.

use crate::given::{
    GROUP, KEY_SERIAL, PHONE_SERIAL, compliant, contained, days_ago, envelope, event, event_of, in_grace,
    now, overdue, root_event, settings, settings_with, with_device, with_tag, without_password,
};
use crate::model::{after, notices, summary};
use jiff::SignedDuration;
use mfa_enforcer_core::decide::{VISIBILITY_LAG, decide};
use mfa_enforcer_core::event::{EventId, UserName};
use mfa_enforcer_core::facts::{Facts, RootFacts, RootLedger, UserFacts};
use mfa_enforcer_core::mark;
use mfa_enforcer_core::notice::{Reach, for_admins};
use mfa_enforcer_core::plan::{Plan, Reason, Step};
use mfa_enforcer_core::posture::{Finding, Posture, posture};
use rstest::rstest;
use serde_json::json;

fn decided(event_name: &str, user: &UserFacts) -> Plan {
    decide(&event(event_name), &Facts::User(Box::new(user.clone())), &settings(), now())
}

#[test]
fn the_console_sends_two_events_and_the_new_user_gets_one_welcome() {
    let user = UserFacts { login_profile_created: Some(days_ago(0)), ..in_grace() };
    let first = decided("CreateUser", &user);
    assert_eq!(notices(&first), ["welcome"]);
    let mut second = envelope("CreateLoginProfile");
    second["detail"]["eventID"] = json!("0d1f2a3b-0000-4000-8000-00000000d002");
    let told = Facts::User(Box::new(after(&user, &first.steps)));
    let later = decide(&event_of(&second), &told, &settings(), now());
    assert_eq!(later.reason, Reason::AlreadySaid);
    assert!(later.steps.is_empty());
}

#[test]
fn a_password_that_came_with_the_user_is_left_to_its_own_event() {
    let event = event("CreateUser");
    let user = UserFacts { login_profile_created: Some(event.source.time), ..in_grace() };
    let facts = Facts::User(Box::new(user));
    let plan = decide(&event, &facts, &settings(), now());
    assert_eq!(plan.reason, Reason::PasswordEventFollows);
    let zero_grace = settings_with(&[("GRACE_PERIOD", "0s"), ("MODE", "notify")]);
    assert!(decide(&event, &facts, &zero_grace, now()).steps.is_empty());
}

#[test]
fn a_user_created_without_password_gets_nothing_yet() {
    assert_eq!(decided("CreateUser", &without_password()).reason, Reason::NoPassword);
}

#[rstest]
#[case("CreateUser", Reason::UserNotVisibleYet)]
#[case("CreateLoginProfile", Reason::UserNotVisibleYet)]
#[case("ConsoleLogin", Reason::UserGone)]
#[case("DeactivateMFADevice", Reason::UserGone)]
fn a_user_who_is_not_there_is_new_or_gone(#[case] event_name: &str, #[case] reason: Reason) {
    let at_once = event(event_name).source.time;
    let fresh = decide(&event(event_name), &Facts::NoSuchUser, &settings(), at_once);
    assert_eq!(fresh.reason, reason);
    let later = at_once + VISIBILITY_LAG;
    assert_eq!(decide(&event(event_name), &Facts::NoSuchUser, &settings(), later).reason, Reason::UserGone);
}

#[test]
fn the_removed_device_does_not_count_while_it_is_still_listed() {
    let plan = decided("DeactivateMFADevice", &with_device(in_grace(), PHONE_SERIAL));
    assert_eq!(notices(&plan), ["quarantined"]);
    let others = with_device(with_device(in_grace(), PHONE_SERIAL), KEY_SERIAL);
    assert_eq!(decided("DeactivateMFADevice", &others).reason, Reason::HasMfa);
}

#[test]
fn a_device_of_the_same_serial_enrolled_after_the_removal_counts() {
    let mut user = with_device(in_grace(), PHONE_SERIAL);
    user.devices[0].enabled = event("DeactivateMFADevice").source.time + SignedDuration::from_secs(30);
    assert_eq!(decided("DeactivateMFADevice", &user).reason, Reason::HasMfa);
}

#[test]
fn a_device_that_is_not_listed_yet_is_waited_for_but_not_for_ever() {
    let user = Facts::User(Box::new(contained(overdue())));
    let event = event("EnableMFADevice");
    let plan = decide(&event, &user, &settings(), event.source.time);
    assert_eq!(plan.reason, Reason::DeviceNotVisibleYet);
    assert!(plan.reason.is_transient() && plan.steps.is_empty());
    let later = decide(&event, &user, &settings(), event.source.time + VISIBILITY_LAG);
    assert_eq!(later.reason, Reason::DeviceGone);
    assert!(later.steps.is_empty());
}

#[test]
fn a_sign_in_does_not_release_on_a_list_that_may_lag_behind() {
    assert!(decided("ConsoleLogin", &contained(compliant())).steps.is_empty());
}

#[test]
fn a_user_with_ten_policies_joins_the_group() {
    let policies = (0..10).map(|n| format!("arn:aws:iam::123456789012:policy/{n}")).collect();
    let user = UserFacts { attached_policies: policies, ..overdue() };
    let plan = decided("ConsoleLogin", &user);
    assert!(matches!(&plan.steps[0], Step::JoinGroup { group, .. } if group == GROUP));
    let again = decided("ConsoleLogin", &after(&user, &plan.steps));
    assert!(again.steps.is_empty(), "{}", summary(&again));
    let released = decided("EnableMFADevice", &with_device(after(&user, &plan.steps), PHONE_SERIAL));
    assert!(matches!(&released.steps[0], Step::LeaveGroup { group, .. } if group == GROUP));
}

#[test]
fn without_a_group_attaching_is_tried_and_a_refusal_is_told() {
    let policies = (0..10).map(|n| format!("arn:aws:iam::123456789012:policy/{n}")).collect();
    let user = UserFacts { attached_policies: policies, ..overdue() };
    let settings = settings_with(&[("QUARANTINE_GROUP_NAME", "")]);
    let plan = decide(&event("ConsoleLogin"), &Facts::User(Box::new(user)), &settings, now());
    assert!(matches!(plan.steps[0], Step::AttachPolicy { .. }));
    assert_eq!(plan.if_refused[0].to_string(), "notify containment-failed");
}

#[test]
fn containment_comes_first_and_the_mark_last() {
    let plan = decided("ConsoleLogin", &overdue());
    let phases: Vec<_> = plan.steps.iter().map(Step::phase).collect();
    assert!(phases.is_sorted(), "{phases:?}");
    assert_eq!(phases.len(), 4);
}

#[test]
fn a_containment_without_its_tag_is_completed_and_told_of() {
    let mut user = overdue();
    user.attached_policies.push(settings().policy_arn().to_owned());
    let plan = decided("ConsoleLogin", &user);
    assert_eq!(plan.reason, Reason::FinishContainment(mark::Cause::SignIn));
    assert!(!plan.steps.iter().any(|step| matches!(step, Step::AttachPolicy { .. })));
    assert_eq!(notices(&plan), ["quarantined"]);
}

#[test]
fn a_tag_without_its_policy_means_that_somebody_undid_it() {
    let user =
        with_tag(in_grace(), mark::QUARANTINED_KEY, "2026-11-21T09:00:00Z reason=sign-in event=earlier");
    let plan = decided("ConsoleLogin", &user);
    assert!(matches!(plan.steps[0], Step::AttachPolicy { .. }), "{}", summary(&plan));
}

#[test]
fn an_operator_who_contained_by_hand_is_not_overruled() {
    let mut user = in_grace();
    user.attached_policies.push(settings().policy_arn().to_owned());
    assert_eq!(notices(&decided("ConsoleLogin", &user)), ["quarantine-reminder"]);
}

#[test]
fn quarantine_is_sticky_even_in_grace() {
    let user = contained(in_grace());
    assert_eq!(notices(&decided("ConsoleLogin", &user)), ["quarantine-reminder"]);
}

#[test]
fn reminders_come_once_a_day() {
    let first = decided("ConsoleLogin", &in_grace());
    assert_eq!(notices(&first), ["sign-in-reminder"]);
    let told = after(&in_grace(), &first.steps);
    let mut other = envelope("ConsoleLogin");
    other["detail"]["eventID"] = json!("0d1f2a3b-0000-4000-8000-00000000d003");
    let other = event_of(&other);
    let facts = Facts::User(Box::new(told));
    let hours_later = |hours| decide(&other, &facts, &settings(), now() + SignedDuration::from_hours(hours));
    assert_eq!(hours_later(23).reason, Reason::RemindedToday);
    assert_eq!(notices(&hours_later(25)), ["sign-in-reminder"]);
}

#[test]
fn a_password_that_is_back_does_not_release() {
    let mut user = contained(overdue());
    user.login_profile_created = Some(event("DeleteLoginProfile").source.time);
    assert_eq!(decided("DeleteLoginProfile", &user).reason, Reason::PasswordIsBack);
}

#[test]
fn a_removed_password_that_is_still_shown_is_waited_for() {
    let event = event("DeleteLoginProfile");
    let user = Facts::User(Box::new(contained(overdue())));
    let plan = decide(&event, &user, &settings(), event.source.time);
    assert_eq!(plan.reason, Reason::PasswordStillVisible);
}

#[test]
fn a_device_enrolled_by_an_access_key_is_released_and_reported() {
    let mut envelope = envelope("EnableMFADevice");
    envelope["detail"]["userIdentity"]["accessKeyId"] = json!("AKIAEXAMPLE");
    let user = Facts::User(Box::new(contained(compliant())));
    let plan = decide(&event_of(&envelope), &user, &settings(), now());
    assert_eq!(notices(&plan), ["enrolment-alert", "released"], "{}", summary(&plan));
    assert!(plan.steps.iter().map(Step::phase).is_sorted(), "marked before all was said: {}", summary(&plan));
}

#[test]
fn a_device_enrolled_by_somebody_else_is_reported_once() {
    let mut envelope = envelope("EnableMFADevice");
    envelope["detail"]["userIdentity"]["userName"] = json!("mallory");
    let event = event_of(&envelope);
    let plan = decide(&event, &Facts::User(Box::new(compliant())), &settings(), now());
    assert_eq!(notices(&plan), ["enrolment-alert"]);
    let told = Facts::User(Box::new(after(&compliant(), &plan.steps)));
    assert!(decide(&event, &told, &settings(), now()).steps.is_empty());
}

#[test]
fn who_enrols_in_time_is_thanked_and_nobody_else_is_bothered() {
    let asked = after(&in_grace(), &decided("ConsoleLogin", &in_grace()).steps);
    let plan = decided("EnableMFADevice", &with_device(asked, PHONE_SERIAL));
    assert_eq!(plan.reason, Reason::MfaEnrolledInTime);
    let unasked = decided("EnableMFADevice", &with_device(in_grace(), PHONE_SERIAL));
    assert_eq!(unasked.reason, Reason::NotContained);
}

#[test]
fn the_same_record_about_root_is_reported_once() {
    let event = root_event("ConsoleLogin");
    let facts = |told| Facts::Root(RootFacts { ledger: RootLedger::Told(told) });
    let first = decide(&event, &facts(Vec::new()), &settings(), now());
    assert_eq!(notices(&first), ["root-alert"]);
    let Some(Step::MarkRoot { value, .. }) = first.steps.last() else { panic!("not marked") };
    let again = decide(&event, &facts(mark::parse_root_events(value)), &settings(), now());
    assert_eq!(again.reason, Reason::AlreadySaid);
    let other = facts(vec![EventId::new("another").unwrap()]);
    assert_eq!(notices(&decide(&event, &other, &settings(), now())), ["root-alert"]);
}

#[test]
fn a_ledger_that_cannot_be_read_does_not_silence_the_alert() {
    let facts = Facts::Root(RootFacts { ledger: RootLedger::Unreadable });
    let plan = decide(&root_event("DeactivateMFADevice"), &facts, &settings(), now());
    assert_eq!(notices(&plan), ["root-alert"]);
    assert_eq!(plan.findings, [Finding::LedgerUnreadable]);
    assert_eq!(plan.steps.len(), 1, "what cannot be read is not written over");
}

#[rstest]
#[case("2026-11-24", true)]
#[case(" 2026-12-31 ", true)]
#[case("2026-11-23", false)]
#[case("tomorrow", false)]
#[case("2026-13-01", false)]
#[case("2026-12-31T12:00:00Z", false)]
#[case("", false)]
fn an_exemption_needs_a_date_and_ends_with_it(#[case] value: &str, #[case] exempt: bool) {
    let user = with_tag(overdue(), mark::EXEMPT_UNTIL_KEY, value);
    let plan = decided("ConsoleLogin", &user);
    assert_eq!(plan.reason == Reason::Exempt, exempt);
    assert_eq!(plan.findings.is_empty(), exempt, "what is no exemption is reported");
}

#[test]
fn names_are_exempt_without_regard_to_case() {
    let user = UserFacts { name: UserName::new("ROBOT").unwrap(), ..overdue() };
    assert_eq!(decided("ConsoleLogin", &user).reason, Reason::Exempt);
    let user = UserFacts { path: "/break-glass/eu/".to_owned(), ..overdue() };
    assert_eq!(decided("ConsoleLogin", &user).reason, Reason::Exempt);
    let user = UserFacts { path: "/break-glassware/".to_owned(), ..overdue() };
    assert_ne!(decided("ConsoleLogin", &user).reason, Reason::Exempt);
}

#[test]
fn enforce_from_moves_the_deadline_of_everybody_who_was_there_before() {
    let settings = settings_with(&[("ENFORCE_FROM", "2026-12-01")]);
    let plan = decide(&event("ConsoleLogin"), &Facts::User(Box::new(overdue())), &settings, now());
    assert_eq!(plan.posture, Some(Posture::InGrace { deadline: "2026-12-01T00:00:00Z".parse().unwrap() }));
}

#[test]
fn the_deadline_itself_is_overdue() {
    let user = UserFacts { login_profile_created: Some(days_ago(7)), ..overdue() };
    assert_eq!(decided("ConsoleLogin", &user).posture, Some(Posture::Overdue { deadline: now() }));
}

#[test]
fn a_late_second_delivery_finds_nothing_to_do_after_a_reenrolment() {
    let user = with_device(with_device(overdue(), PHONE_SERIAL), KEY_SERIAL);
    assert!(decided("DeactivateMFADevice", &user).steps.is_empty());
}

#[test]
fn an_undone_quarantine_that_comes_due_again_is_told_of_again() {
    let first = decided("ConsoleLogin", &overdue());
    let mut undone = after(&overdue(), &first.steps);
    undone.attached_policies.clear();
    assert_eq!(notices(&decided("ConsoleLogin", &undone)), ["quarantined"]);
}

/// The runs of one event as Lambda makes them: at once, after one minute, after two minutes more.
fn runs(event_name: &str, user: Option<&UserFacts>) -> Vec<Reason> {
    let event = event(event_name);
    let facts = user.map_or(Facts::NoSuchUser, |user| Facts::User(Box::new(user.clone())));
    [1, 61, 181]
        .map(|after| {
            let now = event.source.time + SignedDuration::from_secs(after);
            decide(&event, &facts, &settings(), now).reason
        })
        .to_vec()
}

#[test]
fn the_last_of_lambdas_runs_decides_on_what_is_there() {
    use Reason::{
        DeviceGone, DeviceNotVisibleYet, PasswordIsBack, PasswordStillVisible, UserGone, UserNotVisibleYet,
    };
    let enabled = runs("EnableMFADevice", Some(&contained(overdue())));
    assert_eq!(enabled, [DeviceNotVisibleYet, DeviceNotVisibleYet, DeviceGone]);
    assert_eq!(runs("CreateLoginProfile", None), [UserNotVisibleYet, UserNotVisibleYet, UserGone]);
    let deleted = runs("DeleteLoginProfile", Some(&contained(overdue())));
    assert_eq!(deleted, [PasswordStillVisible, PasswordStillVisible, PasswordIsBack]);
}

#[test]
fn a_replaced_device_is_waited_for_even_beside_another() {
    let plan = decide(
        &event("EnableMFADevice"),
        &Facts::User(Box::new(contained(with_device(overdue(), KEY_SERIAL)))),
        &settings(),
        event("EnableMFADevice").source.time,
    );
    assert_eq!(plan.reason, Reason::DeviceNotVisibleYet);
}

#[test]
fn a_foreign_enrolment_is_reported_before_the_device_can_be_seen_and_only_once() {
    let mut envelope = envelope("EnableMFADevice");
    envelope["detail"]["userIdentity"]["accessKeyId"] = json!("AKIAEXAMPLE");
    let event = event_of(&envelope);
    let user = overdue();
    let first = decide(&event, &Facts::User(Box::new(user.clone())), &settings(), event.source.time);
    assert!(first.reason.is_transient());
    assert_eq!(notices(&first), ["enrolment-alert"]);
    let then = after(&user, &first.steps);
    let second = decide(&event, &Facts::User(Box::new(then)), &settings(), event.source.time);
    assert!(second.reason.is_transient() && second.steps.is_empty(), "{}", summary(&second));
}

#[test]
fn enrolment_events_that_come_in_turns_are_reported_once_each() {
    let event = |id: &str| {
        let mut envelope = envelope("EnableMFADevice");
        envelope["detail"]["userIdentity"]["accessKeyId"] = json!("AKIAEXAMPLE");
        envelope["detail"]["eventID"] = json!(id);
        event_of(&envelope)
    };
    let mut user = overdue();
    let mut alerts = 0;
    for id in ["one", "two", "one", "two"] {
        let event = event(id);
        let plan = decide(&event, &Facts::User(Box::new(user.clone())), &settings(), event.source.time);
        alerts += notices(&plan).len();
        user = after(&user, &plan.steps);
    }
    assert_eq!(alerts, 2);
}

#[test]
fn a_record_without_serial_number_waits_for_any_device() {
    let mut envelope = envelope("EnableMFADevice");
    envelope["detail"]["requestParameters"] = json!({"userName": "alice"});
    let event = event_of(&envelope);
    let at_once =
        |user: UserFacts| decide(&event, &Facts::User(Box::new(user)), &settings(), event.source.time).reason;
    assert_eq!(at_once(contained(overdue())), Reason::DeviceNotVisibleYet);
    assert_eq!(at_once(contained(compliant())), Reason::MfaEnrolled);
}

#[test]
fn a_user_contained_under_another_scope_gets_the_policy_of_this_one() {
    let old = "arn:aws:iam::123456789012:policy/mfa-enforcer-quarantine-everything";
    let settings = settings_with(&[("QUARANTINE_POLICY_ARN", &format!("{},{old}", crate::given::POLICY))]);
    let mut user = contained(overdue());
    user.attached_policies = vec![old.to_owned()];
    let decided = |user: &UserFacts| {
        decide(&event("ConsoleLogin"), &Facts::User(Box::new(user.clone())), &settings, now())
    };
    let plan = decided(&user);
    assert!(matches!(plan.steps[..], [Step::AttachPolicy { .. }]), "{}", summary(&plan));
    assert_eq!(notices(&decided(&after(&user, &plan.steps))), ["quarantine-reminder"]);
}

#[test]
fn who_was_released_by_hand_is_thanked_for_a_device_and_told_of_no_limits() {
    let mut user = with_device(contained(overdue()), PHONE_SERIAL);
    user.attached_policies.clear();
    user.tags.remove(mark::QUARANTINED_KEY);
    assert_eq!(decided("EnableMFADevice", &user).reason, Reason::MfaEnrolledInTime);
}

#[test]
fn in_mode_notify_what_is_left_of_a_quarantine_is_thanked_for_once() {
    let settings = settings_with(&[("MODE", "notify")]);
    let mut user = with_device(contained(overdue()), PHONE_SERIAL);
    for (id, expected) in [("one", vec!["released"]), ("two", vec![])] {
        let mut envelope = envelope("EnableMFADevice");
        envelope["detail"]["eventID"] = json!(id);
        let plan = decide(&event_of(&envelope), &Facts::User(Box::new(user.clone())), &settings, now());
        assert_eq!(notices(&plan), expected, "{}", summary(&plan));
        user = after(&user, &plan.steps);
    }
}

#[test]
fn an_alert_does_not_make_the_quarantine_be_told_again() {
    let mut envelope = envelope("EnableMFADevice");
    envelope["detail"]["userIdentity"]["accessKeyId"] = json!("AKIAEXAMPLE");
    let event = event_of(&envelope);
    let contained = after(&overdue(), &decided("ConsoleLogin", &overdue()).steps);
    let plan = decide(&event, &Facts::User(Box::new(contained.clone())), &settings(), now());
    let again = decided("ConsoleLogin", &after(&contained, &plan.steps));
    assert!(again.steps.is_empty(), "{}", summary(&again));
}

#[test]
fn a_new_password_after_a_quarantine_gets_no_grace() {
    let released = decided("DeleteLoginProfile", &contained(without_password()));
    assert_eq!(notices(&released), ["released"]);
    let mut user = after(&contained(without_password()), &released.steps);
    user.login_profile_created = Some(now());
    for event_name in ["CreateLoginProfile", "ConsoleLogin"] {
        let mut envelope = envelope(event_name);
        envelope["detail"]["eventID"] = json!("0d1f2a3b-0000-4000-8000-00000000d004");
        let plan = decide(&event_of(&envelope), &Facts::User(Box::new(user.clone())), &settings(), now());
        assert!(matches!(plan.steps[0], Step::AttachPolicy { .. }), "{event_name}: {}", summary(&plan));
    }
    let enrolled = decided("EnableMFADevice", &with_device(contained(user), PHONE_SERIAL));
    assert_eq!(enrolled.reason, Reason::MfaEnrolled);
}

#[test]
fn a_quarantine_of_another_scope_is_known_and_lifted() {
    let old = "arn:aws:iam::123456789012:policy/mfa-enforcer-quarantine-everything";
    let settings = settings_with(&[("QUARANTINE_POLICY_ARN", &format!("{},{old}", crate::given::POLICY))]);
    let mut user = with_device(contained(overdue()), PHONE_SERIAL);
    user.attached_policies = vec![old.to_owned()];
    let plan = decide(&event("EnableMFADevice"), &Facts::User(Box::new(user)), &settings, now());
    assert!(matches!(&plan.steps[0], Step::DetachPolicy { policy_arn, .. } if policy_arn == old));
}

#[test]
fn a_note_from_the_future_silences_nobody() {
    let user = with_tag(in_grace(), mark::NOTIFIED_KEY, "reminder 2099-01-01T00:00:00Z event=planted");
    assert_eq!(notices(&decided("ConsoleLogin", &user)), ["sign-in-reminder"]);
}

#[test]
fn an_exemption_for_ever_is_reported() {
    let plan = decided("ConsoleLogin", &with_tag(overdue(), mark::EXEMPT_UNTIL_KEY, "9999-12-31"));
    assert_eq!(plan.reason, Reason::Exempt);
    assert!(matches!(plan.findings[..], [Finding::LongExemption(_)]));
}

#[test]
fn a_device_named_like_roots_is_not_roots() {
    let mut envelope = envelope("DeactivateMFADevice");
    let serial = "arn:aws:iam::123456789012:mfa/root-account-mfa-device";
    envelope["detail"]["requestParameters"]["serialNumber"] = json!(serial);
    let user = with_device(in_grace(), serial);
    let plan = decide(&event_of(&envelope), &Facts::User(Box::new(user)), &settings(), now());
    assert_eq!(notices(&plan), ["quarantined"]);
}

#[test]
fn only_a_security_key_or_passkey_is_strong() {
    let weak = |serial| {
        posture(&with_device(overdue(), serial), &settings(), now()) == Posture::Compliant { weak: true }
    };
    assert!(weak(PHONE_SERIAL) && weak("GAKT12345678") && !weak(KEY_SERIAL));
}

#[test]
fn a_tag_that_is_made_up_for_later_does_not_have_the_quarantine_told_again() {
    let first = decided("ConsoleLogin", &overdue());
    let mut user = after(&overdue(), &first.steps);
    user.tags.remove(mark::QUARANTINED_KEY);
    let later = |user: &UserFacts, minutes: i64| {
        let now = now() + SignedDuration::from_mins(minutes);
        decide(&event("ConsoleLogin"), &Facts::User(Box::new(user.clone())), &settings(), now)
    };
    let second = later(&user, 1);
    assert!(notices(&second).is_empty() && second.steps.len() == 1, "{}", summary(&second));
    let third = later(&after(&user, &second.steps), 3);
    assert!(third.steps.is_empty(), "{}", summary(&third));
}

#[test]
fn an_exemption_of_a_year_is_not_too_long() {
    let last = decided("ConsoleLogin", &with_tag(overdue(), mark::EXEMPT_UNTIL_KEY, "2027-11-25"));
    assert!(last.findings.is_empty());
    let longer = decided("ConsoleLogin", &with_tag(overdue(), mark::EXEMPT_UNTIL_KEY, "2027-11-26"));
    assert_eq!(longer.findings.len(), 1);
}

#[test]
fn postures_and_findings_have_names_that_last() {
    let codes: Vec<&str> = crate::given::users()
        .iter()
        .take(5)
        .map(|(_, user)| posture(user, &settings(), now()).code())
        .collect();
    assert_eq!(codes, ["not-applicable", "exempt", "compliant", "in-grace", "overdue"]);
    let date = "2026-11-01".parse().unwrap();
    let findings = [
        Finding::UnreadableExemption,
        Finding::ExpiredExemption(date),
        Finding::LongExemption(date),
        Finding::UnusableEmail,
        Finding::UnusablePhone,
        Finding::LedgerUnreadable,
    ];
    insta::assert_snapshot!(findings.map(|finding| finding.to_string()).join("\n"));
}

#[test]
fn what_is_wrong_with_a_user_stands_in_the_administrators_message() {
    let user = with_tag(with_tag(overdue(), "email", "nobody"), "phone", "555");
    let plan = decided("ConsoleLogin", &user);
    assert_eq!(plan.findings, [Finding::UnusableEmail, Finding::UnusablePhone]);
    let Some(Step::Notify(notice)) = plan.steps.iter().find(|step| matches!(step, Step::Notify(_))) else {
        panic!("no notice");
    };
    let text = for_admins(notice, Reach::NobodyToTell).unwrap().message;
    assert_eq!(text.matches("To mend:").count(), 4, "two findings, in `default` and in `email`");
}
