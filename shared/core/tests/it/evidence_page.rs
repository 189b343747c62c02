//! The page of a record: what it says, and what it must never hold.

use crate::evidence_fixtures::{month, record, records, rows};
use mfa_enforcer_core::evidence::{Record, Row, page};
use mfa_enforcer_testing::evidence::at;

fn last() -> (Record, Vec<Row>) {
    let month = month();
    let key = records(&month.bucket).pop().unwrap();
    (record(&month.bucket, &key), rows(&month.bucket, &key).into_values().collect())
}

#[test]
fn page_lies_beside_the_record_and_names_everybody() {
    let month = month();
    let key = records(&month.bucket).pop().unwrap();
    let stored = String::from_utf8(month.bucket[&key.replace("record.json", "report.html")].clone()).unwrap();
    for name in month.users.keys() {
        assert!(stored.contains(&format!("<th scope=\"row\">{name}</th>")), "{name}");
    }
    assert!(stored.contains("57.1%") && stored.contains("80.0%"));
}

#[test]
fn page_can_be_made_again_from_the_record() {
    let month = month();
    for key in records(&month.bucket) {
        let rows: Vec<Row> = {
            let bytes = &month.bucket[&key.replace("record.json", "users.jsonl")];
            mfa_enforcer_core::evidence::read_json_lines(bytes).unwrap()
        };
        let made = page(&record(&month.bucket, &key), &rows);
        assert_eq!(made.as_bytes(), month.bucket[&key.replace("record.json", "report.html")], "{key}");
    }
}

#[test]
fn names_are_never_markup() {
    let (mut record, mut rows) = last();
    let evil = "\"><script>alert(1)</script><img src=x onerror=alert(1)>";
    evil.clone_into(&mut rows[0].name);
    rows[0].mfa.devices[0].kind = evil.to_owned();
    rows[0].unknown = vec![evil.to_owned()];
    let reason = rows.iter_mut().find_map(|row| row.exemption.as_mut()).unwrap();
    reason.reason = Some(evil.to_owned());
    record.account.name = Some(evil.to_owned());
    record.settings.insert("MODE".to_owned(), evil.to_owned());
    record.sources[0].missing = evil.to_owned();
    let page = page(&record, &rows);
    assert_eq!(page.matches("<script").count(), 1);
    assert!(!page.contains("<img"));
}

#[test]
fn page_asks_nothing_from_outside() {
    let (record, rows) = last();
    let page = page(&record, &rows);
    for outside in ["http:", "https:", "src=", "href=", "url(", "@import", "style="] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn page_of_five_thousand_users_stays_below_three_megabytes() {
    let (record, rows) = last();
    let crowd: Vec<Row> =
        (0..5000).map(|n| Row { name: format!("user-{n:04}"), ..rows[n % rows.len()].clone() }).collect();
    let size = page(&record, &crowd).len();
    assert!((1_000_000..3_000_000).contains(&size), "{size}");
}

#[test]
fn first_record_has_a_chart_too() {
    let month = month();
    let first = &records(&month.bucket)[0];
    let page =
        page(&record(&month.bucket, first), &rows(&month.bucket, first).into_values().collect::<Vec<_>>());
    assert!(page.contains("<polyline") && page.contains("this is the first record"));
    let mut empty = record(&month.bucket, first);
    empty.trend.clear();
    assert!(!self::page(&empty, &[]).contains("<polyline"));
}

/// The lowest line of the chart is at 196, the highest at 10.
#[test]
fn chart_fills_its_frame() {
    let (mut record, rows) = last();
    record.trend.truncate(3);
    for (point, (time, with_mfa)) in
        record.trend.iter_mut().zip([("01T06:00", 0), ("02T06:00", 2), ("03T06:00", 4)])
    {
        (point.at, point.console, point.with_mfa) = (at(time), 4, with_mfa);
    }
    let page = page(&record, &rows);
    assert!(page.contains(r#"class="all" points="44,196 382,103 720,10""#), "{page}");
}

#[test]
fn page_says_why_there_is_no_record_before() {
    let (mut record, rows) = last();
    record.chain.before = None;
    for (start, why) in [
        ("first", "none: this is the first record"),
        ("emptied", "none: the one that was written before is gone"),
    ] {
        record.chain.start = Some(start.to_owned());
        assert!(page(&record, &rows).contains(why), "{start}");
    }
}
