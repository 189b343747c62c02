//! What an invocation came to: the answer of the function and its log line.

use mfa_enforcer_core::event::{Event, Ignored, Label, Subject, SweepRequest};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::outcome::Outcome;
use mfa_enforcer_core::plan::Plan;
use serde::Serialize;
use std::collections::BTreeMap;

/// The outcome of one event. It holds no addresses and no keys, so it can be logged as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// `acted`, `nothing` or `ignored`.
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
    /// Account in which it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The user, an e-mail-like name masked; `root` for root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The user's unique id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_id: Option<String>,
    /// The user's posture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub posture: Option<&'static str>,
    /// What was done; in the log line of a run that failed, what was to be done.
    pub steps: Vec<String>,
    /// What the mode kept from being done.
    pub withheld: Vec<String>,
    /// What an administrator should mend.
    pub findings: Vec<String>,
    /// What a sweep came to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sweep: Option<SweepReport>,
}

/// What a sweep came to.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct SweepReport {
    /// All users.
    pub users: usize,
    /// Users with a console password.
    pub console: usize,
    /// Of those, users with at least one MFA device.
    pub with_mfa: usize,
    /// The share of those, in percent, rounded down to a tenth; `None` without console users.
    pub coverage_percent: Option<f64>,
    /// How many users are in each posture.
    pub postures: BTreeMap<&'static str, usize>,
    /// Users who are in quarantine now.
    pub quarantined: usize,
    /// Contained by this sweep.
    pub contained: usize,
    /// Contained before, and made whole.
    pub repaired: usize,
    /// Released.
    pub released: usize,
    /// Told something.
    pub told: usize,
    /// Kept by `MODE` from being contained, released or told.
    pub withheld: usize,
    /// What could not be done.
    pub failed: usize,
    /// Users who are left for want of time.
    pub remaining: usize,
    /// Topics of users who are gone that were deleted.
    pub topics_deleted: usize,
    /// What became of the digest.
    pub digest: DigestSent,
}

/// What became of a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum DigestSent {
    /// SNS accepted it.
    Sent,
    /// None was due.
    #[default]
    NotDue,
    /// It was due, and SNS did not accept it.
    Failed,
}

impl Report {
    /// What can be told of any payload.
    pub(crate) fn of_label(label: Label) -> Self {
        Self { trigger: label.name, event_id: label.id.map(|id| id.to_string()), ..Self::default() }
    }

    pub(crate) fn ignored(self, reason: Ignored) -> Self {
        Self { outcome: Outcome::Ignored, reason: reason.code(), why: format!("ignored: {reason}"), ..self }
    }

    /// What is known of an event before anything was looked up.
    pub(crate) fn of_event(event: &Event) -> Self {
        let subject = match &event.subject {
            Subject::User(name) => name.for_log(),
            Subject::Root => "root".to_owned(),
        };
        Self {
            trigger: Some(event.trigger.spec().event_name.to_owned()),
            event_id: Some(event.source.id.to_string()),
            account: Some(event.source.account.clone()),
            subject: Some(subject),
            ..Self::default()
        }
    }

    /// What is known of a sweep before anybody was looked up.
    pub(crate) fn of_sweep(request: &SweepRequest, account: &str) -> Self {
        Self {
            reason: "swept",
            trigger: Some(SweepRequest::NAME.to_owned()),
            event_id: Some(request.id.to_string()),
            account: Some(account.to_owned()),
            ..Self::default()
        }
    }

    /// What is known of a sweep's look at a user before it.
    pub(crate) fn of_user(request: &SweepRequest, account: &str, user: &UserFacts) -> Self {
        let subject = Some(user.name.for_log());
        Self { subject, subject_id: Some(user.id.clone()), ..Self::of_sweep(request, account) }
    }

    /// Adds what is to be done.
    pub(crate) fn set_plan(&mut self, plan: &Plan) {
        self.outcome = if plan.steps.is_empty() { Outcome::Nothing } else { Outcome::Acted };
        self.reason = plan.reason.code();
        self.why = plan.reason.to_string();
        self.posture = plan.posture.map(|posture| posture.code());
        self.steps = plan.steps.iter().map(ToString::to_string).collect();
        self.withheld = plan.withheld.iter().map(ToString::to_string).collect();
        self.findings = plan.findings.iter().map(ToString::to_string).collect();
    }
}
