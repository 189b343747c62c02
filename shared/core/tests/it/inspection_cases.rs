//! One user for an operator: what is said of tags and of what happened, and the form for programs.

use crate::contract::root;
use crate::evidence_fixtures::{acts, month, schema};
use mfa_enforcer_core::evidence::{Act, Told};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::history::{Records, calls_about, calls_to_look_up};
use mfa_enforcer_core::inspection::{Happening, Inspection, Source};
use mfa_enforcer_testing::fixtures::{
    GROUP, PHONE_SERIAL, POLICY, days_ago, in_grace, now, settings_with, user, users, with_device, with_tag,
};
use mfa_enforcer_testing::inspections::{inspected, inspection_of};
use rstest::rstest;
use serde_json::{Value, json};
use std::fs;

#[rstest]
#[case("grace")]
#[case("alice")]
#[case("dave")]
#[case("erin")]
#[case("build-server")]
fn json_fits_its_schema(#[case] name: &str) {
    let file = fs::read_to_string(root().join("docs/user.schema.json")).unwrap();
    let schema_of_users = jsonschema::validator_for(&serde_json::from_str(&file).unwrap()).unwrap();
    let user: Value = serde_json::from_str(&inspection_of(name, 30).json()).unwrap();
    let problems: Vec<String> =
        schema_of_users.iter_errors(&user).map(|problem| problem.to_string()).collect();
    assert_eq!(problems, [""; 0]);
    assert!(schema("row").is_valid(&user["user"]));
}

#[test]
fn acts_of_others_are_left_out() {
    let told = inspection_of("grace", 3);
    let of_records = |each: &&_| matches!(each, Happening { source: Source::Records, .. });
    assert!(told.happened.iter().filter(of_records).count() > 2);
    assert!(told.happened.is_sorted_by_key(|happening| happening.at));
    let erin = inspection_of("erin", 3);
    assert_eq!(erin.happened.iter().filter(of_records).count(), 0);
}

/// The bulk answers do not tell when a password was made, so whoever was hired long ago counts as overdue.
#[test]
fn every_standing_is_told_in_a_sentence() {
    let hired = UserFacts { created: days_ago(1), ..in_grace() };
    let others = [("new", hired), ("only an app", with_device(user("bob"), PHONE_SERIAL))];
    let people = users().into_iter().chain(others).map(|(posture, user)| {
        let stands = inspected(user, &[], &[]).stands;
        format!("{posture}: {stands}")
    });
    insta::assert_snapshot!(people.collect::<Vec<_>>().join("\n"));
}

#[test]
fn every_tag_is_told_in_words() {
    let bob = [
        (
            "mfa-enforcer:quarantined",
            "2026-11-24T08:00:00Z reason=sign-in event=e release=2026-11-24T20:00:00Z approved=2026-11-24T08:30:00Z",
        ),
        ("mfa-enforcer:notified", "reminder 2026-11-23T08:00:00Z event=e first=2026-11-20T08:00:00Z by=text"),
        ("mfa-enforcer:alerted", "2026-11-24T08:00:00Z event=e/held-by-hand event=f/release-failed"),
        ("mfa-enforcer:undone", "2026-11-24T09 2 event=e"),
        ("mfa-enforcer:exempt-by", "2026-11-23T08:00:00Z AROAEXAMPLE:carol event=e of=tag.0"),
        ("mfa-enforcer:mail", "bounced 2026-11-23T08:00:00Z address=0"),
        ("mfa-enforcer:exempt-until", "2026-12-31 TICKET-1"),
        ("mfa-enforcer:approved", "yes"),
        ("phone", "+15550100123"),
        ("team", "blue"),
    ];
    let bob = bob.into_iter().fold(user("bob"), |user, (key, value)| with_tag(user, key, value));
    insta::assert_snapshot!(tags(&inspected(bob, &[], &[])));
}

#[rstest]
#[case("2026-11-24T09 3 event=e", "put back or restored in this hour: 3")]
#[case(
    "2026-11-24T09 4 event=e",
    "somebody undid the quarantine too often in this hour, so it is left to the sweep"
)]
#[case("2026-11-24T08 4 event=e", "of another hour, so it does not count any more")]
fn what_undid_a_quarantine_counts_for_the_hour(#[case] value: &str, #[case] says: &str) {
    let bob = with_tag(user("bob"), "mfa-enforcer:undone", value);
    assert_eq!(
        tags(&inspected(bob, &[], &[])).lines().next(),
        Some(format!("mfa-enforcer:undone: {says}").as_str())
    );
}

#[test]
fn odd_values_are_told_as_such() {
    let bob = ["quarantined", "notified", "alerted", "undone", "exempt-by", "mail", "exempt-until"];
    let set = |user, name: &&str| with_tag(user, &format!("mfa-enforcer:{name}"), "by hand");
    let bob = bob.iter().fold(user("bob"), set);
    let bob = with_tag(bob, "email", "nobody");
    insta::assert_snapshot!(tags(&inspected(bob, &[], &[])));
}

fn tags(inspection: &Inspection) -> String {
    let lines: Vec<String> = inspection.tags.iter().map(|tag| format!("{}: {}", tag.key, tag.says)).collect();
    lines.join("\n")
}

