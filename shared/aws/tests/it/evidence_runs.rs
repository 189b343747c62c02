//! Evidence of whole runs: acts of events, records of sweeps, and a bucket that fails at every call.

use crate::sweep_fixtures::{hourly_at, mixed, now as sweep_time, sweep_at};
use jiff::SignedDuration;
use mfa_enforcer_aws::{ErrorKind, Failure, Invocation, Report, handle};
use mfa_enforcer_core::event::Function;
use mfa_enforcer_core::evidence::{Act, HEAD_KEY, Record, sha256, story, verify};
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_testing::account::{Account, SIGN_IN};
use mfa_enforcer_testing::faulty::{Faulty, Trouble, When};
use mfa_enforcer_testing::fixtures::{now, sample, settings, settings_with, user};

/// The acts that are about access.
const OF_ACCESS: [&str; 3] = ["containment", "put-back", "release"];

fn keeping() -> Settings {
    settings_with(&[("EVIDENCE_BUCKET", "evidence")])
}

async fn sign_in<T>(account: &T, settings: &Settings) -> Result<Report, Failure>
where
    T: mfa_enforcer_aws::Directory + mfa_enforcer_aws::Messenger + Sync,
{
    let invocation = Invocation { function: Function::SignIn, settings, now: now(), request_id: "request-1" };
    handle(&sample(SIGN_IN), invocation, account, account).await
}

fn acts(account: &Account) -> Vec<Act> {
    let bucket = account.bucket.lock().unwrap();
    let acts = bucket.iter().filter(|(key, _)| key.contains("/acts/"));
    acts.map(|(_, bytes)| serde_json::from_slice(bytes).unwrap()).collect()
}

fn last_record(account: &Account) -> (Record, String) {
    let bucket = account.bucket.lock().unwrap();
    let (_, bytes) = bucket.iter().rev().find(|(key, _)| key.ends_with("/record.json")).unwrap();
    (serde_json::from_slice(bytes).unwrap(), sha256(bytes))
}

