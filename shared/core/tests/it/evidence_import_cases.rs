//! What of a copy is imported, and for what nothing is.

use crate::contract::root;
use crate::evidence_fixtures::{Bucket, month, records};
use crate::evidence_import_fixtures::{after, imported, planned};
use mfa_enforcer_core::evidence::{
    AccountImport, Act, Copied, Fault, ImportPlan, ImportReport, ImportState, LeftOut, Record, Refusal,
    SignOff, covered, read_json_lines, sha256,
};
use mfa_enforcer_core::organization::{TaggedAccount, Tree};
use mfa_enforcer_testing::evidence::{ACCOUNT, at};
use mfa_enforcer_testing::organizations::account;
use rstest::rstest;
use serde_json::Value;
use std::fs;

const REVIEWED: &str = "evidence/123456789012/reviews/2026-Q4/20261130T090000Z.json";

fn tree() -> Tree {
    let hub =
        TaggedAccount { account: account(&["Root"], "security", "999988887777", "ACTIVE"), tags: [].into() };
    Tree::new("o-exampleorgid".to_owned(), at("30T09:00"), Vec::new(), vec![hub])
}

fn refused(copy: &Bucket) -> Vec<Refusal> {
    planned(copy, &Bucket::new(), None).unwrap_err()
}

/// The month, and a sign-off of its last record.
fn with_review() -> Bucket {
    let mut bucket = month().bucket;
    let key = records(&bucket).pop().unwrap();
    let rows = read_json_lines(&bucket[&key.replace("record.json", "users.jsonl")]).unwrap();
    let mut sign_off =
        SignOff::draft(ACCOUNT, "2026-Q4", "Carol", at("30T09:00"), (&key, &bucket[&key]), &rows);
    for decided in &mut sign_off.decisions {
        "remove".clone_into(&mut decided.decision);
        "TICKET-7".clone_into(&mut decided.reason);
    }
    bucket.insert(REVIEWED.to_owned(), serde_json::to_vec(&sign_off).unwrap());
    bucket
}

fn with_reviews(copy: &Bucket) -> Result<ImportPlan, Vec<Refusal>> {
    ImportPlan::of(Copied::of(ACCOUNT, copy, None, true)?, copy, &Bucket::new())
}

#[test]
fn accounts_of_the_organization_are_left_to_the_hub() {
    let organization = "o-exampleorgid".to_owned();
    assert_eq!(covered("999988887777", &tree()), Some(Refusal::Covered { organization }));
    assert_eq!(covered(ACCOUNT, &tree()), None);
}

#[test]
fn order_is_that_of_the_runs_with_each_record_last() {
    let copy = month().bucket;
    let plan = planned(&copy, &Bucket::new(), None).unwrap();
    let written: Vec<&str> = plan.missing().map(|object| object.key.as_str()).collect();
    let records = written.iter().filter(|key| key.ends_with("/record.json"));
    assert!(records.is_sorted());
    for run in plan.runs() {
        let record: Record = serde_json::from_slice(&copy[&run.record.key]).unwrap();
        let hashes = record.files.iter().map(|file| &file.sha256);
        let mut vouched: Vec<&String> = hashes.chain(record.acts.iter().map(|act| &act.sha256)).collect();
        let mut parts: Vec<&String> = run.parts.iter().map(|part| &part.sha256).collect();
        vouched.sort();
        parts.sort();
        assert_eq!(parts, vouched);
        let place = |key: &str| written.iter().position(|written| *written == key).unwrap();
        assert!(run.parts.iter().all(|part| place(&part.key) < place(&run.record.key)));
    }
}

