//! The quarantine itself, changed by others: what the guard and the sweeps do about it, from end to end.

use jiff::SignedDuration;
use mfa_enforcer_aws::{ErrorKind, Failure, Invocation, Report, SweepInvocation, handle, sweep};
use mfa_enforcer_core::event::Function;
use mfa_enforcer_core::policy_text::{Document, Texts};
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::stack::StackState;
use mfa_enforcer_testing::account::{Account, Policy, SIGN_IN};
use mfa_enforcer_testing::faulty::{Faulty, When};
use mfa_enforcer_testing::fixtures::{GROUP, POLICY, STACK, contained, now, sample, settings_with, user};
use proptest::prelude::*;
use std::time::Duration;

const EDITED: &str = "CreatePolicyVersion/console-by-an-admin";
const DELETED: &str = "DeletePolicy/console-by-an-admin";
const DETACHED: &str = "DetachGroupPolicy/console-by-an-admin";
/// The time of [`SIGN_IN`].
const FRESH: &str = "2026-11-24T08:02:16Z";
const OTHER: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;

fn spare() -> String {
    format!("{POLICY}-spare")
}

fn settings() -> Settings {
    settings_with(&[("SPARE_POLICY_ARN", &spare()), ("STACK_ID", STACK)])
}

/// An account with a contained user whose quarantine policy is in this state.
fn account(policy: Option<Policy>) -> Account {
    let account = Account::with(contained(user("heidi")));
    account.quarantine.lock().unwrap().insert(POLICY.to_owned(), policy);
    let url = "https://sqs.us-east-1.amazonaws.com/123456789012/sweeps.fifo".to_owned();
    account.stack.lock().unwrap().outputs = [("SweepQueueUrl".to_owned(), url)].into_iter().collect();
    account
}

async fn guard(name: &str, account: &Account, settings: &Settings) -> Result<Report, Failure> {
    let time = now() + SignedDuration::from_mins(15);
    let invocation = Invocation { function: Function::Guard, settings, now: time, request_id: "test" };
    handle(&sample(name), invocation, account, account).await
}

