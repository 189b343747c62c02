//! The mail to the user. Every one has the same order: who asks for what, by when, and how long it takes; what happens
//! otherwise; what was seen; the steps; whom to call; how to check that it is real.
//!
//! Written for someone who reads it at nine in the morning, has never heard of IAM, and should not have to ask.

use super::enrolment_steps::{Place, enrolment};
use super::letter::{Letter, Part, Span};
use super::phrases::{devices, from_where, reference};
use super::user_lead::lead;
use super::{ReleasedBy, UserMessage, UserNotice};
use crate::event::{Event, Occasion};
use crate::settings::{NoticeLinks, grouped};

/// Longest subject line that SNS takes.
const LIMIT: usize = 99;

/// Subject line: ASCII, under 100 characters, whatever the company and the account are called.
pub(super) fn subject(notice: &UserNotice) -> String {
    let letterhead = &notice.background.letterhead;
    let number = &grouped(&notice.background.account);
    let fits = |subject: &String| {
        subject.len() <= LIMIT && subject.chars().all(|c| c.is_ascii() && !c.is_ascii_control())
    };
    let says = |account: &str| subject_about(notice, account);
    let from_company = letterhead.organization.as_ref().map(|name| format!("{name}: "));
    let named = letterhead.account_name.as_ref().map(|name| says(name));
    let candidates = [
        from_company.as_ref().zip(named.as_ref()).map(|(company, says)| company.clone() + says),
        from_company.map(|company| company + &says(number)),
        named,
    ];
    candidates.into_iter().flatten().find(fits).unwrap_or_else(|| says(number))
}

/// The same for a mail that takes any length and any language.
pub(super) fn full_subject(notice: &UserNotice) -> String {
    let letterhead = &notice.background.letterhead;
    let says = subject_about(
        notice,
        letterhead.account_name.as_deref().unwrap_or(&grouped(&notice.background.account)),
    );
    letterhead.organization.as_ref().map_or_else(|| says.clone(), |name| format!("{name}: {says}"))
}

fn subject_about(notice: &UserNotice, account: &str) -> String {
    let day = |time| notice.background.letterhead.day(time);
    match &notice.message {
        UserMessage::Welcome { deadline } => {
            format!("Welcome to AWS account {account}: please set up MFA by {}", day(*deadline))
        }
        UserMessage::Reminder { .. } => format!("Reminder: please set up MFA for AWS account {account}"),
        UserMessage::Deadline { last: false, deadline } => {
            format!("Reminder: please set up MFA for AWS account {account} by {}", day(*deadline))
        }
        UserMessage::Deadline { last: true, .. } => {
            format!("Final notice: set up MFA for AWS account {account} now")
        }
        UserMessage::Quarantined { .. } | UserMessage::QuarantineReminder
            if !notice.background.needs_approval =>
        {
            format!("Your access to AWS account {account} is limited until you set up MFA")
        }
        // MFA alone does not end it.
        UserMessage::Quarantined { .. }
        | UserMessage::QuarantineReminder
        | UserMessage::QuarantinedByHand => {
            format!("Your access to AWS account {account} is limited: please set up MFA")
        }
        UserMessage::AwaitingApproval => {
            format!("MFA is on for AWS account {account}: your access waits for an approval")
        }
        UserMessage::ExemptionEnding { until, .. } => {
            format!(
                "Your exemption from MFA in AWS account {account} ends on {}",
                until.strftime("%-d %B %Y")
            )
        }
        UserMessage::Released { by: ReleasedBy::PasswordRemoval, .. } => {
            format!("Your password for AWS account {account} was removed")
        }
        UserMessage::Released { was_contained: true, .. } => {
            format!("Your access to AWS account {account} is back")
        }
        UserMessage::Released { was_contained: false, .. } => {
            format!("Thank you: MFA is on for AWS account {account}")
        }
    }
}

/// The letter, which has no form yet.
pub(super) fn letter(notice: &UserNotice) -> Letter {
    let mut parts = lead(notice);
    parts.extend(seen(notice));
    if notice.message.asks_for_mfa() {
        parts.extend(enrolment(&Place::of(&notice.background)));
    }
    parts.extend(help(notice));
    parts.extend(is_it_real(notice));
    Letter { greeting: format!("Hello {},", notice.person.name), parts }
}

