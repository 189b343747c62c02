//! What the hub asks for in an account of the organization: roles, and a policy for each session.
//!
//! `contract/sessions-in-members.json` has both, where the evaluator of policies finds them (`make contract` writes it).

use crate::contract::root;
use mfa_enforcer_core::event::{Function, UserName};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::organization::{LONGEST_POLICY, MemberRole, Whom, session_policy};
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::{env, fs};
use strum::IntoEnumIterator;

fn actions(calls: impl IntoIterator<Item = Operation>) -> BTreeSet<&'static str> {
    calls.into_iter().map(Operation::action).collect()
}

/// The calls that a policy names.
fn named(policy: &str) -> BTreeSet<String> {
    let policy: Value = serde_json::from_str(policy).unwrap();
    let statements = policy["Statement"].as_array().unwrap().iter();
    let listed = |statement: &Value| statement["Action"].as_array().unwrap().clone();
    statements.flat_map(listed).map(|action| action.as_str().unwrap().to_owned()).collect()
}

/// Tasks with some of a role's calls: to contain by policy and by group, to release, to restore, and to look.
fn tasks_of_roles() -> Vec<(MemberRole, Vec<Operation>)> {
    let mut tasks = vec![
        (MemberRole::Contain, vec![Operation::AttachUserPolicy, Operation::TagUser]),
        (MemberRole::Contain, vec![Operation::AddUserToGroup, Operation::TagUser]),
        (MemberRole::Release, vec![Operation::DetachUserPolicy, Operation::UntagUser]),
        (MemberRole::Guard, vec![Operation::SetDefaultPolicyVersion, Operation::ListPolicyVersions]),
        (MemberRole::Review, Operation::READ_USER.to_vec()),
    ];
    tasks.extend(MemberRole::iter().map(|role| (role, role.operations())));
    tasks
}

fn sessions() -> Value {
    let users = ["alice", "lee.o+ops=1,2@example.com"].map(UserName::listed);
    let everybody = [(None, Whom::Everybody)];
    let whom: Vec<_> =
        users.iter().map(|name| (Some(name.as_str()), Whom::User(name))).chain(everybody).collect();
    let of_task = |(role, calls): (MemberRole, Vec<Operation>)| {
        whom.iter().map(move |(name, whom)| {
            // As a document, since the order of its keys depends on the features of the workspace.
            let policy: Value =
                serde_json::from_str(&session_policy(calls.iter().copied(), *whom).unwrap()).unwrap();
            json!({"role": role.name(), "calls": actions(calls.clone()), "user": name, "policy": policy})
        })
    };
    let roles: Map<String, Value> =
        MemberRole::iter().map(|role| (role.name().to_owned(), json!(actions(role.operations())))).collect();
    let functions: Map<String, Value> = Function::all()
        .map(|function| {
            let roles: Vec<&str> = MemberRole::all_of(function).iter().map(|role| role.name()).collect();
            (function.name().to_owned(), json!(roles))
        })
        .collect();
    json!({
        "roles": roles,
        "functions": functions,
        "sessions": tasks_of_roles().into_iter().flat_map(of_task).collect::<Vec<_>>(),
    })
}

#[test]
fn sessions_are_up_to_date() {
    let file = root().join("contract/sessions-in-members.json");
    let made = sessions();
    if env::var_os("UPDATE_CONTRACT").is_some() {
        fs::write(&file, serde_json::to_string_pretty(&made).unwrap() + "\n").unwrap();
    }
    let found: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert!(found == made, "run `make contract`, and review what changed");
}

#[test]
fn function_has_a_role_for_each_of_its_calls_in_an_account() {
    let contract = fs::read_to_string(root().join("contract/contract.json")).unwrap();
    let contract: Value = serde_json::from_str(&contract).unwrap();
    for (name, trigger) in contract["triggers"].as_object().unwrap() {
        let function = Function::all().find(|function| function.name() == trigger["function"]).unwrap();
        let roles = MemberRole::all_of(function).iter();
        let may = actions(roles.flat_map(|role| role.operations()));
        let calls = trigger["calls"].as_array().unwrap().iter().map(|call| call.as_str().unwrap());
        let missing: Vec<&str> = calls
            .filter(|call| call.starts_with("iam:") || call.starts_with("cloudtrail:"))
            .filter(|call| !may.contains(call))
            .collect();
        assert_eq!(missing, [""; 0], "{name}");
    }
}

