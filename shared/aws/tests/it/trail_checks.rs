//! Every sweep checks that a trail logs the events: the calls, and what is said if none does.

use crate::sweep_fixtures::{hourly_at, now, sweep_at};
use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::error::ErrorMetadata;
use aws_sdk_cloudtrail::operation::describe_trails::{DescribeTrailsError, DescribeTrailsOutput};
use aws_sdk_cloudtrail::operation::get_event_selectors::{GetEventSelectorsError, GetEventSelectorsOutput};
use aws_sdk_cloudtrail::operation::get_trail_status::{GetTrailStatusError, GetTrailStatusOutput};
use aws_sdk_cloudtrail::types::{
    AdvancedEventSelector, AdvancedFieldSelector, EventSelector, ReadWriteType, Trail as Described,
};
use aws_smithy_mocks::{Rule, RuleMode, mock, mock_client};
use jiff::SignedDuration;
use mfa_enforcer_aws::{AccountDirectory as _, AwsError, CloudTrail, IamDirectory, Pace, Report};
use mfa_enforcer_core::trail::Trail;
use mfa_enforcer_testing::account::{Account, good_trail};
use mfa_enforcer_testing::fixtures::{settings, settings_with, warned_user};

const ARN: &str = "arn:aws:cloudtrail:eu-west-1:123456789012:trail/all";

async fn read(rules: &[&Rule]) -> Result<Vec<Trail>, AwsError> {
    let client = mock_client!(aws_sdk_cloudtrail, RuleMode::MatchAny, rules);
    let iam = mock_client!(aws_sdk_iam, RuleMode::MatchAny, &[] as &[&Rule]);
    IamDirectory::new(iam).with_history(CloudTrail::new(client, Pace::Sweep)).trails().await
}

/// The shadow of a trail in another region that logs every region.
fn listed(has_selectors: bool) -> Rule {
    mock!(Client::describe_trails)
        .match_requests(|call| call.include_shadow_trails() == Some(true))
        .then_output(move || {
            let trail = Described::builder()
                .name("all")
                .trail_arn(ARN)
                .is_multi_region_trail(true)
                .include_global_service_events(true)
                .has_custom_event_selectors(has_selectors)
                .build();
            DescribeTrailsOutput::builder().trail_list(trail).build()
        })
}

fn status(is_logging: bool) -> Rule {
    mock!(Client::get_trail_status)
        .match_requests(|call| call.name() == Some(ARN))
        .then_output(move || GetTrailStatusOutput::builder().is_logging(is_logging).build())
}

fn selectors(answer: fn() -> GetEventSelectorsOutput) -> Rule {
    mock!(Client::get_event_selectors)
        .match_requests(|call| call.trail_name() == Some(ARN))
        .then_output(answer)
}

#[tokio::test]
async fn trail_without_selectors_takes_two_calls() {
    let found = read(&[&listed(false), &status(true)]).await.unwrap();
    assert_eq!(found, [good_trail()]);
}

#[tokio::test]
async fn basic_selectors_are_read() {
    let reads = selectors(|| {
        let selector = EventSelector::builder()
            .read_write_type(ReadWriteType::ReadOnly)
            .include_management_events(true)
            .build();
        GetEventSelectorsOutput::builder().event_selectors(selector).build()
    });
    let all = selectors(|| {
        let selector = EventSelector::builder()
            .read_write_type(ReadWriteType::All)
            .include_management_events(true)
            .exclude_management_event_sources("kms.amazonaws.com")
            .build();
        GetEventSelectorsOutput::builder().event_selectors(selector).build()
    });
    for (selectors, logs) in [(reads, false), (all, true)] {
        let found = read(&[&listed(true), &status(true), &selectors]).await.unwrap();
        assert_eq!(found, [Trail { logs_writes: Ok(logs), ..good_trail() }]);
    }
}

fn condition(field: &str, equals: Option<&str>, not_equals: Option<&str>) -> AdvancedFieldSelector {
    let condition = AdvancedFieldSelector::builder().field(field);
    condition
        .set_equals(equals.map(|value| vec![value.to_owned()]))
        .set_not_equals(not_equals.map(|value| vec![value.to_owned()]))
        .build()
        .unwrap()
}

fn advanced(conditions: Vec<AdvancedFieldSelector>) -> GetEventSelectorsOutput {
    let category = condition("eventCategory", Some("Management"), None);
    let all = [vec![category], conditions].concat();
    let selector = AdvancedEventSelector::builder().set_field_selectors(Some(all)).build().unwrap();
    GetEventSelectorsOutput::builder().advanced_event_selectors(selector).build()
}

