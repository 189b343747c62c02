//! A second look at a user whom IAM did not know when it was to change them: the policy may be gone.

use crate::release_cases::{at_enrolment, enrolled, everything};
use mfa_enforcer_core::decide::{After, Ask, SecondPlan, ask};
use mfa_enforcer_core::effect::Effect;
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::plan::Plan;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_testing::fixtures::{
    POLICY, contained, decide, event, now, overdue, settings, settings_with,
};
use mfa_enforcer_testing::plans::{after, notices, summary};

fn look(name: &str, plan: &Plan, effect: Effect, user: &UserFacts, settings: &Settings) -> SecondPlan {
    let event = event(name);
    let Ask::User(question) = ask(&event) else { panic!("not about a user") };
    question.look_again(After::NotFound(plan, effect), user, Some(user), settings, now())
}

#[test]
fn containment_without_the_policy_takes_the_spare() {
    let spare = format!("{POLICY}-spare");
    let settings = settings_with(&[("SPARE_POLICY_ARN", &spare)]);
    let plan = decide(&event("ConsoleLogin"), &overdue(), &settings, now());
    // Its record was written before.
    let recorded = after(&overdue(), &plan.steps[..1]);
    assert!(recorded.quarantine_record().is_some() && recorded.attached_policies.is_empty());
    let second = look("ConsoleLogin", &plan, Effect::Contain, &recorded, &settings);
    assert!(second.settles);
    assert_eq!(second.plan.steps.len(), plan.steps.len() - 1, "{}", summary(&second.plan));
    assert_eq!(after(&recorded, &second.plan.steps).attached_policies, [spare]);
    assert_eq!(notices(&second.plan), ["quarantined"]);
}

#[test]
fn narrower_quarantine_without_its_policy_takes_the_spare() {
    let settings = everything();
    let console = settings.quarantine.remainder().policy.clone();
    let spare = format!("{console}-spare");
    let mut with_spare = settings.clone();
    with_spare.quarantine.fallback.as_mut().unwrap().spare = Some(spare.clone());
    let user = enrolled(contained(overdue()));
    let plan = at_enrolment(&user, &with_spare);
    let second = look("EnableMFADevice", &plan, Effect::Release, &user, &with_spare);
    assert_eq!(after(&user, &second.plan.steps).attached_policies, [spare], "{}", summary(&second.plan));
}

#[test]
fn without_a_spare_the_administrators_hear_of_it_once() {
    let plan = decide(&event("ConsoleLogin"), &overdue(), &settings(), now());
    let second = look("ConsoleLogin", &plan, Effect::Contain, &overdue(), &settings());
    assert!(!second.settles);
    assert_eq!(notices(&second.plan), ["containment-failed"]);
    assert_eq!(second.plan.if_refused, [], "that was the last word");
}
