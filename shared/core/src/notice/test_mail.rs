//! A mail to try how messages to users arrive: what a user would get, marked as a test, to an operator's own address.
//!
//! It is about nobody, so it has no tag with a user's name: if it bounces, nothing is noted.

use super::letter::Part;
use super::{AdminCopy, Background, Mail, MessageKind, Person, UserMessage, UserNotice, user_mail};
use crate::decide::Operator;
use crate::event::{Occasion, SweepKind, SweepRequest};
use crate::settings::Settings;
use crate::tags::Cause;
use jiff::Timestamp;

/// What stands in the tag [`super::KIND_TAG`] of such a mail.
pub const TEST_KIND: &str = "test";
/// Stands for the user. IAM has documented such an id as a sample.
const NOBODY: (&str, &str) = ("example-user", "AIDACKCEVSQ6C2EXAMPLE");

/// Which message is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sample {
    /// A reminder to set up MFA.
    Reminder,
    /// That access is limited.
    Quarantined,
}

/// Why no mail can be tried.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Untried {
    /// There is no sender.
    #[error(
        "MAIL_FROM is empty, so SNS sends the mail. It sends to everybody who has subscribed to a topic, and never to one \
         address alone, so nothing can be tried with it. docs/MESSAGES.md shows every text, and docs/MAIL.md how to send \
         from an address of your own"
    )]
    NoSender,
    /// The address is none, or in another domain.
    #[error(
        "this is not an address to which mail is sent: it has to be one address in MAIL_DOMAINS, which is {0}"
    )]
    OtherDomain(String),
}

/// A mail, and the one address to which it goes.
#[derive(Clone, PartialEq, Eq)]
pub struct TestMail {
    /// The address.
    pub to: String,
    /// The mail.
    pub mail: Mail,
}

/// The mail that a user would get under these settings, for an operator who wants to see it at this address. `alias` is
/// that of the account.
///
/// # Errors
/// If no mail can go to that address, and to nobody else.
pub fn test_mail(
    sample: Sample,
    to: &str,
    operator: Operator<'_>,
    alias: Option<&str>,
    settings: &Settings,
    now: Timestamp,
) -> Result<TestMail, Untried> {
    let sender = settings.sender.as_deref().ok_or(Untried::NoSender)?;
    let to = crate::contact::email(to).and_then(|to| sender.recipient(&to));
    let to = to.ok_or_else(|| Untried::OtherDomain(sender.domains.join(", ")))?;
    let deadline = now.checked_add(settings.grace).unwrap_or(now);
    let (message, kind) = match sample {
        Sample::Reminder => (UserMessage::Deadline { deadline, last: false }, MessageKind::Reminder),
        Sample::Quarantined => {
            (UserMessage::Quarantined { cause: Cause::DeadlinePassed }, MessageKind::Quarantined)
        }
    };
    let sweep = SweepRequest { kind: SweepKind::Daily, id: operator.id.clone(), time: now };
    let (name, id) = NOBODY;
    let notice = UserNotice {
        message,
        person: Person { name: name.to_owned(), id: id.to_owned() },
        channels: Vec::new(),
        copy: AdminCopy::Never,
        done: Vec::new(),
        devices: Vec::new(),
        exempt_until: None,
        background: Background::of(&Occasion::Sweep(sweep), settings).or_alias(alias),
    };
    let mut letter = user_mail::letter(&notice);
    let greeting =
        std::mem::replace(&mut letter.greeting, "This is a test: you do not have to do anything.".to_owned());
    let who = format!(
        "{} sent it, to see how messages to users arrive. A user would read what follows.",
        operator.arn
    );
    letter.parts.splice(0..0, [Part::words(who), Part::words(greeting)]);
    let subject = format!("TEST: {}", user_mail::full_subject(&notice));
    let mail = Mail::letter(sender, &settings.deployment.account, kind, subject, &letter);
    Ok(TestMail { to, mail: Mail { tags: vec![(super::KIND_TAG, TEST_KIND.to_owned())], ..mail } })
}
