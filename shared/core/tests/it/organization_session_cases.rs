//! How a hub enters an account: the roles there, and sessions that can do what a task needs.

use crate::contract_members::named;
use crate::organization_hub_cases::all_changes;
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::event::{Function, TriggerKind, UserName};
use mfa_enforcer_core::organization::{MemberRole, Session, Task, Work};
use mfa_enforcer_core::settings::Mode;
use mfa_enforcer_core::tags::UserTag;
use rstest::rstest;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use strum::IntoEnumIterator;

#[rstest]
#[case("aws", MemberRole::Contain, "arn:aws:iam::222233334444:role/mfa-enforcer/members-contain")]
#[case("aws-cn", MemberRole::Guard, "arn:aws-cn:iam::222233334444:role/mfa-enforcer/members-guard")]
fn role_is_found_by_the_name_of_its_stack(
    #[case] partition: &str,
    #[case] role: MemberRole,
    #[case] arn: &str,
) {
    assert_eq!(role.arn(partition, "222233334444", "members"), arn);
}

const SIGN_IN: (Task, Mode) = (Task::OfUser(TriggerKind::SignIn), Mode::Enforce);

#[test]
fn session_is_called_after_its_event() {
    let bob = UserName::new("bob").unwrap();
    let id = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
    let session = Session::of_event(MemberRole::Contain, SIGN_IN, Some(&bob), id).unwrap();
    assert_eq!((session.name.as_str(), session.lasts), (id, 900));
    assert!(session.policy.contains(":user/bob") && !session.policy.contains("DetachUserPolicy"));
    let odd = Session::of_sweep(MemberRole::Review, "2026-11-28T09:00 \n").unwrap();
    assert_eq!((odd.name.as_str(), odd.lasts), ("2026-11-28T0900", 3600));
    assert_eq!(Session::of_sweep(MemberRole::Review, "").unwrap().name, "mfa-enforcer");
}

fn roles() -> impl Iterator<Item = MemberRole> {
    MemberRole::iter()
}

fn may(session: Option<Session>) -> BTreeSet<String> {
    session.map(|session| named(&session.policy)).unwrap_or_default()
}

const CHANGES: [&str; 8] = [
    "iam:AttachUserPolicy",
    "iam:DetachUserPolicy",
    "iam:AddUserToGroup",
    "iam:RemoveUserFromGroup",
    "iam:TagUser",
    "iam:UntagUser",
    "iam:AttachGroupPolicy",
    "iam:SetDefaultPolicyVersion",
];

/// What a session for this can change from the beginning.
fn changes(role: MemberRole, task: Task, mode: Mode) -> BTreeSet<String> {
    let mut calls = may(Session::of_event(role, (task, mode), Some(&bob()), "event"));
    calls.retain(|call| CHANGES.contains(&call.as_str()));
    calls
}

fn bob() -> UserName {
    UserName::new("bob").unwrap()
}

/// The note that mail does not arrive is made in every mode.
fn is_note_of_mail(change: &Change) -> bool {
    matches!(change, Change::SetTag(UserTag::Mail, _))
}

/// Whatever a plan asks for, in whichever session: the one that is open, or one for that change.
#[rstest]
fn every_change_has_a_session(
    #[values(Function::SignIn, Function::UserLifecycle, Function::MfaDevice, Function::Guard)]
    function: Function,
    #[values(Mode::Notify, Mode::Enforce)] mode: Mode,
) {
    let kinds = TriggerKind::iter().filter(|kind| kind.is_about_users() && kind.spec().function == function);
    for (kind, change) in kinds.flat_map(|kind| all_changes().into_iter().map(move |change| (kind, change))) {
        let role = MemberRole::of(function, Work::Change(&change));
        let is_in_role = change.operations().iter().all(|call| role.operations().contains(call));
        let task = Task::OfUser(kind);
        let own = may(Session::of_change(role, (&change, mode), &bob(), "event"));
        let makes =
            |calls: &BTreeSet<String>| change.operations().iter().all(|call| calls.contains(call.action()));
        assert_eq!(makes(&own), is_in_role && change.is_possible_in(mode), "{kind:?} {change}");
        assert!(own.iter().all(|call| CHANGES.contains(&call.as_str())), "{own:?}");
        if task.makes(&change, role, mode) {
            assert!(makes(&changes(role, task, mode)), "{kind:?} {change}");
        }
    }
}

