//! Laws of the guard, checked on random users and everything that others may do to them.

use crate::decision_laws::{any_settings, any_user};
use crate::law_settings::cases;
use mfa_enforcer_core::decide::sweep_user;
use mfa_enforcer_core::effect::Effect;
use mfa_enforcer_core::event::{Event, Function, Subject};
use mfa_enforcer_core::facts::{AttachedBy, Attachment, Traces, UserFacts};
use mfa_enforcer_core::plan::Step;
use mfa_enforcer_core::posture::{Posture, posture};
use mfa_enforcer_core::settings::{Mode, Settings};
use mfa_enforcer_core::tags::UserTag;
use mfa_enforcer_testing::fixtures::{
    GROUP, POLICY, by_administrator, days_ago, decide, envelope, event_names, event_of, function_of, now,
    request,
};
use mfa_enforcer_testing::plans::{after, summary};
use proptest::prelude::*;
use serde_json::json;

/// An event of the guard about a user, by an administrator.
fn any_tampering() -> impl Strategy<Value = Event> {
    let names: Vec<&str> =
        event_names().into_iter().filter(|name| function_of(name) == Function::Guard).collect();
    let about_users =
        names.into_iter().filter(|name| !matches!(event_of(&envelope(name)).subject, Subject::Quarantine));
    let keys = prop::sample::subsequence(
        vec!["quarantined", "notified", "alerted", "undone", "exempt-until", "other"],
        1..=6,
    );
    let value =
        prop::sample::select(vec!["", "2026-11-24T09 4", "2026-11-20T09:00:00Z reason=password-created"]);
    (prop::sample::select(about_users.collect::<Vec<_>>()), keys, value, 1_u8..9).prop_map(
        |(name, keys, value, number)| {
            let mut envelope = by_administrator(name);
            let detail = &mut envelope["detail"];
            detail["eventID"] = format!("0d1f2a3b-0000-4000-8000-{number:012}").into();
            let keys: Vec<String> = keys.into_iter().map(|key| format!("mfa-enforcer:{key}")).collect();
            let tags: Vec<_> = keys.iter().map(|key| json!({"key": key, "value": value})).collect();
            detail["requestParameters"]["tags"] = json!(tags);
            detail["requestParameters"]["tagKeys"] = json!(keys);
            event_of(&envelope)
        },
    )
}

prop_compose! {
    /// A user, of whom the event history tells something, or nothing.
    fn any_traced_user()(
        user in any_user(),
        traces in prop::option::of((any::<bool>(), any::<bool>(), any::<bool>())),
        undone in prop::option::of(prop::sample::select(vec!["2026-11-24T09 2 event=x", "2026-11-24T08 4", "no"])),
    ) -> UserFacts {
        let mut user = user;
        if let Some(undone) = undone {
            user.tags.insert(UserTag::Undone.key().to_owned(), undone.to_owned());
        }
        let traces = traces.map(|(is_attached, by_us, is_complete)| {
            let one = |what: &str| Attachment { at: days_ago(3), what: what.to_owned(), by_us };
            let attachments = if is_attached { vec![one(POLICY), one(GROUP)] } else { Vec::new() };
            Traces { attachments, is_complete, ..Traces::default() }
        });
        UserFacts { traces, ..user }
    }
}

/// Whether somebody else attached what the user is under, or was until now.
fn is_by_hand(user: &UserFacts) -> bool {
    let said = user.last_notice().is_some_and(|notice| notice.kind.code().starts_with("quarantine"));
    let is_theirs =
        user.traces.as_ref().is_some_and(|traces| traces.attachments.iter().any(|one| !one.by_us));
    let is_known = !user.attached_policies.iter().any(|arn| arn.ends_with("quarantine-everything"));
    user.quarantine_record().is_none() && !said && is_theirs && is_known
}

fn attaches(step: &Step) -> bool {
    step.effect() == Effect::Contain
}

fn enforcing() -> impl Strategy<Value = Settings> {
    any_settings().prop_map(|settings| Settings { mode: Mode::Enforce, ..settings })
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn who_was_contained_by_us_is_contained_after_any_event(
        user in any_traced_user(), settings in enforcing(), event in any_tampering()
    ) {
        let told = user.last_notice().is_some_and(|notice| notice.kind.code().starts_with("quarantine"));
        let needs_mfa = matches!(posture(&user, &settings, now()), Posture::InGrace { .. } | Posture::Overdue { .. });
        prop_assume!(told && needs_mfa);
        let plan = decide(&event, &user, &settings, now());
        prop_assert!(settings.quarantine.holds(&after(&user, &plan.steps)), "{}", summary(&plan));
    }

    #[test]
    fn nothing_is_attached_to_who_is_to_be_free(
        user in any_traced_user(), settings in enforcing(), event in any_tampering()
    ) {
        let plan = decide(&event, &user, &settings, now());
        // Those with MFA enrolled five days ago.
        let is_free =
            matches!(posture(&user, &settings, now()), Posture::Exempt(_) | Posture::Compliant { .. });
        prop_assert!(!is_free || !plan.steps.iter().any(attaches), "{}", summary(&plan));
        prop_assert!(!is_by_hand(&user) || !plan.steps.iter().any(attaches), "{}", summary(&plan));
    }

    #[test]
    fn what_is_put_back_is_what_a_sweep_leaves(
        user in any_traced_user(), settings in enforcing(), event in any_tampering()
    ) {
        let plan = decide(&event, &user, &settings, now());
        prop_assume!(plan.steps.iter().any(attaches));
        let then = UserFacts { attached_by: AttachedBy::Us(now()), ..after(&user, &plan.steps) };
        let sweep = sweep_user(&request(), &then, &settings, now());
        prop_assert!(settings.quarantine.holds(&after(&then, &sweep.steps)), "{}\n{}", summary(&plan), summary(&sweep));
    }

    #[test]
    fn second_delivery_of_an_event_does_nothing(
        user in any_traced_user(), settings in any_settings(), event in any_tampering()
    ) {
        let plan = decide(&event, &user, &settings, now());
        let again = decide(&event, &after(&user, &plan.steps), &settings, now());
        prop_assert!(again.steps.is_empty(), "first {}\nthen {}", summary(&plan), summary(&again));
    }
}