/// It may be invented, and the chain would stay broken by it.
#[test]
fn what_no_record_vouches_for_is_left_out() {
    let whole = month().bucket;
    let mut copy = whole.clone();
    // What is done on this day after the sweep is in the next record.
    drop(copy.split_off(&format!("evidence/{ACCOUNT}/2026/11/24")));
    let unfinished = format!("evidence/{ACCOUNT}/2026/11/23/20261123T110000000Z-cut-short/users.csv");
    copy.insert(unfinished.clone(), b"x".to_vec());
    let left_out = Copied::of(ACCOUNT, &copy, None, false).unwrap().left_out;
    assert_eq!(left_out, LeftOut { acts: 1, unfinished: 1, reviews: 0 });
    let bucket = imported(&copy, Bucket::new());
    assert!(!bucket.contains_key(&unfinished));
    assert_eq!(imported(&whole, bucket), whole);
}

#[test]
fn copy_without_a_record_is_refused() {
    assert_eq!(refused(&Bucket::new()), [Refusal::NoRecord]);
}

#[test]
fn stray_of_the_copy_is_refused() {
    let mut copy = month().bucket;
    let key = format!("evidence/{ACCOUNT}/notes.txt");
    copy.insert(key.clone(), b"x".to_vec());
    assert_eq!(refused(&copy), [Refusal::Faulty(Fault::Unlisted(key))]);
}

#[test]
fn folder_that_no_enforcer_makes_is_refused() {
    let mut copy = month().bucket;
    let key = format!("evidence/{ACCOUNT}/2026/11/01/20261230T060000000Z-x/users.csv");
    copy.insert(key.clone(), b"x".to_vec());
    assert_eq!(refused(&copy), [Refusal::ForeignKey(key)]);
}

#[test]
fn folder_of_another_account_is_refused() {
    let copy = month().bucket;
    let moved = |key: &String| key.replace(ACCOUNT, "210987654321");
    let copy: Bucket = copy.iter().map(|(key, bytes)| (moved(key), bytes.clone())).collect();
    let refusals = Copied::of("210987654321", &copy, None, false).unwrap_err();
    let misplaced =
        refusals.iter().filter(|refusal| matches!(refusal, Refusal::Faulty(Fault::RecordMisplaced(_))));
    assert_eq!(misplaced.count(), 30);
}

/// Somebody who writes all of it anew can give each hash.
#[test]
fn record_about_another_account_is_refused() {
    let mut copy = month().bucket;
    let key = records(&copy).pop().unwrap();
    let mut record: Record = serde_json::from_slice(&copy[&key]).unwrap();
    record.account.id = "210987654321".to_owned();
    copy.insert(key.clone(), serde_json::to_vec(&record).unwrap());
    assert_eq!(refused(&copy), [Refusal::OtherAccount { key, account: "210987654321".to_owned() }]);
}

#[test]
fn act_about_another_account_is_refused() {
    let mut month = month();
    let (old, mut act) = month
        .bucket
        .iter()
        .filter(|(key, _)| key.contains("/23/acts/20261123T10"))
        .map(|(key, bytes)| (key.clone(), serde_json::from_slice::<Act>(bytes).unwrap()))
        .next()
        .unwrap();
    // Of all objects, only those until then: the record is made anew.
    drop(month.bucket.split_off(&format!("evidence/{ACCOUNT}/2026/11/24")));
    month.bucket.remove(&old);
    act.account = "210987654321".to_owned();
    let bytes = serde_json::to_vec(&act).unwrap();
    let key = format!("{}-{}.json", old.rsplit_once('-').unwrap().0, sha256(&bytes));
    month.bucket.insert(key.clone(), bytes);
    month.remembered = None;
    month.sweep(at("24T06:00"));
    assert_eq!(refused(&month.bucket), [Refusal::OtherAccount { key, account: "210987654321".to_owned() }]);
}

#[test]
fn other_bytes_in_the_bucket_are_a_conflict() {
    let copy = month().bucket;
    let mut bucket = imported(&copy, Bucket::new());
    let key = records(&copy)[4].replace("record.json", "users.csv");
    bucket.get_mut(&key).unwrap().push(b' ');
    assert_eq!(planned(&copy, &bucket, None).unwrap_err(), [Refusal::Conflict(key)]);
}

