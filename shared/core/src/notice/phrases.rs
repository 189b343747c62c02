//! Phrases shared by several texts.

use super::{Background, Delivery, Done, Reach, ReleasedBy, UserMessage, UserNotice};
use crate::device::{DeviceKind, MfaDevice};
use crate::episode::Episode;
use crate::event::Occasion;
use crate::tags::Cause;

/// A text message says nothing about its arrival, so no text may say that the user was told.
const HANDED_OVER: &str = "text message handed over to SNS";

/// How long it takes to enrol a device, in every text that says so.
pub(super) const TIME_TO_ENROL: &str = "about five minutes";

/// What a user can quote so that the administrators find everything about it.
pub(super) fn reference(background: &Background) -> &str {
    background.episode.as_ref().map_or(background.occasion.id().as_str(), Episode::as_str)
}

/// The text in printable ASCII, with a question mark for every other character. IAM's names have no others today.
pub(super) fn ascii(text: &str) -> String {
    text.chars().map(|c| if matches!(c, ' '..='~') { c } else { '?' }).collect()
}

/// `203.0.113.7, with Firefox on Linux`.
pub(super) fn from_where(occasion: &Occasion) -> String {
    format!("{}, with {}", occasion.address(), occasion.client())
}

/// What happened to a user, for an administrator.
pub(super) fn headline(notice: &UserNotice) -> String {
    let who = &notice.person.name;
    let moment = |time| notice.background.letterhead.moment(time);
    match notice.message {
        UserMessage::Welcome { deadline } => {
            format!("{who} has a new console password and no MFA yet; deadline {}", moment(deadline))
        }
        UserMessage::Reminder { cause, .. } if notice.done.contains(&Done::WithheldByMode) => {
            format!("{who} {}; mode enforce would quarantine now", because(cause))
        }
        UserMessage::Reminder { cause, deadline } => {
            format!("{who} {}; deadline {}", because(cause), moment(deadline))
        }
        UserMessage::Deadline { deadline, .. } => {
            format!("{who} has no MFA yet; deadline {}", moment(deadline))
        }
        UserMessage::Quarantined { cause } => format!("{who} is quarantined: {}", because(cause)),
        UserMessage::QuarantineReminder if notice.background.occasion.is_sweep() => {
            format!("{who} is quarantined and still has no MFA")
        }
        UserMessage::QuarantineReminder => {
            format!("{who} is quarantined and signed in without MFA again")
        }
        UserMessage::QuarantinedByHand => {
            format!("{who} is quarantined by hand and still has no MFA")
        }
        UserMessage::AwaitingApproval => {
            format!("{who} has enrolled MFA, and somebody else has to approve {}", devices(notice))
        }
        UserMessage::ExemptionEnding { until, .. } => {
            format!("{who} has no MFA yet, and is exempt until {until} only")
        }
        UserMessage::Released { by, rest_until: Some(until), .. } => {
            format!(
                "{who} is released: {}; sessions without MFA stay limited until {}",
                release_cause(by),
                moment(until)
            )
        }
        UserMessage::Released { by, was_contained: true, rest_until: None } => {
            format!("{who} is released: {}", release_cause(by))
        }
        UserMessage::Released { by, was_contained: false, rest_until: None } => {
            format!("{who} is all set: {}", release_cause(by))
        }
    }
}

/// The devices that have to be approved, in words: `the authenticator app phone`.
pub(super) fn devices(notice: &UserNotice) -> String {
    notice.devices.iter().map(device).collect::<Vec<_>>().join(" and ")
}

fn device(device: &MfaDevice) -> String {
    let kind = match device.serial.kind() {
        DeviceKind::Virtual => "authenticator app",
        DeviceKind::SecurityKeyOrPasskey => "passkey or security key",
        DeviceKind::HardwareTotp => "hardware token",
    };
    format!("the {kind} {}", device.serial.name())
}

/// Why a user is contained, as a phrase that follows the user's name.
pub(super) fn because(cause: Cause) -> &'static str {
    match cause {
        Cause::SignIn => "signed in without MFA",
        Cause::PasswordCreated => "has a console password and no MFA",
        Cause::MfaRemoved => "no longer has an MFA device",
        Cause::DeadlinePassed => "has no MFA after the deadline",
        Cause::Operator => "was contained by an administrator",
    }
}

/// Why a user is released.
pub(super) fn release_cause(by: ReleasedBy) -> &'static str {
    match by {
        ReleasedBy::Mfa => "MFA is on",
        ReleasedBy::Approval => "MFA is on, and somebody else approved it",
        ReleasedBy::PasswordRemoval => "the console password was removed",
        ReleasedBy::Exemption => "the user is exempt",
    }
}

/// What was done, for an administrator.
pub(super) fn done(done: Done) -> &'static str {
    match done {
        Done::PolicyAttached => "quarantine policy attached",
        Done::GroupJoined => "added to the quarantine group (no room for another policy)",
        Done::WasContained => "already quarantined",
        Done::PolicyDetached => "quarantine policy detached",
        Done::GroupLeft => "removed from the quarantine group",
        Done::WithheldByMode => "not quarantined, because MODE is notify",
    }
}

/// Whether the user was told, for an administrator.
pub(super) fn reach(reach: Reach) -> &'static str {
    match reach {
        Reach::NobodyToTell => "user NOT told: no address is known",
        Reach::Tried(Delivery::Sent) => "user told",
        Reach::Tried(Delivery::Unconfirmed) => "user NOT told: e-mail subscription not confirmed yet",
        Reach::Tried(Delivery::Failed) => "user NOT told yet: sending failed, it will be tried again",
        Reach::Tried(Delivery::Refused) => "user NOT told: AWS rejects the address",
        Reach::Tried(Delivery::SenderRefused) => "user NOT told: SES refused to send the mail",
        Reach::Tried(Delivery::HandedOver) | Reach::HandedOver { mail: None } => HANDED_OVER,
        Reach::HandedOver { mail: Some(Delivery::Unconfirmed) } => {
            "text message handed over to SNS, mail NOT delivered: e-mail subscription not confirmed yet"
        }
        Reach::HandedOver { mail: Some(Delivery::Refused) } => {
            "text message handed over to SNS, AWS rejects the e-mail address"
        }
        Reach::HandedOver { mail: Some(Delivery::SenderRefused) } => {
            "text message handed over to SNS, mail NOT sent: SES refused it"
        }
        Reach::HandedOver { mail: Some(_) } => {
            "text message handed over to SNS, mail NOT sent yet: it will be tried again"
        }
    }
}

/// Stable name of whether the user was told, for programs; `not-for-user` for alerts. Where a mail is owed, its state
/// counts, whether or not a text message was handed over.
pub(super) fn reach_code(reach: Option<Reach>) -> &'static str {
    match reach {
        None => "not-for-user",
        Some(Reach::NobodyToTell) => "nobody-to-tell",
        Some(Reach::HandedOver { mail: None | Some(Delivery::Refused) }) => Delivery::HandedOver.into(),
        Some(Reach::Tried(delivery) | Reach::HandedOver { mail: Some(delivery) }) => delivery.into(),
    }
}
