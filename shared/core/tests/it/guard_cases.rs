//! What others do to a user's quarantine, name and boundary.

use crate::guard_fixtures::{
    BOUNDARY, EVENT, RECORD, UNDONE, alerts, attaches, by_admin, decided, detached, event, looked_up, off,
    record_after, stripped, told, traced, untagged, with_parameters,
};
use jiff::SignedDuration;
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::decide::Lookup;
use mfa_enforcer_core::device::{MfaDevice, Serial};
use mfa_enforcer_core::event::{Trigger, VISIBILITY_LAG};
use mfa_enforcer_core::facts::{AccessKeys, BoundaryText, Traces, UserFacts};
use mfa_enforcer_core::notice::{Severity, UserAlert, for_alert};
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::tags::{QuarantineRecord, UserTag, second};
use mfa_enforcer_testing::fixtures::{
    GROUP, KEY_SERIAL, POLICY, compliant, contained, days_ago, decide, event_of, exempt, in_grace, now,
    overdue, settings, settings_with, warned, with_device, without_password,
};
use mfa_enforcer_testing::plans::{after, changes, notices, user_notices};
use rstest::rstest;
use serde_json::json;

#[test]
fn detached_quarantine_is_put_back_and_told() {
    let plan = decided(&event("DetachUserPolicy"), &detached());
    assert_eq!(plan.reason, Reason::PutBack);
    let count = Change::CountPutBack(format!("2026-11-24T09 1 event={EVENT}"));
    assert_eq!(changes(&plan)[..2], [&count, &Change::AttachPolicy(POLICY.to_owned())]);
    assert_eq!(told(&plan), (vec![UNDONE], Severity::Critical));
    assert_eq!(user_notices(&plan).len(), 0, "alice was told of this quarantine");
    assert_eq!(record_after(&detached(), &plan).as_deref(), Some(RECORD), "the cause stays");
}

#[test]
fn left_group_is_joined_again() {
    let full = (0..10).map(|n| format!("arn:aws:iam::123456789012:policy/{n}")).collect();
    let user = UserFacts { attached_policies: full, ..detached() };
    let plan =
        decided(&with_parameters("RemoveUserFromGroup", &json!({"groupName": GROUP.to_uppercase()})), &user);
    assert!(changes(&plan).contains(&&Change::JoinGroup(GROUP.to_owned())));
    assert_eq!(told(&plan).0, [UNDONE]);
}

#[test]
fn quota_leads_to_the_other_place() {
    let plan = decided(&event("DetachUserPolicy"), &detached());
    let instead = plan.no_room.and_then(|no_room| no_room.instead);
    let joins =
        |step: &Step| matches!(step, Step::Change { change: Change::JoinGroup(group), .. } if group == GROUP);
    assert!(instead.as_ref().is_some_and(joins), "{instead:?}");
}

#[test]
fn spare_that_was_detached_is_put_back_itself() {
    let spare = format!("{POLICY}-spare");
    let settings = settings_with(&[("SPARE_POLICY_ARN", &spare)]);
    let mut event = event("DetachUserPolicy");
    event.trigger = Trigger::PolicyDetached(spare.clone());
    let plan = decide(&event, &detached(), &settings, now());
    assert_eq!(after(&detached(), &plan.steps).attached_policies, [spare], "the other text may be lost");
    assert_eq!(told(&plan).0, [UNDONE]);
    let usual = decide(&self::event("DetachUserPolicy"), &detached(), &settings, now());
    assert_eq!(after(&detached(), &usual.steps).attached_policies, [POLICY]);
}

#[test]
fn list_that_still_shows_the_policy_is_not_believed() {
    let fresh = {
        let mut envelope = by_admin("DetachUserPolicy", &json!({}));
        envelope["detail"]["eventTime"] = second(now() - SignedDuration::from_secs(20)).into();
        event_of(&envelope)
    };
    let user = contained(overdue());
    let plan = decided(&fresh, &user);
    assert!(attaches(&plan));
    // The count is noted first, so it does not say that the policy was attached.
    let counted = after(&user, &plan.steps[..1]);
    assert!(counted.tag(UserTag::Undone).is_some());
    assert!(attaches(&decided(&fresh, &counted)));
    let again = decided(&fresh, &after(&user, &plan.steps));
    assert_eq!(again.steps, [], "the second delivery has nothing to do");
}

#[test]
fn list_is_believed_once_it_has_to_be_up_to_date() {
    let (event, user) = (event("DetachUserPolicy"), contained(overdue()));
    let at = |lag: SignedDuration| decide(&event, &user, &settings(), event.source.time + lag);
    assert!(attaches(&at(VISIBILITY_LAG - SignedDuration::from_secs(1))));
    assert!(!attaches(&at(VISIBILITY_LAG)));
}

