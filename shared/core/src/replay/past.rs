//! The event history as an archive tells it: what a sweep or an event looks up there.

use crate::change::Change;
use crate::decide::Lookup as Question;
use crate::event::{PastCall, SweepKind, UserName};
use crate::facts::{BoundaryText, UserFacts};
use crate::history::{
    LAG, Look, Lookup, Records, approval, approvals_to_look_up, attached_by, attachments_to_look_up,
    beginning, exemptions_to_look_up, note_exemptions, note_removals, removals, renames, renames_to_look_up,
    traces, traces_to_look_up,
};
use crate::settings::Settings;
use crate::snapshot::UserSnapshot;
use crate::tags::{APPROVED_KEY, PREFIX, UserTag};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::VecDeque;

/// The calls of the last 90 days that anybody looks up.
#[derive(Debug, Default)]
pub(super) struct Past {
    calls: VecDeque<Call>,
    /// When the first look for removals was taken, the last one, and the last one of a daily sweep.
    looks: Option<[Timestamp; 3]>,
}

/// One call, as the history tells it.
#[derive(Debug)]
struct Call {
    at: Timestamp,
    name: String,
    record: String,
}

impl Past {
    /// Keeps a call of somebody else if it can be looked up later.
    pub(super) fn note(&mut self, call: &PastCall, record: &str, settings: &Settings) {
        let deployment = &settings.deployment;
        let names = |own: &[String], parameter: &str| {
            let given = call.parameter(parameter);
            given.is_some_and(|given| own.iter().any(|own| own.eq_ignore_ascii_case(given)))
        };
        let is_of_interest = match call.name.as_str() {
            "AttachUserPolicy" => names(&deployment.policies, "policyArn"),
            "AddUserToGroup" => names(&deployment.groups, "groupName"),
            "TagUser" | "UntagUser" | "CreateUser" => record.to_ascii_lowercase().contains(PREFIX),
            "DeactivateMFADevice" | "UpdateUser" => true,
            _ => false,
        };
        if is_of_interest {
            self.keep(Call { at: call.time, name: call.name.clone(), record: record.to_owned() });
        }
    }

    /// Keeps what the enforcer would have done.
    pub(super) fn note_own(&mut self, user: &UserName, change: &Change, at: Timestamp, settings: &Settings) {
        if let Some((name, record)) = own_call(user, change, at, settings) {
            self.keep(Call { at, name: name.to_owned(), record: record.to_string() });
        }
    }

    fn keep(&mut self, call: Call) {
        let oldest = beginning(call.at);
        while self.calls.front().is_some_and(|first| first.at < oldest) {
            self.calls.pop_front();
        }
        self.calls.push_back(call);
    }

    /// What the history answers: all that it tells by now.
    fn look_up(&self, lookup: Lookup, now: Timestamp) -> Records {
        let until = now.checked_sub(LAG).unwrap_or(Timestamp::MIN);
        let is_asked = |call: &&Call| call.name == lookup.name && (lookup.from..=until).contains(&call.at);
        let records = self.calls.iter().filter(is_asked).map(|call| call.record.clone());
        Records { records: records.collect(), is_complete: true }
    }

    fn look_up_all(&self, lookups: Vec<Lookup>, now: Timestamp) -> Vec<Records> {
        lookups.into_iter().map(|lookup| self.look_up(lookup, now)).collect()
    }

    /// Makes these lookups, as far as an archive tells.
    pub(super) fn complete(
        &self,
        user: &mut UserFacts,
        questions: Vec<Question>,
        settings: &Settings,
        now: Timestamp,
    ) {
        for question in questions {
            match question {
                Question::AttachedBy => {
                    let records = self.look_up_all(attachments_to_look_up(user, settings, now), now);
                    user.attached_by = attached_by(&records, user, settings, now);
                }
                Question::Approval => {
                    let records = self.look_up_all(approvals_to_look_up(user, now), now);
                    user.approval = approval(&records, user, settings, now);
                }
                Question::Traces => {
                    let records = self.look_up_all(traces_to_look_up(now), now);
                    user.traces = Some(traces(&records, user, settings, now));
                }
                // Policies and keys are not in an archive.
                Question::Boundary(_) => user.boundary = BoundaryText::Unreadable,
                Question::AccessKeys => {}
            }
        }
    }

