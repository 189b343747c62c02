//! Whether changes of records show: each byte, each object, in every place.

use crate::evidence_fixtures::{Bucket, month, record, records};
use jiff::SignedDuration;
use mfa_enforcer_core::evidence::{Fault, Link, Verification, verify};
use mfa_enforcer_testing::evidence::{Evidence, at};

fn look(evidence: &Evidence, bucket: &Bucket) -> Verification {
    verify(bucket, evidence.head.as_ref().map(|head| head.sha256.as_str()))
}

#[test]
fn thirty_days_are_whole() {
    let month = month();
    let found = look(&month, &month.bucket);
    assert_eq!(found.faults, []);
    assert_eq!((found.records, found.span), (30, Some((at("01T06:00"), at("30T06:00")))));
    assert_eq!(found.starts, [(records(&month.bucket)[0].clone(), "first".to_owned())]);
    assert!(found.acts > 20 && found.head == month.head);
}

#[test]
fn changed_byte_names_record_and_file() {
    let month = month();
    for file in ["users.jsonl", "users.csv"] {
        for record in records(&month.bucket).into_iter().step_by(9) {
            let key = record.replace("record.json", file);
            let mut bucket = month.bucket.clone();
            let bytes = bucket.get_mut(&key).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            let fault = Fault::FileChanged { record, file: file.to_owned() };
            assert_eq!(look(&month, &bucket).faults, [fault]);
        }
    }
}

#[test]
fn any_changed_byte_of_a_record_names_it() {
    let month = month();
    let keys = records(&month.bucket);
    let (tenth, next) = (&keys[9], &keys[10]);
    let length = month.bucket[tenth].len();
    for index in (0..length).step_by(397) {
        let mut bucket = month.bucket.clone();
        bucket.get_mut(tenth).unwrap()[index] ^= 1;
        let faults = look(&month, &bucket).faults;
        let fault = Fault::RecordChanged { record: tenth.clone(), next: next.clone() };
        assert!(faults.contains(&fault), "byte {index}: {faults:?}");
    }
}

#[test]
fn changed_byte_of_an_act_names_it() {
    let month = month();
    for key in month.bucket.keys().filter(|key| key.contains("/acts/")) {
        let mut bucket = month.bucket.clone();
        bucket.get_mut(key).unwrap()[20] ^= 1;
        assert_eq!(look(&month, &bucket).faults, [Fault::ActChanged(key.clone())]);
    }
}

#[test]
fn each_missing_object_is_named() {
    let month = month();
    let keys = records(&month.bucket);
    for key in month.bucket.keys() {
        let mut bucket = month.bucket.clone();
        bucket.remove(key);
        let found = look(&month, &bucket);
        let text = found.faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        if *key == keys[0] {
            // As if it had expired.
            assert_eq!(found.begins_after.unwrap().key, *key);
        } else if *key == keys[29] {
            assert!(
                matches!(found.faults.last(), Some(Fault::HeadNotFound { last: Some(last), .. }) if *last == keys[28]),
                "{text}"
            );
        } else {
            let name = key.rsplit('/').next().unwrap();
            assert!(text.contains(key) || text.contains(&format!("{name} is gone")), "{key}: {text}");
        }
    }
}

/// The lifecycle of the bucket removes a day at a time.
#[test]
fn expired_days_are_no_faults() {
    let month = month();
    for day in 1..30 {
        let mut bucket = month.bucket.clone();
        bucket.retain(|key, _| *key > format!("evidence/123456789012/2026/11/{:02}", day + 1));
        let found = look(&month, &bucket);
        assert_eq!(found.faults, [], "day {day}");
        // An act of day 23 is in the record of day 24.
        assert_eq!(found.acts_expired, usize::from(day == 23), "day {day}");
    }
    // While the record before is there, nothing has expired.
    let mut bucket = month.bucket.clone();
    let key = bucket.keys().find(|key| key.contains("/23/acts/20261123T10")).unwrap().clone();
    bucket.remove(&key);
    assert_eq!(look(&month, &bucket).faults.len(), 1);
    // What is removed of the day of the record itself has not expired either.
    let mut bucket = month.bucket.clone();
    bucket.retain(|key, _| key.as_str() > "evidence/123456789012/2026/11/11");
    let act = bucket.keys().find(|key| key.contains("/11/acts/")).unwrap().clone();
    bucket.remove(&act);
    assert!(matches!(&look(&month, &bucket).faults[..], [Fault::ActMissing { .. }]));
}

