//! The result of an invocation: the function's answer and its log line.

use crate::carry_out::CarriedOut;
use mfa_enforcer_core::counted::counted;
use mfa_enforcer_core::event::{Event, Ignored, Label, SweepRequest, UserName};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::mail_event::{DigestBounce, MailEvent};
use mfa_enforcer_core::outcome::Outcome;
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::posture::Finding;
use serde::Serialize;
use std::collections::BTreeMap;

/// The result of one invocation. Holds no addresses and no keys, so it is safe to log.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// `acted`, `nothing` or `ignored`; of a failed invocation, what the plan called for.
    pub outcome: Outcome,
    /// Stable code of the reason.
    pub reason: &'static str,
    /// The reason in words.
    pub why: String,
    /// The event's name in `CloudTrail`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger: Option<String>,
    /// The event's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// The account of the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The user's name, masked if it is an e-mail address; `root` for root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The user's unique id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_id: Option<String>,
    /// The episode of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub episode: Option<String>,
    /// The user's posture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub posture: Option<&'static str>,
    /// The steps that were done; of a failed invocation, the steps that were planned.
    pub steps: Vec<String>,
    /// The steps that the mode withheld.
    pub withheld: Vec<String>,
    /// What an administrator should fix.
    pub findings: Vec<String>,
    /// The result of a sweep.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sweep: Option<SweepReport>,
}

/// The result of a sweep: counts only.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct SweepReport {
    /// `hourly` or `daily`. An hourly sweep that makes up for a daily one is a daily one.
    pub kind: &'static str,
    /// Users in the account.
    pub users: usize,
    /// Users with a console password.
    pub console: usize,
    /// Console users with at least one MFA device.
    pub with_mfa: usize,
    /// Their share in percent, rounded down to a tenth; `None` without console users.
    pub coverage_percent: Option<f64>,
    /// Share of the users who need MFA and either have it or are in quarantine, likewise; `None` if nobody needs it.
    pub protected_percent: Option<f64>,
    /// Users by posture.
    pub postures: BTreeMap<&'static str, usize>,
    /// Users in quarantine after the sweep.
    pub quarantined: usize,
    /// Users contained by this sweep.
    pub contained: usize,
    /// Users whose quarantine was incomplete or undone, and was restored.
    pub repaired: usize,
    /// Users released by this sweep.
    pub released: usize,
    /// Users for whom a notice was handed over to SNS, and nothing else was done.
    pub told: usize,
    /// Users whom `MODE` kept from being contained, released or notified.
    pub withheld: usize,
    /// Things that could not be done, and that a retry may do.
    pub failed: usize,
    /// Users for whom something was refused for good.
    pub refused: usize,
    /// Users left because time ran out.
    pub remaining: usize,
    /// Deleted topics of users who no longer exist.
    pub topics_deleted: usize,
    /// Confirmed subscriptions of the alerts topic; `null` if they could not be listed, and of an hourly sweep.
    pub alerts_subscribers: Option<usize>,
    /// Whether the digest was sent.
    pub digest: DigestSent,
    /// SHA-256 of the record in the evidence bucket; `None` if none was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
}

/// Whether a digest was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum DigestSent {
    /// SNS accepted it.
    Sent,
    /// No digest was due.
    #[default]
    NotDue,
    /// A digest was due, and SNS did not accept it.
    Failed,
}

impl SweepReport {
    /// How many users something was done for.
    pub(crate) fn acted_on(&self) -> usize {
        self.contained + self.repaired + self.released + self.told
    }
}

impl Report {
    /// A report with what any payload tells, even one that cannot be read as an event.
    pub(crate) fn of_label(label: Label) -> Self {
        Self { trigger: label.name, event_id: label.id.map(|id| id.to_string()), ..Self::default() }
    }

    pub(crate) fn ignored(self, reason: Ignored) -> Self {
        Self { outcome: Outcome::Ignored, reason: reason.code(), why: format!("ignored: {reason}"), ..self }
    }

