//! The groups of the quarantine, and what the stack itself changes.

use crate::quarantine_check_fixtures::{
    DETACHED, EDITED, OTHER, RENAMED, SET, alerts, event_of, guard, orders_a_sweep, policy, put, repairs,
    right, seen, seen_spare, spare, stack, told, with_queue, with_spare,
};
use crate::release_cases::everything;
use jiff::SignedDuration;
use mfa_enforcer_core::decide::QuarantineCheck;
use mfa_enforcer_core::digest::AccountFinding;
use mfa_enforcer_core::event::{Trigger, Via};
use mfa_enforcer_core::facts::RootLedger;
use mfa_enforcer_core::notice::{Notice, for_alert};
use mfa_enforcer_core::plan::Step;
use mfa_enforcer_core::policy_text::fingerprint;
use mfa_enforcer_core::quarantine_look::GroupSeen;
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::repair::Repair;
use mfa_enforcer_core::sweep::effective;
use mfa_enforcer_core::tags::parse_root_events;
use mfa_enforcer_testing::fixtures::{GROUP, POLICY, now, request, whole_quarantine};
use rstest::rstest;

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
fn groups_are_told_of_one_by_one() {
    let settings = everything();
    let check = QuarantineCheck::of_sweep(&request());
    let lost = |names: &[&str]| {
        let mut seen = whole_quarantine(&check, &settings);
        for (group, policies) in &mut seen.groups {
            if names.contains(&group.as_str()) {
                *policies = GroupSeen::Policies(Vec::new());
            }
        }
        seen
    };
    let groups = check.groups(&settings);
    let [one, other] = [groups[0].as_str(), groups[1].as_str()];
    let first = check.report(&lost(&[one]), &lost(&[one]), &told(), &settings, now());
    let Some(Step::RecordRootAlert(value)) = first.steps.last() else { panic!("not recorded") };
    let known = RootLedger::Told(parse_root_events(value));
    assert_eq!(alerts(&check.report(&lost(&[one]), &lost(&[one]), &known, &settings, now())), [""; 0]);
    let both = lost(&[one, other]);
    assert_eq!(alerts(&check.report(&both, &both, &known, &settings, now())), ["group-lost critical"]);
}

#[test]
fn event_about_one_group_is_about_no_other() {
    let detached = guard(DETACHED);
    assert_eq!(detached.groups(&everything()), [GROUP]);
}

#[test]
fn whole_quarantine_is_told_as_such_during_an_update() {
    let settings = with_spare();
    let check = guard(EDITED);
    let mut whole = whole_quarantine(&check, &settings);
    whole.stack = Some(stack("UPDATE_IN_PROGRESS", ""));
    let event_time = event_of(EDITED).source.time;
    let plan = check.report(&whole, &whole, &told(), &settings, event_time);
    assert!(!plan.reason.is_transient(), "{}", plan.reason);
}