/// What was seen, and what to do if it was somebody else.
fn seen(notice: &UserNotice) -> Vec<Part> {
    let occasion = &notice.background.occasion;
    let letterhead = &notice.background.letterhead;
    let when = ("When", letterhead.moment(occasion.time()));
    let event = match occasion {
        Occasion::Event(event) => event,
        Occasion::Sweep(_) => {
            return vec![Part::Facts(vec![("What happened", "daily check of all users".to_owned()), when])];
        }
    };
    let is_own = |name: &str| name.eq_ignore_ascii_case(&notice.person.name);
    let by_themselves = event.actor.user.as_ref().is_some_and(|user| is_own(user.as_str()));
    let mut facts = vec![("What happened", happened(notice, event).to_owned())];
    if !by_themselves {
        facts.push(("By", event.actor.to_string()));
    }
    facts.extend([when, ("From", from_where(occasion))]);
    facts.extend(released_by(notice).map(|device| ("With", device)));
    let helper = letterhead.helper();
    let question = match (by_themselves, released_by(notice).is_some()) {
        (true, false) => format!("If this was not you, tell {helper} at once."),
        (true, true) => format!("If this was not you, or the device is not yours, tell {helper} at once."),
        (false, _) => format!("If you do not know why this was done, tell {helper}."),
    };
    vec![Part::Facts(facts), Part::words(question)]
}

/// What the event did. To a user, an approval and an exemption are not the tags that they are made of.
fn happened(notice: &UserNotice, event: &Event) -> &'static str {
    let by = match notice.message {
        UserMessage::Released { by, .. } => Some(by),
        UserMessage::Welcome { .. }
        | UserMessage::Reminder { .. }
        | UserMessage::Deadline { .. }
        | UserMessage::Quarantined { .. }
        | UserMessage::QuarantineReminder
        | UserMessage::QuarantinedByHand
        | UserMessage::AwaitingApproval
        | UserMessage::ExemptionEnding { .. } => None,
    };
    match by {
        Some(ReleasedBy::Approval) => "MFA device approved",
        Some(ReleasedBy::Exemption) => "exemption from MFA",
        Some(ReleasedBy::Mfa | ReleasedBy::PasswordRemoval) | None => event.trigger.spec().says,
    }
}

/// The device whose enrolment gave access back.
fn released_by(notice: &UserNotice) -> Option<String> {
    let is_release = matches!(notice.message, UserMessage::Released { .. });
    Some(devices(notice)).filter(|devices| is_release && !devices.is_empty())
}

/// Whom to call, for those who cannot do it.
fn help(notice: &UserNotice) -> Vec<Part> {
    let helper = notice.background.letterhead.helper();
    if !notice.message.asks_for_mfa() {
        return vec![Part::words(format!("Questions? Ask {helper}."))];
    }
    let without_phone = if notice.background.partition.has_phishing_resistant_devices() {
        " Without a phone, use a security key, or a password manager that keeps passkeys."
    } else {
        ""
    };
    vec![
        Part::Heading("If you get stuck".to_owned()),
        Part::words(format!(
            "Ask {helper}, also if you have lost a device or cannot use any of these.{without_phone}"
        )),
    ]
}

/// How to tell that the message is not somebody's trick.
fn is_it_real(notice: &UserNotice) -> Vec<Part> {
    let letterhead = &notice.background.letterhead;
    let mut spans = vec![Span::Words(format!(
        "This message asks for no password and no code, and you need none of its links: open AWS as you always do. If \
         in doubt, ask {}, at an address or number that you know.",
        letterhead.helper()
    ))];
    let may_link = letterhead.links != NoticeLinks::None;
    if let Some(page) = letterhead.help_url.clone().filter(|_| may_link) {
        spans.push(Span::Words(format!(" {} explains MFA, and this message, at ", letterhead.asker())));
        spans.push(Span::Link(page));
    }
    vec![
        Part::Heading("How to check that this is real".to_owned()),
        Part::Paragraph(spans),
        Part::words(format!(
            "You get this message because {} requires MFA for every AWS user. Reference: {}",
            letterhead.organization.as_deref().unwrap_or("your company"),
            reference(&notice.background)
        )),
    ]
}
