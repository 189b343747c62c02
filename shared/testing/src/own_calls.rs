//! The enforcer's own calls, as the event history tells of them.

use crate::fixtures::envelope;
use jiff::Timestamp;
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::event::UserName;
use mfa_enforcer_core::tags::{APPROVED_KEY, UserTag};
use serde_json::{Value, json};

/// The record of this change, as far as anybody looks it up.
pub(crate) fn record(user: &UserName, change: &Change, at: Timestamp) -> Option<Value> {
    let tag = |tag: UserTag, value: &str| ("TagUser", json!({"tags": [{"key": tag.key(), "value": value}]}));
    let (name, parameters) = match change {
        Change::AttachPolicy(arn) | Change::NarrowToPolicy(arn) => {
            ("AttachUserPolicy", json!({"policyArn": arn}))
        }
        Change::JoinGroup(group) | Change::NarrowToGroup(group) => {
            ("AddUserToGroup", json!({"groupName": group}))
        }
        Change::ScheduleRelease(value) | Change::RestoreRecord(value) => tag(UserTag::Quarantined, value),
        Change::ClaimNotice(value) => tag(UserTag::Notified, value),
        Change::CountPutBack(value) => tag(UserTag::Undone, value),
        Change::RecordReport(key, value) | Change::SetTag(key, value) => tag(*key, value),
        Change::RemoveQuarantineTag => ("UntagUser", json!({"tagKeys": [UserTag::Quarantined.key()]})),
        Change::RemoveApproval => ("UntagUser", json!({"tagKeys": [APPROVED_KEY]})),
        // An operator makes these.
        Change::DetachPolicy(_) | Change::LeaveGroup(_) | Change::Exempt(_) | Change::Approve(_) => {
            return None;
        }
    };
    Some(call(name, parameters, user, at))
}

/// The record of a call of the enforcer about this user.
pub(crate) fn call(name: &str, mut parameters: Value, user: &UserName, at: Timestamp) -> Value {
    let mut detail = envelope(name)["detail"].clone();
    detail["eventTime"] = at.to_string().into();
    detail["userIdentity"] = json!({
        "type": "AssumedRole",
        "principalId": "AROAEXAMPLE:mfa-enforcer-sign-in",
        "arn": "arn:aws:sts::123456789012:assumed-role/mfa-enforcer-sign-in/mfa-enforcer-sign-in",
        "accountId": "123456789012",
        "accessKeyId": "ASIAEXAMPLE"
    });
    parameters["userName"] = user.to_string().into();
    detail["requestParameters"] = parameters;
    detail
}
