//! Root cannot be contained; the administrators are told.

use crate::event::{Event, Trigger};
use crate::facts::{RootFacts, RootLedger};
use crate::notice::{Audience, Kind, Notice, RootAlert};
use crate::plan::{Plan, Reason, Step};
use crate::posture::Finding;
use crate::settings::{Mode, Settings};
use crate::snapshot::RootMfa;
use crate::tags;

pub(super) fn decide(event: &Event, root: &RootFacts, settings: &Settings) -> Plan {
    let alert = match event.trigger {
        Trigger::SignIn => RootAlert::SignInWithoutMfa,
        Trigger::MfaDeactivated(_) => RootAlert::MfaRemoved,
        Trigger::MfaEnabled(_) => RootAlert::MfaEnrolled,
        Trigger::LoginProfileCreated => RootAlert::PasswordCreated,
        Trigger::LoginProfileDeleted => RootAlert::PasswordRemoved,
        Trigger::Sweep => match root.mfa {
            Some(RootMfa::Missing) => RootAlert::MfaMissing,
            // What could not be looked up is no alert; the digest says so.
            Some(
                RootMfa::VirtualPresent | RootMfa::NonVirtualOnly | RootMfa::NoCredentials | RootMfa::Unknown,
            )
            | None => return Plan::nothing(Reason::RootHasMfa),
        },
        Trigger::UserCreated | Trigger::UserDeleted => return Plan::nothing(Reason::NotForRoot),
    };
    let findings = match &root.ledger {
        RootLedger::Told(told) if told.contains(&event.source.id) => {
            return Plan::nothing(Reason::AlreadySaid);
        }
        RootLedger::Told(_) => Vec::new(),
        RootLedger::Unreadable => vec![Finding::LedgerUnreadable],
    };
    let notice = Notice {
        kind: Kind::Root(alert),
        event: event.clone(),
        user: None,
        partition: settings.partition(),
        mode: settings.mode,
        scope: settings.scope,
        done: Vec::new(),
        findings: findings.clone(),
        channels: Vec::new(),
        audience: Audience::Admins,
    };
    let mut steps = vec![Step::Notify(Box::new(notice))];
    // A ledger that could not be read is not written: that would forget what it holds.
    if let RootLedger::Told(told) = &root.ledger {
        steps.push(Step::MarkRoot { value: tags::root_events_value(told, &event.source.id) });
    }
    let (steps, withheld) = match settings.mode {
        Mode::Observe => (Vec::new(), steps),
        Mode::Notify | Mode::Enforce => (steps, Vec::new()),
    };
    Plan { posture: None, reason: Reason::RootAlert, steps, withheld, if_refused: Vec::new(), findings }
}
