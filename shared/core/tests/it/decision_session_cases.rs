//! What a decision about a user of another account asks for there: a policy for each session.
//!
//! `contract/sessions-of-decisions.json` has some, where the evaluator of policies finds them (`make contract` writes it).

use crate::contract::root;
use crate::organization_hub_cases::hub_with;
use mfa_enforcer_core::decide::{Exempting, Operator, Order, by_operator};
use mfa_enforcer_core::event::{EventId, UserName};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::organization::{DecisionSession, LONGEST_POLICY, Place, Unfit};
use mfa_enforcer_core::plan::Plan;
use mfa_enforcer_core::quarantine::Restriction;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_testing::fixtures::{now, overdue, settings};
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};
use std::{env, fs};

const ACCOUNT: &str = "123456789012";
const CALLER: &str = "arn:aws:sts::444455556666:assumed-role/operators/carol";
const BUS: &str = "arn:aws:events:eu-west-1:444455556666:event-bus/security";

fn place() -> Place<'static> {
    Place::of(CALLER, "us-east-1", ACCOUNT)
}

/// The settings of an account whose quarantine is called like this.
fn member(name: &str) -> Settings {
    let mut settings = settings();
    settings.quarantine.full = Restriction {
        policy: format!("arn:aws:iam::{ACCOUNT}:policy/mfa-enforcer/console/{name}"),
        group: Some(name.to_owned()),
        spare: None,
    };
    settings
}

fn plan(order: &Order, user: &UserFacts, settings: &Settings) -> Plan {
    let id = EventId::new("operator-1").unwrap();
    by_operator(order, Operator { arn: CALLER, id: &id }, user, settings, now()).unwrap()
}

fn exempting() -> Order {
    Order::Exempt(Exempting { until: "2026-12-31".parse().unwrap(), reason: "TICKET-1".to_owned() })
}

fn document(session: &DecisionSession<'_>) -> Value {
    serde_json::from_str(&session.policy(place()).unwrap()).unwrap()
}

fn statement<'a>(policy: &'a Value, sid: &str) -> &'a Value {
    policy["Statement"].as_array().unwrap().iter().find(|statement| statement["Sid"] == sid).unwrap()
}

fn sids(policy: &Value) -> Vec<&str> {
    policy["Statement"].as_array().unwrap().iter().map(|each| each["Sid"].as_str().unwrap()).collect()
}

#[test]
fn contract_has_the_sessions_of_decisions() {
    let bob = UserName::listed("bob");
    let (user, settings) = (overdue(), member("quarantine"));
    let (exempt, contain) = (plan(&exempting(), &user, &settings), plan(&Order::Contain, &user, &settings));
    let sessions = [
        ("stack", DecisionSession::Stack("corp-mfa")),
        ("function", DecisionSession::Function("corp-mfa-SweepFunction-1ABCDEF2GHIJ")),
        ("bucket", DecisionSession::Bucket("corp-evidence")),
        ("names", DecisionSession::Names),
        ("look", DecisionSession::Look(&bob)),
        ("exempt", DecisionSession::Act(&bob, &exempt)),
        ("contain", DecisionSession::Act(&bob, &contain)),
        ("entry", DecisionSession::Entry(BUS)),
    ];
    // As documents, since the order of their keys depends on the features of the workspace.
    let made: Value = sessions.iter().map(|(word, session)| json!({*word: document(session)})).collect();
    let file = root().join("contract/sessions-of-decisions.json");
    if env::var_os("UPDATE_CONTRACT").is_some() {
        fs::write(&file, serde_json::to_string_pretty(&made).unwrap() + "\n").unwrap();
    }
    let found: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert!(found == made, "run `make contract`, and review what changed");
}

#[test]
fn session_of_an_exemption_may_set_this_tag_alone() {
    let user = overdue();
    let plan = plan(&exempting(), &user, &member("quarantine"));
    let policy = document(&DecisionSession::Act(&UserName::listed("bob"), &plan));
    assert_eq!(sids(&policy), ["OneUser", "DecisionsAboutUsers"]);
    let condition = &statement(&policy, "DecisionsAboutUsers")["Condition"];
    let keys = json!(["mfa-enforcer:exempt-until"]);
    assert_eq!(condition["ForAllValues:StringEquals"]["aws:TagKeys"], keys);
    assert_eq!(condition["Null"]["aws:TagKeys"], "false");
}

#[test]
fn session_of_a_containment_has_the_policy_and_where_there_is_no_room_the_group() {
    let (user, settings) = (overdue(), member("quarantine"));
    let plan = plan(&Order::Contain, &user, &settings);
    let policy = document(&DecisionSession::Act(&UserName::listed("bob"), &plan));
    let users = json!(["arn:aws:iam::123456789012:user/bob", "arn:aws:iam::123456789012:user/*/bob"]);
    let containment = statement(&policy, "Containment");
    assert_eq!(containment["Action"], "iam:AttachUserPolicy");
    assert_eq!(containment["Resource"], users);
    let attached = json!([settings.quarantine.full.policy]);
    assert_eq!(containment["Condition"]["ArnLike"]["iam:PolicyARN"], attached);
    let group = statement(&policy, "ContainmentByGroup");
    assert_eq!(group["Resource"], json!(["arn:aws:iam::123456789012:group/mfa-enforcer/*/quarantine"]));
}

