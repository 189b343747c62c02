//! Hourly and daily sweeps: what each does, how requests for them are read, and how a missed one is made up for.

use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::decide::sweep_user;
use mfa_enforcer_core::digest::{
    ChangeKind, LAST_SWEEP_KEY, Memory, RELEASED_KEY, Released, SweepResult, UserChange, kind_to_run,
    notes_after_daily, notes_after_hourly,
};
use mfa_enforcer_core::event::{SweepKind, SweepReading, SweepRequest, read_request};
use mfa_enforcer_core::facts::{Mailbox, UserFacts};
use mfa_enforcer_core::notice::{AdminCopy, Notice};
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::tags::{self, UserTag};
use mfa_enforcer_testing::digests::{KEY, with_mfa};
use mfa_enforcer_testing::fixtures::{
    POLICY, contained, in_grace, now, overdue, request, settings, settings_with, users, warned, with_tag,
};
use mfa_enforcer_testing::plans::notices;
use proptest::prelude::*;
use rstest::rstest;
use std::collections::BTreeMap;

fn read(payload: &str) -> SweepRequest {
    match read_request(payload, now()).unwrap() {
        SweepReading::Sweep(request) => request,
        SweepReading::Ignored(reason) => panic!("ignored: {reason}"),
    }
}

fn hourly(user: &UserFacts, settings: &Settings) -> Plan {
    sweep_user(&request().as_kind(SweepKind::Hourly), user, settings, now())
}

fn message(body: &str) -> String {
    serde_json::json!({"Records": [{"eventSource": "aws:sqs", "messageId": "1", "body": body}]}).to_string()
}

#[rstest]
#[case("{}", SweepKind::Daily, "sweep-20261124T090500Z")]
#[case(r#"{"sweep": "hourly"}"#, SweepKind::Hourly, "sweep-20261124T090500Z")]
#[case(r#"{"sweep": "daily"}"#, SweepKind::Daily, "sweep-20261124T090500Z")]
#[case(
    r#"{"sweep": "hourly", "scheduledTime": "2026-11-24T06:00:00Z"}"#,
    SweepKind::Hourly,
    "sweep-20261124T060000Z"
)]
#[case(
    r#"{"sweep": "daily", "scheduledTime": "2026-11-24T06:00:00Z"}"#,
    SweepKind::Daily,
    "sweep-20261124T060000Z"
)]
#[case(r#"{"scheduledTime": "2026-11-24T06:00:00Z"}"#, SweepKind::Daily, "sweep-20261124T060000Z")]
fn request_names_its_kind(#[case] payload: &str, #[case] kind: SweepKind, #[case] id: &str) {
    for payload in [payload, &message(payload)] {
        let request = read(payload);
        assert_eq!((request.kind, request.id.as_str()), (kind, id), "{payload}");
    }
}

#[rstest]
#[case(r#"{"sweep": "weekly"}"#, "sweep")]
#[case(r#"{"sweep": null}"#, "sweep")]
#[case(r#"{"sweep": "hourly", "scheduledTime": null}"#, "scheduledTime")]
#[case(r#"{"sweep": "hourly", "scheduledTime": "2026-11-25T06:00:00Z"}"#, "scheduledTime")]
#[case(r#"{"Records": []}"#, "Records")]
#[case(r#"{"Records": {}}"#, "Records")]
#[case(r#"{"Records": [{"body": "{}"}, {"body": "{}"}]}"#, "Records")]
#[case(r#"{"Records": [{}]}"#, "Records[0].body")]
#[case(r#"{"Records": [{"body": {}}]}"#, "Records[0].body")]
#[case(r#"{"Records": [{"body": "hourly"}]}"#, "Records[0].body")]
#[case(r#"{"Records": [{"body": "[]"}]}"#, "Records[0].body")]
#[case(r#"{"Records": [{"body": "{\"sweep\": \"weekly\"}"}]}"#, "Records[0].body.sweep")]
#[case(r#"{"Records": [{"body": "{\"surprise\": 1}"}]}"#, "Records[0].body.time")]
fn bad_request_names_its_field(#[case] payload: &str, #[case] path: &str) {
    assert_eq!(read_request(payload, now()).unwrap_err().path, path);
}

