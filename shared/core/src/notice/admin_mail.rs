//! The mail to the administrators. Its first two lines contain the essentials.

use super::phrases::{ascii, devices};
use super::shown::Shown;
use super::{Background, Delivery, Done, Reach, UserMessage, UserNotice};
use crate::tags::{APPROVED_KEY, Cause};

/// Longest subject line that SNS takes.
const LIMIT: usize = 99;
/// List at most this many waiting users.
const NAMED: usize = 40;

/// Subject line: ASCII, under 100 characters.
pub(super) fn subject(shown: &Shown<'_>) -> String {
    let (severity, account) = (shown.severity.code().to_uppercase(), &shown.background.account);
    let says = |account: &str| format!("[{severity}] {account} {}: {}", shown.kind.code(), shown.who);
    let named =
        shown.background.letterhead.account_name.as_ref().map(|name| says(&format!("{account} ({name})")));
    let fits = |subject: &String| subject.len() <= LIMIT && subject.chars().all(|c| matches!(c, ' '..='~'));
    named.filter(fits).unwrap_or_else(|| ascii(&says(account)).chars().take(LIMIT).collect())
}

/// The body in plain text.
pub(super) fn body(shown: &Shown<'_>) -> String {
    let background = shown.background;
    let occasion = &background.occasion;
    let mut lines = vec![
        format!("{}: {}", shown.severity.code().to_uppercase(), shown.headline),
        format!("By {} | {} {} | Done: {}", occasion.actor(), occasion.name(), occasion.id(), shown.done()),
        String::new(),
        account(background),
    ];
    if let Some(person) = shown.person {
        lines.push(format!("User:     {} ({})", person.name, person.id));
    }
    lines.extend(background.episode.as_ref().map(|episode| {
        format!("Episode:  {episode} (the reference in every message about it, also to the user)")
    }));
    lines.extend(shown.told_before().map(|told| format!("Told:     {told}")));
    lines.extend(shown.rights().map(|rights| format!("Rights:   {rights}")));
    lines.extend(shown.user_page().map(|page| format!("Console:  {page}")));
    lines.extend(shown.also.iter().map(|also| format!("Also:     {also}")));
    for device in shown.devices {
        lines.push(format!(
            "Device:   {} ({}), enrolled {}",
            device.serial.as_str(),
            device.serial.kind().code(),
            background.letterhead.moment(device.enabled)
        ));
    }
    lines.extend(shown.key_lines());
    for (index, name) in shown.waiting.iter().take(NAMED).enumerate() {
        lines.push(format!("{}{name}", if index == 0 { "Waiting:  " } else { "          " }));
    }
    if shown.waiting.len() > NAMED {
        lines.push(format!("          and {} more", shown.waiting.len() - NAMED));
    }
    lines.extend(occasion.about().map(|about| format!("What:     {about}")));
    lines.push(format!("When:     {}", shown.when()));
    // A sweep is nobody's call.
    lines.extend((!occasion.is_sweep()).then(|| format!("From:     {}", shown.origin())));
    lines.push(format!("Mode:     {}", background.mode.name()));
    for finding in &background.findings {
        lines.push(format!("To fix:   {finding}"));
    }
    lines.extend(shown.is_repeated.then(|| "Repeats:  once a day, until it is no longer so".to_owned()));
    lines.extend(shown.runbook().map(|runbook| format!("Runbook:  {runbook}")));
    lines.push(String::new());
    lines.extend(shown.next_steps.iter().cloned());
    lines.push(String::new());
    lines.join("\n")
}

/// The account's number as commands take it, and its name.
fn account(background: &Background) -> String {
    let name = background.letterhead.account_name.as_ref().map(|name| format!(" ({name})"));
    format!("Account:  {}{}", background.account, name.unwrap_or_default())
}

/// What the administrators should do about a notice to a user, step by step.
pub(super) fn next_steps(notice: &UserNotice, reach: Reach) -> Vec<String> {
    let approval = matches!(notice.message, UserMessage::AwaitingApproval).then(|| approval(notice));
    let advice = Some(advice(notice, reach)).filter(|advice| !advice.is_empty());
    approval.into_iter().flatten().chain(advice).collect()
}

