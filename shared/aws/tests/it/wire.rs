//! Every call to AWS: which each trigger makes in each posture, in which order, and what goes out at once.
//!
//! A call takes a tenth of a second, and time passes only while nobody has anything to do: what was sent in the same
//! moment was sent at once. The calls of such a moment are a round trip.

use insta::assert_snapshot;
use jiff::SignedDuration;
use mfa_enforcer_aws::{Invocation, Pace, adapters, handle};
use mfa_enforcer_core::event::TriggerKind;
use mfa_enforcer_core::facts::{AccessKeys, UserFacts};
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_testing::account::Account;
use mfa_enforcer_testing::cloud::{Call, Cloud, Fault, Fleet, Member, simulate};
use mfa_enforcer_testing::fixtures::{
    approval_settings, function_of, in_grace, now, settings, settings_with, users, warned, with_tag,
};
use mfa_enforcer_testing::trial::scenes::{Scene, before};
use std::fmt::Write;
use strum::IntoEnumIterator;

const ACCOUNT: &str = "123456789012";
/// What reads a user, always at once.
const LOOK: [&str; 5] =
    ["GetLoginProfile", "GetUser", "ListAttachedUserPolicies", "ListGroupsForUser", "ListMFADevices"];

/// Whether the user's topic is there, with their address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Topic {
    There,
    ToBeMade,
}

/// The calls of one delivery of the event, about a user who was like this before it.
fn calls_of(scene: &Scene, user: Option<UserFacts>, topic: Topic, settings: &Settings) -> Vec<Call> {
    calls_in(|users| Member::of(ACCOUNT, users), scene, user, topic, settings)
}

/// The same in an account that these users make.
fn calls_in(
    member: impl FnOnce(Vec<UserFacts>) -> Member,
    scene: &Scene,
    user: Option<UserFacts>,
    topic: Topic,
    settings: &Settings,
) -> Vec<Call> {
    let function = function_of(scene.kind().unwrap().spec().event_name);
    let account = Account::of(user.clone());
    scene.happen(&account);
    let member = member(account.users.into_inner().unwrap().into_values().collect());
    let now = scene.at + SignedDuration::from_secs(20);
    simulate(async || {
        let cloud = Cloud::with([member.clone()]);
        if let Some(user) = user.filter(|_| topic == Topic::There) {
            let name = format!("{}{}", settings.user_topic_prefix, user.id);
            cloud.subscribe(&name, user.tags.get("email").unwrap());
        }
        let (directory, messenger) = adapters(&cloud.config_in(ACCOUNT), Pace::Event, settings);
        let invocation = Invocation { function, settings, now, request_id: "wire" };
        // What does not show yet is tried again, which is another delivery.
        let _ = handle(&scene.payload, invocation, &directory, &messenger).await;
        cloud.calls()
    })
}

/// Each round trip of these calls: what was sent at once, by name.
fn round_trips(calls: &[Call]) -> Vec<String> {
    let of_one_moment = calls.chunk_by(|one, next| one.sent == next.sent);
    let round_trip = |calls: &[Call]| {
        let mut names: Vec<&str> = calls.iter().map(|call| call.operation.as_str()).collect();
        names.sort_unstable();
        if LOOK.iter().all(|name| names.contains(name)) {
            names.retain(|name| !LOOK.contains(name));
            names.insert(0, "look");
        }
        names.join(" + ")
    };
    of_one_moment.map(round_trip).collect()
}

fn line(calls: &[Call]) -> String {
    let round_trips = round_trips(calls);
    let total = calls.len();
    format!("{} round trips, {total} calls: {}", round_trips.len(), round_trips.join(", "))
}

/// The line of each posture.
fn lines_of(scene: &Scene, settings: &Settings) -> Vec<(&'static str, String)> {
    let line_of = |user: UserFacts| {
        let user = UserFacts { keys: AccessKeys::Active, ..user };
        let user = scene.kind().map_or(Some(user.clone()), |kind| before(kind, &user));
        line(&calls_of(scene, user, Topic::There, settings))
    };
    users().into_iter().map(|(posture, user)| (posture, line_of(user))).collect()
}

