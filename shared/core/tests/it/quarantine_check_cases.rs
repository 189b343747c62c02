//! The quarantine itself: texts of policies, versions, spares, groups, and the stack in progress.

use crate::quarantine_check_fixtures::{
    DELETED, DETACHED, EDITED, OTHER, SET, alerts, guard, orders_a_sweep, policy, put, repairs, right, seen,
    spare, stack, told, version, with_queue, with_spare,
};
use jiff::SignedDuration;
use mfa_enforcer_core::decide::QuarantineCheck;
use mfa_enforcer_core::digest::AccountFinding;
use mfa_enforcer_core::event::{EventId, SweepRequest};
use mfa_enforcer_core::facts::RootLedger;
use mfa_enforcer_core::notice::{AccountAlert, AlertSubject, Notice, QuarantineAlert, Rest};
use mfa_enforcer_core::plan::Step;
use mfa_enforcer_core::quarantine_look::{GroupSeen, PolicySeen, QuarantineSeen, Text};
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::repair::Repair;
use mfa_enforcer_core::sweep::effective;
use mfa_enforcer_testing::fixtures::{POLICY, now, request, settings_with, whole_quarantine};
use rstest::rstest;

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
fn repair_of_a_sweep_is_told_by_a_later_one() {
    let settings = with_spare();
    let check = QuarantineCheck::of_sweep(&request());
    let whole = whole_quarantine(&check, &settings);
    let mut emptied = whole.clone();
    for (_, group) in &mut emptied.groups {
        *group = GroupSeen::Policies(Vec::new());
    }
    let edited = seen(&check, &settings, POLICY, &policy(&[right(), OTHER]));
    for (before, alert) in [(edited, "policy-restored critical"), (emptied, "group-restored critical")] {
        let repairs = check.repairs(&before, &told(), &settings, now());
        // The message failed, and with it the note that it was sent.
        let ledger = told().after(&repairs.steps);
        let later = SweepRequest { id: EventId::new("sweep-20261124T1000").unwrap(), ..request() };
        let later = QuarantineCheck::of_sweep(&later);
        let plan = later.report(&whole, &whole, &ledger, &settings, now());
        assert_eq!(alerts(&plan), [alert]);
        let ledger = ledger.after(&plan.steps);
        let plan = later.report(&whole, &whole, &ledger, &settings, now());
        assert_eq!((plan.reason, plan.steps.len()), (Reason::QuarantineWhole, 0), "told once");
        // Whoever puts it right after a repair that failed is not called a repair of ours.
        let ledger = told().after(&check.repairs(&before, &told(), &settings, now()).steps);
        let broken = check.report(&before, &before, &ledger, &settings, now());
        let ledger = ledger.after(&broken.steps);
        let again = ledger.clone().after(&check.repairs(&before, &ledger, &settings, now()).steps);
        let again = again.clone().after(&check.report(&before, &before, &again, &settings, now()).steps);
        assert_eq!(again, ledger);
        assert_eq!(check.report(&whole, &whole, &ledger, &settings, now()).reason, Reason::QuarantineWhole);
    }
}

