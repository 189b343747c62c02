//! Signing a review: the form, the decisions, and since when none was signed.

use crate::evidence_fixtures::{month, records, rows, schema};
use jiff::civil::Date;
use mfa_enforcer_core::evidence::{
    Listing, ReviewPeriod, Row, SignOff, SignOffProblem, Standing, is_exception, sha256,
};
use mfa_enforcer_testing::fixtures::settings_with;
use rstest::rstest;
use serde_json::{Value, json};
use strum::IntoEnumIterator;

const KEY: &str = "evidence/123456789012/reviews/2026-Q4/20261201T100000Z.json";

/// A record, its rows, and a sign-off of it that is as it should be.
fn signed() -> (Vec<u8>, Vec<Row>, Value) {
    let month = month();
    let key = records(&month.bucket).pop().unwrap();
    let rows: Vec<Row> = rows(&month.bucket, &key).into_values().collect();
    let record = month.bucket[&key].clone();
    let decisions: Vec<Value> = rows
        .iter()
        .filter(|row| is_exception(row))
        .map(|row| {
            json!({
                "userId": row.id, "user": row.name, "decision": "keep", "until": "2027-03-31",
                "reason": "TICKET-7: the laptop is on its way",
            })
        })
        .collect();
    assert_eq!(decisions.len(), 2);
    let sign_off = json!({
        "schemaVersion": "1.0",
        "account": "123456789012",
        "period": "2026-Q4",
        "record": {"key": key, "sha256": sha256(&record)},
        "reviewer": "Carol Example, head of platform",
        "signed": "2026-12-01T10:00:00Z",
        "decisions": decisions,
    });
    (record, rows, sign_off)
}

fn problems(key: &str, change: impl Fn(&mut Value)) -> Vec<String> {
    let (record, rows, mut sign_off) = signed();
    change(&mut sign_off);
    let checked = SignOff::check(key, sign_off.to_string().as_bytes(), &record, &rows);
    checked.err().unwrap_or_default().iter().map(ToString::to_string).collect()
}

#[test]
fn good_sign_off_is_accepted_and_fits_the_schema() {
    let (record, rows, sign_off) = signed();
    let read = SignOff::check(KEY, sign_off.to_string().as_bytes(), &record, &rows).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), sign_off);
    assert_eq!(SignOff::key("123456789012", &read.period, read.signed), KEY);
    assert!(schema("signOff").is_valid(&sign_off));
}

#[test]
fn sample_in_the_documents_fits_the_schema() {
    let document = std::fs::read_to_string(crate::contract::root().join("docs/REVIEW.md")).unwrap();
    let sample = document.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let sample: Value = serde_json::from_str(sample).unwrap();
    let errors: Vec<String> = schema("signOff").iter_errors(&sample).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&sample), keys(&signed().2));
}

#[rstest]
#[case::version(&|form: &mut Value| form["schemaVersion"] = "2.0".into(), "it has the version 2.0, expected 1.0")]
#[case::reviewer(&|form: &mut Value| form["reviewer"] = " ".into(), "it names no reviewer")]
#[case::hash(&|form: &mut Value| form["record"]["sha256"] = "0".into(), "the record is not the one that was reviewed")]
#[case::early(
    &|form: &mut Value| form["signed"] = "2026-09-30T10:00:00Z".into(),
    "its period is none, or had not begun when it was signed"
)]
#[case::undecided(
    &|form: &mut Value| { form["decisions"].as_array_mut().unwrap().remove(0); },
    "it decides nothing about dave"
)]
#[case::maybe(
    &|form: &mut Value| form["decisions"][0]["decision"] = "perhaps".into(),
    "the decision about dave needs `keep` with an end within a year, or `remove`, and a reason"
)]
#[case::no_end(
    &|form: &mut Value| form["decisions"][0]["until"] = Value::Null,
    "the decision about dave needs `keep` with an end within a year, or `remove`, and a reason"
)]
#[case::far_end(
    &|form: &mut Value| form["decisions"][0]["until"] = "2028-01-01".into(),
    "the decision about dave needs `keep` with an end within a year, or `remove`, and a reason"
)]
#[case::past_end(
    &|form: &mut Value| form["decisions"][0]["until"] = "2026-11-30".into(),
    "the decision about dave needs `keep` with an end within a year, or `remove`, and a reason"
)]
#[case::no_reason(
    &|form: &mut Value| form["decisions"][0]["reason"] = "".into(),
    "the decision about dave needs `keep` with an end within a year, or `remove`, and a reason"
)]
#[case::stranger(
    &|form: &mut Value| {
        let more = json!({"userId": "AIDAX", "user": "eve", "decision": "remove", "until": null, "reason": "left"});
        form["decisions"].as_array_mut().unwrap().push(more);
    },
    "eve is no exception in the record"
)]
fn bad_sign_off_says_what_is_wrong(#[case] change: &dyn Fn(&mut Value), #[case] problem: &str) {
    assert_eq!(problems(KEY, change), [problem]);
}

