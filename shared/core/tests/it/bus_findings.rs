//! What a daily sweep puts on the bus, and how findings end.

use crate::evidence_fixtures::{last_rows, month};
use mfa_enforcer_core::bus::{
    BATCH_BYTES, BATCH_ENTRIES, Body, BusEvent, DetailType, FINDINGS_KEY, Level, Lost, OpenFindings, State,
    Swept, batches, findings_of, size,
};
use mfa_enforcer_core::digest::{AccountFinding, AlertsSubscribers, ChangeKind, SweepResult, UserStatus};
use mfa_enforcer_core::evidence::Row;
use mfa_enforcer_core::posture::Posture;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::snapshot::{LastUse, RootMfa, RootStatus, UserSnapshot};
use mfa_enforcer_core::sweep::status_from_snapshot;
use mfa_enforcer_testing::digests::user_change;
use mfa_enforcer_testing::event_schema::body;
use mfa_enforcer_testing::evidence::{at, request_at};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

struct Account {
    settings: Settings,
    users: Vec<UserSnapshot>,
    statuses: Vec<UserStatus>,
    root: RootStatus,
    rows: Option<BTreeMap<String, Row>>,
}

/// The account at the end of the month, with the record of its last day.
fn account() -> Account {
    let month = month();
    let users = month.snapshot(at("30T12:00"));
    let statuses =
        users.iter().map(|user| status_from_snapshot(user, &month.settings, at("30T12:00"))).collect();
    let root = RootStatus {
        mfa: RootMfa::VirtualPresent,
        access_keys: false,
        last_used: LastUse::Never,
        devices: Some(1),
    };
    let rows = last_rows(&month).into_values().map(|row| (row.id.clone(), row)).collect();
    Account { settings: month.settings, users, statuses, root, rows: Some(rows) }
}

impl Account {
    fn put(&self, result: &SweepResult, before: &OpenFindings) -> (Vec<Body>, OpenFindings) {
        let request = request_at(at("30T12:00"));
        let swept = Swept {
            request: &request,
            settings: &self.settings,
            users: &self.users,
            statuses: &self.statuses,
            root: &self.root,
            alerts_subscribers: AlertsSubscribers::Counted(1),
            result,
            rows: self.rows.as_ref(),
            at: at("30T12:01"),
        };
        let (events, open) = findings_of(swept, before);
        (events.iter().map(body).collect(), open)
    }

    fn of(&self, name: &str) -> Vec<(String, State)> {
        let (bodies, _) = self.put(&SweepResult::default(), &OpenFindings::default());
        bodies.into_iter().filter(|body| body.subject == name).map(|body| (body.code, body.state)).collect()
    }

    fn edit(&mut self, name: &str, change: impl FnOnce(&mut UserStatus)) {
        change(self.statuses.iter_mut().find(|status| status.name == name).unwrap());
    }
}

const WITHOUT: &str = "user-without-mfa";

#[test]
fn user_without_mfa_is_found_every_day() {
    let account = account();
    assert_eq!(account.of("grace"), [(WITHOUT.to_owned(), State::Updated)]);
    assert_eq!(account.of("erin"), []);
}

#[test]
fn finding_is_new_if_the_record_before_lacks_it() {
    let mut account = account();
    let rows = account.rows.as_mut().unwrap();
    rows.retain(|_, row| row.name != "grace");
    assert_eq!(account.of("grace"), [(WITHOUT.to_owned(), State::New)]);
    // Without any record, nobody knows.
    account.rows = None;
    assert_eq!(account.of("grace"), [(WITHOUT.to_owned(), State::Updated)]);
}

#[test]
fn finding_ends_with_its_cause_or_its_user() {
    let mut fixed = account();
    let compliant = fixed.statuses.iter().find(|status| status.name == "erin").unwrap().posture;
    fixed.edit("grace", |status| status.posture = compliant);
    assert_eq!(fixed.of("grace"), [(WITHOUT.to_owned(), State::Resolved)]);
    let mut deleted = account();
    let index = deleted.statuses.iter().position(|status| status.name == "grace").unwrap();
    deleted.statuses.remove(index);
    deleted.users.remove(index);
    assert_eq!(deleted.of("grace"), [(WITHOUT.to_owned(), State::Resolved)]);
    // What is not known is not over.
    let mut unknown = account();
    unknown.edit("grace", |status| status.posture = None);
    assert_eq!(unknown.of("grace"), []);
}

