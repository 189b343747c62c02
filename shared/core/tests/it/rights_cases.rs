//! What policy documents make of somebody.

use mfa_enforcer_core::policy_text::Document;
use mfa_enforcer_core::rights::{Grants, GroupPermissions, Permissions, Power};
use mfa_enforcer_core::snapshot::UserDetail;
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};
use strum::IntoEnumIterator;

use crate::snapshot_fixtures::detail;

pub(crate) const ALICE: &str = "arn:aws:iam::123456789012:user/staff/alice";

fn allow(action: &Value) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": "*"})
}

fn deny(action: &Value) -> Value {
    json!({"Effect": "Deny", "Action": action, "Resource": "*"})
}

fn power(statements: &Value) -> Power {
    let document = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let grants = Grants::of(&document, ALICE);
    assert!(!grants.is_partly_unread, "{document}");
    grants.power()
}

#[rstest]
#[case(json!("*"), Power::Everything)]
#[case(json!(["*"]), Power::Everything)]
#[case(json!("*:*"), Power::Everything)]
#[case(json!(["ec2:*", "IAM:*"]), Power::CanBecome)]
#[case(json!("iam:Attach*"), Power::CanBecome)]
#[case(json!("iam:attachuserpolicy"), Power::CanBecome)]
#[case(json!("iam:?utUserPolicy"), Power::CanBecome)]
#[case(json!("iam:*Version"), Power::CanBecome)]
#[case(json!("iam:AddUserToGroup"), Power::CanBecome)]
#[case(json!("iam:CreateAccessKey"), Power::CanBecome)]
#[case(json!("iam:UpdateAssumeRolePolicy"), Power::CanBecome)]
#[case(json!(["iam:PassRole", "ec2:RunInstances"]), Power::CanBecome)]
#[case(json!(["iam:PassRole", "lambda:*"]), Power::CanBecome)]
#[case(json!(["iam:PassRole", "lambda:CreateFunction"]), Power::Ordinary)]
#[case(json!("iam:PassRole"), Power::Ordinary)]
#[case(json!(["lambda:*", "ec2:*", "cloudformation:*"]), Power::Ordinary)]
#[case(json!(["iam:Get*", "iam:List*", "s3:*"]), Power::Ordinary)]
#[case(json!([]), Power::Ordinary)]
fn actions_are_matched_as_iam_does(#[case] action: Value, #[case] expected: Power) {
    assert_eq!(power(&allow(&action)), expected, "{action}");
    assert_eq!(power(&json!([allow(&action)])), expected, "{action} in a list");
}

#[rstest]
#[case(json!(["iam:*", "organizations:*", "account:*"]), Power::NearlyEverything)]
#[case(json!("s3:*"), Power::CanBecome)]
#[case(json!("*"), Power::Ordinary)]
fn everything_but_some_actions(#[case] but: Value, #[case] at_least: Power) {
    let found = power(&json!({"Effect": "Allow", "NotAction": but, "Resource": "*"}));
    assert!(found >= at_least && (at_least == Power::CanBecome || found == at_least), "{but}: {found:?}");
}

#[rstest]
#[case("*", true)]
#[case("arn:aws:iam::123456789012:user/*", true)]
#[case("arn:*:iam::*:user/*", true)]
#[case("arn:aws:iam::*:*", true)]
#[case("arn:aws:iam::123456789012:user/${aws:username}", true)]
#[case("arn:aws:iam::123456789012:user/staff/alice", true)]
#[case("arn:aws:iam::123456789012:user/staff/bob", false)]
#[case("arn:aws:iam::123456789012:user/robots/*", false)]
#[case("arn:aws:iam::123456789012:group/*", false)]
#[case("arn:aws:iam::999999999999:user/*", false)]
#[case("arn:aws:iam::123456789012:user/?", false)]
fn resource_has_to_be_everybody_or_oneself(#[case] resource: &str, #[case] counts: bool) {
    let statement = json!({"Effect": "Allow", "Action": "iam:AttachUserPolicy", "Resource": resource});
    assert_eq!(power(&statement) == Power::CanBecome, counts, "{resource}");
}

#[test]
fn own_keys_and_password_are_no_way_to_become_anybody() {
    let own = "arn:aws:iam::123456789012:user/${aws:username}";
    for action in ["iam:CreateAccessKey", "iam:UpdateLoginProfile"] {
        let statement = json!({"Effect": "Allow", "Action": action, "Resource": own});
        assert_eq!(power(&statement), Power::Ordinary, "{action}");
    }
}