/// A call about bob in the event history, by carol or by the enforcer.
fn record(name: &str, by: &str, parameters: Value) -> String {
    let mut parameters = parameters;
    parameters["userName"] = "bob".into();
    let identity = match by {
        "enforcer" => json!({
            "type": "AssumedRole",
            "accountId": "123456789012",
            "arn": "arn:aws:sts::123456789012:assumed-role/mfa-enforcer-sweep/sweep",
        }),
        name => json!({"type": "IAMUser", "userName": name, "accountId": "123456789012"}),
    };
    json!({
        "eventID": format!("id-of-{name}"),
        "eventName": name,
        "eventSource": "iam.amazonaws.com",
        "eventTime": "2026-11-20T08:00:00Z",
        "recipientAccountId": "123456789012",
        "requestParameters": parameters,
        "userIdentity": identity,
    })
    .to_string()
}

#[test]
fn every_call_is_told_in_words() {
    let serial = json!({"serialNumber": "arn:aws:iam::123456789012:mfa/bob"});
    let parameters = |name: &str| match name {
        "EnableMFADevice" | "DeactivateMFADevice" => serial.clone(),
        "AttachUserPolicy" => json!({"policyArn": POLICY}),
        "DetachUserPolicy" => json!({"policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
        "AddUserToGroup" => json!({"groupName": GROUP}),
        "RemoveUserFromGroup" => json!({"groupName": "developers"}),
        "PutUserPermissionsBoundary" => {
            json!({"permissionsBoundary": "arn:aws:iam::123456789012:policy/limits"})
        }
        "TagUser" => json!({"tags": [
            {"key": "mfa-enforcer:exempt-until", "value": "2026-12-31 TICKET-1"},
            {"key": "email", "value": "bob@example.com"},
            {"key": "team", "value": "blue"},
        ]}),
        "UntagUser" => json!({"tagKeys": ["team", "MFA-Enforcer:Approved"]}),
        "UpdateUser" => json!({"newPath": "/staff/"}),
        _ => json!({}),
    };
    let names = calls_to_look_up(now()).into_iter().map(|lookup| lookup.name);
    let records = names.map(|name| {
        let by = if name == "AttachUserPolicy" { "enforcer" } else { "carol" };
        record(name, by, parameters(name))
    });
    let told = inspected(user("bob"), &records.collect::<Vec<_>>(), &[]);
    let lines = told.happened.iter().map(|each| format!("{} by {} ({})", each.what, each.by, each.event));
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
    assert!(!told.json().contains("bob@example.com"), "addresses stay where they are");
}

#[rstest]
#[case::to_the_user("user", Some(true), "the user told `quarantined`: ")]
#[case::not_arrived("user", Some(false), "the user told `quarantined`, which did not arrive: ")]
#[case::to_the_administrators("admins", None, "the administrators told `quarantined`: ")]
fn message_is_told_with_its_fate(#[case] audience: &str, #[case] reached: Option<bool>, #[case] what: &str) {
    let mut act =
        act_of_alice("notice", |act| act.told.as_ref().is_some_and(|told| told.kind == "quarantined"));
    let told = act.told.take().unwrap();
    act.told = Some(Told { audience: audience.to_owned(), reached, ..told });
    assert_eq!(what_of(&act), format!("{what}{}", act.why));
}

#[test]
fn change_of_access_is_told_by_its_kind() {
    let act = act_of_alice("containment", |_| true);
    assert_eq!(what_of(&act), format!("containment: {}", act.why));
}

fn act_of_alice(kind: &str, is_wanted: impl Fn(&Act) -> bool) -> Act {
    let of_alice = |act: &Act| act.user.as_ref().is_some_and(|user| user.name == "alice");
    let mut acts = acts(&month().bucket).into_iter();
    acts.find(|act| act.act == kind && of_alice(act) && is_wanted(act)).unwrap()
}

/// What is told of the only thing that happened.
fn what_of(act: &Act) -> String {
    let told = inspected(user("alice"), &[], std::slice::from_ref(act));
    let [happening] = &told.happened[..] else { panic!("one thing: {:?}", told.happened) };
    happening.what.clone()
}

#[test]
fn times_are_those_of_the_zone_in_the_settings() {
    let told = Inspection { zone: "Asia/Kolkata".to_owned(), ..inspected(user("bob"), &[], &[]) };
    assert_eq!(told.minute(now()), "2026-11-24 14:35");
}

#[test]
fn call_about_another_user_is_left_out() {
    let records = vec![
        record("TagUser", "carol", json!({"tags": [{"key": "team", "value": "blue"}]})),
        record("DeleteLoginProfile", "carol", json!({})).replace("\"bob\"", "\"rob\""),
        record("CreateLoginProfile", "carol", json!({})).replace("2026-11-20", "2019-11-20"),
    ];
    assert_eq!(inspected(user("bob"), &records, &[]).happened, []);
    let settings = settings_with(&[]);
    let history = Records { records, is_complete: true };
    assert_eq!(calls_about(&[history], &user("bob"), &settings, now()).len(), 1);
}
