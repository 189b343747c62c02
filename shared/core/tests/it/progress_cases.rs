//! Cases of carrying out a plan: rooms that are full, messages that do not arrive, records that fail.

use crate::exemption_fixtures::{Who, exempting, planned};
use crate::guard_fixtures::{detached, event};
use crate::progress_fixtures::{ALIAS, Call, Failed, Run, carried_out, changes_quarantine, run};
use jiff::SignedDuration;
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::decide::sweep_user;
use mfa_enforcer_core::effect::Effect;
use mfa_enforcer_core::event::{EventId, Relation};
use mfa_enforcer_core::facts::{Approval, UserFacts};
use mfa_enforcer_core::plan::Plan;
use mfa_enforcer_core::progress::{Action, Answer, LookAhead, Progress, SecondLook};
use mfa_enforcer_core::tags::{APPROVED_KEY, LastNotice, UserTag};
use mfa_enforcer_testing::fixtures::{
    STRICT, approval_settings, compliant, contained, days_ago, decide, decided, exempt, now, overdue,
    request, settings, settings_with, with_tag,
};
use mfa_enforcer_testing::plans::user_notices;
use rstest::rstest;
use serde_json::Value;

#[test]
fn unconfirmed_address_is_recorded_as_unreached() {
    let plan = decided("ConsoleLogin", &overdue());
    // Tag, attach, read back, look up the alias, tell the user.
    let calls = [Call::Works, Call::Works, Call::Works, Call::Works, Call::Unconfirmed];
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
            | Action::ReadBack(_)
            | Action::ReadKeys(_)
            | Action::ReadAlias
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
    // Tag, attach, read back, look up the alias, send the mail, send the text message.
    let calls = |last| [[Call::Works; 5].as_slice(), &[last]].concat();
    let (_, applied) = carried_out(&plan, &user, &calls(Call::Fails { transient: false }));
    assert!(applied.did(Effect::RecordNotice), "{:?}", applied.done);
    let (_, applied) = carried_out(&plan, &user, &calls(Call::Fails { transient: true }));
    assert!(!applied.did(Effect::RecordNotice), "{:?}", applied.done);
}

#[test]
fn all_channels_are_told_at_once() {
    let user = with_tag(overdue(), "phone", "+15550100123");
    let plan = decided("ConsoleLogin", &user);
    let mut progress: Progress<'_, Failed> = Progress::of(&plan);
    let mut told = Vec::new();
    let mut seen = user.clone();
    loop {
        let actions = progress.next_actions();
        if actions.is_empty() {
            break;
        }
        told.push(actions.iter().filter(|action| matches!(action, Action::TellUser(..))).count());
        let results = actions.iter().map(|action| match action {
            Action::Change(_, change) => {
                change.apply_to(&mut seen);
                Ok(Answer::Done)
            }
            Action::ReadBack(_) => Ok(Answer::Seen(Some(Box::new(seen.clone())))),
            Action::TellUser(..)
            | Action::TellAdmins(_)
            | Action::ReadKeys(_)
            | Action::ReadAlias
            | Action::Wait(_)
            | Action::RecordRootAlert(_)
            | Action::Repair(_)
            | Action::OrderSweep(..) => Ok(Answer::Done),
        });
        progress.record(results.collect::<Vec<_>>());
    }
    told.retain(|count| *count > 0);
    assert_eq!(told, [2], "the mail and the text message");
}

#[test]
fn each_look_waits_longer_than_the_one_before() {
    let plan = decided("ConsoleLogin", &overdue());
    let lags = |action: &Action| matches!(action, Action::ReadBack(_));
    let run = run(&plan, &overdue(), |_, action| if lags(action) { Call::Lags } else { Call::Works });
    let wait = |(action, _): &(Action, Call)| {
        if let Action::Wait(wait) = action { Some(wait.as_secs()) } else { None }
    };
    assert_eq!(run.actions.iter().filter_map(wait).collect::<Vec<_>>(), [1, 2, 4]);
}

#[test]
fn unrecorded_notice_that_missed_the_user_is_not_forgotten() {
    let user = contained(overdue());
    let plan = sweep_user(&request(), &user, &settings(), now());
    // The message is claimed, the alias looked up. It goes to an unconfirmed address, and then its record fails.
    let calls = [Call::Works, Call::Works, Call::Unconfirmed, Call::Fails { transient: false }];
    let (_, applied) = carried_out(&plan, &user, &calls);
    assert!(applied.error.is_none() && applied.refused.is_some());
    assert!(user.last_notice().unwrap().reached);
    assert!(!applied.user_after(user).last_notice().unwrap().reached);
}

