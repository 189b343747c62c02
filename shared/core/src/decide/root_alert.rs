//! Alerts that are recorded on the administrators' topic: about root, which cannot be contained, and about the account.

use crate::event::{EventId, Occasion};
use crate::facts::RootLedger;
use crate::notice::{AccountAlert, Alert, AlertSubject, Background, Notice, QuarantineAlert, RootAlert};
use crate::plan::{Plan, Step};
use crate::posture::Finding;
use crate::reason::Reason;
use crate::settings::{Mode, Settings};
use crate::tags;

/// Tells the administrators something, unless it is on record that they were told.
#[derive(Clone, Copy)]
pub(super) struct Reporter<'a> {
    /// What led to it.
    pub(super) occasion: &'a Occasion,
    /// What they were told.
    pub(super) ledger: &'a RootLedger,
    pub(super) settings: &'a Settings,
}

/// The plan to tell the administrators something about the account once, whatever led to it: `id` stands for it.
pub(crate) fn told_once(
    alert: AccountAlert,
    id: &EventId,
    occasion: &Occasion,
    ledger: &RootLedger,
    settings: &Settings,
) -> Plan {
    if ledger.has(id) {
        return Plan::nothing(Reason::AlreadySaid);
    }
    let reporter = Reporter { occasion, ledger, settings };
    let subjects = vec![AlertSubject::Account(alert)];
    reporter.several(subjects, std::slice::from_ref(id), Reason::LimitReached)
}

impl Reporter<'_> {
    /// The plan for an alert about root.
    pub(super) fn root(self, alert: RootAlert) -> Plan {
        self.narrowed(self.once(AlertSubject::Root(alert), Reason::RootAlert))
    }

    /// The plan for an alert about the account.
    pub(super) fn account(self, alert: AccountAlert) -> Plan {
        self.narrowed(self.once(AlertSubject::Account(alert), Reason::LimitReached))
    }

    /// The plan for an alert about the enforcer itself. `MODE` says what is done about users, so it does not hold these
    /// back: like the alarms of the stack, they go out in every mode.
    pub(super) fn defence(self, alert: AccountAlert) -> Plan {
        self.once(AlertSubject::Account(alert), Reason::SelfDefence)
    }

    /// The plan for alerts about the quarantine itself, recorded under these ids.
    pub(super) fn quarantine(self, alerts: Vec<QuarantineAlert>, ids: &[EventId], reason: Reason) -> Plan {
        let subjects = alerts.into_iter().map(AccountAlert::Quarantine).map(AlertSubject::Account).collect();
        self.narrowed(self.several(subjects, ids, reason))
    }

    /// The plan as far as `MODE` allows it.
    fn narrowed(self, plan: Plan) -> Plan {
        match self.settings.mode {
            Mode::Observe => Plan { steps: Vec::new(), withheld: plan.steps, ..plan },
            Mode::Notify | Mode::Enforce => plan,
        }
    }

    fn once(self, subject: AlertSubject, reason: Reason) -> Plan {
        let id = self.occasion.id();
        if self.ledger.has(id) {
            return Plan::nothing(Reason::AlreadySaid);
        }
        self.several(vec![subject], std::slice::from_ref(id), reason)
    }

    fn several(self, subjects: Vec<AlertSubject>, ids: &[EventId], reason: Reason) -> Plan {
        let findings = match self.ledger {
            RootLedger::Told(_) => Vec::new(),
            RootLedger::Unreadable => vec![Finding::LedgerUnreadable],
        };
        let background =
            Background { findings: findings.clone(), ..Background::of(self.occasion, self.settings) };
        let notice =
            |subject| Notice::Alert(Alert { subject, also: Vec::new(), background: background.clone() });
        let mut steps: Vec<Step> =
            subjects.into_iter().map(|subject| Step::Notify(Box::new(notice(subject)))).collect();
        // A ledger that could not be read is not written either: that would erase what it holds.
        if let RootLedger::Told(told) = self.ledger {
            steps.push(Step::RecordRootAlert(tags::root_events_value(told, ids)));
        }
        Plan { steps, findings, ..Plan::nothing(reason) }
    }
}
