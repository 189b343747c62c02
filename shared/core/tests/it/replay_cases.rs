//! What would have happened, from records alone.

use jiff::Timestamp;
use mfa_enforcer_core::event::Ignored;
use mfa_enforcer_core::forecast::Schedule;
use mfa_enforcer_core::replay::{Entry, Provided, Replay, Snapshot, Taken, wanted};
use mfa_enforcer_core::tags::UserTag;
use mfa_enforcer_testing::fixtures::{
    GROUP, POLICY, envelope, overdue, settings, settings_with, with_device,
};
use rstest::rstest;
use serde_json::{Value, json};

const PHONE: &str = "arn:aws:iam::123456789012:mfa/bobs-phone";

/// A record by an administrator about bob.
pub(crate) fn call(name: &str, at: &str, parameters: &Value) -> Value {
    let mut record = envelope("CreateUser")["detail"].take();
    record["eventName"] = name.into();
    record["eventTime"] = at.into();
    record["eventID"] = format!("of-{name}-{}", at.replace(':', "")).into();
    record["userIdentity"] = json!({
        "type": "AssumedRole", "accountId": "123456789012",
        "arn": "arn:aws:sts::123456789012:assumed-role/Admin/carol"
    });
    record["requestParameters"] = json!({"userName": "bob"});
    for (key, value) in parameters.as_object().unwrap() {
        record["requestParameters"][key] = value.clone();
    }
    if name == "CreateUser" {
        record["responseElements"] = json!({"user": {"userName": "bob", "userId": "AIDAEXAMPLEBOB"}});
    }
    record
}

pub(crate) fn sign_in(at: &str, mfa_used: &str) -> Value {
    let mut record = envelope("ConsoleLogin")["detail"].take();
    record["eventTime"] = at.into();
    record["eventID"] = format!("sign-in-{}", at.replace(':', "")).into();
    record["additionalEventData"]["MFAUsed"] = mfa_used.into();
    let identity = &mut record["userIdentity"];
    identity["userName"] = "bob".into();
    identity["principalId"] = "AIDAEXAMPLEBOB".into();
    identity["arn"] = "arn:aws:iam::123456789012:user/bob".into();
    record
}

pub(crate) fn replay() -> Replay {
    Replay::new(settings(), Schedule::new("06:00", "UTC").unwrap())
}

