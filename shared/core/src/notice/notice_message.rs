//! From a notice to what SNS publishes: one text per protocol.

use super::{
    Audience, Delivery, Kind, MessageKind, Notice, Reach, Severity, admin, notice_chat, notice_json, sms,
    user,
};
use serde_json::{Value, json};

/// What SNS publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// ASCII, under 100 characters, without a line break.
    pub subject: String,
    /// For `MessageStructure=json`: an object of strings with `default` and one key per protocol.
    pub message: String,
    /// At most 160 characters, for a message straight to a number.
    pub sms: String,
    /// Message attributes `kind` and `severity`, for filter policies of subscribers.
    pub attributes: [(&'static str, String); 2],
}

/// What one audience is shown.
pub(super) struct Shown {
    pub(super) kind: MessageKind,
    pub(super) severity: Severity,
    pub(super) audience: &'static str,
    pub(super) subject: String,
}

/// The notice as the user gets it; `None` where it is not for the user.
#[must_use]
pub fn for_user(notice: &Notice) -> Option<Rendered> {
    match notice.audience {
        Audience::Admins => None,
        Audience::User | Audience::UserAndAdmins | Audience::UserThenDigest => {
            let shown = Shown {
                kind: notice.kind.message_kind(),
                severity: notice.kind.severity(),
                audience: "user",
                subject: user::subject(notice),
            };
            // The message is what reaches the user.
            Some(rendered(notice, Reach::Tried(Delivery::Sent), &shown, &user::body(notice)))
        }
    }
}

/// The notice as the administrators get it; `None` where it is not for them.
///
/// A notice that is for the user alone still reaches the administrators where nobody else can be told.
/// Where there is nobody to tell, and that is the news, it is of the kind `contact-missing`.
#[must_use]
pub fn for_admins(notice: &Notice, reach: Reach) -> Option<Rendered> {
    let contact_missing = matches!(reach, Reach::NobodyToTell | Reach::Tried(Delivery::Refused));
    match (notice.audience, &notice.kind) {
        // The digest tells of it; nobody missed a thank-you.
        (Audience::UserThenDigest, _) | (Audience::User, Kind::Released { .. }) => return None,
        (Audience::User, _) if !contact_missing => return None,
        (Audience::User | Audience::UserAndAdmins | Audience::Admins, _) => {}
    }
    let own = notice.kind.severity();
    let is_news = own == Severity::Info && !matches!(notice.kind, Kind::Released { .. });
    // What is no more than good to know becomes work to do.
    let (kind, severity) = if contact_missing && is_news {
        (MessageKind::ContactMissing, Severity::Warning)
    } else {
        (notice.kind.message_kind(), own)
    };
    let subject = admin::subject(notice, kind, severity);
    let shown = Shown { kind, severity, audience: "admins", subject };
    Some(rendered(notice, reach, &shown, &admin::body(notice, reach, severity)))
}

fn rendered(notice: &Notice, reach: Reach, shown: &Shown, text: &str) -> Rendered {
    let sms = sms::text(notice);
    let machine = notice_json::message(notice, reach, shown).to_string();
    let message: Value = json!({
        "default": text,
        "email": text,
        "sms": sms,
        "sqs": machine,
        "lambda": machine,
        "http": machine,
        "https": notice_chat::message(notice, reach, shown).to_string(),
    });
    Rendered {
        subject: shown.subject.clone(),
        message: message.to_string(),
        sms,
        attributes: [("kind", shown.kind.code().to_owned()), ("severity", shown.severity.code().to_owned())],
    }
}
