//! What a record rests on, and what it leaves out. A source that was read is a line as well as one that was not: what is
//! absent from a list could be either.

use super::counts::Counts;
use crate::counted::counted;
use crate::digest::{AccountFinding, SweepResult};
use crate::snapshot::{RootMfa, RootStatus};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// When a sweep read its sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sources {
    /// When IAM was asked for all users and virtual devices.
    pub read: Timestamp,
    /// When AWS made the credential report; `None` if that is not known.
    pub report: Option<Timestamp>,
}

/// A source of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// Stable name.
    pub name: String,
    /// `read`, `partly` or `unreadable`.
    pub state: String,
    /// As of when it is; `None` if that is not known.
    pub as_of: Option<Timestamp>,
    /// How old it was when the record was made, in minutes.
    pub age_minutes: Option<i64>,
    /// What is missing, in words; empty if nothing is.
    pub missing: String,
}

/// A topic, and how far a record covers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// Stable name.
    pub name: String,
    /// `covered`, `partly` or `not-covered`.
    pub state: String,
    /// What is covered and what is not, in words.
    pub text: String,
}

/// What the record rests on, in the same order in every record.
#[must_use]
pub fn sources(sources: Sources, root: &RootStatus, result: &SweepResult, at: Timestamp) -> Vec<Source> {
    let missing = |is: fn(&AccountFinding) -> bool| {
        result.findings.iter().find(|finding| is(finding)).map(ToString::to_string)
    };
    let source = |name: &str, as_of: Option<Timestamp>, state: &str, missing: Option<String>| Source {
        name: name.to_owned(),
        state: if missing.is_some() { state } else { "read" }.to_owned(),
        as_of: as_of.filter(|_| missing.is_none() || state == "partly"),
        age_minutes: as_of
            .filter(|_| missing.is_none() || state == "partly")
            .map(|as_of| at.duration_since(as_of).as_mins().max(0)),
        missing: missing.unwrap_or_default(),
    };
    let report = missing(|finding| matches!(finding, AccountFinding::ReportUnreadable(_)));
    let summary = (root.mfa == RootMfa::Unknown).then(|| "GetAccountSummary was not answered".to_owned());
    let cut_off = missing(|finding| matches!(finding, AccountFinding::HistoryCutOff));
    let (history, state) = match missing(|finding| matches!(finding, AccountFinding::HistoryUnreadable(_))) {
        Some(error) => (Some(error), "unreadable"),
        None => (cut_off, "partly"),
    };
    let trails = missing(|finding| matches!(finding, AccountFinding::TrailsUnknown(_)));
    let read = Some(sources.read);
    vec![
        source("iam:GetAccountAuthorizationDetails", read, "unreadable", None),
        source("iam:ListVirtualMFADevices", read, "unreadable", None),
        source("iam:GetCredentialReport", sources.report, "unreadable", report),
        source("iam:GetAccountSummary", read, "unreadable", summary),
        source("cloudtrail:LookupEvents", read, state, history),
        source("cloudtrail:DescribeTrails", read, "unreadable", trails),
    ]
}

/// What the record covers and what it does not, in the same order in every record.
#[must_use]
pub fn topics(counts: &Counts, result: &SweepResult, account: &str) -> Vec<Topic> {
    let remaining = result.remaining.len();
    let any = |is: fn(&AccountFinding) -> bool| result.findings.iter().any(is);
    let no_report = any(|finding| matches!(finding, AccountFinding::ReportUnreadable(_)));
    let no_history = any(|finding| {
        matches!(finding, AccountFinding::HistoryUnreadable(_) | AccountFinding::HistoryCutOff)
    });
    let no_trail = any(|finding| matches!(finding, AccountFinding::NoTrail));
    let one_region = any(|finding| matches!(finding, AccountFinding::TrailInOneRegion));
    let topic = |name: &str, state: &str, text: String| Topic {
        name: name.to_owned(),
        state: state.to_owned(),
        text,
    };
    let users = if remaining == 0 {
        topic("users", "covered", format!("All {} IAM users that AWS lists.", counts.users))
    } else {
        let text = format!(
            "All {} IAM users that AWS lists. For {remaining} of them there was no time: the bulk answers tell of them, \
             and what was due is not done.",
            counts.users
        );
        topic("users", "partly", text)
    };
    let passwords = if no_report {
        topic(
            "passwords",
            "partly",
            "Only of users who were looked up: the credential report is missing.".to_owned(),
        )
    } else if counts.unknown > 0 {
        let text =
            format!("Of {} neither password nor MFA is known for sure.", counted(counts.unknown, "user"));
        topic("passwords", "partly", text)
    } else {
        topic(
            "passwords",
            "covered",
            "As of the credential report, and later where users were looked up.".to_owned(),
        )
    };
    let devices = if counts.not_listed == 0 {
        topic("devices", "covered", "All devices, each as of the time that its row gives.".to_owned())
    } else {
        let text = format!(
            "Of {} with MFA, devices that are not virtual were not listed yet: kind and date are missing.",
            counted(counts.not_listed, "user")
        );
        topic("devices", "partly", text)
    };
    let removals = match (no_trail, no_history || one_region) {
        (true, _) => {
            topic("events", "not-covered", "No trail logs events, so only sweeps see anything.".to_owned())
        }
        (false, true) => {
            let text = "Events of the last 90 days were not all seen: see the sources, and the trails.";
            topic("events", "partly", text.to_owned())
        }
        (false, false) => topic("events", "covered", "The event history was read.".to_owned()),
    };
    vec![
        users,
        passwords,
        devices,
        topic("root", "partly", "AWS lists no other devices of root than virtual ones.".to_owned()),
        removals,
        topic(
            "regions",
            "partly",
            "IAM is one for all regions. Sign-ins count only from regions that forward them, which a sweep does not \
             look at."
                .to_owned(),
        ),
        topic(
            "accounts",
            "not-covered",
            format!("Other accounts than {account}: each has records of its own, or none."),
        ),
        topic(
            "federation",
            "not-covered",
            "Roles, IAM Identity Center and federated users, whose MFA is up to their identity provider.".to_owned(),
        ),
        topic(
            "access-keys",
            "partly",
            "Age and last use of the first two keys of a user. Calls with keys need no MFA, unless the quarantine stops \
             them."
                .to_owned(),
        ),
    ]
}