#[test]
fn event_that_was_overtaken_by_a_sweep_is_still_told() {
    let plan = decided(&event("DetachUserPolicy"), &contained(overdue()));
    assert!(!attaches(&plan));
    assert_eq!(told(&plan).0, [UNDONE]);
    let plan = decided(&event("DetachUserPolicy"), &after(&contained(overdue()), &plan.steps));
    assert_eq!((plan.reason, plan.steps.len()), (Reason::AlreadySaid, 0));
}

#[test]
fn stripped_and_detached_is_restored_from_history() {
    let ours = traced(stripped(detached()), &[(days_ago(3), true)], &[(days_ago(3), RECORD)]);
    let plan = decided(&event("DetachUserPolicy"), &ours);
    assert!(attaches(&plan));
    assert_eq!(record_after(&ours, &plan).as_deref(), Some(RECORD));
    assert_eq!(user_notices(&plan).len(), 1, "nothing says that alice was told");
}

#[test]
fn lost_cause_reads_back_as_unknown() {
    let ours = traced(stripped(detached()), &[(days_ago(3), true)], &[]);
    let plan = decided(&event("DetachUserPolicy"), &ours);
    let record = QuarantineRecord::parse(&record_after(&ours, &plan).unwrap());
    assert_eq!((record.cause, record.since), (None, Some(days_ago(3))));
}

#[test]
fn quarantine_by_hand_may_be_lifted_by_hand() {
    let by_hand = traced(stripped(detached()), &[(days_ago(1), false), (days_ago(3), true)], &[]);
    for name in ["DetachUserPolicy", "UntagUser", "UpdateUser"] {
        let plan = decided(&event(name), &by_hand);
        assert_eq!(plan.steps, [], "{name}");
    }
    assert_eq!(decided(&event("DetachUserPolicy"), &by_hand).reason, Reason::LiftedByHand);
}

#[rstest]
#[case::unreadable(overdue(), None, true)]
#[case::unreadable_in_grace(in_grace(), None, true)]
#[case::untold_and_not_found(overdue(), Some(true), true)]
#[case::older_calls_missing(in_grace(), Some(false), true)]
#[case::in_grace_and_not_found(in_grace(), Some(true), false)]
#[case::reminded_and_not_found(warned(), Some(true), false)]
fn unknown_origin_contains_where_it_is_due(
    #[case] user: UserFacts,
    #[case] history: Option<bool>,
    #[case] contains: bool,
) {
    let traces = history.map(|is_complete| Traces { is_complete, ..Traces::default() });
    let plan = decided(&event("DetachUserPolicy"), &UserFacts { traces, ..user });
    assert_eq!(attaches(&plan), contains);
}

#[test]
fn what_was_due_to_end_stays_off() {
    let free = [off(contained(exempt())), off(contained(compliant())), off(contained(without_password()))];
    for user in free {
        for name in ["DetachUserPolicy", "RemoveUserFromGroup", "UntagUser", "TagUser", "UpdateUser"] {
            let plan = decided(&event(name), &user);
            assert_eq!((plan.reason, plan.steps.len()), (Reason::QuarantineOver, 0), "{name} {user:?}");
        }
    }
}

#[test]
fn rest_of_a_quarantine_is_put_back_until_its_end() {
    let enabled = now() - SignedDuration::from_hours(2);
    let device = MfaDevice { serial: Serial::listed(KEY_SERIAL), enabled };
    let user = UserFacts { devices: vec![device], ..detached() };
    let plan = decided(&event("DetachUserPolicy"), &user);
    assert!(attaches(&plan));
    assert_eq!(user_notices(&plan).len(), 0, "sessions with MFA are not limited");
    let later = enabled + SignedDuration::from_hours(12);
    assert_eq!(decide(&event("DetachUserPolicy"), &user, &settings(), later).steps, []);
}

#[test]
fn enrolled_user_gets_the_smaller_quarantine_back() {
    let wide = "arn:aws:iam::123456789012:policy/mfa-enforcer-quarantine-everything";
    let settings = settings_with(&[
        ("QUARANTINE_SCOPE", "everything"),
        ("QUARANTINE_POLICY_ARN", wide),
        ("CONSOLE_POLICY_ARN", POLICY),
    ]);
    let enabled = now() - SignedDuration::from_hours(2);
    let device = MfaDevice { serial: Serial::listed(KEY_SERIAL), enabled };
    let user = UserFacts { devices: vec![device], ..detached() };
    let plan = decide(&event("DetachUserPolicy"), &user, &settings, now());
    assert!(changes(&plan).contains(&&Change::AttachPolicy(POLICY.to_owned())), "{plan:?}");
}

