//! The quarantine itself: texts of policies, versions, spares, groups, and the stack in progress.

use jiff::SignedDuration;
use mfa_enforcer_core::decide::QuarantineCheck;
use mfa_enforcer_core::digest::AccountFinding;
use mfa_enforcer_core::event::{Event, EventId, Function, Reading, SweepRequest, Trigger, Via, read};
use mfa_enforcer_core::facts::RootLedger;
use mfa_enforcer_core::notice::{AccountAlert, AlertSubject, Notice, for_alert};
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::policy_text::{Document, OUTPUT, fingerprint};
use mfa_enforcer_core::quarantine_look::{GroupSeen, PolicySeen, PolicyVersion, QuarantineSeen, Text};
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::repair::Repair;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::stack::StackState;
use mfa_enforcer_core::sweep::effective;
use mfa_enforcer_testing::fixtures::{
    GROUP, POLICY, STACK, deployment, now, request, sample, settings_with, whole_quarantine,
};
use rstest::rstest;

const OTHER: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;

fn spare() -> String {
    format!("{POLICY}-spare")
}

fn with_spare() -> Settings {
    settings_with(&[("SPARE_POLICY_ARN", &spare()), ("STACK_ID", STACK)])
}

fn event_of(name: &str) -> Event {
    match read(&sample(name), Function::Guard, &deployment()) {
        Ok(Reading::Event(event)) => *event,
        other => panic!("{name}: {other:?}"),
    }
}

/// The guard's check after a sample about the quarantine.
fn guard(sample: &str) -> QuarantineCheck {
    QuarantineCheck::of_event(&event_of(sample))
}

const EDITED: &str = "CreatePolicyVersion/console-by-an-admin";
const SET: &str = "SetDefaultPolicyVersion/console-by-an-admin";
const DELETED: &str = "DeletePolicy/console-by-an-admin";
const DETACHED: &str = "DetachGroupPolicy/console-by-an-admin";
const RENAMED: &str = "UpdateGroup/console-renamed-by-an-admin";

fn version(id: &str, document: &str) -> PolicyVersion {
    PolicyVersion { id: id.to_owned(), document: document.to_owned() }
}

/// A policy with these documents as v1, v2 and so on, of which the last is in force.
fn policy(documents: &[&str]) -> PolicySeen {
    let versions: Vec<PolicyVersion> = documents
        .iter()
        .enumerate()
        .map(|(index, document)| version(&format!("v{}", index + 1), document))
        .collect();
    PolicySeen::There { in_force: versions.last().unwrap().clone(), versions }
}

fn right() -> &'static str {
    Document::Console.text()
}

/// All as deployed, but for this policy.
fn seen(check: &QuarantineCheck, settings: &Settings, arn: &str, policy: &PolicySeen) -> QuarantineSeen {
    let mut seen = whole_quarantine(check, settings);
    for (known, state) in &mut seen.policies {
        if known == arn {
            *state = policy.clone();
        }
    }
    seen
}

fn repairs(check: &QuarantineCheck, seen: &QuarantineSeen, settings: &Settings) -> Vec<Repair> {
    let plan = check.repairs(seen, settings, now());
    plan.steps
        .into_iter()
        .map(|step| match step {
            Step::Repair(repair) => repair,
            other => panic!("{other}"),
        })
        .collect()
}

fn put(policy: &str, version: &str) -> Repair {
    Repair::SetDefaultVersion { policy: policy.to_owned(), version: version.to_owned() }
}

/// The outputs of a stack with a queue for sweeps.
fn with_queue(mut seen: QuarantineSeen) -> QuarantineSeen {
    let url = "https://sqs.us-east-1.amazonaws.com/123456789012/sweeps.fifo";
    let outputs = [("SweepQueueUrl".to_owned(), url.to_owned())].into_iter().collect();
    seen.stack = Some(StackState { status: "CREATE_COMPLETE".to_owned(), outputs, ..StackState::default() });
    seen
}

fn told() -> RootLedger {
    RootLedger::Told(Vec::new())
}

/// The kinds of alerts of a plan, with their severity.
fn alerts(plan: &Plan) -> Vec<String> {
    let alert = |step: &Step| match step {
        Step::Notify(notice) => Some(format!("{} {}", notice.kind().code(), severity(notice))),
        _ => None,
    };
    plan.steps.iter().filter_map(alert).collect()
}

fn severity(notice: &Notice) -> &'static str {
    let Notice::Alert(alert) = notice else { panic!("not an alert") };
    assert!(matches!(alert.subject, AlertSubject::Account(AccountAlert::Quarantine(_))));
    alert.subject.severity().code()
}