#[rstest]
fn sweep_has_a_session_for_every_change(#[values(Mode::Notify, Mode::Enforce)] mode: Mode) {
    for change in all_changes().into_iter().filter(|change| change.is_possible_in(mode)) {
        let role = MemberRole::of(Function::Sweep, Work::Change(&change));
        let may = may(Session::of_change(role, (&change, mode), &bob(), "2026-11-28T09"));
        assert!(change.operations().iter().all(|call| may.contains(call.action())), "{change}");
    }
}

#[test]
fn nothing_is_changed_where_a_hub_observes() {
    for role in roles() {
        for task in Task::all() {
            assert_eq!(changes(role, task, Mode::Observe), BTreeSet::new(), "{} {task:?}", role.name());
        }
        for change in all_changes().into_iter().filter(|change| !is_note_of_mail(change)) {
            let session = Session::of_change(role, (&change, Mode::Observe), &bob(), "event");
            assert_eq!(session, None, "{} {change}", role.name());
        }
    }
}

#[test]
fn mail_that_does_not_arrive_is_noted_where_a_hub_observes() {
    let note = Change::SetTag(UserTag::Mail, "bounced".to_owned());
    for mode in [Mode::Observe, Mode::Notify, Mode::Enforce] {
        let session = Session::of_change(MemberRole::Release, (&note, mode), &bob(), "event");
        assert_eq!(may(session), BTreeSet::from(["iam:TagUser".to_owned()]));
    }
}

/// So that the way to a quarantine, and a sweep, has no more calls than it needs.
#[test]
fn what_comes_together_has_one_session() {
    let contain = Change::AttachPolicy("arn".to_owned());
    let claim = Change::ClaimNotice("value".to_owned());
    let release = Change::DetachPolicy("arn".to_owned());
    let sign_in = Task::OfUser(TriggerKind::SignIn);
    assert!(sign_in.makes(&contain, MemberRole::Contain, Mode::Enforce));
    assert!(!sign_in.makes(&contain, MemberRole::Contain, Mode::Notify));
    assert!(!Task::OfUser(TriggerKind::MfaEnabled).makes(&release, MemberRole::Release, Mode::Enforce));
    let in_sweep = |change, mode| Session::of_change(MemberRole::Contain, (change, mode), &bob(), "run");
    assert_eq!(in_sweep(&contain, Mode::Enforce), in_sweep(&claim, Mode::Enforce));
    assert_eq!(may(in_sweep(&claim, Mode::Notify)), BTreeSet::from(["iam:TagUser".to_owned()]));
}

#[test]
fn each_mode_does_what_the_one_before_does() {
    for (role, task) in roles().flat_map(|role| Task::all().map(move |task| (role, task))) {
        let [observe, notify, enforce] =
            [Mode::Observe, Mode::Notify, Mode::Enforce].map(|mode| changes(role, task, mode));
        assert!(observe.is_subset(&notify) && notify.is_subset(&enforce), "{} {task:?}", role.name());
    }
}

#[test]
fn session_that_is_open_ends_no_quarantine() {
    let releases = ["iam:DetachUserPolicy", "iam:RemoveUserFromGroup", "iam:UntagUser"];
    for (role, task) in roles().flat_map(|role| Task::all().map(move |task| (role, task))) {
        let found = changes(role, task, Mode::Enforce);
        assert!(releases.iter().all(|call| !found.contains(*call)), "{} {task:?}: {found:?}", role.name());
    }
}