#[rstest]
#[case::as_far_ahead_as_clocks_may_be("2026-11-24T09:06:40Z", true)]
#[case::further_ahead("2026-11-24T09:06:41Z", false)]
fn request_may_be_a_little_ahead_of_time(#[case] time: &str, #[case] is_taken: bool) {
    let payload = format!(r#"{{"sweep": "hourly", "scheduledTime": "{time}"}}"#);
    assert_eq!(read_request(&payload, now()).is_ok(), is_taken);
}

/// Everything that a plan does to a quarantine, and would do in another mode.
fn about_quarantine(plan: &Plan) -> Vec<Step> {
    let all = plan.steps.iter().chain(&plan.withheld);
    all.filter(|step| step.effect().is_about_quarantine()).cloned().collect()
}

#[test]
fn hourly_sweep_contains_and_releases_as_daily() {
    for mode in ["observe", "notify", "enforce"] {
        let settings = settings_with(&[("MODE", mode)]);
        for (label, user) in users() {
            let daily = sweep_user(&request(), &user, &settings, now());
            let hourly = hourly(&user, &settings);
            assert_eq!(about_quarantine(&hourly), about_quarantine(&daily), "{label}, {mode}");
        }
    }
}

#[test]
fn hourly_sweep_reminds_nobody() {
    let last_day =
        UserFacts { login_profile_created: Some(now() - SignedDuration::from_hours(160)), ..overdue() };
    for user in [in_grace(), last_day, contained(overdue())] {
        assert!(!notices(&sweep_user(&request(), &user, &settings(), now())).is_empty());
        let plan = hourly(&user, &settings());
        assert_eq!((notices(&plan), plan.reason.code()), (Vec::new(), "daily-sweep-follows"));
    }
    let warned = hourly(&overdue(), &settings_with(&[("MODE", "notify")]));
    assert!(warned.steps.is_empty() && !warned.withheld.is_empty(), "what the mode withholds is reported");
}

#[test]
fn hourly_sweep_moves_user_without_a_reminder() {
    let policies = format!("arn:aws:iam::123456789012:policy/mfa-enforcer-quarantine-console-spare,{POLICY}");
    let settings = settings_with(&[("QUARANTINE_POLICY_ARN", &policies)]);
    let user = contained(overdue());
    let daily = sweep_user(&request(), &user, &settings, now());
    assert_eq!(notices(&daily), ["quarantine-reminder"]);
    let steps: Vec<String> = hourly(&user, &settings).steps.iter().map(ToString::to_string).collect();
    assert_eq!(steps, ["attach-policy", "detach-policy"], "the daily sweep reminds them");
}

#[test]
fn hourly_sweep_tells_contained_user_what_is_owed() {
    let since = tags::second(now() - SignedDuration::from_hours(2));
    let owed = with_tag(
        contained(overdue()),
        UserTag::Notified.key(),
        &format!("quarantined {since} event=earlier unreached"),
    );
    let confirmed = UserFacts { mailbox: Mailbox::Confirmed, ..owed };
    assert_eq!(notices(&hourly(&confirmed, &settings())), ["quarantined"]);
}

#[test]
fn administrators_hear_at_once_of_hourly_containment() {
    let copied = |plan: &Plan| -> Vec<bool> {
        let copy = |step: &Step| match step {
            Step::Notify(notice) => match notice.as_ref() {
                Notice::User(notice) => Some(notice.copy == AdminCopy::Always),
                Notice::Alert(_) => None,
            },
            Step::Change { .. } | Step::RecordRootAlert(_) | Step::Repair(_) | Step::OrderSweep { .. } => {
                None
            }
        };
        plan.steps.iter().filter_map(copy).collect()
    };
    assert_eq!(copied(&hourly(&warned(), &settings())), [true]);
    assert_eq!(
        copied(&sweep_user(&request(), &warned(), &settings(), now())),
        [false],
        "the digest tells it"
    );
    let refused = hourly(&warned(), &settings()).if_refused;
    assert_eq!(refused.len(), 2, "an alert, and its record");
    let mut told = warned();
    for step in &refused {
        if let Step::Change { change, .. } = step {
            change.apply_to(&mut told);
        }
    }
    assert!(hourly(&told, &settings()).if_refused.is_empty(), "said once a day, not every hour");
}

fn topic(value: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(LAST_SWEEP_KEY.to_owned(), value.to_owned())])
}

