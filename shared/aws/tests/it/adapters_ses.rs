//! Answers of SES to mail from the company's own address.

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::error::ErrorMetadata;
use aws_sdk_sesv2::operation::get_account::GetAccountOutput;
use aws_sdk_sesv2::operation::get_email_identity::{GetEmailIdentityError, GetEmailIdentityOutput};
use aws_sdk_sesv2::operation::send_email::{SendEmailError, SendEmailOutput};
use aws_smithy_mocks::{Rule, RuleMode, mock, mock_client};
use mfa_enforcer_aws::{AwsError, ErrorKind, Messenger, SnsMessenger, TopicKeeper};
use mfa_enforcer_core::notice::{self, Channel, Delivery, Rendered};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::progress::Fault;
use mfa_enforcer_core::sender::SenderSeen;
use mfa_enforcer_testing::fixtures::{ALERTS, decide_on, in_grace, now, occasion, settings_with, with_tag};
use mfa_enforcer_testing::plans::user_notices;

fn message() -> Rendered {
    let settings = settings_with(&[
        ("MAIL_FROM", "MFA Service <mfa@example.com>"),
        ("MAIL_REPLY_TO", "help@example.com"),
        ("MAIL_CONFIGURATION_SET", "stack"),
    ]);
    let user = with_tag(in_grace(), "email", "alice@example.com");
    let plan = decide_on(&occasion("CreateLoginProfile"), &user, &settings, now());
    notice::for_user(user_notices(&plan)[0])
}

fn channel() -> Channel {
    Channel::Mail { email: "alice@example.com".to_owned() }
}

async fn sent_by(rule: &Rule) -> Result<Delivery, AwsError> {
    let ses = mock_client!(aws_sdk_sesv2, RuleMode::MatchAny, [rule]);
    // SNS answers nothing: nobody calls it.
    let sns = mock_client!(aws_sdk_sns, RuleMode::MatchAny, &[] as &[&Rule]);
    SnsMessenger::new(sns, ALERTS).with_mail(Some(ses.into())).tell_user(&channel(), None, &message()).await
}

#[tokio::test]
async fn mail_has_both_forms_headers_and_tags() {
    let send = mock!(Client::send_email)
        .match_requests(|request| {
            let mail = request.content().unwrap().simple().unwrap();
            let body = mail.body().unwrap();
            let headers: Vec<(&str, &str)> =
                mail.headers().iter().map(|header| (header.name(), header.value())).collect();
            let tags: Vec<(&str, &str)> =
                request.email_tags().iter().map(|tag| (tag.name(), tag.value())).collect();
            assert_eq!(request.from_email_address(), Some("\"MFA Service\" <mfa@example.com>"));
            assert_eq!(request.reply_to_addresses(), ["help@example.com"]);
            assert_eq!(request.destination().unwrap().to_addresses(), ["alice@example.com"]);
            assert_eq!(request.configuration_set_name(), Some("mfa-enforcer-mail"));
            assert!(body.text().unwrap().data().starts_with("Hello alice,"));
            assert!(body.html().unwrap().data().starts_with("<!DOCTYPE html>"));
            assert_eq!(mail.subject().unwrap().charset(), Some("UTF-8"));
            assert_eq!(headers[0], ("Auto-Submitted", "auto-generated"));
            assert_eq!(headers[1], ("List-ID", "<mfa-enforcer.123456789012.example.com>"));
            assert_eq!(tags, [("user", "YWxpY2U"), ("kind", "welcome"), ("account", "123456789012")]);
            true
        })
        .then_output(|| SendEmailOutput::builder().message_id("1").build());
    assert_eq!(sent_by(&send).await.unwrap(), Delivery::Sent);
    assert_eq!(send.num_calls(), 1);
}

#[tokio::test]
async fn refusals_of_ses_are_told_apart() {
    for (code, kind) in [
        ("MessageRejected", ErrorKind::SenderRefused),
        ("MailFromDomainNotVerifiedException", ErrorKind::SenderRefused),
        ("SendingPausedException", ErrorKind::SenderRefused),
        ("AccountSuspendedException", ErrorKind::SenderRefused),
        ("LimitExceededException", ErrorKind::SenderRefused),
        ("NotFoundException", ErrorKind::SenderRefused),
        ("BadRequestException", ErrorKind::BadAddress),
        ("TooManyRequestsException", ErrorKind::Throttled),
        ("AccessDeniedException", ErrorKind::Denied),
    ] {
        let send = mock!(Client::send_email).then_error(move || {
            SendEmailError::generic(ErrorMetadata::builder().code(code).message("alice@example.com").build())
        });
        let error = sent_by(&send).await.unwrap_err();
        assert_eq!((error.operation, error.kind), (Operation::SendEmail, kind), "{code}");
        assert_eq!(error.is_sender_refused(), kind == ErrorKind::SenderRefused, "{code}");
        assert!(!format!("{error} {error:?}").contains("alice"), "{code}");
    }
}

#[tokio::test]
async fn without_a_client_no_mail_is_claimed() {
    let sns = mock_client!(aws_sdk_sns, RuleMode::MatchAny, &[] as &[&Rule]);
    let error = SnsMessenger::new(sns, ALERTS).tell_user(&channel(), None, &message()).await.unwrap_err();
    assert_eq!((error.operation, error.kind), (Operation::SendEmail, ErrorKind::Refused));
}

/// What the messenger says of the sender, where SES knows these identities as verified.
async fn seen_with(verified: &'static [&'static str]) -> Result<SenderSeen, AwsError> {
    let account = mock!(Client::get_account).then_output(|| {
        GetAccountOutput::builder().production_access_enabled(true).sending_enabled(true).build()
    });
    let known = mock!(Client::get_email_identity)
        .match_requests(|request| verified.contains(&request.email_identity().unwrap()))
        .then_output(|| GetEmailIdentityOutput::builder().verified_for_sending_status(true).build());
    let unknown = mock!(Client::get_email_identity)
        .match_requests(|request| !verified.contains(&request.email_identity().unwrap()))
        .then_error(|| {
            GetEmailIdentityError::generic(ErrorMetadata::builder().code("NotFoundException").build())
        });
    let ses = mock_client!(aws_sdk_sesv2, RuleMode::MatchAny, [&account, &known, &unknown]);
    let sns = mock_client!(aws_sdk_sns, RuleMode::MatchAny, &[] as &[&Rule]);
    let sender = settings_with(&[("MAIL_FROM", "MFA Service <mfa@example.com>")]).sender.unwrap();
    SnsMessenger::new(sns, ALERTS).with_mail(Some(ses.into())).sender(&sender).await
}

#[tokio::test]
async fn domain_or_address_makes_a_sender_verified() {
    for (verified, expected) in
        [(&["example.com"][..], true), (&["mfa@example.com"], true), (&["example.net"], false), (&[], false)]
    {
        let seen = seen_with(verified).await.unwrap();
        assert_eq!(seen.is_verified, expected, "{verified:?}");
        assert!(seen.has_production_access && seen.is_sending);
    }
}
