//! How many quarantines may begin in an hour in an organization, and who does not wait.

use crate::exemption_fixtures::{VALUE, Who, exempting, looked_up, swept};
use crate::organization_hub_cases::{hub_with, settings_of};
use jiff::SignedDuration;
use mfa_enforcer_core::decide::quarantines_held;
use mfa_enforcer_core::digest::ChangeKind;
use mfa_enforcer_core::effect::Effect;
use mfa_enforcer_core::event::SweepKind;
use mfa_enforcer_core::facts::{RootLedger, UserFacts};
use mfa_enforcer_core::notice::{AccountAlert, AlertSubject, Notice, Reach};
use mfa_enforcer_core::organization::{Admission, Holder, Slot};
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::posture::Finding;
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::settings::{HourlyLimits, LimitOf, Settings};
use mfa_enforcer_core::sweep::user_change;
use mfa_enforcer_core::tags::{self, Cause, EXEMPT_UNTIL_KEY, UserTag};
use mfa_enforcer_testing::fixtures::{
    compliant, contained, decide, decided, event, in_grace, now, occasion, overdue, request, settings,
    warned, with_tag,
};
use mfa_enforcer_testing::plans::{for_admins, notices, summary};
use rstest::rstest;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::LazyLock;

static SETTINGS: LazyLock<Settings> = LazyLock::new(settings);

/// Settings of an account of a hub, with this limit in the account and this one everywhere.
pub(crate) fn limited(account: usize, everywhere: usize) -> Settings {
    let limits = HourlyLimits::of(Some(account), Some(everywhere));
    Settings { hourly_limits: Some(limits), ..SETTINGS.clone() }
}

/// The objects of the hub's bucket.
pub(crate) type Store = BTreeMap<String, Vec<u8>>;

/// What a conditional write answers.
pub(crate) fn write(store: &mut Store, slot: Slot) -> Holder {
    if let Some(bytes) = store.get(&slot.key) {
        return Holder::Before(bytes.clone());
    }
    store.insert(slot.key, slot.bytes);
    Holder::Taken
}

/// The way of one plan, with what the administrators were told, and how many calls it took.
fn admit(
    plan: Plan,
    (user, name): (&UserFacts, &str),
    settings: &Settings,
    store: &mut Store,
    told: &RootLedger,
) -> (Plan, usize) {
    let occasion = occasion(name);
    let Some(mut admission) = Admission::of(&plan, &occasion, user, settings, now()) else {
        return (plan, 0);
    };
    let mut calls = 0;
    while let Some(slot) = admission.next_slot() {
        admission.record(&write(store, slot));
        calls += 1;
    }
    (admission.admitted(plan, &occasion, told, settings), calls)
}

fn nothing_told() -> RootLedger {
    RootLedger::Told(Vec::new())
}

fn signed_in(user: &UserFacts, settings: &Settings, store: &mut Store) -> (Plan, usize) {
    let plan = decide(&event("ConsoleLogin"), &overdue(), settings, now());
    admit(plan, (user, "ConsoleLogin"), settings, store, &nothing_told())
}

/// One of many users whom the same event could be about.
fn user(number: usize) -> UserFacts {
    UserFacts { id: format!("AIDAEXAMPLE{number:03}"), ..overdue() }
}

fn alert_of(plan: &Plan) -> Option<Notice> {
    let mut notices = plan.steps.iter().filter_map(|step| match step {
        Step::Notify(notice) => Some(notice.as_ref().clone()),
        _ => None,
    });
    notices.next_back().filter(|_| plan.reason.is_limit())
}

/// The message that an hour is used up, with the limits that are usual.
pub(crate) fn used_up(limit_of: LimitOf) -> Notice {
    let mut store = Store::new();
    for account in 0.. {
        let mut settings = limited(25, 25);
        settings.deployment.account = (123_456_789_012_u64 + account).to_string();
        // One account alone reaches its own limit.
        let users = if limit_of == LimitOf::Account { 26 } else { 25 };
        let mut plans = (0..users).map(|number| signed_in(&user(number), &settings, &mut store).0);
        if let Some(alert) = plans.find_map(|plan| alert_of(&plan)) {
            return alert;
        }
    }
    unreachable!("every limit is reached");
}

