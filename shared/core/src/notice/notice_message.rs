//! Renders a notice into what SNS publishes: one text per protocol.

use super::shown::{Audience, Shown};
use super::{
    AdminCopy, Alert, Background, Delivery, Mail, MessageKind, Reach, Severity, UserMessage, UserNotice,
    admin_mail, enrolment_steps, key_lines, notice_chat, notice_json, sms, user_mail,
};
use crate::access_keys::KeysSeen;
use serde_json::json;

/// A message ready for SNS to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Subject line: ASCII, under 100 characters, without line breaks.
    pub subject: String,
    /// For `MessageStructure=json`: an object of strings with `default` and one key per protocol.
    pub message: String,
    /// Text for a message sent directly to a phone number: at most 160 characters.
    pub sms: String,
    /// The mail from the company's own address; `None` if SNS sends the mail, or if the message is for administrators.
    pub mail: Option<Box<Mail>>,
    /// Message attributes `kind` and `severity`. SNS documents that it sends none with messages of this form.
    pub attributes: [(&'static str, String); 2],
}

/// Renders a notice for the user.
#[must_use]
pub fn for_user(notice: &UserNotice) -> Rendered {
    let message = &notice.message;
    // A user who reads this text has been reached.
    let reach = Reach::Tried(Delivery::Sent);
    let mut shown = Shown::of_notice(notice, Audience::User, reach, message.kind(), message.severity());
    shown.subject = user_mail::subject(notice);
    shown.next_steps = next_steps(notice);
    let letter = user_mail::letter(notice);
    let Background { sender, account, .. } = &notice.background;
    let mail = sender.as_ref().map(|sender| {
        let subject = user_mail::full_subject(notice);
        Box::new(Mail::to_user(sender, account, message.kind(), &notice.person, subject, &letter))
    });
    Rendered { mail, ..rendered(&shown, &letter.text(), sms::to_user(notice)) }
}

/// What the user should do, in short.
fn next_steps(notice: &UserNotice) -> Vec<String> {
    const SIGN_OUT: &str =
        "Sign out of all sessions (on the command line, run `aws logout`), and sign in again with MFA.";
    if notice.message.asks_for_mfa() {
        enrolment_steps::in_short(&notice.background)
    } else {
        notice.message.rest_until().map(|_| SIGN_OUT.to_owned()).into_iter().collect()
    }
}

/// Renders the administrators' copy of a notice to a user; `None` if they get no copy. A message that is still owed is
/// important, whatever it says.
///
/// `keys` are named if [`UserNotice::names_access_keys`].
///
/// If the user cannot be reached and the notice is otherwise informational, its kind is `contact-missing`.
#[must_use]
pub fn for_admins(notice: &UserNotice, reach: Reach, keys: Option<&KeysSeen>) -> Option<Rendered> {
    match notice.copy {
        AdminCopy::Never => return None,
        AdminCopy::IfMissed if !reach.is_missed() => return None,
        AdminCopy::IfMissed | AdminCopy::Always => {}
    }
    let message = &notice.message;
    let is_news = message.severity() == Severity::Info && !matches!(message, UserMessage::Released { .. });
    // An informational copy becomes a warning, because the administrators have something to do.
    let (kind, severity) = if reach.needs_a_contact() && is_news {
        (MessageKind::ContactMissing, Severity::Warning)
    } else {
        (message.kind(), message.severity())
    };
    let mut shown = Shown::of_notice(notice, Audience::Admins, reach, kind, severity);
    shown.subject = admin_mail::subject(&shown);
    shown.next_steps = admin_mail::next_steps(notice, reach);
    if let Some(keys) = keys.filter(|_| notice.names_access_keys()) {
        shown.keys = Some(keys);
        let advice = if notice.may_be_taken_over() {
            key_lines::after_takeover(keys, &notice.background)
        } else {
            key_lines::in_short(keys, notice.background.scope)
        };
        shown.next_steps.extend(advice);
    }
    Some(rendered(&shown, &admin_mail::body(&shown), sms::to_user(notice)))
}

/// Renders an alert for the administrators.
#[must_use]
pub fn for_alert(alert: &Alert) -> Rendered {
    let mut shown = Shown::of_alert(alert);
    shown.subject = admin_mail::subject(&shown);
    rendered(&shown, &admin_mail::body(&shown), sms::of_alert(alert))
}

fn rendered(shown: &Shown<'_>, text: &str, sms: String) -> Rendered {
    let machine = notice_json::message(shown).to_string();
    let message = json!({
        "default": text,
        "email": text,
        "sms": sms,
        "sqs": machine,
        "lambda": machine,
        "http": machine,
        "https": notice_chat::message(shown).to_string(),
    });
    Rendered {
        subject: shown.subject.clone(),
        message: message.to_string(),
        sms,
        mail: None,
        attributes: [("kind", shown.kind.code().to_owned()), ("severity", shown.severity.code().to_owned())],
    }
}