#[test]
fn bucket_that_is_not_whole_takes_nothing_more() {
    let month = month();
    let mut bucket = imported(&month.bucket, Bucket::new());
    let stray = format!("evidence/{ACCOUNT}/notes.txt");
    bucket.insert(stray.clone(), b"x".to_vec());
    let refusals = planned(&month.bucket, &bucket, None).unwrap_err();
    assert_eq!(refusals, [Refusal::FaultyBucket(Fault::Unlisted(stray))]);
    // What is merely gone is put back.
    let mut bucket = imported(&month.bucket, Bucket::new());
    bucket.remove(&records(&month.bucket)[7]);
    assert_eq!(imported(&month.bucket, bucket), imported(&month.bucket, Bucket::new()));
}

#[test]
fn sign_offs_come_only_if_they_are_asked_for() {
    let copy = with_review();
    let plan = planned(&copy, &Bucket::new(), None).unwrap();
    assert_eq!((plan.reviews().count(), plan.copied.left_out.reviews), (0, 1));
    let plan = with_reviews(&copy).unwrap();
    assert_eq!(plan.missing().last().unwrap().key, REVIEWED);
    assert_eq!(plan.copied.left_out.reviews, 0);
}

#[test]
fn sign_off_without_its_record_is_left_out() {
    let mut copy = with_review();
    let last = records(&copy).pop().unwrap();
    copy.retain(|key, _| !key.starts_with(last.trim_end_matches("record.json")));
    let plan = with_reviews(&copy).unwrap();
    assert_eq!((plan.reviews().count(), plan.copied.left_out.reviews), (0, 1));
}

#[test]
fn bad_sign_off_is_refused() {
    for (from, to, says) in [
        ("2026-Q4", "2026-Q1", "its period is not the one of its place"),
        ("Carol", " ", "it names no reviewer"),
        ("{", "", "it is not a sign-off: line 1, column 15"),
    ] {
        let mut copy = with_review();
        let text = String::from_utf8(copy[REVIEWED].clone()).unwrap();
        copy.insert(REVIEWED.to_owned(), text.replacen(from, to, 1).into_bytes());
        let refusals = with_reviews(&copy).unwrap_err();
        let [Refusal::BadSignOff { key, problem }] = &refusals[..] else { panic!("{refusals:?}") };
        assert_eq!((key.as_str(), problem.as_str()), (REVIEWED, says));
    }
}

