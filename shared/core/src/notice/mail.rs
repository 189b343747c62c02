//! A mail from the company's own address, as SES gets it.
//!
//! Words that others chose are in the subject and in the texts, which SES encodes. Nothing of them is in a header or a
//! tag but the user's name, encoded.

use super::letter::Letter;
use super::mail_html::mail_html;
use super::{MessageKind, Person};
use crate::settings::Sender;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Name of the message tag with the user's name, by which a bounce is told.
pub const USER_TAG: &str = "user";
/// The tag with the account of the user, from which the mail need not come.
pub const ACCOUNT_TAG: &str = "account";
/// Name of the message tag with the kind of message.
pub const KIND_TAG: &str = "kind";

/// A mail to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Who sends it, as the header says it.
    pub from: String,
    /// Where answers go; `None` for the same address.
    pub reply_to: Option<String>,
    /// What reports bounces and complaints; `None` if nothing does.
    pub configuration_set: Option<String>,
    /// Subject line, in any language.
    pub subject: String,
    /// The message as plain text.
    pub text: String,
    /// The same message as HTML.
    pub html: String,
    /// Names and values of headers: printable ASCII.
    pub headers: [(&'static str, String); 2],
    /// Names and values of message tags: letters, digits, `-` and `_`.
    pub tags: Vec<(&'static str, String)>,
}

impl Mail {
    /// A letter to a user.
    pub(super) fn to_user(
        sender: &Sender,
        account: &str,
        kind: MessageKind,
        person: &Person,
        subject: String,
        letter: &Letter,
    ) -> Self {
        let mut mail = Self::letter(sender, account, kind, subject, letter);
        mail.tags.insert(0, (USER_TAG, URL_SAFE_NO_PAD.encode(&person.name)));
        mail
    }

    /// A letter, without a tag with the user's name.
    pub(super) fn letter(
        sender: &Sender,
        account: &str,
        kind: MessageKind,
        subject: String,
        letter: &Letter,
    ) -> Self {
        let html = mail_html(&subject, letter);
        Self::of(sender, account, kind, subject, letter.text(), html)
    }

    /// A message that is about no single user.
    pub(crate) fn of(
        sender: &Sender,
        account: &str,
        kind: MessageKind,
        subject: String,
        text: String,
        html: String,
    ) -> Self {
        Self {
            from: sender.from.clone(),
            reply_to: sender.reply_to.clone(),
            configuration_set: sender.configuration_set.clone(),
            subject,
            text,
            html,
            headers: headers(sender, account),
            tags: vec![(KIND_TAG, kind.code().to_owned()), (ACCOUNT_TAG, account.to_owned())],
        }
    }
}

/// Out-of-office replies stay away, and people can file the messages of one account.
fn headers(sender: &Sender, account: &str) -> [(&'static str, String); 2] {
    [
        ("Auto-Submitted", "auto-generated".to_owned()),
        ("List-ID", format!("<mfa-enforcer.{account}.{}>", sender.domain)),
    ]
}
