//! What waits for what while a plan is carried out: looks, messages, records, and the topic for a message.

use crate::guard_fixtures::off;
use crate::progress_fixtures::{Call, Run, carried_out, changes_quarantine, position, run};
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::decide::sweep_user;
use mfa_enforcer_core::effect::Effect;
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::progress::Action;
use mfa_enforcer_core::tags::UserTag;
use mfa_enforcer_testing::fixtures::{
    GROUP, approval_settings, compliant, contained, decided, now, overdue, request, settings_with, with_tag,
};
use rstest::rstest;

/// What a sweep does about this user where a release is not staged.
fn swept(user: &UserFacts) -> Plan {
    sweep_user(&request(), user, &settings_with(&[("RELEASE_AFTER", "0s")]), now())
}

fn looks(action: &Action) -> bool {
    matches!(action, Action::ReadBack(_))
}

fn tells(action: &Action) -> bool {
    matches!(action, Action::TellUser(..))
}

fn effects(plan: &Plan) -> Vec<Effect> {
    plan.steps.iter().map(Step::effect).collect()
}

#[test]
fn topic_is_made_during_the_look_before_a_message() {
    let plan = decided("ConsoleLogin", &overdue());
    assert!(!effects(&plan).contains(&Effect::ClaimNotice));
    let run = run(&plan, &overdue(), |_, _| Call::Works);
    let look = position(&run.actions, |action, _| looks(action));
    assert!(look.is_some() && look < position(&run.actions, |action, _| tells(action)));
    assert_eq!(run.topic_wanted, look);
}

#[test]
fn topic_is_not_made_before_the_message_is_claimed() {
    // Under the quarantine of the settings before, and due to hear of it again.
    let user = contained(overdue());
    let plan = sweep_user(&request(), &user, &approval_settings(&[]), now());
    assert_eq!(effects(&plan)[..3], [Effect::Contain, Effect::Release, Effect::ClaimNotice]);
    let run = run(&plan, &user, |_, _| Call::Works);
    assert!(position(&run.actions, |action, _| looks(action)).is_some());
    assert_eq!(run.topic_wanted, position(&run.actions, |action, _| tells(action)));
}

/// The user heard of the release already, so nothing is left to say.
#[test]
fn no_topic_is_made_without_a_message() {
    let told = "released 2026-11-22T09:00:00Z event=earlier";
    let user = with_tag(contained(compliant()), UserTag::Notified.key(), told);
    let plan = swept(&user);
    assert_eq!(effects(&plan), [Effect::Release, Effect::EndQuarantine]);
    let run = run(&plan, &user, |_, _| Call::Works);
    assert!(position(&run.actions, |action, _| looks(action)).is_some());
    assert_eq!(run.topic_wanted, None);
}

#[test]
fn all_parts_of_a_quarantine_are_lifted_before_the_look() {
    let mut user = contained(compliant());
    user.groups.push(GROUP.to_owned());
    let Run { actions, .. } = run(&swept(&user), &user, |_, _| Call::Works);
    let lifted: Vec<usize> = (0..actions.len()).filter(|at| changes_quarantine(&actions[*at].0)).collect();
    let looked: Vec<usize> = (0..actions.len()).filter(|at| looks(&actions[*at].0)).collect();
    assert_eq!((lifted, looked), (vec![0, 1], vec![2]));
}

/// Otherwise each sweep would try to tell them once more.
#[test]
fn quarantine_ends_although_its_notice_can_never_be_recorded() {
    let user = off(contained(compliant()));
    let claims = |action: &Action| matches!(action, Action::Change(_, Change::ClaimNotice(_)));
    let refused = |_: usize, action: &Action| {
        if claims(action) { Call::Fails { transient: false } } else { Call::Works }
    };
    let run = run(&swept(&user), &user, refused);
    assert!(position(&run.actions, |action, _| claims(action)).is_some());
    assert_eq!((run.applied.error, run.user.quarantine_record()), (None, None));
    assert_eq!(run.user.tag(UserTag::Notified), user.tag(UserTag::Notified));
}

#[rstest]
#[case::mail_alone(true, false, false)]
#[case::mail_and_text(true, true, false)]
#[case::text_alone(false, true, true)]
fn record_says_that_only_a_text_message_went_out(
    #[case] has_mail: bool,
    #[case] has_phone: bool,
    #[case] by_text: bool,
) {
    let mut user = overdue();
    if !has_mail {
        user.tags.remove("email");
    }
    if has_phone {
        user = with_tag(user, "phone", "+15550100123");
    }
    let (_, applied) = carried_out(&decided("ConsoleLogin", &user), &user, &[]);
    let notice = applied.user_after(user).last_notice().unwrap();
    assert_eq!((notice.reached, notice.by_text), (true, by_text));
}
