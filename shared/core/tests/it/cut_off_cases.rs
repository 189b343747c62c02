//! A containment beside its record: both go out in the same moment, and a run that ends between them is finished by a
//! sweep.

use crate::progress_fixtures::{Call, Failed, Run, run};
use jiff::SignedDuration;
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::decide::sweep_user;
use mfa_enforcer_core::effect::Effect;
use mfa_enforcer_core::event::SweepRequest;
use mfa_enforcer_core::facts::{AttachedBy, UserFacts};
use mfa_enforcer_core::progress::{Action, Progress};
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::tags::UserTag;
use mfa_enforcer_testing::fixtures::{
    POLICY, compliant, days_ago, decided, in_grace, now, overdue, request, settings, with_tag,
};
use mfa_enforcer_testing::plans::{after, changes, notices, summary};
use rstest::rstest;

const OLD_RECORD: (&str, &str) =
    ("mfa-enforcer:quarantined", "2026-11-21T09:00:00Z reason=sign-in event=earlier");
const OLD_NOTE: (&str, &str) = ("mfa-enforcer:notified", "quarantined 2026-11-21T09:00:00Z event=earlier");
const WELCOME: (&str, &str) = ("mfa-enforcer:notified", "welcome 2026-11-21T09:00:00Z event=earlier");

/// The changes that go out first, in the same moment.
fn first_changes(user: &UserFacts) -> Vec<String> {
    let plan = decided("ConsoleLogin", user);
    let mut progress: Progress<'_, Failed> = Progress::of(&plan);
    let actions = progress.next_actions();
    let change = |action: &Action| match action {
        Action::Change(_, change) => Some(change.to_string()),
        _ => None,
    };
    actions.iter().filter_map(change).collect()
}

#[rstest]
#[case::nothing(overdue(), &["set-tag mfa-enforcer:quarantined", "attach-policy"])]
#[case::another_note(with_tag(overdue(), WELCOME.0, WELCOME.1), &["set-tag mfa-enforcer:quarantined", "attach-policy"])]
#[case::old_record(with_tag(overdue(), OLD_RECORD.0, OLD_RECORD.1), &["set-tag mfa-enforcer:quarantined"])]
#[case::old_note(with_tag(overdue(), OLD_NOTE.0, OLD_NOTE.1), &["set-tag mfa-enforcer:quarantined"])]
fn record_waits_only_for_older_traces(#[case] user: UserFacts, #[case] expected: &[&str]) {
    assert_eq!(first_changes(&user), expected);
}

/// What became of an overdue user's sign-in if the record and the containment end like this.
fn ended(record: Call, containment: Call) -> (Vec<Effect>, Option<Call>, Vec<String>) {
    let plan = decided("ConsoleLogin", &overdue());
    let Run { actions, applied, .. } = run(&plan, &overdue(), |at, _| match at {
        0 => record,
        1 => containment,
        _ => Call::Works,
    });
    let messages = actions.iter().filter(|(action, _)| action.is_message()).map(|(action, _)| match action {
        Action::TellUser(..) => "user".to_owned(),
        _ => "admins".to_owned(),
    });
    let messages = messages.collect();
    (
        applied.done.iter().map(mfa_enforcer_core::plan::Step::effect).collect(),
        applied.error.map(|Failed(call)| call),
        messages,
    )
}

#[test]
fn each_of_both_may_fail() {
    let (transient, refused) = (Call::Fails { transient: true }, Call::Fails { transient: false });
    let (done, error, told) = ended(transient, Call::Works);
    assert!(done.contains(&Effect::Contain) && done.contains(&Effect::RecordQuarantine), "{done:?}");
    assert_eq!((error, told), (Some(transient), vec!["user".to_owned(), "admins".to_owned()]));
    let (done, error, told) = ended(Call::Works, transient);
    assert_eq!((done, error, told), (vec![Effect::RecordQuarantine], Some(transient), vec![]));
    let (_, error, told) = ended(Call::Works, refused);
    assert_eq!((error, told), (Some(refused), vec!["admins".to_owned()]));
    // What stops the containment is what the run fails with.
    let (done, error, _) = ended(transient, refused);
    assert_eq!((done.contains(&Effect::Contain), error), (false, Some(refused)));
}

/// A user whose quarantine is all that a run left.
fn cut_off(user: UserFacts) -> UserFacts {
    UserFacts {
        attached_policies: vec![POLICY.to_owned()],
        attached_by: AttachedBy::CutOff(days_ago(1)),
        ..user
    }
}

#[rstest]
#[case::overdue(overdue())]
#[case::in_grace(in_grace())]
fn sweep_tells_who_was_cut_off_once(#[case] user: UserFacts) {
    let user = cut_off(user);
    let plan = sweep_user(&request(), &user, &settings(), now());
    assert_eq!(notices(&plan), ["quarantined"]);
    let then = after(&user, &plan.steps);
    assert_eq!(then.quarantine_record().unwrap().since, Some(days_ago(1)), "{}", summary(&plan));
    let again = sweep_user(&request(), &then, &settings(), now());
    assert!(again.steps.is_empty(), "{}", summary(&again));
}

/// What the daily sweeps of a week say, none of which finds what another did.
fn said_in_a_week(user: &UserFacts) -> Vec<String> {
    let on = |day: i64| {
        let later = SignedDuration::from_hours(24 * day);
        let request = SweepRequest { time: request().time + later, ..request() };
        notices(&sweep_user(&request, user, &settings(), now() + later)).join(" ")
    };
    (0..7).map(on).collect()
}

/// Somebody on whom nothing can be noted would hear of it again each hour.
#[test]
fn who_has_no_room_for_a_note_hears_once_a_week() {
    let mut user = cut_off(overdue());
    for n in 0..50 {
        user.tags.insert(format!("team{n}"), String::new());
    }
    assert!(user.tags.is_full());
    let mut said = said_in_a_week(&user);
    said.retain(|said| !said.is_empty());
    assert_eq!(said, ["quarantine-reminder"]);
}

/// On that day of the week it may have been said before: where IAM refuses tags, nobody can tell.
#[test]
fn who_was_cut_off_is_reminded_on_their_day() {
    let said = said_in_a_week(&cut_off(overdue()));
    assert_eq!(said.iter().filter(|said| *said == "quarantine-reminder").count(), 1, "{said:?}");
    assert_eq!(said.iter().filter(|said| *said == "quarantined").count(), 6, "{said:?}");
}

#[test]
fn who_was_cut_off_and_has_mfa_is_released() {
    let plan = sweep_user(&request(), &cut_off(compliant()), &settings(), now());
    assert!(changes(&plan).contains(&&Change::DetachPolicy(POLICY.to_owned())), "{}", summary(&plan));
}

#[test]
fn sign_in_does_not_ask_whose_it_is() {
    let user = UserFacts { attached_by: AttachedBy::Unknown, ..cut_off(in_grace()) };
    let plan = decided("ConsoleLogin", &user);
    assert_eq!((plan.reason, plan.steps.len()), (Reason::QuarantineOfUnknownOrigin, 0));
    assert!(user.tag(UserTag::Quarantined).is_none());
}
