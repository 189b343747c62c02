//! What the guard makes of a history that cannot be read, and of events that arrive late.

use crate::approval_fixtures::{
    approval_by, at_approval, enrolled, hours, settings as approvals, strict, swept,
};
use crate::guard_fixtures::{
    RECORD, UNDONE, alerts, attaches, by_admin, decided, detached, event, record_after, stripped, told,
    untagged,
};
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::event::{Event, Trigger};
use mfa_enforcer_core::facts::{AttachedBy, Attachment, Traces, UserFacts};
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::tags::{APPROVED_KEY, UserTag, second};
use mfa_enforcer_testing::fixtures::{
    POLICY, STRICT, approval_settings, contained, days_ago, decide, event_of, in_grace, now, overdue,
    with_tag,
};
use mfa_enforcer_testing::plans::{after, summary, user_notices};
use rstest::rstest;
use serde_json::json;

/// The removal of the record, so many seconds ago.
fn untagged_since(seconds: i64) -> Event {
    let mut envelope = by_admin("UntagUser", &json!({"tagKeys": [UserTag::Quarantined.key()]}));
    envelope["detail"]["eventTime"] = second(now() - SignedDuration::from_secs(seconds)).into();
    event_of(&envelope)
}

#[test]
fn unreadable_history_is_tried_again_before_a_record_is_written() {
    let user = stripped(contained(overdue()));
    let plan = decided(&untagged_since(20), &user);
    assert_eq!((plan.reason, plan.steps.len()), (Reason::HistoryNotReadable, 0), "{}", summary(&plan));
    assert!(plan.reason.is_transient());
    // The last delivery leaves it to a sweep: it may be somebody else's.
    let plan = decided(&untagged_since(200), &user);
    assert_eq!((plan.reason, plan.steps.len()), (Reason::QuarantineOfUnknownOrigin, 0), "{}", summary(&plan));
}

#[test]
fn history_that_is_cut_off_is_not_tried_again() {
    let traces = Some(Traces { is_complete: false, ..Traces::default() });
    let user = UserFacts { traces, ..stripped(contained(overdue())) };
    let plan = decided(&untagged_since(20), &user);
    assert_eq!((plan.reason, plan.steps.len()), (Reason::QuarantineOfUnknownOrigin, 0), "{}", summary(&plan));
}

#[rstest]
#[case::overdue(overdue())]
#[case::in_grace(in_grace())]
fn unreadable_history_does_not_delay_a_containment(#[case] user: UserFacts) {
    let plan = decided(&event("DetachUserPolicy"), &user);
    assert!(attaches(&plan), "{}", summary(&plan));
    assert!(record_after(&user, &plan).is_some(), "nothing else is there that could be somebody else's");
}

#[test]
fn what_is_under_somebody_elses_quarantine_gets_no_record() {
    // The strict policy was detached, and of the other one nobody knows whose it is.
    let settings = approval_settings(&[]);
    let user = stripped(contained(overdue()));
    let plan = decide(&detachment(now()), &user, &settings, now());
    let then = after(&user, &plan.steps);
    assert_eq!(then.attached_policies, [POLICY, STRICT], "{}", summary(&plan));
    assert_eq!(
        (then.tag(UserTag::Quarantined), then.tag(UserTag::Notified)),
        (None, None),
        "not called ours"
    );
    assert_eq!((told(&plan).0, user_notices(&plan).len()), (vec![UNDONE], 0));
}

/// Alice, contained three days ago, enrolled since, approved by somebody, released, and told so.
fn released(approved: Option<Timestamp>) -> UserFacts {
    let enabled = now() - hours(20);
    let user = enrolled(strict(), enabled);
    let mut approving = approval_by("carol");
    approving.source.time = now() - hours(1);
    let plan = at_approval(&approving, &user, &approvals());
    let user = after(&user, &plan.steps);
    assert!(user.attached_policies.is_empty() && user.quarantine_record().is_some(), "{}", summary(&plan));
    let user = with_tag(user, APPROVED_KEY, "yes");
    let plan = swept(&user, &approvals(), now() - SignedDuration::from_mins(30));
    let user = after(&user, &plan.steps);
    assert_eq!(user.tag(UserTag::Quarantined), None, "{}", summary(&plan));
    let traces = Traces {
        attachments: vec![Attachment { at: days_ago(3), what: STRICT.to_owned(), by_us: true }],
        records: vec![(days_ago(3), RECORD.to_owned())],
        ended: None,
        approved,
        is_complete: true,
    };
    UserFacts { traces: Some(traces), ..user }
}

/// The detachment of the strict policy at this time.
fn detachment(at: Timestamp) -> Event {
    let mut event = event("DetachUserPolicy");
    event.trigger = Trigger::PolicyDetached(STRICT.to_owned());
    event.source.time = at;
    event
}

#[test]
fn late_event_puts_nothing_back_after_an_approved_release() {
    let user = released(Some(now() - hours(1)));
    for minutes in [58, 61, 300] {
        let event = detachment(now() - SignedDuration::from_mins(minutes));
        let plan = decide(&event, &user, &approvals(), now());
        let is_late = minutes > 58;
        assert_eq!(attaches(&plan), !is_late, "{minutes} {}", summary(&plan));
        assert!(!is_late || (plan.reason, alerts(&plan).len()) == (Reason::QuarantineOver, 0));
    }
}

#[rstest]
#[case::not_found(None)]
#[case::of_an_earlier_device(Some(now() - hours(30)))]
#[case::of_an_earlier_quarantine(Some(days_ago(4)))]
fn word_of_a_release_alone_proves_none(#[case] approved: Option<Timestamp>) {
    let user = released(approved);
    let plan = decide(&detachment(now() - hours(2)), &user, &approvals(), now());
    assert!(attaches(&plan), "{}", summary(&plan));
}

#[test]
fn approval_without_a_release_proves_none() {
    // It was withdrawn, or is of no use any more: the user was told of nothing since.
    let mut user = released(Some(now() - hours(1)));
    user = with_tag(user, UserTag::Notified.key(), "awaiting-approval 2026-11-24T00:00:00Z event=earlier");
    let plan = decide(&detachment(now() - hours(2)), &user, &approvals(), now());
    assert!(attaches(&plan), "{}", summary(&plan));
}

#[test]
fn other_tampering_needs_no_history() {
    assert!(attaches(&decided(&untagged(&[UserTag::Notified.key()]), &detached())));
}

#[test]
fn what_else_we_attached_does_not_make_a_quarantine_ours() {
    let attachment = |what: &str, by_us| Attachment { at: days_ago(1), what: what.to_owned(), by_us };
    let attachments =
        vec![attachment("arn:aws:iam::123456789012:policy/other", true), attachment(POLICY, false)];
    let traces = Traces { attachments, is_complete: true, ..Traces::default() };
    assert_eq!(traces.attached_by(POLICY, now()), AttachedBy::SomebodyElse);
    assert_eq!(traces.attached_by(POLICY, days_ago(2)), AttachedBy::NotFound, "it was later");
}
