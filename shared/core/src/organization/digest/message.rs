//! Renders an organization's digest into what SNS publishes, and into a mail.

use super::memory::OrganizationMemory;
use super::view::View;
use super::{OrganizationDigest, chat, content, html, json, text};
use crate::digest::{LISTED_FOR_PEOPLE, SMS_LIMIT, fitted, fitting, protocols};
use crate::notice::{Mail, MessageKind, Rendered};

/// Renders the digest for the administrators, compared with the last one.
#[must_use]
pub fn render_organization(digest: &OrganizationDigest, before: Option<&OrganizationMemory>) -> Rendered {
    let view = View::of(digest, before);
    let subject = content::subject(&view);
    let head = format!("AWS organization {}, MFA digest, {}:", digest.organization, view.severity.code());
    let sms = fitted(&head, &content::brief(&view), SMS_LIMIT);
    let message = fitting(|cap| {
        let mail = text::mail(&view, cap.min(LISTED_FOR_PEOPLE));
        protocols(
            &text::short(&view),
            &mail,
            &sms,
            &json::message(&view, cap),
            &chat::message(&view, &subject),
        )
    });
    let mail = digest.sender.as_ref().map(|sender| {
        let text = text::mail(&view, LISTED_FOR_PEOPLE);
        let html = html::mail(&view, &subject, LISTED_FOR_PEOPLE);
        Box::new(Mail::of(sender, &digest.hub, MessageKind::Digest, subject.clone(), text, html))
    });
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