#[test]
fn overdue_user_weighs_less_in_quarantine() {
    let level = |contained: bool| {
        let mut account = account();
        let posture = Some(Posture::Overdue { deadline: at("20T12:00") });
        account.edit("grace", |status| (status.posture, status.contained) = (posture, contained));
        let (bodies, _) = account.put(&SweepResult::default(), &OpenFindings::default());
        bodies.into_iter().find(|body| body.subject == "grace" && body.code == WITHOUT).unwrap().severity
    };
    assert_eq!((level(true), level(false)), (Level::Medium, Level::High));
}

#[test]
fn findings_of_the_account_are_new_then_updated_then_resolved() {
    let mut account = account();
    account.root.mfa = RootMfa::Missing;
    let found = SweepResult { findings: vec![AccountFinding::NoTrail], ..SweepResult::default() };
    let of = |bodies: &[Body], code: &str| -> Vec<(State, String)> {
        let bodies = bodies.iter().filter(|body| body.code == code);
        bodies.map(|body| (body.state, body.finding_uid.clone())).collect()
    };
    let (first, open) = account.put(&found, &OpenFindings::default());
    let (second, open) = account.put(&found, &open);
    account.root.mfa = RootMfa::VirtualPresent;
    let (third, open) = account.put(&SweepResult::default(), &open);
    for code in ["no-trail", "root-mfa-missing"] {
        let all = [of(&first, code), of(&second, code), of(&third, code)].concat();
        let states: Vec<State> = all.iter().map(|(state, _)| *state).collect();
        assert_eq!(states, [State::New, State::Updated, State::Resolved], "{code}");
        assert!(all.iter().all(|(_, uid)| *uid == all[0].1), "{code}");
    }
    assert_eq!(open.note(), (FINDINGS_KEY, String::new()));
    assert_eq!(of(&first, "root-mfa-missing")[0].0, State::New);
    assert!(first.iter().any(|body| body.code == "no-trail" && body.severity == Level::Critical));
}

#[test]
fn several_of_one_kind_are_one_finding() {
    let entry =
        |entry: &str| AccountFinding::ExemptsNobody { setting: "EXEMPT_USERS", entry: entry.to_owned() };
    let result = SweepResult { findings: vec![entry("kim"), entry("<b>\"lee\"")], ..SweepResult::default() };
    let (bodies, _) = account().put(&result, &OpenFindings::default());
    let found: Vec<&Body> = bodies.iter().filter(|body| body.code == "exempts-nobody").collect();
    assert!(
        found.len() == 1 && found[0].text.contains("kim") && found[0].text.contains("(b)'lee'"),
        "{found:?}"
    );
}

#[test]
fn sweep_that_left_something_is_a_finding() {
    let result = SweepResult { remaining: vec!["kim".to_owned()], ..SweepResult::default() };
    let (bodies, _) = account().put(&result, &OpenFindings::default());
    assert!(bodies.iter().any(|body| body.code == "sweep-incomplete"));
}

#[test]
fn users_who_wait_for_quarantine_are_a_finding() {
    let found = |what: ChangeKind| {
        let account = account();
        let users = vec![user_change(&account.statuses[0], what)];
        let (bodies, _) =
            account.put(&SweepResult { users, ..SweepResult::default() }, &OpenFindings::default());
        bodies.into_iter().find(|body| body.code == "too-many-quarantines").map(|body| body.severity)
    };
    assert_eq!((found(ChangeKind::Waiting), found(ChangeKind::Contained)), (Some(Level::Critical), None));
}

