//! Runs of an organization: names, keys, plans, results, and that one collector tells.

use crate::organization_fixtures::{HOUR, MANAGEMENT, daily, id, plan_of, swept};
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::digest::{ChangeKind, Digest, Memory, SweepResult};
use mfa_enforcer_core::event::SweepKind;
use mfa_enforcer_core::organization::{
    AccountResult, AfterFailure, Claim, ClaimState, Claimed, Collecting, SweepPlan, SweepRun, collect,
    is_final, ledger_json, ledger_key, memory_after_result, read_ledger,
};
use mfa_enforcer_core::snapshot::RootMfa;
use mfa_enforcer_testing::digests::{
    crowded, digest, full, observed, overdue, quiet, user_change, yesterday,
};
use mfa_enforcer_testing::fixtures::now;
use mfa_enforcer_testing::organizations::account;
use proptest::prelude::*;
use rstest::rstest;
use std::collections::BTreeMap;
use strum::IntoEnumIterator;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

fn two() -> SweepPlan {
    plan_of(vec![
        account(&["Root"], "production", &id(1), "ACTIVE"),
        account(&["Root"], "staging", &id(2), "ACTIVE"),
        account(&["Root"], "closed", &id(3), "SUSPENDED"),
        account(&["Root"], "production", &id(1), "ACTIVE"),
    ])
}

#[test]
fn runs_that_are_looked_for_are_those_of_the_last_hours() {
    let names = |runs: Vec<SweepRun>| runs.iter().map(ToString::to_string).collect::<Vec<_>>();
    let at = at("2026-11-28T02:30:00Z");
    assert_eq!(
        names(SweepRun::latest(SweepKind::Hourly, at).collect()),
        ["2026-11-28T02", "2026-11-28T01", "2026-11-28T00", "2026-11-27T23"]
    );
    let daily = names(SweepRun::latest(SweepKind::Daily, at).collect());
    assert_eq!((daily.len(), &*daily[0], &*daily[26]), (27, "2026-11-28T02-daily", "2026-11-27T00-daily"));
    let unfinished = names(SweepRun::unfinished(at).collect());
    assert_eq!(unfinished, daily[1..7], "not the one that is under way");
}

#[rstest]
#[case(SweepKind::Hourly, "2026-11-28T09:00:00Z", "2026-11-28T09")]
#[case::late(SweepKind::Hourly, "2026-11-28T09:59:59.9Z", "2026-11-28T09")]
#[case(SweepKind::Daily, "2026-11-28T09:05:00Z", "2026-11-28T09-daily")]
#[case::before_the_epoch(SweepKind::Daily, "1969-12-31T23:59:59Z", "1969-12-31T23-daily")]
fn run_is_called_by_its_hour(#[case] kind: SweepKind, #[case] due: &str, #[case] name: &str) {
    let run = SweepRun::of(kind, at(due));
    assert_eq!(run.to_string(), name);
    assert_eq!(SweepRun::parse(name), Ok(run));
}

#[rstest]
#[case("")]
#[case("2026-11-28")]
#[case("2026-11-28T09:00")]
#[case("2026-11-28T9")]
#[case("2026-11-28T25")]
#[case("2026-11-28T09-weekly")]
#[case("2026-11-28t09")]
#[case("../2026-11-28T09")]
fn other_names_are_refused(#[case] name: &str) {
    assert!(SweepRun::parse(name).unwrap_err().contains("2026-11-28T09-daily"));
}

#[test]
fn keys_lie_in_the_folder_of_the_run() {
    let run = SweepRun::parse("2026-11-28T09-daily").unwrap();
    let folder = "organization/runs/2026-11-28T09-daily";
    assert_eq!(run.plan_key(), format!("{folder}/plan.json"));
    assert_eq!(run.told_key(), format!("{folder}/told.json"));
    assert_eq!(run.result_key("111122223333"), format!("{folder}/accounts/111122223333.json"));
    assert_eq!(run.attempt_key("111122223333"), format!("{folder}/attempts/111122223333.json"));
    assert_eq!(run.account_of(&run.result_key("111122223333")), Some("111122223333"));
    assert_eq!(run.account_of(&run.attempt_key("111122223333")), Some("111122223333"));
    for other in [run.plan_key(), run.result_key("x"), run.result_key("111122223333.json"), String::new()] {
        assert_eq!(run.account_of(&other), None, "{other}");
    }
    assert_eq!(ledger_key("111122223333"), "organization/ledger/111122223333.json", "no run ends it");
}

