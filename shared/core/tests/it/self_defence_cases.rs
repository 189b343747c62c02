//! What others do to the enforcer itself: which calls are told, and which are a part of an update of the own stack.

use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::decide::{Ask, OwnStack, ask};
use mfa_enforcer_core::event::{
    Deployment, Event, EventId, Function, Ignored, OWN_CALLS, OwnCall, OwnResources, Part, Reading, Weight,
    read,
};
use mfa_enforcer_core::facts::RootLedger;
use mfa_enforcer_core::plan::Plan;
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::stack::StackState;
use mfa_enforcer_testing::fixtures::{
    ALERTS, ALERTS_KEY, BUCKET, STACK, deployment, envelope, now, settings, settings_with,
};
use mfa_enforcer_testing::plans::notices;
use rstest::rstest;
use serde_json::{Value, json};

const FUNCTION: &str = "mfa-enforcer-SignInFunction-1ABCDEF2GHIJ";

/// A call by alice, with these parameters.
fn call(service: &str, name: &str, parameters: Value) -> Value {
    let mut envelope = envelope("EnforcerTouched");
    envelope["source"] = json!(format!("aws.{service}"));
    envelope["detail"]["eventSource"] = json!(format!("{service}.amazonaws.com"));
    envelope["detail"]["eventName"] = json!(name);
    envelope["detail"]["requestParameters"] = parameters;
    envelope
}

fn by_cloudformation(mut envelope: Value) -> Value {
    envelope["detail"]["userIdentity"]["invokedBy"] = json!("cloudformation.amazonaws.com");
    envelope["detail"]["sourceIPAddress"] = json!("cloudformation.amazonaws.com");
    envelope
}

fn reading(envelope: &Value) -> Reading {
    read(&envelope.to_string(), Function::Guard, &deployment()).unwrap()
}

fn event(envelope: &Value) -> Event {
    match reading(envelope) {
        Reading::Event(event) => *event,
        Reading::Ignored(reason) => panic!("ignored: {reason}"),
    }
}

fn is_harmless(envelope: &Value) -> bool {
    // Of IAM's other calls it is not said more exactly.
    let reasons = [Ignored::Harmless, Ignored::OtherIamCall, Ignored::NotOfTheQuarantine];
    reasons.iter().any(|reason| reading(envelope) == Reading::Ignored(*reason))
}

fn told() -> RootLedger {
    RootLedger::Told(Vec::new())
}

fn plan(envelope: &Value, stack: &OwnStack) -> Plan {
    let event = event(envelope);
    let Ask::Enforcer(question) = ask(&event) else { panic!("not about the enforcer") };
    question.answer(&told(), stack, &settings(), now())
}

/// What names a resource of ours in a record of this call.
fn ours(call: &OwnCall) -> &'static str {
    match call.part {
        Part::Topic => ALERTS,
        Part::Key => ALERTS_KEY,
        Part::Stack => STACK,
        Part::Bus => "mfa-enforcer",
        Part::Queue => {
            "https://sqs.us-east-1.amazonaws.com/123456789012/mfa-enforcer-DeadLetters-1ABCDEF2GHIJ"
        }
        Part::Bucket => BUCKET,
        Part::Policy => "arn:aws:iam::123456789012:policy/mfa-enforcer-ContainPolicy-1ABCDEF2GHIJ",
        _ => FUNCTION,
    }
}

/// The call about the resource with this name.
fn about(own_call: &OwnCall, name: &str) -> Value {
    let field = own_call.named_in.first().copied().unwrap_or("functionName");
    // What makes the calls matter that do not always.
    let parameters = json!({field: name, "isMultiRegionTrail": false, "tagKeys": ["mfa-enforcer:last-look"]});
    call(own_call.service, own_call.name, parameters)
}

/// The calls about what the stack of one account has. Its groups have names of their own, and triggers.
fn calls() -> impl Iterator<Item = &'static OwnCall> {
    OWN_CALLS.iter().filter(|call| call.part != Part::Group)
}

#[test]
fn every_call_about_us_is_told_once() {
    for own_call in calls() {
        let envelope = about(own_call, ours(own_call));
        let event = event(&envelope);
        let Ask::Enforcer(question) = ask(&event) else { panic!("{own_call:?}") };
        let plan = question.answer(&told(), &OwnStack::default(), &settings(), now());
        let kind = match own_call.weight {
            Weight::Critical => "enforcer-changed",
            Weight::Deployment => "enforcer-deployed",
        };
        assert_eq!(notices(&plan), [kind], "{own_call:?}");
        let again = question.answer(&told().after(&plan.steps), &OwnStack::default(), &settings(), now());
        assert_eq!((again.reason, again.steps), (Reason::AlreadySaid, Vec::new()), "{own_call:?}");
    }
}

