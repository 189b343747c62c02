//! What the metrics of a hub tell of all accounts.

use crate::organization_fixtures::{daily, id, organization_digest, plan_of, swept};
use jiff::SignedDuration;
use mfa_enforcer_core::digest::{AlertsSubscribers, ChangeKind, Digest, SweepResult};
use mfa_enforcer_core::organization::{AccountResult, OrganizationDigest, OrganizationMemory, Readings};
use mfa_enforcer_core::posture::Exemption;
use mfa_enforcer_testing::digests::{
    KEY, contained, digest, exempt, in_grace, overdue, user_change, with_mfa,
};
use mfa_enforcer_testing::fixtures::{days_ago, now};
use mfa_enforcer_testing::organizations::account;
use serde_json::Value;

/// An account with four users, of whom the sweep contained one, released one, and left one.
fn four_users() -> Digest {
    let bob = contained(overdue("bob", 3));
    let carol = exempt("carol", Exemption::Until("2026-11-28".parse().unwrap()));
    let erin = in_grace("erin", 2);
    let result = SweepResult {
        users: vec![
            user_change(&bob, ChangeKind::Contained),
            user_change(&carol, ChangeKind::Released),
            user_change(&erin, ChangeKind::Refused),
        ],
        remaining: vec!["erin".to_owned()],
        ..SweepResult::default()
    };
    Digest { result, ..digest(vec![bob, carol, with_mfa("dave", KEY), erin]) }
}

#[test]
fn readings_are_of_all_accounts_that_were_swept() {
    let plan = plan_of((1..=3).map(|number| account(&["Root"], "one", &id(number), "ACTIVE")).collect());
    let refused = AccountResult::not_covered(&daily(), &id(3), "refused", now());
    let read = vec![swept(&id(1), &four_users()), swept(&id(2), &four_users()), (id(3), Ok(refused))];
    let readings = organization_digest(&plan, read, now()).readings(None);
    let expected = Readings {
        users: [
            ("compliant", 2),
            ("in-grace", 2),
            ("overdue", 2),
            ("exempt", 2),
            ("not-applicable", 0),
            ("unknown", 0),
        ],
        contained: 2,
        coverage_percent: Some(25.0),
        protected_percent: Some(66.6),
        alerts_subscribers: Some(2),
        acted_on: 4,
        failed: 2,
        remaining: 2,
        covered: 2,
        not_covered: 1,
        no_longer_covered: 0,
    };
    assert_eq!(readings, expected);
}

#[test]
fn what_is_not_known_is_no_zero() {
    let plan = plan_of(vec![account(&["Root"], "one", &id(1), "ACTIVE")]);
    let nothing = organization_digest(&plan, Vec::new(), now());
    let readings =
        OrganizationDigest { alerts_subscribers: AlertsSubscribers::Unknown, ..nothing }.readings(None);
    let known = (readings.coverage_percent, readings.protected_percent, readings.alerts_subscribers);
    assert_eq!(known, (None, None, None));
}

/// Daily digests, in each of which these of three accounts are covered. The third is in use or not. Returns how many are
/// no longer covered in each.
fn no_longer_covered(days: &[(&[usize], &str)]) -> Vec<usize> {
    let mut before: Option<OrganizationMemory> = None;
    let mut found = Vec::new();
    for (day, (covered, state)) in (0_i64..).zip(days) {
        let states = ["ACTIVE", "ACTIVE", state];
        let listed = (1..=3).zip(states).map(|(number, state)| account(&["Root"], "one", &id(number), state));
        let plan = plan_of(listed.collect());
        let read = covered.iter().map(|number| swept(&id(*number), &four_users())).collect();
        let digest = organization_digest(&plan, read, days_ago(20 - day));
        found.push(digest.readings(before.as_ref()).no_longer_covered);
        let memory = OrganizationMemory::of(&digest, before.as_ref());
        before = OrganizationMemory::read(&memory.json());
    }
    found
}

#[test]
fn account_that_was_never_covered_is_not_missed() {
    assert_eq!(no_longer_covered(&[(&[1], "ACTIVE"), (&[1], "ACTIVE"), (&[], "ACTIVE")]), [0, 0, 1]);
}

#[test]
fn account_is_missed_until_it_is_covered_again() {
    let days: [(&[usize], &str); 5] =
        [(&[1, 2], "ACTIVE"), (&[1], "ACTIVE"), (&[1], "ACTIVE"), (&[1, 2], "ACTIVE"), (&[2], "ACTIVE")];
    assert_eq!(no_longer_covered(&days), [0, 1, 1, 0, 1]);
}

#[test]
fn account_is_missed_for_a_week() {
    let mut days: Vec<(&[usize], &str)> = vec![(&[1, 2, 3], "ACTIVE")];
    days.extend([(&[1, 2][..], "ACTIVE"); 7]);
    days.extend([(&[1][..], "ACTIVE"); 2]);
    assert_eq!(no_longer_covered(&days), [0, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
}

#[test]
fn suspended_account_is_not_missed() {
    let days: [(&[usize], &str); 3] = [(&[1, 2, 3], "ACTIVE"), (&[1, 2], "SUSPENDED"), (&[1, 2], "ACTIVE")];
    assert_eq!(no_longer_covered(&days), [0, 0, 0]);
}

#[test]
fn memory_that_cannot_tell_misses_nobody() {
    let plan = plan_of(vec![account(&["Root"], "one", &id(1), "ACTIVE")]);
    let covered = organization_digest(&plan, vec![swept(&id(1), &four_users())], days_ago(1));
    let memory = OrganizationMemory::of(&covered, None);
    let mut of_old_version: Value = serde_json::from_slice(&memory.json()).unwrap();
    of_old_version.as_object_mut().unwrap().remove("covered");
    let of_old_version = OrganizationMemory::read(of_old_version.to_string().as_bytes()).unwrap();
    let of_the_future = OrganizationMemory { at: now() + SignedDuration::from_hours(1), ..memory.clone() };
    let missed = |before: &OrganizationMemory| {
        organization_digest(&plan, Vec::new(), now()).readings(Some(before)).no_longer_covered
    };
    assert_eq!((missed(&memory), missed(&of_old_version), missed(&of_the_future)), (1, 0, 0));
}
