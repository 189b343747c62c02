//! What others do to the record of a quarantine, and to the count of the guard.

use crate::approval_fixtures::waiting;
use crate::guard_fixtures::{
    EVENT, RECORD, UNDONE, another, attaches, decided, detached, event, off, record_after, stripped, tagged,
    told, traced, untagged,
};
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::decide::sweep_user;
use mfa_enforcer_core::effect::Effect;
use mfa_enforcer_core::event::{Event, Trigger};
use mfa_enforcer_core::facts::{AccessKeys, UserFacts};
use mfa_enforcer_core::notice::{Severity, UserAlert};
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::tags::{EXEMPT_UNTIL_KEY, QuarantineRecord, UserTag};
use mfa_enforcer_testing::fixtures::{
    POLICY, STRICT, approval_settings, contained, days_ago, decide, in_grace, now, overdue, request,
    settings, settings_with, with_tag, without_password,
};
use mfa_enforcer_testing::plans::{after, changes, notices, user_notices};
use rstest::rstest;

#[rstest]
#[case::removed(untagged(&["MFA-Enforcer:Quarantined"]))]
#[case::rewritten(tagged(&[("mfa-enforcer:QUARANTINED", "2020-01-01T00:00:00Z reason=password-created release=2020-01-02T00:00:00Z")]))]
fn lost_record_is_restored_and_told(#[case] event: Event) {
    let mut user = contained(overdue());
    user.tags.remove(UserTag::Quarantined.key());
    if let Trigger::UserTagged(tags) = &event.trigger {
        user = with_tag(user, UserTag::Quarantined.key(), &tags[0].1);
    }
    let known = traced(user.clone(), &[(days_ago(3), true)], &[(days_ago(3), RECORD)]);
    let plan = decided(&event, &known);
    assert_eq!(plan.reason, Reason::RecordRestored);
    assert_eq!(record_after(&known, &plan).as_deref(), Some(RECORD));
    assert_eq!(told(&plan), (vec![UserAlert::RecordRestored], Severity::Warning));
    assert_eq!(user_notices(&plan).len(), 0);
    assert_eq!(after(&known, &plan.steps).tag(UserTag::Notified), known.tag(UserTag::Notified));
    assert_eq!(decided(&event, &after(&known, &plan.steps)).steps, []);
    let unknown = decided(&event, &user);
    let record = QuarantineRecord::parse(&record_after(&user, &unknown).unwrap());
    assert_eq!((record.cause, record.since), (None, Some("2026-11-21T09:00:00Z".parse().unwrap())));
}

#[test]
fn record_of_a_former_quarantine_is_restored_as_well() {
    let former = "arn:aws:iam::123456789012:policy/mfa-enforcer-quarantine-everything";
    let settings = settings_with(&[("QUARANTINE_POLICY_ARN", &format!("{POLICY},{former}"))]);
    let mut user = contained(without_password());
    user.attached_policies = vec![former.to_owned()];
    user.keys = AccessKeys::Active;
    user.tags.remove(UserTag::Quarantined.key());
    let user = traced(user, &[(days_ago(3), true)], &[(days_ago(3), RECORD)]);
    let plan = decide(&untagged(&["mfa-enforcer:quarantined"]), &user, &settings, now());
    assert_eq!(record_after(&user, &plan).as_deref(), Some(RECORD), "{plan:?}");
}

#[test]
fn quarantine_of_unknown_origin_is_no_matter_of_other_events() {
    let user = stripped(contained(overdue()));
    for event in [event("UpdateUser"), untagged(&["mfa-enforcer:alerted"])] {
        let plan = decided(&event, &user);
        assert_eq!((plan.reason, plan.steps.len()), (Reason::NotContained, 0), "{plan:?}");
    }
}

#[test]
fn tools_that_strip_all_tags_lead_to_no_mail_to_the_user() {
    let user = traced(stripped(contained(overdue())), &[(days_ago(3), true)], &[(days_ago(3), RECORD)]);
    let keys = ["mfa-enforcer:quarantined", "mfa-enforcer:notified", "mfa-enforcer:alerted"];
    let plan = decided(&untagged(&keys), &user);
    assert_eq!(told(&plan).0, [UserAlert::RecordRestored], "one message for all keys");
    let then = after(&user, &plan.steps);
    assert_eq!(then.tag(UserTag::Quarantined), Some(RECORD));
    let sweep = sweep_user(&request(), &then, &settings(), now() + SignedDuration::from_hours(1));
    assert_eq!(user_notices(&sweep).len(), 0, "{sweep:?}");
}

