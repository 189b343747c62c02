//! What a check of an organization asks for in other accounts: a policy for each session.
//!
//! `contract/sessions-of-checks.json` has some, where the evaluator of policies finds them (`make contract` writes it).

use crate::contract::root;
use mfa_enforcer_core::checkup::CheckSession;
use mfa_enforcer_core::organization::{LONGEST_POLICY, Place, Unfit};
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::{env, fs};

const CALLER: &str = "arn:aws-us-gov:sts::444455556666:assumed-role/audit/carol";
const FILES: [&str; 2] = ["doctor-organization", "doctor-organization-live"];

fn place(account: &str) -> Place<'_> {
    Place::of(CALLER, "us-gov-west-1", account)
}

/// How the things of an organization are called.
struct Names {
    stack: &'static str,
    functions: Vec<&'static str>,
    queues: Vec<&'static str>,
    bucket: &'static str,
    log_group: &'static str,
    members: Vec<String>,
}

fn names() -> [(&'static str, Names); 2] {
    let by_default = Names {
        stack: "mfa-enforcer",
        functions: vec!["mfa-enforcer-SweepFunction-1ABCDEF2GHIJ", "mfa-enforcer-GuardFunction-1ABCDEF2GHIJ"],
        queues: vec!["mfa-enforcer-DeadLetters-1ABCDEF2GHIJ", "mfa-enforcer-SweepQueue-1ABCDEF2GHIJ.fifo"],
        bucket: "mfa-enforcer-evidencebucket-1abcdef2ghij",
        log_group: "mfa-enforcer-UserLifecycleLogs-1ABCDEF2GHIJ",
        members: vec!["mfa-enforcer-member".to_owned()],
    };
    let others = Names {
        stack: "corp-mfa",
        functions: vec!["corp-mfa-SweepFunction-1ABCDEF2GHIJ", "corp-mfa-GuardFunction-1ABCDEF2GHIJ"],
        queues: vec!["corp-mfa-DeadLetters-1ABCDEF2GHIJ", "corp-mfa-SweepQueue-1ABCDEF2GHIJ.fifo"],
        bucket: "evidence.corp.example",
        log_group: "corp-mfa-UserLifecycleLogs-1ABCDEF2GHIJ",
        members: vec!["corp-member".to_owned(), "old".to_owned()],
    };
    [("the names of the templates", by_default), ("other names", others)]
}

impl Names {
    fn parts(&self) -> Vec<(&'static str, String)> {
        let queue = |name: &str| format!("https://sqs.us-gov-west-1.amazonaws.com/111122223333/{name}");
        let functions = self.functions.iter().map(|name| ("AWS::Lambda::Function", (*name).to_owned()));
        let queues = self.queues.iter().map(|name| ("AWS::SQS::Queue", queue(name)));
        // Only functions and queues are read, and one that was never made has no name.
        let others = [("AWS::IAM::Role", "admin".to_owned()), ("AWS::SQS::Queue", String::new())];
        functions.chain(queues).chain(others).collect()
    }

    /// Every session, by a word for it.
    fn sessions(&self) -> Vec<(&'static str, Value)> {
        let parts = self.parts();
        let parts = parts.iter().map(|(kind, name)| (*kind, name.as_str())).collect();
        let account = |own_stack| CheckSession::Account { members: &self.members, own_stack };
        let sessions = [
            ("stack", CheckSession::Stack(self.stack)),
            ("parts", CheckSession::Parts(parts)),
            ("bucket", CheckSession::Bucket(self.bucket)),
            ("account", account(None)),
            ("management", account(Some(self.stack))),
            ("log", CheckSession::Log(self.log_group)),
            ("event", CheckSession::TestEvent),
        ];
        // As a document, since the order of its keys depends on the features of the workspace.
        let document = |session: CheckSession<'_>| {
            serde_json::from_str(&session.policy(place("111122223333")).unwrap()).unwrap()
        };
        sessions.map(|(word, session)| (word, document(session))).into()
    }
}

/// The values of a list in each statement of a policy.
fn listed(policy: &Value, list: &str) -> BTreeSet<String> {
    let statements = policy["Statement"].as_array().unwrap().iter();
    let values = statements.flat_map(|statement| match &statement[list] {
        Value::Array(values) => values.clone(),
        value => vec![value.clone()],
    });
    values.map(|value| value.as_str().unwrap().to_owned()).collect()
}

