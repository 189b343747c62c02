//! What the plan of an organization says of the limit that a hub has for all accounts.

use crate::contract::root;
use mfa_enforcer_core::forecast::{Day, Person, Prospect};
use mfa_enforcer_core::organization::{HeldHour, OrganizationProspect};
use mfa_enforcer_testing::evidence::prospect_of_people;
use mfa_enforcer_testing::fixtures::now;
use mfa_enforcer_testing::organizations::{account, plan_of_people};
use rstest::rstest;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;

/// So many accounts with the same people, where `MAX_QUARANTINES` is this everywhere.
fn plan(accounts: usize, everywhere: Option<usize>) -> OrganizationProspect {
    plan_of(accounts, everywhere, &[])
}

/// The same, where accounts have other settings.
fn plan_of(
    accounts: usize,
    everywhere: Option<usize>,
    changes: &[(&'static str, &str)],
) -> OrganizationProspect {
    let people = prospect_of_people(&[&[("MODE", "enforce"), ("GRACE_PERIOD", "3d")], changes].concat(), 10);
    let read = |index: usize| {
        let account = account(&["Root"], "one", &format!("{index:012}"), "ACTIVE");
        (account, Some(Ok(people.clone())))
    };
    let accounts = (0..accounts).map(read).collect();
    OrganizationProspect::of("o-exampleorgid", "arn:aws:iam::1:user/carol", now(), everywhere, accounts)
}

/// How many users of an account are to be quarantined at the same time, the most of any time.
fn at_once() -> usize {
    let people = prospect_of_people(&[("MODE", "enforce"), ("GRACE_PERIOD", "3d")], 10);
    let times: Vec<_> = people.users.iter().filter_map(Person::contained_at).collect();
    times.iter().map(|time| times.iter().filter(|other| *other == time).count()).max().unwrap()
}

#[rstest]
#[case::below(9, Some(1), false)]
#[case::at_the_limit(10, Some(1), false)]
#[case::beyond(11, Some(1), true)]
#[case::far_below(11, Some(2), false)]
#[case::no_limit(30, None, false)]
#[case::zero_is_no_limit(30, Some(0), false)]
fn quarantines_beyond_ten_times_the_limit_are_held(
    #[case] accounts: usize,
    #[case] everywhere: Option<usize>,
    #[case] is_held: bool,
) {
    let each = at_once();
    let plan = plan(accounts, everywhere.map(|limit| limit * each));
    let most = plan.held.iter().max_by_key(|hour| hour.users);
    assert_eq!(most.is_some(), is_held, "{:?}", plan.held);
    if let Some(HeldHour { hour, users, limit, held, last }) = most {
        assert_eq!((*users, *limit, *held), (accounts * each, 10 * each, (accounts - 10) * each));
        assert_eq!(hour.as_second() % 3600, 0);
        assert_eq!(
            last.unwrap().as_second() - hour.as_second(),
            3600,
            "the next sweep has room for the rest"
        );
    }
}

/// How many users this happens to on each day.
fn on_days(plan: &OrganizationProspect, what: &str) -> BTreeMap<String, usize> {
    let of_day = |day: &Day| Some((day.date.to_string(), *day.users.get(what)?));
    plan.days.iter().filter_map(of_day).collect()
}

#[test]
fn who_is_held_follows_as_the_limits_go() {
    // In each hour 10 may begin, and in each account one in 24 hours.
    let of = |accounts| plan_of(accounts, Some(1), &[("MAX_QUARANTINES", "1")]);
    let (free, held) = (plan_of(600, None, &[("MAX_QUARANTINES", "1")]), of(600));
    let total = |plan: &OrganizationProspect, what| on_days(plan, what).values().sum::<usize>();
    let first = held.held.first().unwrap();
    assert_eq!((first.users, first.limit, first.held), (600, 10, 590));
    // Of the 600 of the first hour, 10 follow in each of the next 59.
    let last = first.last.unwrap();
    assert_eq!(last.as_second() - first.hour.as_second(), 59 * 3600);
    assert!(held.held.windows(2).all(|pair| pair[0].hour < pair[1].hour));
    let by_day = on_days(&held, "contained");
    assert!(by_day.values().all(|users| *users <= 240), "{by_day:?}");
    assert!(total(&held, "contained") < total(&free, "contained"), "some wait at the end");
    assert_eq!(held.held.last().unwrap().last, None);
    assert!(total(&held, "waiting") > total(&free, "waiting"));
    // What is short enough for the days of the plan is only moved.
    let (few, free) = (of(11), plan_of(11, None, &[("MAX_QUARANTINES", "1")]));
    assert_eq!(total(&few, "contained"), total(&free, "contained"));
    assert!(!few.held.is_empty() && few.held.iter().all(|hour| hour.last.is_some()));
}

#[test]
fn no_hour_has_more_than_its_limit_and_nobody_is_lost() {
    for (accounts, everywhere) in [(3, 1), (12, 1), (25, 1), (60, 2)] {
        let (free, held) = (plan(accounts, None), plan(accounts, Some(everywhere)));
        let limit = 10 * everywhere;
        for hour in &held.held {
            assert_eq!((hour.limit, hour.users - hour.held), (limit, limit), "{hour:?}");
        }
        let sum = |plan: &OrganizationProspect| on_days(plan, "contained").values().sum::<usize>();
        let left = held.held.last().filter(|hour| hour.last.is_none()).map_or(0, |hour| hour.held);
        assert_eq!(sum(&held) + left, sum(&free), "{accounts} accounts, {everywhere}");
    }
}

#[rstest]
#[case::read(Some(Ok(None)), false)]
#[case::partly_read(Some(Ok(Some("rights"))), true)]
#[case::refused(Some(Err("refused")), true)]
#[case::forgotten(None, true)]
fn gap_of_a_plan_is_what_should_be_known(
    #[case] read: Option<Result<Option<&str>, &str>>,
    #[case] has_gaps: bool,
) {
    let people = |unknown: Option<&str>| Prospect {
        unknown: unknown.map(str::to_owned).into_iter().collect(),
        ..prospect_of_people(&[], 1)
    };
    let read = read.map(|read| read.map(people).map_err(str::to_owned));
    let accounts = vec![(account(&["Root"], "one", "111122223333", "ACTIVE"), read)];
    let plan = OrganizationProspect::of("o-exampleorgid", "arn:aws:iam::1:user/carol", now(), None, accounts);
    assert_eq!(plan.has_gaps(), has_gaps);
}

#[test]
fn plan_says_what_it_lacks() {
    let plan = plan_of_people();
    assert_eq!(plan.unknown(), ["222233334444: whether root has MFA"]);
    let not_read = plan.not_read();
    let accounts: Vec<&str> = not_read.iter().filter_map(|line| Some(line.split_once(": ")?.0)).collect();
    // The users of the first one can sign in.
    assert_eq!(accounts, ["333344445555 bought (Root / Work)", "444455556666 closed (Root / Old)"]);
    assert!(not_read[1].ends_with(": the account is closed"), "{not_read:?}");
}

#[test]
fn json_with_held_hours_fits_its_schema() {
    let file = fs::read_to_string(root().join("docs/organization-plan.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str::<Value>(&file).unwrap()).unwrap();
    let plan = plan(11, Some(1));
    assert!(!plan.held.is_empty());
    let told: Value = serde_json::from_slice(&plan.json()).unwrap();
    let problems: Vec<String> = validator.iter_errors(&told).map(|problem| problem.to_string()).collect();
    assert_eq!(problems, Vec::<String>::new());
}