#[tokio::test]
async fn advanced_selectors_are_read() {
    let writes = selectors(|| advanced(vec![condition("readOnly", Some("false"), None)]));
    let not_iam = selectors(|| advanced(vec![condition("eventSource", None, Some("iam.amazonaws.com"))]));
    for (selectors, logs) in [(writes, true), (not_iam, false)] {
        let found = read(&[&listed(true), &status(true), &selectors]).await.unwrap();
        assert_eq!(found, [Trail { logs_writes: Ok(logs), ..good_trail() }]);
    }
}

fn denied() -> ErrorMetadata {
    ErrorMetadata::builder().code("AccessDeniedException").message("of mallory").build()
}

#[tokio::test]
async fn what_cannot_be_read_of_a_trail_is_unknown() {
    let no_status = mock!(Client::get_trail_status).then_error(|| GetTrailStatusError::generic(denied()));
    let no_selectors =
        mock!(Client::get_event_selectors).then_error(|| GetEventSelectorsError::generic(denied()));
    let found = read(&[&listed(true), &no_status, &no_selectors]).await.unwrap();
    let [Trail { is_logging: Err(status), logs_writes: Err(selectors), .. }] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert!(status.contains("cloudtrail:GetTrailStatus") && status.contains("AccessDenied"), "{status}");
    assert!(
        selectors.contains("cloudtrail:GetEventSelectors") && !selectors.contains("mallory"),
        "{selectors}"
    );
}

#[tokio::test]
async fn trails_that_cannot_be_listed_are_an_error() {
    let refused = mock!(Client::describe_trails).then_error(|| DescribeTrailsError::generic(denied()));
    let error = read(&[&refused]).await.unwrap_err();
    assert_eq!(error.operation.action(), "cloudtrail:DescribeTrails");
}

fn account(trails: &[Trail]) -> Account {
    let account = Account::with(warned_user("overdue"));
    *account.trails.lock().unwrap() = trails.to_vec();
    account
}

fn alerts(account: &Account) -> usize {
    account.to_admins.lock().unwrap().iter().filter(|kind| kind.starts_with("no-trail")).count()
}

fn says(report: &Report, text: &str) -> bool {
    report.findings.iter().any(|finding| finding.contains(text))
}

#[tokio::test]
async fn missing_trail_is_told_once_a_day_in_every_mode() {
    for mode in ["observe", "notify", "enforce"] {
        let (account, settings) = (account(&[]), settings_with(&[("MODE", mode)]));
        let hourly = hourly_at(now(), &settings, &account).await.unwrap();
        let daily = sweep_at(now() + SignedDuration::from_hours(1), &settings, &account).await.unwrap();
        for report in [hourly, daily] {
            assert!(says(&report, "no trail logs the management events"), "{mode}: {:?}", report.findings);
        }
        assert_eq!(alerts(&account), 1, "{mode}");
        hourly_at(now() + SignedDuration::from_hours(24), &settings, &account).await.unwrap();
        assert_eq!(alerts(&account), 2, "{mode}");
        let digests = account.digests.lock().unwrap();
        assert!(digests.iter().all(|digest| digest["severity"] == "critical"), "{mode}");
    }
}

#[tokio::test]
async fn good_trail_is_not_mentioned() {
    let account = account(&[good_trail()]);
    let report = sweep_at(now(), &settings(), &account).await.unwrap();
    assert_eq!((alerts(&account), says(&report, "trail")), (0, false));
}

#[tokio::test]
async fn trail_of_one_region_is_a_finding() {
    let account = account(&[Trail { is_in_every_region: false, ..good_trail() }]);
    let report = sweep_at(now(), &settings(), &account).await.unwrap();
    assert_eq!((alerts(&account), says(&report, "sign-ins in other regions are not seen")), (0, true));
}

#[tokio::test]
async fn unreadable_trail_does_not_fail_the_sweep() {
    let trail = Trail { is_logging: Err("cloudtrail:GetTrailStatus failed".to_owned()), ..good_trail() };
    let account = account(&[trail]);
    let report = sweep_at(now(), &settings(), &account).await.unwrap();
    assert_eq!(report.sweep.unwrap().failed, 0);
    assert!(report.findings.iter().any(|text| text.contains("unknown whether a trail logs")));
    assert_eq!(alerts(&account), 0);
}