async fn hourly(account: &Account, settings: &Settings, hours: i64) -> Report {
    let clock = move || now() + SignedDuration::from_hours(hours);
    let invocation = SweepInvocation {
        settings,
        clock: &clock,
        request_id: "test",
        time_left: &|| Duration::from_mins(15),
        run: None,
    };
    sweep(r#"{"sweep": "hourly"}"#, invocation, account, account).await.unwrap()
}

fn attached(account: &Account) -> Vec<String> {
    account.user("heidi").attached_policies
}

/// The kinds of messages to the administrators.
fn told(account: &Account) -> Vec<String> {
    let all = account.to_admins.lock().unwrap();
    all.iter().map(|kind| kind.split(' ').next().unwrap().to_owned()).collect()
}

fn in_force(account: &Account) -> String {
    account.quarantine.lock().unwrap()[POLICY].clone().unwrap().in_force
}

#[tokio::test]
async fn changed_text_is_put_back_and_told_once() {
    let account = account(Some(Policy::of(&[Document::Console.text(), OTHER])));
    let report = guard(EDITED, &account, &settings()).await.unwrap();
    assert_eq!(report.steps, ["set-default-version", "notify policy-restored", "record-root-alert"]);
    assert_eq!(in_force(&account), "v1");
    guard(EDITED, &account, &settings()).await.unwrap();
    hourly(&account, &settings(), 1).await;
    assert_eq!(told(&account), ["policy-restored"]);
    assert_eq!(attached(&account), [POLICY]);
}

#[tokio::test]
async fn users_go_under_the_spare_of_a_lost_text_and_back() {
    let five = Policy::of(&["{}", OTHER, "{}", OTHER, OTHER]);
    for lost in [Some(five), None] {
        let account = account(lost);
        let name = if account.quarantine.lock().unwrap()[POLICY].is_some() { EDITED } else { DELETED };
        let report = guard(name, &account, &settings()).await.unwrap();
        assert_eq!(report.reason, "quarantine-broken");
        assert_eq!(account.orders.lock().unwrap().len(), 1, "a sweep is ordered at once");
        hourly(&account, &settings(), 1).await;
        assert_eq!(attached(&account), [spare()], "{name}");
        assert_eq!(
            account.groups.lock().unwrap()[GROUP].last(),
            Some(&spare()),
            "its group has the spare too"
        );
        hourly(&account, &settings(), 2).await;
        assert_eq!(told(&account), ["policy-lost"], "once a day");
        hourly(&account, &settings(), 25).await;
        assert_eq!(told(&account), ["policy-lost"; 2], "until it is mended");
        account.quarantine.lock().unwrap().remove(POLICY);
        hourly(&account, &settings(), 26).await;
        assert_eq!(attached(&account), [POLICY], "{name}");
        let to_users = account.to_users.lock().unwrap();
        assert!(
            !to_users.iter().any(|kind| kind == "quarantined"),
            "the user hears nothing of it: {to_users:?}"
        );
    }
}

#[tokio::test]
async fn sweep_repairs_what_no_event_told_of() {
    let account = account(Some(Policy::of(&[Document::Console.text(), OTHER])));
    account.groups.lock().unwrap().insert(GROUP.to_owned(), Vec::new());
    hourly(&account, &settings(), 1).await;
    assert_eq!(in_force(&account), "v1");
    assert_eq!(account.groups.lock().unwrap()[GROUP], [POLICY]);
    assert_eq!(told(&account), ["policy-restored", "group-restored"]);
    account.forget_calls();
    hourly(&account, &settings(), 2).await;
    assert_eq!(account.to_admins.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn group_gets_its_policy_back_at_once() {
    let account = account(Some(Policy::of(&[Document::Console.text()])));
    account.groups.lock().unwrap().insert(GROUP.to_owned(), Vec::new());
    let report = guard(DETACHED, &account, &settings()).await.unwrap();
    assert_eq!(report.steps, ["attach-to-group", "notify group-restored", "record-root-alert"]);
    assert_eq!(account.groups.lock().unwrap()[GROUP], [POLICY]);
}

#[tokio::test]
async fn group_without_its_policy_contains_nobody() {
    let member = || {
        let mut member = contained(user("heidi"));
        member.attached_policies.clear();
        member.groups.push(GROUP.to_owned());
        member
    };
    let whole = Account::with(member());
    hourly(&whole, &settings(), 1).await;
    assert_eq!(attached(&whole), [""; 0], "the group does it");
    let account = Account { refuses_repairs: Some(ErrorKind::Denied), ..Account::with(member()) };
    account.groups.lock().unwrap().insert(GROUP.to_owned(), vec!["arn:aws:iam::aws:policy/other".to_owned()]);
    let report = hourly(&account, &settings(), 1).await;
    assert_eq!(attached(&account), [POLICY]);
    assert!(report.findings.iter().any(|text| text.contains("does not have its policy")), "{report:?}");
}

#[tokio::test]
async fn stack_in_progress_makes_the_guard_wait() {
    let account = account(Some(Policy::of(&[Document::Console.text(), OTHER])));
    let status = "UPDATE_IN_PROGRESS".to_owned();
    *account.stack.lock().unwrap() = StackState { status, changed: Some(now()), ..StackState::default() };
    let fresh = sample(EDITED);
    let settings = settings();
    let time = "2026-11-24T09:16:00Z".parse().unwrap();
    let invocation =
        Invocation { function: Function::Guard, settings: &settings, now: time, request_id: "test" };
    let failure = handle(&fresh, invocation, &account, &account).await.unwrap_err();
    assert!(matches!(failure, Failure::NotYetVisible(_)));
    let late = Invocation { now: time + SignedDuration::from_mins(3), ..invocation };
    let report = handle(&fresh, late, &account, &account).await.unwrap();
    assert_eq!((report.reason, in_force(&account).as_str()), ("stack-still-in-progress", "v2"));
    hourly(&account, &settings, 1).await;
    assert_eq!((attached(&account), in_force(&account)), (vec![POLICY.to_owned()], "v2".to_owned()));
    account.stack.lock().unwrap().status = "UPDATE_ROLLBACK_COMPLETE".to_owned();
    hourly(&account, &settings, 2).await;
    assert_eq!(in_force(&account), "v1");
}

#[tokio::test(start_paused = true)]
async fn guard_heals_after_any_single_fault() {
    let broken = || account(Some(Policy::of(&[Document::Console.text(), OTHER])));
    let good = broken();
    guard(EDITED, &good, &settings()).await.unwrap();
    let calls = good.calls.lock().unwrap().len();
    for fails in 0..calls {
        for when in [When::Before, When::After] {
            for kind in [ErrorKind::Throttled, ErrorKind::Denied] {
                let account = broken();
                let faulty = Faulty::new(&account, fails, when, kind);
                let settings = settings();
                let time = now() + SignedDuration::from_mins(15);
                let invocation = Invocation {
                    function: Function::Guard,
                    settings: &settings,
                    now: time,
                    request_id: "test",
                };
                drop(handle(&sample(EDITED), invocation, &faulty, &faulty).await);
                guard(EDITED, &account, &settings).await.unwrap();
                hourly(&account, &settings, 1).await;
                let case = format!("call {fails} of {calls}, {when:?}, {kind}");
                assert_eq!(in_force(&account), "v1", "{case}");
                assert_eq!(attached(&account), [POLICY], "{case}");
                assert!(!account.to_admins.lock().unwrap().is_empty(), "{case}");
            }
        }
    }
}

#[tokio::test]
async fn observe_mode_only_looks() {
    let settings = settings_with(&[("MODE", "observe"), ("SPARE_POLICY_ARN", &spare()), ("STACK_ID", STACK)]);
    let account = account(Some(Policy::of(&[Document::Console.text(), OTHER])));
    let report = guard(EDITED, &account, &settings).await.unwrap();
    assert_eq!(account.writes(), [""; 0]);
    assert_eq!(report.withheld.first().map(String::as_str), Some("set-default-version"));
}

#[tokio::test]
async fn event_contains_under_the_spare_of_a_policy_that_is_gone() {
    let settings = settings();
    let invocation =
        Invocation { function: Function::SignIn, settings: &settings, now: now(), request_id: "test" };
    let without = |gone: &[String]| {
        let account = Account::with(user("bob"));
        account.quarantine.lock().unwrap().extend(gone.iter().map(|arn| (arn.clone(), None)));
        account
    };
    let account = without(&[POLICY.to_owned()]);
    let report = handle(&sample(SIGN_IN), invocation, &account, &account).await.unwrap();
    assert_eq!(account.user("bob").attached_policies, [spare()]);
    assert_eq!(told(&account), ["quarantined"], "no alert of a failure");
    assert!(report.steps.contains(&"attach-policy".to_owned()));
    // With neither, the event comes again while it is fresh, and then the administrators hear that it failed.
    let account = without(&[POLICY.to_owned(), spare()]);
    let fresh = Invocation { now: FRESH.parse().unwrap(), ..invocation };
    handle(&sample(SIGN_IN), fresh, &account, &account).await.unwrap_err();
    assert_eq!(told(&account), [""; 0]);
    handle(&sample(SIGN_IN), invocation, &account, &account).await.unwrap_err();
    assert_eq!(told(&account), ["containment-failed"]);
}

/// What others do to the quarantine.
#[derive(Debug, Clone, Copy)]
enum Change {
    /// Another text in force: of the policy or of its spare; one version before it may have the right one.
    Edit {
        spare: bool,
        keeps_right: bool,
    },
    Delete {
        spare: bool,
    },
    EmptyGroup,
    DeleteGroup,
    DetachFromUser,
}

fn any_change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<bool>(), any::<bool>()).prop_map(|(spare, keeps_right)| Change::Edit { spare, keeps_right }),
        any::<bool>().prop_map(|spare| Change::Delete { spare }),
        Just(Change::EmptyGroup),
        Just(Change::DeleteGroup),
        Just(Change::DetachFromUser),
    ]
}

