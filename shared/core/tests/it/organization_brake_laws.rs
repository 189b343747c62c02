//! What holds for the brakes of an organization, in whatever order events are delivered and functions work.

use crate::decision_laws::{any_settings, any_user};
use crate::law_settings::cases;
use crate::organization_brake_cases::{Store, limited, write};
use mfa_enforcer_core::effect::Effect;
use mfa_enforcer_core::event::{Function, Occasion};
use mfa_enforcer_core::facts::{RootLedger, UserFacts};
use mfa_enforcer_core::organization::Admission;
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::tags::{Cause, NoticeKind};
use mfa_enforcer_testing::fixtures::{decide, decide_on, event, now, occasion, occasions, overdue};
use mfa_enforcer_testing::plans::{notices, summary};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// The plan for a sign-in of somebody overdue.
static SIGN_IN: LazyLock<(Occasion, Plan)> = LazyLock::new(|| {
    (occasion("ConsoleLogin"), decide(&event("ConsoleLogin"), &overdue(), &limited(1, 1), now()))
});

/// An account and one of its users.
type Who = (usize, usize);

fn user((_, number): Who) -> UserFacts {
    UserFacts { id: format!("AIDAEXAMPLE{number:03}"), ..overdue() }
}

fn settings((account, _): Who, limits: (usize, usize)) -> Settings {
    let mut settings = limited(limits.0, limits.1);
    settings.deployment.account = format!("{account:012}");
    settings
}

/// A delivery of an event that is being handled.
struct Delivery {
    who: Who,
    admission: Admission,
}

/// What became of all deliveries.
#[derive(Default)]
struct Outcome {
    contained: Vec<Who>,
    held: Vec<Who>,
    messages: usize,
    store: Store,
}

impl Delivery {
    fn of(who: Who, limits: (usize, usize)) -> Self {
        let (occasion, plan) = &*SIGN_IN;
        let admission = Admission::of(plan, occasion, &user(who), &settings(who, limits), now()).unwrap();
        Self { who, admission }
    }

    /// Makes one call; gives itself back if it is not the last one.
    fn step(mut self, limits: (usize, usize), outcome: &mut Outcome) -> Option<Self> {
        if let Some(slot) = self.admission.next_slot() {
            self.admission.record(&write(&mut outcome.store, slot));
            return Some(self);
        }
        let ((occasion, plan), settings) = (&*SIGN_IN, settings(self.who, limits));
        let plan = self.admission.admitted(plan.clone(), occasion, &RootLedger::Told(Vec::new()), &settings);
        outcome.messages += notices(&plan).iter().filter(|kind| **kind == "quarantines-held").count();
        let contains = plan.steps.iter().any(|step| step.effect() == Effect::Contain);
        assert_eq!(contains, plan.reason == Reason::Contain(Cause::SignIn));
        if contains {
            outcome.contained.push(self.who);
        } else {
            outcome.held.push(self.who);
        }
        None
    }
}

/// Delivers each in its order. Functions work at the same time, and `turns` says whose call comes next; some end in the
/// middle (`ends`).
fn deliver(
    deliveries: &[Who],
    limits: (usize, usize),
    turns: &[prop::sample::Index],
    ends: &BTreeSet<usize>,
    outcome: &mut Outcome,
) {
    let mut waiting: Vec<(usize, Delivery)> =
        deliveries.iter().map(|who| Delivery::of(*who, limits)).enumerate().collect();
    let mut turns = turns.iter().cycle();
    let mut made = BTreeMap::new();
    while !waiting.is_empty() {
        let (number, delivery) = waiting.swap_remove(turns.next().unwrap().index(waiting.len()));
        let calls = made.entry(number).or_insert(0_usize);
        *calls += 1;
        if *calls > 1 && ends.contains(&number) {
            continue;
        }
        waiting.extend(delivery.step(limits, outcome).map(|delivery| (number, delivery)));
    }
}

fn distinct(all: &[Who]) -> BTreeSet<Who> {
    all.iter().copied().collect()
}