#[test]
fn plan_has_every_account_once_and_reads_back() {
    let plan = two();
    assert_eq!(plan.asked_accounts().map(|account| account.id.clone()).collect::<Vec<_>>(), [id(1), id(2)]);
    let closed = plan.accounts.iter().find(|account| account.id == id(3)).unwrap();
    assert_eq!(closed.not_in_use.as_deref(), Some("the account is suspended"));
    assert_eq!(SweepPlan::read(&plan.json(), &daily()), Ok(plan));
}

#[test]
fn management_account_is_in_the_plan_and_is_not_asked() {
    let plan = plan_of(vec![
        account(&["Root"], "management", MANAGEMENT, "ACTIVE"),
        account(&["Root"], "staging", &id(2), "ACTIVE"),
    ]);
    assert_eq!(plan.asked_accounts().map(|account| account.id.clone()).collect::<Vec<_>>(), [id(2)]);
    let read = SweepPlan::read(&plan.json(), &daily()).unwrap();
    assert_eq!(read.accounts.iter().filter(|account| account.is_management).count(), 1);
    assert_eq!(collect(&plan, [id(2).as_str()], now(), HOUR), Collecting::Report { missing: 0 });
}

#[rstest]
#[case::no_json(b"{".to_vec(), "cannot be read")]
#[case::other_run(SweepPlan { run: "2026-11-28T09".to_owned(), ..two() }.json(), "of another run")]
#[case::later(SweepPlan { schema_version: "2.0".to_owned(), ..two() }.json(), "of a later version")]
#[case::twice(SweepPlan { accounts: [two().accounts, two().accounts].concat(), ..two() }.json(), "twice")]
fn plan_that_cannot_be_right_is_refused(#[case] bytes: Vec<u8>, #[case] why: &str) {
    let error = SweepPlan::read(&bytes, &daily()).unwrap_err();
    assert!(error.contains(why), "{error}");
}

#[rstest]
#[case::full(full())]
#[case::crowded(crowded())]
#[case::observed(observed())]
#[case::quiet(quiet())]
fn result_reads_back_and_is_small(#[case] digest: Digest) {
    let (account, result) = swept(&id(1), &digest);
    let result = result.unwrap();
    let bytes = result.json();
    assert!(bytes.len() < 300_000, "{}", bytes.len());
    assert_eq!(AccountResult::read(&bytes, &daily(), &account), Ok(result));
}

#[test]
fn failure_reads_back() {
    let failure = AccountResult::not_covered(&daily(), &id(1), "refused\n\u{202E}", now());
    let read = AccountResult::read(&failure.json(), &daily(), &id(1)).unwrap();
    assert_eq!(read, failure);
    assert!(read.found().is_none() && String::from_utf8(read.json()).unwrap().contains("refused??"));
    assert_eq!(read.not_swept(), Some("refused??"));
}

#[test]
fn account_that_was_read_has_no_reason_why_not() {
    let result = AccountResult::swept(&daily(), &quiet());
    assert!(result.found().is_some() && result.not_swept().is_none());
}

/// A sweep that did this to bob.
fn did(what: ChangeKind) -> SweepResult {
    SweepResult { users: vec![user_change(&overdue("bob", 1), what)], ..SweepResult::default() }
}

#[rstest]
#[case::nothing_to_do(SweepResult::default(), true)]
#[case::all_done(did(ChangeKind::Contained), true)]
#[case::refused_for_good(did(ChangeKind::Refused), true)]
#[case::user_failed(did(ChangeKind::Failed), false)]
#[case::something_else_failed(
    SweepResult { failures: vec!["sns:ListTopics".to_owned()], ..did(ChangeKind::Contained) },
    false
)]
#[case::no_time_left(
    SweepResult { remaining: vec!["carol".to_owned()], ..did(ChangeKind::Contained) },
    false
)]
fn sweep_is_over_once_nothing_is_to_be_tried_again(#[case] result: SweepResult, #[case] is_over: bool) {
    assert_eq!(is_final(&Digest { result, ..quiet() }), is_over);
}