    /// Notes on each user what a sweep finds in the history.
    pub(super) fn note_for_sweep(
        &mut self,
        users: &mut [UserSnapshot],
        kind: SweepKind,
        settings: &Settings,
        now: Timestamp,
    ) {
        let taken = self.looks.map(|[first, last, daily]| {
            let since = if kind == SweepKind::Daily { last.min(daily) } else { last };
            (since, first)
        });
        let look = Look::after(taken, now);
        let found = removals(&self.look_up(look.lookup(), now), settings);
        let named = renames_to_look_up(&found)
            .map(|lookup| renames(&self.look_up(lookup, now), settings))
            .unwrap_or_default();
        note_removals(users, &found, &named, &look);
        let answers: Vec<(Lookup, Records)> = exemptions_to_look_up(users, kind, settings, now)
            .into_iter()
            .map(|lookup| (lookup, self.look_up(lookup, now)))
            .collect();
        note_exemptions(users, &answers, kind, settings, now);
        let daily = |before: Timestamp| if kind == SweepKind::Daily { now } else { before };
        self.looks = Some(match self.looks {
            Some([first, _, before]) => [first, now, daily(before)],
            None => [now, now, now],
        });
    }
}

/// The record of the enforcer's own call for this change, as far as anybody looks it up.
fn own_call(
    user: &UserName,
    change: &Change,
    at: Timestamp,
    settings: &Settings,
) -> Option<(&'static str, Value)> {
    let tagged =
        |tag: UserTag, value: &str| ("TagUser", json!({"tags": [{"key": tag.key(), "value": value}]}));
    let (name, mut parameters) = match change {
        Change::AttachPolicy(arn) | Change::NarrowToPolicy(arn) => {
            ("AttachUserPolicy", json!({"policyArn": arn}))
        }
        Change::JoinGroup(group) | Change::NarrowToGroup(group) => {
            ("AddUserToGroup", json!({"groupName": group}))
        }
        Change::ScheduleRelease(value) | Change::RestoreRecord(value) => tagged(UserTag::Quarantined, value),
        Change::ClaimNotice(value) => tagged(UserTag::Notified, value),
        Change::CountPutBack(value) => tagged(UserTag::Undone, value),
        Change::RecordReport(tag, value) | Change::SetTag(tag, value) => tagged(*tag, value),
        Change::RemoveQuarantineTag => ("UntagUser", json!({"tagKeys": [UserTag::Quarantined.key()]})),
        Change::RemoveApproval => ("UntagUser", json!({"tagKeys": [APPROVED_KEY]})),
        // An operator makes the last two.
        Change::DetachPolicy(_) | Change::LeaveGroup(_) | Change::Exempt(_) | Change::Approve(_) => {
            return None;
        }
    };
    if let Some(fields) = parameters.as_object_mut() {
        fields.insert("userName".to_owned(), user.as_str().into());
    }
    let deployment = &settings.deployment;
    let role = deployment.roles.first().map(String::as_str).unwrap_or_default();
    let partition = settings.partition_name();
    let arn = format!("arn:{partition}:sts::{}:assumed-role/{role}/{role}", deployment.account);
    let record = json!({
        "eventID": "of-the-replay",
        "eventTime": at.to_string(),
        "eventSource": "iam.amazonaws.com",
        "eventName": name,
        "recipientAccountId": deployment.account,
        "userIdentity": { "type": "AssumedRole", "arn": arn, "accountId": deployment.account },
        "requestParameters": parameters,
    });
    Some((name, record))
}