#[test]
fn unfinished_sweep_is_told_and_no_fault() {
    let mut month = month();
    let folder = "evidence/123456789012/2026/11/30/20261130T070000000Z-cut-short/";
    for file in ["users.jsonl", "users.csv", "report.html"] {
        month.bucket.insert(format!("{folder}{file}"), b"x".to_vec());
        let found = look(&month, &month.bucket);
        assert_eq!((found.faults, found.unfinished), (Vec::new(), vec![folder.to_owned()]));
    }
    let more = format!("{folder}more.txt");
    month.bucket.insert(more.clone(), b"x".to_vec());
    assert_eq!(look(&month, &month.bucket).faults, [Fault::Unlisted(more)]);
}

#[test]
fn each_of_several_missing_records_is_counted() {
    let month = month();
    let keys = records(&month.bucket);
    let mut bucket = month.bucket.clone();
    for gone in &keys[9..12] {
        bucket.retain(|key, _| !key.starts_with(gone.trim_end_matches("record.json")));
    }
    let expected = [
        Fault::RecordMissing { record: keys[11].clone(), next: keys[12].clone() },
        Fault::RecordsMissing { record: keys[8].clone(), next: keys[12].clone(), missing: 3 },
    ];
    let mut faults = look(&month, &bucket).faults;
    faults.retain(|fault| !matches!(fault, Fault::ActUnlisted(_)));
    assert_eq!(faults, expected);
}

#[test]
fn one_missing_record_is_named_by_the_next_one_alone() {
    let mut month = month();
    let keys = records(&month.bucket);
    let folder = keys[9].trim_end_matches("record.json");
    month.bucket.retain(|key, _| !key.starts_with(folder));
    let mut faults = look(&month, &month.bucket).faults;
    faults.retain(|fault| !matches!(fault, Fault::ActUnlisted(_)));
    assert_eq!(faults, [Fault::RecordMissing { record: keys[9].clone(), next: keys[10].clone() }]);
}

/// A key has milliseconds, and the time in the record may have more.
#[test]
fn missing_records_are_told_apart_to_the_millisecond() {
    let mut month = month();
    for micros in [500, 1000, 2000] {
        month.sweep(at("30T07:00") + SignedDuration::from_micros(micros));
    }
    month.sweep(at("30T08:00"));
    let keys = records(&month.bucket);
    for gone in &keys[31..33] {
        let folder = gone.trim_end_matches("record.json");
        month.bucket.retain(|key, _| !key.starts_with(folder));
    }
    let expected = [
        Fault::RecordMissing { record: keys[32].clone(), next: keys[33].clone() },
        Fault::RecordsMissing { record: keys[30].clone(), next: keys[33].clone(), missing: 2 },
    ];
    assert_eq!(look(&month, &month.bucket).faults, expected);
}

/// Somebody who writes the last record anew can give each hash.
#[test]
fn figures_that_are_not_those_of_the_rows_show() {
    let mut month = month();
    let key = records(&month.bucket).pop().unwrap();
    let mut last = record(&month.bucket, &key);
    last.figures.with_mfa += 1;
    month.bucket.insert(key.clone(), serde_json::to_vec(&last).unwrap());
    assert_eq!(verify(&month.bucket, None).faults, [Fault::FiguresWrong(key)]);
}

