//! What a record says: its rows, its figures, its control map, and what it leaves out.

use crate::evidence_fixtures::{ROOT, last_rows, month, record, records, rows, schema, written_after};
use mfa_enforcer_core::digest::{AccountFinding, SweepResult};
use mfa_enforcer_core::evidence::{
    Before, Control, Counts, Record, Written, csv, json_lines, read_json_lines, to_list,
};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::snapshot::{RootMfa, RootStatus, UserSnapshot};
use mfa_enforcer_core::sweep::status_from_snapshot;
use mfa_enforcer_testing::evidence::{Evidence, at, people, settings_of_the_month};
use mfa_enforcer_testing::fixtures::{user, with_tag};
use rstest::rstest;
use serde_json::Value;
use std::collections::BTreeMap;

/// The record of these users, where nobody was looked up.
fn written(users: &[UserSnapshot], root: &RootStatus, result: &SweepResult) -> Written {
    written_after(&Before::default(), users, root, result, at("20T06:00"))
}

fn snapshot(users: Vec<UserFacts>) -> Vec<UserSnapshot> {
    Evidence::of(settings_of_the_month(&[]), users).snapshot(at("20T06:00"))
}

fn control<'a>(record: &'a Record, id: &str) -> &'a Control {
    record.controls.iter().find(|control| control.id == id).unwrap()
}

fn topic<'a>(record: &'a Record, name: &str) -> &'a str {
    &record.scope.iter().find(|topic| topic.name == name).unwrap().state
}

#[test]
fn record_has_a_row_for_every_user() {
    let month = month();
    let rows = last_rows(&month);
    assert_eq!(rows.keys().collect::<Vec<_>>(), month.users.keys().collect::<Vec<_>>());
    insta::assert_json_snapshot!(rows.values().collect::<Vec<_>>());
}

#[test]
fn record_has_the_quarantines_that_its_sweep_began() {
    let month = month();
    let mut begun = 0;
    for key in records(&month.bucket) {
        let due = record(&month.bucket, &key).sweep.due;
        for row in rows(&month.bucket, &key).into_values() {
            let Some(containment) = row.containment else { continue };
            assert!(containment.since.is_some() && containment.cause.is_some(), "{key}: {}", row.name);
            begun += usize::from(containment.since == Some(due));
        }
    }
    assert!(begun > 0, "no sweep contained anybody");
}

#[test]
fn record_reads_as_promised() {
    let month = month();
    let mut last = record(&month.bucket, records(&month.bucket).last().unwrap());
    last.product.version = "VERSION".to_owned();
    last.settings.retain(|name, _| ["MODE", "GRACE_PERIOD"].contains(&name.as_str()));
    last.trend.truncate(2);
    // The hashes depend on the version.
    last.files.iter_mut().for_each(|file| file.sha256 = "HASH".to_owned());
    last.acts.clear();
    last.chain.before.as_mut().unwrap().sha256 = "HASH".to_owned();
    insta::assert_json_snapshot!(last);
}

#[test]
fn every_form_fits_its_schema() {
    let month = month();
    let all = month.bucket.iter().filter(|(key, _)| !key.contains("/users.") && !key.contains("/report."));
    for (key, bytes) in all {
        let form = if key.ends_with("record.json") { "record" } else { "act" };
        let value: Value = serde_json::from_slice(bytes).unwrap();
        let errors: Vec<String> = schema(form).iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{key}: {errors:?}");
    }
    let row = schema("row");
    for value in last_rows(&month).values().map(|row| serde_json::to_value(row).unwrap()) {
        let errors: Vec<String> = row.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{value}: {errors:?}");
        let mut more = value.clone();
        more["more"] = 1.into();
        assert!(!row.is_valid(&more), "the schema allows unknown fields");
    }
}

#[test]
fn figures_can_be_counted_again_from_the_rows() {
    let month = month();
    for key in records(&month.bucket) {
        let record = record(&month.bucket, &key);
        let rows: Vec<_> = rows(&month.bucket, &key).into_values().collect();
        assert_eq!(record.figures, Counts::of(&rows), "{key}");
        let [all, not_exempt] = &record.coverage[..] else { panic!("two shares") };
        assert_eq!((all.part, all.whole), (record.figures.with_mfa, record.figures.console));
        assert!(not_exempt.whole < all.whole && !all.definition.is_empty());
    }
}