fn orders_a_sweep(plan: &Plan) -> bool {
    plan.steps.iter().any(|step| matches!(step, Step::OrderSweep { .. }))
}

#[test]
fn untouched_quarantine_needs_nothing() {
    let settings = with_spare();
    for check in [guard(EDITED), QuarantineCheck::of_sweep(&request())] {
        let whole = whole_quarantine(&check, &settings);
        assert_eq!(repairs(&check, &whole, &settings), []);
        assert_eq!(whole.wants_versions(&settings, now()), [] as [String; 0]);
    }
    let check = QuarantineCheck::of_sweep(&request());
    let whole = whole_quarantine(&check, &settings);
    let plan = check.report(&whole, &whole, &told(), &settings, now());
    assert_eq!((plan.reason, plan.steps.len()), (Reason::QuarantineWhole, 0));
}

#[rstest]
#[case(&[right(), OTHER], Some("v1"))]
#[case(&["{}", right(), "{}", "{}", OTHER], Some("v2"))]
// Of two with the same text, the newer.
#[case(&[right(), "{}", right(), "{}", OTHER], Some("v3"))]
// Five versions, as many as IAM keeps, and none of them ours.
#[case(&["{}", OTHER, "{}", "not JSON", OTHER], None)]
#[case(&[OTHER], None)]
fn version_with_the_right_text_is_put_in_force(#[case] documents: &[&str], #[case] expected: Option<&str>) {
    let settings = with_spare();
    for arn in [POLICY.to_owned(), spare()] {
        let check = guard(EDITED);
        let before = seen(&check, &settings, &arn, &policy(documents));
        let expected: Vec<Repair> = expected.into_iter().map(|id| put(&arn, id)).collect();
        let group = repairs(&check, &before, &settings);
        assert_eq!(group, expected, "{arn}");
    }
}

#[test]
fn versions_are_read_only_of_a_changed_policy() {
    let settings = with_spare();
    let check = guard(EDITED);
    let unread = PolicySeen::There { in_force: version("v2", OTHER), versions: Vec::new() };
    let mut before = seen(&check, &settings, POLICY, &unread);
    assert_eq!(before.wants_versions(&settings, now()), [POLICY]);
    before.add_versions(POLICY, &[version("v1", right()), version("v2", OTHER)]);
    assert_eq!(repairs(&check, &before, &settings), [put(POLICY, "v1")]);
}

#[test]
fn restored_text_is_a_critical_alert_without_a_sweep() {
    let settings = with_spare();
    let check = guard(SET);
    let before = seen(&check, &settings, POLICY, &policy(&[right(), OTHER]));
    let after = whole_quarantine(&check, &settings);
    let plan = check.report(&before, &after, &told(), &settings, now());
    assert_eq!(alerts(&plan), ["policy-restored critical"]);
    assert!(!orders_a_sweep(&plan));
    // The second delivery tells nobody.
    let ledger = told().after(&plan.steps);
    let again = check.report(&after, &after, &ledger, &settings, now());
    assert_eq!((again.reason, again.steps.len()), (Reason::AlreadySaid, 0));
}

#[test]
fn repair_whose_alert_was_lost_is_told_by_the_retry() {
    let settings = with_spare();
    for sample in [EDITED, SET, DETACHED] {
        let check = guard(sample);
        let whole = whole_quarantine(&check, &settings);
        let plan = check.report(&whole, &whole, &told(), &settings, now());
        assert_eq!(alerts(&plan).len(), 1, "{sample}");
    }
}

#[test]
fn version_that_was_only_deleted_is_not_worth_a_word() {
    let settings = with_spare();
    let check = guard("DeletePolicyVersion/console-by-an-admin");
    let whole = whole_quarantine(&check, &settings);
    let plan = check.report(&whole, &whole, &told(), &settings, now());
    assert_eq!((plan.reason, plan.steps.len()), (Reason::QuarantineWhole, 0));
}