fn make(change: Change, account: &Account) {
    let arn = |of_spare| if of_spare { spare() } else { POLICY.to_owned() };
    let mut policies = account.quarantine.lock().unwrap();
    match change {
        Change::Edit { spare, keeps_right } => {
            let before = if keeps_right { Document::Console.text() } else { "{}" };
            policies.insert(arn(spare), Some(Policy::of(&[before, "{}", OTHER])));
        }
        Change::Delete { spare } => {
            policies.insert(arn(spare), None);
            account.edit("heidi", |user| user.attached_policies.retain(|attached| *attached != arn(spare)));
            if let Some(group) = account.groups.lock().unwrap().get_mut(GROUP) {
                group.retain(|attached| *attached != arn(spare));
            }
        }
        Change::EmptyGroup => drop(account.groups.lock().unwrap().insert(GROUP.to_owned(), Vec::new())),
        Change::DeleteGroup => {
            account.gone_groups.lock().unwrap().insert(GROUP.to_owned());
            account.edit("heidi", |user| user.groups.clear());
        }
        Change::DetachFromUser => account.edit("heidi", |user| user.attached_policies.clear()),
    }
}

/// Whether the text in force of a policy is the right one, and whether any version's is.
fn is_right(account: &Account, arn: &str) -> (bool, bool) {
    let texts = Texts::of(None);
    let right = |document: &str| texts.is(Document::Console, document);
    match account.quarantine.lock().unwrap().get(arn) {
        None => (true, true),
        Some(None) => (false, false),
        Some(Some(policy)) => {
            let of = |id: &String| policy.versions.iter().any(|one| one.id == *id && right(&one.document));
            (of(&policy.in_force), policy.versions.iter().any(|one| right(&one.document)))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_stays_under_a_wrong_text_where_there_is_a_right_one(
        changes in prop::collection::vec(any_change(), 0..7), by_group: bool, guarded: bool
    ) {
        let mut heidi = contained(user("heidi"));
        if by_group {
            heidi.attached_policies.clear();
            heidi.groups.push(GROUP.to_owned());
        }
        let account = Account::with(heidi);
        account.groups.lock().unwrap().insert(GROUP.to_owned(), vec![POLICY.to_owned()]);
        for change in &changes {
            make(*change, &account);
        }
        let can_be_right = [POLICY.to_owned(), spare()].iter().any(|arn| is_right(&account, arn).1);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            if guarded {
                guard(EDITED, &account, &settings()).await.unwrap();
            }
            hourly(&account, &settings(), 1).await;
        });
        let heidi = account.user("heidi");
        let groups = account.groups.lock().unwrap();
        let by_group = groups.get(GROUP).filter(|_| heidi.groups.contains(&GROUP.to_owned()));
        let is_stopped = heidi.attached_policies.iter().chain(by_group.into_iter().flatten())
            .any(|arn| is_right(&account, arn).0);
        prop_assert_eq!(is_stopped, can_be_right, "{:?}: {:?}, {:?}", changes, heidi.attached_policies, groups);
    }
}