#[rstest]
#[case("*")]
#[case("a?ice")]
#[case("${aws:username}")]
#[case("a/b")]
#[case("a b")]
#[case("a\"]}")]
fn name_that_could_mean_others_gets_no_session_of_a_decision(#[case] name: &str) {
    let user = overdue();
    let plan_of_name = plan(&Order::Contain, &user, &member(name));
    let good = plan(&Order::Contain, &user, &member("quarantine"));
    let (named, bob) = (UserName::listed(name), UserName::listed("bob"));
    let bus = format!("arn:aws:events:us-east-1:{ACCOUNT}:event-bus/{}", name.replace('/', ":"));
    for session in [
        DecisionSession::Look(&named),
        DecisionSession::Act(&named, &good),
        DecisionSession::Stack(name),
        DecisionSession::Function(name),
        DecisionSession::Bucket(name),
        DecisionSession::Entry(&bus),
        DecisionSession::Entry(name),
    ] {
        let policy = session.policy(place());
        assert!(matches!(policy, Err(Unfit::Name { .. })), "{session:?}: {policy:?}");
    }
    // A slash only parts the path of a policy, but no name of a group has one.
    assert!(DecisionSession::Act(&bob, &plan_of_name).policy(place()).is_err());
}

#[test]
fn policy_of_another_account_or_path_is_not_attached() {
    let user = overdue();
    for arn in [
        "arn:aws:iam::210987654321:policy/mfa-enforcer/console/quarantine",
        "arn:aws:iam::123456789012:policy/AdministratorAccess",
        "arn:aws:iam::aws:policy/AdministratorAccess",
    ] {
        let mut settings = member("quarantine");
        arn.clone_into(&mut settings.quarantine.full.policy);
        let plan = plan(&Order::Contain, &user, &settings);
        let session = DecisionSession::Act(&user.name, &plan);
        assert!(matches!(session.policy(place()), Err(Unfit::Name { .. })), "{arn}");
    }
}

#[test]
fn bus_is_one_of_the_same_partition() {
    let china = Place::of("arn:aws-cn:sts::444455556666:assumed-role/operators/carol", "cn-north-1", ACCOUNT);
    let policy = DecisionSession::Entry(BUS).policy(china);
    assert_eq!(policy, Err(Unfit::Name { what: "an event bus", name: BUS.to_owned() }));
    let own = BUS.replace("arn:aws:", "arn:aws-cn:");
    assert!(DecisionSession::Entry(&own).policy(china).unwrap().contains(&own));
}

#[test]
fn of_several_names_of_members_one_has_to_be_given() {
    let hub = |names: &str| hub_with(&[("MEMBER_NAMES", names)]).unwrap().unwrap();
    let (one, two) = (hub("corp"), hub("corp old"));
    assert_eq!(one.member_named(None), Ok("corp"));
    assert_eq!(one.member_named(Some("corp")), Ok("corp"));
    assert_eq!(two.member_named(Some("old")), Ok("old"));
    assert!(two.member_named(None).unwrap_err().contains("--member: corp old"));
    assert!(one.member_named(Some("other")).unwrap_err().contains("does not have other: corp"));
}

proptest! {
    #[test]
    fn session_of_a_decision_fits_and_is_about_the_user(
        name in "[A-Za-z0-9_+=,.@-]{1,64}",
        quarantine in "[A-Za-z0-9_+=,.@-]{1,128}",
    ) {
        let (user, bob) = (overdue(), UserName::new(&name).unwrap());
        for order in [exempting(), Order::Contain] {
            let plan = plan(&order, &user, &member(&quarantine));
            let policy = DecisionSession::Act(&bob, &plan).policy(place()).unwrap();
            prop_assert!(policy.len() <= LONGEST_POLICY, "{}", policy.len());
            prop_assert!(!policy.contains(char::is_whitespace));
            let policy: Value = serde_json::from_str(&policy).unwrap();
            for statement in policy["Statement"].as_array().unwrap() {
                for resource in statement["Resource"].as_array().unwrap() {
                    let ours = [
                        format!("arn:aws:iam::{ACCOUNT}:user/{name}"),
                        format!("arn:aws:iam::{ACCOUNT}:user/*/{name}"),
                        format!("arn:aws:iam::{ACCOUNT}:group/mfa-enforcer/*/{quarantine}"),
                    ];
                    prop_assert!(ours.contains(&resource.as_str().unwrap().to_owned()), "{}", resource);
                }
            }
        }
    }
}