#[test]
fn enrolment_dates_are_kept_from_the_record_before() {
    let mut month = month();
    let listed = |evidence: &Evidence| last_rows(evidence)["erin"].mfa.clone();
    let first = rows(&month.bucket, &records(&month.bucket)[0])["erin"].mfa.clone();
    assert_eq!(first.devices[0].kind, "security-key-or-passkey");
    // Now a record in which nobody is listed.
    let before = month.before();
    let users = month.snapshot(at("30T07:00"));
    let written = written_after(&before, &users, &ROOT, &SweepResult::default(), at("30T07:00"));
    let known = listed(&month);
    month.bucket.extend(written.objects.into_iter().map(|object| (object.key, object.bytes)));
    assert_eq!(listed(&month), known);
    assert_eq!(known.devices[0].enrolled, first.devices[0].enrolled);
    assert_eq!((known.listed, known.devices[0].as_of), (Some(at("30T06:00")), at("30T06:00")));
}

#[test]
fn changed_rows_are_not_taken_over() {
    let mut month = month();
    let key = records(&month.bucket).pop().unwrap().replace("record.json", "users.jsonl");
    assert!(!month.before().rows.is_empty());
    let changed = String::from_utf8(month.bucket[&key].clone()).unwrap().replace("\"alice\"", "\"mallory\"");
    assert!(read_json_lines(changed.as_bytes()).is_some());
    month.bucket.insert(key, changed.into_bytes());
    assert!(month.before().rows.is_empty());
}

#[test]
fn unlisted_device_has_no_kind_and_no_date() {
    let erin = people().into_iter().find(|user| user.name.as_str() == "erin").unwrap();
    let written = written(&snapshot(vec![erin]), &ROOT, &SweepResult::default());
    let rows = read_json_lines(&written.objects[0].bytes).unwrap();
    assert_eq!(rows[0].mfa.devices[0].kind, "not-virtual");
    assert_eq!((rows[0].mfa.devices[0].enrolled, rows[0].mfa.listed), (None, None));
    assert_eq!(rows[0].unknown, ["devices", "enrolment"]);
}

#[test]
fn oldest_lists_are_renewed_first() {
    let with_key = |name: String| {
        let mut user = user(&name);
        let serial = mfa_enforcer_core::device::Serial::listed("GAKT12345678");
        user.devices.push(mfa_enforcer_core::device::MfaDevice { serial, enabled: at("01T01:00") });
        user
    };
    let users = snapshot((0..600).map(|n| with_key(format!("u{n:03}"))).collect());
    let settings = settings_of_the_month(&[]);
    let statuses: Vec<_> =
        users.iter().map(|user| status_from_snapshot(user, &settings, at("20T06:00"))).collect();
    let mut before: BTreeMap<String, _> = BTreeMap::new();
    let first = to_list(&statuses, &before);
    assert_eq!(first, (0..500).collect::<Vec<_>>());
    let rows = read_json_lines(&written(&users, &ROOT, &SweepResult::default()).objects[0].bytes).unwrap();
    for mut row in rows.into_iter().take(500) {
        row.mfa.listed = Some(at("19T06:00"));
        before.insert(row.id.clone(), row);
    }
    let second = to_list(&statuses, &before);
    assert_eq!(second[..100], (500..600).collect::<Vec<_>>());
    assert_eq!(second.len(), 500);
}

#[test]
fn control_fails_for_an_exempt_user_and_says_so() {
    let dave = with_tag(user("dave"), "mfa-enforcer:exempt-until", "2026-12-31 TICKET-7");
    let written = written(&snapshot(vec![dave, user("bob")]), &ROOT, &SweepResult::default());
    for id in ["1.9", "8.4.2", "IA-2(1)", "IA-2(2)", "IAM.5"] {
        let control = control(&written.record, id);
        assert_eq!((control.result.as_str(), control.failing, control.exceptions), ("fail", 2, 1), "{id}");
    }
}

#[test]
fn control_is_not_assessed_where_somebody_is_unknown() {
    let mut users = snapshot(vec![people().remove(3)]);
    let of = |users: &[UserSnapshot]| written(users, &ROOT, &SweepResult::default()).record;
    assert_eq!(control(&of(&users), "IAM.5").result, "pass");
    users[0].reported = false;
    users[0].factors = mfa_enforcer_core::snapshot::Factors::None;
    let record = of(&users);
    assert_eq!(control(&record, "IAM.5").result, "not-assessed");
    assert!(control(&record, "IAM.5").looked_at.contains("Not known for 1 of them"));
    assert_eq!(topic(&record, "passwords"), "partly");
}