#[rstest]
#[case::contain(Change::AttachPolicy("arn".to_owned()), Mode::Notify, false)]
#[case::join(Change::JoinGroup("group".to_owned()), Mode::Notify, false)]
#[case::narrow(Change::NarrowToPolicy("arn".to_owned()), Mode::Notify, true)]
#[case::enforce(Change::AttachPolicy("arn".to_owned()), Mode::Enforce, true)]
fn nobody_is_quarantined_where_a_hub_notifies(
    #[case] change: Change,
    #[case] mode: Mode,
    #[case] expected: bool,
    #[values(MemberRole::Contain, MemberRole::Guard)] role: MemberRole,
) {
    let session = Session::of_change(role, (&change, mode), &bob(), "event");
    assert_eq!(session.is_some(), expected);
    let first = changes(role, Task::OfUser(TriggerKind::SignIn), Mode::Notify);
    assert_eq!(first, BTreeSet::from(["iam:TagUser".to_owned()]));
}

#[rstest]
#[case::root(Task::OfRoot, MemberRole::Release, "iam:GetAccountSummary")]
#[case::quarantine(Task::OfQuarantine, MemberRole::Guard, "iam:SetDefaultPolicyVersion")]
fn session_about_nobody_sees_no_user(#[case] task: Task, #[case] role: MemberRole, #[case] call: &str) {
    let calls = may(Session::of_event(role, (task, Mode::Enforce), None, "event"));
    assert!(calls.contains(call), "{calls:?}");
    assert!(calls.iter().all(|call| !call.contains("User") && !call.contains("AccessKey")), "{calls:?}");
}

/// An event that ought to name a user, and does not.
#[test]
fn event_without_its_user_is_about_nobody() {
    for task in Task::all().filter(|task| matches!(task, Task::OfUser(_) | Task::OfMail)) {
        for role in roles() {
            let session = Session::of_event(role, (task, Mode::Enforce), None, "event");
            let policy = session.map(|session| session.policy).unwrap_or_default();
            assert!(!policy.contains(":user/") && !policy.contains(":group/"), "{task:?}: {policy}");
            // That the event says nothing of use is told in the name of the account.
            assert_eq!(
                policy.contains("ListAccountAliases"),
                [MemberRole::Contain, MemberRole::Guard].contains(&role),
                "{task:?}: {policy}"
            );
        }
    }
}

#[test]
fn quarantine_is_repaired_for_nothing_else() {
    for task in Task::all().filter(|task| *task != Task::OfQuarantine) {
        let found = changes(MemberRole::Guard, task, Mode::Enforce);
        let repairs = ["iam:SetDefaultPolicyVersion", "iam:AttachGroupPolicy"];
        assert!(repairs.iter().all(|call| !found.contains(*call)), "{task:?}: {found:?}");
    }
}

#[test]
fn sweep_looks_and_repairs_in_sessions_that_change_no_user() {
    let review = may(Session::of_sweep(MemberRole::Review, "2026-11-28T09"));
    assert!(review.contains("iam:GetUser") && CHANGES.iter().all(|call| !review.contains(*call)));
    let guard = may(Session::of_sweep(MemberRole::Guard, "2026-11-28T09"));
    assert_eq!(guard, CHANGES[6..].iter().map(|call| (*call).to_owned()).collect());
    assert_eq!(Session::of_sweep(MemberRole::Contain, "2026-11-28T09"), None);
}

#[test]
fn session_that_spells_a_name_can_do_nothing_else() {
    let session = Session::to_spell("event").unwrap();
    assert_eq!((session.name.as_str(), session.lasts), ("event", 900));
    let policy: Value = serde_json::from_str(&session.policy).unwrap();
    let expected =
        json!([{"Effect": "Allow", "Action": ["iam:GetUser"], "Resource": ["arn:*:iam::*:user/*"]}]);
    assert_eq!(policy["Statement"], expected);
}