#[test]
fn lost_text_is_told_and_a_sweep_ordered() {
    let settings = with_spare();
    for (sample, lost) in [(EDITED, policy(&["{}", OTHER])), (DELETED, PolicySeen::Gone)] {
        let check = guard(sample);
        let before = with_queue(seen(&check, &settings, POLICY, &lost));
        let plan = check.report(&before, &before, &told(), &settings, now());
        assert_eq!(alerts(&plan), ["policy-lost critical"], "{sample}");
        assert!(orders_a_sweep(&plan), "{sample}");
        // Who is to be contained is contained before anybody reads of it.
        assert!(plan.steps.iter().map(Step::effect).is_sorted(), "{sample}");
        // The sweep of the same day does not repeat it, the one of the next day does.
        let ledger = told().after(&plan.steps);
        let sweep = QuarantineCheck::of_sweep(&request());
        let found = seen(&sweep, &settings, POLICY, &lost);
        assert_eq!(sweep.report(&found, &found, &ledger, &settings, now()).reason, Reason::AlreadySaid);
        let tomorrow = now() + SignedDuration::from_hours(24);
        let next_day = SweepRequest { time: tomorrow, id: EventId::new("sweep-next").unwrap(), ..request() };
        let sweep = QuarantineCheck::of_sweep(&next_day);
        let plan = sweep.report(&found, &found, &ledger, &settings, tomorrow);
        assert_eq!(alerts(&plan), ["policy-lost critical"], "{sample}");
        assert!(!orders_a_sweep(&plan));
    }
}

#[test]
fn retry_orders_the_sweep_again() {
    let settings = with_spare();
    let check = guard(DELETED);
    let before = with_queue(seen(&check, &settings, POLICY, &PolicySeen::Gone));
    let plan = check.report(&before, &before, &told(), &settings, now());
    let again = check.report(&before, &before, &told().after(&plan.steps), &settings, now());
    assert_eq!((again.reason, alerts(&again).len()), (Reason::AlreadySaid, 0));
    assert!(orders_a_sweep(&again));
}

#[test]
fn lost_spare_alone_frees_nobody() {
    let settings = with_spare();
    let check = QuarantineCheck::of_sweep(&request());
    let before = seen(&check, &settings, &spare(), &PolicySeen::Gone);
    let plan = check.report(&before, &before, &told(), &settings, now());
    assert_eq!(alerts(&plan), ["policy-lost warning"]);
    let (held, findings) = effective(&settings, &before, now());
    assert_eq!((held.quarantine.full.policy.as_str(), findings), (POLICY, Vec::new()));
}

#[test]
fn users_go_under_the_spare_of_a_lost_policy_and_back() {
    let settings = with_spare();
    let check = QuarantineCheck::of_sweep(&request());
    for lost in [policy(&["{}", OTHER]), PolicySeen::Gone] {
        let before = seen(&check, &settings, POLICY, &lost);
        let (held, findings) = effective(&settings, &before, now());
        assert_eq!(held.quarantine.full.policy, spare());
        assert_eq!(held.quarantine.former, [POLICY]);
        assert_eq!(findings, [AccountFinding::SpareInForce(POLICY.to_owned())]);
    }
    let (back, findings) = effective(&settings, &whole_quarantine(&check, &settings), now());
    assert_eq!((back.quarantine.full.policy.as_str(), findings), (POLICY, Vec::new()));
    assert_eq!(back.quarantine.former, [spare()]);
}

#[test]
fn nothing_sound_is_said_as_it_is() {
    for settings in [with_spare(), settings_with(&[])] {
        let check = QuarantineCheck::of_sweep(&request());
        let mut before = whole_quarantine(&check, &settings);
        for (_, state) in &mut before.policies {
            *state = PolicySeen::Gone;
        }
        let (held, findings) = effective(&settings, &before, now());
        assert_eq!(held.quarantine.full.policy, POLICY);
        assert_eq!(findings, [AccountFinding::QuarantineStopsNothing(POLICY.to_owned())]);
        let plan = check.report(&before, &before, &told(), &settings, now());
        assert_eq!(alerts(&plan), ["policy-lost critical"]);
    }
}

#[test]
fn refused_repair_is_told_as_lost() {
    let settings = with_spare();
    let check = guard(SET);
    let before = seen(&check, &settings, POLICY, &policy(&[right(), OTHER]));
    let plan = check.report(&before, &before, &told(), &settings, now());
    assert_eq!(alerts(&plan), ["policy-lost critical"]);
    assert_eq!(effective(&settings, &before, now()).0.quarantine.full.policy, spare());
}

#[test]
fn what_cannot_be_read_is_a_finding_and_changes_nothing() {
    let settings = with_spare();
    let check = QuarantineCheck::of_sweep(&request());
    let before = seen(&check, &settings, POLICY, &PolicySeen::Unknown("denied".to_owned()));
    assert_eq!(before.text(POLICY, &settings, now()), Text::Unknown);
    let (held, findings) = effective(&settings, &before, now());
    assert_eq!(held.quarantine, settings.quarantine);
    let error = "denied".to_owned();
    assert_eq!(findings, [AccountFinding::PolicyUnknown { policy: POLICY.to_owned(), error }]);
}

fn stack(status: &str, output: &str) -> StackState {
    let outputs = [(OUTPUT.to_owned(), output.to_owned())].into_iter().collect();
    StackState { status: status.to_owned(), changed: Some(now()), outputs }
}

