//! Answers of SNS: new topics, unconfirmed addresses, pages of subscriptions, phone numbers.

use aws_sdk_sns::Client;
use aws_sdk_sns::error::ErrorMetadata;
use aws_sdk_sns::operation::create_topic::CreateTopicOutput;
use aws_sdk_sns::operation::list_subscriptions_by_topic::{
    ListSubscriptionsByTopicError, ListSubscriptionsByTopicOutput,
};
use aws_sdk_sns::operation::list_tags_for_resource::ListTagsForResourceOutput;
use aws_sdk_sns::operation::publish::{PublishError, PublishOutput};
use aws_sdk_sns::operation::subscribe::SubscribeOutput;
use aws_sdk_sns::operation::unsubscribe::{UnsubscribeError, UnsubscribeOutput};
use aws_sdk_sns::types::{Subscription, Tag};
use aws_smithy_mocks::{Rule, RuleMode, mock, mock_client};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use mfa_enforcer_aws::{ErrorKind, Messenger, SnsMessenger};
use mfa_enforcer_core::notice::{Channel, Delivery, Rendered};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_testing::fixtures::ALERTS;
use std::future::pending;

const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:mfa-enforcer-user-AIDABOB";
const OLD: &str = "arn:aws:sns:us-east-1:123456789012:mfa-enforcer-user-AIDABOB:old";

fn message() -> Rendered {
    Rendered {
        subject: "subject".to_owned(),
        message: r#"{"default":"text"}"#.to_owned(),
        sms: "short".to_owned(),
        mail: None,
        attributes: [("kind", "welcome".to_owned()), ("severity", "info".to_owned())],
    }
}

fn topic() -> Channel {
    Channel::Topic { name: "mfa-enforcer-user-AIDABOB".to_owned(), email: "bob@example.com".to_owned() }
}

fn create_topic() -> Rule {
    mock!(Client::create_topic)
        .match_requests(|request| request.name() == Some("mfa-enforcer-user-AIDABOB"))
        .then_output(|| CreateTopicOutput::builder().topic_arn(TOPIC).build())
}

fn publish() -> Rule {
    mock!(Client::publish)
        .match_requests(|request| {
            request.topic_arn() == Some(TOPIC)
                && request.message_structure() == Some("json")
                && request.message_attributes().is_some_and(|attributes| attributes.len() == 2)
        })
        .then_output(|| PublishOutput::builder().build())
}

fn subscription(protocol: &str, endpoint: &str, arn: &str) -> Subscription {
    Subscription::builder().protocol(protocol).endpoint(endpoint).subscription_arn(arn).build()
}

#[tokio::test]
async fn new_address_is_subscribed_unconfirmed() {
    let missing = mock!(Client::list_subscriptions_by_topic).then_error(|| {
        ListSubscriptionsByTopicError::generic(ErrorMetadata::builder().code("NotFound").build())
    });
    let subscribe = mock!(Client::subscribe)
        .match_requests(|request| {
            request.protocol() == Some("email") && request.endpoint() == Some("bob@example.com")
        })
        .then_output(|| SubscribeOutput::builder().subscription_arn("pending confirmation").build());
    let (create, publish) = (create_topic(), publish());
    let rules = [&missing, &create, &subscribe, &publish];
    let messenger = SnsMessenger::new(mock_client!(aws_sdk_sns, RuleMode::Sequential, rules), ALERTS);
    assert_eq!(messenger.tell_user(&topic(), None, &message()).await.unwrap(), Delivery::Unconfirmed);
    assert_eq!((subscribe.num_calls(), publish.num_calls()), (1, 1));
}

#[tokio::test]
async fn prepared_topic_is_not_looked_up_again() {
    let list = mock!(Client::list_subscriptions_by_topic).then_output(|| {
        ListSubscriptionsByTopicOutput::builder()
            .subscriptions(subscription("email", "bob@example.com", "arn:confirmed"))
            .build()
    });
    let publish = publish();
    let client = mock_client!(aws_sdk_sns, RuleMode::MatchAny, [&list, &publish]);
    let messenger = SnsMessenger::new(client, ALERTS);
    let prepared = messenger.prepare(&topic(), pending()).await.unwrap();
    assert_eq!((prepared.topic_arn.as_str(), publish.num_calls()), (TOPIC, 0));
    let told = messenger.tell_user(&topic(), Some(prepared), &message()).await.unwrap();
    assert_eq!((told, list.num_calls(), publish.num_calls()), (Delivery::Sent, 1, 1));
}