#[test]
fn contract_has_the_sessions_of_checks() {
    let file = root().join("contract/sessions-of-checks.json");
    let made = names().map(|(title, names)| {
        let sessions: Value =
            names.sessions().into_iter().map(|(word, policy)| json!({word: policy})).collect();
        json!({
            "title": title,
            "stack": names.stack,
            "functions": names.functions,
            "queues": names.queues,
            "bucket": names.bucket,
            "logGroup": names.log_group,
            "members": names.members,
            "sessions": sessions,
        })
    });
    let made = json!(made);
    if env::var_os("UPDATE_CONTRACT").is_some() {
        fs::write(&file, serde_json::to_string_pretty(&made).unwrap() + "\n").unwrap();
    }
    let found: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert!(found == made, "run `make contract`, and review what changed");
}

#[test]
fn sessions_together_make_the_calls_of_the_files_and_no_other() {
    let of_files: BTreeSet<String> = FILES
        .iter()
        .flat_map(|name| {
            let file = fs::read_to_string(root().join(format!("policies/{name}.json"))).unwrap();
            listed(&serde_json::from_str(&file).unwrap(), "Action")
        })
        .collect();
    for (_, names) in names() {
        let made = names.sessions().into_iter().flat_map(|(_, policy)| listed(&policy, "Action")).collect();
        assert_eq!(of_files, made);
    }
}

#[test]
fn session_for_a_stack_knows_no_other_name() {
    let policy = CheckSession::Stack("corp-mfa").policy(place("111122223333")).unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&policy).unwrap(),
        json!({"Version": "2012-10-17", "Statement": [{
            "Sid": "Stack",
            "Effect": "Allow",
            "Action": ["cloudformation:DescribeStacks", "cloudformation:ListStackResources"],
            "Resource": ["arn:aws-us-gov:cloudformation:us-gov-west-1:111122223333:stack/corp-mfa/*"],
        }]})
    );
}

#[test]
fn condition_of_the_file_is_kept() {
    let policy = CheckSession::TestEvent.policy(place("111122223333")).unwrap();
    let policy: Value = serde_json::from_str(&policy).unwrap();
    let [statement] = policy["Statement"].as_array().unwrap().as_slice() else { panic!("{policy}") };
    assert_eq!(
        statement["Condition"]["ForAllValues:StringEquals"]["events:source"],
        json!(["mfa-enforcer.test"])
    );
    assert_eq!(statement["Condition"]["Null"]["events:source"], "false");
}

/// Sessions for things with this name.
fn named(name: &str) -> Vec<Result<String, Unfit>> {
    let members = [name.to_owned()];
    let of_members = CheckSession::Account { members: &members, own_stack: None };
    let sessions = [
        CheckSession::Stack(name),
        CheckSession::Parts(vec![("AWS::Lambda::Function", name)]),
        CheckSession::Parts(vec![("AWS::SQS::Queue", name)]),
        CheckSession::Bucket(name),
        CheckSession::Log(name),
        CheckSession::Account { members: &[], own_stack: Some(name) },
        of_members,
    ];
    sessions.iter().map(|session| session.policy(place("111122223333"))).collect()
}

#[rstest]
#[case("*")]
#[case("mfa-*")]
#[case("mfa?enforcer")]
#[case("${aws:username}")]
#[case("a:b")]
#[case("a b")]
#[case("a\"]}")]
#[case("müller")]
#[case("a\u{1b}[31m")]
fn name_that_could_mean_others_gets_no_session_of_a_check(#[case] name: &str) {
    for policy in named(name) {
        assert!(matches!(policy, Err(Unfit::Name { .. })), "{policy:?}");
    }
    let places = [
        place(name),
        Place { region: name, ..place("111122223333") },
        Place { partition: name, ..place("111122223333") },
    ];
    for place in places {
        assert!(matches!(CheckSession::TestEvent.policy(place), Err(Unfit::Name { .. })));
    }
}

#[rstest]
#[case::empty("")]
#[case::too_long(&"a".repeat(513))]
fn name_of_no_length_that_aws_takes_is_refused(#[case] name: &str) {
    // Members with no name have `-dead-letters`, and a part with none was never made.
    let refused = named(name).into_iter().filter(Result::is_err).count();
    assert!(refused >= 6, "{refused}");
}

#[test]
fn stack_that_lists_nothing_gets_no_session() {
    let role = ("AWS::IAM::Role", "mfa-enforcer-sweep");
    for parts in [vec![], vec![role], vec![("AWS::SQS::Queue", "")]] {
        assert_eq!(CheckSession::Parts(parts).policy(place("111122223333")), Err(Unfit::Nothing));
    }
}

