//! How a hub enters an account: the roles there, and sessions that can do what a task needs.

use mfa_enforcer_core::event::UserName;
use mfa_enforcer_core::organization::{MemberRole, Session, Whom};
use rstest::rstest;
use serde_json::{Value, json};

#[rstest]
#[case("aws", MemberRole::Contain, "arn:aws:iam::222233334444:role/mfa-enforcer/members-contain")]
#[case("aws-cn", MemberRole::Guard, "arn:aws-cn:iam::222233334444:role/mfa-enforcer/members-guard")]
fn role_is_found_by_the_name_of_its_stack(
    #[case] partition: &str,
    #[case] role: MemberRole,
    #[case] arn: &str,
) {
    assert_eq!(role.arn(partition, "222233334444", "members"), arn);
}

#[test]
fn session_is_called_after_its_event() {
    let bob = UserName::new("bob").unwrap();
    let id = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
    let session = Session::of(MemberRole::Contain, Whom::User(&bob), id, false).unwrap();
    assert_eq!((session.name.as_str(), session.lasts), (id, 900));
    assert!(session.policy.contains(":user/bob") && !session.policy.contains("DetachUserPolicy"));
    let odd = Session::of(MemberRole::Review, Whom::Everybody, "2026-11-28T09:00 \n", true).unwrap();
    assert_eq!((odd.name.as_str(), odd.lasts), ("2026-11-28T0900", 3600));
    assert_eq!(Session::of(MemberRole::Review, Whom::Everybody, "", true).unwrap().name, "mfa-enforcer");
}

#[rstest]
#[case(MemberRole::Contain)]
#[case(MemberRole::Release)]
#[case(MemberRole::Guard)]
fn session_about_nobody_changes_no_user(#[case] role: MemberRole) {
    let session = Session::about_nobody(role, "event").unwrap();
    assert!(
        !session.policy.contains("TagUser") && !session.policy.contains("UserPolicy\""),
        "{}",
        session.policy
    );
    assert!(session.policy.contains("iam:GetUser"));
}

#[test]
fn session_of_an_event_is_shorter_than_that_of_a_sweep() {
    let (sweep, event) = (Session::of_sweep, Session::about_nobody);
    let lasts = |session: fn(MemberRole, &str) -> Option<Session>| {
        session(MemberRole::Guard, "0f1e2d3c").map(|session| session.lasts)
    };
    assert_eq!((lasts(sweep), lasts(event)), (Some(3600), Some(900)));
}

#[test]
fn session_that_spells_a_name_can_do_nothing_else() {
    let session = Session::to_spell("event").unwrap();
    assert_eq!((session.name.as_str(), session.lasts), ("event", 900));
    let policy: Value = serde_json::from_str(&session.policy).unwrap();
    let expected =
        json!([{"Effect": "Allow", "Action": ["iam:GetUser"], "Resource": ["arn:*:iam::*:user/*"]}]);
    assert_eq!(policy["Statement"], expected);
}