#[rstest]
#[case::of_the_stack("{mode: enforce}", "", (Some(25), Some(250)))]
#[case::of_all("{mode: enforce, max_quarantines: 7}", "", (Some(7), Some(70)))]
#[case::of_the_account("{mode: enforce, max_quarantines: 7}", "max_quarantines: 3", (Some(3), Some(70)))]
#[case::of_the_account_alone("{mode: enforce}", "max_quarantines: 3", (Some(3), Some(250)))]
#[case::none_in_the_account("{mode: enforce}", "max_quarantines: 0", (None, Some(250)))]
#[case::none_anywhere("{mode: enforce, max_quarantines: 0}", "max_quarantines: 3", (Some(3), None))]
fn limits_are_those_of_the_account_and_of_all(
    #[case] defaults: &str,
    #[case] account: &str,
    #[case] expected: (Option<usize>, Option<usize>),
) {
    let document = format!("defaults: {defaults}\naccounts:\n  222233334444: {{{account}}}\n");
    let hub = hub_with(&[]).unwrap().unwrap();
    let limits = settings_of(&document, &hub).unwrap().hourly_limits.unwrap();
    let number = |limit: Option<NonZeroUsize>| limit.map(NonZeroUsize::get);
    assert_eq!((number(limits.account), number(limits.organization)), expected);
    assert_eq!(
        hub.bare("222233334444").hourly_limits,
        None,
        "nobody is contained before the account is read"
    );
}

#[rstest]
#[case::of_one_account(None, false)]
#[case::none(Some((None, None)), false)]
#[case::of_the_account(Some((Some(25), None)), true)]
#[case::of_all(Some((None, Some(25))), true)]
fn who_waits_for_the_day_may_wait_for_the_hour_too(
    #[case] limits: Option<(Option<usize>, Option<usize>)>,
    #[case] expected: bool,
) {
    let hourly_limits = limits.map(|(account, everywhere)| HourlyLimits::of(account, everywhere));
    let settings = Settings { hourly_limits, ..SETTINGS.clone() };
    let plan = quarantines_held(&request(), vec!["bob".to_owned()], &nothing_told(), &settings);
    let alert = plan.steps.iter().find_map(|step| match step {
        Step::Notify(notice) => Some(for_admins(notice, Reach::NobodyToTell).unwrap().message),
        _ => None,
    });
    assert_eq!(alert.unwrap().contains("only where the quarantines of an hour are used up"), expected);
}

#[test]
fn containment_takes_a_slot_of_the_account_and_one_of_all() {
    let mut store = Store::new();
    let (plan, calls) = signed_in(&user(1), &limited(25, 25), &mut store);
    assert_eq!((plan.reason, calls), (Reason::Contain(Cause::SignIn), 2));
    let keys: Vec<&str> = store.keys().map(|key| key.rsplit_once('/').unwrap().0).collect();
    let hour = "organization/brakes/2026-11-24T09";
    assert_eq!(keys, [format!("{hour}/123456789012"), format!("{hour}/all")]);
    let text = String::from_utf8(store.into_values().next().unwrap()).unwrap();
    let event = event("ConsoleLogin").source.id;
    assert_eq!(
        text,
        format!("{{\"account\":\"123456789012\",\"user\":\"AIDAEXAMPLE001\",\"event\":\"{event}\"}}\n")
    );
}

#[test]
fn deployment_of_one_account_takes_none() {
    let mut store = Store::new();
    let (plan, calls) = signed_in(&user(1), &settings(), &mut store);
    assert_eq!((plan.reason, calls, store.len()), (Reason::Contain(Cause::SignIn), 0, 0));
    let unlimited = Settings { hourly_limits: Some(HourlyLimits::of(Some(0), Some(0))), ..settings() };
    assert_eq!(signed_in(&user(1), &unlimited, &mut store).1, 0, "0 is no limit");
}

#[test]
fn second_delivery_takes_no_second_slot() {
    let (settings, mut store) = (limited(2, 2), Store::new());
    for _ in 0..3 {
        let (plan, _) = signed_in(&user(1), &settings, &mut store);
        assert_eq!((plan.reason, store.len()), (Reason::Contain(Cause::SignIn), 2));
    }
}

#[test]
fn beyond_the_limit_nobody_is_contained_and_one_message_says_so() {
    let (settings, mut store) = (limited(3, 25), Store::new());
    let plans: Vec<Plan> = (0..6).map(|number| signed_in(&user(number), &settings, &mut store).0).collect();
    let contain = Reason::Contain(Cause::SignIn);
    let held = Reason::HourlyLimitReached;
    assert_eq!(
        plans.iter().map(|plan| plan.reason).collect::<Vec<_>>(),
        [contain, contain, contain, held, held, held]
    );
    let told: Vec<Vec<&str>> = plans[3..].iter().map(notices).collect();
    assert_eq!(told, [vec!["quarantines-held"], vec![], vec![]]);
    let Some(Notice::Alert(alert)) = alert_of(&plans[3]) else { panic!("{}", summary(&plans[3])) };
    let expected =
        AccountAlert::HourUsedUp { limit_of: LimitOf::Account, limit: 3, user: "alice".to_owned() };
    assert_eq!(alert.subject, AlertSubject::Account(expected));
    assert!(!plans.iter().skip(3).flat_map(|plan| &plan.steps).any(|step| step.effect().contains()));
}

