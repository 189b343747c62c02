//! What the sessions of a hub would refuse, if the run were in a member.

use super::scenes::{Scene, Started};
use crate::fixtures::POLICY;
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::event::UserName;
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::organization::{MemberRole, Session, Sighting, Work, sighting};
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::tags::UserTag;
use strum::IntoEnumIterator;

/// Those of the calls of a run that no session for its event may make. The sessions of a sweep are not for one event.
pub fn refused(scene: &Scene, settings: &Settings, calls: &[String]) -> Vec<String> {
    let Started::ByEvent(function) = scene.by else { return Vec::new() };
    let Sighting::Account { task, .. } = sighting(&scene.payload, function, settings) else {
        // It is answered without a look into the account, as it is here.
        return Vec::new();
    };
    let alice = UserName::listed("alice");
    let is_refused = |call: &&String| match asked(call) {
        Asked::Nothing => false,
        Asked::Look(work, operations) => {
            let may = task.calls(MemberRole::of(function, work), settings.mode);
            operations.iter().any(|operation| !may.contains(operation))
        }
        Asked::Change(change) => {
            let role = MemberRole::of(function, Work::Change(&change));
            let of_its_own = || Session::of_change(role, (&change, settings.mode), &alice, &scene.name);
            !(task.makes(&change, role, settings.mode) || of_its_own().is_some())
        }
    };
    calls
        .iter()
        .filter(is_refused)
        .map(|call| format!("{call} for {task:?}, {}", settings.mode.name()))
        .collect()
}

/// What a call of a run asks of the account of the user.
enum Asked {
    Nothing,
    Look(Work<'static>, &'static [Operation]),
    Change(Change),
}

fn asked(call: &str) -> Asked {
    use Operation as O;
    let (name, key) = call.split_once(' ').unwrap_or((call, ""));
    let tag = || UserTag::iter().find(|tag| tag.key() == key);
    let value = || POLICY.to_owned();
    match name {
        "user" => Asked::Look(Work::LookAtUser, &O::READ_USER),
        "access_keys" => Asked::Look(Work::LookAtUser, &[O::ListAccessKeys]),
        "active_keys" => Asked::Look(Work::LookAtUser, &[O::ListAccessKeys, O::GetAccessKeyLastUsed]),
        "account_alias" => Asked::Look(Work::LookAtUser, &[O::ListAccountAliases]),
        "account_summary" => Asked::Look(Work::LookAtAccount, &[O::GetAccountSummary]),
        "attached_by" | "approval" | "traces" | "look_up" => {
            Asked::Look(Work::LookAtAccount, &[O::LookupEvents])
        }
        "policy_document" | "policy_in_force" => {
            Asked::Look(Work::LookAtPolicies, &[O::GetPolicy, O::GetPolicyVersion])
        }
        "policy_versions" => Asked::Look(Work::LookAtPolicies, &[O::ListPolicyVersions, O::GetPolicyVersion]),
        "group_policies" => Asked::Look(Work::LookAtPolicies, &[O::ListAttachedGroupPolicies]),
        "repair" => Asked::Look(Work::Repair, &[O::SetDefaultPolicyVersion, O::AttachGroupPolicy]),
        "attach-policy" => Asked::Change(Change::AttachPolicy(value())),
        "narrow-to-policy" => Asked::Change(Change::NarrowToPolicy(value())),
        "detach-policy" => Asked::Change(Change::DetachPolicy(value())),
        "join-group" => Asked::Change(Change::JoinGroup(value())),
        "narrow-to-group" => Asked::Change(Change::NarrowToGroup(value())),
        "leave-group" => Asked::Change(Change::LeaveGroup(value())),
        "schedule-release" => Asked::Change(Change::ScheduleRelease(value())),
        "restore-record" => Asked::Change(Change::RestoreRecord(value())),
        "claim-notice" => Asked::Change(Change::ClaimNotice(value())),
        "count-put-back" => Asked::Change(Change::CountPutBack(value())),
        "set-tag" => Asked::Change(Change::SetTag(tag().unwrap(), value())),
        "record-report" => Asked::Change(Change::RecordReport(tag().unwrap(), value())),
        "remove-tag" => Asked::Change(Change::RemoveQuarantineTag),
        "prepare" | "tell_user" | "tell_admins" | "order_sweep" | "alerts_tags" | "set_alerts_tag"
        | "put_events" | "put_object" | "list_objects" | "get_object" | "take_slot" | "stack"
        | "stack_ended" => Asked::Nothing,
        other => panic!("what is `{other}`?"),
    }
}
