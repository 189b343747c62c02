//! Runs of an organization, and the results of their accounts.

use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::digest::{AlertsSubscribers, ChangeKind, Digest, SweepResult, render};
use mfa_enforcer_core::event::SweepKind;
use mfa_enforcer_core::notice::Rendered;
use mfa_enforcer_core::organization::{
    Account, AccountResult, OrganizationDigest, OrganizationMemory, SweepPlan, SweepRun,
};
use mfa_enforcer_core::posture::Exemption;
use mfa_enforcer_core::snapshot::RootMfa;
use mfa_enforcer_testing::digests::{
    KEY, contained, digest, exempt, full, in_grace, overdue, quiet, root, user_change, with_mfa,
};
use mfa_enforcer_testing::fixtures::{days_ago, now};
use mfa_enforcer_testing::organizations::account;
use serde_json::Value;

pub(crate) const ORGANIZATION: &str = "o-exampleorgid";
pub(crate) const HUB: &str = "999988887777";
pub(crate) const MANAGEMENT: &str = "555566667777";
pub(crate) const HOUR: SignedDuration = SignedDuration::from_hours(1);

pub(crate) type Read = (String, Result<AccountResult, String>);

pub(crate) fn daily() -> SweepRun {
    SweepRun::of(SweepKind::Daily, now())
}

pub(crate) fn id(number: usize) -> String {
    format!("{:012}", 100_000_000_000 + number)
}

pub(crate) fn plan_of(accounts: Vec<Account>) -> SweepPlan {
    SweepPlan::of(&daily(), ORGANIZATION, now() - HOUR, now() - HOUR, accounts, Some(MANAGEMENT))
}

/// The result of an account with these users and so on.
pub(crate) fn swept(account: &str, digest: &Digest) -> Read {
    let digest = Digest { account: account.to_owned(), ..digest.clone() };
    (account.to_owned(), Ok(AccountResult::swept(&daily(), &digest)))
}

pub(crate) fn organization_digest(plan: &SweepPlan, read: Vec<Read>, at: Timestamp) -> OrganizationDigest {
    let digest = OrganizationDigest::of(plan, HUB, read, at);
    OrganizationDigest { alerts_subscribers: AlertsSubscribers::Counted(2), ..digest }
}

/// Accounts of every kind: without trouble, with all of it, without MFA for root, not covered, and closed.
pub(crate) fn everything() -> OrganizationDigest {
    let plan = plan_of(vec![
        account(&["Root", "Work"], "production", &id(1), "ACTIVE"),
        account(&["Root", "Work"], "staging", &id(2), "ACTIVE"),
        account(&["Root", "Work", "Tests"], "tests", &id(3), "ACTIVE"),
        account(&["Root"], "bought", &id(4), "ACTIVE"),
        account(&["Root"], "silent", &id(5), "ACTIVE"),
        account(&["Root", "Old"], "closed", &id(6), "SUSPENDED"),
        account(&["Root"], "management", MANAGEMENT, "ACTIVE"),
    ]);
    let bob = contained(overdue("bob", 3));
    let carol = exempt("carol", Exemption::Until("2026-11-28".parse().unwrap()));
    let result = SweepResult {
        users: vec![user_change(&bob, ChangeKind::Contained), user_change(&carol, ChangeKind::Released)],
        ..SweepResult::default()
    };
    let statuses = vec![bob, carol, with_mfa("dave", KEY), in_grace("erin", 2)];
    let tests = Digest { root: root(RootMfa::Missing), result, ..digest(statuses) };
    let refused = "sts:AssumeRole was refused: there is no role review, or it does not trust the hub";
    let read = vec![
        swept(&id(1), &full()),
        swept(&id(2), &quiet()),
        swept(&id(3), &tests),
        (id(4), Ok(AccountResult::not_covered(&daily(), &id(4), refused, now()))),
    ];
    organization_digest(&plan, read, now())
}

/// Nothing but users with MFA.
pub(crate) fn calm() -> OrganizationDigest {
    let plan = plan_of(vec![account(&["Root"], "production", &id(1), "ACTIVE")]);
    let calm = digest(vec![with_mfa("dave", KEY)]);
    organization_digest(&plan, vec![swept(&id(1), &calm)], now())
}

/// As many accounts as an hour has room for, each with some of everything.
pub(crate) fn thousand() -> (SweepPlan, Vec<Read>) {
    let of = |number: usize| {
        let unit = format!("Unit{}", number % 40);
        account(&["Root", &unit], &format!("account-{number}"), &id(number), "ACTIVE")
    };
    let plan = plan_of((0..1000).map(of).collect());
    (plan, (0..1000).map(|number| swept(&id(number), &full())).collect())
}

/// What was remembered of this digest if it was sent a day before.
pub(crate) fn day_before(digest: &OrganizationDigest) -> OrganizationMemory {
    let yesterday =
        OrganizationDigest { at: days_ago(1), run: "2026-11-23T09-daily".to_owned(), ..digest.clone() };
    OrganizationMemory::of(&yesterday, None)
}

pub(crate) fn texts(rendered: &Rendered) -> Value {
    serde_json::from_str(&rendered.message).unwrap()
}

pub(crate) fn machine(rendered: &Rendered) -> Value {
    serde_json::from_str(texts(rendered)["sqs"].as_str().unwrap()).unwrap()
}

/// The figures that the digest of this account alone shows.
pub(crate) fn figures_of(digest: &Digest) -> Value {
    machine(&render(digest, None))["figures"].clone()
}