#[test]
fn no_session_reads_or_writes_outside_of_the_account() {
    let of_hub = Operation::iter().filter(|call| {
        let action = call.action();
        !action.starts_with("iam:") && !action.starts_with("cloudtrail:")
    });
    assert_eq!(session_policy(of_hub, Whom::Everybody), None);
    assert_eq!(session_policy([Operation::CreateUser, Operation::DeleteUser], Whom::Everybody), None);
    assert_eq!(session_policy([], Whom::Everybody), None);
}

#[rstest]
#[case("")]
#[case("*")]
#[case("a?ice")]
#[case("${aws:username}")]
#[case("a/b")]
#[case("a b")]
#[case("a\"]}")]
#[case("ülrike")]
fn name_that_could_mean_others_gets_no_session(#[case] name: &str) {
    let name = UserName::listed(name);
    assert_eq!(session_policy([Operation::GetUser], Whom::User(&name)), None);
    let too_long = UserName::listed(&"a".repeat(65));
    assert_eq!(session_policy([Operation::GetUser], Whom::User(&too_long)), None);
}

/// Policies know `*`, `?` and `${..}`, and a slash or a colon would reach into another part of an ARN.
#[test]
fn name_that_iam_allows_is_no_pattern() {
    let allowed: String = (0..=u32::from(char::MAX))
        .filter_map(char::from_u32)
        .filter(|letter| UserName::new(&format!("a{letter}b")).is_some())
        .collect();
    assert_eq!(allowed, "+,-.0123456789=@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");
}

/// Any calls about any user whom IAM allows.
fn tasks() -> impl Strategy<Value = (Vec<Operation>, String)> {
    let all: Vec<Operation> = MemberRole::Guard.operations();
    (prop::sample::subsequence(all.clone(), 1..=all.len()), "[A-Za-z0-9_+=,.@-]{1,64}")
}

proptest! {
    #[test]
    fn policy_names_the_calls_and_the_user_and_fits((calls, name) in tasks()) {
        let user = UserName::new(&name).unwrap();
        let policy = session_policy(calls.iter().copied(), Whom::User(&user)).unwrap();
        prop_assert!(policy.len() <= LONGEST_POLICY, "{}", policy.len());
        prop_assert!(!policy.contains(char::is_whitespace));
        let expected: BTreeSet<String> = actions(calls).into_iter().map(str::to_owned).collect();
        prop_assert_eq!(named(&policy), expected);
        let parsed: Value = serde_json::from_str(&policy).unwrap();
        for statement in parsed["Statement"].as_array().unwrap() {
            for resource in statement["Resource"].as_array().unwrap() {
                let resource = resource.as_str().unwrap();
                if resource.contains(":user/") {
                    let ours = [format!("arn:*:iam::*:user/{name}"), format!("arn:*:iam::*:user/*/{name}")];
                    prop_assert!(ours.contains(&resource.to_owned()), "{}", resource);
                }
            }
        }
    }
}

#[rstest]
fn whole_role_fits_a_session(#[values(64, 1)] length: usize) {
    let name = UserName::new(&"W".repeat(length)).unwrap();
    for role in MemberRole::iter() {
        for whom in [Whom::User(&name), Whom::Everybody] {
            let policy = session_policy(role.operations(), whom).unwrap();
            assert!(policy.len() <= LONGEST_POLICY, "{}: {}", role.name(), policy.len());
            let whole: BTreeSet<String> = actions(role.operations()).into_iter().map(str::to_owned).collect();
            assert_eq!(named(&policy), whole);
        }
    }
}
