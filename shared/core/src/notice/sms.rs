//! The text message: a single SMS of at most 160 ASCII characters.

use super::phrases::reference;
use super::{Alert, Background, Done, ReleasedBy, UserMessage, UserNotice};
use crate::settings::Mode;
use crate::tags::Cause;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A single SMS holds 160 characters of the GSM 7-bit alphabet.
pub(super) const LIMIT: usize = 160;

/// Longest name of a company in a text message.
const COMPANY: usize = 20;

/// The text for the user: the company first, and no link, which people are told not to follow. Long names are truncated.
pub(super) fn to_user(notice: &UserNotice) -> String {
    let Background { account, letterhead, .. } = &notice.background;
    let name = short(&notice.person.name);
    let company = letterhead.organization.as_deref().filter(|name| name.len() <= COMPANY && name.is_ascii());
    let company = company.unwrap_or("AWS");
    let day =
        |time: Timestamp| time.to_zoned_datetime(letterhead.zone.clone()).strftime("%-d %b").to_string();
    let ask = |what: &str| {
        format!("{company}: {name}, AWS account {account}: {what}: sign in, then Security credentials.")
    };
    let text = match notice.message {
        UserMessage::Welcome { deadline } | UserMessage::Deadline { deadline, last: false } => {
            ask(&format!("set up MFA by {}", day(deadline)))
        }
        // In the other modes nothing follows.
        UserMessage::Deadline { deadline, last: true } if notice.background.mode != Mode::Enforce => {
            ask(&format!("final notice, set up MFA by {}", day(deadline)))
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
            format!("{company}: {name}, your password for AWS account {account} was removed.")
        }
        UserMessage::AwaitingApproval => format!(
            "{company}: {name}, AWS account {account}: MFA is on. Your access comes back once somebody else has approved \
             your device."
        ),
        UserMessage::Released {
            by: ReleasedBy::Mfa | ReleasedBy::Approval, rest_until: Some(until), ..
        } => format!(
            "{company}: {name}, AWS account {account}: MFA is on. Sign in again with it. Other sessions stay limited until \
             {}.",
            minute(until, &letterhead.zone)
        ),
        UserMessage::Released { was_contained: true, .. } => {
            format!("{company}: {name}, your access to AWS account {account} is back. Thank you.")
        }
        UserMessage::Released { was_contained: false, .. } => {
            format!("{company}: {name}, MFA is on for AWS account {account}. Thank you.")
        }
    };
    with_reference(&text.chars().take(LIMIT).collect::<String>(), &notice.background)
}

/// The text with the reference, if there is room for it.
fn with_reference(text: &str, background: &Background) -> String {
    let longer = format!("{text} Ref. {}.", reference(background));
    if background.episode.is_some() && longer.chars().count() <= LIMIT { longer } else { text.to_owned() }
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

fn minute(time: Timestamp, zone: &TimeZone) -> String {
    time.to_zoned_datetime(zone.clone()).strftime("%-d %b %H:%M %Z").to_string()
}

fn short(name: &str) -> String {
    if name.len() <= 15 { name.to_owned() } else { name.chars().take(12).chain("...".chars()).collect() }
}
