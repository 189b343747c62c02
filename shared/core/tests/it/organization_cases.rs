//! MFA in all accounts of an organization: what is counted where, and what is missing.

use crate::contract::root;
use mfa_enforcer_core::evidence::{Counts, Overview};
use mfa_enforcer_core::organization::{
    Account, OrganizationOverview, deciding_session_name, of_one_account, reading_role, role_name,
    session_name,
};
use mfa_enforcer_testing::evidence::overview_of;
use mfa_enforcer_testing::fixtures::{now, settings_with, user};
use mfa_enforcer_testing::organizations::{account, organization_of_people};
use proptest::prelude::*;
use rstest::rstest;
use serde_json::Value;
use std::fs;
use std::sync::LazyLock;

/// The users of the largest account.
const FULLEST: usize = 3;

type Read = (Account, Option<Result<Overview, String>>);

fn organization(accounts: Vec<Read>) -> OrganizationOverview {
    OrganizationOverview::of("o-exampleorgid", "arn:aws:iam::123456789012:user/carol", now(), accounts)
}

/// An account with so many users.
fn of_users(count: usize) -> Overview {
    static FULL: LazyLock<Overview> =
        LazyLock::new(|| overview_of((0..FULLEST).map(|number| user(&format!("user{number}")))));
    let mut overview = FULL.clone();
    overview.users.truncate(count);
    Overview { figures: Counts::of(&overview.users), ..overview }
}

#[test]
fn json_fits_its_schema() {
    let schema = |name: &str| -> Value {
        serde_json::from_str(&fs::read_to_string(root().join("docs").join(name)).unwrap()).unwrap()
    };
    let of_organization = jsonschema::validator_for(&schema("organization-report.schema.json")).unwrap();
    let of_account = jsonschema::validator_for(&schema("report.schema.json")).unwrap();
    let report: Value = serde_json::from_slice(&organization_of_people().json()).unwrap();
    let problems: Vec<String> =
        of_organization.iter_errors(&report).map(|problem| problem.to_string()).collect();
    assert_eq!(problems, [""; 0]);
    let reports = report["accounts"].as_array().unwrap().iter().map(|account| &account["report"]);
    let read: Vec<&Value> = reports.filter(|report| !report.is_null()).collect();
    assert_eq!(read.len(), 2);
    assert!(read.into_iter().all(|report| of_account.is_valid(report)));
}

#[test]
fn unit_has_what_is_below_it() {
    let units = organization_of_people().units;
    let line = |path: &[&str]| {
        let unit = units.iter().find(|unit| unit.path == path).unwrap();
        (unit.accounts, unit.read, unit.figures.users)
    };
    assert_eq!(line(&["Root"]), (4, 2, 11));
    assert_eq!(line(&["Root", "Work"]), (3, 2, 11));
    assert_eq!(line(&["Root", "Work", "Tests"]), (1, 1, 2));
    assert_eq!(line(&["Root", "Old"]), (1, 0, 0));
}

#[rstest]
#[case::read("ACTIVE", Some(Ok(of_users(1))), false)]
#[case::partly_read("ACTIVE", Some(Ok(Overview { unknown: vec!["root".to_owned()], ..of_users(1) })), true)]
#[case::refused("ACTIVE", Some(Err("refused".to_owned())), true)]
#[case::forgotten("ACTIVE", None, true)]
#[case::suspended("SUSPENDED", None, false)]
#[case::closing("PENDING_CLOSURE", None, false)]
#[case::closed("CLOSED", None, false)]
#[case::not_activated("PENDING_ACTIVATION", None, false)]
#[case::state_of_another_day("FROZEN", None, true)]
#[case::no_state("", None, true)]
fn gap_is_an_account_whose_users_may_be_at_work(
    #[case] state: &str,
    #[case] read: Option<Result<Overview, String>>,
    #[case] is_gap: bool,
) {
    let account = account(&["Root"], "one", "111122223333", state);
    assert_eq!(organization(vec![(account, read)]).has_gaps(), is_gap);
}

#[test]
fn account_that_moves_counts_once() {
    let [old, new] = ["Old", "New"].map(|unit| account(&["Root", unit], "one", "111122223333", "ACTIVE"));
    let missed = account(&[], "two", "222233334444", "ACTIVE");
    let listed = account(&[], "one", "111122223333", "ACTIVE");
    let accounts = Account::each_once(vec![old.clone(), new], vec![listed, missed.clone()]);
    assert_eq!(accounts, [old, missed.clone()]);
    assert_eq!(
        organization(vec![(missed, Some(Err("refused".to_owned())))]).not_read(),
        ["222233334444 two (moved meanwhile): refused"]
    );
}

