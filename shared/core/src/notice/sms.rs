//! The text message: a single SMS of at most 160 ASCII characters.

use super::{Alert, Background, Done, ReleasedBy, UserMessage, UserNotice};
use crate::tags::Cause;
use jiff::Timestamp;

/// A single SMS holds 160 characters of the GSM 7-bit alphabet.
pub(super) const LIMIT: usize = 160;

/// The text for the user. Long names are truncated so that the link fits. Where there is none or it is too long, the text
/// says which page to open: part of a link would be worse than none.
pub(super) fn to_user(notice: &UserNotice) -> String {
    let Background { account, partition, .. } = &notice.background;
    let name = short(&notice.person.name);
    let link = partition.security_credentials_url();
    let ask = |what: &str| {
        let linked = link.as_ref().map(|link| format!("AWS {name}, account {account}: {what}: {link}"));
        linked.filter(|text| text.len() <= LIMIT).unwrap_or_else(|| {
            format!("AWS {name}, account {account}: {what}: sign in, then Security credentials.")
        })
    };
    let text = match notice.message {
        UserMessage::Welcome { deadline } | UserMessage::Deadline { deadline, last: false } => {
            ask(&format!("set up MFA by {}", day(deadline)))
        }
        UserMessage::Deadline { deadline, last: true } => {
            ask(&format!("access limited from {} unless MFA is set up", day(deadline)))
        }
        UserMessage::Reminder { cause, deadline } => {
            let what = match cause {
                Cause::SignIn => "signed in without MFA",
                Cause::PasswordCreated | Cause::DeadlinePassed => "no MFA yet",
                Cause::MfaRemoved => "MFA was removed",
            };
            if notice.done.contains(&Done::WithheldByMode) {
                ask(&format!("{what}, set it up now"))
            } else {
                ask(&format!("{what}, set it up by {}", day(deadline)))
            }
        }
        UserMessage::Quarantined { .. } | UserMessage::QuarantineReminder => {
            ask("access limited until you set up MFA")
        }
        UserMessage::ExemptionEnding { deadline, .. } => {
            ask(&format!("your exemption ends, set up MFA by {}", day(deadline)))
        }
        UserMessage::QuarantinedByHand => ask("limited by your administrators, set up MFA and ask them"),
        UserMessage::Released { by: ReleasedBy::PasswordRemoval, .. } => {
            format!("AWS {name}: your password for account {account} was removed.")
        }
        UserMessage::AwaitingApproval => format!(
            "AWS {name}, account {account}: MFA is on. Your access comes back once somebody else has approved your \
             device."
        ),
        UserMessage::Released {
            by: ReleasedBy::Mfa | ReleasedBy::Approval, rest_until: Some(until), ..
        } => format!(
            "AWS {name}, account {account}: MFA is on. Sign out everywhere, then sign in with MFA. Other sessions stay \
             limited until {}.",
            minute(until)
        ),
        UserMessage::Released { was_contained: true, .. } => {
            format!("AWS {name}: your access to account {account} is back. Thank you.")
        }
        UserMessage::Released { was_contained: false, .. } => {
            format!("AWS {name}: MFA is on for account {account}. Thank you.")
        }
    };
    text.chars().take(LIMIT).collect()
}

/// The text of an alert for the administrators.
pub(super) fn of_alert(alert: &Alert) -> String {
    let (subject, background) = (&alert.subject, &alert.background);
    let text = format!(
        "AWS account {}: {}, {}, event {}",
        background.account,
        subject.severity().code(),
        subject.kind().code(),
        background.occasion.id()
    );
    text.chars().take(LIMIT).collect()
}

fn minute(time: Timestamp) -> String {
    time.strftime("%-d %b %H:%M UTC").to_string()
}

fn day(time: Timestamp) -> String {
    time.strftime("%-d %b").to_string()
}

fn short(name: &str) -> String {
    if name.len() <= 15 { name.to_owned() } else { name.chars().take(12).chain("...".chars()).collect() }
}