#[test]
fn active_keys_keep_a_quarantine_of_everything() {
    let settings = settings_with(&[("QUARANTINE_SCOPE", "everything")]);
    for (keys, kept) in [(AccessKeys::Active, true), (AccessKeys::NoneActive, false)] {
        let user = UserFacts { keys, ..off(contained(without_password())) };
        let plan = decide(&event("DetachUserPolicy"), &user, &settings, now());
        assert_eq!(attaches(&plan), kept);
    }
}

#[test]
fn new_name_changes_nothing_about_the_quarantine() {
    let renamed = with_parameters("UpdateUser", &json!({"userName": "al", "newUserName": "alice"}));
    let plan = decided(&renamed, &contained(overdue()));
    assert_eq!((plan.reason, plan.steps.len()), (Reason::QuarantineInForce, 0));
    assert!(attaches(&decided(&renamed, &detached())), "but it is put back under the new name");
}

#[rstest]
#[case::forbids(
    Some(
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#
    ),
    Some("boundary-forbids-enrolment")
)]
#[case::depends(Some(r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:*", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}}"#), Some("boundary-unclear"))]
#[case::not_a_document(Some("no"), Some("boundary-unclear"))]
#[case::unreadable(None, Some("boundary-unreadable"))]
#[case::allows(
    Some(r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#),
    None
)]
fn boundary_that_may_block_an_enrolment_is_told(#[case] text: Option<&str>, #[case] reason: Option<&str>) {
    let boundary = text.map_or(BoundaryText::Unreadable, |text| BoundaryText::Document(text.to_owned()));
    for user in [in_grace(), overdue(), contained(overdue())] {
        let plan =
            decided(&event("PutUserPermissionsBoundary"), &UserFacts { boundary: boundary.clone(), ..user });
        let said = notices(&plan).len();
        assert_eq!(said, usize::from(reason.is_some()));
        if let Some(reason) = reason {
            let alert = alerts(&plan).swap_remove(0);
            let message = for_alert(&alert).message;
            assert!(message.contains(reason) && message.contains("developers"), "{message}");
            assert_eq!(alert.subject.severity(), Severity::Warning);
        }
    }
    for user in [exempt(), compliant(), without_password()] {
        assert_eq!(
            decided(&event("PutUserPermissionsBoundary"), &UserFacts { boundary: boundary.clone(), ..user })
                .steps,
            []
        );
    }
}

#[test]
fn modes_withhold_the_quarantine_and_not_the_alert() {
    let notify = settings_with(&[("MODE", "notify")]);
    let plan = decide(&event("DetachUserPolicy"), &detached(), &notify, now());
    assert!(!attaches(&plan));
    assert_eq!(told(&plan).0, [UserAlert::QuarantineUndone { put_back: false }]);
    assert_eq!(after(&detached(), &plan.steps).tag(UserTag::Undone), None, "nothing was put back");
    let observe = settings_with(&[("MODE", "observe")]);
    let plan = decide(&event("DetachUserPolicy"), &detached(), &observe, now());
    assert!(plan.steps.is_empty() && !plan.withheld.is_empty());
}

#[test]
fn event_of_an_earlier_user_is_about_nobody() {
    let younger = UserFacts { created: now() - SignedDuration::from_mins(1), ..detached() };
    assert_eq!(decided(&event("DetachUserPolicy"), &younger).reason, Reason::EarlierUser);
}

#[test]
fn refusal_is_told_once() {
    let plan = decided(&event("DetachUserPolicy"), &detached());
    let refused = Plan { steps: plan.if_refused.clone(), ..plan };
    assert!(notices(&refused).contains(&"containment-failed"));
    let then = after(&detached(), &refused.steps);
    assert_eq!(decided(&event("DetachUserPolicy"), &then).if_refused, []);
}

#[test]
fn history_is_asked_only_where_tags_do_not_tell() {
    let (settings, detach) = (settings(), event("DetachUserPolicy"));
    assert_eq!(looked_up(&detach, &detached(), &settings), []);
    assert_eq!(looked_up(&detach, &stripped(detached()), &settings), [Lookup::Traces]);
    assert_eq!(looked_up(&untagged(&["mfa-enforcer:alerted"]), &contained(overdue()), &settings), []);
    assert_eq!(looked_up(&event("UpdateUser"), &in_grace(), &settings), []);
    let boundary = event("PutUserPermissionsBoundary");
    assert_eq!(looked_up(&boundary, &in_grace(), &settings), [Lookup::Boundary(BOUNDARY.to_owned())]);
    assert_eq!(looked_up(&boundary, &with_device(overdue(), KEY_SERIAL), &settings), []);
}

#[test]
fn message_names_who_did_what() {
    let plan = decided(&event("DetachUserPolicy"), &detached());
    let alert = alerts(&plan).swap_remove(0);
    let message = for_alert(&alert).message;
    for part in ["role Admin (session mallory)", "DetachUserPolicy", "mfa-enforcer-quarantine-console"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert_eq!(alert.subject.kind().code(), "quarantine-undone");
}