#[test]
fn account_that_can_be_read_again_ends_its_finding() {
    let open = OpenFindings::from_codes(["no-trail"]).and_unreadable();
    let (bodies, _) = account().put(&SweepResult::default(), &open);
    let over = bodies.iter().filter(|body| body.state == State::Resolved).map(|body| body.code.as_str());
    assert_eq!(over.collect::<Vec<_>>(), ["account-unreadable", "no-trail"]);
}

#[test]
fn repeated_sweep_has_the_same_ids() {
    let ids = || -> BTreeSet<String> {
        let (bodies, _) = account().put(&SweepResult::default(), &OpenFindings::default());
        bodies.into_iter().map(|body| body.uid).collect()
    };
    assert!(!ids().is_empty() && ids() == ids());
}

fn tags(value: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(FINDINGS_KEY.to_owned(), value.to_owned())])
}

#[test]
fn forged_note_adds_no_text() {
    let open = OpenFindings::of(Some(&tags("no-trail <script> A=1 group-gone")));
    assert_eq!(open.note().1, "group-gone no-trail");
    let open = OpenFindings::of(Some(&tags(&format!("- -a x {} no-trail", "a".repeat(65)))));
    assert_eq!(open.note().1, "no-trail");
    // Each one that is not found now is resolved, and fits the schema.
    account().put(&SweepResult::default(), &open);
    let many: Vec<String> = (b'a'..=b'z').map(|letter| char::from(letter).to_string().repeat(30)).collect();
    assert!(OpenFindings::of(Some(&tags(&many.join(" ")))).note().1.len() <= 256);
}

/// SNS allows 256 characters in the value of a tag, spaces included.
#[test]
fn note_has_the_codes_that_fit_whole() {
    for (length, count) in [(61, 4), (62, 3)] {
        let codes = ["a".repeat(64), "b".repeat(64), "c".repeat(64), "d".repeat(length)];
        let note = OpenFindings::of(Some(&tags(&codes.join(" ")))).note().1;
        assert_eq!(note, codes[..count].join(" "));
    }
}

fn entry(bytes: usize) -> BusEvent {
    BusEvent {
        detail_type: DetailType::DetectionFinding,
        time: at("30T12:00"),
        resource: "arn".to_owned(),
        detail: "x".repeat(bytes),
    }
}

proptest! {
    #[test]
    fn requests_hold_what_eventbridge_takes(sizes in prop::collection::vec(0..120_000_usize, 0..60)) {
        let events: Vec<BusEvent> = sizes.iter().map(|size| entry(*size)).collect();
        let batches = batches(events.clone());
        for batch in &batches {
            prop_assert!(!batch.is_empty() && batch.len() <= BATCH_ENTRIES);
            prop_assert!(batch.iter().map(size).sum::<usize>() < BATCH_BYTES);
        }
        prop_assert_eq!(batches.concat(), events);
    }
}

#[test]
fn size_counts_what_eventbridge_counts() {
    // The time is 14 bytes, and the rest as it is.
    assert_eq!(size(&entry(7)), 14 + "mfa-enforcer".len() + "Detection Finding".len() + 7 + 3);
}

#[test]
fn request_is_filled_before_the_next_one() {
    let lengths = |sizes: &[usize]| -> Vec<usize> {
        let rest = size(&entry(0));
        batches(sizes.iter().map(|size| entry(size - rest))).iter().map(Vec::len).collect()
    };
    assert_eq!(lengths(&[100; 10]), [10]);
    assert_eq!(lengths(&[100; 11]), [10, 1]);
    let half = BATCH_BYTES / 2;
    assert_eq!(lengths(&[half, half - 1]), [2]);
    assert_eq!(lengths(&[half, half]), [1, 1]);
}

#[test]
fn lost_entries_are_counted_with_the_first_reason() {
    let mut lost = None;
    Lost::add(&mut lost, 0, "throttled");
    assert_eq!(lost, None);
    for (count, error) in [(2, ""), (3, "denied"), (1, "throttled")] {
        Lost::add(&mut lost, count, error);
    }
    assert!(AccountFinding::EventsLost(lost.unwrap()).to_string().ends_with("event bus: 6 (denied)"));
}
