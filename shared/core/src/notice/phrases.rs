//! Words that several texts share.

use super::{Delivery, Done, Enrolment, Kind, Notice, Reach, ReleasedBy, RootAlert};
use crate::event::Trigger;
use crate::tags::Cause;
use jiff::Timestamp;

/// `Tuesday, 24 November 2026, 09:00 UTC`.
pub(super) fn moment(time: Timestamp) -> String {
    time.strftime("%A, %-d %B %Y, %H:%M UTC").to_string()
}

/// `203.0.113.7, with Firefox on Linux`.
pub(super) fn from_where(notice: &Notice) -> String {
    let origin = &notice.event.source.origin;
    format!("{}, with {}", origin.address, origin.client)
}

/// The user's name, or root.
pub(super) fn who(notice: &Notice) -> &str {
    notice.user.as_ref().map_or("the root user", |user| user.name.as_str())
}

/// What happened, for an administrator, after the name of the user.
pub(super) fn headline(notice: &Notice) -> String {
    let who = who(notice);
    match &notice.kind {
        Kind::Welcome { deadline } => {
            format!("{who} has a new console password and no MFA yet; deadline {}", moment(*deadline))
        }
        Kind::Reminder { cause, .. } if notice.done.contains(&Done::WithheldByMode) => {
            format!("{who} {}; mode enforce would quarantine now", cause_words(*cause))
        }
        Kind::Reminder { cause, deadline } => {
            format!("{who} {}; deadline {}", cause_words(*cause), moment(*deadline))
        }
        Kind::Deadline { deadline, .. } => format!("{who} has no MFA yet; deadline {}", moment(*deadline)),
        Kind::Quarantined { cause } => format!("{who} is quarantined: {}", cause_words(*cause)),
        Kind::QuarantineReminder if notice.event.trigger == Trigger::Sweep => {
            format!("{who} is quarantined and has no MFA still")
        }
        Kind::QuarantineReminder => format!("{who} is quarantined and signed in without MFA once more"),
        Kind::Released { by, was_contained: true } => format!("{who} is released: {}", released_words(*by)),
        Kind::Released { by, was_contained: false } => format!("{who} is all set: {}", released_words(*by)),
        Kind::ForeignEnrolment(Enrolment::ByAccessKey) => {
            format!("an access key of {who} enrolled an MFA device for {who}, which a thief would do")
        }
        Kind::ForeignEnrolment(Enrolment::BySomeoneElse) => {
            format!("somebody else enrolled an MFA device for {who}")
        }
        Kind::ContainmentFailed { cause } => {
            format!("{who} could NOT be quarantined: IAM refused ({})", cause_words(*cause))
        }
        Kind::ReleaseFailed { by } => {
            format!("{who} could NOT be released: IAM refused ({})", released_words(*by))
        }
        Kind::Root(alert) => root_words(*alert).to_owned(),
    }
}

pub(super) fn cause_words(cause: Cause) -> &'static str {
    match cause {
        Cause::SignIn => "signed in without MFA",
        Cause::PasswordCreated => "has a console password and no MFA",
        Cause::MfaRemoved => "has lost the last MFA device",
        Cause::DeadlinePassed => "has no MFA after the deadline",
    }
}

fn released_words(by: ReleasedBy) -> &'static str {
    match by {
        ReleasedBy::Mfa => "MFA is on",
        ReleasedBy::PasswordRemoval => "the console password was removed",
        ReleasedBy::Exemption => "the user is exempt",
    }
}

fn root_words(alert: RootAlert) -> &'static str {
    match alert {
        RootAlert::SignInWithoutMfa => "the root user signed in without MFA",
        RootAlert::MfaRemoved => "an MFA device of the root user was removed",
        RootAlert::MfaEnrolled => "the root user has a new MFA device",
        RootAlert::PasswordCreated => "the root user was given a console password, or leave to set one",
        RootAlert::PasswordRemoved => "the root user's console password was removed",
        RootAlert::MfaMissing => "the root user has no MFA",
    }
}