#[tokio::test]
async fn address_on_later_page_is_not_resubscribed() {
    let first = mock!(Client::list_subscriptions_by_topic)
        .match_requests(|request| request.next_token().is_none())
        .then_output(|| {
            ListSubscriptionsByTopicOutput::builder()
                .subscriptions(subscription("sqs", "bob@example.com", "arn:queue"))
                .subscriptions(subscription("email", "old@example.com", "Deleted"))
                .next_token("more")
                .build()
        });
    let second = mock!(Client::list_subscriptions_by_topic)
        .match_requests(|request| request.next_token() == Some("more"))
        .then_output(|| {
            ListSubscriptionsByTopicOutput::builder()
                .subscriptions(subscription("email", "Bob@Example.com", "arn:confirmed"))
                .build()
        });
    let publish = publish();
    let rules = [&first, &second, &publish];
    let messenger = SnsMessenger::new(mock_client!(aws_sdk_sns, RuleMode::MatchAny, rules), ALERTS);
    assert_eq!(messenger.tell_user(&topic(), None, &message()).await.unwrap(), Delivery::Sent);
}

/// What SNS answers before a message to a user whose address changed, in order, and to the message.
fn changed_address(unsubscribe: Rule) -> (Vec<Rule>, Rule) {
    let list = mock!(Client::list_subscriptions_by_topic).then_output(|| {
        ListSubscriptionsByTopicOutput::builder()
            .subscriptions(subscription("email", "old@example.com", OLD))
            .subscriptions(subscription("email", "older@example.com", "PendingConfirmation"))
            .subscriptions(subscription("email", "oldest@example.com", "Deleted"))
            .build()
    });
    let subscribe = mock!(Client::subscribe)
        .match_requests(|request| request.endpoint() == Some("bob@example.com"))
        .then_output(|| SubscribeOutput::builder().subscription_arn("pending confirmation").build());
    let publish = publish();
    // In this order, so that nothing is published before the old address is unsubscribed.
    (vec![list, unsubscribe, subscribe], publish)
}

#[tokio::test]
async fn former_address_is_unsubscribed_before_the_message() {
    let gone = || UnsubscribeError::generic(ErrorMetadata::builder().code("NotFound").build());
    let ended = mock!(Client::unsubscribe)
        .match_requests(|request| request.subscription_arn() == Some(OLD))
        .then_output(|| UnsubscribeOutput::builder().build());
    for unsubscribe in [ended, mock!(Client::unsubscribe).then_error(gone)] {
        let (before, publish) = changed_address(unsubscribe);
        let rules: Vec<&Rule> = before.iter().chain([&publish]).collect();
        let messenger = SnsMessenger::new(mock_client!(aws_sdk_sns, RuleMode::Sequential, rules), ALERTS);
        assert_eq!(messenger.tell_user(&topic(), None, &message()).await.unwrap(), Delivery::Unconfirmed);
        assert_eq!((before[1].num_calls(), publish.num_calls()), (1, 1));
    }
}

#[tokio::test]
async fn nothing_is_published_while_the_former_address_is_subscribed() {
    let denied = || UnsubscribeError::generic(ErrorMetadata::builder().code("AuthorizationError").build());
    let (before, publish) = changed_address(mock!(Client::unsubscribe).then_error(denied));
    let rules: Vec<&Rule> = before.iter().chain([&publish]).collect();
    let messenger = SnsMessenger::new(mock_client!(aws_sdk_sns, RuleMode::MatchAny, rules), ALERTS);
    let error = messenger.tell_user(&topic(), None, &message()).await.unwrap_err();
    assert_eq!((error.operation, error.kind), (Operation::Unsubscribe, ErrorKind::Denied));
    assert_eq!(publish.num_calls(), 0);
}

#[tokio::test]
async fn pending_address_is_not_asked_again() {
    let list = mock!(Client::list_subscriptions_by_topic).then_output(|| {
        ListSubscriptionsByTopicOutput::builder()
            .subscriptions(subscription("email", "bob@example.com", "PendingConfirmation"))
            .build()
    });
    let publish = publish();
    let rules = [&list, &publish];
    let messenger = SnsMessenger::new(mock_client!(aws_sdk_sns, RuleMode::MatchAny, rules), ALERTS);
    assert_eq!(messenger.tell_user(&topic(), None, &message()).await.unwrap(), Delivery::Unconfirmed);
}

