//! Laws of carrying out a plan, whichever calls fail.

use crate::decision_laws::{any_occasion_name, any_settings, any_user};
use crate::law_settings::cases;
use mfa_enforcer_core::access_keys::KeysSeen;
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::decide::sweep_user;
use mfa_enforcer_core::effect::Effect;
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::notice::{Channel, Delivery};
use mfa_enforcer_core::plan::Plan;
use mfa_enforcer_core::progress::{Action, Answer, Applied, Fault, Progress};
use mfa_enforcer_core::tags::{LastNotice, UserTag};
use mfa_enforcer_testing::fixtures::{
    contained, decide_on, decided, now, occasion, overdue, request, settings, with_tag,
};
use mfa_enforcer_testing::plans::after;
use proptest::prelude::*;
use serde_json::Value;

/// The result of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Works,
    Unconfirmed,
    BadAddress,
    Fails {
        transient: bool,
    },
    NotFound,
    /// A quota stops it.
    NoRoom,
    /// IAM takes the change, and what it says about the user is older. Of any other call: it works.
    Lags,
}

impl Call {
    fn is_error(self) -> bool {
        matches!(self, Self::BadAddress | Self::Fails { .. } | Self::NotFound | Self::NoRoom)
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

    fn is_quota(&self) -> bool {
        self.0 == Call::NoRoom
    }

    fn is_bad_address(&self) -> bool {
        self.0 == Call::BadAddress
    }
}

/// A plan that was carried out.
struct Run {
    actions: Vec<(Action, Call)>,
    applied: Applied<Failed>,
    /// The user afterwards, as IAM has them.
    user: UserFacts,
}

/// Carries out the plan for `user`. Calls beyond the list work.
fn carried_out(plan: &Plan, user: &UserFacts, calls: &[Call]) -> (Vec<(Action, Call)>, Applied<Failed>) {
    let Run { actions, applied, .. } = run(plan, user, |at, _| calls.get(at).copied().unwrap_or(Call::Works));
    (actions, applied)
}

fn run(plan: &Plan, user: &UserFacts, call: impl Fn(usize, &Action) -> Call) -> Run {
    let mut progress = Progress::of(plan);
    let (mut actions, mut now) = (Vec::new(), user.clone());
    while let Some(action) = progress.next_action() {
        let call = call(actions.len(), &action);
        let works = matches!(call, Call::Works | Call::Lags);
        if let (true, Action::Change(_, change)) = (!call.is_error(), &action) {
            change.apply_to(&mut now);
        }
        progress.record(match (call, &action) {
            (_, Action::Wait(_)) => Ok(Answer::Done),
            (Call::Lags, Action::ReadBack { .. }) => Ok(Answer::Seen(Some(Box::new(user.clone())), None)),
            (_, Action::ReadBack { keys, .. }) if !call.is_error() => {
                let keys = keys.then(|| KeysSeen::Active(Vec::new()));
                Ok(Answer::Seen(Some(Box::new(now.clone())), keys))
            }
            (_, Action::ReadKeys(_)) if !call.is_error() => Ok(Answer::Keys(KeysSeen::Active(Vec::new()))),
            (_, Action::TellUser(Channel::Topic { .. }, _)) if works => Ok(Answer::Delivered(Delivery::Sent)),
            (_, Action::TellUser(Channel::Sms { .. }, _)) if works => {
                Ok(Answer::Delivered(Delivery::HandedOver))
            }
            (Call::Unconfirmed, Action::TellUser(..)) => Ok(Answer::Delivered(Delivery::Unconfirmed)),
            _ if call.is_error() => Err(Failed(call)),
            _ => Ok(Answer::Done),
        });
        actions.push((action, call));
        assert!(actions.len() < 100, "the plan does not end");
    }
    Run { actions, applied: progress.finish(), user: now }
}

fn any_call() -> impl Strategy<Value = Call> {
    prop_oneof![
        4 => Just(Call::Works),
        1 => Just(Call::Unconfirmed),
        1 => Just(Call::BadAddress),
        1 => Just(Call::Fails { transient: true }),
        1 => Just(Call::Fails { transient: false }),
        1 => Just(Call::NotFound),
        1 => Just(Call::NoRoom),
        1 => Just(Call::Lags),
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

/// The change that a quota stopped, and that was made in another place instead.
fn moved(plan: &Plan, actions: &[(Action, Call)]) -> Option<usize> {
    let can = plan.no_room.as_ref().is_some_and(|no_room| no_room.instead.is_some());
    position(actions, |action, call| changes_quarantine(action) && call == Call::NoRoom).filter(|_| can)
}

/// Whether it tells somebody, or records, that a user was contained or released.
fn announces(action: &Action) -> bool {
    match action {
        Action::TellUser(..) => true,
        Action::Change(_, change) => [
            Effect::ScheduleRelease,
            Effect::RecordReport,
            Effect::ClaimNotice,
            Effect::RecordNotice,
            Effect::RestoreRecord,
            Effect::EndQuarantine,
        ]
        .contains(&change.effect()),
        Action::TellAdmins(_)
        | Action::ReadBack { .. }
        | Action::ReadKeys(_)
        | Action::Wait(_)
        | Action::RecordRootAlert(_)
        | Action::Repair(_)
        | Action::OrderSweep(..) => false,
    }
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn without_failure_every_step_is_done_in_order(
        user in any_user(), settings in any_settings(), name in any_occasion_name()
    ) {
        let plan = decide_on(&occasion(name), &user, &settings, now());
        let (_, applied) = carried_out(&plan, &user, &[]);
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
        let (actions, applied) = carried_out(&plan, &user, &calls);
        let moved = moved(&plan, &actions);
        let failed = actions.iter().enumerate().position(|(at, (action, call))| {
            changes_quarantine(action) && call.is_error() && Some(at) != moved
        });
        if let Some(at) = failed {
            let (_, call) = actions[at];
            prop_assert_eq!(applied.error, Some(Failed(call)));
            let rest = &actions[at + 1..];
            // Only the administrators are told, and only if neither a retry nor a second look can help.
            let told = rest.iter().filter(|(action, _)| matches!(action, Action::TellAdmins(_))).count();
            let for_good = !Failed(call).is_transient() && !Failed(call).is_not_found();
            let alerts = match &plan.no_room {
                Some(no_room) if call == Call::NoRoom => &no_room.alert,
                Some(_) | None => &plan.if_refused,
            };
            prop_assert_eq!(told, usize::from(for_good && !alerts.is_empty()));
            let others = |(action, _): &(Action, Call)| changes_quarantine(action) || matches!(action, Action::TellUser(..));
            prop_assert!(!rest.iter().any(others));
        }
    }

    #[test]
    fn failed_notice_is_not_recorded(
        user in any_user(), settings in any_settings(), name in any_occasion_name(), calls in any_calls()
    ) {
        let plan = decide_on(&occasion(name), &user, &settings, now());
        let (actions, applied) = carried_out(&plan, &user, &calls);
        let to_admins = |action: &Action, call: Call| {
            matches!(action, Action::TellAdmins(_)) && call.is_error()
        };
        if let Some(at) = position(&actions, to_admins) {
            prop_assert!(applied.error.is_some());
            // A copy that is refused for good is no reason to tell the user again.
            let is_told = actions[..at].iter().any(|(action, call)| {
                matches!(action, Action::TellUser(..))
                    && matches!(call, Call::Works | Call::Lags | Call::Unconfirmed)
            });
            prop_assume!(!is_told || actions[at].1 == Call::Fails { transient: true });
            let records = |(action, _): &(Action, Call)| match action {
                Action::Change(_, change) => {
                    [Effect::RecordNotice, Effect::RecordAlert, Effect::EndQuarantine].contains(&change.effect())
                }
                Action::RecordRootAlert(_) => true,
                Action::TellUser(..)
                | Action::TellAdmins(_)
                | Action::ReadBack { .. }
                | Action::ReadKeys(_)
                | Action::Wait(_)
                | Action::Repair(_)
                | Action::OrderSweep(..) => false,
            };
            prop_assert!(!actions[at..].iter().any(records), "{actions:?}");
        }
    }

    #[test]
    fn error_means_that_a_retry_or_a_person_is_needed(
        user in any_user(), settings in any_settings(), name in any_occasion_name(), calls in any_calls()
    ) {
        let plan = decide_on(&occasion(name), &user, &settings, now());
        let (actions, applied) = carried_out(&plan, &user, &calls);
        // A run without an error has done every step, except for addresses that SNS will never accept and records that
        // IAM will never take.
        if applied.error.is_none() && applied.refused.is_none() && !applied.is_unverified {
            prop_assert_eq!(applied.done.len(), plan.steps.len());
        }
        let is_for_good = |call: Call| matches!(call, Call::Fails { transient: false } | Call::BadAddress | Call::NoRoom);
        let moved = moved(&plan, &actions);
        let failed = actions.iter().enumerate().any(|(at, (action, call))| match action {
            _ if Some(at) == moved => false,
            Action::TellUser(..) => matches!(call, Call::Fails { .. } | Call::NotFound | Call::NoRoom),
            Action::Change(_, change) if change.effect().records() => call.is_error() && !is_for_good(*call),
            Action::Change(..)
            | Action::ReadBack { .. }
            | Action::TellAdmins(_)
            | Action::RecordRootAlert(_)
            | Action::Repair(_)
            | Action::OrderSweep(..) => call.is_error(),
            Action::ReadKeys(_) | Action::Wait(_) => false,
        });
        prop_assert_eq!(failed, applied.error.is_some());
        let refused = actions.iter().any(|(action, call)| {
            matches!(action, Action::Change(_, change) if change.effect().records()) && is_for_good(*call)
        });
        prop_assert_eq!(refused, applied.refused.is_some());
    }

    #[test]
    fn unreadable_keys_change_nothing_but_the_copy(
        user in any_user(), settings in any_settings(), name in any_occasion_name()
    ) {
        let plan = decide_on(&occasion(name), &user, &settings, now());
        let good = run(&plan, &user, |_, _| Call::Works);
        // What is read at once with the user lags, and what is read alone fails.
        let looked = std::cell::Cell::new(false);
        let bad = run(&plan, &user, |_, action| match action {
            Action::ReadBack { .. } if !looked.replace(true) => Call::Lags,
            Action::ReadKeys(_) => Call::Fails { transient: false },
            _ => Call::Works,
        });
        prop_assert_eq!(bad.applied.error, None);
        prop_assert_eq!(&bad.applied.done, &good.applied.done);
        prop_assert_eq!(bad.user, good.user);
    }

    #[test]
    fn nothing_is_said_that_was_not_read_back(
        user in any_user(), settings in any_settings(), name in any_occasion_name(), calls in any_calls()
    ) {
        let plan = decide_on(&occasion(name), &user, &settings, now());
        let (actions, applied) = carried_out(&plan, &user, &calls);
        let wrote = actions.iter().rposition(|(action, call)| changes_quarantine(action) && !call.is_error());
        if let Some(wrote) = wrote {
            let is_seen = |(action, call): &(Action, Call)| {
                matches!(action, Action::ReadBack { .. }) && !call.is_error() && *call != Call::Lags
            };
            let seen = actions.iter().position(is_seen);
            prop_assert!(seen.is_none_or(|seen| seen > wrote), "{actions:?}");
            prop_assert_eq!(seen.is_none(), applied.is_unverified);
            prop_assert_eq!(seen.is_some(), applied.did(Effect::Contain) || applied.did(Effect::Release));
            let unseen = &actions[..seen.unwrap_or(actions.len())];
            prop_assert!(!unseen.iter().any(|(action, _)| announces(action)), "{actions:?}");
        }
    }

    #[test]
    fn change_that_never_shows_is_retried(
        user in any_user(), settings in any_settings(), name in any_occasion_name()
    ) {
        let occasion = occasion(name);
        let plan = decide_on(&occasion, &user, &settings, now());
        let Run { actions, applied, user: written } = run(&plan, &user, |_, _| Call::Lags);
        let looks = actions.iter().filter(|(action, _)| matches!(action, Action::ReadBack { .. })).count();
        prop_assert_eq!(looks, if applied.is_unverified { 4 } else { 0 });
        if applied.is_unverified {
            prop_assert!(!applied.did(Effect::Contain) && !applied.did(Effect::Release));
            prop_assert!(!actions.iter().any(|(action, _)| announces(action)), "{actions:?}");
            // The next run announces it, and ends where a run without a fault ends: as far as the user's tags tell it
            // what there is to announce.
            let has_record = user.quarantine_record().is_some();
            let contains = plan.steps.iter().any(|step| step.effect() == Effect::Contain);
            prop_assume!(!user.tags.is_full() && (contains || has_record));
            let good = run(&plan, &user, |_, _| Call::Works);
            let next = decide_on(&occasion, &written, &settings, now());
            let retry = run(&next, &written, |_, _| Call::Works);
            prop_assert!(!retry.applied.is_unverified && retry.applied.error.is_none());
            prop_assert_eq!(&retry.user, &good.user);
            let told = |run: &Run| {
                run.actions.iter().filter(|(action, _)| matches!(action, Action::TellUser(..))).count()
            };
            prop_assert_eq!(told(&retry), told(&good), "{:?}", next);
        }
    }

    #[test]
    fn notice_that_cannot_be_claimed_is_not_sent(
        user in any_user(), settings in any_settings(), calls in any_calls()
    ) {
        let plan = sweep_user(&request(), &user, &settings, now());
        let (actions, _) = carried_out(&plan, &user, &calls);
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
    // Tag, attach, read back, tell the user.
    let calls = [Call::Works, Call::Works, Call::Works, Call::Unconfirmed];
    let (_, applied) = carried_out(&plan, &overdue(), &calls);
    assert!(!applied.reached && applied.error.is_none());
    let user = applied.user_after(overdue());
    assert!(!LastNotice::parse(user.tag(UserTag::Notified).unwrap()).unwrap().reached);
}

/// What was made of an overdue user's sign-in if these attempts to contain the user meet a quota: the places tried, and
/// what the administrators were told.
fn without_room(user: &UserFacts, full: usize) -> (Vec<String>, Vec<String>) {
    let plan = decided("ConsoleLogin", user);
    let tries = std::cell::Cell::new(0);
    let Run { actions, .. } = run(&plan, user, |_, action| {
        if !changes_quarantine(action) {
            return Call::Works;
        }
        tries.set(tries.get() + 1);
        if tries.get() <= full { Call::NoRoom } else { Call::Works }
    });
    let (mut places, mut told) = (Vec::new(), Vec::new());
    for (action, _) in &actions {
        match action {
            Action::Change(_, change) if changes_quarantine(action) => places.push(change.to_string()),
            Action::TellAdmins(message) => {
                let texts: Value = serde_json::from_str(&message.message).unwrap();
                told.push(texts["email"].as_str().unwrap().lines().take(2).collect());
            }
            Action::Change(..)
            | Action::ReadBack { .. }
            | Action::ReadKeys(_)
            | Action::Wait(_)
            | Action::TellUser(..)
            | Action::RecordRootAlert(_)
            | Action::Repair(_)
            | Action::OrderSweep(..) => {}
        }
    }
    (places, told)
}

#[test]
fn lowered_quota_leads_to_the_group() {
    let (places, told) = without_room(&overdue(), 1);
    assert_eq!(places, ["attach-policy", "join-group"]);
    assert!(told[0].contains("is quarantined") && told[0].contains("quarantine group"), "{told:?}");
}

#[test]
fn user_without_any_room_is_an_alert_of_its_own() {
    let full = UserFacts {
        attached_policies: (0..10).map(|n| format!("arn:aws:iam::123456789012:policy/{n}")).collect(),
        groups: (0..10).map(|n| format!("team{n}")).collect(),
        ..overdue()
    };
    for (user, tried) in [(overdue(), vec!["attach-policy", "join-group"]), (full, vec!["attach-policy"])] {
        let (places, told) = without_room(&user, 2);
        assert_eq!(places, tried);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("CRITICAL") && told[0].contains("is NOT quarantined"), "{told:?}");
        assert!(told[0].contains("neither another policy nor another group"), "{told:?}");
    }
}

#[test]
fn refused_second_channel_repeats_no_mail() {
    let user = with_tag(overdue(), "phone", "+15550100123");
    let plan = decided("ConsoleLogin", &user);
    let calls = [Call::Works, Call::Works, Call::Works, Call::Works, Call::Fails { transient: false }];
    let (_, applied) = carried_out(&plan, &user, &calls);
    assert!(applied.did(Effect::RecordNotice), "{:?}", applied.done);
    let calls = [Call::Works, Call::Works, Call::Works, Call::Works, Call::Fails { transient: true }];
    let (_, applied) = carried_out(&plan, &user, &calls);
    assert!(!applied.did(Effect::RecordNotice), "{:?}", applied.done);
}

#[test]
fn unrecorded_notice_that_missed_the_user_is_not_forgotten() {
    let user = contained(overdue());
    let plan = sweep_user(&request(), &user, &settings(), now());
    // The message goes to an unconfirmed address, and then its record fails.
    let calls = [Call::Works, Call::Unconfirmed, Call::Fails { transient: false }];
    let (_, applied) = carried_out(&plan, &user, &calls);
    assert!(applied.error.is_none() && applied.refused.is_some());
    assert!(user.last_notice().unwrap().reached);
    assert!(!applied.user_after(user).last_notice().unwrap().reached);
}

#[test]
fn lost_record_is_written_again_unless_a_notice_is() {
    let user = overdue();
    let plan = decided("ConsoleLogin", &user);
    let records =
        |action: &Action| matches!(action, Action::Change(_, Change::SetTag(UserTag::Quarantined, _)));
    let fails = Call::Fails { transient: true };
    // The first record is lost. So are all messages, or the policy is not seen: then nothing says whose it is.
    let untold =
        |at: usize, action: &Action| if at == 0 || action.is_message() { fails } else { Call::Works };
    let unseen = |at: usize, action: &Action| match action {
        Action::ReadBack { .. } => Call::Lags,
        _ if at == 0 => fails,
        _ => Call::Works,
    };
    for call in [&untold as &dyn Fn(usize, &Action) -> Call, &unseen] {
        let run = run(&plan, &user, call);
        assert!(records(&run.actions[0].0) && records(&run.actions.last().unwrap().0));
        assert!(run.user.quarantine_record().is_some() && run.user.last_notice().is_none());
        assert!(run.applied.error.is_some());
    }
    // A notice on record says enough.
    let told = run(&plan, &user, |at, _| if at == 0 { fails } else { Call::Works });
    assert_eq!(told.actions.iter().filter(|(action, _)| records(action)).count(), 1);
    // And it is tried only once more.
    let never = run(
        &plan,
        &user,
        |_, action| if records(action) || action.is_message() { fails } else { Call::Works },
    );
    assert_eq!(never.actions.iter().filter(|(action, _)| records(action)).count(), 2);
}