#[test]
fn codes_in_results_are_those_of_digests() {
    for mfa in RootMfa::iter() {
        assert_eq!(serde_json::to_value(mfa).unwrap(), mfa.code());
    }
    for what in [ChangeKind::Failed, ChangeKind::StaysContained, ChangeKind::Waiting, ChangeKind::Told] {
        assert_eq!(serde_json::to_value(what).unwrap(), what.code());
    }
}

#[test]
fn most_urgent_people_are_in_a_result() {
    let many = (0..300).map(|number| overdue(&format!("user{number:03}"), 1));
    let failed = overdue("zoe", 1);
    let users = vec![user_change(&failed, ChangeKind::Failed)];
    let statuses = many.map(mfa_enforcer_testing::digests::contained).chain([failed]).collect();
    let result = SweepResult { users, ..SweepResult::default() };
    let (_, result) = swept(&id(1), &Digest { result, ..digest(statuses) });
    let result = result.unwrap();
    let people = &result.found().unwrap().people;
    assert_eq!((people.count, people.listed.len(), people.listed[0].name.as_str()), (301, 100, "zoe"));
}

#[rstest]
#[case::no_json(b"[]".to_vec(), "cannot be read")]
#[case::nothing(Vec::new(), "cannot be read")]
#[case::later(changed("\"1.0\"", "\"2.0\""), "has the form 2.0")]
#[case::other_account(changed(&id(1), &id(2)), "is that of account")]
#[case::other_run(changed("-daily", ""), "in the run 2026-11-24T")]
#[case::negative(changed("\"users\":", "\"users\":-"), "figures.users")]
fn result_that_cannot_be_right_is_refused(#[case] bytes: Vec<u8>, #[case] why: &str) {
    let error = AccountResult::read(&bytes, &daily(), &id(1)).unwrap_err();
    assert!(error.contains(why), "{error}");
}

/// A result in which something is changed.
fn changed(from: &str, to: &str) -> Vec<u8> {
    let json = String::from_utf8(swept(&id(1), &full()).1.unwrap().json()).unwrap();
    assert!(json.contains(from), "{json}");
    json.replacen(from, to, 1).into_bytes()
}

#[test]
fn late_result_leaves_its_news_for_the_next_digest() {
    let before = yesterday();
    let in_time = memory_after_result(&full(), Some(&before), true);
    assert_eq!(in_time, Memory::after_digest(&full(), Some(&before)));
    let late = memory_after_result(&full(), Some(&before), false);
    assert!(late.owed && late.digest == before.digest);
}

#[rstest]
#[case::nobody(&[], 59, Some(2))]
#[case::some(&[1], 59, Some(1))]
#[case::a_stranger(&[1, 9], 59, Some(1))]
#[case::twice(&[1, 1], 59, Some(1))]
#[case::all(&[2, 1], 0, None)]
#[case::not_in_use_does_not_matter(&[1, 2, 3], 0, None)]
#[case::time_is_up(&[1], 60, None)]
fn collector_waits_for_all_until_the_time_is_up(
    #[case] reported: &[usize],
    #[case] minutes: i64,
    #[case] waits_for: Option<usize>,
) {
    let (plan, reported) = (two(), reported.iter().map(|number| id(*number)).collect::<Vec<_>>());
    let now = plan.asked + MINUTE * i32::try_from(minutes).unwrap();
    match collect(&plan, reported.iter().map(String::as_str), now, HOUR) {
        Collecting::Wait { missing, last, until } => {
            assert_eq!((Some(missing), until), (waits_for, plan.asked + HOUR));
            assert!(last == id(2) && !reported.contains(&id(2)), "{last}");
        }
        Collecting::Report { .. } => assert_eq!(waits_for, None),
    }
}

#[test]
fn organization_without_accounts_is_reported_at_once() {
    assert_eq!(collect(&plan_of(Vec::new()), [], now(), HOUR), Collecting::Report { missing: 0 });
}

#[test]
fn claim_keeps_others_away_until_it_expires() {
    let first = Claim::first("one", now());
    let later = |minutes| now() + MINUTE * minutes;
    let expires = later(20);
    assert_eq!(Claim::after(&first.json(), "two", later(1)), Claimed::ByAnother(expires));
    let Claimed::TakeOver(second) = Claim::after(&first.json(), "two", expires) else { panic!() };
    assert_eq!((second.by.as_str(), second.attempt, second.state), ("two", 2, ClaimState::Telling));
    assert!(matches!(Claim::after(&first.json(), "one", later(1)), Claimed::TakeOver(_)));
}

