//! The users' topics, as a sweep goes through them.

use aws_sdk_sns::Client;
use aws_sdk_sns::error::ErrorMetadata;
use aws_sdk_sns::operation::delete_topic::{DeleteTopicError, DeleteTopicOutput};
use aws_sdk_sns::operation::list_subscriptions_by_topic::{
    ListSubscriptionsByTopicError, ListSubscriptionsByTopicOutput,
};
use aws_sdk_sns::operation::list_topics::ListTopicsOutput;
use aws_sdk_sns::operation::tag_resource::TagResourceOutput;
use aws_sdk_sns::types::{Subscription, Topic};
use aws_smithy_mocks::{Rule, RuleMode, mock, mock_client};
use mfa_enforcer_aws::{ErrorKind, Messenger, SnsMessenger, TopicKeeper};
use mfa_enforcer_core::facts::Mailbox;
use mfa_enforcer_core::notice::Channel;
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::subscription::count_confirmed;
use mfa_enforcer_testing::fixtures::ALERTS;

const BOB: &str = "arn:aws:sns:us-east-1:123456789012:mfa-enforcer-user-AIDABOB";

fn topic() -> Channel {
    Channel::Topic { name: "mfa-enforcer-user-AIDABOB".to_owned(), email: "bob@example.com".to_owned() }
}

fn messenger(rules: &[&Rule]) -> SnsMessenger {
    SnsMessenger::new(mock_client!(aws_sdk_sns, RuleMode::MatchAny, rules), ALERTS)
}

fn subscribed(endpoint: &'static str, arn: &'static str) -> Rule {
    mock!(Client::list_subscriptions_by_topic)
        .match_requests(|call| call.topic_arn() == Some(BOB))
        .then_output(move || {
            let one = Subscription::builder().protocol("email").endpoint(endpoint).subscription_arn(arn);
            ListSubscriptionsByTopicOutput::builder().subscriptions(one.build()).build()
        })
}

#[tokio::test]
async fn user_topics_are_found_on_every_page() {
    let page = |arns: &[&str], next: Option<&str>| {
        let topics = arns.iter().map(|arn| Topic::builder().topic_arn(*arn).build()).collect();
        ListTopicsOutput::builder().set_topics(Some(topics)).set_next_token(next.map(str::to_owned)).build()
    };
    let first = mock!(Client::list_topics)
        .match_requests(|call| call.next_token().is_none())
        .then_output(move || page(&[ALERTS, BOB], Some("more")));
    let second = mock!(Client::list_topics)
        .match_requests(|call| call.next_token() == Some("more"))
        .then_output(move || page(&["arn:aws:sns:us-east-1:123456789012:mfa-enforcer-user-AIDAEVE"], None));
    let topics = messenger(&[&first, &second]).user_topics("mfa-enforcer-user-").await.unwrap();
    assert_eq!(topics, ["mfa-enforcer-user-AIDABOB", "mfa-enforcer-user-AIDAEVE"]);
}

#[tokio::test]
async fn mailbox_follows_the_subscription() {
    for (endpoint, arn, mailbox) in [
        ("Bob@example.com", "arn:aws:sns:us-east-1:123456789012:t:1", Mailbox::Confirmed),
        ("bob@example.com", "PendingConfirmation", Mailbox::Unconfirmed),
        ("bob@example.com", "Deleted", Mailbox::NotSubscribed),
        ("eve@example.com", "arn:aws:sns:us-east-1:123456789012:t:1", Mailbox::NotSubscribed),
    ] {
        let found = messenger(&[&subscribed(endpoint, arn)]).mailbox(&topic()).await.unwrap();
        assert_eq!(found, mailbox, "{endpoint} {arn}");
    }
    let gone = mock!(Client::list_subscriptions_by_topic).then_error(|| {
        ListSubscriptionsByTopicError::generic(ErrorMetadata::builder().code("NotFound").build())
    });
    assert_eq!(messenger(&[&gone]).mailbox(&topic()).await.unwrap(), Mailbox::NotSubscribed);
}

#[tokio::test]
async fn alerts_subscriptions_are_listed_on_every_page() {
    let page = |arn: &'static str, next: Option<&str>| {
        let one =
            Subscription::builder().protocol("https").endpoint("https://example.com").subscription_arn(arn);
        let page = ListSubscriptionsByTopicOutput::builder().subscriptions(one.build());
        page.set_next_token(next.map(str::to_owned)).build()
    };
    let first = mock!(Client::list_subscriptions_by_topic)
        .match_requests(|call| call.topic_arn() == Some(ALERTS) && call.next_token().is_none())
        .then_output(move || page("PendingConfirmation", Some("more")));
    let second = mock!(Client::list_subscriptions_by_topic)
        .match_requests(|call| call.topic_arn() == Some(ALERTS) && call.next_token() == Some("more"))
        .then_output(move || page("arn:aws:sns:us-east-1:123456789012:t:1", None));
    let found = messenger(&[&first, &second]).alerts_subscriptions().await.unwrap();
    assert_eq!((found.len(), count_confirmed(&found)), (2, 1));
}

#[tokio::test]
async fn missing_topic_counts_as_deleted() {
    let deleted = mock!(Client::delete_topic)
        .match_requests(|call| call.topic_arn() == Some(BOB))
        .then_output(|| DeleteTopicOutput::builder().build());
    assert!(messenger(&[&deleted]).delete_topic("mfa-enforcer-user-AIDABOB").await.is_ok());
    let refused = |code: &'static str| {
        mock!(Client::delete_topic)
            .then_error(move || DeleteTopicError::generic(ErrorMetadata::builder().code(code).build()))
    };
    assert!(messenger(&[&refused("NotFound")]).delete_topic("any").await.is_ok());
    let error = messenger(&[&refused("AuthorizationError")]).delete_topic("any").await.unwrap_err();
    assert_eq!((error.operation, error.kind), (Operation::DeleteTopic, ErrorKind::Denied));
}

#[tokio::test]
async fn only_one_alerts_topic_tag_is_set() {
    let tag = mock!(Client::tag_resource)
        .match_requests(|call| {
            let [tag] = call.tags() else { return false };
            call.resource_arn() == Some(ALERTS)
                && (tag.key(), tag.value()) == ("mfa-enforcer:last-sweep", "now")
        })
        .then_output(|| TagResourceOutput::builder().build());
    messenger(&[&tag]).set_alerts_tag("mfa-enforcer:last-sweep", "now").await.unwrap();
    assert_eq!(tag.num_calls(), 1);
}