fn digest_findings(account: &Account) -> Vec<String> {
    let digests = account.digests.lock().unwrap();
    let findings = digests.last().unwrap()["accountFindings"]["findings"].as_array().unwrap().clone();
    findings.iter().map(|finding| finding["finding"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn acts_of_an_event_are_written_after_all_notices() {
    let account = Account::with(user("bob"));
    sign_in(&account, &keeping()).await.unwrap();
    let calls = account.calls.lock().unwrap().clone();
    let first_put = calls.iter().position(|call| *call == "put_object").unwrap();
    assert!(calls[first_put..].iter().all(|call| *call == "put_object"), "{calls:?}");
    let story = story(&acts(&account), "AIDAEXAMPLEBOB");
    let [chapter] = &story[..] else { panic!("one episode: {story:?}") };
    assert_eq!(chapter.contained.as_ref().unwrap().cause.as_deref(), Some("sign-in"));
    assert_eq!(chapter.told[0].reached, Some(true));
}

#[tokio::test]
async fn event_does_not_fail_with_its_evidence() {
    for kind in [ErrorKind::Denied, ErrorKind::Throttled] {
        let account = Account::with(user("bob"));
        let count = {
            let healthy = Account::with(user("bob"));
            sign_in(&healthy, &settings()).await.unwrap();
            healthy.calls.lock().unwrap().len()
        };
        let faulty = Faulty::new(&account, count, When::Before, kind);
        let report = sign_in(&faulty, &keeping()).await.unwrap();
        assert!(report.findings.iter().any(|finding| finding.contains("evidence bucket")), "{report:?}");
        assert_eq!(account.to_users.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn what_was_done_before_a_failure_is_evidence_too() {
    let account = Account::with(user("bob"));
    let faulty = Faulty::with(&account, Trouble::Denied("tell_admins".to_owned()));
    sign_in(&faulty, &keeping()).await.unwrap_err();
    assert_eq!(acts(&account)[0].act, "containment");
}

/// Whichever call fails, in whatever way: nobody is said to be contained who is not, and once the retry is through, the acts
/// alone say who was contained, when and why.
#[tokio::test(start_paused = true)]
async fn interrupted_containment_is_told_by_acts_alone() {
    let calls = {
        let healthy = Account::with(user("bob"));
        sign_in(&healthy, &keeping()).await.unwrap();
        let calls = healthy.calls.lock().unwrap();
        calls.iter().filter(|call| **call != "put_object").count()
    };
    for call in 0..calls {
        for when in [When::Before, When::After] {
            for kind in [ErrorKind::Denied, ErrorKind::Throttled] {
                let account = Account::with(user("bob"));
                let faulty = Faulty::new(&account, call, when, kind);
                let first = sign_in(&faulty, &keeping()).await;
                let is_attached = !account.user("bob").attached_policies.is_empty();
                let told = acts(&account).iter().any(|act| OF_ACCESS.contains(&act.act.as_str()));
                assert!(is_attached || !told, "call {call}, {when:?}, {kind:?}: {:?}", acts(&account));
                if first.is_err() {
                    sign_in(&account, &keeping()).await.unwrap();
                }
                let story = story(&acts(&account), "AIDAEXAMPLEBOB");
                let [chapter] = &story[..] else { panic!("one episode: {story:?}") };
                let contained = chapter.contained.as_ref();
                let contained = contained.map(|turn| (turn.cause.as_deref(), turn.actor.as_str()));
                let expected = Some((Some("sign-in"), "user bob"));
                assert_eq!(contained, expected, "call {call}, {when:?}, {kind:?}: {:?}", acts(&account));
                assert_eq!(chapter.put_back, [], "call {call}, {when:?}, {kind:?}: {:?}", acts(&account));
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn containment_that_was_seen_late_is_an_act() {
    let account = Account { lag: 4, ..Account::with(user("bob")) };
    sign_in(&account, &keeping()).await.unwrap_err();
    assert!(acts(&account).iter().all(|act| !OF_ACCESS.contains(&act.act.as_str())));
    sign_in(&account, &keeping()).await.unwrap();
    let acts = acts(&account);
    assert_eq!((acts[0].act.as_str(), acts[0].read_back), ("containment", Some(true)));
    assert_eq!(acts.iter().filter(|act| OF_ACCESS.contains(&act.act.as_str())).count(), 1);
}

/// The same of the guard, which puts a quarantine back.
#[tokio::test(start_paused = true)]
async fn interrupted_put_back_is_told_by_acts_alone() {
    let detached = || {
        let mut user = mfa_enforcer_testing::fixtures::contained(user("alice"));
        user.attached_policies.clear();
        Account::with(user)
    };
    let guard = async |account: &Faulty<'_, Account>| {
        let settings = keeping();
        let invocation = Invocation {
            function: Function::Guard,
            settings: &settings,
            now: now(),
            request_id: "request-1",
        };
        let payload = mfa_enforcer_testing::fixtures::by_administrator("DetachUserPolicy").to_string();
        handle(&payload, invocation, account, account).await
    };
    let calls = {
        let healthy = detached();
        guard(&Faulty::with(&healthy, Trouble::NONE)).await.unwrap();
        let calls = healthy.calls.lock().unwrap();
        calls.iter().filter(|call| **call != "put_object").count()
    };
    for call in 0..calls {
        for when in [When::Before, When::After] {
            let account = detached();
            if guard(&Faulty::new(&account, call, when, ErrorKind::Throttled)).await.is_err() {
                guard(&Faulty::with(&account, Trouble::NONE)).await.unwrap();
            }
            let story = story(&acts(&account), "AIDAEXAMPLEALICE");
            let [chapter] = &story[..] else { panic!("one episode: {story:?}") };
            assert!(!chapter.put_back.is_empty(), "call {call}, {when:?}: {:?}", acts(&account));
            assert_eq!(chapter.contained, None, "call {call}, {when:?}");
        }
    }
}

#[tokio::test]
async fn nothing_is_asked_of_a_bucket_without_its_setting() {
    let account = mixed();
    sweep_at(sweep_time(), &settings(), &account).await.unwrap();
    let calls = account.calls.lock().unwrap();
    assert!(!calls.iter().any(|call| call.ends_with("_object") || call.ends_with("_objects")), "{calls:?}");
}

#[tokio::test]
async fn daily_sweeps_write_a_chain_whose_end_is_in_the_digest() {
    let (account, settings) = (mixed(), keeping());
    for day in 0..4 {
        let now = sweep_time() + SignedDuration::from_hours(24 * day);
        let report = sweep_at(now, &settings, &account).await.unwrap();
        let (record, hash) = last_record(&account);
        assert_eq!(report.sweep.unwrap().evidence.as_deref(), Some(hash.as_str()));
        assert_eq!(account.digests.lock().unwrap().last().unwrap()["evidence"]["sha256"], hash);
        assert_eq!(account.alerts_tags.lock().unwrap()[HEAD_KEY], format!("{hash} evidence"));
        assert_eq!(record.figures.users, account.users.lock().unwrap().len());
        assert!(record.sources[2].as_of.is_some());
    }
    let (_, hash) = last_record(&account);
    let found = verify(&*account.bucket.lock().unwrap(), Some(&hash));
    assert_eq!((found.records, found.faults, found.acts_to_come), (4, Vec::new(), 0));
}

#[tokio::test]
async fn hourly_sweep_writes_acts_and_no_record() {
    let account = mixed();
    hourly_at(sweep_time(), &keeping(), &account).await.unwrap();
    let bucket = account.bucket.lock().unwrap();
    assert!(!bucket.is_empty() && bucket.keys().all(|key| key.contains("/acts/")), "{:?}", bucket.keys());
}

#[tokio::test]
async fn devices_that_only_the_user_lists_are_in_the_record() {
    let account = Account::of([mfa_enforcer_testing::fixtures::compliant()]);
    sweep_at(sweep_time(), &keeping(), &account).await.unwrap();
    let bucket = account.bucket.lock().unwrap();
    let (_, rows) = bucket.iter().find(|(key, _)| key.ends_with("/users.jsonl")).unwrap();
    assert!(String::from_utf8_lossy(rows).contains("\"security-key-or-passkey\",\"enrolled\":\"2026-"));
}

/// Any call to the bucket fails, in any way: the sweep does the rest, says so, and the next one goes on with the chain.
#[tokio::test(start_paused = true)]
async fn sweep_fails_nothing_else_with_its_evidence() {
    let settings = keeping();
    for call in ["put_object", "list_objects", "get_object"] {
        for denied in [true, false] {
            let account = mixed();
            sweep_at(sweep_time(), &settings, &account).await.unwrap();
            let day = |days: i64| sweep_time() + SignedDuration::from_hours(24 * days);
            let trouble = if denied { call } else { "none" };
            let faulty = Faulty::with(&account, Trouble::Denied(trouble.to_owned()));
            account.calls.lock().unwrap().clear();
            let report = sweep_at(day(1), &settings, &faulty).await.unwrap();
            let findings = digest_findings(&account);
            assert_eq!(findings.contains(&"evidence-unwritten".to_owned()), denied, "{call}: {findings:?}");
            assert_eq!(report.sweep.unwrap().evidence.is_none(), denied, "{call}");
            sweep_at(day(2), &settings, &account).await.unwrap();
            let (_, hash) = last_record(&account);
            let found = verify(&*account.bucket.lock().unwrap(), Some(&hash));
            assert_eq!(found.faults, [], "{call}");
            assert!(!digest_findings(&account).contains(&"evidence-changed".to_owned()), "{call}");
        }
    }
}

#[tokio::test]
async fn changed_record_is_critical_in_the_next_digest() {
    let (account, settings) = (mixed(), keeping());
    sweep_at(sweep_time(), &settings, &account).await.unwrap();
    let (record, _) = last_record(&account);
    account.bucket.lock().unwrap().get_mut(&record.key).unwrap().push(b' ');
    sweep_at(sweep_time() + SignedDuration::from_hours(24), &settings, &account).await.unwrap();
    assert!(digest_findings(&account).contains(&"evidence-changed".to_owned()));
    assert_eq!(account.digests.lock().unwrap().last().unwrap()["severity"], "critical");
}

/// A sweep that fails while its record is written leaves files that belong to none.
#[tokio::test(start_paused = true)]
async fn sweep_without_its_record_is_unfinished() {
    let (account, settings) = (mixed(), keeping());
    let healthy = mixed();
    let faulty = Faulty::with(&healthy, Trouble::NONE);
    sweep_at(sweep_time(), &settings, &faulty).await.unwrap();
    // The record is the last object.
    let last = faulty.calls().iter().rposition(|call| call == "put_object").unwrap();
    let faulty = Faulty::new(&account, last, When::Before, ErrorKind::Denied);
    sweep_at(sweep_time(), &settings, &faulty).await.unwrap();
    assert!(digest_findings(&account).contains(&"evidence-unwritten".to_owned()));
    sweep_at(sweep_time() + SignedDuration::from_hours(24), &settings, &account).await.unwrap();
    let (_, hash) = last_record(&account);
    let found = verify(&*account.bucket.lock().unwrap(), Some(&hash));
    assert_eq!((found.records, found.faults, found.unfinished.len()), (1, Vec::new(), 1));
    assert!(!digest_findings(&account).contains(&"evidence-changed".to_owned()));
}

/// The next sweep takes only a record for ours that was announced.
#[tokio::test]
async fn record_that_cannot_be_announced_is_not_written() {
    let (account, settings) = (mixed(), keeping());
    let faulty = Faulty::with(&account, Trouble::Denied("set_alerts_tag".to_owned()));
    drop(sweep_at(sweep_time(), &settings, &faulty).await);
    assert!(digest_findings(&account).contains(&"evidence-unwritten".to_owned()));
    assert!(account.bucket.lock().unwrap().keys().all(|key| key.contains("/acts/")));
}

#[tokio::test(start_paused = true)]
async fn changed_record_is_told_until_a_digest_went_out() {
    let (account, settings) = (mixed(), keeping());
    sweep_at(sweep_time(), &settings, &account).await.unwrap();
    let (record, _) = last_record(&account);
    account.bucket.lock().unwrap().get_mut(&record.key).unwrap().push(b' ');
    let day = |days: i64| sweep_time() + SignedDuration::from_hours(24 * days);
    for tries in 1..3 {
        let faulty = Faulty::with(&account, Trouble::Denied("tell_admins".to_owned()));
        sweep_at(day(tries), &settings, &faulty).await.unwrap_err();
        assert_eq!(account.digests.lock().unwrap().len(), 1);
    }
    sweep_at(day(3), &settings, &account).await.unwrap();
    assert!(digest_findings(&account).contains(&"evidence-changed".to_owned()));
    sweep_at(day(4), &settings, &account).await.unwrap();
    assert!(!digest_findings(&account).contains(&"evidence-changed".to_owned()));
}

#[tokio::test]
async fn digest_says_since_when_no_review_was_signed() {
    let account = mixed();
    let settings = settings_with(&[("EVIDENCE_BUCKET", "evidence"), ("REVIEW_PERIOD", "quarter")]);
    sweep_at(sweep_time(), &settings, &account).await.unwrap();
    assert!(digest_findings(&account).contains(&"review-open".to_owned()));
    let key = "evidence/123456789012/reviews/2026-Q3/20261001T100000Z.json".to_owned();
    account.bucket.lock().unwrap().insert(key, b"{}".to_vec());
    sweep_at(sweep_time() + SignedDuration::from_hours(24), &settings, &account).await.unwrap();
    assert!(!digest_findings(&account).contains(&"review-open".to_owned()));
}
