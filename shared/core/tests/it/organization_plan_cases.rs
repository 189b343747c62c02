//! What the plan of an organization says of the limit that a hub has for all accounts.

use crate::contract::root;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::digest::ChangeKind;
use mfa_enforcer_core::forecast::{Day, Foreseen, Person, Prospect};
use mfa_enforcer_core::organization::{HeldHour, OrganizationProspect};
use mfa_enforcer_testing::evidence::{prospect_of, prospect_of_people};
use mfa_enforcer_testing::fixtures::{now, user};
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

/// This many hours after midnight.
fn hour(number: i64) -> Timestamp {
    "2026-12-01T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(number)
}

/// The plan of an account with this `MAX_QUARANTINES` up to this hour, where this is expected of its users, by hour.
fn foretold(most: &str, until: i64, users: &[&[(i64, ChangeKind)]]) -> Prospect {
    let mut plan = prospect_of([user("late")], &[("MODE", "enforce"), ("MAX_QUARANTINES", most)], 1);
    let late = plan.users.remove(0);
    let foreseen = |(at, what): &(i64, ChangeKind)| Foreseen {
        at: hour(*at),
        what: *what,
        messages: Vec::new(),
        reason: "expected",
        why: String::new(),
    };
    let mut days: BTreeMap<Date, BTreeMap<&'static str, usize>> = BTreeMap::new();
    for (at, what) in users.iter().copied().flatten() {
        let date = hour(*at).to_zoned_datetime(plan.zone.clone()).date();
        *days.entry(date).or_default().entry(what.code()).or_default() += 1;
    }
    let person = |expected: &&[(i64, ChangeKind)]| Person {
        expected: expected.iter().map(foreseen).collect(),
        ..late.clone()
    };
    plan.users = users.iter().map(person).collect();
    plan.days = days.into_iter().map(|(date, users)| Day { date, users }).collect();
    plan.until = hour(until);
    plan
}

/// These plans under a hub with room for ten in an hour.
fn with_room_for_ten(plans: Vec<Prospect>) -> OrganizationProspect {
    let of = |(number, plan): (usize, Prospect)| {
        (account(&["Root"], "one", &format!("{number:012}"), "ACTIVE"), Some(Ok(plan)))
    };
    let accounts = plans.into_iter().enumerate().map(of).collect();
    OrganizationProspect::of("o-exampleorgid", "arn:aws:iam::1:user/carol", now(), Some(1), accounts)
}

/// How many users this happens to on the first days.
fn on_first_days<const DAYS: usize>(plan: &OrganizationProspect, what: &str) -> [Option<usize>; DAYS] {
    let found = on_days(plan, what);
    std::array::from_fn(|day| found.get(&format!("2026-12-{:02}", day + 1)).copied())
}

/// Two users of an account that lets one begin a day are due a day apart, and the first of them waits for others.
#[rstest]
#[case::begins_the_same_day(23, 60, [Some(231), Some(1), None], [Some(221), Some(1), None])]
#[case::begins_a_day_later(24, 60, [Some(240), Some(1), Some(1)], [Some(231), Some(1), None])]
#[case::plan_ends_before(23, 46, [Some(231), None, None], [Some(221), Some(1), None])]
#[case::plan_ends_in_that_hour(23, 47, [Some(231), Some(1), None], [Some(221), Some(1), None])]
fn who_is_held_delays_the_next_of_their_account(
    #[case] first: i64,
    #[case] until: i64,
    #[case] contained: [Option<usize>; 3],
    #[case] waiting: [Option<usize>; 3],
) {
    let one = [(0, ChangeKind::Contained)];
    let others = foretold("0", until, &vec![one.as_slice(); 10 * usize::try_from(first).unwrap()]);
    let two = foretold("1", until, &[&one, &[(24, ChangeKind::Contained)]]);
    let plan = with_room_for_ten(vec![others, two]);
    assert_eq!(on_first_days(&plan, "contained"), contained);
    assert_eq!(on_first_days(&plan, "waiting"), waiting);
    assert_eq!(plan.held.first().map(|held| held.last), Some(Some(hour(first))));
}

#[rstest]
#[case::on_the_same_day(25, [None, Some(1)])]
#[case::on_the_day_before(20, [Some(1), Some(1)])]
fn who_waits_for_two_limits_is_counted_once_a_day(#[case] waits: i64, #[case] waiting: [Option<usize>; 2]) {
    let due = (30, ChangeKind::Contained);
    let others = foretold("0", 60, &[[due].as_slice(); 10]);
    let late = foretold("1", 60, &[&[(waits, ChangeKind::Waiting), due]]);
    let plan = with_room_for_ten(vec![others, late]);
    assert_eq!(on_first_days(&plan, "waiting"), waiting);
    assert_eq!(on_first_days(&plan, "contained"), [None, Some(11)]);
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
    let accounts: Vec<&str> = not_read.iter().map(|line| line.split_once(": ").unwrap().0).collect();
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