#[test]
fn stack_in_progress_is_waited_for() {
    let settings = with_spare();
    let check = guard(EDITED);
    let mut before = seen(&check, &settings, POLICY, &policy(&[right(), OTHER]));
    before.stack = Some(stack("UPDATE_IN_PROGRESS", ""));
    assert_eq!(repairs(&check, &before, &settings), []);
    let event_time = event_of(EDITED).source.time;
    let fresh = check.report(&before, &before, &told(), &settings, event_time);
    assert_eq!((fresh.reason, fresh.reason.is_transient()), (Reason::StackInProgress, true));
    let later = event_time + SignedDuration::from_mins(3);
    let late = check.report(&before, &before, &told(), &settings, later);
    assert_eq!((late.reason, late.reason.is_transient()), (Reason::StackStillInProgress, false));
    // A sweep leaves everything as it is as well, and the digest says so.
    let (held, findings) = effective(&settings, &before, now());
    assert_eq!(held.quarantine, settings.quarantine);
    assert_eq!(findings, [AccountFinding::StackInProgress(POLICY.to_owned())]);
}

#[test]
fn group_is_left_alone_while_the_stack_is_deleted() {
    let settings = with_spare();
    let check = guard(DETACHED);
    let mut before = whole_quarantine(&check, &settings);
    before.groups = vec![(GROUP.to_owned(), GroupSeen::Policies(Vec::new()))];
    before.stack = Some(stack("DELETE_IN_PROGRESS", ""));
    assert_eq!(repairs(&check, &before, &settings), []);
    let time = event_of(DETACHED).source.time;
    assert_eq!(check.report(&before, &before, &told(), &settings, time).reason, Reason::StackInProgress);
}

#[test]
fn text_of_a_newer_stack_is_not_set_back() {
    let settings = with_spare();
    let check = guard(EDITED);
    let output = format!("console={}", fingerprint(OTHER).unwrap());
    let mut upgraded = seen(&check, &settings, POLICY, &policy(&[right(), OTHER]));
    upgraded = seen_spare(upgraded, OTHER);
    upgraded.stack = Some(stack("UPDATE_COMPLETE", &output));
    assert_eq!(repairs(&check, &upgraded, &settings), []);
    // And after the rollback the old text is right again.
    upgraded.stack = Some(stack("UPDATE_ROLLBACK_COMPLETE", ""));
    let repaired = repairs(&check, &upgraded, &settings);
    assert_eq!(repaired, [put(POLICY, "v1"), put(&spare(), "v1")]);
}

fn seen_spare(mut seen: QuarantineSeen, document: &str) -> QuarantineSeen {
    for (known, state) in &mut seen.policies {
        if *known == spare() {
            *state = policy(&[right(), document]);
        }
    }
    seen
}

#[test]
fn own_change_by_the_stack_is_not_told() {
    let settings = with_spare();
    let mut event = event_of(SET);
    event.actor.via = Via::Service;
    let check = QuarantineCheck::of_event(&event);
    let whole = whole_quarantine(&check, &settings);
    let plan = check.report(&whole, &whole, &told(), &settings, now());
    assert_eq!((plan.reason, plan.steps.len()), (Reason::QuarantineWhole, 0));
}

#[test]
fn right_text_put_back_by_hand_is_not_told() {
    let settings = with_spare();
    let mut event = event_of(EDITED);
    if let Trigger::PolicyVersionCreated(new) = &mut event.trigger {
        new.document = Some(right().to_owned());
    }
    let check = QuarantineCheck::of_event(&event);
    let whole = whole_quarantine(&check, &settings);
    assert_eq!(check.report(&whole, &whole, &told(), &settings, now()).reason, Reason::QuarantineWhole);
}

#[test]
fn group_gets_its_policy_back() {
    let settings = with_spare();
    for check in [guard(DETACHED), QuarantineCheck::of_sweep(&request())] {
        let mut before = whole_quarantine(&check, &settings);
        before.groups = vec![(GROUP.to_owned(), GroupSeen::Policies(vec!["arn:other".to_owned()]))];
        let attach = Repair::AttachToGroup { group: GROUP.to_owned(), policy: POLICY.to_owned() };
        assert_eq!(repairs(&check, &before, &settings), [attach]);
        let after = whole_quarantine(&check, &settings);
        let plan = check.report(&before, &after, &told(), &settings, now());
        assert_eq!(alerts(&plan), ["group-restored critical"]);
        let refused = check.report(&before, &before, &told(), &settings, now());
        assert_eq!(alerts(&refused), ["group-lost critical"]);
        let (held, findings) = effective(&settings, &before, now());
        assert_eq!(held.quarantine.full.group, None);
        assert_eq!(findings, [AccountFinding::GroupWithoutPolicy(GROUP.to_owned())]);
    }
}

