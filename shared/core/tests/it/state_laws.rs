//! A critical state is told once a day until it is no longer so; an event is told once.

use crate::notice_fixtures::every_notice;
use crate::quarantine_check_fixtures::{OTHER, policy, with_spare};
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::decide::{self, QuarantineCheck, sweep_root, sweep_user};
use mfa_enforcer_core::digest::{AccountFinding, LAST_SWEEP_KEY};
use mfa_enforcer_core::event::{EventId, SweepKind, SweepRequest};
use mfa_enforcer_core::facts::{RootLedger, UserFacts};
use mfa_enforcer_core::notice::{Nature, Notice, Reach, Severity};
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::snapshot::RootMfa;
use mfa_enforcer_core::sweep::no_digest;
use mfa_enforcer_core::tags::UserTag;
use mfa_enforcer_core::trail::Trails;
use mfa_enforcer_testing::fixtures::{
    GROUP, POLICY, by_administrator, compliant, contained, decide, event_of, now, overdue, request, settings,
    settings_with, warned, whole_quarantine,
};
use mfa_enforcer_testing::plans::{after, for_admins};
use rstest::rstest;
use std::collections::{BTreeMap, BTreeSet};

const CONSOLE: &str = "arn:aws:iam::123456789012:policy/console";

/// Two sweeps a day on three days.
fn sweeps(kind: SweepKind) -> impl Iterator<Item = (SweepRequest, Timestamp)> {
    [0, 5, 24, 29, 48, 53].into_iter().map(move |hours| {
        let time = now() + SignedDuration::from_hours(hours);
        let id = EventId::new(&format!("sweep-{}", time.as_second())).unwrap();
        (SweepRequest { kind, id, time }, time)
    })
}

fn alerts(steps: &[Step]) -> Vec<&'static str> {
    let kind = |step: &Step| match step {
        Step::Notify(notice) if matches!(notice.as_ref(), Notice::Alert(_)) => Some(notice.kind().code()),
        _ => None,
    };
    steps.iter().filter_map(kind).collect()
}

/// How many alerts each sweep sends if IAM refuses what it does about the user.
fn of_user(user: &UserFacts, settings: &Settings, no_room: bool) -> Vec<Vec<&'static str>> {
    let mut user = user.clone();
    let told = sweeps(SweepKind::Hourly).map(|(request, time)| {
        let plan: Plan = sweep_user(&request, &user, settings, time);
        let refused = match plan.no_room {
            Some(no_room_left) if no_room => no_room_left.alert,
            _ => plan.if_refused,
        };
        let all = [plan.steps, refused].concat();
        // Nothing of the quarantine itself changes.
        let alerted: Vec<Step> =
            all.iter().filter(|step| step.to_string().contains(UserTag::Alerted.key())).cloned().collect();
        user = after(&user, &alerted);
        alerts(&all)
    });
    told.collect()
}

/// How many alerts each sweep sends about the account or root.
fn of_account(plan: impl Fn(&SweepRequest, &RootLedger, Timestamp) -> Plan) -> Vec<Vec<&'static str>> {
    let mut ledger = RootLedger::Told(Vec::new());
    let told = sweeps(SweepKind::Daily).map(|(request, time)| {
        let plan = plan(&request, &ledger, time);
        ledger = std::mem::take(&mut ledger).after(&plan.steps);
        alerts(&plan.steps)
    });
    told.collect()
}