#[test]
fn too_many_names_are_refused() {
    let members: Vec<String> = (0..40).map(|number| format!("member-with-a-long-name-{number}")).collect();
    let session = CheckSession::Account { members: &members, own_stack: None };
    let refused = session.policy(place("111122223333"));
    assert!(matches!(refused, Err(Unfit::TooLong(length)) if length > LONGEST_POLICY), "{refused:?}");
}

#[test]
fn policy_may_be_as_long_as_aws_takes_and_no_longer() {
    let name = "f".repeat(60);
    let policy = |rest: usize| {
        let parts = [[name.as_str()].repeat(15), vec![&name[..rest]]].concat();
        let parts = parts.into_iter().map(|name| ("AWS::Lambda::Function", name)).collect();
        CheckSession::Parts(parts).policy(place("111122223333"))
    };
    let spare = LONGEST_POLICY - policy(1).unwrap().len();
    assert_eq!(policy(1 + spare).unwrap().len(), LONGEST_POLICY);
    assert_eq!(policy(2 + spare), Err(Unfit::TooLong(LONGEST_POLICY + 1)));
}

/// The longest names that the templates allow: 5 functions and 5 queues, and as many members as fit into 110 characters.
#[test]
fn longest_names_of_a_hub_fit_into_its_sessions() {
    let (name, queue) = ("f".repeat(64), format!("{}.fifo", "q".repeat(75)));
    let parts = [("AWS::Lambda::Function", name.as_str()), ("AWS::SQS::Queue", queue.as_str())].repeat(5);
    let members: Vec<String> = ["a"; 55].map(str::to_owned).into();
    let few: Vec<String> = vec!["m".repeat(36); 3];
    let stack = "s".repeat(49);
    for session in [
        CheckSession::Parts(parts),
        CheckSession::Account { members: &few, own_stack: Some(&stack) },
        CheckSession::Bucket(&"b".repeat(63)),
        CheckSession::Log(&"l".repeat(512)),
    ] {
        let policy = session.policy(place("111122223333")).unwrap();
        assert!(policy.len() <= LONGEST_POLICY, "{}", policy.len());
    }
    // Nobody has so many.
    let session = CheckSession::Account { members: &members, own_stack: None };
    assert!(matches!(session.policy(place("111122223333")), Err(Unfit::TooLong(_))));
}

proptest! {
    #[test]
    fn session_is_about_the_names_that_were_asked_for(
        stack in "[A-Za-z][A-Za-z0-9-]{0,48}",
        function in "[A-Za-z0-9_-]{1,64}",
        queue in "[A-Za-z0-9_-]{1,75}(\\.fifo)?",
        bucket in "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
        members in prop::collection::vec("[A-Za-z][A-Za-z0-9-]{0,35}", 1..4),
        log_group in "[A-Za-z0-9_/.#-]{1,512}",
    ) {
        let here = "us-gov-west-1:111122223333";
        let url = format!("https://sqs.us-gov-west-1.amazonaws.com/111122223333/{queue}");
        let parts = vec![("AWS::Lambda::Function", function.as_str()), ("AWS::SQS::Queue", url.as_str())];
        let arn = |rest: String| format!("arn:aws-us-gov:{rest}");
        let stacks = arn(format!("cloudformation:{here}:stack/{stack}/*"));
        let regions = arn("account::111122223333:account".to_owned());
        let queues = members.iter().map(|name| arn(format!("sqs:*:111122223333:{name}-dead-letters")));
        let group = arn(format!("logs:{here}:log-group:{log_group}:*"));
        let account = CheckSession::Account { members: &members, own_stack: Some(&stack) };
        let cases = [
            (CheckSession::Stack(&stack), vec![stacks.clone()]),
            (CheckSession::Parts(parts), vec![
                arn(format!("lambda:{here}:function:{function}")),
                arn(format!("sqs:{here}:{queue}")),
            ]),
            (CheckSession::Bucket(&bucket), vec![
                arn(format!("s3:::{bucket}")),
                arn(format!("s3:::{bucket}/organization/*")),
            ]),
            (CheckSession::Log(&log_group), vec![group]),
            (account, queues.chain(["*".to_owned(), stacks, regions]).collect()),
        ];
        for (session, expected) in cases {
            let policy = session.policy(place("111122223333")).unwrap();
            prop_assert!(policy.len() <= LONGEST_POLICY);
            prop_assert!(!policy.contains(char::is_whitespace));
            let policy: Value = serde_json::from_str(&policy).unwrap();
            prop_assert_eq!(listed(&policy, "Resource"), expected.into_iter().collect::<BTreeSet<_>>());
        }
    }
}