#[test]
fn lost_count_of_a_put_back_is_noted_again() {
    let user = detached();
    let plan = decide(&event("DetachUserPolicy"), &user, &settings(), now());
    let counts = |action: &Action| matches!(action, Action::Change(_, Change::CountPutBack(_)));
    let fails = Call::Fails { transient: true };
    // The message fails too, so the next delivery has to know that the quarantine was put back after this event.
    let call = |at: usize, action: &Action| if at == 0 || action.is_message() { fails } else { Call::Works };
    let run = run(&plan, &user, call);
    assert!(counts(&run.actions[0].0) && counts(&run.actions.last().unwrap().0));
    assert!(run.user.tag(UserTag::Undone).is_some() && run.applied.error.is_some());
}

#[test]
fn lost_record_is_written_again() {
    let user = overdue();
    let plan = decided("ConsoleLogin", &user);
    let records =
        |action: &Action| matches!(action, Action::Change(_, Change::SetTag(UserTag::Quarantined, _)));
    let fails = Call::Fails { transient: true };
    // The first record is lost. So are all messages, or the policy is not seen: then nothing says whose it is.
    let untold =
        |at: usize, action: &Action| if at == 0 || action.is_message() { fails } else { Call::Works };
    let unseen = |at: usize, action: &Action| match action {
        Action::ReadBack(_) => Call::Lags,
        _ if at == 0 => fails,
        _ => Call::Works,
    };
    for call in [&untold as &dyn Fn(usize, &Action) -> Call, &unseen] {
        let run = run(&plan, &user, call);
        assert!(records(&run.actions[0].0) && records(&run.actions.last().unwrap().0));
        assert!(run.user.quarantine_record().is_some() && run.user.last_notice().is_none());
        assert!(run.applied.error.is_some());
    }
    // A notice on record does not say why. Perhaps IAM refused only once.
    for fails in [fails, Call::Fails { transient: false }] {
        let told = run(&plan, &user, |at, _| if at == 0 { fails } else { Call::Works });
        assert_eq!(told.actions.iter().filter(|(action, _)| records(action)).count(), 2);
        assert!(told.user.quarantine_record().is_some() && told.user.last_notice().is_some());
    }
    // And it is tried only once more.
    let never = run(
        &plan,
        &user,
        |_, action| if records(action) || action.is_message() { fails } else { Call::Works },
    );
    assert_eq!(never.actions.iter().filter(|(action, _)| records(action)).count(), 2);
}

#[test]
fn approval_stays_as_long_as_the_record() {
    let settings = approval_settings(&[("RELEASE_AFTER", "0s")]);
    let mut user = contained(compliant());
    user.attached_policies = vec![STRICT.to_owned()];
    let event = EventId::new("approving").unwrap();
    let approval = Approval::Set { by: Relation::SomebodyElse, at: days_ago(1), event };
    let user = UserFacts { approval, ..with_tag(user, APPROVED_KEY, "yes") };
    let lifted = sweep_user(&request(), &user, &settings, now());
    let user = run(&lifted, &user, |_, _| Call::Works).user;
    assert_eq!(user.tags.get(APPROVED_KEY), Some("yes"));
    let plan = sweep_user(&request(), &user, &settings, now() + SignedDuration::from_hours(1));
    let refused = |_: usize, action: &Action| match action {
        Action::Change(_, Change::RemoveQuarantineTag) => Call::Fails { transient: false },
        _ => Call::Works,
    };
    let left = run(&plan, &user, refused).user;
    assert!(left.quarantine_record().is_some() && !settings.quarantine.holds(&left));
    assert_eq!(left.tags.get(APPROVED_KEY), Some("yes"));
    assert_eq!(run(&plan, &user, |_, _| Call::Works).user.tags.get(APPROVED_KEY), None);
}

#[rstest]
#[case::refused(Call::Fails { transient: false })]
#[case::failed(Call::Fails { transient: true })]
#[case::unknown_user(Call::NotFound)]
#[case::no_room(Call::NoRoom)]
fn message_that_cannot_be_claimed_is_kept_back(#[case] call: Call) {
    let user = contained(overdue());
    let plan = sweep_user(&request(), &user, &settings(), now());
    let claims = |action: &Action| matches!(action, Action::Change(_, Change::ClaimNotice(_)));
    let after = run(&plan, &user, |_, action| if claims(action) { call } else { Call::Works });
    assert!(claims(&after.actions[0].0));
    assert!(!after.actions.iter().any(|(action, _)| action.is_message()), "{:?}", after.actions);
    assert_eq!(after.user, user);
}