/// What was done, for an administrator.
pub(super) fn done_words(done: Done) -> &'static str {
    match done {
        Done::PolicyAttached => "quarantine policy attached",
        Done::GroupJoined => "added to the quarantine group (no room for one more policy)",
        Done::WasContained => "quarantined before",
        Done::PolicyDetached => "quarantine policy detached",
        Done::GroupLeft => "removed from the quarantine group",
        Done::WithheldByMode => "not quarantined, because MODE is notify",
    }
}

/// Stable name for messages to machines.
pub(super) fn done_code(done: Done) -> &'static str {
    match done {
        Done::PolicyAttached => "policy-attached",
        Done::GroupJoined => "group-joined",
        Done::WasContained => "was-contained",
        Done::PolicyDetached => "policy-detached",
        Done::GroupLeft => "group-left",
        Done::WithheldByMode => "withheld-by-mode",
    }
}

/// Whether the user was told, for an administrator; nothing where it was not for the user.
pub(super) fn reach_words(reach: Reach) -> Option<&'static str> {
    match reach {
        Reach::NotForUser => None,
        Reach::NobodyToTell => Some("user NOT told: no address is known"),
        Reach::Tried(Delivery::Sent) => Some("user told"),
        Reach::Tried(Delivery::Unconfirmed) => Some("user NOT told: e-mail subscription not confirmed yet"),
        Reach::Tried(Delivery::Failed) => Some("user NOT told yet: sending failed, the event is run again"),
        Reach::Tried(Delivery::Refused) => Some("user NOT told: AWS refuses the address"),
    }
}

/// Stable name for messages to machines.
pub(super) fn reach_code(reach: Reach) -> &'static str {
    match reach {
        Reach::NotForUser => "not-for-user",
        Reach::NobodyToTell => "nobody-to-tell",
        Reach::Tried(Delivery::Sent) => "sent",
        Reach::Tried(Delivery::Unconfirmed) => "unconfirmed",
        Reach::Tried(Delivery::Failed) => "failed",
        Reach::Tried(Delivery::Refused) => "refused",
    }
}

/// Stable name of what is behind a notice, for messages to machines.
pub(super) fn reason_code(notice: &Notice) -> &'static str {
    match &notice.kind {
        Kind::Welcome { .. } => "new-password",
        Kind::Reminder { cause, .. } | Kind::Quarantined { cause } | Kind::ContainmentFailed { cause } => {
            cause.code()
        }
        // A sweep reminds because the deadline is near or over.
        Kind::Deadline { .. } => "deadline-near",
        Kind::QuarantineReminder if notice.event.trigger == Trigger::Sweep => Cause::DeadlinePassed.code(),
        Kind::QuarantineReminder => Cause::SignIn.code(),
        Kind::Released { by: ReleasedBy::Mfa, .. } | Kind::ReleaseFailed { by: ReleasedBy::Mfa } => {
            "mfa-enrolled"
        }
        Kind::Released { by: ReleasedBy::PasswordRemoval, .. }
        | Kind::ReleaseFailed { by: ReleasedBy::PasswordRemoval } => "password-removed",
        Kind::Released { by: ReleasedBy::Exemption, .. }
        | Kind::ReleaseFailed { by: ReleasedBy::Exemption } => "exempt",
        Kind::ForeignEnrolment(Enrolment::ByAccessKey) => "enrolled-by-access-key",
        Kind::ForeignEnrolment(Enrolment::BySomeoneElse) => "enrolled-by-someone-else",
        Kind::Root(RootAlert::SignInWithoutMfa) => "root-sign-in-without-mfa",
        Kind::Root(RootAlert::MfaRemoved) => "root-mfa-removed",
        Kind::Root(RootAlert::MfaEnrolled) => "root-mfa-enrolled",
        Kind::Root(RootAlert::PasswordCreated) => "root-password-created",
        Kind::Root(RootAlert::PasswordRemoved) => "root-password-removed",
        Kind::Root(RootAlert::MfaMissing) => "root-mfa-missing",
    }
}