#[rstest]
#[case::nothing(&[], false, None)]
#[case::scope_and_names(&[("EXEMPT_USERS", "alice"), ("GRACE_PERIOD", "3d")], false, None)]
#[case::policy(
    &[("QUARANTINE_POLICY_ARN", "arn:aws:iam::444455556666:policy/quarantine")],
    true,
    Some("they name the policy of account 444455556666: leave out QUARANTINE_POLICY_ARN")
)]
#[case::name(
    &[("ACCOUNT_NAME", "Production")],
    false,
    Some("they name one account: leave out ACCOUNT_NAME (Production)")
)]
#[case::name_beside_others(&[("ACCOUNT_NAME", "Production")], true, None)]
fn settings_of_one_account_are_refused(
    #[case] given: &'static [(&'static str, &'static str)],
    #[case] has_names: bool,
    #[case] why: Option<&str>,
) {
    assert_eq!(of_one_account(&settings_with(given), "123456789012", has_names).as_deref(), why);
}

#[rstest]
#[case::plain("audit", true)]
#[case::path("security/audit", true)]
#[case::slash_first("/security/audit", false)]
#[case::arn("arn:aws:iam::444455556666:role/audit", false)]
#[case::empty("", false)]
fn role_is_a_name_with_its_path(#[case] text: &str, #[case] is_taken: bool) {
    assert_eq!(role_name(text).is_ok(), is_taken);
}

#[test]
fn session_has_no_longer_name_than_aws_takes() {
    let name = session_name(&format!("arn:aws:iam::111122223333:user/{}", "x".repeat(64)));
    assert_eq!(name.len(), 64);
}

#[rstest]
#[case::user("arn:aws:iam::111122223333:user/staff/carol", "carol")]
#[case::session("arn:aws:sts::111122223333:assumed-role/operators/carol@example.com", "carol@example.com")]
#[case::as_short_as_aws_takes("arn:aws:iam::111122223333:user/cc", "cc")]
#[case::too_short_for_aws("arn:aws:iam::111122223333:user/c", "mfa-enforcer-c")]
#[case::root("arn:aws:iam::111122223333:root", "root")]
fn session_that_decides_is_called_as_its_caller(#[case] caller: &str, #[case] name: &str) {
    assert_eq!(deciding_session_name(caller), name);
}

#[rstest]
#[case("arn:aws:iam::111122223333:user/carol", "audit", "arn:aws:iam::444455556666:role/audit")]
#[case::other_partition(
    "arn:aws-us-gov:sts::111122223333:assumed-role/audit/carol",
    "security/reader",
    "arn:aws-us-gov:iam::444455556666:role/security/reader"
)]
fn role_is_one_of_the_account_that_is_read(#[case] caller: &str, #[case] role: &str, #[case] arn: &str) {
    assert_eq!(reading_role(caller, "444455556666", role), arn);
}

#[test]
fn what_is_not_known_of_an_account_is_said() {
    assert_eq!(organization_of_people().unknown(), ["222233334444: whether root has MFA"]);
}

#[test]
fn state_is_said_in_words() {
    let account = account(&["Root", "Old"], "one", "111122223333", "PENDING_CLOSURE");
    assert_eq!(
        organization(vec![(account, None)]).not_read(),
        ["111122223333 one (Root / Old): the account is pending closure"]
    );
}

proptest! {
    #[test]
    fn nobody_is_lost_or_counted_twice(users in prop::collection::vec((0..=FULLEST, 0_usize..3, any::<bool>()), 0..12)) {
        let accounts = users.iter().enumerate().map(|(index, (count, unit, is_read))| {
            let account = account(&["Root", ["A", "B", "C"][*unit]], "one", &format!("{index:012}"), "ACTIVE");
            (account, Some(is_read.then(|| of_users(*count)).ok_or_else(|| "refused".to_owned())))
        });
        let overview = organization(accounts.collect());
        let read: usize = users.iter().filter(|(_, _, is_read)| *is_read).map(|(count, ..)| count).sum();
        prop_assert_eq!(overview.figures.users, read);
        prop_assert_eq!(overview.figures, Counts::of(&overview.users()));
        let below: usize =
            overview.units.iter().filter(|unit| unit.path.len() == 2).map(|unit| unit.figures.users).sum();
        prop_assert_eq!(below, read);
        prop_assert_eq!(overview.read() + overview.not_read().len(), users.len());
    }
}