#[test]
fn report_fits_its_schema() {
    let file = fs::read_to_string(root().join("docs/import.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&file).unwrap()).unwrap();
    let copy = with_review();
    let waiting = AccountImport::planned(&with_reviews(&copy).unwrap());
    let mut report = ImportReport::of(at("30T12:00"), "arn:aws:iam::999988887777:user/carol", "hub", &tree());
    report.accounts = vec![
        waiting.clone(),
        waiting.clone().after(waiting.objects, None),
        waiting.after(3, Some("s3:PutObject failed".to_owned())),
        AccountImport::refused(ACCOUNT, &refused(&Bucket::new())),
    ];
    let json: Value = serde_json::from_slice(&report.json()).unwrap();
    let errors: Vec<String> = schema.iter_errors(&json).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
    assert!(report.has_problems());
    let state = |account: &Value| account["state"].as_str().unwrap().to_owned();
    let states: Vec<String> = json["accounts"].as_array().unwrap().iter().map(state).collect();
    assert_eq!(states, report.accounts.iter().map(|account| account.state.code()).collect::<Vec<_>>());
}

#[test]
fn report_counts_accounts_by_their_state() {
    let waiting = AccountImport::planned(&planned(&month().bucket, &Bucket::new(), None).unwrap());
    let mut report = ImportReport::of(at("30T12:00"), "arn:aws:iam::999988887777:user/carol", "hub", &tree());
    report.accounts = vec![waiting.clone(), waiting.clone(), waiting.after(3, None)];
    let counted =
        [ImportState::Waiting, ImportState::Imported, ImportState::There].map(|state| report.count(state));
    assert_eq!(counted, [2, 1, 0]);
}

#[test]
fn import_that_failed_says_how_far_it_came() {
    let waiting = AccountImport::planned(&planned(&month().bucket, &Bucket::new(), None).unwrap());
    let says = "s3:PutObject failed";
    let after = |failed: Option<&str>| waiting.clone().after(3, failed.map(str::to_owned));
    let (whole, failed) = (after(None), after(Some(says)));
    assert_eq!((whole.state, whole.written, whole.problems.len()), (ImportState::Imported, 3, 0));
    assert_eq!((failed.state, failed.written), (ImportState::Failed, 3));
    assert_eq!(failed.problems.iter().map(|problem| problem.says.as_str()).collect::<Vec<_>>(), [says]);
}

#[test]
fn account_waits_until_all_of_it_is_there() {
    let copy = month().bucket;
    let state = |there: &Bucket| AccountImport::planned(&planned(&copy, there, None).unwrap()).state;
    assert_eq!(state(&Bucket::new()), ImportState::Waiting);
    assert_eq!(state(&copy), ImportState::There);
}

#[test]
fn records_to_be_written_are_those_that_are_not_there() {
    let copy = month().bucket;
    for there in [Bucket::new(), after(&copy, 40), copy.clone()] {
        let account = AccountImport::planned(&planned(&copy, &there, None).unwrap());
        assert_eq!(account.records, records(&copy).len() - records(&there).len());
        assert_eq!(account.there, there.len());
    }
}

#[test]
fn report_has_problems_if_an_account_has() {
    let waiting = AccountImport::planned(&planned(&month().bucket, &Bucket::new(), None).unwrap());
    let imported = waiting.clone().after(3, None);
    let failed = waiting.after(3, Some("s3:PutObject failed".to_owned()));
    let mut report = ImportReport::of(at("30T12:00"), "arn:aws:iam::999988887777:user/carol", "hub", &tree());
    for (accounts, has_problems) in [
        (vec![], false),
        (vec![imported.clone()], false),
        (vec![failed.clone()], true),
        (vec![imported, failed], true),
    ] {
        report.accounts = accounts;
        assert_eq!(report.has_problems(), has_problems, "{:?}", report.accounts);
    }
}

#[rstest]
#[case::covered(
    Refusal::Covered { organization: "o-exampleorgid".to_owned() },
    "it is in the organization o-exampleorgid",
    "leave it out with --account"
)]
#[case::empty(Refusal::NoRecord, "there is no record of it", "copy all that is below evidence/ACCOUNT")]
#[case::foreign(
    Refusal::ForeignKey("notes.txt".to_owned()),
    "notes.txt is a key that no enforcer writes",
    "find out who put it there"
)]
#[case::conflict(
    Refusal::Conflict(REVIEWED.to_owned()),
    "evidence/123456789012/reviews/2026-Q4/20261130T090000Z.json is in the bucket already",
    "verify the bucket that the copy comes from, and this one"
)]
#[case::fork(
    Refusal::Fork(Fault::Unlisted("notes.txt".to_owned())),
    "it does not continue the chain in the bucket: ",
    "copy the bucket of its stack anew"
)]
fn refused_account_says_why_and_what_to_do(
    #[case] refusal: Refusal,
    #[case] says: &str,
    #[case] advice: &str,
) {
    let account = AccountImport::refused(ACCOUNT, &[refusal]);
    let [problem] = &account.problems[..] else { panic!("{account:?}") };
    assert!(problem.says.contains(says), "{}", problem.says);
    assert!(problem.advice.contains(advice), "{}", problem.advice);
}