#[test]
fn call_about_something_else_is_harmless() {
    let others =
        ["payments-SignInFunction", "mfa-evidence-2", "my-mfa-enforcer-function", "mfa-enforcer2-sweep", "*"];
    // Of keys only the rule knows whose they are.
    for own_call in calls().filter(|call| !matches!(call.part, Part::Trail | Part::Key)) {
        for name in others {
            assert!(is_harmless(&about(own_call, name)), "{own_call:?} about {name}");
        }
    }
}

#[test]
fn mode_holds_no_such_alert_back() {
    for mode in ["observe", "notify", "enforce"] {
        let event = event(&about(&OWN_CALLS[0], "all-regions"));
        let Ask::Enforcer(question) = ask(&event) else { panic!() };
        let plan = question.answer(&told(), &OwnStack::default(), &settings_with(&[("MODE", mode)]), now());
        assert_eq!((notices(&plan), plan.withheld), (vec!["enforcer-changed"], Vec::new()), "{mode}");
    }
}

#[rstest]
#[case("UpdateFunctionCode20150331v2")]
#[case("UpdateFunctionCode")]
#[case("UpdateFunctionCode20991231v9")]
fn date_in_the_name_of_a_call_does_not_matter(#[case] name: &str) {
    let event = event(&call("lambda", name, json!({"functionName": FUNCTION})));
    assert_eq!(event.trigger.event_name(), "UpdateFunctionCode");
}

#[test]
fn other_services_have_no_date_in_the_names_of_calls() {
    let dated = call("events", "DeleteRule20151007", json!({"name": "mfa-enforcer-sign-ins"}));
    assert_eq!(reading(&dated), Reading::Ignored(Ignored::OtherService));
}

#[rstest]
#[case::arn("lambda", "DeleteFunction20150331", json!({"functionName": format!("arn:aws:lambda:us-east-1:123456789012:function:{FUNCTION}:1")}))]
#[case::partial_arn("lambda", "DeleteFunction20150331", json!({"functionName": format!("123456789012:function:{FUNCTION}")}))]
#[case::several("monitoring", "DeleteAlarms", json!({"alarmNames": ["payments", "mfa-enforcer-sweep-missed"]}))]
#[case::nested("monitoring", "PutAlarmMuteRule", json!({"name": "quiet", "muteTargets": {"alarmNames": ["mfa-enforcer-dead-letters"]}}))]
#[case::every_alarm("monitoring", "PutAlarmMuteRule", json!({"name": "quiet"}))]
#[case::subscription("sns", "Unsubscribe", json!({"subscriptionArn": format!("{ALERTS}:1234")}))]
#[case::key_id("kms", "DisableKey", json!({"keyId": "1234abcd-12ab-34cd-56ef-1234567890ab"}))]
#[case::bucket_arn("s3", "PutBucketPolicy", json!({"Host": "s3.amazonaws.com", "arn": "arn:aws:s3:::mfa-evidence"}))]
#[case::stack_name("cloudformation", "DeleteStack", json!({"stackName": "mfa-enforcer"}))]
#[case::forwarding_stack("cloudformation", "DeleteStack", json!({"stackName": "StackSet-mfa-enforcer-forward-1234"}))]
#[case::orders_for_others("lambda", "CreateEventSourceMapping20150331", json!({
    "functionName": "mine", "eventSourceArn": "arn:aws:sqs:us-east-1:123456789012:mfa-enforcer-SweepQueue-1A.fifo"}))]
#[case::another_field("events", "DisableRule", json!({"ruleArn": "arn:aws:events:us-east-1:123456789012:rule/mfa-enforcer-sign-ins"}))]
#[case::another_form("events", "DeleteRule", json!({"name": {"value": ["mfa-enforcer-sign-ins"]}}))]
#[case::no_object("events", "DeleteRule", json!("arn:aws:events:us-east-1:123456789012:rule/mfa-enforcer-sign-ins"))]
fn resource_is_found_wherever_it_is_named(
    #[case] service: &str,
    #[case] name: &str,
    #[case] parameters: Value,
) {
    let plan = plan(&call(service, name, parameters), &OwnStack::default());
    assert_eq!(notices(&plan), ["enforcer-changed"]);
}

