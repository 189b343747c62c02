//! What the result of an account tells the organization's digest of people, deeds and findings.

use crate::organization_fixtures::{id, swept};
use mfa_enforcer_core::digest::{AccountFinding, ChangeKind, Digest, SweepResult, UserStatus};
use mfa_enforcer_core::organization::{Person, Swept};
use mfa_enforcer_core::posture::{Exemption, Finding};
use mfa_enforcer_testing::digests::{
    KEY, contained, digest, exempt, overdue, quiet, user_change, with_mfa, without_password,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// What a sweep found in an account with these users, where this came of it.
fn found(statuses: Vec<UserStatus>, result: SweepResult) -> Swept {
    let (_, read) = swept(&id(1), &Digest { result, ..digest(statuses) });
    read.unwrap().found().unwrap().clone()
}

#[test]
fn most_urgent_person_comes_first() {
    let failed = with_mfa("w-failed", KEY);
    let released = with_mfa("u-released", KEY);
    let awaits = contained(with_mfa("t-awaits", KEY));
    let result = SweepResult {
        users: vec![user_change(&released, ChangeKind::Released), user_change(&failed, ChangeKind::Failed)],
        ..SweepResult::default()
    };
    let statuses = vec![
        exempt("a-exempt", Exemption::Name),
        contained(overdue("r-contained", 3)),
        exempt("s-ending", Exemption::Until("2026-12-01".parse().unwrap())),
        UserStatus { findings: vec![Finding::AwaitsApproval], ..awaits },
        released,
        failed,
        overdue("x-overdue", 1),
        without_password("y-machine"),
    ];
    let people = found(statuses, result).people;
    let order: Vec<&str> = people.listed.iter().map(|person| person.name.as_str()).collect();
    let expected = ["w-failed", "x-overdue", "t-awaits", "u-released", "r-contained", "s-ending", "a-exempt"];
    assert_eq!(order, expected);
}

/// Bob, whom a sweep contained, and about whom something failed twice.
fn bob() -> Person {
    let bob = contained(overdue("bob", 1));
    let users = [ChangeKind::Contained, ChangeKind::Failed, ChangeKind::Failed];
    let users = users.map(|what| user_change(&bob, what)).to_vec();
    let mut people = found(vec![bob], SweepResult { users, ..SweepResult::default() }).people;
    people.listed.swap_remove(0)
}

#[test]
fn each_thing_that_was_done_to_a_person_is_there_once() {
    let did: Vec<ChangeKind> = bob().did.iter().map(|change| change.what).collect();
    assert_eq!(did, [ChangeKind::Contained, ChangeKind::Failed]);
}

#[test]
fn what_is_not_so_takes_no_room() {
    let person = serde_json::to_value(bob()).unwrap();
    assert_eq!(person["contained"], true);
    assert!(person.as_object().unwrap().values().all(|value| *value != Value::Bool(false)), "{person}");
}

#[test]
fn deeds_are_counted_with_those_whose_names_are_not_known() {
    let (bob, carol) = (contained(overdue("bob", 1)), with_mfa("carol", KEY));
    let mut users = vec![user_change(&bob, ChangeKind::Contained)];
    let did = |users: &[_], released_unnamed| {
        let result = SweepResult { users: users.to_vec(), released_unnamed, ..SweepResult::default() };
        found(vec![bob.clone(), carol.clone()], result).did
    };
    assert_eq!(did(&users, 0), BTreeMap::from([(ChangeKind::Contained, 1)]));
    users.push(user_change(&carol, ChangeKind::Released));
    let expected = BTreeMap::from([(ChangeKind::Contained, 1), (ChangeKind::Released, 4)]);
    assert_eq!(did(&users, 3), expected);
}

#[test]
fn critical_finding_is_never_left_out() {
    let mut findings = vec![AccountFinding::HistoryCutOff; 60];
    findings.push(AccountFinding::NoTrail);
    let found = found(quiet().statuses, SweepResult { findings, ..SweepResult::default() });
    let critical: Vec<bool> = found.findings.listed.iter().map(|finding| finding.critical).collect();
    assert_eq!((found.findings.count, critical.len(), critical[0]), (61, 50, true));
    assert!(found.is_critical());
}
