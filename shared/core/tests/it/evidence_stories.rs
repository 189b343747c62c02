//! One user's story from acts alone.

use crate::evidence_fixtures::{acts as acts_in, last_rows, month};
use mfa_enforcer_core::evidence::{Act, Told, Trigger, Who, story};
use mfa_enforcer_testing::evidence::at;
use rstest::rstest;

const ID: &str = "AIDAEXAMPLEALICE";

/// An act about alice at this time, after an event of its own, and without an episode.
fn act(kind: &str, time: &str) -> Act {
    let any = acts_in(&month().bucket).remove(0);
    Act {
        act: kind.to_owned(),
        at: at(time),
        user: Some(Who { name: "alice".to_owned(), id: ID.to_owned() }),
        episode: None,
        done: vec!["something".to_owned()],
        event: Trigger { id: format!("event of {time}"), ..any.event.clone() },
        told: None,
        ..any
    }
}

fn notice(time: &str) -> Act {
    let told = Told {
        kind: "released".to_owned(),
        audience: "user".to_owned(),
        channels: Vec::new(),
        reached: Some(true),
        copied: false,
    };
    Act { told: Some(told), done: Vec::new(), ..act("notice", time) }
}

fn of_episode(id: &str, act: Act) -> Act {
    Act { episode: Some(id.to_owned()), ..act }
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

#[test]
fn acts_of_one_episode_are_one_chapter() {
    let acts = [
        of_episode("a", act("containment", "01T10:00")),
        of_episode("a", act("release", "02T10:00")),
        of_episode("a", notice("02T11:00")),
        of_episode("b", act("containment", "03T10:00")),
        of_episode("c", act("containment", "04T10:00")),
    ];
    let story = story(&acts, ID);
    let episodes: Vec<_> = story.iter().map(|chapter| chapter.episode.as_deref()).collect();
    assert_eq!(episodes, [Some("a"), Some("b"), Some("c")]);
    assert_eq!(story[0].told.len(), 1, "a late message is of the episode that it tells of");
}

#[test]
fn release_ends_an_episode_without_an_id() {
    let acts = [
        act("containment", "01T10:00"),
        act("release", "02T10:00"),
        notice("02T10:00"),
        // The rest of the quarantine.
        act("release", "03T10:00"),
        notice("03T10:00"),
        act("containment", "04T10:00"),
    ];
    let story = story(&acts, ID);
    let [first, second] = &story[..] else { panic!("two episodes: {story:#?}") };
    assert_eq!(first.released.as_ref().map(|turn| turn.at), Some(at("03T10:00")));
    assert_eq!((first.told.len(), second.told.len()), (2, 0));
    assert_eq!(second.contained.as_ref().map(|turn| turn.at), Some(at("04T10:00")));
}

#[rstest]
#[case::put_back(act("put-back", "02T10:00"), true)]
#[case::contained_again(act("containment", "02T10:00"), true)]
#[case::same_event(Act { event: act("", "01T10:00").event, ..act("containment", "02T10:00") }, false)]
#[case::nothing_done(Act { done: Vec::new(), ..act("containment", "02T10:00") }, false)]
fn access_is_put_back_by_another_event_that_changes_it(#[case] later: Act, #[case] is_put_back: bool) {
    let story = story(&[act("containment", "01T10:00"), later], ID);
    let [chapter] = &story[..] else { panic!("one episode: {story:#?}") };
    assert_eq!(chapter.contained.as_ref().map(|turn| turn.at), Some(at("01T10:00")));
    let put_back: Vec<_> = chapter.put_back.iter().map(|turn| turn.at).collect();
    assert_eq!(put_back, if is_put_back { vec![at("02T10:00")] } else { Vec::new() });
}