fn daily(kind: &'static str) -> Vec<Vec<&'static str>> {
    vec![vec![kind], vec![], vec![kind], vec![], vec![kind], vec![]]
}

#[test]
fn states_of_users_are_told_once_a_day() {
    let enforcing = settings();
    assert_eq!(of_user(&warned(), &enforcing, false), daily("containment-failed"));
    let with_group = settings_with(&[("QUARANTINE_GROUP_NAME", GROUP)]);
    assert_eq!(of_user(&warned(), &with_group, true), daily("containment-failed"));
    let at_once = settings_with(&[("RELEASE_AFTER", "0s")]);
    assert_eq!(of_user(&contained(compliant()), &at_once, false), daily("release-failed"));
    // There is no room for the smaller quarantine beside the other one.
    let mut full = contained(compliant());
    full.attached_policies.extend((1..10).map(|n| format!("arn:aws:iam::123456789012:policy/p{n}")));
    full.devices[0].enabled = now() + SignedDuration::from_hours(60);
    let everything = settings_with(&[("QUARANTINE_SCOPE", "everything"), ("CONSOLE_POLICY_ARN", CONSOLE)]);
    assert_eq!(of_user(&full, &everything, false), daily("fallback-failed"));
}

#[test]
fn states_of_root_and_account_are_told_once_a_day() {
    let settings = settings();
    let root = |request: &SweepRequest, ledger: &RootLedger, _| {
        sweep_root(request, RootMfa::Missing, ledger, &settings)
    };
    assert_eq!(of_account(root), daily("root-alert"));
    let trail = |request: &SweepRequest, ledger: &RootLedger, _| {
        decide::no_trail(request, &Trails::Nowhere, ledger, &settings)
    };
    assert_eq!(of_account(trail), daily("no-trail"));
    let held = |request: &SweepRequest, ledger: &RootLedger, _| {
        decide::quarantines_held(request, vec!["alice".to_owned()], ledger, &settings)
    };
    assert_eq!(of_account(held), daily("quarantines-held"));
}

#[test]
fn lost_text_is_told_once_a_day() {
    let settings = with_spare();
    let told = of_account(|request, ledger, time| {
        let check = QuarantineCheck::of_sweep(request);
        let mut seen = whole_quarantine(&check, &settings);
        seen.policies.retain(|(arn, _)| arn != POLICY);
        seen.policies.push((POLICY.to_owned(), policy(&[OTHER])));
        check.report(&seen, &seen, ledger, &settings, time)
    });
    assert_eq!(told, daily("policy-lost"));
}

#[test]
fn account_that_cannot_be_read_is_told_once_a_day() {
    let mut topic = BTreeMap::new();
    let told: Vec<bool> = sweeps(SweepKind::Daily)
        .map(|(request, time)| {
            let Some((_, _, (key, value))) = no_digest(&request, "failed", Some(&topic), &settings(), time)
            else {
                return false;
            };
            topic.insert(key.to_owned(), value);
            true
        })
        .collect();
    assert_eq!(told, [true, false].repeat(3));
}

/// Only the note that such an alert leaves keeps the next one back, and not for a whole day.
#[rstest]
#[case::told("owed=both", "2026-11-24T08:05:00Z", false)]
#[case::told_the_day_before("owed=both", "2026-11-23T13:05:00Z", true)]
#[case::told_a_second_later("owed=both", "2026-11-23T13:05:01Z", false)]
#[case::told_in_the_future("owed=both", "2026-11-24T09:05:01Z", true)]
#[case::only_the_digest_was_not_sent("owed=yes", "2026-11-24T08:05:00Z", true)]
#[case::only_the_sweep_was_not_finished("owed=sweep", "2026-11-24T08:05:00Z", true)]
#[case::nothing_was_owed("digest=2026-11-24T08:05:00Z", "2026-11-24T08:05:00Z", true)]
fn account_that_cannot_be_read_is_told_unless_it_was(
    #[case] owed: &str,
    #[case] swept: &str,
    #[case] tells: bool,
) {
    let topic = BTreeMap::from([(LAST_SWEEP_KEY.to_owned(), format!("{swept} {owed}"))]);
    let told = no_digest(&request(), "failed", Some(&topic), &settings(), now());
    assert_eq!(told.is_some(), tells);
}

#[test]
fn state_that_is_over_is_told_no_more() {
    let told = RootLedger::Told(Vec::new());
    assert!(sweep_root(&request(), RootMfa::NonVirtualOnly, &told, &settings()).steps.is_empty());
    assert!(decide::no_trail(&request(), &Trails::EveryRegion, &told, &settings()).steps.is_empty());
    assert!(decide::quarantines_held(&request(), Vec::new(), &told, &settings()).steps.is_empty());
}

#[rstest]
#[case("EnableMFADevice")]
#[case("DetachUserPolicy")]
fn event_is_told_once(#[case] name: &str) {
    let happened = event_of(&by_administrator(name));
    let user = if name == "EnableMFADevice" { compliant() } else { contained(overdue()) };
    let first = decide(&happened, &user, &settings(), now());
    assert_eq!(alerts(&first.steps).len(), 1);
    for hours in [0, 1, 25] {
        let later = now() + SignedDuration::from_hours(hours);
        let again = decide(&happened, &after(&user, &first.steps), &settings(), later);
        assert_eq!(alerts(&again.steps), Vec::<&str>::new(), "{hours} hours later");
    }
}

#[test]
fn every_critical_state_says_that_it_is_repeated() {
    let mut states = BTreeSet::new();
    for (kind, notice) in every_notice() {
        let Notice::Alert(alert) = &notice else { continue };
        let mail = for_admins(&notice, Reach::NobodyToTell).unwrap().message;
        let is_state = alert.subject.nature() == Nature::State;
        assert_eq!(mail.contains("Repeats:  once a day"), is_state, "{kind}");
        if is_state && alert.subject.severity() == Severity::Critical {
            states.insert(notice.kind().code());
        }
    }
    let known = [
        "containment-failed",
        "fallback-failed",
        "group-lost",
        "no-digest",
        "no-trail",
        "policy-lost",
        "quarantines-held",
        "root-alert",
    ];
    assert_eq!(states, BTreeSet::from(known));
}

#[test]
fn critical_finding_has_a_digest_every_day() {
    // Whatever `DIGEST` says, a failure is worth a digest of its own.
    for finding in [
        AccountFinding::NoTrail,
        AccountFinding::GroupWithoutPolicy(GROUP.to_owned()),
        AccountFinding::SpareInForce(POLICY.to_owned()),
        AccountFinding::QuarantineStopsNothing(POLICY.to_owned()),
        AccountFinding::GroupGone(GROUP.to_owned()),
    ] {
        assert!(finding.is_critical() && finding.is_failure(), "{finding}");
    }
}

#[test]
fn every_critical_kind_is_a_state_or_an_event() {
    let mut found = BTreeMap::new();
    for (kind, notice) in every_notice() {
        let Notice::Alert(alert) = &notice else { continue };
        if alert.subject.severity() == Severity::Critical {
            let nature = found.entry((notice.kind().code(), alert.subject.nature() == Nature::State));
            nature.or_insert(kind);
        }
    }
    // Whether it is repeated daily until it is no longer so. Of root, both are told: that it signed in, and that it has no
    // MFA. That nobody gets the alerts is an alarm, because no alert would arrive.
    let known = [
        ("break-glass-sign-in", false),
        ("containment-failed", true),
        ("enforcer-changed", false),
        ("enrolment-alert", false),
        ("exempted", false),
        ("fallback-failed", true),
        ("group-lost", true),
        ("group-restored", false),
        ("keeps-being-undone", false),
        ("no-digest", true),
        ("no-trail", true),
        ("own-approval", false),
        ("policy-lost", true),
        ("policy-restored", false),
        ("quarantine-undone", false),
        ("quarantines-held", false),
        ("quarantines-held", true),
        ("records-changed", false),
        ("root-alert", false),
        ("root-alert", true),
        ("self-exempted", false),
    ];
    assert_eq!(found.into_keys().collect::<Vec<_>>(), known);
}
