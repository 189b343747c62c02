//! What is put on the bus about acts, and that every entry fits its schema.

use crate::guard_fixtures::{self, detached};
use crate::notice_fixtures::{every_notice, quarantine_notices};
use mfa_enforcer_core::bus::{Body, BusEvent, Level, State, event_of_alert, events_of};
use mfa_enforcer_core::digest::AccountFinding;
use mfa_enforcer_core::episode::Episode;
use mfa_enforcer_core::event::{EventId, Occasion};
use mfa_enforcer_core::evidence::{Deed, Run};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::notice::{AlertSubject, Notice, UserAlert};
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_testing::event_schema::body;
use mfa_enforcer_testing::evidence::ACCOUNT;
use mfa_enforcer_testing::fixtures::{
    compliant, contained, decide_on, exempt, exempted_lately, in_grace, now, occasion, occasions, overdue,
    settings, settings_with, users, warned_user,
};
use mfa_enforcer_testing::plans::after;
use rstest::rstest;
use std::collections::BTreeSet;

fn events_after(occasion: &Occasion, user: &UserFacts, plan: &Plan, id: &str) -> Vec<BusEvent> {
    let then = after(user, &plan.steps);
    let deed = Deed {
        occasion,
        before: Some(user),
        after: Some(&then),
        episode: plan.episode.as_ref(),
        reason: plan.reason,
        planned: &plan.steps,
        done: &plan.steps,
    };
    events_of(&Run::new(ACCOUNT, now(), id), deed, &settings())
}

fn decided(name: &str, user: &UserFacts) -> Vec<Body> {
    decided_on(&occasion(name), user)
}

fn decided_on(occasion: &Occasion, user: &UserFacts) -> Vec<Body> {
    let plan = decide_on(occasion, user, &settings(), now());
    events_after(occasion, user, &plan, "run").iter().map(body).collect()
}

#[test]
fn containment_and_its_notice_are_one_finding() {
    let bodies = decided("ConsoleLogin", &overdue());
    let [containment, notice] = &bodies[..] else { panic!("two entries: {bodies:#?}") };
    assert_eq!(
        (containment.class_name.as_str(), containment.activity_name.as_str()),
        ("Account Change", "Lock")
    );
    assert_eq!((notice.class_name.as_str(), notice.activity_name.as_str()), ("Detection Finding", "Update"));
    assert_eq!((containment.state, notice.state), (State::New, State::Updated));
    assert_eq!(containment.severity, Level::High);
    assert_eq!(containment.finding_uid, notice.finding_uid);
    assert_ne!(containment.uid, notice.uid);
    let bodies: Vec<Body> =
        bodies.into_iter().map(|body| Body { version: "VERSION".to_owned(), ..body }).collect();
    insta::assert_json_snapshot!(bodies);
}

#[test]
fn finding_goes_on_from_the_first_notice_to_the_release() {
    let states = |name: &str, user: &UserFacts| -> Vec<State> {
        decided(name, user).iter().map(|body| body.state).collect()
    };
    assert_eq!(states("CreateLoginProfile", &in_grace()), [State::New]);
    let warned = warned_user("alice");
    assert!(Episode::is_under_way(&warned, now()));
    assert_eq!(states("ConsoleLogin", &warned), [State::Updated, State::Updated]);
    assert_eq!(states("EnableMFADevice", &contained(compliant())), [State::Resolved, State::Resolved]);
    let uids: BTreeSet<String> =
        [("CreateLoginProfile", in_grace()), ("EnableMFADevice", contained(compliant()))]
            .iter()
            .flat_map(|(name, user)| decided(name, user))
            .map(|body| body.finding_uid)
            .collect();
    assert_eq!(uids.len(), 1);
}

/// Contained, and enrolled just now: sessions from before may still be open.
fn enrolled_just_now() -> UserFacts {
    let mut user = contained(compliant());
    user.devices[0].enabled = now();
    user
}

