//! The decision: what one event calls for.
//!
//! Pure and total. Every branch of the table in the README is a line here; nothing else in the project
//! decides anything.

mod contain;
mod context;
mod device;
mod lifecycle;
mod release;
mod root_alert;
mod sign_in;
mod sweep_rules;

use crate::event::{Event, Subject, Trigger};
use crate::facts::Facts;
use crate::plan::{Plan, Reason};
use crate::settings::Settings;
use context::Context;
use jiff::{SignedDuration, Timestamp};

/// How long after an event IAM's answers may still be behind it.
///
/// AWS speaks of seconds. Lambda runs a failed event again after one and after two minutes more, so with
/// less than three minutes the last run decides on what is there, instead of giving up.
pub const VISIBILITY_LAG: SignedDuration = SignedDuration::from_secs(100);

/// What has to be found out before an event can be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs<'a> {
    /// Nothing.
    Nothing,
    /// The IAM user of this name.
    User(&'a crate::event::UserName),
    /// Which root events were reported.
    RootLedger,
}

/// What [`decide`] wants to know about an event's subject.
#[must_use]
pub fn needs(event: &Event) -> Needs<'_> {
    match (&event.subject, &event.trigger) {
        (Subject::Root, _) => Needs::RootLedger,
        (Subject::User(_), Trigger::UserDeleted) => Needs::Nothing,
        (
            Subject::User(name),
            Trigger::SignIn
            | Trigger::UserCreated
            | Trigger::LoginProfileCreated
            | Trigger::LoginProfileDeleted
            | Trigger::MfaDeactivated(_)
            | Trigger::MfaEnabled(_)
            | Trigger::Sweep,
        ) => Needs::User(name),
    }
}

/// Decides what `event` calls for, given what is true now.
#[must_use]
pub fn decide(event: &Event, facts: &Facts, settings: &Settings, now: Timestamp) -> Plan {
    match facts {
        Facts::Root(root) => root_alert::decide(event, root, settings),
        Facts::NotNeeded => Plan::nothing(Reason::UserDeleted),
        Facts::NoSuchUser => Plan::nothing(no_such_user(event, now)),
        Facts::User(user) => {
            let now_true = match &event.trigger {
                Trigger::MfaDeactivated(serial) => user.without_device(serial, event.source.time),
                Trigger::SignIn
                | Trigger::UserCreated
                | Trigger::LoginProfileCreated
                | Trigger::LoginProfileDeleted
                | Trigger::UserDeleted
                | Trigger::MfaEnabled(_)
                | Trigger::Sweep => user.as_ref().clone(),
            };
            let context = Context::new(event, &now_true, settings, now);
            match &event.trigger {
                Trigger::SignIn => sign_in::decide(&context),
                Trigger::UserCreated | Trigger::LoginProfileCreated => lifecycle::created(&context),
                Trigger::LoginProfileDeleted => lifecycle::password_deleted(&context),
                Trigger::UserDeleted => context.nothing(Reason::UserDeleted),
                Trigger::MfaDeactivated(_) => device::deactivated(&context),
                Trigger::MfaEnabled(serial) => device::enabled(&context, serial.as_ref()),
                Trigger::Sweep => sweep_rules::decide(&context),
            }
        }
    }
}

/// A user who is not there was just created, or is gone.
fn no_such_user(event: &Event, now: Timestamp) -> Reason {
    match event.trigger {
        Trigger::UserCreated | Trigger::LoginProfileCreated if is_fresh(event, now) => {
            Reason::UserNotVisibleYet
        }
        Trigger::UserDeleted => Reason::UserDeleted,
        Trigger::SignIn
        | Trigger::UserCreated
        | Trigger::LoginProfileCreated
        | Trigger::LoginProfileDeleted
        | Trigger::MfaDeactivated(_)
        | Trigger::MfaEnabled(_)
        | Trigger::Sweep => Reason::UserGone,
    }
}

/// Whether IAM's answers may still be behind the event. Clocks that differ a little make no difference.
fn is_fresh(event: &Event, now: Timestamp) -> bool {
    now.duration_since(event.source.time).abs() < VISIBILITY_LAG
}