#[rstest]
#[case::an_hour_ago("2026-11-24T08:05:00Z digest=2026-11-24T08:05:00Z", SweepKind::Hourly)]
#[case::clocks_went_back("2026-11-23T08:05:00Z digest=2026-11-23T08:05:00Z", SweepKind::Hourly)]
#[case::at_the_latest("2026-11-23T07:35:00Z digest=2026-11-23T07:35:00Z", SweepKind::Hourly)]
#[case::missed("2026-11-23T07:34:59Z digest=2026-11-23T07:34:59Z", SweepKind::Daily)]
#[case::without_digest_so_far("2026-11-23T07:34:59Z", SweepKind::Daily)]
#[case::unfinished("2026-11-24T08:05:00Z digest=2026-11-24T08:05:00Z owed=sweep", SweepKind::Daily)]
#[case::digest_alone_is_owed("2026-11-24T08:05:00Z digest=2026-11-23T08:05:00Z owed=yes", SweepKind::Hourly)]
#[case::overwritten_by_somebody("hello", SweepKind::Daily)]
#[case::in_the_future("2027-11-24T08:05:00Z", SweepKind::Daily)]
fn hourly_sweep_makes_up_for_a_missed_one(#[case] value: &str, #[case] expected: SweepKind) {
    let hourly = request().as_kind(SweepKind::Hourly);
    assert_eq!(kind_to_run(&hourly, Some(&topic(value)), now()), expected);
    assert_eq!(kind_to_run(&request(), Some(&topic(value)), now()), SweepKind::Daily);
}

#[test]
fn nothing_is_missed_before_the_first_daily_sweep() {
    let hourly = request().as_kind(SweepKind::Hourly);
    for tags in [None, Some(BTreeMap::new())] {
        assert_eq!(kind_to_run(&hourly, tags.as_ref(), now()), SweepKind::Hourly);
    }
    // But the first sweep of all starts the clock.
    let notes = notes_after_hourly(Some(&BTreeMap::new()), &SweepResult::default(), now());
    let [(LAST_SWEEP_KEY, value)] = notes.as_slice() else { panic!("{notes:?}") };
    let later = |hours| now() + SignedDuration::from_hours(hours);
    assert_eq!(kind_to_run(&hourly, Some(&topic(value)), later(25)), SweepKind::Hourly);
    assert_eq!(kind_to_run(&hourly, Some(&topic(value)), later(26)), SweepKind::Daily);
}

#[test]
fn later_sweep_owes_nothing_of_an_unfinished_one() {
    let before = Memory::after_sweep(now() - SignedDuration::from_hours(1), None).unfinished(true);
    let memory = Memory::after_sweep(now(), Some(&before));
    assert!(before.unfinished && !memory.unfinished);
    let hourly = request().as_kind(SweepKind::Hourly);
    assert_eq!(kind_to_run(&hourly, Some(&topic(&memory.to_string())), now()), SweepKind::Hourly);
}

#[test]
fn daily_sweep_notes_only_what_changed() {
    let memory = Memory::after_sweep(now(), None);
    let notes = |tags: Option<BTreeMap<_, _>>| {
        notes_after_daily(tags.as_ref(), &memory, false, &SweepResult::default())
    };
    let expected = vec![(LAST_SWEEP_KEY, memory.to_string())];
    for tags in [None, Some(BTreeMap::new()), Some(topic("2026-11-23T09:05:00Z"))] {
        assert_eq!(notes(tags.clone()), expected, "{tags:?}");
    }
    assert_eq!(notes(Some(topic(&memory.to_string()))), Vec::new());
}

fn released(ids: &[String]) -> SweepResult {
    let change = |id: &String| UserChange {
        name: "name".to_owned(),
        id: id.clone(),
        episode: None,
        what: ChangeKind::Released,
        reason: None,
        error: String::new(),
    };
    SweepResult { users: ids.iter().map(change).collect(), ..SweepResult::default() }
}

