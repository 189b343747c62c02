//! What an event of an account asks for, before anything is looked up there.

use super::task::Task;
use crate::event::{
    Envelope, Event, Function, Ignored, Label, Part, Reading, Service, Subject, Trigger, TriggerKind,
    UserName, read,
};
use crate::mail_event::{MailReading, account_of_mail, read_mail};
use crate::organization::account_number;
use crate::settings::Settings;
use serde_json::Value;

/// What an event asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sighting {
    /// Nothing has to be looked up in the account to answer it.
    Nothing,
    /// The same, and it is about what the enforcer has in the account, so that the administrators want to know its name.
    Enforcer,
    /// A look into the account.
    Account {
        /// The one user that it is about; `None` if it is about root or the quarantine.
        user: Option<UserName>,
        /// What there may be to do.
        task: Task,
        /// The event's id, after which the session is called. Empty if it has none yet.
        event: String,
        /// Whether it is about a part of the quarantine that may be gone, so that it is told even if the account cannot be
        /// looked into.
        is_told_anyway: bool,
    },
}

/// The account that a payload is about: that of a mail, or whoever sent it. EventBridge says who, and a sender cannot.
#[must_use]
pub fn sender(payload: &str) -> Option<String> {
    let envelope = Envelope::read(payload).ok()?;
    let account = account_of_mail(&envelope).or(envelope.account())?;
    account_number(account).ok()
}

/// What a payload asks for, as far as can be told with what is known of the account by itself.
#[must_use]
pub fn sighting(payload: &str, function: Function, bare: &Settings) -> Sighting {
    match read_mail(payload, function, bare) {
        Ok(MailReading::NotOfSes) => {}
        Ok(MailReading::Event(mail)) => {
            let event = mail.id.as_str().to_owned();
            return Sighting::Account {
                user: Some(mail.user),
                task: Task::OfMail,
                event,
                is_told_anyway: false,
            };
        }
        Ok(MailReading::Ignored(_) | MailReading::Digest(_)) | Err(_) => return Sighting::Nothing,
    }
    match read(payload, function, &bare.deployment) {
        Ok(Reading::Event(event)) => of_event(&event),
        // Which policies and groups are the quarantine, only the account tells.
        Ok(Reading::Ignored(Ignored::NotOfTheQuarantine)) => {
            let Label { name, id } = crate::event::label(payload);
            let event = id.map(|id| id.as_str().to_owned()).unwrap_or_default();
            // INVARIANT: only a trigger names a policy or a group that is not of the quarantine.
            let Some(kind) = name.and_then(|name| TriggerKind::named(Service::Iam, &name)) else {
                return Sighting::Nothing;
            };
            // The session can do something about the user whom the request names, and about nobody else.
            let user = requested_user(payload).filter(|_| kind.is_about_users());
            let task = if kind.is_about_users() { Task::OfUser(kind) } else { Task::OfQuarantine };
            Sighting::Account { user, task, event, is_told_anyway: false }
        }
        Ok(Reading::Ignored(_)) | Err(_) => Sighting::Nothing,
    }
}

fn requested_user(payload: &str) -> Option<UserName> {
    let envelope = Envelope::read(payload).ok()?;
    envelope.detail.pointer("/requestParameters/userName").and_then(Value::as_str).and_then(UserName::new)
}

fn of_event(event: &Event) -> Sighting {
    let user = match &event.subject {
        Subject::User(name) => Some(name.clone()),
        Subject::Root | Subject::Quarantine => None,
        // Whether it is a part of the quarantine as it is now, only the account tells.
        Subject::Enforcer if is_part_of_quarantine(&event.trigger) => None,
        Subject::Enforcer => return Sighting::Enforcer,
    };
    let is_told_anyway = event.subject == Subject::Enforcer;
    let task = Task::of(TriggerKind::from(&event.trigger), &event.subject);
    Sighting::Account { user, task, event: event.source.id.as_str().to_owned(), is_told_anyway }
}

fn is_part_of_quarantine(trigger: &Trigger) -> bool {
    let Trigger::EnforcerTouched(touched) = trigger else { return false };
    touched.in_member && matches!(touched.call.part, Part::Policy | Part::Group)
}