#[rstest]
#[case(
    "put-back",
    guard_fixtures::occasion("DetachUserPolicy"),
    detached(),
    Level::High,
    "the quarantine of alice was put back"
)]
#[case(
    "release",
    occasion("EnableMFADevice"),
    contained(compliant()),
    Level::Informational,
    "alice is out of quarantine"
)]
#[case(
    "release",
    occasion("EnableMFADevice"),
    enrolled_just_now(),
    Level::Informational,
    "the quarantine of alice ends soon: only old sessions stay limited"
)]
#[case(
    "exemption",
    occasion("Sweep"),
    exempted_lately(contained(exempt())),
    Level::Low,
    "an exemption of alice was noted"
)]
fn title_says_what_was_done(
    #[case] kind: &str,
    #[case] occasion: Occasion,
    #[case] user: UserFacts,
    #[case] level: Level,
    #[case] title: &str,
) {
    let bodies = decided_on(&occasion, &user);
    let act = bodies.iter().find(|body| body.kind == kind).unwrap();
    assert_eq!((act.severity, act.title.as_str()), (level, title));
}

/// Whether it is the first that is told of the user, or not.
#[test]
fn containment_that_failed_goes_on_with_the_finding() {
    let about_room = |notice: &Notice| {
        let Notice::Alert(alert) = notice else { return false };
        matches!(alert.subject, AlertSubject::User(_, UserAlert::NoRoom { .. }))
    };
    let alert = every_notice().into_iter().map(|(_, notice)| notice).find(about_room).unwrap();
    let occasion = occasion("ConsoleLogin");
    let state = |user: &UserFacts| {
        let plan = decide_on(&occasion, user, &settings(), now());
        let plan = Plan { steps: vec![Step::Notify(Box::new(alert.clone()))], ..plan };
        body(&events_after(&occasion, user, &plan, "run")[0]).state
    };
    assert_eq!((state(&overdue()), state(&warned_user("alice"))), (State::New, State::Updated));
}

/// Every trigger in every posture. The schema is checked for each entry.
#[test]
fn every_act_and_notice_is_put_once() {
    for name in occasions() {
        for (label, user) in users() {
            let occasion = occasion(name);
            let plan = decide_on(&occasion, &user, &settings(), now());
            let bodies: Vec<Body> = events_after(&occasion, &user, &plan, "run").iter().map(body).collect();
            let notices = plan.steps.iter().filter(|step| matches!(step, Step::Notify(_))).count();
            assert_eq!(bodies.iter().filter(|body| body.told.is_some()).count(), notices, "{name}, {label}");
            let uids: BTreeSet<&String> = bodies.iter().map(|body| &body.uid).collect();
            assert_eq!(uids.len(), bodies.len(), "{name}, {label}");
            let changes = plan.steps.iter().any(|step| step.effect().contains() || step.effect().releases());
            assert!(!changes || bodies.iter().any(|body| body.class_uid == 3001), "{name}, {label}");
        }
    }
}

#[test]
fn second_delivery_has_the_same_ids() {
    let occasion = occasion("ConsoleLogin");
    let plan = decide_on(&occasion, &overdue(), &settings(), now());
    let ids = |run: &str| -> Vec<String> {
        let events = events_after(&occasion, &overdue(), &plan, run);
        events.iter().map(|event| body(event).uid).collect()
    };
    assert_eq!(ids("first"), ids("second"));
}

#[test]
fn every_alert_fits_the_schema() {
    for (label, notice) in every_notice() {
        let Notice::Alert(alert) = notice else { continue };
        let body = body(&event_of_alert(&alert, now(), &settings()));
        assert!(body.state != State::Updated, "{label}");
        assert_eq!(body.user.is_some(), alert.subject.person().is_some(), "{label}");
    }
}

/// A daily sweep that does not find it any more says that it is over.
#[test]
fn alert_about_what_stands_is_a_finding_of_sweeps() {
    let name = || "quarantine".to_owned();
    for (label, finding) in [
        ("policy changed", AccountFinding::SpareInForce(name())),
        ("policy not put back", AccountFinding::QuarantineStopsNothing(name())),
        ("group gone", AccountFinding::GroupGone(name())),
        ("group renamed", AccountFinding::GroupGone(name())),
    ] {
        let (_, notice) = quarantine_notices().into_iter().find(|(known, _)| *known == label).unwrap();
        let Notice::Alert(alert) = notice else { panic!("no alert: {label}") };
        assert_eq!(body(&event_of_alert(&alert, now(), &settings())).code, finding.code(), "{label}");
    }
}