#[test]
fn event_source_is_named_in_the_answer() {
    let mut envelope =
        call("lambda", "UpdateEventSourceMapping20150331", json!({"uUID": "1234", "enabled": false}));
    assert!(is_harmless(&envelope));
    let arn = format!("arn:aws:lambda:us-east-1:123456789012:function:{FUNCTION}");
    envelope["detail"]["responseElements"] = json!({"functionArn": arn});
    assert_eq!(notices(&plan(&envelope, &OwnStack::default())), ["enforcer-changed"]);
}

#[rstest]
#[case("events", "PutTargets", json!({"rule": "payments", "targets": [{"arn": FUNCTION}]}))]
#[case("monitoring", "PutMetricAlarm", json!({"alarmName": "payments", "alarmActions": [ALERTS]}))]
#[case("iam", "AttachRolePolicy", json!({"roleName": "payments", "policyArn": "arn:aws:iam::123456789012:policy/mfa-enforcer-x"}))]
#[case("sns", "SetSubscriptionAttributes", json!({"subscriptionArn": "arn:aws:sns:us-east-1:123456789012:mfa-enforcer-user-AIDA:1"}))]
#[case("cloudformation", "UpdateStack", json!({"stackName": "mfa-enforcer-2"}))]
#[case("sns", "TagResource", json!({"resourceArn": ALERTS, "tags": [{"key": "team", "value": "security"}]}))]
fn call_that_only_mentions_us_is_harmless(
    #[case] service: &str,
    #[case] name: &str,
    #[case] parameters: Value,
) {
    assert!(is_harmless(&call(service, name, parameters)));
}

#[rstest]
#[case::still_all(json!({"trailName": "all", "eventSelectors": [{"readWriteType": "All", "includeManagementEvents": true}]}), true)]
#[case::writes(json!({"trailName": "all", "advancedEventSelectors": [{"fieldSelectors": [
    {"field": "eventCategory", "equals": ["Management"]}, {"field": "readOnly", "equals": ["false"]}]}]}), true)]
#[case::no_management(json!({"trailName": "all", "eventSelectors": [{"readWriteType": "ReadOnly", "includeManagementEvents": false}]}), false)]
#[case::data_only(json!({"trailName": "all", "advancedEventSelectors": [{"fieldSelectors": [
    {"field": "eventCategory", "equals": ["Data"]}]}]}), false)]
#[case::without_key_events(json!({"trailName": "all", "eventSelectors": [{"readWriteType": "All", "includeManagementEvents": true,
    "excludeManagementEventSources": ["kms.amazonaws.com"]}]}), false)]
#[case::without_key_events_advanced(json!({"trailName": "all", "advancedEventSelectors": [{"fieldSelectors": [
    {"field": "eventCategory", "equals": ["Management"]},
    {"field": "eventSource", "notEquals": ["kms.amazonaws.com"]}]}]}), false)]
#[case::without_queries_of_databases(json!({"trailName": "all", "eventSelectors": [{"readWriteType": "All",
    "excludeManagementEventSources": ["rdsdata.amazonaws.com"]}]}), true)]
#[case::not_understood(json!({"trailName": "all", "eventSelectors": "HIDDEN"}), false)]
fn selectors_that_still_log_writes_are_harmless(#[case] parameters: Value, #[case] harmless: bool) {
    assert_eq!(is_harmless(&call("cloudtrail", "PutEventSelectors", parameters)), harmless);
}

#[rstest]
#[case(json!({"name": "all", "s3BucketName": "other"}), true)]
#[case(json!({"name": "all", "isMultiRegionTrail": true}), true)]
#[case(json!({"name": "all", "isMultiRegionTrail": false}), false)]
#[case(json!({"name": "all", "includeGlobalServiceEvents": "false"}), false)]
#[case(json!({"name": "all", "isMultiRegionTrail": [0]}), false)]
fn trail_that_logs_no_less_is_harmless(#[case] parameters: Value, #[case] harmless: bool) {
    assert_eq!(is_harmless(&call("cloudtrail", "UpdateTrail", parameters)), harmless);
}

