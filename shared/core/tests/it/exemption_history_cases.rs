//! What the event history tells of exemptions: what is asked, whose decision counts, and what is none.

use crate::exemption_fixtures::{
    VALUE, Who, call, event, exempting, looked_up, noted, robot, tagging, whose,
};
use crate::guard_fixtures::off;
use crate::snapshot_fixtures::alice_with;
use jiff::SignedDuration;
use mfa_enforcer_core::event::SweepKind;
use mfa_enforcer_core::exemption::{By, Mark, Origin, grants, origin};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::history::exemptions_to_look_up;
use mfa_enforcer_core::snapshot::UserSnapshot;
use mfa_enforcer_core::tags::{EXEMPT_UNTIL_KEY, UserTag};
use mfa_enforcer_testing::fixtures::{contained, exempt, now, overdue, settings};
use rstest::rstest;
use serde_json::{Value, json};

const HOUR: i64 = 3600;
const ALL: i64 = 90 * 24;

/// Alice, of whom a note says that eve exempted her.
fn noted_by_eve() -> UserFacts {
    noted(exempt(), &format!("2026-11-24T06:00:00Z AIDAEXAMPLEEVE of={}", Mark::of_tag(VALUE)))
}

/// The user under the policy, without a record of it.
fn without_record(mut user: UserFacts) -> UserFacts {
    user.tags.remove(UserTag::Quarantined.key());
    user
}

#[rstest]
#[case::held_hourly(contained(exempt()), SweepKind::Hourly, ALL, &["TagUser", "UntagUser", "UpdateUser"])]
#[case::held_daily(
    contained(exempt()),
    SweepKind::Daily,
    ALL,
    &["CreateUser", "TagUser", "UntagUser", "UpdateUser"]
)]
#[case::record_alone(off(contained(exempt())), SweepKind::Hourly, ALL, &["TagUser", "UntagUser", "UpdateUser"])]
#[case::policy_alone(
    without_record(contained(exempt())),
    SweepKind::Hourly,
    ALL,
    &["TagUser", "UntagUser", "UpdateUser"]
)]
#[case::name_held(contained(robot("robot", "/")), SweepKind::Hourly, ALL, &["TagUser", "UntagUser", "UpdateUser"])]
#[case::tag_of_unknown_origin(exempt(), SweepKind::Daily, ALL, &["CreateUser", "TagUser", "UpdateUser"])]
#[case::tag_of_known_origin(noted_by_eve(), SweepKind::Daily, 48, &["TagUser", "UpdateUser"])]
#[case::name(robot("robot", "/"), SweepKind::Daily, 48, &["UpdateUser"])]
#[case::free_hourly(exempt(), SweepKind::Hourly, 0, &[])]
#[case::not_exempt(contained(overdue()), SweepKind::Daily, 0, &[])]
fn only_what_may_matter_is_looked_up(
    #[case] user: UserFacts,
    #[case] kind: SweepKind,
    #[case] hours: i64,
    #[case] expected: &[&str],
) {
    let users = [UserSnapshot { user, ..alice_with(&[]) }];
    let lookups = exemptions_to_look_up(&users, kind, &settings(), now());
    assert_eq!(lookups.iter().map(|lookup| lookup.name).collect::<Vec<_>>(), expected);
    let from = now() - SignedDuration::from_hours(hours);
    assert!(lookups.iter().all(|lookup| lookup.from == from), "{lookups:?}");
}

fn tag(value: &str) -> Value {
    json!({"tags": [{"key": EXEMPT_UNTIL_KEY, "value": value}]})
}

fn origin_of(user: &UserFacts) -> Origin {
    origin(user, &grants(user, &settings(), now()).remove(0).1, now())
}

/// Carol exempted alice. Alice lost the exemption and got it back, and nobody knows from whom.
#[rstest]
#[case::another_tag(exempt(), ("TagUser", tag("2027-01-31 TICKET-8")), ("TagUser", tag(VALUE)))]
#[case::no_tag(exempt(), ("UntagUser", json!({"tagKeys": [EXEMPT_UNTIL_KEY]})), ("TagUser", tag(VALUE)))]
#[case::name(
    robot("robot", "/"),
    ("UpdateUser", json!({"newUserName": "alice"})),
    ("UpdateUser", json!({"newUserName": "robot"}))
)]
#[case::path(
    robot("alice", "/robots/"),
    ("UpdateUser", json!({"newPath": "/"})),
    ("UpdateUser", json!({"newPath": "/robots/"}))
)]
fn decision_ends_when_the_exemption_is_lost(
    #[case] user: UserFacts,
    #[case] lost: (&str, Value),
    #[case] given: (&str, Value),
) {
    let lost = |who, hours| {
        let mut call = call(lost.0, who, hours * HOUR, &lost.1);
        call["detail"]["requestParameters"]["userName"] = json!(user.name.as_str());
        call
    };
    let given = |who, hours| call(given.0, who, hours * HOUR, &given.1);
    let user = contained(user.clone());
    let found =
        |calls: &[Value]| origin_of(&looked_up(user.clone(), calls, SweepKind::Daily, &settings(), now()));
    let calls = [lost(Who::Carol, 6), given(Who::Carol, 5), given(Who::Service, 3), lost(Who::Service, 4)];
    let Origin::Other(act) = found(&calls[..3]) else { panic!("carol's, as long as it was not lost") };
    assert_eq!(act.at, now() - SignedDuration::from_hours(5));
    assert_eq!(found(&calls), Origin::Unknown(None));
}

#[test]
fn last_decision_counts_in_whichever_order_calls_are_told() {
    for (alice, carol, expected) in [(1, 2, "own"), (2, 1, "other")] {
        let mut calls = [exempting(Who::Alice, alice * HOUR), exempting(Who::Carol, carol * HOUR)];
        for _ in 0..2 {
            calls.reverse();
            let user = looked_up(exempt(), &calls, SweepKind::Daily, &settings(), now());
            assert_eq!(whose(&user), expected, "{alice} {carol}");
        }
    }
}

#[test]
fn first_told_of_two_decisions_in_one_second_is_kept() {
    let calls = [exempting(Who::Carol, HOUR), exempting(Who::Session, HOUR)];
    for calls in [[&calls[0], &calls[1]], [&calls[1], &calls[0]]] {
        let told = calls.map(Value::clone);
        let user = looked_up(exempt(), &told, SweepKind::Daily, &settings(), now());
        let Origin::Other(act) = origin_of(&user) else { panic!("by somebody else") };
        assert_eq!(act.event, Some(event(&told[0]).source.id));
    }
}

#[test]
fn note_by_somebody_else_is_neither_forged_nor_a_decision() {
    let user = noted_by_eve();
    let writing = tagging(Who::Carol, HOUR, UserTag::ExemptBy.key(), user.tag(UserTag::ExemptBy).unwrap());
    let user = looked_up(user, &[writing], SweepKind::Daily, &settings(), now());
    let Origin::Other(act) = origin_of(&user) else { panic!("eve's, as the note says") };
    assert_eq!(act.by, By::principal("AIDAEXAMPLEEVE"));
}

#[test]
fn other_tag_that_the_user_sets_is_no_decision() {
    let calls = [exempting(Who::Carol, 2 * HOUR), tagging(Who::Alice, HOUR, "email", "a@example.com")];
    let user = looked_up(exempt(), &calls, SweepKind::Daily, &settings(), now());
    assert_eq!(whose(&user), "other");
}
