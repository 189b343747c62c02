//! What the metrics of a hub tell of all accounts.

use crate::organization_fixtures::{daily, id, organization_digest, plan_of, swept};
use mfa_enforcer_core::digest::{AlertsSubscribers, ChangeKind, Digest, SweepResult};
use mfa_enforcer_core::organization::{AccountResult, OrganizationDigest, Readings};
use mfa_enforcer_core::posture::Exemption;
use mfa_enforcer_testing::digests::{
    KEY, contained, digest, exempt, in_grace, overdue, user_change, with_mfa,
};
use mfa_enforcer_testing::fixtures::now;
use mfa_enforcer_testing::organizations::account;

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
    let readings = organization_digest(&plan, read, now()).readings();
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
    };
    assert_eq!(readings, expected);
}

#[test]
fn what_is_not_known_is_no_zero() {
    let plan = plan_of(vec![account(&["Root"], "one", &id(1), "ACTIVE")]);
    let nothing = organization_digest(&plan, Vec::new(), now());
    let readings =
        OrganizationDigest { alerts_subscribers: AlertsSubscribers::Unknown, ..nothing }.readings();
    let known = (readings.coverage_percent, readings.protected_percent, readings.alerts_subscribers);
    assert_eq!(known, (None, None, None));
}