    /// A report on an event, before any lookup.
    pub(crate) fn of_event(event: &Event) -> Self {
        let subject = event.subject.user().map_or_else(str::to_owned, UserName::for_log);
        Self {
            trigger: Some(event.trigger.event_name().to_owned()),
            event_id: Some(event.source.id.to_string()),
            account: Some(event.source.account.clone()),
            subject: Some(subject),
            ..Self::default()
        }
    }

    /// A report on a mail that did not arrive, before any lookup.
    pub(crate) fn of_mail(event: &MailEvent) -> Self {
        Self {
            trigger: Some(event.name().to_owned()),
            event_id: Some(event.id.to_string()),
            account: Some(event.account.clone()),
            subject: Some(event.user.for_log()),
            ..Self::default()
        }
    }

    /// A report on a digest that did not arrive, once that is noted.
    pub(crate) fn of_digest_mail(bounce: &DigestBounce) -> Self {
        Self {
            outcome: Outcome::Acted,
            reason: bounce.reason().code(),
            why: bounce.reason().to_string(),
            trigger: Some(bounce.name().to_owned()),
            event_id: Some(bounce.id.to_string()),
            account: Some(bounce.account.clone()),
            steps: vec!["note-digest-bounced".to_owned()],
            ..Self::default()
        }
    }

    /// A report on a sweep, before any lookup.
    pub(crate) fn of_sweep(request: &SweepRequest, account: &str) -> Self {
        Self {
            reason: "swept",
            trigger: Some(SweepRequest::NAME.to_owned()),
            event_id: Some(request.id.to_string()),
            account: Some(account.to_owned()),
            ..Self::default()
        }
    }

    /// A report on one user of a sweep, before any lookup.
    pub(crate) fn of_user(request: &SweepRequest, account: &str, user: &UserFacts) -> Self {
        let subject = Some(user.name.for_log());
        Self { reason: "", subject, subject_id: Some(user.id.clone()), ..Self::of_sweep(request, account) }
    }

    /// Adds what a sweep came to.
    pub(crate) fn set_sweep(&mut self, sweep: SweepReport) {
        let acted = sweep.acted_on() + sweep.topics_deleted > 0 || sweep.digest == DigestSent::Sent;
        self.outcome = if acted { Outcome::Acted } else { Outcome::Nothing };
        self.why = format!(
            "{} seen: {} contained, {} repaired, {} released, {} sent a notice, {} failed, {} left",
            counted(sweep.users, "user"),
            sweep.contained,
            sweep.repaired,
            sweep.released,
            sweep.told,
            sweep.failed,
            sweep.remaining
        );
        self.sweep = Some(sweep);
    }

    /// Fills in what was done, where that differs from the plan: by a second look, or by records that IAM refused.
    pub(crate) fn set_carried_out(&mut self, carried_out: &CarriedOut) {
        if carried_out.error.is_none() {
            self.steps = carried_out.done.iter().map(ToString::to_string).collect();
        }
        if carried_out.is_unrecorded {
            self.findings.push(Finding::RecordRefused.to_string());
        }
    }

    /// Fills in what was done of a plan that is about no user, and whether SNS refused to record it.
    pub(crate) fn set_done(&mut self, done: &[Step], is_unrecorded: bool) {
        self.steps = done.iter().map(ToString::to_string).collect();
        self.findings.extend(is_unrecorded.then(|| Finding::LedgerRefused.to_string()));
    }

    /// Fills in what the plan calls for.
    pub(crate) fn set_plan(&mut self, plan: &Plan) {
        self.outcome = if plan.steps.is_empty() { Outcome::Nothing } else { Outcome::Acted };
        self.reason = plan.reason.code();
        self.why = plan.reason.to_string();
        self.episode = plan.episode.as_ref().map(ToString::to_string);
        self.posture = plan.posture.map(|posture| posture.code());
        self.steps = plan.steps.iter().map(ToString::to_string).collect();
        self.withheld = plan.withheld.iter().map(ToString::to_string).collect();
        self.findings = plan.findings.iter().map(ToString::to_string).collect();
    }
}