#[test]
fn notes_of_what_was_said_are_nobodys_news() {
    let mut user = contained(overdue());
    user.tags.remove(UserTag::Notified.key());
    let plan = decided(&untagged(&["mfa-enforcer:notified", "mfa-enforcer:alerted"]), &user);
    assert_eq!(notices(&plan).len(), 0);
    let then = after(&user, &plan.steps);
    let sweep = sweep_user(&request(), &then, &settings(), now() + SignedDuration::from_hours(1));
    assert_eq!(user_notices(&sweep).len(), 0, "nor does the user hear of the quarantine again");
}

#[test]
fn one_event_is_one_message() {
    let event = untagged(&["mfa-enforcer:undone", "mfa-enforcer:quarantined"]);
    let plan = decided(&event, &off(stripped(contained(overdue()))));
    assert!(!attaches(&plan), "without a notice, the detachment's own event shows that there was something");
    let mut user = detached();
    user.tags.remove(UserTag::Quarantined.key());
    let (alerts, severity) = told(&decided(&event, &user));
    assert_eq!((alerts, severity), (vec![UNDONE, UserAlert::RecordRestored], Severity::Critical));
}

#[test]
fn reason_is_that_of_the_first_thing_to_tell() {
    let event = tagged(&[("mfa-enforcer:undone", "2026-11-24T09 4"), (EXEMPT_UNTIL_KEY, "2026-12-31")]);
    let corrected = with_tag(in_grace(), UserTag::Undone.key(), "2026-11-24T09 1");
    let plan = decided(&event, &with_tag(corrected, EXEMPT_UNTIL_KEY, "2026-12-31"));
    assert_eq!(plan.reason, Reason::CountCorrected);
    let alerts = told(&plan).0;
    assert!(
        matches!(alerts[..], [UserAlert::CountForged, UserAlert::Exempted(_)]),
        "{alerts:?}, although there is nothing to correct"
    );
    assert!(counts(&plan).is_empty(), "somebody has corrected it");
}

#[test]
fn record_that_somebody_invents_contains_nobody() {
    let invented = with_tag(in_grace(), UserTag::Quarantined.key(), RECORD);
    let plan = decided(&tagged(&[("mfa-enforcer:quarantined", RECORD)]), &invented);
    assert_eq!((plan.reason, plan.steps.len()), (Reason::NotContained, 0));
}

#[test]
fn notice_that_somebody_invents_contains_nobody() {
    let notice = "quarantined 2026-11-21T09:00:00Z event=earlier";
    for user in [in_grace(), overdue()] {
        let invented = with_tag(user, UserTag::Notified.key(), notice);
        let plan = decided(&tagged(&[("mfa-enforcer:notified", notice)]), &invented);
        assert_eq!((plan.reason, plan.steps.len()), (Reason::NotContained, 0));
    }
    let plan = decided(&tagged(&[("mfa-enforcer:notified", notice)]), &detached());
    assert!(attaches(&plan), "the record tells as well");
}

#[test]
fn word_null_is_a_value_like_any_other() {
    let user = with_tag(contained(overdue()), UserTag::Quarantined.key(), "null");
    let user = traced(user, &[(days_ago(3), true)], &[(days_ago(3), RECORD)]);
    let plan = decided(&tagged(&[("mfa-enforcer:quarantined", "null")]), &user);
    assert_eq!(record_after(&user, &plan).as_deref(), Some(RECORD));
}

#[test]
fn fourth_time_in_an_hour_is_left_to_the_sweep() {
    let mut user = detached();
    for number in 1..=3 {
        let plan = decided(&another("DetachUserPolicy", number), &user);
        assert!(attaches(&plan), "{number}");
        user = off(after(&user, &plan.steps));
    }
    let fourth = decided(&another("DetachUserPolicy", 4), &user);
    assert!(!attaches(&fourth));
    assert_eq!(fourth.reason, Reason::KeepsBeingUndone);
    assert_eq!(told(&fourth), (vec![UserAlert::KeepsBeingUndone { contained: false }], Severity::Critical));
    let user = after(&user, &fourth.steps);
    let fifth = decided(&another("DetachUserPolicy", 5), &user);
    assert_eq!((fifth.reason, fifth.steps.len()), (Reason::LeftToTheSweep, 0));
    assert!(attaches(&sweep_user(&request(), &user, &settings(), now())), "the sweep contains");
    let next_hour = now() + SignedDuration::from_hours(1);
    assert!(attaches(&decide(&another("DetachUserPolicy", 6), &user, &settings(), next_hour)));
}

#[test]
fn second_delivery_counts_once() {
    let event = another("DetachUserPolicy", 1);
    let first = decided(&event, &detached());
    // The policy was attached, and the rest did not come to pass.
    let cut = after(&detached(), &first.steps[..2]);
    let second = decided(&event, &cut);
    assert_eq!(told(&second).0, [UNDONE]);
    let then = after(&cut, &second.steps);
    assert_eq!(then.tag(UserTag::Undone), Some("2026-11-24T09 1 event=0d1f2a3b-0000-4000-8000-000000000001"));
}