#[tokio::test]
async fn phone_number_gets_the_short_text() {
    let publish = mock!(Client::publish)
        .match_requests(|request| {
            request.phone_number() == Some("+15550100123")
                && request.message() == Some("short")
                && request.topic_arn().is_none()
        })
        .then_output(|| PublishOutput::builder().build());
    let messenger = SnsMessenger::new(mock_client!(aws_sdk_sns, RuleMode::MatchAny, [&publish]), ALERTS);
    let channel = Channel::Sms { phone: "+15550100123".to_owned() };
    assert_eq!(messenger.tell_user(&channel, None, &message()).await.unwrap(), Delivery::HandedOver);
}

#[tokio::test]
async fn alerts_topic_tags_are_read() {
    let tags = mock!(Client::list_tags_for_resource)
        .match_requests(|request| request.resource_arn() == Some(ALERTS))
        .then_output(|| {
            let tag = |key: &str| Tag::builder().key(key).value("one two").build().unwrap();
            ListTagsForResourceOutput::builder()
                .tags(tag("team"))
                .tags(tag("mfa-enforcer:root-notified"))
                .build()
        });
    let messenger = SnsMessenger::new(mock_client!(aws_sdk_sns, RuleMode::MatchAny, [&tags]), ALERTS);
    let tags = messenger.alerts_tags().await.unwrap();
    assert_eq!(tags["mfa-enforcer:root-notified"], "one two");
    assert_eq!(tags.len(), 2);
}

#[tokio::test]
async fn ended_subscription_is_renewed() {
    let list = mock!(Client::list_subscriptions_by_topic).then_output(|| {
        ListSubscriptionsByTopicOutput::builder()
            .subscriptions(subscription("email", "bob@example.com", "Deleted"))
            .build()
    });
    let subscribe = mock!(Client::subscribe)
        .then_output(|| SubscribeOutput::builder().subscription_arn("pending confirmation").build());
    let publish = publish();
    let rules = [&list, &subscribe, &publish];
    let messenger = SnsMessenger::new(mock_client!(aws_sdk_sns, RuleMode::MatchAny, rules), ALERTS);
    assert_eq!(messenger.tell_user(&topic(), None, &message()).await.unwrap(), Delivery::Unconfirmed);
    assert_eq!(subscribe.num_calls(), 1);
}

#[tokio::test]
async fn sns_error_codes_map_to_kinds() {
    let kinds = [
        ("Throttled", ErrorKind::Throttled),
        ("KMSThrottling", ErrorKind::Throttled),
        ("AuthorizationError", ErrorKind::Denied),
        ("KMSAccessDenied", ErrorKind::Denied),
        ("NotFound", ErrorKind::NotFound),
        ("InternalError", ErrorKind::Unavailable),
        ("InvalidParameter", ErrorKind::Refused),
        ("SomethingNew", ErrorKind::Refused),
    ];
    for (code, kind) in kinds {
        let publish = mock!(Client::publish)
            .then_error(move || PublishError::generic(ErrorMetadata::builder().code(code).build()));
        let messenger = SnsMessenger::new(mock_client!(aws_sdk_sns, RuleMode::MatchAny, [&publish]), ALERTS);
        assert_eq!(messenger.tell_admins(&message()).await.unwrap_err().kind, kind, "{code}");
    }
}

#[tokio::test]
async fn refused_number_is_a_bad_address() {
    let refuse = || {
        mock!(Client::publish)
            .then_error(|| PublishError::generic(ErrorMetadata::builder().code("InvalidParameter").build()))
    };
    let publish = refuse();
    let messenger = SnsMessenger::new(mock_client!(aws_sdk_sns, RuleMode::MatchAny, [&publish]), ALERTS);
    let channel = Channel::Sms { phone: "+15550100123".to_owned() };
    let error = messenger.tell_user(&channel, None, &message()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::BadAddress);
    let error = messenger.tell_admins(&message()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Refused);
}

#[tokio::test]
async fn error_without_code_is_mapped_by_status() {
    for (status, kind) in
        [(503, ErrorKind::Unavailable), (429, ErrorKind::Throttled), (400, ErrorKind::Refused)]
    {
        let publish = mock!(Client::publish)
            .sequence()
            .http_response(move || {
                HttpResponse::new(
                    StatusCode::try_from(status).unwrap(),
                    SdkBody::from("<html>a gateway</html>"),
                )
            })
            .repeatedly()
            .build();
        let messenger =
            SnsMessenger::new(mock_client!(aws_sdk_sns, RuleMode::Sequential, [&publish]), ALERTS);
        assert_eq!(messenger.tell_admins(&message()).await.unwrap_err().kind, kind, "{status}");
    }
}
