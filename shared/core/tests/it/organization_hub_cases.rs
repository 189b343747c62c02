//! A hub: whose event it is, what is in the account, which role acts, and under which settings.

use crate::organization_parts_cases::{MEMBER, arn, parts};
use crate::organization_sighting_cases::event;
use jiff::Timestamp;
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::event::{Function, Ignored, Reading, read};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::organization::{
    Books, Document, HubSettings, MemberFault, MemberRole, OrganizationalUnit, Parts, Resolved,
    TaggedAccount, Tree, Unplaced, Work,
};
use mfa_enforcer_core::settings::{Letterhead, Mode, Release, Scope, Settings};
use mfa_enforcer_core::tags::UserTag;
use mfa_enforcer_testing::fixtures::{now, variables};
use mfa_enforcer_testing::organizations::account;
use rstest::rstest;
use serde_json::json;
use std::collections::BTreeMap;

pub(crate) const HUB: &str = "123456789012";

pub(crate) fn hub_with(changes: &[(&'static str, &str)]) -> Result<Option<HubSettings>, Vec<String>> {
    let mut given = variables();
    for name in ["QUARANTINE_POLICY_ARN", "QUARANTINE_GROUP_NAME", "ENFORCER_ROLES", "STACK_ID"] {
        given.remove(name);
    }
    given.insert("ORGANIZATION_ID", "o-exampleorgid".to_owned());
    given.insert("EVIDENCE_BUCKET", "hub-evidence".to_owned());
    given.extend(changes.iter().map(|(name, value)| (*name, (*value).to_owned())));
    let read = HubSettings::read(|name| given.get(name).cloned());
    read.map_err(|problems| {
        problems.0.into_iter().map(|problem| format!("{} {}", problem.variable, problem.problem)).collect()
    })
}

pub(crate) fn hub() -> HubSettings {
    hub_with(&[]).unwrap().unwrap()
}

#[test]
fn strict_quarantine_is_known_by_its_path() {
    let hub = hub();
    let settings = hub.of_account(MEMBER, &Resolved::default(), &parts()).unwrap();
    let mut bob = mfa_enforcer_testing::fixtures::user("bob");
    bob.attached_policies.push(arn("strict-everything/new"));
    assert!(settings.quarantine.holds(&bob) && settings.quarantine.holds_strictly(&bob));
    bob.attached_policies = Vec::new();
    bob.groups.push("strict-everything".to_owned());
    assert!(settings.quarantine.holds(&bob) && settings.quarantine.holds_strictly(&bob));
    bob.groups.clear();
    bob.attached_policies = vec![arn("everything/new")];
    assert!(settings.quarantine.holds(&bob) && !settings.quarantine.holds_strictly(&bob));
}

/// Every change, as far as roles and sessions differ in it.
pub(crate) fn all_changes() -> Vec<Change> {
    let text = || "x".to_owned();
    let tags = [
        UserTag::Quarantined,
        UserTag::Notified,
        UserTag::Alerted,
        UserTag::Undone,
        UserTag::ExemptBy,
        UserTag::Mail,
    ];
    let mut changes = vec![
        Change::AttachPolicy(text()),
        Change::DetachPolicy(text()),
        Change::JoinGroup(text()),
        Change::LeaveGroup(text()),
        Change::NarrowToPolicy(text()),
        Change::NarrowToGroup(text()),
        Change::ScheduleRelease(text()),
        Change::RestoreRecord(text()),
        Change::ClaimNotice(text()),
        Change::CountPutBack(text()),
        Change::RemoveQuarantineTag,
        Change::RemoveApproval,
    ];
    changes.extend(tags.map(|tag| Change::SetTag(tag, text())));
    changes
}

/// A role may make the calls of what it is taken for, and each function may assume it.
#[test]
fn role_may_do_what_it_is_taken_for() {
    for function in Function::all() {
        for change in all_changes() {
            let role = MemberRole::of(function, Work::Change(&change));
            let may_all = change.operations().iter().all(|call| role.operations().contains(call));
            // A sign-in releases nobody: its role refuses, and so does IAM.
            assert!(may_all || function == Function::SignIn, "{function:?} {change:?} {role:?}");
        }
        for work in [Work::LookAtUser, Work::LookAtAccount, Work::LookAtPolicies, Work::Repair] {
            let role = MemberRole::of(function, work);
            assert!(MemberRole::all_of(function).contains(&role), "{function:?} {work:?} {role:?}");
        }
    }
}

#[test]
fn sign_in_never_releases() {
    let roles =
        all_changes().into_iter().map(|change| MemberRole::of(Function::SignIn, Work::Change(&change)));
    assert!(roles.into_iter().all(|role| role == MemberRole::Contain));
    let operations = MemberRole::Contain.operations();
    for call in [Operation::DetachUserPolicy, Operation::RemoveUserFromGroup, Operation::UntagUser] {
        assert!(!operations.contains(&call));
    }
}

#[rstest]
#[case::own(MEMBER, "mfa-enforcer-member-contain", true)]
#[case::another_role(MEMBER, "contain", false)]
#[case::another_account("999999999999", "mfa-enforcer-member-contain", false)]
fn own_calls_are_those_of_roles_in_the_member(
    #[case] caller: &str,
    #[case] role: &str,
    #[case] is_own: bool,
) {
    let mut event = event("DetachUserPolicy/heidi-by-an-admin.json");
    event["detail"]["userIdentity"] = json!({
        "type": "AssumedRole",
        "arn": format!("arn:aws:sts::{caller}:assumed-role/{role}/0f1e2d3c"),
        "accountId": caller,
    });
    event["detail"]["requestParameters"]["policyArn"] = json!(arn("console/new"));
    let hub = hub().of_account(MEMBER, &Resolved::default(), &parts()).unwrap();
    let reading = read(&event.to_string(), Function::Guard, &hub.deployment).unwrap();
    assert_eq!(reading == Reading::Ignored(Ignored::OwnCall), is_own, "{reading:?}");
}

#[test]
fn hub_knows_its_own_stack_in_its_own_account() {
    let stack = "arn:aws:cloudformation:us-east-1:123456789012:stack/mfa-enforcer/0f1e2d3c";
    let hub = hub_with(&[("STACK_ID", stack)]).unwrap().unwrap();
    let (own, member) = (hub.bare(HUB), hub.bare(MEMBER));
    assert_eq!(own.deployment.resources.stack.as_deref(), Some("mfa-enforcer"));
    assert!(own.deployment.roles.contains(&"mfa-enforcer-guard".to_owned()) && own.stack.is_some());
    assert_eq!((member.deployment.resources.stack, member.stack), (None, None));
    assert!(!member.deployment.roles.contains(&"mfa-enforcer-guard".to_owned()));
    let settings = hub.of_account(HUB, &Resolved::default(), &parts()).unwrap();
    assert!(settings.stack.is_none(), "the quarantine there is not that of the hub's stack");
}

#[rstest]
#[case::organization("ORGANIZATION_ID", "x", "ORGANIZATION_ID is `x`, expected the id of an organization")]
#[case::short_id("ORGANIZATION_ID", "o-short", "ORGANIZATION_ID is `o-short`, expected")]
#[case::upper_case_id("ORGANIZATION_ID", "o-ExampleOrgId", "ORGANIZATION_ID is `o-ExampleOrgId`")]
#[case::bucket("EVIDENCE_BUCKET", "", "EVIDENCE_BUCKET is empty, and a hub (ORGANIZATION_ID) needs it")]
#[case::topic("ALERTS_TOPIC_ARN", "x", "ALERTS_TOPIC_ARN is `x`")]
#[case::owner(
    "EVIDENCE_ACCOUNT",
    "999988887777",
    "EVIDENCE_ACCOUNT is set, and the bucket of a hub is one of its own"
)]
fn hub_says_what_it_lacks(#[case] name: &'static str, #[case] value: &str, #[case] said: &str) {
    let problems = hub_with(&[(name, value)]).unwrap_err();
    assert!(problems.iter().any(|problem| problem.starts_with(said)), "{problems:?}");
}

