//! Renders a digest into what SNS publishes: one text per protocol, within the size limit of SNS.

use super::digest_phrases::{brief, fitted, subject};
use super::view::View;
use super::{Digest, Memory, digest_chat, digest_html, digest_json, text};
use crate::notice::{Mail, MessageKind, Rendered};
use crate::settings::Sender;
use serde_json::json;

/// SNS accepts 256 KiB including the attributes, for which this leaves room.
const MESSAGE_LIMIT: usize = 250_000;
/// Maximum users per list in a message for programs; fewer if they do not fit.
const LISTED_FOR_MACHINES: usize = 200;
/// Maximum users per section in the mail.
const LISTED_FOR_PEOPLE: usize = 40;
/// A single SMS holds 160 characters of the GSM 7-bit alphabet.
const SMS_LIMIT: usize = 160;

/// Renders the digest for the administrators, compared with what was recorded of the last one.
#[must_use]
pub fn render(digest: &Digest, previous: Option<&Memory>) -> Rendered {
    let view = View::of(digest, previous);
    let subject = subject(&view);
    let sms = sms(&view);
    let mut cap = LISTED_FOR_MACHINES;
    let mut message = message(&view, &subject, &sms, cap);
    // INVARIANT: with empty lists, the size of a message is bounded and far below the limit.
    while message.len() > MESSAGE_LIMIT && cap > 0 {
        cap /= 2;
        message = self::message(&view, &subject, &sms, cap);
    }
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
    let machine = digest_json::message(view, cap).to_string();
    json!({
        "default": text::short(view),
        "email": text::mail(view, cap.min(LISTED_FOR_PEOPLE)),
        "sms": sms,
        "sqs": machine,
        "lambda": machine,
        "http": machine,
        "https": digest_chat::message(view, subject).to_string(),
    })
    .to_string()
}

fn sms(view: &View) -> String {
    let head = format!("AWS account {}, MFA digest, {}:", view.digest.account, view.severity.code());
    fitted(&head, &brief(view), SMS_LIMIT)
}
