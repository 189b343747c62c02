//! Renders a digest into what SNS publishes: one text per protocol, within the size limit of SNS.

use super::digest_phrases::{brief, fitted, subject};
use super::view::View;
use super::{Digest, Memory, digest_chat, digest_html, digest_json, text};
use crate::notice::{Mail, MessageKind, Rendered};
use crate::settings::Sender;
use serde_json::{Value, json};

/// SNS accepts 256 KiB including the attributes, for which this leaves room.
const MESSAGE_LIMIT: usize = 250_000;
/// Maximum users per list in a message for programs; fewer if they do not fit.
const LISTED_FOR_MACHINES: usize = 200;
/// Maximum users per section in the mail.
pub(crate) const LISTED_FOR_PEOPLE: usize = 40;
/// A single SMS holds 160 characters of the GSM 7-bit alphabet.
pub(crate) const SMS_LIMIT: usize = 160;

/// Renders the digest for the administrators, compared with what was recorded of the last one.
#[must_use]
pub fn render(digest: &Digest, previous: Option<&Memory>) -> Rendered {
    let view = View::of(digest, previous);
    let subject = subject(&view);
    let sms = sms(&view);
    let message = fitting(|cap| message(&view, &subject, &sms, cap));
    let mail = digest.sender.as_ref().map(|sender| Box::new(mail(&view, sender, &subject)));
    Rendered {
        subject,
        message,
        sms,
        mail,
        attributes: [
            ("kind", MessageKind::Digest.code().to_owned()),
            ("severity", view.severity.code().to_owned()),
        ],
    }
}

fn mail(view: &View, sender: &Sender, subject: &str) -> Mail {
    let text = text::mail(view, LISTED_FOR_PEOPLE);
    let html = digest_html::mail(view, subject, LISTED_FOR_PEOPLE);
    Mail::of(sender, &view.digest.account, MessageKind::Digest, subject.to_owned(), text, html)
}

fn message(view: &View, subject: &str, sms: &str, cap: usize) -> String {
    protocols(
        &text::short(view),
        &text::mail(view, cap.min(LISTED_FOR_PEOPLE)),
        sms,
        &digest_json::message(view, cap),
        &digest_chat::message(view, subject),
    )
}

/// The message with as many users per list as SNS takes.
pub(crate) fn fitting(message: impl Fn(usize) -> String) -> String {
    let mut cap = LISTED_FOR_MACHINES;
    let mut text = message(cap);
    // INVARIANT: with empty lists, the size of a message is bounded and far below the limit.
    while text.len() > MESSAGE_LIMIT && cap > 0 {
        cap /= 2;
        text = message(cap);
    }
    text
}

/// One text for each protocol.
pub(crate) fn protocols(short: &str, mail: &str, sms: &str, machine: &Value, chat: &Value) -> String {
    let machine = machine.to_string();
    json!({
        "default": short,
        "email": mail,
        "sms": sms,
        "sqs": machine,
        "lambda": machine,
        "http": machine,
        "https": chat.to_string(),
    })
    .to_string()
}

fn sms(view: &View) -> String {
    let head = format!("AWS account {}, MFA digest, {}:", view.digest.account, view.severity.code());
    fitted(&head, &brief(view), SMS_LIMIT)
}

#[cfg(test)]
mod tests {
    use super::{MESSAGE_LIMIT, fitting};
    use std::cell::RefCell;

    /// The caps that are tried for a message of this length with lists of so many users.
    fn tried(length: impl Fn(usize) -> usize) -> Vec<usize> {
        let caps = RefCell::new(Vec::new());
        let text = fitting(|cap| {
            caps.borrow_mut().push(cap);
            assert!(caps.borrow().len() < 20, "it never ends");
            "x".repeat(length(cap))
        });
        let caps = caps.into_inner();
        assert_eq!(Some(text.len()), caps.last().map(|cap| length(*cap)), "the last one is sent");
        caps
    }

    #[test]
    fn lists_are_halved_until_the_message_fits() {
        assert_eq!(tried(|_| MESSAGE_LIMIT), [200]);
        assert_eq!(tried(|cap| MESSAGE_LIMIT - 50 + cap), [200, 100, 50]);
        assert_eq!(tried(|cap| MESSAGE_LIMIT - 49 + cap), [200, 100, 50, 25]);
    }

    #[test]
    fn lists_cannot_be_more_than_empty() {
        assert_eq!(tried(|_| MESSAGE_LIMIT + 1), [200, 100, 50, 25, 12, 6, 3, 1, 0]);
    }
}