#[test]
fn without_an_organization_it_is_no_hub() {
    assert_eq!(hub_with(&[("ORGANIZATION_ID", "")]), Ok(None));
    assert_eq!(hub().account, HUB);
}

#[test]
fn queue_without_an_address_is_none() {
    let url = "https://sqs.us-east-1.amazonaws.com/123456789012/accounts";
    let hub = hub_with(&[("ACCOUNT_QUEUE_URL", url), ("SWEEP_QUEUE_URL", "")]).unwrap().unwrap();
    assert_eq!((hub.queue.as_deref(), hub.sweeps), (Some(url), None));
}

#[rstest]
#[case::by_the_organization(MEMBER, true, Some("production"))]
#[case::organization_not_known(MEMBER, false, None)]
#[case::not_in_the_organization("999999999999", true, None)]
#[case::by_the_hub_itself(HUB, true, Some("hub"))]
fn account_is_called_as_the_organization_calls_it(
    #[case] account: &str,
    #[case] is_known: bool,
    #[case] name: Option<&str>,
) {
    let hub = hub_with(&[("ACCOUNT_NAME", "hub"), ("CONTACT", "the help desk")]).unwrap().unwrap();
    let books = books("defaults: {mode: observe}");
    let named = hub.named(account, is_known.then_some(&books));
    let account_name = name.map(str::to_owned);
    assert_eq!(named.letterhead, Letterhead { account_name, ..hub.base.letterhead });
}

pub(crate) fn settings_of(document: &str, hub: &HubSettings) -> Result<Settings, String> {
    let books = books(document);
    let set = books.place(MEMBER, &hub.base.in_force, now()).map_err(|unplaced| unplaced.to_string())?;
    hub.of_account(MEMBER, &set, &parts()).map_err(|fault| fault.to_string())
}