/// Who can approve a release, what to look at before, and how.
fn approval(notice: &UserNotice) -> Vec<String> {
    let (who, devices) = (&notice.person.name, devices(notice));
    let from = match (notice.background.occasion.is_sweep(), notice.devices.as_slice()) {
        (true, _) => "CloudTrail's record of EnableMFADevice says from where",
        (false, [_]) => "from the address above",
        (false, _) => "the first one from the address above; an approval is for all of them",
    };
    let serial = match notice.devices.as_slice() {
        [only] => only.serial.as_str(),
        _ => "SERIAL",
    };
    vec![
        format!(
            "Ask {who}, in person or at a number that you know, whether they enrolled {devices} ({from}), and whether \
             the sign-in without MFA, or the removal of MFA, was theirs."
        ),
        format!(
            "If so, approve it: `aws iam tag-user --user-name {who} --tags Key={APPROVED_KEY},Value=yes`. In the \
             console: IAM, Users, {who}, Tags, Manage tags, with the key {APPROVED_KEY} and any value."
        ),
        format!(
            "Whoever may call iam:TagUser on {who} can approve, except {who}. An approval from before the enrolment \
             does not count."
        ),
        format!(
            "If not, somebody else has the password: `aws iam deactivate-mfa-device --user-name {who} --serial-number \
             {serial}` for each device that is not theirs, then reset the password and look at the access keys. The user \
             stays quarantined."
        ),
    ]
}

/// What the administrators should do about a notice to a user, in a word.
fn advice(notice: &UserNotice, reach: Reach) -> String {
    let own = match notice.message {
        UserMessage::Reminder { .. } if notice.done.contains(&Done::WithheldByMode) => {
            "Nothing to do: the steps have been sent."
        }
        UserMessage::Welcome { .. } | UserMessage::Reminder { .. } | UserMessage::Deadline { .. } => {
            "Nothing to do: the steps have been sent. In mode enforce, the user is quarantined \
             automatically after the deadline."
        }
        UserMessage::AwaitingApproval => "",
        UserMessage::Quarantined { .. } if notice.background.needs_approval => {
            "Ask the user, by phone or in person, whether this was them. They can enrol a device, and somebody else \
             then has to approve it: you get a message that says which device it is, and how to do that. Look for \
             CreateOAuth2Token of this user in CloudTrail as well: `aws login` and agents keep a session alive outside \
             the browser."
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
        UserMessage::ExemptionEnding { .. } => {
            "Nothing to do: the steps have been sent. If the user cannot have MFA yet, set the tag \
             `mfa-enforcer:exempt-until` to a later date, with the reason after it."
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
            "The user was not told: AWS rejects the address or number. Correct the tag, and pass the message on."
        }
        Reach::Tried(Delivery::Failed) => "The user was not told: sending failed. It will be tried again.",
        Reach::Tried(Delivery::SenderRefused) => {
            "The user was not told: SES refused to send the mail. See whether the address of MAIL_FROM or its domain is \
             verified in the region of SES, whether the account is out of the sandbox there, and whether sending is \
             paused. Pass the message on. It will be tried again once a day."
        }
        Reach::Tried(Delivery::HandedOver) | Reach::HandedOver { mail: None } => {
            "A text message was handed over to SNS, which does not say whether it arrives. An e-mail address (the \
             contact tag) is safer."
        }
        Reach::HandedOver { mail: Some(Delivery::Unconfirmed) } => {
            "A text message was handed over to SNS, which does not say whether it arrives. The mail waits until the \
             user confirms the address: ask them to confirm the mail from AWS Notifications, and pass the message on."
        }
        Reach::HandedOver { mail: Some(Delivery::Refused) } => {
            "A text message was handed over to SNS, which does not say whether it arrives. AWS rejects the e-mail \
             address: correct the tag."
        }
        Reach::HandedOver { mail: Some(Delivery::SenderRefused) } => {
            "A text message was handed over to SNS, which does not say whether it arrives. SES refused to send the mail: \
             see whether the address of MAIL_FROM or its domain is verified, whether the account is out of the sandbox, \
             and whether sending is paused."
        }
        Reach::HandedOver { mail: Some(_) } => {
            "A text message was handed over to SNS, which does not say whether it arrives. Sending the mail failed. \
             It will be tried again."
        }
        Reach::Tried(Delivery::Sent) => return own.to_owned(),
    };
    if matches!(notice.message, UserMessage::Quarantined { .. }) || !reach.is_missed() {
        format!("{pass_on} {own}").trim_end().to_owned()
    } else {
        pass_on.to_owned()
    }
}