#[test]
fn accounts_share_ten_times_as_many() {
    let mut store = Store::new();
    let mut reasons = BTreeMap::new();
    for account in 0..15 {
        let mut settings = limited(2, 1);
        settings.deployment.account = format!("{account:012}");
        for number in 0..2 {
            let (plan, _) = signed_in(&user(number), &settings, &mut store);
            *reasons.entry(plan.reason.code()).or_insert(0) += 1;
        }
    }
    assert_eq!(reasons, BTreeMap::from([("contain-sign-in", 10), ("organization-limit-reached", 20)]));
}

#[test]
fn who_waits_is_contained_in_no_other_way() {
    let (settings, mut store) = (limited(1, 25), Store::new());
    let (admitted, _) = signed_in(&user(0), &settings, &mut store);
    assert!(!admitted.if_refused.is_empty() && admitted.no_room.is_some());
    let (held, _) = signed_in(&user(1), &settings, &mut store);
    assert_eq!((held.reason, held.if_refused, held.no_room), (Reason::HourlyLimitReached, Vec::new(), None));
}

#[test]
fn what_others_did_is_noted_although_the_user_waits() {
    let (settings, mut store) = (limited(1, 25), Store::new());
    signed_in(&user(0), &settings, &mut store);
    // Alice exempted herself, which does not count.
    let alice = with_tag(warned(), EXEMPT_UNTIL_KEY, VALUE);
    let alice = looked_up(alice, &[exempting(Who::Alice, 3600)], SweepKind::Daily, &settings, now());
    let plan = swept(&alice, SweepKind::Daily);
    assert_eq!(plan.reason, Reason::Contain(Cause::DeadlinePassed));
    let (held, _) = admit(plan, (&alice, "Sweep"), &settings, &mut store, &nothing_told());
    assert_eq!(held.reason, Reason::HourlyLimitReached);
    let effects: Vec<Effect> = held.steps.iter().map(Step::effect).collect();
    assert!(effects.contains(&Effect::RecordExemption), "{}", summary(&held));
}

#[test]
fn message_that_did_not_go_out_is_sent_by_the_next_delivery() {
    let (settings, mut store) = (limited(1, 25), Store::new());
    signed_in(&user(0), &settings, &mut store);
    let (first, _) = signed_in(&user(1), &settings, &mut store);
    assert_eq!(notices(&first), ["quarantines-held"]);
    let (again, _) = signed_in(&user(1), &settings, &mut store);
    assert_eq!(notices(&again), ["quarantines-held"]);
    let Some(Step::RecordRootAlert(value)) = first.steps.last() else { panic!("{}", summary(&first)) };
    let told = RootLedger::Told(tags::parse_root_events(value));
    let plan = decide(&event("ConsoleLogin"), &overdue(), &settings, now());
    let (noted, _) = admit(plan, (&user(1), "ConsoleLogin"), &settings, &mut store, &told);
    assert!(noted.steps.is_empty(), "{}", summary(&noted));
}

#[test]
fn message_whose_repetition_cannot_be_ruled_out_says_so() {
    let (settings, mut store) = (limited(1, 25), Store::new());
    signed_in(&user(0), &settings, &mut store);
    let plan = decide(&event("ConsoleLogin"), &overdue(), &settings, now());
    let known = plan.findings.clone();
    let (held, _) = admit(plan, (&user(1), "ConsoleLogin"), &settings, &mut store, &RootLedger::Unreadable);
    assert_eq!(notices(&held), ["quarantines-held"]);
    // What could not be read is not written either.
    assert_eq!(held.steps.len(), 1, "{}", summary(&held));
    assert_eq!(held.findings, [known, vec![Finding::LedgerUnreadable]].concat());
    let Some(Notice::Alert(alert)) = alert_of(&held) else { panic!("{}", summary(&held)) };
    assert!(alert.background.findings.contains(&Finding::LedgerUnreadable));
}