pub(crate) fn books(document: &str) -> Books {
    let unit = |id: &str, path: &[&str]| OrganizationalUnit {
        id: id.to_owned(),
        path: path.iter().map(|name| (*name).to_owned()).collect(),
    };
    let tagged = |account| TaggedAccount { account, tags: BTreeMap::new() };
    let tree = Tree::new(
        "o-exampleorgid".to_owned(),
        now(),
        vec![unit("r-ab12", &["Root"]), unit("ou-ab12-work", &["Root", "Work"])],
        vec![
            tagged(account(&["Root", "Work"], "production", MEMBER, "ACTIVE")),
            tagged(account(&[], "moved", "333344445555", "ACTIVE")),
        ],
    );
    Books {
        document: Document::read(document).unwrap(),
        version: "v1".to_owned(),
        tree: Tree::read(&tree.json()).unwrap(),
        doubt: None,
    }
}

#[test]
fn account_has_the_settings_of_its_unit() {
    let text = "defaults: {mode: observe}\nunits: {Root/Work: {mode: enforce, quarantine_scope: everything, release: approval}}";
    let settings = settings_of(text, &hub()).unwrap();
    assert_eq!(
        (settings.mode, settings.scope, settings.release),
        (Mode::Enforce, Scope::Everything, Release::Approval)
    );
    assert_eq!(settings.quarantine.full.policy, arn("everything/new"));
    assert_eq!(settings.letterhead.account_name.as_deref(), Some("production"));
    assert_eq!(settings.deployment.account, MEMBER);
    assert_eq!(settings.deployment.policies.len(), 8);
    assert_eq!(settings.evidence_bucket.as_deref(), Some("hub-evidence"));
    assert!(!settings.in_force.contains_key("QUARANTINE_POLICY_ARN"));
    assert!(settings.alerts_topic_arn.contains(HUB) && settings.stack.is_none());
}

#[test]
fn renamed_unit_contains_nobody() {
    let text = "defaults: {mode: enforce}\nunits: {Root/Wrok: {contact: Bob}}";
    let set = books(text).place(MEMBER, &hub().base.in_force, now()).unwrap();
    assert_eq!(settings_of(text, &hub()).unwrap().mode, Mode::Notify);
    let why = "nobody is contained anywhere, because there is no unit `Root/Wrok`";
    assert_eq!((set.faults, books(text).doubts(now())), (vec![why.to_owned()], vec![why.to_owned()]));
    // An id stays the same, whatever the unit is called.
    let by_id = "defaults: {mode: enforce}\nunits: {ou-ab12-gone: {contact: Bob}}";
    assert_eq!(settings_of(by_id, &hub()).unwrap().mode, Mode::Enforce);
}

#[rstest]
#[case::fresh(3, Mode::Enforce)]
#[case::stale(4, Mode::Notify)]
fn old_list_contains_nobody(#[case] hours: i64, #[case] mode: Mode) {
    let later = now() + jiff::SignedDuration::from_hours(hours);
    let set = books("defaults: {mode: enforce}").place(MEMBER, &hub().base.in_force, later).unwrap();
    assert_eq!(set.variable("MODE").as_deref(), Some(mode.name()));
    assert_eq!(set.faults.len(), usize::from(mode == Mode::Notify));
    assert_eq!(books("defaults: {mode: enforce}").doubts(later), set.faults);
}

#[test]
fn unknown_place_is_no_default() {
    let place = |text: &str, id: &str| books(text).place(id, &BTreeMap::new(), now());
    let by_unit = "defaults: {mode: enforce}\nunits: {Root/Work: {mode: observe}}";
    for text in [by_unit, "defaults: {mode: enforce}"] {
        assert_eq!(place(text, "999999999999"), Err(Unplaced::Unknown));
    }
    assert_eq!(place(by_unit, "333344445555"), Err(Unplaced::Moved));
    assert!(place("defaults: {mode: enforce}", "333344445555").is_ok(), "no unit matters");
}

#[rstest]
#[case::just_made(0, false)]
#[case::settled(5, false)]
#[case::older(6, true)]
fn list_that_lacks_an_account_is_made_anew_if_it_is_not_new(#[case] minutes: i64, #[case] anew: bool) {
    let tree = books("defaults: {mode: observe}").tree;
    assert_eq!(tree.is_to_be_renewed(now() + jiff::SignedDuration::from_mins(minutes)), anew);
}

#[test]
fn doubtful_settings_are_told() {
    let doubtful = Books { doubt: Some("line 3: x".to_owned()), ..books("defaults: {mode: observe}") };
    let set = doubtful.place(MEMBER, &BTreeMap::new(), now()).unwrap();
    assert_eq!(set.faults, ["the newest settings cannot be used, and version v1 holds: line 3: x"]);
}

#[test]
fn account_without_a_quarantine_is_a_fault() {
    let fault = hub().of_account(MEMBER, &Resolved::default(), &Parts::default()).unwrap_err();
    assert_eq!(fault, MemberFault::Incomplete);
    assert!(fault.to_string().contains("/mfa-enforcer/"));
}

#[test]
fn tree_of_another_form_is_refused() {
    let text =
        json!({"form": 2, "organization": "o", "at": Timestamp::UNIX_EPOCH, "units": [], "accounts": []});
    assert!(Tree::read(text.to_string().as_bytes()).unwrap_err().contains("form 2"));
    assert!(Tree::read(b"{").is_err());
}