#[test]
fn failed_calls_and_own_calls_are_ignored() {
    for own_call in calls() {
        let mut failed = about(own_call, ours(own_call));
        failed["detail"]["errorCode"] = json!("AccessDenied");
        assert_eq!(reading(&failed), Reading::Ignored(Ignored::FailedCall), "{own_call:?}");
        let mut own = about(own_call, ours(own_call));
        own["detail"]["userIdentity"] = json!({"type": "AssumedRole", "accountId": "123456789012",
            "arn": "arn:aws:sts::123456789012:assumed-role/mfa-enforcer-sweep/mfa-enforcer-sweep"});
        assert_eq!(reading(&own), Reading::Ignored(Ignored::OwnCall), "{own_call:?}");
        let mut elsewhere = about(own_call, ours(own_call));
        elsewhere["detail"]["recipientAccountId"] = json!("210987654321");
        assert_eq!(reading(&elsewhere), Reading::Ignored(Ignored::OtherAccount), "{own_call:?}");
        assert_eq!(
            read(&about(own_call, ours(own_call)).to_string(), Function::Sweep, &deployment()).unwrap(),
            Reading::Ignored(Ignored::OtherFunction)
        );
    }
}

#[test]
fn odd_record_about_us_is_told_rather_than_refused() {
    let mut envelope = about(&OWN_CALLS[0], "all-regions");
    for (field, odd) in [
        ("userIdentity", json!(null)),
        ("userIdentity", json!([1])),
        ("eventTime", json!("yesterday")),
        ("eventID", json!("not an id!")),
        ("requestParameters", json!({"name": [["all-regions"]]})),
    ] {
        envelope["detail"][field] = odd;
    }
    let plan = plan(&envelope, &OwnStack::default());
    assert_eq!(notices(&plan), ["enforcer-changed"]);
    assert_eq!(event(&envelope).source.id.as_str(), envelope["id"]);
}

#[test]
fn name_that_a_caller_chose_is_shown_harmlessly() {
    let plan = plan(&about(&OWN_CALLS[0], "x\nSee <https://evil.example>"), &OwnStack::default());
    assert!(!format!("{:?}", plan.steps).contains("evil.example>"));
}

#[test]
fn without_a_stack_what_has_a_name_of_its_own_is_watched() {
    let resources = OwnResources { stack: None, ..deployment().resources };
    let deployment = Deployment { resources, ..deployment() };
    for own_call in calls() {
        let found = read(&about(own_call, ours(own_call)).to_string(), Function::Guard, &deployment).unwrap();
        let is_watched = matches!(own_call.part, Part::Trail | Part::Topic | Part::Key | Part::Bucket);
        assert_eq!(matches!(found, Reading::Event(_)), is_watched, "{own_call:?}");
    }
}

/// The own stack in this state since so many minutes before the event, which is four minutes old.
fn stack(status: &str, minutes: i64, ended: Option<Timestamp>) -> OwnStack {
    let changed = happened() - SignedDuration::from_mins(minutes);
    OwnStack { ended, ..since(status, changed) }
}

fn since(status: &str, changed: Timestamp) -> OwnStack {
    let changed = Some(changed);
    let state = Some(StackState { status: status.to_owned(), changed, ..StackState::default() });
    OwnStack { state, ended: None }
}

fn happened() -> Timestamp {
    now() - SignedDuration::from_mins(4)
}

#[test]
fn part_of_an_update_is_quiet() {
    let changed = by_cloudformation(call("events", "PutRule", json!({"name": "mfa-enforcer-sign-ins"})));
    let (before, after) =
        (happened() - SignedDuration::from_mins(1), happened() + SignedDuration::from_mins(1));
    for (what, stack, quiet) in [
        ("update under way", stack("UPDATE_IN_PROGRESS", 1, None), true),
        ("clean-up under way", stack("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", 9, None), true),
        ("deletion under way", stack("DELETE_IN_PROGRESS", 1, None), true),
        ("ended since", stack("UPDATE_COMPLETE", 5, Some(after)), true),
        ("ended before", stack("UPDATE_COMPLETE", 5, Some(before)), false),
        ("no end known", stack("UPDATE_COMPLETE", 5, None), false),
        ("begun later", stack("UPDATE_IN_PROGRESS", -2, None), false),
        ("under way for too long", stack("UPDATE_IN_PROGRESS", 4 * 60, None), false),
        ("nothing known", OwnStack::default(), false),
        (
            "begun in the same second",
            since("UPDATE_IN_PROGRESS", happened() + SignedDuration::from_secs(1)),
            true,
        ),
    ] {
        let plan = plan(&changed, &stack);
        assert_eq!(plan.reason == Reason::UpdateOfTheStack, quiet, "{what}");
        assert_eq!(notices(&plan).is_empty(), quiet, "{what}");
    }
}

