//! Records of archives: in any form they are read as the event that EventBridge would have sent.

use mfa_enforcer_core::event::{
    Header, Ignored, OWN_CALLS, Reading, TriggerKind, detail, enveloped, read_any, screen,
};
use mfa_enforcer_testing::fixtures::{deployment, envelope, samples};
use rstest::rstest;
use serde_json::{Value, json};
use std::fs;
use strum::IntoEnumIterator;

#[test]
fn every_form_of_a_sample_is_read_alike() {
    let mut events = 0;
    for (name, path) in samples() {
        let payload = fs::read_to_string(path).unwrap();
        let Ok(envelope) = serde_json::from_str::<Value>(&payload) else { continue };
        let Some(record) = envelope.get("detail").filter(|detail| detail.get("eventName").is_some()) else {
            continue;
        };
        let Ok(Reading::Event(sent)) = read_any(&payload, &deployment()) else { continue };
        let looked_up = json!({ "EventName": "x", "CloudTrailEvent": record.to_string() });
        for form in [payload.clone(), record.to_string(), looked_up.to_string()] {
            let read = read_any(&enveloped(&form).unwrap(), &deployment());
            let Ok(Reading::Event(mut event)) = read else { panic!("{name}: {read:?}") };
            // The region is the record's own, where there is no envelope.
            event.source.region.clone_from(&sent.source.region);
            assert_eq!(event, sent, "{name}");
        }
        events += 1;
    }
    assert!(events > 30, "{events} samples");
}

/// What is said of a record by its name alone is what is said of it after reading.
#[test]
fn screen_says_what_reading_says() {
    let names = TriggerKind::iter().map(|kind| kind.spec().event_name);
    let names = names.chain(OWN_CALLS.iter().map(|call| call.name));
    let others = [
        "CheckMfa",
        "SwitchRole",
        "PasswordUpdated",
        "ListUsers",
        "RunInstances",
        "UpdateFunctionCode20150331v2",
    ];
    let names: Vec<&str> = names.chain(others).collect();
    let services = OWN_CALLS.iter().map(|call| call.service).chain(["iam", "signin", "ec2"]);
    let mut screened = 0;
    for service in services {
        let service = format!("{service}.amazonaws.com");
        for name in &names {
            let Some(reason) = screen(&service, name) else { continue };
            let mut envelope = envelope("CreateUser");
            envelope["detail"]["eventSource"] = service.clone().into();
            envelope["detail"]["eventName"] = (*name).into();
            let read = read_any(&envelope.to_string(), &deployment());
            assert_eq!(read, Ok(Reading::Ignored(reason)), "{service} {name}");
            screened += 1;
        }
    }
    assert!(screened > 1_000, "{screened}");
}

#[rstest]
#[case("signin", "ConsoleLogin", None)]
#[case("signin", "CheckMfa", Some(Ignored::CheckMfa))]
#[case("signin", "SwitchRole", Some(Ignored::SwitchRole))]
#[case("signin", "PasswordUpdated", Some(Ignored::OtherSignInEvent))]
#[case("iam", "EnableMFADevice", None)]
#[case("iam", "ListUsers", Some(Ignored::OtherIamCall))]
#[case("ec2", "RunInstances", Some(Ignored::OtherService))]
fn name_tells_what_need_not_be_read(
    #[case] service: &str,
    #[case] name: &str,
    #[case] reason: Option<Ignored>,
) {
    assert_eq!(screen(&format!("{service}.amazonaws.com"), name), reason);
}

#[rstest]
#[case(json!([]), "(record)")]
#[case(json!({"CloudTrailEvent": "{"}), "CloudTrailEvent")]
#[case(json!({"eventName": "CreateUser", "recipientAccountId": "123456789012"}), "detail.eventTime")]
#[case(json!({"eventTime": "yesterday", "recipientAccountId": "123456789012"}), "detail.eventTime")]
#[case(json!({"eventTime": "2026-11-24T09:00:00Z"}), "detail.recipientAccountId")]
#[case(json!({"eventTime": "2026-11-24T09:00:00Z", "recipientAccountId": "12345"}), "detail.recipientAccountId")]
#[case(json!({"eventTime": 7, "recipientAccountId": "123456789012"}), "detail.eventTime")]
fn record_without_a_place_is_malformed(#[case] record: Value, #[case] path: &str) {
    let header = enveloped(&record.to_string()).and_then(|payload| Header::read(&payload));
    assert_eq!(header.unwrap_err().path, path);
}

#[rstest]
#[case::region("cn-north-1", "arn:aws:iam::123456789012:user/bob", "arn:aws-cn:iam::123456789012:root")]
#[case::caller("", "arn:aws-us-gov:iam::123456789012:user/bob", "arn:aws-us-gov:iam::123456789012:root")]
#[case::caller_without_a_partition("", "arn::iam::123456789012:user/bob", "arn:aws:iam::123456789012:root")]
#[case::nothing("", "", "arn:aws:iam::123456789012:root")]
fn root_is_in_the_partition_of_the_region_or_else_of_the_caller(
    #[case] region: &str,
    #[case] caller: &str,
    #[case] expected: &str,
) {
    assert_eq!(header(region, caller).root_arn(), expected);
}

/// The header of a record from this region, of a call by this ARN.
fn header(region: &str, caller: &str) -> Header {
    let record = json!({
        "eventTime": "2026-11-24T09:00:00Z", "recipientAccountId": "123456789012",
        "awsRegion": region, "userIdentity": {"arn": caller},
    });
    Header::read(&enveloped(&record.to_string()).unwrap()).unwrap()
}

#[rstest]
#[case::commercial("eu-central-1", "us-east-1")]
#[case::china("cn-northwest-1", "cn-north-1")]
#[case::gov_cloud("us-gov-east-1", "us-gov-west-1")]
#[case::where_nothing_is_known("us-iso-west-1", "us-iso-west-1")]
fn home_region_is_that_of_the_partition(#[case] region: &str, #[case] home: &str) {
    assert_eq!(header(region, "").home_region(), home);
}

#[test]
fn account_of_the_caller_stands_for_that_of_the_record() {
    let mut record = envelope("CreateUser")["detail"].take();
    record.as_object_mut().unwrap().remove("recipientAccountId");
    let payload = enveloped(&record.to_string()).unwrap().into_owned();
    let header = Header::read(&payload).unwrap();
    assert_eq!((header.account.as_str(), header.region.as_str()), ("123456789012", "us-east-1"));
    assert_eq!(detail(&payload), Some(record.to_string().as_str()));
}