/// What stands stays one finding. What happened is another one each time.
#[test]
fn alerts_that_are_a_finding_of_their_own_each_time() {
    let mut once = BTreeSet::new();
    for (_, notice) in every_notice() {
        let Notice::Alert(mut alert) = notice else { continue };
        let first = body(&event_of_alert(&alert, now(), &settings()));
        let another = EventId::new("another").unwrap();
        match &mut alert.background.occasion {
            Occasion::Event(event) => event.source.id = another,
            Occasion::Sweep(request) => request.id = another,
        }
        let second = body(&event_of_alert(&alert, now(), &settings()));
        assert_ne!(first.uid, second.uid);
        if first.finding_uid != second.finding_uid {
            once.insert(first.code);
        }
    }
    insta::assert_debug_snapshot!(once);
}

/// Nothing that a caller chose, and no address.
#[test]
fn entries_hold_no_more_of_a_person_than_name_and_id() {
    let bodies = decided("ConsoleLogin", &overdue());
    let text = serde_json::to_string(&bodies).unwrap();
    assert!(!text.contains('@') && !text.contains("203.0.113") && !text.contains("Mozilla"), "{text}");
}

/// IAM allows every printable character of ASCII in a path.
#[test]
fn resource_can_be_quoted_whatever_the_path() {
    let of = |path: &str| {
        let user = UserFacts { path: path.to_owned(), ..overdue() };
        let occasion = occasion("ConsoleLogin");
        let plan = decide_on(&occasion, &user, &settings(), now());
        body(&events_after(&occasion, &user, &plan, "run")[0])
    };
    let plain = of("/team/");
    assert!(plain.resource.ends_with(":user/team/alice") && plain.resource == plain.user.unwrap().arn);
    let long = format!("/{}/", "x".repeat(500));
    for path in ["/\",\"severity\":\"info/", "/<b>/", "/a\\b/", "/a|b/", &long] {
        let body = of(path);
        assert!(body.resource.ends_with(":user/alice"), "{}", body.resource);
        assert!(body.user.unwrap().arn.ends_with(&format!(":user{path}alice")));
    }
}

#[test]
fn act_and_notice_have_the_same_user() {
    let user = UserFacts { path: "/team/".to_owned(), ..overdue() };
    let arns: Vec<String> =
        decided("ConsoleLogin", &user).into_iter().map(|body| body.user.unwrap().arn).collect();
    assert_eq!(arns, ["arn:aws:iam::123456789012:user/team/alice"; 2]);
}

/// A run attached the policy and failed, and its retry finds that: a consumer can drop the second one.
#[test]
fn containment_that_a_retry_finds_has_the_same_id() {
    let occasion = occasion("ConsoleLogin");
    let first = decide_on(&occasion, &overdue(), &settings(), now());
    let before_the_notice: Vec<Step> =
        first.steps.iter().take_while(|step| !matches!(step, Step::Notify(_))).cloned().collect();
    let contained = after(&overdue(), &before_the_notice);
    let retry = decide_on(&occasion, &contained, &settings(), now());
    let uid = |user: &UserFacts, plan: &Plan| {
        let bodies: Vec<Body> = events_after(&occasion, user, plan, "run").iter().map(body).collect();
        bodies.into_iter().find(|body| body.kind == "containment").unwrap().uid
    };
    assert_ne!(first.reason, retry.reason);
    assert_eq!(uid(&overdue(), &first), uid(&contained, &retry));
}

#[rstest]
#[case::without_width("al\u{202E}ice\u{200B}\u{2028}x\"<", "al ice  x'(")]
#[case::control("al\u{7}ice\u{1B}x", "al ice x")]
#[case::space_that_is_none("al\u{A0}ice\u{3000}x", "al ice x")]
fn text_hides_nothing(#[case] name: &str, #[case] shown: &str) {
    let account = settings_with(&[("ACCOUNT_NAME", "Prod")]);
    let mut alert = every_notice().into_iter().find_map(|(_, notice)| match notice {
        Notice::Alert(alert) if alert.subject.person().is_some() => Some(alert),
        Notice::Alert(_) | Notice::User(_) => None,
    });
    let alert = alert.as_mut().unwrap();
    if let AlertSubject::User(person, _) = &mut alert.subject {
        name.clone_into(&mut person.name);
    }
    let body = event_of_alert(alert, now(), &account);
    let title = serde_json::from_str::<Body>(&body.detail).unwrap().title;
    assert!(title.contains(shown), "{title}");
}
