//! What others do to a user's quarantine, record, count, name and boundary.

use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::decide::{Ask, Lookup, ask, sweep_user};
use mfa_enforcer_core::device::{MfaDevice, Serial};
use mfa_enforcer_core::event::{Event, Trigger};
use mfa_enforcer_core::facts::{AccessKeys, Attachment, BoundaryText, Traces, UserFacts};
use mfa_enforcer_core::notice::{Alert, AlertSubject, Notice, Severity, UserAlert, for_alert};
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::tags::{EXEMPT_UNTIL_KEY, QuarantineRecord, UserTag, second};
use mfa_enforcer_testing::fixtures::{
    GROUP, KEY_SERIAL, POLICY, by_administrator, compliant, contained, days_ago, decide, event_of, exempt,
    in_grace, now, overdue, request, settings, settings_with, warned, with_device, with_tag,
    without_password,
};
use mfa_enforcer_testing::plans::{after, changes, notices, user_notices};
use rstest::rstest;
use serde_json::{Value, json};

const RECORD: &str = "2026-11-21T09:00:00Z reason=sign-in event=earlier";
const BOUNDARY: &str = "arn:aws:iam::123456789012:policy/developers";
/// Id of the events.
const EVENT: &str = "0d1f2a3b-0000-4000-8000-00000000d001";

/// An event of this name, about alice, by an administrator.
fn event(name: &str) -> Event {
    with_parameters(name, &json!({}))
}

fn with_parameters(name: &str, changed: &Value) -> Event {
    event_of(&by_admin(name, changed))
}

fn by_admin(name: &str, changed: &Value) -> Value {
    let mut envelope = by_administrator(name);
    for (key, value) in changed.as_object().unwrap() {
        envelope["detail"]["requestParameters"][key] = value.clone();
    }
    envelope
}

/// The event with another id.
fn another(name: &str, number: u8) -> Event {
    let mut envelope = by_admin(name, &json!({}));
    envelope["detail"]["eventID"] = format!("0d1f2a3b-0000-4000-8000-{number:012}").into();
    event_of(&envelope)
}

fn tagged(tags: &[(&str, &str)]) -> Event {
    let tags: Vec<Value> = tags.iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
    with_parameters("TagUser", &json!({"tags": tags}))
}

fn untagged(keys: &[&str]) -> Event {
    with_parameters("UntagUser", &json!({"tagKeys": keys}))
}

/// Alice, contained three days ago and told, until somebody detached the policy.
fn detached() -> UserFacts {
    off(contained(overdue()))
}

fn off(mut user: UserFacts) -> UserFacts {
    user.attached_policies.retain(|arn| arn != POLICY);
    user
}

/// The user without a trace in tags.
fn stripped(mut user: UserFacts) -> UserFacts {
    for tag in [UserTag::Quarantined, UserTag::Notified, UserTag::Alerted, UserTag::Undone] {
        user.tags.remove(tag.key());
    }
    user
}

/// The user, of whom the history tells this.
fn traced(user: UserFacts, attachments: &[(Timestamp, bool)], records: &[(Timestamp, &str)]) -> UserFacts {
    let attachment =
        |(at, by_us): &(Timestamp, bool)| Attachment { at: *at, what: POLICY.to_owned(), by_us: *by_us };
    let traces = Traces {
        attachments: attachments.iter().map(attachment).collect(),
        records: records.iter().map(|(at, value)| (*at, (*value).to_owned())).collect(),
        is_complete: true,
    };
    UserFacts { traces: Some(traces), ..user }
}

fn decided(event: &Event, user: &UserFacts) -> Plan {
    decide(event, user, &settings(), now())
}

/// The alerts of a plan's only message to the administrators, and its severity.
fn told(plan: &Plan) -> (Vec<UserAlert>, Severity) {
    let [alert] = alerts(plan).try_into().unwrap();
    let AlertSubject::User(_, first) = &alert.subject else { panic!("not about a user") };
    ([first.clone()].into_iter().chain(alert.also.clone()).collect(), alert.subject.severity())
}

/// The messages to the administrators in a plan.
fn alerts(plan: &Plan) -> Vec<Alert> {
    let mut alerts = Vec::new();
    for step in &plan.steps {
        if let Step::Notify(notice) = step
            && let Notice::Alert(alert) = notice.as_ref()
        {
            alerts.push(alert.clone());
        }
    }
    alerts
}

const UNDONE: UserAlert = UserAlert::QuarantineUndone { put_back: true };

fn attaches(plan: &Plan) -> bool {
    changes(plan).iter().any(|change| matches!(change, Change::AttachPolicy(_) | Change::JoinGroup(_)))
}

fn record_after(user: &UserFacts, plan: &Plan) -> Option<String> {
    after(user, &plan.steps).tag(UserTag::Quarantined).map(str::to_owned)
}

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
fn list_that_still_shows_the_policy_is_not_believed() {
    let fresh = {
        let mut envelope = by_admin("DetachUserPolicy", &json!({}));
        envelope["detail"]["eventTime"] = second(now() - SignedDuration::from_secs(20)).into();
        event_of(&envelope)
    };
    let user = contained(overdue());
    let plan = decided(&fresh, &user);
    assert!(attaches(&plan));
    let again = decided(&fresh, &after(&user, &plan.steps));
    assert_eq!(again.steps, [], "the second delivery has nothing to do");
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
    assert_eq!(decided(&event, &after(&known, &plan.steps)).steps, []);
    let unknown = decided(&event, &user);
    let record = QuarantineRecord::parse(&record_after(&user, &unknown).unwrap());
    assert_eq!((record.cause, record.since), (None, Some("2026-11-21T09:00:00Z".parse().unwrap())));
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

/// What is looked up for an event about a user, with these settings.
fn looked_up(event: &Event, user: &UserFacts, settings: &Settings) -> Vec<Lookup> {
    let Ask::User(question) = ask(event) else { panic!("not about a user") };
    question.lookups(user, settings, now())
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