#[test]
fn faults_have_stable_names() {
    let key = String::new;
    let names = [
        (Fault::RecordUnreadable(key()), "record-unreadable"),
        (Fault::RecordMisplaced(key()), "record-misplaced"),
        (Fault::RecordChanged { record: key(), next: key() }, "record-changed"),
        (Fault::RecordMissing { record: key(), next: key() }, "record-missing"),
        (Fault::RecordsMissing { record: key(), next: key(), missing: 2 }, "records-missing"),
        (Fault::RecordBesideChain { record: key(), beside: key() }, "record-beside-chain"),
        (Fault::RecordNotInChain { record: key(), next: key() }, "record-not-in-chain"),
        (Fault::StartsAnew(key()), "starts-anew"),
        (Fault::FoundAnother(key()), "found-another"),
        (Fault::FiguresWrong(key()), "figures-wrong"),
        (Fault::FileChanged { record: key(), file: key() }, "file-changed"),
        (Fault::FileMissing { record: key(), file: key() }, "file-missing"),
        (Fault::Unlisted(key()), "unlisted"),
        (Fault::ActChanged(key()), "act-changed"),
        (Fault::ActMissing { act: key(), record: key() }, "act-missing"),
        (Fault::ActUnlisted(key()), "act-unlisted"),
        (Fault::HeadNotFound { head: key(), last: None }, "head-not-found"),
        (Fault::HeadNotLast { record: key(), later: 1 }, "head-not-last"),
    ];
    for (fault, name) in names {
        assert_eq!(fault.code(), name);
    }
}

#[test]
fn record_beside_the_chain_is_named_as_such() {
    let mut month = month();
    let (before, remembered) = (month.bucket.clone(), month.remembered.clone());
    month.sweep(at("30T07:00"));
    let beside = month.bucket.clone();
    month.bucket = before;
    month.remembered = remembered;
    month.sweep(at("30T07:01"));
    month.sweep(at("30T08:00"));
    month.bucket.extend(beside);
    let keys = records(&month.bucket);
    let fault = Fault::RecordBesideChain { record: keys[30].clone(), beside: keys[31].clone() };
    assert_eq!(look(&month, &month.bucket).faults, [fault]);
}

/// Somebody who may write to the bucket follows the record that is remembered with one of their own.
#[test]
fn added_record_shows_in_the_next_one() {
    let mut month = month();
    let mut forger = month.clone();
    forger.sweep(at("30T07:00"));
    month.bucket = forger.bucket;
    assert!(month.before().is_not_ours());
    month.sweep(at("30T08:00"));
    let key = records(&month.bucket).pop().unwrap();
    assert_eq!(look(&month, &month.bucket).faults, [Fault::FoundAnother(key)]);
}

#[test]
fn folder_of_a_console_is_nothing() {
    let mut month = month();
    let folder = "evidence/123456789012/reviews/2026-Q4/".to_owned();
    month.bucket.insert(folder.clone(), Vec::new());
    assert_eq!(look(&month, &month.bucket).faults, []);
    month.bucket.insert(folder.clone(), b"x".to_vec());
    assert_eq!(look(&month, &month.bucket).faults, [Fault::Unlisted(folder)]);
}

#[test]
fn act_that_nobody_listed_shows() {
    let month = month();
    let act = month.bucket.keys().find(|key| key.contains("/2026/11/11/acts/")).unwrap();
    let bytes = br#"{"act":"release"}"#.to_vec();
    let hash = mfa_enforcer_core::evidence::sha256(&bytes);
    let forged = format!("{}-{hash}.json", act.rsplit_once('-').unwrap().0);
    let mut bucket = month.bucket.clone();
    bucket.insert(forged.clone(), bytes);
    assert_eq!(look(&month, &bucket).faults, [Fault::ActChanged(forged.clone()), Fault::ActUnlisted(forged)]);
}

#[test]
fn object_that_belongs_to_nothing_shows() {
    let month = month();
    let folder = records(&month.bucket)[3].replace("record.json", "");
    for key in [format!("{folder}more.csv"), "evidence/notes.txt".to_owned()] {
        let mut bucket = month.bucket.clone();
        bucket.insert(key.clone(), b"x".to_vec());
        assert_eq!(look(&month, &bucket).faults, [Fault::Unlisted(key)]);
    }
}

#[test]
fn chain_written_anew_shows_by_its_head() {
    let month = month();
    let mut others = Evidence::of(month.settings.clone(), month.users.values().cloned());
    for day in 1..=30 {
        others.sweep(at(&format!("{day:02}T06:00")));
    }
    assert!(verify(&others.bucket, None).is_whole());
    let head = month.head.as_ref().unwrap().sha256.clone();
    assert_eq!(
        look(&month, &others.bucket).faults,
        [Fault::HeadNotFound { head, last: others.head.as_ref().map(|last| last.key.clone()) }]
    );
}

