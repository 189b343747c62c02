//! Laws of carrying out a plan, whichever calls fail.

use crate::decision_laws::{any_occasion_name, any_settings, any_user};
use crate::law_settings::cases;
use crate::progress_fixtures::{
    Call, Failed, Run, announces, any_calls, carried_out, changes_quarantine, moved, position, run,
};
use mfa_enforcer_core::decide::sweep_user;
use mfa_enforcer_core::effect::Effect;
use mfa_enforcer_core::notice::Notice;
use mfa_enforcer_core::plan::Step;
use mfa_enforcer_core::progress::{Action, Fault};
use mfa_enforcer_testing::fixtures::{decide_on, now, occasion, request};
use mfa_enforcer_testing::plans::after;
use proptest::prelude::*;
use std::fmt::Debug;

/// As it was planned: by which channel a message went out shows only then.
fn planned(what: &impl Debug) -> String {
    format!("{what:?}").replace(" by=text", "")
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
            prop_assert_eq!(planned(&applied.done), planned(&plan.steps));
            prop_assert_eq!(planned(&applied.user_after(user.clone())), planned(&after(&user, &plan.steps)));
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

    /// A message that waits for a topic which nobody makes would never go out, and a topic for none would stay behind.
    #[test]
    fn topic_is_wanted_for_a_message_alone(
        user in any_user(), settings in any_settings(), name in any_occasion_name(), calls in any_calls()
    ) {
        let plan = decide_on(&occasion(name), &user, &settings, now());
        let call = |at: usize| calls.get(at).copied().unwrap_or(Call::Works);
        let Run { actions, topic_wanted, .. } = run(&plan, &user, |at, _| call(at));
        let told = position(&actions, |action, _| matches!(action, Action::TellUser(..)));
        prop_assert!(told.is_none() || topic_wanted <= told && topic_wanted.is_some());
        let tells = |step: &Step| match step {
            Step::Notify(notice) => matches!(&**notice, Notice::User(notice) if !notice.channels.is_empty()),
            _ => false,
        };
        if let Some(at) = topic_wanted.filter(|_| told.is_none() && plan.steps.iter().any(tells)) {
            // Only a change that does not show keeps the message back then.
            let looks = actions[at..].iter().filter(|(action, _)| matches!(action, Action::ReadBack(_)));
            let shown = looks.clone().any(|(_, call)| !call.is_error() && *call != Call::Lags);
            prop_assert!(looks.count() > 0 && !shown, "{actions:?}");
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
                | Action::ReadBack(_)
                | Action::ReadKeys(_)
                | Action::ReadAlias
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
            | Action::ReadBack(_)
            | Action::TellAdmins(_)
            | Action::RecordRootAlert(_)
            | Action::Repair(_)
            | Action::OrderSweep(..) => call.is_error(),
            Action::ReadKeys(_) | Action::ReadAlias | Action::Wait(_) => false,
        });
        prop_assert_eq!(failed, applied.error.is_some());
        let refused = actions.iter().any(|(action, call)| {
            matches!(action, Action::Change(_, change) if change.effect().records()) && is_for_good(*call)
        });
        prop_assert_eq!(refused, applied.refused.is_some());
    }

    #[test]
    fn unreadable_keys_and_alias_change_nothing_but_words(
        user in any_user(), settings in any_settings(), name in any_occasion_name()
    ) {
        let plan = decide_on(&occasion(name), &user, &settings, now());
        let good = run(&plan, &user, |_, _| Call::Works);
        // What is read at once with the user lags, and what is read alone fails.
        let looked = std::cell::Cell::new(false);
        let bad = run(&plan, &user, |_, action| match action {
            Action::ReadBack(_) if !looked.replace(true) => Call::Lags,
            Action::ReadKeys(_) | Action::ReadAlias => Call::Fails { transient: false },
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
                matches!(action, Action::ReadBack(_)) && !call.is_error() && *call != Call::Lags
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
        let Run { actions, applied, user: written, .. } = run(&plan, &user, |_, _| Call::Lags);
        let looks = actions.iter().filter(|(action, _)| matches!(action, Action::ReadBack(_))).count();
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