#[test]
fn group_of_a_lost_text_gets_the_spare() {
    let settings = with_spare();
    let check = guard(EDITED);
    let mut before = seen(&check, &settings, POLICY, &policy(&["{}", OTHER]));
    before.groups = vec![(GROUP.to_owned(), GroupSeen::Policies(vec![POLICY.to_owned()]))];
    let attach = Repair::AttachToGroup { group: GROUP.to_owned(), policy: spare() };
    assert_eq!(repairs(&check, &before, &settings), [attach]);
    // Until it has it, its members do not count as contained; with it, they do.
    assert_eq!(effective(&settings, &before, now()).0.quarantine.full.group, None);
    before.groups = vec![(GROUP.to_owned(), GroupSeen::Policies(vec![POLICY.to_owned(), spare()]))];
    assert_eq!(effective(&settings, &before, now()).0.quarantine.full.group.as_deref(), Some(GROUP));
    assert_eq!(repairs(&check, &before, &settings), []);
}

#[rstest]
#[case(RENAMED, "group-renamed")]
#[case("DeleteGroup/console-by-an-admin", "group-gone")]
fn group_that_is_gone_is_told_and_a_sweep_ordered(#[case] sample: &str, #[case] reason: &str) {
    let settings = with_spare();
    let check = guard(sample);
    let mut before = whole_quarantine(&check, &settings);
    before.groups = vec![(GROUP.to_owned(), GroupSeen::Gone)];
    before = with_queue(before);
    assert_eq!(repairs(&check, &before, &settings), []);
    let plan = check.report(&before, &before, &told(), &settings, now());
    assert_eq!(alerts(&plan), ["group-lost critical"]);
    assert!(orders_a_sweep(&plan));
    let Some(Step::Notify(notice)) = plan.steps.get(1) else { panic!("no alert") };
    let Notice::Alert(alert) = notice.as_ref() else { panic!("not an alert") };
    let text = for_alert(alert).message;
    assert!(text.contains(reason), "{text}");
}

#[test]
fn policy_that_is_not_in_force_is_left_alone() {
    let former = "arn:aws:iam::123456789012:policy/mfa-enforcer-quarantine-everything";
    let settings = settings_with(&[("QUARANTINE_POLICY_ARN", &format!("{former},{POLICY}"))]);
    let check = guard(EDITED);
    assert_eq!(check.policies(&settings), [] as [String; 0]);
    let nothing = QuarantineSeen::default();
    assert_eq!(check.report(&nothing, &nothing, &told(), &settings, now()).reason, Reason::NotInForce);
}

#[test]
fn strict_policy_is_checked_only_under_approval() {
    let strict = "arn:aws:iam::123456789012:policy/mfa-enforcer-quarantine-strict-console";
    for (release, expected) in [("automatic", vec![POLICY]), ("approval", vec![POLICY, strict])] {
        let settings = settings_with(&[("RELEASE", release), ("STRICT_POLICY_ARN", strict)]);
        assert_eq!(QuarantineCheck::of_sweep(&request()).policies(&settings), expected);
    }
}

#[test]
fn observe_mode_changes_nothing_and_notify_repairs() {
    for (mode, steps) in [("observe", 0), ("notify", 1), ("enforce", 1)] {
        let settings = settings_with(&[("MODE", mode), ("SPARE_POLICY_ARN", &spare())]);
        let check = guard(SET);
        let before = seen(&check, &settings, POLICY, &policy(&[right(), OTHER]));
        let plan = check.repairs(&before, &settings, now());
        assert_eq!((plan.steps.len(), plan.withheld.len()), (steps, 1 - steps), "{mode}");
        let report = check.report(&before, &before, &told(), &settings, now());
        assert_eq!(report.steps.is_empty(), mode == "observe", "{mode}");
    }
}

#[test]
fn events_of_one_loss_tell_it_once() {
    let settings = with_spare();
    let mut ledger = told();
    let mut alerts_so_far = 0;
    for sample in [DETACHED, "DeletePolicyVersion/console-by-an-admin", DELETED] {
        let check = guard(sample);
        let before = seen(&check, &settings, POLICY, &PolicySeen::Gone);
        let plan = check.report(&before, &before, &ledger, &settings, now());
        alerts_so_far += alerts(&plan).len();
        ledger = ledger.after(&plan.steps);
    }
    assert_eq!(alerts_so_far, 1);
}
