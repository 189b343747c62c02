//! What each act says, and one user's story from acts alone.

use crate::evidence_fixtures::{acts as acts_in, last_rows, month};
use jiff::SignedDuration;
use mfa_enforcer_core::event::Occasion;
use mfa_enforcer_core::evidence::{Act, Deed, Run, acts, acts_of, story};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::repair::Repair;
use mfa_enforcer_testing::evidence::{ACCOUNT, at};
use mfa_enforcer_testing::fixtures::{
    compliant, contained, decide_on, exempted_lately, in_grace, now, occasion, occasions, overdue, settings,
    settings_with, users, with_tag,
};
use mfa_enforcer_testing::plans::after;

fn acts_after(occasion: &Occasion, user: &UserFacts, plan: &Plan) -> Vec<Act> {
    let then = after(user, &plan.steps);
    acts_of(&Run::new(ACCOUNT, now(), "run"), deed(occasion, user, &then, plan))
}

fn deed<'a>(occasion: &'a Occasion, before: &'a UserFacts, after: &'a UserFacts, plan: &'a Plan) -> Deed<'a> {
    Deed {
        occasion,
        before: Some(before),
        after: Some(after),
        episode: plan.episode.as_ref(),
        reason: plan.reason,
        planned: &plan.steps,
        done: &plan.steps,
    }
}

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

#[test]
fn story_is_told_from_acts_alone() {
    let month = month();
    let story = story(&acts_in(&month.bucket), &month.users["alice"].id);
    let [chapter] = &story[..] else { panic!("one episode: {story:#?}") };
    assert!(chapter.episode.is_some());
    let contained = chapter.contained.as_ref().unwrap();
    // Who, when and why.
    assert_eq!((contained.at, contained.event.as_str()), (at("11T05:01"), "ConsoleLogin"));
    assert_eq!((contained.cause.as_deref(), contained.actor.as_str()), (Some("sign-in"), "user alice"));
    // Told how.
    let told: Vec<&str> = chapter.told.iter().map(|told| told.kind.as_str()).collect();
    assert_eq!(told.last(), Some(&"released"));
    assert!(told.contains(&"quarantined") && told.contains(&"final-notice"), "{told:?}");
    assert!(chapter.told.iter().all(|told| told.channels == ["email"] && told.reached == Some(true)));
    // Released by what.
    let released = chapter.released.as_ref().unwrap();
    assert_eq!((released.at, released.event.as_str()), (at("15T05:01"), "EnableMFADevice"));
    assert_eq!(released.why, "MFA is on");
    assert_eq!(last_rows(&month)["alice"].containment, None);
}

#[test]
fn second_quarantine_is_an_episode_of_its_own() {
    let mut month = month();
    month.edit("alice", |alice| alice.devices.clear());
    let serial = serde_json::json!({"serialNumber": "arn:aws:iam::123456789012:mfa/alice-phone"});
    month.event("DeactivateMFADevice", "alice", at("30T09:00"), &serial);
    let story = story(&acts_in(&month.bucket), &month.users["alice"].id);
    assert_eq!(story.len(), 2);
    assert_eq!(story[1].contained.as_ref().unwrap().cause.as_deref(), Some("mfa-removed"));
    assert_eq!(story[1].released, None);
}
