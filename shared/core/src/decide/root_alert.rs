//! Alerts that are recorded on the administrators' topic: about root, which cannot be contained, and about the account.

use crate::event::{EventId, Occasion};
use crate::facts::RootLedger;
use crate::notice::{AccountAlert, Alert, AlertSubject, Background, Notice, QuarantineAlert, RootAlert};
use crate::plan::{Plan, Step};
use crate::posture::Finding;
use crate::reason::Reason;
use crate::settings::{Mode, Settings};
use crate::tags;

/// The plan to alert the administrators about root.
pub(super) fn alert(alert: RootAlert, occasion: &Occasion, ledger: &RootLedger, settings: &Settings) -> Plan {
    narrowed(plan(AlertSubject::Root(alert), occasion, Reason::RootAlert, ledger, settings), settings)
}

/// The plan to alert the administrators about the account.
pub(super) fn account(
    alert: AccountAlert,
    occasion: &Occasion,
    ledger: &RootLedger,
    settings: &Settings,
) -> Plan {
    narrowed(plan(AlertSubject::Account(alert), occasion, Reason::LimitReached, ledger, settings), settings)
}

/// The plan to alert the administrators about the enforcer itself. `MODE` says what is done about users, so it does not
/// hold these back: like the alarms of the stack, they go out in every mode.
pub(super) fn defence(
    alert: AccountAlert,
    occasion: &Occasion,
    ledger: &RootLedger,
    settings: &Settings,
) -> Plan {
    plan(AlertSubject::Account(alert), occasion, Reason::SelfDefence, ledger, settings)
}

/// The plan as far as `MODE` allows it.
fn narrowed(plan: Plan, settings: &Settings) -> Plan {
    match settings.mode {
        Mode::Observe => Plan { steps: Vec::new(), withheld: plan.steps, ..plan },
        Mode::Notify | Mode::Enforce => plan,
    }
}

fn plan(
    subject: AlertSubject,
    occasion: &Occasion,
    reason: Reason,
    ledger: &RootLedger,
    settings: &Settings,
) -> Plan {
    if ledger.has(occasion.id()) {
        return Plan::nothing(Reason::AlreadySaid);
    }
    several(vec![subject], occasion, std::slice::from_ref(occasion.id()), reason, ledger, settings)
}

/// The plan to alert the administrators about the quarantine itself, recorded under these ids.
pub(super) fn of_quarantine(
    alerts: Vec<QuarantineAlert>,
    occasion: &Occasion,
    ids: &[EventId],
    reason: Reason,
    ledger: &RootLedger,
    settings: &Settings,
) -> Plan {
    let subjects = alerts.into_iter().map(AccountAlert::Quarantine).map(AlertSubject::Account).collect();
    narrowed(several(subjects, occasion, ids, reason, ledger, settings), settings)
}

fn several(
    subjects: Vec<AlertSubject>,
    occasion: &Occasion,
    ids: &[EventId],
    reason: Reason,
    ledger: &RootLedger,
    settings: &Settings,
) -> Plan {
    let findings = match ledger {
        RootLedger::Told(_) => Vec::new(),
        RootLedger::Unreadable => vec![Finding::LedgerUnreadable],
    };
    let background = Background {
        occasion: occasion.clone(),
        account: settings.deployment.account.clone(),
        partition: settings.partition(),
        mode: settings.mode,
        scope: settings.scope,
        needs_approval: false,
        sweep_waits_until: None,
        findings: findings.clone(),
    };
    let notice = |subject| Notice::Alert(Alert { subject, also: Vec::new(), background: background.clone() });
    let mut steps: Vec<Step> =
        subjects.into_iter().map(|subject| Step::Notify(Box::new(notice(subject)))).collect();
    // A ledger that could not be read is not written either: that would erase what it holds.
    if let RootLedger::Told(told) = ledger {
        steps.push(Step::RecordRootAlert(tags::root_events_value(told, ids)));
    }
    Plan { steps, findings, ..Plan::nothing(reason) }
}
