//! From a digest to what SNS publishes: one text per protocol, and never more than SNS takes.

use super::digest_phrases::{brief, fitted, subject};
use super::view::View;
use super::{Digest, Memory, digest_chat, digest_json, text};
use crate::notice::MessageKind;
use crate::notice::Rendered;
use serde_json::json;

/// SNS takes 256 KiB, the attributes included. The rest is room for these.
const MESSAGE_LIMIT: usize = 250_000;
/// Users of a list in a message for machines, where they fit.
const LISTED_FOR_MACHINES: usize = 200;
/// Users of a section in the mail.
const LISTED_FOR_PEOPLE: usize = 40;
/// One SMS holds 160 characters of its basic alphabet.
const SMS_LIMIT: usize = 160;

/// The digest as the administrators get it, compared with what is remembered of the last one.
#[must_use]
pub fn render(digest: &Digest, previous: Option<&Memory>) -> Rendered {
    let view = View::of(digest, previous);
    let subject = subject(&view);
    let sms = sms(&view);
    let mut cap = LISTED_FOR_MACHINES;
    let mut message = message(&view, &subject, &sms, cap);
    // INVARIANT: without any list a message has a bounded size, far below the limit.
    while message.len() > MESSAGE_LIMIT && cap > 0 {
        cap /= 2;
        message = self::message(&view, &subject, &sms, cap);
    }
    Rendered {
        subject,
        message,
        sms,
        attributes: [
            ("kind", MessageKind::Digest.code().to_owned()),
            ("severity", view.severity.code().to_owned()),
        ],
    }
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
