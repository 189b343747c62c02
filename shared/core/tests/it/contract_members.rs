//! What the hub asks for in an account of the organization: roles, and a policy for each session.
//!
//! `contract/sessions-in-members.json` has both, where the evaluator of policies finds them (`make contract` writes it).

use crate::contract::root;
use crate::organization_hub_cases::all_changes;
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::event::{Function, UserName};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::organization::{LONGEST_POLICY, MemberRole, Session, Task, Whom, session_policy};
use mfa_enforcer_core::settings::Mode;
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::{env, fs};
use strum::IntoEnumIterator;

fn actions(calls: impl IntoIterator<Item = Operation>) -> BTreeSet<&'static str> {
    calls.into_iter().map(Operation::action).collect()
}

/// The calls that a policy names.
pub(crate) fn named(policy: &str) -> BTreeSet<String> {
    let policy: Value = serde_json::from_str(policy).unwrap();
    let statements = policy["Statement"].as_array().unwrap().iter();
    let listed = |statement: &Value| statement["Action"].as_array().unwrap().clone();
    statements.flat_map(listed).map(|action| action.as_str().unwrap().to_owned()).collect()
}

/// A session that the core opens in a role, and the user whom it is about.
type Opened = (MemberRole, Option<UserName>, Session);

/// Every session of the functions, each once: those of events about the first user, those of sweeps about each.
fn opened(users: &[UserName]) -> Vec<Opened> {
    let mut all: Vec<Opened> = Vec::new();
    let mut add = |role, user: Option<&UserName>, session: Option<Session>| {
        let is_known = |session: &Session| all.iter().any(|(of, _, one)| *of == role && one == session);
        if let Some(session) = session.filter(|session| !is_known(session)) {
            all.push((role, user.cloned(), session));
        }
    };
    for (role, task, mode) in tasks_of_roles() {
        match task {
            Task::OfUser(_) | Task::OfMail => {
                let user = users.first();
                add(role, user, Session::of_event(role, (task, mode), user, NAME));
            }
            Task::OfRoot | Task::OfQuarantine => {
                add(role, None, Session::of_event(role, (task, mode), None, NAME));
            }
        }
    }
    for role in MemberRole::all_of(Function::Sweep) {
        add(*role, None, Session::of_sweep(*role, NAME));
    }
    // Of a sweep, or of an event that leads to what events of its kind seldom lead to.
    for (role, change, mode) in changes_of_roles() {
        for user in users {
            add(role, Some(user), Session::of_change(role, (&change, mode), user, NAME));
        }
    }
    all
}

/// A change of each kind, by each role, in each mode.
fn changes_of_roles() -> Vec<(MemberRole, Change, Mode)> {
    let changes = all_changes();
    let of_role =
        |role| changes.iter().flat_map(move |change| MODES.map(|mode| (role, change.clone(), mode)));
    MemberRole::iter().flat_map(of_role).collect()
}

const NAME: &str = "event";

/// What each role may have to do because of an event, in each mode.
fn tasks_of_roles() -> Vec<(MemberRole, Task, Mode)> {
    let mut all = Vec::new();
    for (function, task) in Function::all().flat_map(|function| Task::all().map(move |task| (function, task)))
    {
        let is_its_own = match task {
            Task::OfUser(kind) => kind.spec().function == function,
            Task::OfMail => function == Function::UserLifecycle,
            Task::OfRoot => {
                matches!(function, Function::SignIn | Function::UserLifecycle | Function::MfaDevice)
            }
            Task::OfQuarantine => function == Function::Guard,
        };
        for role in MemberRole::all_of(function).iter().filter(|_| is_its_own) {
            all.extend(MODES.map(|mode| (*role, task, mode)));
        }
    }
    all
}

const MODES: [Mode; 3] = [Mode::Enforce, Mode::Notify, Mode::Observe];

/// What can be changed because of each event in the sessions that are open from the beginning, in each mode.
fn changes_by_event() -> Value {
    let mut all: BTreeMap<&str, BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
    for (role, task, mode) in tasks_of_roles() {
        let name = match task {
            Task::OfUser(kind) => kind.spec().event_name,
            Task::OfMail => "mail",
            Task::OfRoot => "root",
            Task::OfQuarantine => "quarantine",
        };
        let reads =
            |call: &&str| ["iam:Get", "iam:List", "cloudtrail:"].iter().any(|start| call.starts_with(start));
        let of_mode = all.entry(name).or_default().entry(mode.name()).or_default();
        of_mode.extend(actions(task.calls(role, mode)).into_iter().filter(|call| !reads(call)));
    }
    json!(all)
}

fn sessions() -> Value {
    let users = ["alice", "lee.o+ops=1,2@example.com"].map(UserName::listed);
    let session = |(role, user, session): Opened| {
        // As a document, since the order of its keys depends on the features of the workspace.
        let policy: Value = serde_json::from_str(&session.policy).unwrap();
        let user = user.as_ref().map(UserName::as_str);
        json!({"role": role.name(), "calls": named(&session.policy), "user": user, "policy": policy})
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
        "changes": changes_by_event(),
        "sessions": opened(&users).into_iter().map(session).collect::<Vec<_>>(),
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