/// A scene, and each of these lines with the postures in which it holds. Nothing if there are none.
fn shown(scene: &Scene, lines: Vec<(&'static str, String)>) -> String {
    let mut postures: Vec<(String, Vec<&str>)> = Vec::new();
    for (posture, line) in lines {
        match postures.iter_mut().find(|(known, _)| *known == line) {
            Some((_, postures)) => postures.push(posture),
            None => postures.push((line, vec![posture])),
        }
    }
    let mut text = if postures.is_empty() { String::new() } else { format!("{}\n", scene.name) };
    for (line, postures) in postures {
        writeln!(text, "  {}\n    {line}", postures.join("; ")).unwrap();
    }
    text
}

/// The scenes about a quarantine, and those about a user.
fn scenes(settings: &Settings) -> (Vec<Scene>, Vec<Scene>) {
    let of_kind =
        |kind| [false, true].into_iter().flat_map(move |other| Scene::of_events(kind, other, settings));
    TriggerKind::iter().flat_map(of_kind).partition(|scene| scene.is_about_quarantine)
}

#[test]
fn calls_of_every_trigger() {
    let settings = settings();
    let (about_quarantine, about_users) = scenes(&settings);
    let mut text: String = about_users.iter().map(|scene| shown(scene, lines_of(scene, &settings))).collect();
    let of_root = TriggerKind::iter().filter_map(|kind| Scene::of_root(kind, &settings));
    for scene in about_quarantine.into_iter().chain(of_root) {
        let line = line(&calls_of(&scene, None, Topic::There, &settings));
        writeln!(text, "{}\n    {line}", scene.name).unwrap();
    }
    assert_snapshot!(text);
}

/// Only where they are others than those of the same scene without approval, which may be about another policy.
#[test]
fn calls_under_approval() {
    let (automatic, approval) = (settings(), approval_settings(&[]));
    let ((_, without), (_, with)) = (scenes(&automatic), scenes(&approval));
    let mut text = String::new();
    for (usual, scene) in without.iter().zip(&with) {
        assert_eq!(usual.name, scene.name);
        let usual = lines_of(usual, &automatic);
        let mut lines = lines_of(scene, &approval);
        lines.retain(|line| !usual.contains(line));
        text += &shown(scene, lines);
    }
    assert_eq!(without.len(), with.len());
    assert_snapshot!(text);
}

/// What the first notice to a user costs besides, and every choice in the settings.
#[test]
fn calls_of_a_containment() {
    let contained = |topic, user: UserFacts, settings: &Settings| {
        let scene = Scene::of_events(TriggerKind::SignIn, false, settings).remove(0);
        let user = UserFacts { keys: AccessKeys::Active, ..user };
        line(&calls_of(&scene, Some(user), topic, settings))
    };
    let there = |changes: &[_]| contained(Topic::There, warned(), &settings_with(changes));
    let phone = with_tag(warned(), "phone", "+14255550100");
    let choices = [
        ("with a topic", there(&[])),
        ("without a topic", contained(Topic::ToBeMade, warned(), &settings())),
        ("with a phone", contained(Topic::There, phone, &settings())),
        ("with own mail", there(&[("MAIL_FROM", "security@example.com"), ("MAIL_DOMAINS", "example.com")])),
        ("under approval", contained(Topic::There, warned(), &approval_settings(&[]))),
        ("with records", there(&[("EVIDENCE_BUCKET", "records")])),
        (
            "on a bus",
            there(&[("OUTPUT_BUS_ARN", "arn:aws:events:eu-west-1:123456789012:event-bus/security")]),
        ),
    ];
    let lines: Vec<String> = choices.iter().map(|(choice, line)| format!("{choice}: {line}")).collect();
    assert_snapshot!(lines.join("\n"));
}

/// In an account of an organization: the first event of a process, and two about other users soon after it.
#[test]
fn calls_of_a_containment_by_a_hub() {
    let settings = settings();
    let scene = Scene::of_events(TriggerKind::SignIn, false, &settings).remove(0);
    let account = Account::of(Some(warned()));
    scene.happen(&account);
    let first = account.users.into_inner().unwrap().into_values().next().unwrap();
    let lines = simulate(async || {
        let cloud = Cloud::with([Member::of(ACCOUNT, Vec::new())]);
        cloud.put("organization/settings.yaml", "defaults:\n  mode: enforce\n");
        let fleet = Fleet::of(&cloud);
        // The first run lists the accounts.
        fleet.plan("daily", now()).await.unwrap();
        let function = fleet.function(function_of(TriggerKind::SignIn.spec().event_name));
        let mut lines = Vec::new();
        let events = [
            ("first event", first.id.as_str(), first.clone()),
            ("next event", "AIDAEXAMPLENEXT", first.clone()),
            ("in grace", "AIDAEXAMPLEGRACE", UserFacts { name: first.name.clone(), ..in_grace() }),
        ];
        for (event, id, user) in events {
            let user = UserFacts { id: id.to_owned(), keys: AccessKeys::Active, ..user };
            let topic = format!("{}{id}", settings.user_topic_prefix);
            cloud.subscribe(&topic, user.tags.get("email").unwrap());
            cloud.set_users(ACCOUNT, vec![user]);
            let before = cloud.calls().len();
            let payload = scene.payload.replace(&first.id, id);
            function.answer(&payload, cloud.now(), "wire").await.unwrap();
            lines.push(format!("{event}: {}", line(&cloud.calls()[before..])));
        }
        lines
    });
    assert_snapshot!(lines.join("\n"));
}

/// Nobody would be told anything through it.
#[test]
fn no_topic_is_made_where_the_quarantine_is_refused() {
    let settings = settings();
    let scene = Scene::of_events(TriggerKind::SignIn, false, &settings).remove(0);
    let made = |member: fn(Vec<UserFacts>) -> Member| {
        let calls = calls_in(member, &scene, Some(warned()), Topic::ToBeMade, &settings);
        assert!(calls.iter().any(|call| call.operation == "ListSubscriptionsByTopic"));
        calls.iter().any(|call| call.operation == "CreateTopic")
    };
    assert!(made(|users| Member::of(ACCOUNT, users)));
    assert!(!made(|users| Member::of(ACCOUNT, users).with_fault(Fault::Fixed)));
}