/// Whether it matters what the administrators were told, once every slot was asked for.
fn needs_ledger(user: &UserFacts, settings: &Settings, store: &mut Store) -> bool {
    let plan = decide(&event("ConsoleLogin"), &overdue(), settings, now());
    let mut admission = Admission::of(&plan, &occasion("ConsoleLogin"), user, settings, now()).unwrap();
    while let Some(slot) = admission.next_slot() {
        admission.record(&write(store, slot));
    }
    admission.needs_ledger()
}

#[test]
fn what_was_told_matters_only_to_the_event_that_tells() {
    let (settings, mut store) = (limited(1, 25), Store::new());
    let [admitted, first, another, first_again] =
        [0, 1, 2, 1].map(|number| needs_ledger(&user(number), &settings, &mut store));
    assert_eq!((admitted, first, another, first_again), (false, true, false, true));
}

#[test]
fn next_hour_has_slots_of_its_own() {
    let (settings, mut store) = (limited(1, 25), Store::new());
    signed_in(&user(0), &settings, &mut store);
    assert_eq!(signed_in(&user(1), &settings, &mut store).0.reason, Reason::HourlyLimitReached);
    let later = now() + SignedDuration::from_hours(1);
    let plan = decide(&event("ConsoleLogin"), &overdue(), &settings, later);
    let admission = Admission::of(&plan, &occasion("ConsoleLogin"), &user(1), &settings, later).unwrap();
    assert_eq!(write(&mut store, admission.next_slot().unwrap()), Holder::Taken);
}

#[test]
fn admission_that_ended_early_contains_nobody() {
    let settings = limited(1, 25);
    let plan = decide(&event("ConsoleLogin"), &overdue(), &settings, now());
    let occasion = occasion("ConsoleLogin");
    let mut admission = Admission::of(&plan, &occasion, &user(0), &settings, now()).unwrap();
    admission.record(&Holder::Taken);
    let plan = admission.admitted(plan, &occasion, &nothing_told(), &settings);
    assert_eq!((plan.reason, plan.steps.len()), (Reason::OrganizationLimitReached, 0));
}

#[test]
fn object_that_nobody_can_read_is_somebody_elses() {
    let settings = limited(1, 25);
    let plan = decide(&event("ConsoleLogin"), &overdue(), &settings, now());
    let occasion = occasion("ConsoleLogin");
    let mut admission = Admission::of(&plan, &occasion, &user(0), &settings, now()).unwrap();
    admission.record(&Holder::Before(b"{".to_vec()));
    assert!(admission.next_slot().unwrap().key.ends_with("/told"));
}

#[test]
fn user_who_waits_is_counted_as_waiting() {
    let (settings, mut store) = (limited(1, 25), Store::new());
    signed_in(&user(0), &settings, &mut store);
    let (plan, _) = signed_in(&user(1), &settings, &mut store);
    assert_eq!(user_change(&user(1), &plan, &plan.steps), Some(ChangeKind::Waiting));
}

/// A user who is free although the record and the last notice say that they are contained.
fn undone() -> UserFacts {
    let user = UserFacts { attached_policies: Vec::new(), ..contained(overdue()) };
    with_tag(user, UserTag::Notified.key(), "quarantined 2026-11-24T08:00:00Z event=earlier")
}

#[rstest]
#[case::sign_in("ConsoleLogin", overdue(), true, true)]
#[case::password("CreateLoginProfile", overdue(), true, true)]
#[case::deadline("Sweep", warned(), true, true)]
#[case::removed_device("DeactivateMFADevice", overdue(), true, false)]
#[case::put_back_by_the_guard("DetachUserPolicy", undone(), true, false)]
#[case::welcome("CreateLoginProfile", in_grace(), false, false)]
#[case::put_back_by_a_sweep("Sweep", undone(), true, false)]
#[case::in_force_already("ConsoleLogin", contained(overdue()), false, false)]
#[case::release("EnableMFADevice", UserFacts { devices: compliant().devices, ..contained(overdue()) }, false, false)]
fn only_what_begins_a_quarantine_waits(
    #[case] name: &str,
    #[case] user: UserFacts,
    #[case] contains: bool,
    #[case] waits: bool,
) {
    let plan = decided(name, &user);
    let attaches = plan.steps.iter().any(|step| step.effect() == Effect::Contain);
    assert_eq!(attaches, contains, "{}", summary(&plan));
    let admission = Admission::of(&plan, &occasion(name), &user, &limited(1, 25), now());
    assert_eq!(admission.is_some(), waits, "{}", summary(&plan));
}
