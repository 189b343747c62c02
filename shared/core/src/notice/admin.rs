//! The message to the administrators: the first two lines say it all.

use super::phrases::{done_words, from_where, headline, moment, reach_words, who};
use super::{Delivery, Done, Enrolment, Kind, MessageKind, Notice, Reach, RootAlert, Severity};

/// Subject line: ASCII, under 100 characters.
pub(super) fn subject(notice: &Notice, kind: MessageKind, severity: Severity) -> String {
    let severity = severity.code().to_uppercase();
    let account = &notice.event.source.account;
    format!("[{severity}] {account} {}: {}", kind.code(), who(notice)).chars().take(99).collect()
}

/// The message, in plain text.
pub(super) fn body(notice: &Notice, reach: Reach, severity: Severity) -> String {
    let event = &notice.event;
    let mut lines = vec![
        format!("{}: {}", severity.code().to_uppercase(), headline(notice)),
        format!(
            "By {} | {} {} | Done: {}",
            event.actor,
            event.trigger.event_name(),
            event.source.id,
            done(notice, reach)
        ),
        String::new(),
        format!("Account:  {}", event.source.account),
    ];
    if let Some(user) = &notice.user {
        lines.push(format!("User:     {} ({})", user.name, user.id));
    }
    lines.push(format!("When:     {}", moment(event.source.time)));
    lines.push(format!("From:     {}", from_where(notice)));
    lines.push(format!("Mode:     {}", notice.mode.name()));
    for finding in &notice.findings {
        lines.push(format!("To mend:  {finding}"));
    }
    lines.push(String::new());
    lines.push(advice(notice, reach));
    lines.push(String::new());
    lines.join("\n")
}

/// What was done, and whether the user was told. An alert is given before anything is done.
pub(super) fn done(notice: &Notice, reach: Reach) -> String {
    let mut words: Vec<&str> = notice.done.iter().map(|done| done_words(*done)).collect();
    if words.is_empty() && reach == Reach::NotForUser {
        words.push("nothing but this alert");
    }
    words.extend(reach_words(reach));
    words.join(", ")
}

/// What the administrators should do now.
pub(super) fn advice(notice: &Notice, reach: Reach) -> String {
    let own = match &notice.kind {
        Kind::Reminder { .. } if notice.done.contains(&Done::WithheldByMode) => {
            "Nothing to do: the user has the steps."
        }
        Kind::Welcome { .. } | Kind::Reminder { .. } | Kind::Deadline { .. } => {
            "Nothing to do: the user has the steps. In mode enforce, quarantine follows by itself after the \
             deadline."
        }
        Kind::Quarantined { .. } => {
            "Nothing to do if you expected this: the user can enrol a device and is released automatically. \
             If you did not, ask the user about it before the next sign-in."
        }
        Kind::QuarantineReminder => "Nothing to do: the user has the steps once more.",
        Kind::Released { .. } => "Nothing to do.",
        Kind::ForeignEnrolment(Enrolment::ByAccessKey) => {
            "Ask the user now whether this was done on purpose, with a program. If not: deactivate the device, \
             deactivate the access key, and reset the password."
        }
        Kind::ForeignEnrolment(Enrolment::BySomeoneElse) => {
            "Ask the user and the person named above whether this was agreed. If not: deactivate the device \
             and reset the password."
        }
        Kind::ContainmentFailed { .. } => {
            "Contain the user by hand now (attach the quarantine policy). IAM refuses where the user has no \
             room for one more policy or group, where the policy or group is gone, or where this enforcer lacks a \
             permission; its log names the call. The event will be run again and then kept in the dead-letter queue."
        }
        Kind::ReleaseFailed { .. } => {
            "Release the user by hand (detach the quarantine policy or leave the quarantine group, then remove \
             the tag `mfa-enforcer:quarantined`). With MFA the policy stops nothing, so this does not hurry. \
             The log of this enforcer names the call that was refused."
        }
        Kind::Root(RootAlert::SignInWithoutMfa) => {
            "Find out now who signed in. Then enrol a hardware security key or passkey for root, and a second \
             one as a spare: sign in as root, choose the account's name at the top right, Security \
             credentials, Assign MFA device."
        }
        Kind::Root(RootAlert::MfaRemoved) => {
            "Find out now who removed it and why. Root should have two hardware security keys or passkeys: \
             sign in as root, choose the account's name at the top right, Security credentials, Assign MFA \
             device."
        }
        Kind::Root(RootAlert::MfaEnrolled) => {
            "Nothing to do if you expected this. Root is best protected by two hardware security keys or \
             passkeys, kept in different places."
        }
        Kind::Root(RootAlert::PasswordCreated) => {
            "If nobody planned to recover root's password, find out who did this, and remove it again."
        }
        Kind::Root(RootAlert::PasswordRemoved) => "Nothing to do if you expected this.",
        Kind::Root(RootAlert::MfaMissing) => {
            "Enrol a hardware security key or passkey for root today, and a second one as a spare, kept in \
             another place: sign in as root, choose the account's name at the top right, Security credentials, \
             Assign MFA device."
        }
    };
    let pass_on = match reach {
        Reach::NobodyToTell => {
            "Nobody could be told: give the user an e-mail address (the contact tag) or a number (the tag \
             `phone`), and pass the message on yourself until then."
        }
        Reach::Tried(Delivery::Unconfirmed) => {
            "The user was not told: SNS has asked for a confirmation of the address and delivers nothing before \
             that. Ask the user to confirm the mail from AWS Notifications, and pass the message on."
        }
        Reach::Tried(Delivery::Refused) => {
            "The user was not told: SNS refuses the address or number. Correct the tag, and pass the message on."
        }
        Reach::Tried(Delivery::Failed) => "The user was not told: sending failed. The event is run again.",
        Reach::NotForUser | Reach::Tried(Delivery::Sent) => return own.to_owned(),
    };
    match &notice.kind {
        Kind::Welcome { .. }
        | Kind::Reminder { .. }
        | Kind::Deadline { .. }
        | Kind::QuarantineReminder
        | Kind::Released { .. } => pass_on.to_owned(),
        Kind::Quarantined { .. }
        | Kind::ForeignEnrolment(_)
        | Kind::ContainmentFailed { .. }
        | Kind::ReleaseFailed { .. }
        | Kind::Root(_) => format!("{pass_on} {own}"),
    }
}
