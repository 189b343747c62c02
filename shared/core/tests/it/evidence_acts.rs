//! What each act says.

use crate::evidence_fixtures::{acts_after, deed};
use crate::guard_fixtures;
use jiff::SignedDuration;
use mfa_enforcer_core::event::Occasion;
use mfa_enforcer_core::evidence::{Act, Deed, Run, Who, acts, acts_of};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::repair::Repair;
use mfa_enforcer_testing::evidence::ACCOUNT;
use mfa_enforcer_testing::fixtures::{
    compliant, contained, days_ago, decide_on, exempted_lately, in_grace, now, occasion, occasions, overdue,
    settings, settings_with, users, with_tag,
};
use mfa_enforcer_testing::plans::after;
use rstest::rstest;

fn decided(name: &str, user: &UserFacts) -> Vec<Act> {
    let occasion = occasion(name);
    acts_after(&occasion, user, &decide_on(&occasion, user, &settings(), now()))
}

#[test]
fn containment_is_an_act_with_cause_and_actor() {
    let acts = decided("ConsoleLogin", &overdue());
    let kinds: Vec<&str> = acts.iter().map(|act| act.act.as_str()).collect();
    assert_eq!(kinds, ["containment", "notice"]);
    let [containment, notice] = &acts[..] else { panic!("two acts") };
    assert_eq!((containment.cause.as_deref(), containment.read_back), (Some("sign-in"), Some(true)));
    assert_eq!(
        (containment.event.name.as_str(), containment.event.actor.as_str()),
        ("ConsoleLogin", "user alice")
    );
    let told = notice.told.as_ref().unwrap();
    assert_eq!(
        (told.kind.as_str(), &told.channels[..], told.reached),
        ("quarantined", &["email".to_owned()][..], Some(true))
    );
    let acts = acts.iter().map(|act| Act { version: "VERSION".to_owned(), ..act.clone() });
    insta::assert_json_snapshot!(acts.collect::<Vec<_>>());
}

#[test]
fn every_change_of_access_is_in_an_act() {
    for name in occasions() {
        for (label, user) in users() {
            let occasion = occasion(name);
            let plan = decide_on(&occasion, &user, &settings(), now());
            let acts = acts_after(&occasion, &user, &plan);
            let changes = plan.steps.iter().filter(|step| step.effect().is_about_quarantine()).count();
            let messages = plan.steps.iter().filter(|step| step.to_string().starts_with("notify")).count();
            let of_access =
                acts.iter().filter(|act| ["containment", "put-back", "release"].contains(&act.act.as_str()));
            let done: usize =
                of_access.map(|act| act.done.iter().filter(|done| !done.starts_with("count")).count()).sum();
            assert_eq!(done, changes, "{name}, {label}");
            assert_eq!(acts.iter().filter(|act| act.told.is_some()).count(), messages, "{name}, {label}");
            assert!(acts.iter().all(|act| act.told.is_some() || !act.done.is_empty()), "{name}, {label}");
        }
    }
}

#[test]
fn acts_are_numbered_on() {
    let (occasion, user) = (occasion("ConsoleLogin"), overdue());
    let plan = decide_on(&occasion, &user, &settings(), now());
    let then = after(&user, &plan.steps);
    for first in [0, 3] {
        let objects = acts(&Run::new(ACCOUNT, now(), "run"), deed(&occasion, &user, &then, &plan), first);
        assert_eq!(objects.len(), 2);
        for (index, object) in objects.iter().enumerate() {
            assert!(object.key.contains(&format!("-run-{:02}-", first + index)), "{first}: {}", object.key);
        }
    }
}

#[test]
fn warning_has_the_cause_that_a_containment_would_have() {
    let (occasion, user) = (occasion("ConsoleLogin"), overdue());
    let plan = decide_on(&occasion, &user, &settings_with(&[("MODE", "notify")]), now());
    let acts = acts_after(&occasion, &user, &plan);
    assert!(!acts.is_empty());
    for act in acts {
        assert_eq!((act.reason.as_str(), act.cause.as_deref()), ("warn-only", Some("sign-in")));
    }
}

#[test]
fn release_keeps_the_cause_of_its_quarantine() {
    let acts = decided("EnableMFADevice", &contained(compliant()));
    assert_eq!((acts[0].act.as_str(), acts[0].cause.as_deref()), ("release", Some("sign-in")));
}

#[test]
fn release_says_how_long_the_rest_stays() {
    let (occasion, mut user) = (occasion("EnableMFADevice"), contained(compliant()));
    user.devices[0].enabled = now();
    let until = |after: &str| {
        let plan = decide_on(&occasion, &user, &settings_with(&[("RELEASE_AFTER", after)]), now());
        acts_after(&occasion, &user, &plan)[0].rest_until
    };
    assert_eq!((until("0s"), until("12h")), (None, Some(now() + SignedDuration::from_hours(12))));
}