#[test]
fn released_users_are_forgotten_once_told() {
    let tags = BTreeMap::from([(RELEASED_KEY.to_owned(), "1 AIDAEXAMPLEALICE".to_owned())]);
    let memory = Memory::after_sweep(now(), None);
    let value = |told| {
        let notes = notes_after_daily(Some(&tags), &memory, told, &released(&["AIDAEXAMPLEBOB".to_owned()]));
        notes.into_iter().find(|(key, _)| *key == RELEASED_KEY).map(|(_, value)| value)
    };
    assert_eq!(value(true).as_deref(), Some("0"));
    assert_eq!(value(false).as_deref(), Some("2 AIDAEXAMPLEALICE AIDAEXAMPLEBOB"));
}

#[rstest]
#[case::fits(119, 250, true)]
#[case::does_not_fit(120, 130, false)]
fn released_are_named_as_far_as_there_is_room(
    #[case] letters: usize,
    #[case] length: usize,
    #[case] is_named: bool,
) {
    let ids = ["A".repeat(128), "B".repeat(letters)];
    let value = Released::default().and(&released(&ids)).to_string();
    assert!(value.starts_with("2 A"), "both are counted: {value}");
    assert_eq!((value.len(), value.contains('B')), (length, is_named));
}

#[test]
fn released_by_hourly_sweeps_are_told_by_their_names() {
    let ids = ["AIDAEXAMPLEBOB", "AIDAEXAMPLEGONE"].map(str::to_owned);
    let ledger = Released::default().and(&released(&ids));
    let statuses = [with_mfa("alice", KEY), with_mfa("bob", KEY)];
    let told = SweepResult::default().and_earlier(&statuses, None, &ledger, now());
    let told: Vec<_> = told.users.into_iter().map(|change| (change.name, change.id, change.what)).collect();
    let [bob, gone] = ids;
    let expected = [("bob".to_owned(), bob), (gone.clone(), gone)];
    assert_eq!(told, expected.map(|(name, id)| (name, id, ChangeKind::Released)), "without a name, the id");
}

proptest! {
    /// Whatever the offset and the change of the clocks, a daily sweep that runs each day is never taken for missed, and
    /// one that does not run is made up for within two hours of its time.
    #[test]
    fn made_up_in_every_time_zone(offset in -12_i8..=14, hour in 0_i8..24, shift in -1_i8..=1, late in 0_i64..15) {
        let zone = |hours: i8| TimeZone::fixed(Offset::constant(hours));
        let at = |day: i8, zone: TimeZone| -> Timestamp {
            jiff::civil::date(2026, 10, day).at(hour, 0, 0, 0).to_zoned_datetime(zone).unwrap().timestamp()
        };
        let first = at(24, zone(offset)) + SignedDuration::from_mins(late);
        let second = at(25, zone(offset.saturating_sub(shift).clamp(-12, 14)));
        let hourly = request().as_kind(SweepKind::Hourly);
        let tags = topic(&Memory::after_sweep(first, None).to_string());
        let mut now = first;
        while now < second + SignedDuration::from_mins(14) {
            prop_assert_eq!(kind_to_run(&hourly, Some(&tags), now), SweepKind::Hourly);
            now += SignedDuration::from_mins(14);
        }
        let later = second + SignedDuration::from_hours(3);
        prop_assert_eq!(kind_to_run(&hourly, Some(&tags), later), SweepKind::Daily);
    }

    #[test]
    fn ledger_of_released_fits_into_a_tag(ids in prop::collection::vec("AIDA[A-Z0-9]{12,60}", 0..40), junk: String) {
        let result = released(&ids);
        let ledger = Released::default().and(&result);
        let value = ledger.to_string();
        prop_assert!(value.len() <= 256, "{}", value);
        let read = |value: &str| Released::of(Some(&BTreeMap::from([(RELEASED_KEY.to_owned(), value.to_owned())])));
        prop_assert_eq!(&read(&value), &ledger);
        let _ = read(&junk);
        let told = SweepResult::default().and_earlier(&[], None, &ledger, now());
        let unique: std::collections::BTreeSet<_> = ids.iter().collect();
        prop_assert!(told.users.len() + told.released_unnamed >= unique.len());
    }
}