#[test]
fn period_may_be_signed_from_its_first_day() {
    let on_the_first_day = |form: &mut Value| form["signed"] = "2026-10-01T00:00:00Z".into();
    assert_eq!(problems(KEY, on_the_first_day), [""; 0]);
}

#[test]
fn sign_off_counts_in_its_place_only() {
    let elsewhere = "evidence/999988887777/reviews/2026-Q3/20261201T100000Z.json";
    let expected = ["account", "period"].map(|what| format!("its {what} is not the one of its place"));
    assert_eq!(problems(elsewhere, |_| {}), expected);
}

#[test]
fn second_decision_about_a_user_is_refused() {
    let twice = |form: &mut Value| {
        let first = form["decisions"][0].clone();
        form["decisions"].as_array_mut().unwrap().push(first);
    };
    assert_eq!(problems(KEY, twice), ["it decides twice about dave"]);
}

#[test]
fn whatever_is_no_sign_off_is_named_without_its_content() {
    let (record, rows, sign_off) = signed();
    let mut more = sign_off.clone();
    more["more"] = "secret".into();
    for bytes in [b"".to_vec(), b"[]".to_vec(), b"secret".to_vec(), more.to_string().into_bytes()] {
        let problems = SignOff::check(KEY, &bytes, &record, &rows).unwrap_err();
        let [problem @ SignOffProblem::Unreadable(_)] = &problems[..] else { panic!("{problems:?}") };
        assert!(!problem.to_string().contains("secret"), "{problem}");
    }
}

#[rstest]
#[case(ReviewPeriod::Month, "2026-11", "2026-10-31")]
#[case(ReviewPeriod::Quarter, "2026-Q4", "2026-09-30")]
#[case(ReviewPeriod::HalfYear, "2026-H2", "2026-06-30")]
#[case(ReviewPeriod::Year, "2026", "2025-12-31")]
fn last_period_that_is_over_has_to_be_signed(
    #[case] period: ReviewPeriod,
    #[case] name: &str,
    #[case] last: Date,
) {
    assert_eq!(period.of("2026-11-27".parse().unwrap()), name);
    assert_eq!(standing(period, &[]), Standing::Open(None));
    assert_eq!(standing(period, &[&signed_on(&period.of(last), "20261120")]), Standing::Signed);
    assert_eq!(standing(period, &[&signed_on(name, "20261120")]), Standing::Signed);
    let older = last.yesterday().unwrap().checked_sub(jiff::Span::new().days(400)).unwrap();
    let keys = [&signed_on(&period.of(older), "20261120")[..], &signed_on("nonsense", "20261120")];
    let Standing::Open(Some(day)) = standing(period, &keys) else { panic!() };
    assert!(day < last && day >= older);
}

/// The key of a sign-off for this period, signed on this day.
fn signed_on(period: &str, day: &str) -> String {
    format!("evidence/123456789012/reviews/{period}/{day}T100000Z.json")
}

