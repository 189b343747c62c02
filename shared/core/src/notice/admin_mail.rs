//! The mail to the administrators. Its first two lines contain the essentials.

use super::shown::Shown;
use super::{Delivery, Done, Reach, UserMessage, UserNotice};
use crate::tags::Cause;

/// List at most this many waiting users.
const NAMED: usize = 40;

/// Subject line: ASCII, under 100 characters.
pub(super) fn subject(shown: &Shown<'_>) -> String {
    let (severity, account) = (shown.severity.code().to_uppercase(), &shown.background.account);
    format!("[{severity}] {account} {}: {}", shown.kind.code(), shown.who).chars().take(99).collect()
}

/// The body in plain text.
pub(super) fn body(shown: &Shown<'_>) -> String {
    let background = shown.background;
    let occasion = &background.occasion;
    let mut lines = vec![
        format!("{}: {}", shown.severity.code().to_uppercase(), shown.headline),
        format!("By {} | {} {} | Done: {}", occasion.actor(), occasion.name(), occasion.id(), shown.done()),
        String::new(),
        format!("Account:  {}", background.account),
    ];
    if let Some(person) = shown.person {
        lines.push(format!("User:     {} ({})", person.name, person.id));
    }
    lines.extend(shown.also.iter().map(|also| format!("Also:     {also}")));
    for (index, name) in shown.waiting.iter().take(NAMED).enumerate() {
        lines.push(format!("{}{name}", if index == 0 { "Waiting:  " } else { "          " }));
    }
    if shown.waiting.len() > NAMED {
        lines.push(format!("          and {} more", shown.waiting.len() - NAMED));
    }
    lines.push(format!("When:     {}", shown.when()));
    lines.push(format!("From:     {}", shown.origin()));
    lines.push(format!("Mode:     {}", background.mode.name()));
    for finding in &background.findings {
        lines.push(format!("To fix:   {finding}"));
    }
    lines.push(String::new());
    lines.extend(shown.next_steps.iter().cloned());
    lines.push(String::new());
    lines.join("\n")
}

/// What the administrators should do about a notice to a user.
pub(super) fn advice(notice: &UserNotice, reach: Reach) -> String {
    let own = match notice.message {
        UserMessage::Reminder { .. } if notice.done.contains(&Done::WithheldByMode) => {
            "Nothing to do: the steps have been sent."
        }
        UserMessage::Welcome { .. } | UserMessage::Reminder { .. } | UserMessage::Deadline { .. } => {
            "Nothing to do: the steps have been sent. In mode enforce, the user is quarantined \
             automatically after the deadline."
        }
        UserMessage::Quarantined { cause: Cause::SignIn } => {
            "Nothing to do if you expected this: the user can enrol a device and is then released automatically. \
             Otherwise ask the user, and look for CreateOAuth2Token of this user in CloudTrail: `aws login` and agents \
             keep a session alive outside the browser."
        }
        UserMessage::Quarantined { .. } => {
            "Nothing to do if you expected this: the user can enrol a device and is then released automatically. \
             Otherwise, ask the user about it before their next sign-in."
        }
        UserMessage::QuarantineReminder => "Nothing to do: the steps have been sent again.",
        UserMessage::QuarantinedByHand => {
            "This enforcer did not attach this quarantine and does not lift it. Once its reason is gone, and the user \
             has MFA, detach the quarantine policy, or remove the user from the quarantine group."
        }
        UserMessage::Released { rest_until: Some(_), .. } => {
            "Nothing to do: a sweep lifts the rest of the quarantine once no session without MFA can be open any \
             more."
        }
        UserMessage::Released { .. } => "Nothing to do.",
    };
    let pass_on = match reach {
        Reach::NobodyToTell if !notice.background.partition.traits().text_messages => {
            "The user was not told: no address is known. Add an e-mail address (the contact tag), and pass messages on \
             yourself until then."
        }
        Reach::NobodyToTell => {
            "The user was not told: no address is known. Add an e-mail address (the contact tag) or a phone \
             number (the tag `phone`), and pass messages on yourself until then."
        }
        Reach::Tried(Delivery::Unconfirmed) => {
            "The user was not told: SNS has asked the user to confirm the address and delivers nothing until they \
             do. Ask the user to confirm the mail from AWS Notifications, and pass the message on."
        }
        Reach::Tried(Delivery::Refused) => {
            "The user was not told: SNS rejects the address or number. Correct the tag, and pass the message on."
        }
        Reach::Tried(Delivery::Failed) => "The user was not told: sending failed. It will be tried again.",
        Reach::Tried(Delivery::HandedOver) | Reach::HandedOver { mail: None } => {
            "A text message was handed over to SNS, which does not say whether it arrives. An e-mail address (the \
             contact tag) is safer."
        }
        Reach::HandedOver { mail: Some(Delivery::Unconfirmed) } => {
            "A text message was handed over to SNS, which does not say whether it arrives. The mail waits until the \
             user confirms the address: ask them to confirm the mail from AWS Notifications, and pass the message on."
        }
        Reach::HandedOver { mail: Some(Delivery::Refused) } => {
            "A text message was handed over to SNS, which does not say whether it arrives. SNS rejects the e-mail \
             address: correct the tag."
        }
        Reach::HandedOver { mail: Some(_) } => {
            "A text message was handed over to SNS, which does not say whether it arrives. Sending the mail failed. \
             It will be tried again."
        }
        Reach::Tried(Delivery::Sent) => return own.to_owned(),
    };
    if matches!(notice.message, UserMessage::Quarantined { .. }) || !reach.is_missed() {
        format!("{pass_on} {own}")
    } else {
        pass_on.to_owned()
    }
}