#[test]
fn repair_says_what_was_done() {
    let (occasion, user) = (occasion("Sweep"), overdue());
    let repair = Repair::AttachToGroup { group: "quarantined".to_owned(), policy: "quarantine".to_owned() };
    let plan = decide_on(&occasion, &user, &settings(), now());
    let plan = Plan { steps: vec![Step::Repair(repair.clone())], ..plan };
    let acts = acts_after(&occasion, &user, &plan);
    let [act] = &acts[..] else { panic!("one act: {acts:#?}") };
    assert_eq!((act.act.as_str(), &act.done[..]), ("repair", &[repair.to_string()][..]));
}

#[test]
fn noted_exemption_says_who_decided() {
    let acts = decided("Sweep", &exempted_lately(contained(mfa_enforcer_testing::fixtures::exempt())));
    let noted = acts.iter().find(|act| act.act == "exemption").unwrap();
    assert_eq!(noted.decision.as_ref().unwrap().by, "AIDAEXAMPLECAROL");
}

#[test]
fn acts_name_the_episode_of_their_notices() {
    for name in occasions() {
        for (label, user) in users() {
            let occasion = occasion(name);
            let plan = decide_on(&occasion, &user, &settings(), now());
            let episode = plan.episode.as_ref().map(ToString::to_string);
            assert!(
                acts_after(&occasion, &user, &plan).iter().all(|act| act.episode == episode),
                "{name}, {label}"
            );
        }
    }
}

#[test]
fn routine_notice_without_a_copy_says_so() {
    let settings = settings_with(&[("ADMIN_COPIES", "important")]);
    let occasion = occasion("ConsoleLogin");
    let user = in_grace();
    let plan = decide_on(&occasion, &user, &settings, now());
    let told = |reached: bool| {
        let mut then = after(&user, &plan.steps);
        if !reached {
            let value = then.last_notice().unwrap().to_string();
            then = with_tag(then, "mfa-enforcer:notified", &mfa_enforcer_core::tags::unreached(&value));
        }
        let deed = deed(&occasion, &user, &then, &plan);
        let acts = acts_of(&Run::new(ACCOUNT, now(), "run"), deed);
        acts.into_iter().find_map(|act| act.told).unwrap()
    };
    assert_eq!((told(true).reached, told(true).copied), (Some(true), false));
    assert_eq!((told(false).reached, told(false).copied), (Some(false), true));
}

#[rstest]
#[case::user(occasion("ConsoleLogin"), overdue(), "user")]
#[case::administrators(guard_fixtures::occasion("DetachUserPolicy"), guard_fixtures::detached(), "admins")]
fn message_names_its_user_even_if_nobody_was_looked_up(
    #[case] occasion: Occasion,
    #[case] user: UserFacts,
    #[case] audience: &str,
) {
    let plan = decide_on(&occasion, &user, &settings(), now());
    let nobody = Deed { before: None, after: None, ..deed(&occasion, &user, &user, &plan) };
    let mut acts = acts_of(&Run::new(ACCOUNT, now(), "run"), nobody);
    acts.retain(|act| act.told.as_ref().is_some_and(|told| told.audience == audience));
    let [act] = &acts[..] else { panic!("one message: {acts:#?}") };
    assert_eq!(act.user, Some(Who { name: user.name.to_string(), id: user.id }));
}

/// IAM may take a while to show the record.
#[test]
fn cause_is_that_of_the_record_that_was_just_written() {
    let mut user = contained(overdue());
    user.tags.remove("mfa-enforcer:quarantined");
    let records = [(days_ago(3), guard_fixtures::RECORD)];
    let user = guard_fixtures::traced(user, &[(days_ago(3), true)], &records);
    let event = guard_fixtures::untagged(&["mfa-enforcer:quarantined"]);
    let plan = guard_fixtures::decided(&event, &user);
    let occasion = Occasion::Event(Box::new(event));
    let acts = acts_of(&Run::new(ACCOUNT, now(), "run"), deed(&occasion, &user, &user, &plan));
    assert_eq!((acts[0].act.as_str(), acts[0].cause.as_deref()), ("put-back", Some("sign-in")));
}

#[test]
fn time_for_people_has_no_fraction() {
    let mut act = decided("ConsoleLogin", &overdue()).remove(0);
    act.at = now() + SignedDuration::from_millis(7);
    assert_eq!(act.second(), "2026-11-24T09:05:00Z");
}