#[test]
fn person_is_told_of_during_an_update_too() {
    let changed = call("events", "PutRule", json!({"name": "mfa-enforcer-sign-ins"}));
    assert_eq!(notices(&plan(&changed, &stack("UPDATE_IN_PROGRESS", 1, None))), ["enforcer-changed"]);
}

#[rstest]
#[case("cloudtrail", "StopLogging", json!({"name": "all"}), "enforcer-changed")]
#[case("cloudformation", "DeleteStack", json!({"stackName": "mfa-enforcer"}), "enforcer-changed")]
#[case("cloudformation", "UpdateStack", json!({"stackName": "mfa-enforcer"}), "enforcer-deployed")]
fn no_update_hides_a_trail_or_the_stack(
    #[case] service: &str,
    #[case] name: &str,
    #[case] parameters: Value,
    #[case] kind: &str,
) {
    let envelope = by_cloudformation(call(service, name, parameters));
    assert_eq!(notices(&plan(&envelope, &stack("UPDATE_IN_PROGRESS", 1, None))), [kind]);
}

#[test]
fn stack_of_another_region_is_updated_with_ours() {
    let parameters = json!({"stackName": "StackSet-mfa-enforcer-forward-1234"});
    let update = call("cloudformation", "UpdateStack", parameters);
    let state = stack("UPDATE_IN_PROGRESS", 1, None);
    assert_eq!(notices(&plan(&update, &state)), ["enforcer-changed"]);
    assert_eq!(plan(&by_cloudformation(update), &state).reason, Reason::UpdateOfTheStack);
}

#[test]
fn change_set_without_a_stack_is_ours_if_ours_began() {
    let parameters =
        json!({"changeSetName": "arn:aws:cloudformation:us-east-1:123456789012:changeSet/x/1234"});
    let executed = call("cloudformation", "ExecuteChangeSet", parameters);
    assert_eq!(notices(&plan(&executed, &stack("UPDATE_IN_PROGRESS", 0, None))), ["enforcer-deployed"]);
    assert_eq!(notices(&plan(&executed, &OwnStack::default())), ["enforcer-deployed"]);
    assert_eq!(plan(&executed, &stack("UPDATE_COMPLETE", 60, None)).reason, Reason::OtherStack);
    let named = call("cloudformation", "UpdateStack", json!({"stackName": "mfa-enforcer"}));
    assert_eq!(notices(&plan(&named, &stack("UPDATE_COMPLETE", 60, None))), ["enforcer-deployed"]);
}

#[test]
fn stack_is_looked_up_only_where_it_matters() {
    let asks = |envelope: &Value| {
        let event = event(envelope);
        let Ask::Enforcer(question) = ask(&event) else { panic!() };
        question.stack(&settings()).map(str::to_owned)
    };
    let rule = call("events", "DeleteRule", json!({"name": "mfa-enforcer-sign-ins"}));
    assert_eq!(asks(&rule), None);
    assert_eq!(asks(&by_cloudformation(rule)), Some(STACK.to_owned()));
    assert_eq!(asks(&by_cloudformation(call("cloudtrail", "StopLogging", json!({"name": "all"})))), None);
}

#[test]
fn end_of_the_update_is_looked_up_only_for_late_records() {
    let rule = by_cloudformation(call("events", "DeleteRule", json!({"name": "mfa-enforcer-sign-ins"})));
    let event = event(&rule);
    let Ask::Enforcer(question) = ask(&event) else { panic!() };
    let needs = |stack: OwnStack| question.needs_end(stack.state.as_ref(), now());
    assert!(needs(stack("UPDATE_COMPLETE", 5, None)));
    assert!(!needs(stack("UPDATE_IN_PROGRESS", 5, None)));
    assert!(!needs(stack("UPDATE_COMPLETE", -5, None)), "it began after the call");
    assert!(!needs(OwnStack::default()));
}

#[test]
fn unreadable_ledger_hides_nothing() {
    let event = event(&about(&OWN_CALLS[0], "all"));
    let Ask::Enforcer(question) = ask(&event) else { panic!() };
    let plan = question.answer(&RootLedger::Unreadable, &OwnStack::default(), &settings(), now());
    assert_eq!(notices(&plan), ["enforcer-changed"]);
    let known = RootLedger::Told(vec![EventId::new(event.source.id.as_str()).unwrap()]);
    let plan = question.answer(&known, &OwnStack::default(), &settings(), now());
    assert_eq!(plan.reason, Reason::AlreadySaid);
}