/// What would have happened until then.
pub(crate) fn until(mut replay: Replay, records: &[Value], end: &str) -> Vec<Entry> {
    for record in records {
        replay.take(&record.to_string()).unwrap();
    }
    replay.finish(time(end));
    replay.entries()
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Each entry in short: when, after what, what is done, what is said.
pub(crate) fn brief(entries: &[Entry]) -> Vec<String> {
    let one = |entry: &Entry| {
        let said: Vec<&str> = entry.messages.iter().map(|kind| kind.code()).collect();
        let what = entry.what.map_or("-", |what| what.code());
        format!("{} {} {what} {}", entry.at.strftime("%d %H:%M"), entry.trigger, said.join("+"))
    };
    entries.iter().map(one).collect()
}

#[test]
fn users_whole_story_is_told() {
    let records = [
        call(
            "CreateUser",
            "2026-11-01T09:00:00Z",
            &json!({"tags": [{"key": "email", "value": "bob@example.com"}]}),
        ),
        call("CreateLoginProfile", "2026-11-01T09:00:30Z", &json!({})),
        sign_in("2026-11-02T08:00:00Z", "No"),
        call("EnableMFADevice", "2026-11-10T08:00:00Z", &json!({"serialNumber": PHONE})),
        sign_in("2026-11-11T08:00:00Z", "Yes"),
        call("DeactivateMFADevice", "2026-11-20T08:00:00Z", &json!({"serialNumber": PHONE})),
    ];
    insta::assert_snapshot!(brief(&until(replay(), &records, "2026-11-21T00:00:00Z")).join("\n"));
}

#[test]
fn what_an_archive_does_not_tell_is_said() {
    let entries = until(replay(), &[sign_in("2026-11-02T08:00:00Z", "No")], "2026-11-02T09:00:00Z");
    assert_eq!(brief(&entries), ["02 08:02 ConsoleLogin contained quarantined"]);
    assert_eq!(entries[0].provided, [Provided::PasswordIsOld, Provided::NotExempt]);

    let removal = call("DeactivateMFADevice", "2026-11-02T08:00:00Z", &json!({"serialNumber": PHONE}));
    let entries = until(replay(), &[removal], "2026-11-02T09:00:00Z");
    let expected = [Provided::HasPassword, Provided::NoOtherDevice, Provided::NotExempt];
    assert_eq!(entries[0].provided, expected);
}

/// Without a password the same would be done, and for another reason.
#[test]
fn other_reason_is_a_difference_too() {
    let records = [
        call("AttachUserPolicy", "2026-11-02T08:00:00Z", &json!({"policyArn": POLICY})),
        call("UpdateUser", "2026-11-02T09:00:00Z", &json!({"newPath": "/robots/"})),
    ];
    let entries = until(replay(), &records, "2026-11-02T10:00:00Z");
    assert_eq!(brief(&entries), ["02 09:02 UpdateUser - exempted"]);
    assert_eq!(
        (entries[0].reason, entries[0].provided.as_slice()),
        ("quarantined-by-hand", [Provided::HasPassword].as_slice())
    );
}

#[test]
fn nothing_is_said_where_it_makes_no_difference() {
    let records = [
        call("CreateUser", "2026-11-01T09:00:00Z", &json!({})),
        call("CreateLoginProfile", "2026-11-01T09:00:30Z", &json!({})),
        sign_in("2026-11-02T08:00:00Z", "No"),
    ];
    let entries = until(replay(), &records, "2026-11-02T09:00:00Z");
    assert!(entries.iter().all(|entry| entry.provided.is_empty()), "{entries:#?}");
}

#[test]
fn user_who_used_mfa_is_told_nothing() {
    let records = [
        sign_in("2026-11-02T08:00:00Z", "Yes"),
        call("EnableMFADevice", "2026-11-02T09:00:00Z", &json!({"serialNumber": PHONE})),
        call("DeleteLoginProfile", "2026-11-02T09:30:00Z", &json!({})),
    ];
    let entries = brief(&until(replay(), &records, "2026-11-03T09:00:00Z"));
    assert_eq!(entries, ["02 09:02 EnableMFADevice - enrolment-alert"]);
}

#[test]
fn what_is_done_meanwhile_counts() {
    let records = [
        call("DeactivateMFADevice", "2026-11-02T08:00:00Z", &json!({"serialNumber": PHONE})),
        call("EnableMFADevice", "2026-11-02T08:00:40Z", &json!({"serialNumber": format!("{PHONE}-2")})),
    ];
    let replay = replay().with_users(
        [with_device(overdue(), PHONE)].map(|mut user| {
            user.name = mfa_enforcer_core::event::UserName::new("bob").unwrap();
            user
        }),
        time("2026-11-01T00:00:00Z"),
    );
    let entries = until(replay, &records, "2026-11-02T09:00:00Z");
    assert!(
        entries.iter().all(|entry| entry.what.is_none_or(|what| what.code() != "contained")),
        "{entries:#?}"
    );
}

#[test]
fn lost_event_is_made_up_for_by_a_sweep() {
    let records = [
        call(
            "CreateUser",
            "2026-11-01T05:00:00Z",
            &json!({"tags": [{"key": "email", "value": "bob@example.com"}]}),
        ),
        call("CreateLoginProfile", "2026-11-01T05:00:30Z", &json!({})),
        call("EnableMFADevice", "2026-11-01T08:00:00Z", &json!({"serialNumber": PHONE})),
        call("DeactivateMFADevice", "2026-11-20T08:00:00Z", &json!({"serialNumber": PHONE})),
    ];
    let replay = replay().without_events(time("2026-11-20T00:00:00Z"), time("2026-11-21T00:00:00Z"));
    let entries = brief(&until(replay, &records, "2026-11-20T12:00:00Z"));
    assert_eq!(
        entries.last().map(String::as_str),
        Some("20 09:07 Sweep contained quarantined"),
        "{entries:#?}"
    );
}

#[test]
fn quarantine_whose_record_is_gone_is_known_by_the_history() {
    let keys = [UserTag::Quarantined, UserTag::Notified].map(UserTag::key);
    let records = [
        sign_in("2026-11-02T08:00:00Z", "No"),
        call("UntagUser", "2026-11-02T10:00:00Z", &json!({"tagKeys": keys})),
        call("EnableMFADevice", "2026-11-02T12:00:00Z", &json!({"serialNumber": PHONE})),
    ];
    let replay = replay().without_events(time("2026-11-02T10:00:00Z"), time("2026-11-02T10:01:00Z"));
    let entries = brief(&until(replay, &records, "2026-11-03T09:00:00Z"));
    let expected = [
        "02 08:02 ConsoleLogin contained quarantined",
        "02 12:02 EnableMFADevice released enrolment-alert+released",
    ];
    assert_eq!(entries, expected);
}

/// What a plan says of bob, with these differences.
fn snapshot(user: &Value) -> Snapshot {
    snapshot_of(user, "yes")
}

/// The same, whether or not messages reach bob.
pub(crate) fn snapshot_of(user: &Value, reachable: &str) -> Snapshot {
    let mut row = json!({
        "name": "bob", "id": "AIDAEXAMPLEBOB", "arn": "arn:aws:iam::123456789012:user/staff/bob",
        "created": "2026-01-01T00:00:00Z", "password": {"set": true, "changed": "2026-10-30T00:00:00Z"},
        "mfa": {"has": false, "devices": [], "listed": null}, "lastSignIn": "unknown", "accessKeys": [],
        "posture": "in-grace", "deadline": "2026-11-06T00:00:00Z", "exemption": null, "containment": null,
        "findings": [], "unknown": []
    });
    for (key, value) in user.as_object().unwrap() {
        row[key] = value.clone();
    }
    let plan = json!({
        "account": {"id": "123456789012", "name": null}, "from": "2026-11-01T09:00:00Z",
        "settings": {"GRACE_PERIOD": "7d"}, "users": [{"user": row, "reachable": reachable}], "unknown": []
    });
    Snapshot::read(&plan.to_string()).unwrap()
}

#[test]
fn replay_goes_on_from_a_plan() {
    let plan = snapshot(&json!({}));
    assert_eq!((plan.account(), plan.at()), ("123456789012", time("2026-11-01T09:00:00Z")));
    let entries = |user: Value, records: &[Value]| {
        brief(&until(replay().with_snapshot(&snapshot(&user)), records, "2026-11-06T02:00:00Z"))
    };
    let in_grace = [
        "01 09:00 Sweep told welcome",
        "03 06:00 Sweep told reminder",
        "05 06:00 Sweep told final-notice",
        "06 00:07 Sweep contained quarantined",
    ];
    assert_eq!(
        entries(json!({}), &[sign_in("2026-11-06T02:00:00Z", "No")]).get(..4),
        Some(in_grace.map(str::to_owned).as_slice())
    );
    let device = json!({"kind": "virtual", "enrolled": null, "asOf": "2026-11-01T09:00:00Z"});
    let with_two =
        json!({"mfa": {"has": true, "devices": [device, device], "listed": null}, "deadline": null});
    let removal = |at: &str| call("DeactivateMFADevice", at, &json!({"serialNumber": PHONE}));
    let removals = [removal("2026-11-02T08:00:00Z"), removal("2026-11-03T08:00:00Z")];
    let entries_of_two = entries(with_two, &removals);
    assert_eq!(
        entries_of_two.first().map(String::as_str),
        Some("03 08:02 DeactivateMFADevice contained quarantined")
    );
    let exempt = json!({"exemption": {"kind": "tag", "until": "2026-12-31", "reason": "TICKET-7", "by": "unknown", "since": null}});
    assert_eq!(entries(exempt, &[sign_in("2026-11-02T08:00:00Z", "No")]), [""; 0]);
}

#[test]
fn what_is_no_plan_is_refused() {
    for text in ["", "[]", "{}", r#"{"account":{"id":"1"},"from":"now","settings":{},"users":[]}"#] {
        let problem = Snapshot::read(text).unwrap_err();
        assert!(problem.starts_with("is not what `plan --format json` writes: "), "{problem}");
    }
}

#[test]
fn own_calls_change_nothing() {
    let mut tagged = call("TagUser", "2026-11-02T08:00:00Z", &json!({"tags": [{"key": "a", "value": "b"}]}));
    tagged["userIdentity"]["arn"] =
        "arn:aws:sts::123456789012:assumed-role/mfa-enforcer-sign-in/mfa-enforcer-sign-in".into();
    let mut replay = replay();
    assert_eq!(replay.take(&tagged.to_string()), Ok(Taken::Ignored(Ignored::OwnCall)));
    assert_eq!(replay.tally().users, 0);
}

#[test]
fn mode_withholds_in_a_replay_as_well() {
    let replay = Replay::new(settings_with(&[("MODE", "observe")]), Schedule::new("06:00", "UTC").unwrap());
    let entries = until(replay, &[sign_in("2026-11-02T08:00:00Z", "No")], "2026-11-02T09:00:00Z");
    assert_eq!(brief(&entries), ["02 08:02 ConsoleLogin withheld quarantined"]);
}

#[rstest]
#[case::hundred_days("2026-04-12T08:00:00Z", 0)]
#[case::a_second_more("2026-04-12T08:00:01Z", 1)]
#[case::most_of_a_year("2026-11-02T08:00:00Z", 1)]
fn hole_in_the_archive_is_counted(#[case] next: &str, #[case] holes: u64) {
    let mut replay = replay();
    for at in ["2026-01-02T08:00:00Z", next] {
        replay.take(&sign_in(at, "No").to_string()).unwrap();
    }
    assert_eq!(replay.tally().holes, holes);
}

#[test]
fn change_of_the_quarantine_is_counted() {
    let mut deletion = call("DeleteGroup", "2026-11-02T08:00:00Z", &json!({}));
    deletion["requestParameters"] = json!({"groupName": GROUP});
    let mut replay = replay();
    assert_eq!(replay.take(&deletion.to_string()), Ok(Taken::Event));
    replay.finish(time("2026-11-02T09:00:00Z"));
    assert_eq!(replay.tally().of_quarantine, 1);
    assert_eq!(brief(&replay.entries()), [""; 0]);
}

/// A record by root.
fn by_root(mut record: Value) -> Value {
    record["userIdentity"] = json!({
        "type": "Root", "arn": "arn:aws:iam::123456789012:root", "accountId": "123456789012"
    });
    record
}

#[test]
fn each_alert_about_root_and_the_enforcer_is_told_once() {
    let root = by_root(sign_in("2026-11-02T08:00:00Z", "No"));
    let mut trail = envelope("EnforcerTouched")["detail"].take();
    trail["eventTime"] = "2026-11-02T10:00:00Z".into();
    let records = [root.clone(), root, trail.clone(), trail];
    let entries = until(replay(), &records, "2026-11-02T11:00:00Z");
    let subjects: Vec<&str> = entries.iter().map(|entry| entry.subject.as_str()).collect();
    assert_eq!(subjects, ["root", "mfa-enforcer"]);
    let expected = ["02 08:02 ConsoleLogin - root-alert", "02 10:02 StopLogging - enforcer-changed"];
    assert_eq!(brief(&entries), expected);
}

#[rstest]
#[case::event_first("2026-11-08T09:04:59Z", "08 09:06 ConsoleLogin contained quarantined")]
#[case::at_the_same_time("2026-11-08T09:05:00Z", "08 09:07 ConsoleLogin contained quarantined")]
#[case::sweep_first("2026-11-08T09:05:01Z", "08 09:07 Sweep contained quarantined")]
fn what_comes_first_is_done_first(#[case] signed_in: &str, #[case] contained: &str) {
    let records = [
        call("CreateUser", "2026-11-01T09:00:00Z", &json!({})),
        call("CreateLoginProfile", "2026-11-01T09:00:30Z", &json!({})),
        sign_in(signed_in, "No"),
    ];
    let entries = brief(&until(replay(), &records, "2026-11-08T12:00:00Z"));
    let found: Vec<&String> = entries.iter().filter(|entry| entry.contains(" contained ")).collect();
    assert_eq!(found, [contained]);
}

#[rstest]
#[case(Provided::HasPassword, "has-password", "there is a password")]
#[case(Provided::PasswordIsOld, "password-is-old", "the grace period is over")]
#[case(Provided::NoOtherDevice, "no-other-device", "there is no other device")]
#[case(Provided::NotExempt, "not-exempt", "nothing exempts the user")]
fn condition_has_a_code_and_words(#[case] condition: Provided, #[case] code: &str, #[case] words: &str) {
    assert_eq!((condition.code(), condition.words()), (code, words));
    assert_eq!(serde_json::to_value(condition).unwrap(), code);
}

#[test]
fn only_what_matters_is_asked_for() {
    assert_eq!(wanted("ec2.amazonaws.com", "RunInstances"), Err(Ignored::OtherService));
    assert_eq!(wanted("iam.amazonaws.com", "ListUsers"), Err(Ignored::OtherIamCall));
    for name in ["CreateUser", "AddUserToGroup", "ChangePassword", "PutRolePolicy"] {
        assert_eq!(wanted("iam.amazonaws.com", name), Ok(()), "{name}");
    }
    assert_eq!(wanted("lambda.amazonaws.com", "UpdateFunctionCode20150331v2"), Ok(()));
}

#[test]
fn alert_about_root_is_told_once() {
    let mut record = sign_in("2026-11-02T08:00:00Z", "No");
    record["userIdentity"] =
        json!({"type": "Root", "arn": "arn:aws:iam::123456789012:root", "accountId": "123456789012"});
    let entries = until(replay(), &[record.clone(), record], "2026-11-02T09:00:00Z");
    assert_eq!(brief(&entries), ["02 08:02 ConsoleLogin - root-alert"]);
    assert_eq!(entries[0].subject, "root");
}
