//! Live tests of a deployment: what is ignored, which line is the right one, and what is said of it.

use crate::checkup_fixtures::{ERROR, found, wrong};
use jiff::SignedDuration;
use mfa_enforcer_core::checkup::{Checkup, Item, LiveSeen, LiveTest, Seen, State};
use mfa_enforcer_core::event::{
    EventId, Function, Ignored, Label, Reading, TEST_SOURCE, UserName, label, read, read_any,
};
use mfa_enforcer_testing::checkups::healthy;
use mfa_enforcer_testing::fixtures::{deployment, now, samples};
use rstest::rstest;
use serde_json::{Value, json};
use std::fs;
use strum::IntoEnumIterator;

const ID: &str = "5c1f7b0e-93d4-4a55-8f0a-2d6be1c7a943";
const LOGS: &str = "mfa-enforcer-UserLifecycleLogs-1ABCDEF2GHIJ";

fn event() -> LiveTest {
    LiveTest::Event(EventId::new(ID).unwrap())
}

fn user() -> LiveTest {
    LiveTest::User("mfa-enforcer-doctor-20261124T090000Z-7".to_owned())
}

fn live(test: LiveTest) -> LiveSeen {
    LiveSeen {
        test: Ok(test),
        log_group: LOGS.to_owned(),
        logged: Ok(Some(SignedDuration::from_millis(4200))),
        waited: SignedDuration::from_mins(2),
        left: None,
    }
}

/// Every sample, as if somebody had put it on the bus for a test.
#[test]
fn whatever_is_in_a_test_is_ignored_by_every_function() {
    for (name, path) in samples() {
        let Ok(Value::Object(mut payload)) = serde_json::from_str(&fs::read_to_string(path).unwrap()) else {
            continue;
        };
        payload.insert("source".to_owned(), json!(TEST_SOURCE));
        payload.insert("detail-type".to_owned(), json!("AWS API Call via CloudTrail"));
        payload.insert("time".to_owned(), json!("2026-11-24T09:00:00Z"));
        payload.insert("id".to_owned(), json!(ID));
        let payload = Value::Object(payload).to_string();
        let ignored = Ok(Reading::Ignored(Ignored::Test));
        assert_eq!(read_any(&payload, &deployment()), ignored, "{name}");
        for function in Function::iter() {
            assert_eq!(read(&payload, function, &deployment()), ignored, "{name}");
        }
        assert_eq!(label(&payload), Label { name: None, id: EventId::new(ID) }, "{name}");
    }
}

#[test]
fn id_of_a_test_that_is_none_is_not_logged() {
    let payload = json!({"source": TEST_SOURCE, "id": "<b>bob@example.com</b>", "detail": {"eventID": ID}});
    assert_eq!(label(&payload.to_string()), Label { name: None, id: None });
}

#[rstest]
#[case(event(), json!({"event_id": ID, "outcome": "ignored", "reason": "test"}), true)]
#[case(event(), json!({"event_id": "another", "outcome": "ignored", "reason": "test"}), false)]
#[case(event(), json!({"event_id": ID, "outcome": "ignored", "reason": "other-service"}), false)]
#[case(event(), json!({"event_id": ID, "outcome": "acted", "reason": "test"}), false)]
#[case(event(), json!({"message": ID}), false)]
#[case(event(), json!(ID), false)]
#[case(user(), json!({"trigger": "CreateUser", "subject": "mfa-enforcer-doctor-20261124T090000Z-7"}), true)]
#[case(user(), json!({"trigger": "CreateUser", "subject": "mfa-enforcer-doctor-20261124T090000Z-77"}), false)]
#[case(user(), json!({"trigger": "DeleteUser", "subject": "mfa-enforcer-doctor-20261124T090000Z-7"}), false)]
fn line_of_a_test_is_told_from_others(#[case] test: LiveTest, #[case] line: Value, #[case] is_it: bool) {
    assert_eq!(test.is_told_by(&line.to_string()), is_it);
}

#[test]
fn log_is_searched_for_the_mark() {
    assert_eq!(event().mark(), ID);
    assert_eq!(user().mark(), "mfa-enforcer-doctor-20261124T090000Z-7");
}