#[rstest]
#[case(json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}), true)]
#[case(json!({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}), true)]
#[case(json!({"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::123456789012:policy/x"}}), false)]
#[case(json!({"StringEquals": {"aws:ResourceTag/team": "x"}}), false)]
fn condition_counts_only_if_it_narrows_the_call(#[case] condition: Value, #[case] counts: bool) {
    let allowed = json!({
        "Effect": "Allow", "Action": "iam:AttachUserPolicy", "Resource": "*", "Condition": condition.clone(),
    });
    assert_eq!(power(&allowed) == Power::CanBecome, counts, "{condition}");
    // A denial that may not apply takes nothing away.
    let denied = json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition});
    assert_eq!(power(&json!([allow(&json!("*")), denied])), Power::Everything);
}

#[test]
fn denial_takes_away() {
    let everything = || allow(&json!("*"));
    assert_eq!(power(&json!([everything(), deny(&json!("*"))])), Power::Ordinary);
    assert_eq!(power(&json!([everything(), deny(&json!("iam:*"))])), Power::NearlyEverything);
    assert_eq!(power(&json!([everything(), deny(&json!("s3:*"))])), Power::Everything);
    let on_some = json!({"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::logs"});
    assert_eq!(power(&json!([everything(), on_some])), Power::Everything);
}

#[test]
fn denial_takes_away_what_another_document_grants() {
    let of = |statement: Value| Grants::of(&json!({"Statement": statement}).to_string(), ALICE);
    let (everything, nothing) = (of(allow(&json!("*"))), of(deny(&json!("*"))));
    assert_eq!(everything.and(nothing).power(), Power::Ordinary);
    assert_eq!(nothing.and(everything).power(), Power::Ordinary);
    assert_eq!(everything.and(nothing).and(nothing).power(), Power::Ordinary, "denied twice");
}