#[test]
fn repair_is_noted_only_where_the_ledger_is_known() {
    let settings = with_spare();
    let check = QuarantineCheck::of_sweep(&request());
    let before = seen(&check, &settings, POLICY, &policy(&[right(), OTHER]));
    let count =
        |check: &QuarantineCheck, ledger| check.repairs(&before, &ledger, &settings, now()).steps.len();
    assert_eq!(count(&check, RootLedger::Unreadable), 1);
    assert_eq!(count(&check, told()), 2);
    // An event is delivered again.
    assert_eq!(count(&guard(EDITED), told()), 1);
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
        let plan = check.repairs(&before, &told(), &settings, now());
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

#[rstest]
#[case(EDITED)]
#[case(SET)]
#[case(DETACHED)]
fn what_is_unknown_is_not_called_restored(#[case] sample: &str) {
    let settings = with_spare();
    let check = guard(sample);
    let mut unknown = whole_quarantine(&check, &settings);
    let error = || "iam:GetPolicy: Throttling".to_owned();
    unknown.policies.iter_mut().for_each(|(_, seen)| *seen = PolicySeen::Unknown(error()));
    unknown.groups.iter_mut().for_each(|(_, seen)| *seen = GroupSeen::Unknown(error()));
    let plan = check.report(&unknown, &unknown, &told(), &settings, now());
    assert_eq!(alerts(&plan), [""; 0], "{sample}");
    let whole = whole_quarantine(&check, &settings);
    assert_eq!(alerts(&check.report(&unknown, &whole, &told(), &settings, now())).len(), 1, "{sample}");
}

#[test]
fn repair_by_a_retry_is_told_too() {
    let settings = with_spare();
    let check = guard(EDITED);
    let lost = seen(&check, &settings, POLICY, &policy(&[right(), "{}"]));
    let plan = check.report(&lost, &lost, &told(), &settings, now());
    assert_eq!(alerts(&plan), ["policy-lost critical"]);
    let (ledger, whole) = (told().after(&plan.steps), whole_quarantine(&check, &settings));
    let plan = check.report(&lost, &whole, &ledger, &settings, now());
    assert_eq!(alerts(&plan), ["policy-restored critical"]);
    let again = check.report(&whole, &whole, &ledger.after(&plan.steps), &settings, now());
    assert_eq!(again.reason, Reason::AlreadySaid);
}

#[test]
fn only_what_is_lost_by_an_event_orders_a_sweep() {
    let settings = with_spare();
    let lost = |check: &QuarantineCheck| {
        let lost = with_queue(seen(check, &settings, POLICY, &policy(&[OTHER])));
        check.report(&lost, &lost, &told(), &settings, now())
    };
    assert!(orders_a_sweep(&lost(&guard(EDITED))));
    assert!(!orders_a_sweep(&lost(&QuarantineCheck::of_sweep(&request()))), "it is one");
    let check = guard(SET);
    let before = seen(&check, &settings, POLICY, &policy(&[right(), OTHER]));
    let whole = with_queue(whole_quarantine(&check, &settings));
    assert!(!orders_a_sweep(&check.report(&before, &whole, &told(), &settings, now())), "it is put right");
}

#[test]
fn alert_about_a_lost_text_says_what_is_left() {
    let settings = with_spare();
    let check = guard(EDITED);
    let lost = seen(&check, &settings, POLICY, &policy(&[OTHER]));
    let mut both = lost.clone();
    for (arn, state) in &mut both.policies {
        if *arn == spare() {
            *state = policy(&[OTHER]);
        }
    }
    let rests = [lost, both].map(|seen| {
        let plan = check.report(&seen, &seen, &told(), &settings, now());
        let rest = |step: &Step| match step {
            Step::Notify(notice) => match notice.as_ref() {
                Notice::Alert(alert) => match &alert.subject {
                    AlertSubject::Account(AccountAlert::Quarantine(lost)) => Some(lost.clone()),
                    _ => None,
                },
                Notice::User(_) => None,
            },
            _ => None,
        };
        let told: Vec<QuarantineAlert> = plan.steps.iter().filter_map(rest).collect();
        let [QuarantineAlert::PolicyLost { rest, .. }] = told[..] else { panic!("{told:?}") };
        rest
    });
    assert_eq!(rests, [Rest::Spare, Rest::Nothing]);
}

#[test]
fn version_ten_is_newer_than_version_nine() {
    let settings = with_spare();
    let check = guard(EDITED);
    let versions = vec![version("v9", right()), version("v10", right()), version("v11", OTHER)];
    let changed = PolicySeen::There { in_force: version("v11", OTHER), versions };
    let before = seen(&check, &settings, POLICY, &changed);
    assert_eq!(repairs(&check, &before, &settings), [put(POLICY, "v10")]);
}

#[test]
fn policy_that_is_gone_during_an_update_may_come_back() {
    let settings = with_spare();
    let check = guard(DELETED);
    let mut gone = seen(&check, &settings, POLICY, &PolicySeen::Gone);
    assert_eq!(gone.text(POLICY, &settings, now()), Text::Gone);
    gone.stack = Some(stack("UPDATE_IN_PROGRESS", ""));
    assert_eq!(gone.text(POLICY, &settings, now()), Text::Unknown);
    assert!(gone.is_unsettled(POLICY, now()) && !gone.is_unsettled("arn:other", now()));
    gone.stack = None;
    assert!(!gone.is_unsettled(POLICY, now()));
}

#[test]
fn version_in_force_is_that_of_the_same_policy() {
    let settings = with_spare();
    let check = QuarantineCheck::of_sweep(&request());
    let spares = PolicySeen::There { in_force: version("v3", right()), versions: Vec::new() };
    let seen = seen(&check, &settings, &spare(), &spares);
    assert_eq!((seen.in_force(POLICY), seen.in_force(&spare())), (Some("v1"), Some("v3")));
}