#[rstest]
#[case::this_hour("2026-11-24T09 4")]
#[case::far_too_many("2026-11-24T09 99")]
#[case::next_hour("2026-11-24T10 4 event=x")]
fn count_that_somebody_wrote_is_corrected(#[case] value: &str) {
    let event = tagged(&[("mfa-enforcer:undone", value)]);
    let user = with_tag(contained(overdue()), UserTag::Undone.key(), value);
    let plan = decided(&event, &user);
    assert_eq!(told(&plan), (vec![UserAlert::CountForged], Severity::Critical));
    let then = off(after(&user, &plan.steps));
    assert!(attaches(&decided(&another("DetachUserPolicy", 1), &then)));
    let off = off(user);
    let plan = decided(&event, &off);
    assert!(attaches(&plan), "nor does it help to detach the policy first");
    assert_eq!(told(&plan).0, [UNDONE, UserAlert::CountForged]);
    // In advance, too.
    let free = with_tag(in_grace(), UserTag::Undone.key(), value);
    assert_eq!(told(&decided(&event, &free)).0, [UserAlert::CountForged]);
}

#[test]
fn unreadable_count_contains() {
    for value in ["", "9", "2026-11-24T09", "2026-11-24T09 five", "2026-11-24T09 5", "2026-11-24T08 4", "x 4"]
    {
        let user = with_tag(detached(), UserTag::Undone.key(), value);
        assert!(attaches(&decided(&event("DetachUserPolicy"), &user)), "{value}");
    }
    let old = with_tag(overdue(), UserTag::Undone.key(), "2026-11-23T09 2");
    assert_eq!(decided(&tagged(&[("mfa-enforcer:undone", "2026-11-23T09 2")]), &old).steps, []);
}

#[test]
fn history_counts_where_no_tag_can_be_written() {
    let mut full = detached();
    for number in 0..48 {
        full = with_tag(full, &format!("tag-{number}"), "");
    }
    assert!(full.tags.is_full());
    let minutes = |minutes: i64| now() - SignedDuration::from_mins(minutes);
    let ours = [(minutes(1), true), (minutes(2), true), (minutes(3), true), (minutes(4), true)];
    let event = event("DetachUserPolicy");
    assert!(attaches(&decided(&event, &full)), "unreadable");
    assert!(attaches(&decided(&event, &traced(full.clone(), &ours[1..], &[]))));
    assert!(!attaches(&decided(&event, &traced(full.clone(), &ours, &[]))));
    let theirs: Vec<(Timestamp, bool)> = ours.iter().map(|(at, _)| (*at, false)).collect();
    assert!(
        attaches(&decided(&event, &traced(full, &theirs, &[]))),
        "nobody can raise the number in advance"
    );
}

#[test]
fn record_that_iam_still_shows_is_written_with_what_is_put_back() {
    // The policy went before, and now the record.
    let plan = decided(&untagged(&["mfa-enforcer:quarantined"]), &detached());
    assert!(attaches(&plan), "{plan:?}");
    let written = plan
        .steps
        .iter()
        .any(|step| matches!(step, Step::Change { change: Change::SetTag(UserTag::Quarantined, _), .. }));
    let record = QuarantineRecord::parse(&record_after(&detached(), &plan).unwrap());
    assert!(written && record.since == detached().quarantine_record().unwrap().since, "{plan:?}");
}

#[test]
fn removed_record_of_a_quarantine_that_is_gone_puts_it_back() {
    // Nothing is left on the user. The history tells whether the enforcer has ended it.
    let user = stripped(detached());
    let event = untagged(&["mfa-enforcer:quarantined", "mfa-enforcer:notified"]);
    for (ended, is_over) in [(None, false), (Some(days_ago(4)), false), (Some(days_ago(2)), true)] {
        let mut user = traced(user.clone(), &[(days_ago(3), true)], &[(days_ago(3), RECORD)]);
        user.traces.as_mut().unwrap().ended = ended;
        let plan = decided(&event, &user);
        assert_eq!(attaches(&plan), !is_over, "{plan:?}");
        assert_eq!(record_after(&user, &plan).as_deref(), (!is_over).then_some(RECORD));
    }
    let plan = decided(&event, &traced(user, &[], &[]));
    assert_eq!((plan.reason, plan.steps.len()), (Reason::NotContained, 0), "{plan:?}");
}

/// What a plan notes of how often the quarantine was put back.
fn counts(plan: &Plan) -> Vec<&str> {
    let count = |change: &&Change| matches!(change, Change::CountPutBack(_));
    changes(plan)
        .into_iter()
        .filter(count)
        .map(|change| match change {
            Change::CountPutBack(value) => value.as_str(),
            _ => "",
        })
        .collect()
}

const FORGED: &str = "2026-11-24T09 4";