#[test]
fn what_cannot_be_read_is_unread() {
    let huge = format!(r#"{{"Statement": [], "Id": "{}"}}"#, "x".repeat(200_000));
    let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
    for document in [
        "",
        "%",
        "%7",
        "{",
        "[]",
        "{}",
        "null",
        r#"{"Statement": [{}]}"#,
        r#"{"Statement": 1}"#,
        r#"{"Statement": {"Effect": "Maybe", "Action": "*", "Resource": "*"}}"#,
        r#"{"Statement": {"Effect": "Allow", "Action": 1, "Resource": "*"}}"#,
        r#"{"Statement": {"Effect": "Allow", "Action": "*"}}"#,
        &huge,
        &deep,
    ] {
        assert_eq!(Grants::of(document, ALICE), Grants::UNREAD, "{document:.80}");
    }
}

#[rstest]
#[case::longest(128 * 1024, false)]
#[case::too_long(128 * 1024 + 1, true)]
fn long_document_is_read_up_to_a_limit(#[case] length: usize, #[case] is_unread: bool) {
    let text = json!({"Statement": allow(&json!("*"))}).to_string();
    let document = format!("{text}{}", " ".repeat(length - text.len()));
    assert_eq!(Grants::of(&document, ALICE) == Grants::UNREAD, is_unread);
}

#[test]
fn document_is_read_as_iam_encodes_it() {
    let plain = json!({"Statement": allow(&json!("iam:Put*"))}).to_string();
    let encoded = plain.replace('%', "%25").replace('{', "%7B").replace('"', "%22").replace('*', "%2a");
    assert!(encoded.starts_with('%'));
    assert_eq!(Grants::of(&encoded, ALICE), Grants::of(&plain, ALICE));
    assert_eq!(Grants::of(&encoded, ALICE).power(), Power::CanBecome);
}

#[test]
fn quarantine_makes_nobody_less_of_an_administrator() {
    let everything = Grants::of(&json!({"Statement": allow(&json!("*"))}).to_string(), ALICE);
    for document in Document::iter() {
        let grants = Grants::of(document.text(), "arn:aws:iam::123456789012:policy/quarantine");
        assert!(!grants.is_partly_unread && grants.power() == Power::Ordinary, "{document:?}");
        assert_eq!(everything.and(grants).power(), Power::Everything, "{document:?}");
    }
}

/// Alice, without a policy or a group.
fn alice() -> UserDetail {
    UserDetail { attached_policies: Vec::new(), groups: Vec::new(), ..detail("alice") }
}

fn of_aws(name: &str) -> String {
    format!("arn:aws:iam::aws:policy/{name}")
}

#[rstest]
#[case("AdministratorAccess", Power::Everything)]
#[case("IAMFullAccess", Power::CanBecome)]
#[case("PowerUserAccess", Power::NearlyEverything)]
#[case("ReadOnlyAccess", Power::Ordinary)]
fn policies_of_aws_are_known_by_their_names(#[case] name: &str, #[case] expected: Power) {
    let user = UserDetail { attached_policies: vec![of_aws(name)], ..alice() };
    let rights = Permissions::default().of_user(&user);
    assert_eq!((rights.power, rights.is_partly_unread), (expected, false));
}

#[rstest]
#[case::of_the_account("arn:aws:iam::123456789012:policy/AdministratorAccess")]
#[case::no_partition_of_aws("arn:other:iam::aws:policy/AdministratorAccess")]
#[case::no_arn("urn:aws:iam::aws:policy/AdministratorAccess")]
fn name_says_nothing_of_a_policy_that_is_not_of_aws(#[case] arn: &str) {
    assert_eq!(Grants::of_aws(arn), Grants::default());
}

#[test]
fn rights_come_from_the_user_their_policies_and_groups() {
    let full = Grants::of(&json!({"Statement": allow(&json!("iam:*"))}).to_string(), ALICE);
    let own = "arn:aws:iam::123456789012:policy/own".to_owned();
    let mut permissions = Permissions::default();
    permissions.policies.insert(own.clone(), full);
    let attached_policies = vec![of_aws("AdministratorAccess")];
    permissions
        .groups
        .insert("ops".to_owned(), GroupPermissions { inline: Grants::default(), attached_policies });
    permissions
        .groups
        .insert("keys".to_owned(), GroupPermissions { inline: full, ..GroupPermissions::default() });
    let groups = |name: &str| UserDetail { groups: vec![name.to_owned()], ..alice() };
    for (user, expected, mark, unread) in [
        (alice(), "ordinary", None, false),
        (UserDetail { inline: full, ..alice() }, "can-become-administrator", Some("can become admin"), false),
        (
            UserDetail { attached_policies: vec![own], ..alice() },
            "can-become-administrator",
            Some("can become admin"),
            false,
        ),
        (groups("Ops"), "administrator", Some("admin"), false),
        (groups("keys"), "can-become-administrator", Some("can become admin"), false),
        (groups("gone"), "unknown", Some("rights not known"), true),
        (
            UserDetail {
                attached_policies: vec!["arn:aws:iam::123456789012:policy/gone".to_owned()],
                ..groups("ops")
            },
            "administrator",
            Some("admin"),
            true,
        ),
    ] {
        let rights = permissions.of_user(&user);
        assert_eq!((rights.code(), rights.mark(), rights.is_partly_unread), (expected, mark, unread));
    }
}

/// A statement that may be understood or not.
fn any_statement() -> impl Strategy<Value = Value> {
    let action = prop::sample::select(vec![
        "*",
        "iam:*",
        "iam:Attach*",
        "IAM:PassRole",
        "lambda:*",
        "ec2:RunInstances",
        "s3:*",
        "iam:?utUserPolicy",
    ]);
    let resource = prop::sample::select(vec![
        "*",
        "arn:aws:iam::123456789012:user/*",
        "arn:aws:s3:::*",
        "arn:aws:iam::*:user/${aws:username}",
    ]);
    let condition =
        prop::option::of(prop::sample::select(vec!["aws:MultiFactorAuthPresent", "iam:PolicyARN"]));
    let words = (prop::bool::ANY, prop::bool::ANY, prop::bool::ANY);
    (prop::collection::vec(action, 1..4), resource, condition, words).prop_map(
        |(actions, resource, condition, (denies, not_action, not_resource))| {
            let mut statement = json!({"Effect": if denies { "Deny" } else { "Allow" }});
            statement[if not_action { "NotAction" } else { "Action" }] = json!(actions);
            statement[if not_resource { "NotResource" } else { "Resource" }] = json!(resource);
            if let Some(key) = condition {
                statement["Condition"] = json!({"StringEquals": {key: "x"}});
            }
            statement
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn further_allow_is_never_less_and_further_deny_never_more(
        statements in prop::collection::vec(any_statement(), 0..5), more in any_statement()
    ) {
        let before = power(&json!(statements));
        let denies = more["Effect"] == "Deny";
        let after = power(&json!([statements, vec![more]].concat()));
        prop_assert!(if denies { after <= before } else { after >= before }, "{before:?}, {after:?}");
    }

    #[test]
    fn statements_count_the_same_in_any_documents(
        statements in prop::collection::vec(any_statement(), 0..5), cut in 0_usize..5
    ) {
        let grants = |part: &[Value]| Grants::of(&json!({"Statement": part}).to_string(), ALICE);
        let (one, other) = statements.split_at(cut.min(statements.len()));
        prop_assert_eq!(grants(one).and(grants(other)), grants(&statements));
        prop_assert_eq!(grants(other).and(grants(one)), grants(&statements));
    }

    #[test]
    fn any_text_is_read_or_unread(text in any::<String>(), holder in any::<String>()) {
        let grants = Grants::of(&text, &holder);
        prop_assert!(grants.is_partly_unread || grants == Grants::of(&text, &holder));
    }
}