/// An event that is put on the bus arrives soon, and one of CloudTrail may take minutes.
#[test]
fn event_of_iam_is_waited_for_longer() {
    assert_eq!(LiveTest::patience(false), SignedDuration::from_mins(2));
    assert_eq!(LiveTest::patience(true), SignedDuration::from_mins(15));
}

#[test]
fn line_that_is_no_json_tells_nothing() {
    assert!(!event().is_told_by(ID));
}

#[test]
fn name_of_a_test_user_is_one_that_iam_takes_and_the_log_shows() {
    let name = UserName::new(&LiveTest::user_name(now(), u32::MAX)).unwrap();
    assert_eq!(name.for_log(), name.to_string());
    assert!(name.to_string().starts_with("mfa-enforcer-doctor-20261124T"));
}

#[rstest]
#[case(|seen: &mut Seen| seen.live = Some(live(event())), None)]
#[case(|seen: &mut Seen| seen.live = Some(live(user())), None)]
#[case(
    |seen: &mut Seen| seen.live = Some(LiveSeen { logged: Ok(None), ..live(event()) }),
    Some((State::Broken, "is not in the log group mfa-enforcer-UserLifecycleLogs-1ABCDEF2GHIJ after 120 seconds"))
)]
#[case(
    |seen: &mut Seen| seen.live = Some(LiveSeen { logged: Ok(None), ..live(user()) }),
    Some((State::Broken, "was not recorded, did not reach the function, or is late"))
)]
#[case(
    |seen: &mut Seen| seen.live = Some(LiveSeen { logged: Err(ERROR.to_owned()), ..live(event()) }),
    Some((State::Unknown, "the log could not be read, so nothing is known of the way to a function: aws:Call failed"))
)]
#[case(
    |seen: &mut Seen| seen.live = Some(LiveSeen { test: Err(ERROR.to_owned()), ..live(event()) }),
    Some((State::Unknown, "nothing was set off, so nothing is known of the way to a function: aws:Call failed"))
)]
#[case(
    |seen: &mut Seen| seen.live = Some(LiveSeen { left: Some(ERROR.to_owned()), ..live(user()) }),
    Some((State::Warning, "could not be deleted again: aws:Call failed"))
)]
fn live_test_is_judged(#[case] spoil: fn(&mut Seen), #[case] expected: Option<(State, &str)>) {
    found(Item::Live, spoil, expected);
}

#[rstest]
#[case(event(), "That does not prove that the trail's events reach the rules")]
#[case(user(), "proves nothing of the others")]
fn what_a_test_does_not_prove_is_said(#[case] test: LiveTest, #[case] says: &str) {
    let mut seen = healthy();
    seen.live = Some(live(test));
    assert_eq!(wrong(&seen), []);
    let checks = Checkup::of(&seen).checks;
    let check = checks.iter().find(|check| check.item == Item::Live).unwrap();
    assert!(check.says.contains(says) && check.says.contains("after 4 seconds"), "{check:?}");
}

#[test]
fn nothing_is_said_of_a_test_that_nobody_asked_for() {
    assert!(!Checkup::of(&healthy()).checks.iter().any(|check| check.item == Item::Live));
}

#[test]
fn failed_test_says_that_the_user_is_left_as_well() {
    let mut seen = healthy();
    seen.live = Some(LiveSeen { logged: Ok(None), left: Some(ERROR.to_owned()), ..live(user()) });
    let states: Vec<State> = wrong(&seen).iter().map(|check| check.state).collect();
    assert_eq!(states, [State::Broken, State::Warning]);
}

#[test]
fn user_of_a_lost_answer_is_named() {
    let mut seen = healthy();
    let left = Some("mfa-enforcer-doctor-1 (denied)".to_owned());
    seen.live = Some(LiveSeen { test: Err(ERROR.to_owned()), left, ..live(user()) });
    let checkup = Checkup::of(&seen);
    let mut warnings = checkup.checks.iter().filter(|check| check.state == State::Warning);
    assert!(warnings.any(|check| check.says.contains("mfa-enforcer-doctor-1")), "{:?}", checkup.checks);
}