#[test]
fn forged_count_does_not_replace_the_new_one() {
    let user = with_tag(detached(), UserTag::Undone.key(), FORGED);
    let user = traced(user, &[(days_ago(3), true)], &[(days_ago(3), RECORD)]);
    let plan = decided(&tagged(&[("mfa-enforcer:undone", FORGED)]), &user);
    assert!(attaches(&plan));
    assert_eq!(counts(&plan), [format!("2026-11-24T09 1 event={EVENT}")]);
}

#[test]
fn forged_count_is_corrected_beside_a_message() {
    let mut user = with_tag(contained(overdue()), UserTag::Undone.key(), FORGED);
    user.tags.remove(UserTag::Notified.key());
    let user = traced(user, &[(days_ago(3), true)], &[(days_ago(3), RECORD)]);
    let plan = decided(&tagged(&[("mfa-enforcer:undone", FORGED)]), &user);
    assert_eq!(user_notices(&plan).len(), 1, "nobody told alice so far");
    assert_eq!(counts(&plan), [format!("2026-11-24T09 0 event={EVENT}")]);
}

#[test]
fn record_that_iam_does_not_show_yet_is_awaited() {
    let event = tagged(&[("mfa-enforcer:quarantined", "2020-01-01T00:00:00Z reason=password-created")]);
    let soon = event.source.time + SignedDuration::from_secs(20);
    let at = |user: &UserFacts| decide(&event, user, &settings(), soon);
    let before = traced(contained(overdue()), &[(days_ago(3), true)], &[(days_ago(3), RECORD)]);
    assert_eq!(at(&before).reason, Reason::TagNotVisibleYet);
    let rewritten =
        with_tag(before, UserTag::Quarantined.key(), "2020-01-01T00:00:00Z reason=password-created");
    let plan = at(&rewritten);
    assert_eq!(plan.reason, Reason::RecordRestored);
    let again = at(&after(&rewritten, &plan.steps));
    assert!(!again.reason.is_transient() && again.steps.is_empty(), "that is our own: {}", again.reason);
}

#[test]
fn count_of_a_delivery_that_was_cut_short_is_not_awaited() {
    let user = with_tag(detached(), UserTag::Undone.key(), FORGED);
    let user = traced(user, &[(days_ago(3), true)], &[(days_ago(3), RECORD)]);
    let event = tagged(&[("mfa-enforcer:undone", FORGED)]);
    let soon = event.source.time + SignedDuration::from_secs(20);
    let plan = decide(&event, &user, &settings(), soon);
    let counted = plan.steps.iter().position(|step| step.effect() == Effect::CountPutBack).unwrap();
    let half = after(&user, &plan.steps[..=counted]);
    // The tag is not what the event made it any more, because the first delivery counted.
    assert_ne!(half.tag(UserTag::Undone), Some(FORGED));
    let again = decide(&event, &half, &settings(), soon);
    assert!(!again.reason.is_transient() && attaches(&again), "{}", again.reason);
}

#[test]
fn delivery_that_was_cut_short_tells_the_user_in_the_next() {
    let mut user = detached();
    user.tags.remove(UserTag::Notified.key());
    let event = event("DetachUserPolicy");
    let plan = decided(&event, &user);
    assert_eq!(user_notices(&plan).len(), 1);
    let contains = plan.steps.iter().position(|step| step.effect().changes_access()).unwrap();
    let half = after(&user, &plan.steps[..=contains]);
    assert_eq!(user_notices(&decided(&event, &half)).len(), 1);
}

#[test]
fn reminded_user_hears_of_the_quarantine_with_its_record() {
    let mut user =
        with_tag(contained(overdue()), UserTag::Notified.key(), "reminder 2026-11-20T09:00:00Z event=e");
    user.tags.remove(UserTag::Quarantined.key());
    let user = traced(user, &[(days_ago(3), true)], &[(days_ago(3), RECORD)]);
    let plan = decided(&untagged(&["mfa-enforcer:quarantined"]), &user);
    assert_eq!(notices(&plan), ["records-changed", "quarantined"]);
}

#[test]
fn user_with_mfa_is_not_told_of_the_strict_quarantine_anew() {
    let mut user = waiting();
    user.tags.remove(UserTag::Quarantined.key());
    user.tags.remove(UserTag::Notified.key());
    let mut user = traced(user, &[(days_ago(3), true)], &[(days_ago(3), RECORD)]);
    user.traces.as_mut().unwrap().attachments[0].what = STRICT.to_owned();
    let keys = ["mfa-enforcer:quarantined", "mfa-enforcer:notified"];
    let plan = decide(&untagged(&keys), &user, &approval_settings(&[]), now());
    let then = after(&user, &plan.steps);
    assert_eq!((then.tag(UserTag::Quarantined), then.tag(UserTag::Notified)), (Some(RECORD), None));
}