#[test]
fn told_is_told_for_ever_and_failed_is_tried_at_once() {
    let first = Claim::first("one", now());
    let told = first.ended(true, now());
    assert_eq!(Claim::after(&told.json(), "two", now() + HOUR * 1000), Claimed::Told);
    let failed = first.mailed().ended(false, now());
    let Claimed::TakeOver(second) = Claim::after(&failed.json(), "two", now()) else { panic!() };
    assert!(second.mailed, "nobody gets the mail twice");
    assert!(!second.published);
    let failed = first.mailed().published().ended(false, now());
    let Claimed::TakeOver(third) = Claim::after(&failed.json(), "two", now()) else { panic!() };
    assert!(third.mailed && third.published, "nor the digest of the alerts topic");
}

#[rstest]
fn claim_says_when_it_ended(#[values(true, false)] told: bool) {
    let ended = Claim::first("one", now()).ended(told, now() + MINUTE);
    assert_eq!((ended.by.as_str(), ended.at), ("one", now() + MINUTE));
}

#[test]
fn ledger_is_read_as_it_was_written() {
    let notes = BTreeMap::from([("mfa-enforcer:root-notified".to_owned(), "2026-11-24".to_owned())]);
    assert_eq!(read_ledger(&ledger_json(&notes)), Some(notes));
    assert_eq!(read_ledger(b"[]"), None);
}

#[test]
fn claim_that_cannot_be_true_keeps_nobody_away() {
    let in_future = Claim::first("one", now() + HOUR * 24);
    for found in [in_future.json(), b"{}".to_vec(), Vec::new()] {
        assert!(matches!(Claim::after(&found, "two", now()), Claimed::TakeOver(_)));
    }
}

/// An object in a bucket with conditional writes.
#[derive(Default)]
struct Bucket {
    object: Option<Vec<u8>>,
    version: u32,
}

impl Bucket {
    fn put(&mut self, bytes: Vec<u8>, expected: Option<u32>) -> bool {
        let is_so = self.object.as_ref().map(|_| self.version) == expected;
        if is_so {
            self.object = Some(bytes);
            self.version += 1;
        }
        is_so
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Collectors read and write in any order, and any of them dies with the claim in its hand.
    #[test]
    fn of_all_collectors_at_one_time_one_tells(
        turns in prop::collection::vec((0_usize..4, 0_i32..30, any::<bool>()), 1..40),
    ) {
        let mut bucket = Bucket::default();
        let mut held: [Option<(Claim, u32)>; 4] = [const { None }; 4];
        let (mut clock, mut told) = (now(), 0);
        for (who, minutes, dies) in turns {
            clock += MINUTE * minutes;
            // No function runs for longer than this.
            for claim in &mut held {
                claim.take_if(|(claim, _)| clock - claim.at > MINUTE * 15);
            }
            if let Some((claim, version)) = held[who].take() {
                if !dies && bucket.put(claim.ended(true, clock).json(), Some(version)) {
                    told += 1;
                }
                continue;
            }
            let by = format!("{who}-{clock}");
            let (claim, expected) = match &bucket.object {
                None => (Claim::first(&by, clock), None),
                Some(found) => match Claim::after(found, &by, clock) {
                    Claimed::TakeOver(claim) => (claim, Some(bucket.version)),
                    Claimed::Told | Claimed::ByAnother(_) => continue,
                },
            };
            if bucket.put(claim.json(), expected) {
                held[who] = Some((claim, bucket.version));
            }
            prop_assert!(held.iter().flatten().count() <= 1);
        }
        prop_assert!(told <= 1);
    }
}

/// An account without a role would fill the queue of dead letters otherwise, hour after hour.
#[rstest]
#[case::refused_daily(SweepKind::Daily, false, AfterFailure::Report)]
#[case::throttled_daily(SweepKind::Daily, true, AfterFailure::LeaveAttempt)]
#[case::refused_hourly(SweepKind::Hourly, false, AfterFailure::LeaveToNext)]
#[case::throttled_hourly(SweepKind::Hourly, true, AfterFailure::TryAgain)]
fn hourly_sweep_leaves_to_the_daily_one_what_no_retry_can_help(
    #[case] kind: SweepKind,
    #[case] is_transient: bool,
    #[case] expected: AfterFailure,
) {
    assert_eq!(AfterFailure::of(kind, is_transient), expected);
}
