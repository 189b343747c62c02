//! Sends mail from the company's own address, by SES, and sees whether it may.

use crate::error::{AwsError, ErrorKind};
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message, MessageHeader, MessageTag};
use mfa_enforcer_core::notice::Mail;
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::sender::SenderSeen;
use mfa_enforcer_core::settings::Sender;

const SEND: Operation = Operation::SendEmail;

/// Sends a mail to an address.
///
/// # Errors
/// If SES refuses or does not answer.
pub async fn send(client: &Client, email: &str, mail: &Mail) -> Result<(), AwsError> {
    let incomplete = |_| AwsError::incomplete(SEND, "a part of the mail");
    let text = |text: &str| Content::builder().data(text).charset("UTF-8").build().map_err(incomplete);
    let body = Body::builder().text(text(&mail.text)?).html(text(&mail.html)?).build();
    let mut message = Message::builder().subject(text(&mail.subject)?).body(body);
    for (name, value) in &mail.headers {
        message =
            message.headers(MessageHeader::builder().name(*name).value(value).build().map_err(incomplete)?);
    }
    let mut call = client
        .send_email()
        .from_email_address(&mail.from)
        .set_reply_to_addresses(mail.reply_to.clone().map(|address| vec![address]))
        .destination(Destination::builder().to_addresses(email).build())
        .set_configuration_set_name(mail.configuration_set.clone())
        .content(EmailContent::builder().simple(message.build()).build());
    for (name, value) in &mail.tags {
        call = call.email_tags(MessageTag::builder().name(*name).value(value).build().map_err(incomplete)?);
    }
    call.send().await.map(drop).map_err(|error| AwsError::new(SEND, error).about_mail())
}

/// What SES says about the account and the sender.
///
/// # Errors
/// If SES refuses or does not answer.
pub(crate) async fn look(client: &Client, sender: &Sender) -> Result<SenderSeen, AwsError> {
    const ACCOUNT: Operation = Operation::GetAccount;
    let account = client.get_account().send().await.map_err(|error| AwsError::new(ACCOUNT, error))?;
    let is_verified =
        is_verified(client, &sender.domain).await? || is_verified(client, &sender.address).await?;
    Ok(SenderSeen {
        has_production_access: account.production_access_enabled,
        is_sending: account.sending_enabled,
        is_verified,
    })
}

/// Whether SES sends nothing to the address, because mail to it bounced or somebody complained.
///
/// # Errors
/// If SES refuses or does not answer.
pub async fn is_suppressed(client: &Client, address: &str) -> Result<bool, AwsError> {
    let answer = client.get_suppressed_destination().email_address(address).send().await;
    match answer.map_err(|error| AwsError::new(Operation::GetSuppressedDestination, error)) {
        Ok(_) => Ok(true),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether mail may be sent from this domain or address. An identity that SES does not know is not verified.
async fn is_verified(client: &Client, identity: &str) -> Result<bool, AwsError> {
    let answer = client.get_email_identity().email_identity(identity).send().await;
    match answer.map_err(|error| AwsError::new(Operation::GetEmailIdentity, error)) {
        Ok(identity) => Ok(identity.verified_for_sending_status),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