/// Where the reviews stand on 27 November 2026, with these keys in the bucket.
fn standing(period: ReviewPeriod, keys: &[&str]) -> Standing {
    let keys = keys.iter().map(|key| (*key).to_owned()).collect();
    period.standing(&Listing::of(keys), "2026-11-27".parse().unwrap())
}

#[rstest]
#[case::no_name("reviews/2026-Q3/")]
#[case::other_name("reviews/2026-Q3/x.json")]
#[case::no_json("reviews/2026-Q3/20261001T100000Z.txt")]
#[case::below("reviews/2026-Q3/more/20261001T100000Z.json")]
#[case::padded_period("reviews/2026-Q04/20261001T100000Z.json")]
#[case::signed_period("reviews/2026-Q+4/20261001T100000Z.json")]
#[case::shorter("reviews/2026-09/20261001T100000Z.json")]
#[case::shorter_and_later("reviews/2026-11/20261120T100000Z.json")]
#[case::far_period("reviews/2062-Q4/20261001T100000Z.json")]
#[case::next_period("reviews/2027-Q1/20261120T100000Z.json")]
#[case::signed_tomorrow("reviews/2026-Q4/20261128T100000Z.json")]
#[case::signed_before_its_period("reviews/2026-Q4/20260930T100000Z.json")]
fn file_that_is_no_sign_off_signs_nothing(#[case] key: &str) {
    let key = format!("evidence/123456789012/{key}");
    assert_eq!(standing(ReviewPeriod::Quarter, &[&key]), Standing::Open(None));
}

#[test]
fn longer_period_counts_as_far_as_it_was_signed() {
    let quarter = |day: &str| standing(ReviewPeriod::Quarter, &[&signed_on("2026", day)]);
    assert_eq!(quarter("20261001"), Standing::Signed);
    assert_eq!(quarter("20260801"), Standing::Signed);
    assert_eq!(quarter("20260105"), Standing::Open(Some("2026-03-31".parse().unwrap())));
}

#[test]
fn every_day_is_in_the_period_of_its_name() {
    for period in ReviewPeriod::iter() {
        let mut day: Date = "2024-01-01".parse().unwrap();
        while day.year() < 2026 {
            let key = signed_on(&period.of(day), &day.strftime("%Y%m%d").to_string());
            // A review of the period under way counts.
            assert_eq!(period.standing(&Listing::of(vec![key]), day), Standing::Signed, "{day}");
            day = day.tomorrow().unwrap();
        }
    }
}

/// A sign-off of one period is enough until the next one is over, and no longer.
#[test]
fn last_period_counts_until_the_next_one_is_over() {
    for period in ReviewPeriod::iter() {
        let mut day: Date = "2024-01-01".parse().unwrap();
        let mut signed: Vec<(String, Date)> = Vec::new();
        while day.year() < 2028 {
            let yesterday = day.yesterday().unwrap();
            if period.of(day) != period.of(yesterday) {
                let key = signed_on(&period.of(yesterday), &yesterday.strftime("%Y%m%d").to_string());
                signed.push((key, yesterday));
            }
            let standing = |(key, _): &(String, Date)| period.standing(&Listing::of(vec![key.clone()]), day);
            let [.., last] = &signed[..] else { panic!("a year begins with a period") };
            assert_eq!(standing(last), Standing::Signed, "{day}");
            if let [.., before, _] = &signed[..] {
                assert_eq!(standing(before), Standing::Open(Some(before.1)), "{day}");
            }
            day = day.tomorrow().unwrap();
        }
    }
}

#[test]
fn period_is_set_by_its_name() {
    for period in ReviewPeriod::iter() {
        let settings = settings_with(&[("EVIDENCE_BUCKET", "evidence"), ("REVIEW_PERIOD", period.name())]);
        assert_eq!(settings.review_period, Some(period));
    }
}
