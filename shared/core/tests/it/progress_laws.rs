//! Laws of carrying out a plan, whichever calls fail.

use crate::decision_laws::{any_occasion_name, any_settings, any_user};
use mfa_enforcer_core::decide::sweep_user;
use mfa_enforcer_core::effect::Effect;
use mfa_enforcer_core::notice::{Channel, Delivery};
use mfa_enforcer_core::plan::Plan;
use mfa_enforcer_core::progress::{Action, Answer, Applied, Fault, Progress};
use mfa_enforcer_core::tags::{LastNotice, UserTag};
use mfa_enforcer_testing::fixtures::{
    contained, decide_on, decided, now, occasion, overdue, request, settings, with_tag,
};
use mfa_enforcer_testing::plans::after;
use proptest::prelude::*;

/// The result of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Works,
    Unconfirmed,
    BadAddress,
    Fails { transient: bool },
    NotFound,
}

impl Call {
    fn is_error(self) -> bool {
        matches!(self, Self::BadAddress | Self::Fails { .. } | Self::NotFound)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Failed(Call);

impl Fault for Failed {
    fn is_transient(&self) -> bool {
        self.0 == Call::Fails { transient: true }
    }

    fn is_not_found(&self) -> bool {
        self.0 == Call::NotFound
    }

    fn is_bad_address(&self) -> bool {
        self.0 == Call::BadAddress
    }
}

/// Carries out the plan. Calls beyond the list work.
fn carried_out(plan: &Plan, calls: &[Call]) -> (Vec<(Action, Call)>, Applied<Failed>) {
    let mut progress = Progress::of(plan);
    let mut actions = Vec::new();
    while let Some(action) = progress.next_action() {
        let call = calls.get(actions.len()).copied().unwrap_or(Call::Works);
        progress.record(match (call, &action) {
            (Call::Works, Action::TellUser(Channel::Topic { .. }, _)) => {
                Ok(Answer::Delivered(Delivery::Sent))
            }
            (Call::Works, Action::TellUser(Channel::Sms { .. }, _)) => {
                Ok(Answer::Delivered(Delivery::HandedOver))
            }
            (Call::Unconfirmed, Action::TellUser(..)) => Ok(Answer::Delivered(Delivery::Unconfirmed)),
            (Call::Works | Call::Unconfirmed, _) => Ok(Answer::Done),
            (Call::BadAddress | Call::Fails { .. } | Call::NotFound, _) => Err(Failed(call)),
        });
        actions.push((action, call));
        assert!(actions.len() < 100, "the plan does not end");
    }
    (actions, progress.finish())
}

fn any_call() -> impl Strategy<Value = Call> {
    prop_oneof![
        4 => Just(Call::Works),
        1 => Just(Call::Unconfirmed),
        1 => Just(Call::BadAddress),
        1 => Just(Call::Fails { transient: true }),
        1 => Just(Call::Fails { transient: false }),
        1 => Just(Call::NotFound),
    ]
}

fn any_calls() -> impl Strategy<Value = Vec<Call>> {
    prop::collection::vec(any_call(), 0..12)
}

fn position(actions: &[(Action, Call)], wanted: impl Fn(&Action, Call) -> bool) -> Option<usize> {
    actions.iter().position(|(action, call)| wanted(action, *call))
}

fn changes_quarantine(action: &Action) -> bool {
    matches!(action, Action::Change(_, change) if [Effect::Contain, Effect::Release].contains(&change.effect()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn without_failure_every_step_is_done_in_order(
        user in any_user(), settings in any_settings(), name in any_occasion_name()
    ) {
        let plan = decide_on(&occasion(name), &user, &settings, now());
        let (_, applied) = carried_out(&plan, &[]);
        prop_assert_eq!(applied.error, None);
        if applied.reached {
            prop_assert_eq!(&applied.done, &plan.steps);
            prop_assert_eq!(applied.user_after(user.clone()), after(&user, &plan.steps));
        } else {
            prop_assert_eq!(applied.done.len(), plan.steps.len());
        }
    }

    #[test]
    fn refused_containment_ends_the_plan(
        user in any_user(), settings in any_settings(), name in any_occasion_name(), calls in any_calls()
    ) {
        let plan = decide_on(&occasion(name), &user, &settings, now());
        let (actions, applied) = carried_out(&plan, &calls);
        let failed = |action: &Action, call: Call| changes_quarantine(action) && call.is_error();
        if let Some(at) = position(&actions, failed) {
            let (_, call) = actions[at];
            prop_assert_eq!(applied.error, Some(Failed(call)));
            let rest = &actions[at + 1..];
            // Only the administrators are told, and only if neither a retry nor a second look can help.
            let told = rest.iter().filter(|(action, _)| matches!(action, Action::TellAdmins(_))).count();
            let for_good = !Failed(call).is_transient() && !Failed(call).is_not_found();
            prop_assert_eq!(told, usize::from(for_good && !plan.if_refused.is_empty()));
            let others = |(action, _): &(Action, Call)| changes_quarantine(action) || matches!(action, Action::TellUser(..));
            prop_assert!(!rest.iter().any(others));
        }
    }

    #[test]
    fn failed_notice_is_not_recorded(
        user in any_user(), settings in any_settings(), name in any_occasion_name(), calls in any_calls()
    ) {
        let plan = decide_on(&occasion(name), &user, &settings, now());
        let (actions, applied) = carried_out(&plan, &calls);
        let to_admins = |action: &Action, call: Call| {
            matches!(action, Action::TellAdmins(_)) && call.is_error()
        };
        if let Some(at) = position(&actions, to_admins) {
            prop_assert!(applied.error.is_some());
            // A copy that is refused for good is no reason to tell the user again.
            let is_told = actions[..at].iter().any(|(action, call)| {
                matches!(action, Action::TellUser(..)) && matches!(call, Call::Works | Call::Unconfirmed)
            });
            prop_assume!(!is_told || actions[at].1 == Call::Fails { transient: true });
            let records = |(action, _): &(Action, Call)| match action {
                Action::Change(_, change) => {
                    [Effect::RecordNotice, Effect::RecordAlert, Effect::EndQuarantine].contains(&change.effect())
                }
                Action::RecordRootAlert(_) => true,
                Action::TellUser(..) | Action::TellAdmins(_) => false,
            };
            prop_assert!(!actions[at..].iter().any(records), "{actions:?}");
        }
    }

    #[test]
    fn error_means_that_a_retry_or_a_person_is_needed(
        user in any_user(), settings in any_settings(), name in any_occasion_name(), calls in any_calls()
    ) {
        let plan = decide_on(&occasion(name), &user, &settings, now());
        let (actions, applied) = carried_out(&plan, &calls);
        // A run without an error has done every step, except for addresses that SNS will never accept and records that
        // IAM will never take.
        if applied.error.is_none() && applied.refused.is_none() {
            prop_assert_eq!(applied.done.len(), plan.steps.len());
        }
        let is_for_good = |call: Call| matches!(call, Call::Fails { transient: false } | Call::BadAddress);
        let failed = actions.iter().any(|(action, call)| match action {
            Action::TellUser(..) => matches!(call, Call::Fails { .. } | Call::NotFound),
            Action::Change(_, change) if change.effect().records() => call.is_error() && !is_for_good(*call),
            Action::Change(..) | Action::TellAdmins(_) | Action::RecordRootAlert(_) => call.is_error(),
        });
        prop_assert_eq!(failed, applied.error.is_some());
        let refused = actions.iter().any(|(action, call)| {
            matches!(action, Action::Change(_, change) if change.effect().records()) && is_for_good(*call)
        });
        prop_assert_eq!(refused, applied.refused.is_some());
    }

    #[test]
    fn notice_that_cannot_be_claimed_is_not_sent(
        user in any_user(), settings in any_settings(), calls in any_calls()
    ) {
        let plan = sweep_user(&request(), &user, &settings, now());
        let (actions, _) = carried_out(&plan, &calls);
        let claim = |action: &Action, call: Call| {
            matches!(action, Action::Change(_, change) if change.effect() == Effect::ClaimNotice) && call.is_error()
        };
        if let Some(at) = position(&actions, claim) {
            prop_assert!(!actions[at..].iter().any(|(action, _)| matches!(action, Action::TellUser(..))));
        }
    }
}

#[test]
fn unconfirmed_address_is_recorded_as_unreached() {
    let plan = decided("ConsoleLogin", &overdue());
    // Attach, tag, tell the user.
    let (_, applied) = carried_out(&plan, &[Call::Works, Call::Works, Call::Unconfirmed]);
    assert!(!applied.reached && applied.error.is_none());
    let user = applied.user_after(overdue());
    assert!(!LastNotice::parse(user.tag(UserTag::Notified).unwrap()).unwrap().reached);
}

#[test]
fn refused_second_channel_repeats_no_mail() {
    let plan = decided("ConsoleLogin", &with_tag(overdue(), "phone", "+15550100123"));
    let calls = [Call::Works, Call::Works, Call::Works, Call::Fails { transient: false }];
    let (_, applied) = carried_out(&plan, &calls);
    assert!(applied.did(Effect::RecordNotice), "{:?}", applied.done);
    let calls = [Call::Works, Call::Works, Call::Works, Call::Fails { transient: true }];
    let (_, applied) = carried_out(&plan, &calls);
    assert!(!applied.did(Effect::RecordNotice), "{:?}", applied.done);
}

#[test]
fn unrecorded_notice_that_missed_the_user_is_not_forgotten() {
    let user = contained(overdue());
    let plan = sweep_user(&request(), &user, &settings(), now());
    // The message goes to an unconfirmed address, and then its record fails.
    let calls = [Call::Works, Call::Unconfirmed, Call::Fails { transient: false }];
    let (_, applied) = carried_out(&plan, &calls);
    assert!(applied.error.is_none() && applied.refused.is_some());
    assert!(user.last_notice().unwrap().reached);
    assert!(!applied.user_after(user).last_notice().unwrap().reached);
}