#[test]
fn controls_about_root_follow_what_is_known_of_it() {
    let results = |mfa: RootMfa| {
        let record = written(&[], &RootStatus { mfa, ..ROOT }, &SweepResult::default()).record;
        ["1.4", "1.5", "IAM.6", "IAM.9"].map(|id| control(&record, id).result.clone())
    };
    assert_eq!(results(RootMfa::NonVirtualOnly), ["pass"; 4]);
    assert_eq!(results(RootMfa::VirtualPresent), ["pass", "fail", "fail", "pass"]);
    assert_eq!(results(RootMfa::Missing), ["fail"; 4]);
    for mfa in [RootMfa::NoCredentials, RootMfa::NoConsole, RootMfa::NotThere, RootMfa::Unknown] {
        assert_eq!(results(mfa), ["not-assessed"; 4], "{mfa:?}");
    }
}

#[test]
fn what_could_not_be_read_is_a_line() {
    let names = |record: &Record| {
        record
            .sources
            .iter()
            .map(|source| source.name.clone())
            .chain(record.scope.iter().map(|topic| topic.name.clone()))
            .collect::<Vec<_>>()
    };
    let whole = written(&[], &ROOT, &SweepResult::default()).record;
    let result = SweepResult {
        findings: vec![
            AccountFinding::ReportUnreadable("throttled".to_owned()),
            AccountFinding::HistoryUnreadable("denied".to_owned()),
            AccountFinding::NoTrail,
        ],
        remaining: vec!["alice".to_owned()],
        ..SweepResult::default()
    };
    let torn = written(&[], &RootStatus { mfa: RootMfa::Unknown, ..ROOT }, &result).record;
    assert_eq!(names(&whole), names(&torn));
    let unreadable = torn.sources.iter().filter(|source| source.state == "unreadable");
    assert!(unreadable.clone().all(|source| !source.missing.is_empty() && source.as_of.is_none()));
    assert!(unreadable.clone().all(|source| source.age_minutes.is_none()));
    assert_eq!(unreadable.count(), 3);
    let state = |name: &str| torn.scope.iter().find(|topic| topic.name == name).unwrap().state.clone();
    assert_eq!(
        ["users", "passwords", "events", "accounts"].map(state),
        ["partly", "partly", "not-covered", "not-covered"]
    );
    let report = whole.sources.iter().find(|source| source.name == "iam:GetCredentialReport").unwrap();
    assert_eq!(report.age_minutes, Some(100));
}

#[rstest]
#[case::all(None, "covered")]
#[case::cut_off(Some(AccountFinding::HistoryCutOff), "partly")]
#[case::unreadable(Some(AccountFinding::HistoryUnreadable("denied".to_owned())), "partly")]
#[case::one_region(Some(AccountFinding::TrailInOneRegion), "partly")]
#[case::no_trail(Some(AccountFinding::NoTrail), "not-covered")]
fn events_are_covered_as_far_as_they_were_seen(#[case] finding: Option<AccountFinding>, #[case] state: &str) {
    let result = SweepResult { findings: finding.into_iter().collect(), ..SweepResult::default() };
    assert_eq!(topic(&written(&[], &ROOT, &result).record, "events"), state);
}

#[test]
fn source_that_was_read_in_part_has_an_age() {
    let findings = vec![AccountFinding::HistoryCutOff];
    let record = written(&[], &ROOT, &SweepResult { findings, ..SweepResult::default() }).record;
    let history = record.sources.iter().find(|source| source.name == "cloudtrail:LookupEvents").unwrap();
    assert_eq!((history.state.as_str(), history.as_of), ("partly", Some(at("20T06:00"))));
    assert_eq!(history.age_minutes, Some(0));
}

#[test]
fn csv_cells_are_no_formulas() {
    let written = written(&snapshot(vec![user("alice")]), &ROOT, &SweepResult::default());
    let mut rows = read_json_lines(&written.objects[0].bytes).unwrap();
    for name in ["=cmd|'/C calc'!A1", "+1", "-1", "@SUM(1)", "\tx", "  =1", "a,b \"c\"\nd"] {
        name.clone_into(&mut rows[0].name);
        let bytes = csv(&rows);
        let mut reader = ::csv::Reader::from_reader(bytes.as_slice());
        let cell = reader.records().next().unwrap().unwrap()[0].to_owned();
        let expected = if name.starts_with('a') { name.to_owned() } else { format!("'{name}") };
        assert_eq!(cell, expected);
        assert_eq!(read_json_lines(&json_lines(&rows)).unwrap(), rows);
    }
}

#[test]
fn rows_hold_no_address_and_no_key_id() {
    let month = month();
    for (key, bytes) in &month.bucket {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains("@example.com") && !text.contains("AKIA"), "{key}");
    }
}