#[test]
fn changed_last_record_is_named_where_its_hash_is_known() {
    let month = month();
    let key = records(&month.bucket).pop().unwrap();
    let mut bucket = month.bucket.clone();
    bucket.get_mut(&key).unwrap().push(b' ');
    let found = look(&month, &bucket);
    assert!(found.faults.iter().any(|fault| fault.to_string().contains(&key)), "{:?}", found.faults);
}

#[test]
fn emptied_bucket_shows_in_the_next_record() {
    let mut month = month();
    month.bucket.clear();
    assert!(month.before().is_not_ours());
    month.sweep(at("30T07:00"));
    let key = records(&month.bucket)[0].clone();
    let chain = record(&month.bucket, &key).chain;
    assert_eq!((chain.before, chain.start.as_deref()), (None, Some("emptied")));
    assert_eq!(look(&month, &month.bucket).faults, [Fault::FoundAnother(key)]);
}

#[test]
fn changed_last_record_shows_in_the_next_one() {
    let mut month = month();
    let last = records(&month.bucket).pop().unwrap();
    let bytes = month.bucket.get_mut(&last).unwrap();
    let length = bytes.len();
    bytes[length - 2] = b' ';
    assert!(month.before().is_not_ours());
    // The last record may have been announced and not written, or written and not noted.
    let mut slow = self::month();
    let link = |key: &str| mfa_enforcer_core::evidence::Link {
        key: key.to_owned(),
        sha256: mfa_enforcer_core::evidence::sha256(&slow.bucket[key]),
    };
    let earlier = record(&slow.bucket, &last).chain.before.unwrap();
    let announced = format!("{} {} evidence", earlier.sha256, link(&last).sha256);
    slow.remembered = Some(announced);
    assert!(!slow.before().is_not_ours());
    let folder = last.trim_end_matches("record.json");
    slow.bucket.retain(|key, _| !key.starts_with(folder));
    assert!(!slow.before().is_not_ours());
    slow.remembered = Some(format!("{} evidence", "0".repeat(64)));
    assert!(slow.before().is_not_ours());
    // A note about another bucket says nothing about this one.
    slow.remembered = Some(format!("{} elsewhere", "0".repeat(64)));
    assert!(!slow.before().is_not_ours());
}

#[test]
fn record_that_was_changed_is_remembered_as_it_was() {
    let mut month = month();
    let (last, head) = (records(&month.bucket).pop().unwrap(), month.head.clone().unwrap());
    month.bucket.get_mut(&last).unwrap().push(b' ');
    // Until there is a next record, the note has what the enforcer wrote.
    let next = Link { key: String::new(), sha256: "0".repeat(64) };
    let announced = month.before().announce(&next, "evidence").to_string();
    assert_eq!(announced, format!("{} {} evidence told=no", head.sha256, next.sha256));
    month.sweep(at("30T07:00"));
    let chain = record(&month.bucket, &month.head.as_ref().unwrap().key).chain;
    assert_eq!(chain.remembered, Some(head.sha256.clone()));
    assert_ne!(chain.before.unwrap().sha256, head.sha256);
}

#[test]
fn older_hash_names_what_came_later() {
    let month = month();
    let keys = records(&month.bucket);
    let tenth = mfa_enforcer_core::evidence::sha256(&month.bucket[&keys[9]]);
    let fault = Fault::HeadNotLast { record: keys[9].clone(), later: 20 };
    assert_eq!(verify(&month.bucket, Some(&tenth)).faults, [fault]);
}

#[test]
fn part_of_a_chain_says_where_it_begins() {
    let month = month();
    let part: Bucket = month
        .bucket
        .iter()
        .filter(|(key, _)| key.as_str() > "evidence/123456789012/2026/11/20")
        .map(|(key, bytes)| (key.clone(), bytes.clone()))
        .collect();
    let found = look(&month, &part);
    assert_eq!(found.faults, []);
    assert_eq!(found.begins_after.unwrap().key, records(&month.bucket)[18]);
}

#[test]
fn second_record_of_a_day_continues_the_chain() {
    let mut month = month();
    month.sweep(at("30T06:05"));
    month.sweep(at("30T06:10"));
    assert_eq!(look(&month, &month.bucket).faults, []);
}