fn in_account(all: &BTreeSet<Who>) -> BTreeMap<usize, usize> {
    all.iter().fold(BTreeMap::new(), |mut sums, (account, _)| {
        *sums.entry(*account).or_insert(0) += 1;
        sums
    })
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn no_more_are_contained_than_may_be_whatever_the_order(
        deliveries in prop::collection::vec((0_usize..4, 0_usize..12), 1..60),
        limits in (1_usize..6, 1_usize..3),
        turns in prop::collection::vec(any::<prop::sample::Index>(), 1..200),
        ends in prop::collection::btree_set(0_usize..60, 0..10),
    ) {
        let mut outcome = Outcome::default();
        deliver(&deliveries, limits, &turns, &ends, &mut outcome);
        // Each event that ended in the middle is delivered once more, and so is every other one.
        deliver(&deliveries, limits, &turns, &BTreeSet::new(), &mut outcome);
        let contained = distinct(&outcome.contained);
        prop_assert!(contained.len() <= 10 * limits.1, "{} contained", contained.len());
        prop_assert!(in_account(&contained).into_values().all(|count| count <= limits.0), "{contained:?}");

        // Who has been contained once may be so again, and nobody is both.
        let held = distinct(&outcome.held);
        prop_assert!(held.is_disjoint(&contained), "{held:?}");
        prop_assert_eq!(&held | &contained, distinct(&deliveries));

        // Nobody waits while there is a slot.
        let taken = |of: &str| {
            let key = format!("organization/brakes/2026-11-24T09/{of}/");
            outcome.store.keys().filter(|slot| slot.starts_with(&key) && !slot.ends_with("/told")).count()
        };
        for (account, _) in &held {
            let is_full = taken(&format!("{account:012}")) == limits.0 || taken("all") == 10 * limits.1;
            prop_assert!(is_full, "account {account}");
        }
    }

    #[test]
    fn repeats_cost_no_slot(
        deliveries in prop::collection::vec((0_usize..3, 0_usize..12), 1..40),
        limits in (1_usize..40, 1_usize..3),
        turns in prop::collection::vec(any::<prop::sample::Index>(), 1..200),
    ) {
        let mut outcome = Outcome::default();
        deliver(&deliveries, limits, &turns, &BTreeSet::new(), &mut outcome);
        let (store, contained) = (outcome.store.clone(), distinct(&outcome.contained));
        deliver(&deliveries, limits, &turns, &BTreeSet::new(), &mut outcome);
        prop_assert_eq!(&outcome.store, &store);
        prop_assert_eq!(distinct(&outcome.contained), contained);
    }

    #[test]
    fn one_message_tells_of_a_limit(
        users in prop::collection::btree_set(0_usize..40, 2..40),
        limit in 1_usize..6,
        turns in prop::collection::vec(any::<prop::sample::Index>(), 1..200),
    ) {
        let deliveries: Vec<Who> = users.into_iter().map(|user| (0, user)).collect();
        let mut outcome = Outcome::default();
        deliver(&deliveries, (limit, 25), &turns, &BTreeSet::new(), &mut outcome);
        prop_assert_eq!(outcome.contained.len(), deliveries.len().min(limit));
        prop_assert_eq!(outcome.messages, usize::from(deliveries.len() > limit));
    }

    #[test]
    fn only_what_begins_a_quarantine_ever_waits(
        user in any_user(),
        any in any_settings(),
        name in prop::sample::select(occasions()),
    ) {
        let (occasion, settings) = (occasion(name), Settings { hourly_limits: limited(1, 1).hourly_limits, ..any });
        let plan = decide_on(&occasion, &user, &settings, now());
        if let Some(admission) = Admission::of(&plan, &occasion, &user, &settings, now()) {
            // No other function may write slots.
            let may_write = [Function::SignIn, Function::UserLifecycle].iter().any(|one| occasion.is_of(*one));
            prop_assert!(may_write || occasion.is_sweep(), "{name}");
            prop_assert!(!settings.quarantine.holds(&user), "the user is contained already");
            prop_assert!(!plan.steps.iter().any(|step| step.effect().releases()), "{}", summary(&plan));
            prop_assert_ne!(plan.reason, Reason::Contain(Cause::MfaRemoved));
            // Whatever else the plan has to tell and to note is told and noted.
            let is_rest = |effect: Effect| {
                !effect.is_about_quarantine() && ![Effect::Notify, Effect::RecordNotice].contains(&effect)
            };
            let rest: Vec<Step> = plan.steps.iter().filter(|step| is_rest(step.effect())).cloned().collect();
            let held = admission.admitted(plan, &occasion, &RootLedger::Told(Vec::new()), &settings);
            prop_assert_eq!(held.steps, rest);
        } else {
            // What contains without a slot is in force already, somebody undid it, or is about a removed device.
            let contains = plan.steps.iter().any(|step| step.effect() == Effect::Contain);
            let was_told = matches!(
                user.last_notice().map(|notice| notice.kind),
                Some(NoticeKind::Quarantined | NoticeKind::QuarantineReminder)
            );
            let was_contained = user.quarantine_record().is_some() && was_told;
            let is_of_guard = occasion.is_of(Function::Guard);
            let is_removal = matches!(
                plan.reason,
                Reason::Contain(Cause::MfaRemoved) | Reason::FinishContainment(Cause::MfaRemoved)
            );
            let is_free = settings.quarantine.holds(&user) || was_contained || is_of_guard || is_removal;
            prop_assert!(!contains || is_free, "{}", summary(&plan));
        }
    }
}