#[test]
fn lost_copy_is_sent_later() {
    let plan = decided("ConsoleLogin", &overdue());
    let recorded = |user: Call, admins: Call| {
        let call = |_: usize, action: &Action| match action {
            Action::TellUser(..) => user,
            Action::TellAdmins(_) => admins,
            _ => Call::Works,
        };
        let applied = run(&plan, &overdue(), call).applied;
        assert_eq!(applied.error, Some(Failed(admins)));
        applied.did(Effect::RecordNotice)
    };
    let (transient, refused) = (Call::Fails { transient: true }, Call::Fails { transient: false });
    assert!(recorded(Call::Works, refused), "or the user would be told again");
    assert!(!recorded(Call::Works, transient));
    assert!(!recorded(Call::BadAddress, refused), "nobody was told");
}

/// All messages of a plan, where the look at the alias ends like this.
fn texts(plan: &Plan, user: &UserFacts, alias: Call) -> Vec<String> {
    let call = |_: usize, action: &Action| match action {
        Action::ReadAlias => alias,
        _ => Call::Works,
    };
    let messages = run(plan, user, call).actions.into_iter().filter_map(|(action, _)| match action {
        Action::TellUser(_, message) | Action::TellAdmins(message) => Some(message.message),
        _ => None,
    });
    messages.collect()
}

#[rstest]
#[case::notice_and_its_copy(decided("ConsoleLogin", &overdue()), overdue(), 2)]
#[case::alert(planned(&exempting(Who::Carol, 300), &exempt()), exempt(), 1)]
fn messages_name_the_account_by_its_alias(#[case] plan: Plan, #[case] user: UserFacts, #[case] count: usize) {
    let named = |alias: Call| {
        let texts = texts(&plan, &user, alias);
        assert_eq!(texts.len(), count);
        texts.iter().filter(|text| text.contains(ALIAS)).count()
    };
    assert_eq!(named(Call::Works), count);
    assert_eq!(named(Call::Fails { transient: false }), 0, "it could not be read");
}

#[test]
fn what_messages_have_to_know_is_looked_up_ahead() {
    let user = with_tag(overdue(), "phone", "+15550100123");
    let plan = decided("ConsoleLogin", &user);
    let [notice] = user_notices(&plan)[..] else { panic!("one notice") };
    let mailboxes: Vec<LookAhead> = notice.channels.iter().cloned().map(LookAhead::Mailbox).collect();
    assert_eq!(mailboxes.len(), 2);
    let keys = vec![LookAhead::Keys(user.name.clone())];
    let ahead = LookAhead::of(&plan);
    assert_eq!(ahead, [vec![LookAhead::Alias], keys.clone(), mailboxes.clone()].concat());
    let named = settings_with(&[("ACCOUNT_NAME", "Production")]);
    let plan = decide(&mfa_enforcer_testing::fixtures::event("ConsoleLogin"), &user, &named, now());
    assert_eq!(LookAhead::of(&plan), [keys, mailboxes].concat(), "the name is set");
    assert_eq!(LookAhead::of(&planned(&exempting(Who::Carol, 300), &exempt())), [LookAhead::Alias]);
    assert_eq!(LookAhead::of(&decided("ConsoleLogin", &compliant())), []);
}

#[test]
fn second_look_is_due_after_a_containment_or_what_was_not_found() {
    let plan = decided("ConsoleLogin", &overdue());
    let applied = |call: &dyn Fn(&Action) -> Call| run(&plan, &overdue(), |_, action| call(action)).applied;
    let seen = applied(&|_| Call::Works);
    let Some(SecondLook::ReadBack(Some(user))) = seen.second_look() else { panic!("{seen:?}") };
    assert!(settings().quarantine.holds(&user) && !seen.is_gone);
    let gone = applied(&|_| Call::Gone);
    assert_eq!(gone.second_look(), Some(SecondLook::ReadBack(None)));
    assert!(gone.is_gone && !gone.is_unverified && !gone.did(Effect::Notify), "{gone:?}");
    let not_found = applied(&|action| if changes_quarantine(action) { Call::NotFound } else { Call::Works });
    assert_eq!(not_found.second_look(), Some(SecondLook::NotFound(Effect::Contain)));
    assert!(!not_found.is_gone);
    let nothing = run(&decided("ConsoleLogin", &compliant()), &compliant(), |_, _| Call::Works).applied;
    assert_eq!((nothing.second_look(), nothing.is_gone), (None, false));
}
