//! What holds a sweep back, whom an event is about, and what cannot be recorded.

use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::decide::{
    After, Ask, ask, contain_unrecorded, look_again, quarantines_held, sweep_user,
};
use mfa_enforcer_core::device::{MfaDevice, Serial};
use mfa_enforcer_core::digest::{ChangeKind, SweepResult, UserChange};
use mfa_enforcer_core::effect::Effect;
use mfa_enforcer_core::event::{Subject, VISIBILITY_LAG};
use mfa_enforcer_core::facts::{RootLedger, UserFacts};
use mfa_enforcer_core::notice::UserMessage;
use mfa_enforcer_core::plan::Plan;
use mfa_enforcer_core::plan::Step;
use mfa_enforcer_core::posture::Finding;
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::snapshot::UserSnapshot;
use mfa_enforcer_core::sweep::{Slots, unused_exemptions, user_change};
use mfa_enforcer_core::tags::{self, Cause, LastNotice, UserTag};
use mfa_enforcer_testing::fixtures::{
    PHONE_SERIAL, POLICY, compliant, contained, decide, envelope, event, event_of, exempt, in_grace, now,
    occasions, overdue, request, settings, settings_with, warned, with_tag, without_password,
};
use mfa_enforcer_testing::plans::{after, background, notices, summary, user_notices};
use rstest::rstest;
use serde_json::json;

use crate::snapshot_fixtures::alice_with;

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

fn swept(user: &UserFacts, settings: &Settings, now: Timestamp) -> Plan {
    sweep_user(&request(), user, settings, now)
}

#[test]
fn nobody_is_contained_within_a_day_of_the_first_notice() {
    let first = swept(&overdue(), &settings(), now());
    assert_eq!(notices(&first), ["final-notice"], "{}", summary(&first));
    let from = now() + hours(24);
    let message = user_notices(&first)[0].message;
    assert!(matches!(message, UserMessage::Deadline { deadline, last: true } if deadline == from));
    let told = after(&overdue(), &first.steps);
    let early = swept(&told, &settings(), from - SignedDuration::from_secs(1));
    assert_eq!(early.reason, Reason::NoticePeriod);
    assert!(early.steps.is_empty(), "{}", summary(&early));
    assert_eq!(swept(&told, &settings(), from).reason, Reason::Contain(Cause::DeadlinePassed));
}

#[test]
fn later_notice_keeps_the_time_of_the_first() {
    let first = swept(&in_grace(), &settings(), now());
    let told = after(&in_grace(), &first.steps);
    let second = decide(&event("ConsoleLogin"), &told, &settings(), now() + hours(30));
    let then = after(&told, &second.steps).last_notice().unwrap();
    assert_eq!((then.at, then.first), (now() + hours(30), Some(now())));
    let released = with_tag(told, UserTag::Notified.key(), "released 2026-11-24T09:00:00Z event=earlier");
    let again = decide(&event("ConsoleLogin"), &released, &settings(), now() + hours(60));
    assert_eq!(after(&released, &again.steps).last_notice().unwrap().first, None, "a new episode");
}

#[test]
fn old_tag_counts_from_its_own_time() {
    let old = with_tag(overdue(), UserTag::Notified.key(), "reminder 2026-11-24T08:00:00Z event=earlier");
    assert_eq!(swept(&old, &settings(), now()).reason, Reason::NoticePeriod);
    assert_eq!(swept(&old, &settings(), now() + hours(23)).reason, Reason::Contain(Cause::DeadlinePassed));
}

#[test]
fn events_and_put_backs_are_not_held() {
    let sign_in = decide(&event("ConsoleLogin"), &overdue(), &settings(), now());
    assert_eq!(sign_in.reason, Reason::Contain(Cause::SignIn));
    let removal = decide(&event("DeactivateMFADevice"), &overdue(), &settings(), now());
    assert_eq!(removal.reason, Reason::Contain(Cause::MfaRemoved));
    let undone = UserFacts { attached_policies: Vec::new(), ..contained(overdue()) };
    let undone = with_tag(undone, UserTag::Notified.key(), "quarantined 2026-11-24T08:00:00Z event=earlier");
    let back = swept(&undone, &settings(), now());
    assert!(settings().quarantine.holds(&after(&undone, &back.steps)), "{}", summary(&back));
    assert!(!Slots::left([], &settings(), now()).admit(back, &undone).steps.is_empty());
}

#[test]
fn short_grace_names_the_moment_of_the_sweep() {
    let settings = settings_with(&[("GRACE_PERIOD", "6h")]);
    let created = event("CreateLoginProfile").source.time;
    let user = UserFacts { login_profile_created: Some(created), ..overdue() };
    let plan = decide(&event("CreateLoginProfile"), &user, &settings, now());
    assert_eq!(notices(&plan), ["welcome"]);
    let Step::Notify(notice) = &plan.steps[0] else { panic!("{}", summary(&plan)) };
    assert_eq!(background(notice).sweep_waits_until, Some(now() + hours(24)));
}

fn snapshot(user: UserFacts) -> UserSnapshot {
    UserSnapshot { user, ..alice_with(&[]) }
}

#[test]
fn whoever_waits_for_the_hour_is_not_among_those_who_wait_for_the_day() {
    let waits = |name: &str, reason| UserChange {
        name: name.to_owned(),
        id: name.to_owned(),
        episode: None,
        what: ChangeKind::Waiting,
        reason: Some(reason),
        error: String::new(),
    };
    let limits = [Reason::HourlyLimitReached, Reason::LimitReached, Reason::OrganizationLimitReached];
    let users =
        ["alice", "bob", "carol"].into_iter().zip(limits).map(|(name, limit)| waits(name, limit)).collect();
    let result = SweepResult { users, ..SweepResult::default() };
    assert_eq!(result.waiting(), ["alice", "bob", "carol"]);
    assert_eq!(result.waiting_for_day(), ["bob"]);
}

#[test]
fn administrators_hear_once_a_day_who_waits() {
    let told =
        |ledger: &RootLedger| quarantines_held(&request(), vec!["bob".to_owned()], ledger, &settings());
    let first = told(&RootLedger::Told(Vec::new()));
    assert_eq!(notices(&first), ["quarantines-held"]);
    let Some(Step::RecordRootAlert(value)) = first.steps.last() else { panic!("{}", summary(&first)) };
    assert!(told(&RootLedger::Told(tags::parse_root_events(value))).steps.is_empty());
    assert!(quarantines_held(&request(), Vec::new(), &RootLedger::Unreadable, &settings()).steps.is_empty());
}

/// Fills the user's tags with others' up to this number.
fn with_tags(mut user: UserFacts, count: usize) -> UserFacts {
    for number in user.tags.iter().count()..count {
        user.tags.insert(format!("tag{number}"), String::new());
    }
    user
}

#[test]
fn full_tags_are_a_finding_and_not_written() {
    let user = with_tags(overdue(), 50);
    let plan = decide(&event("ConsoleLogin"), &user, &settings(), now());
    assert_eq!(notices(&plan), ["quarantined"]);
    assert!(!plan.steps.iter().any(|step| step.effect().records()), "{}", summary(&plan));
    assert_eq!(plan.findings, [Finding::TagsFull]);
    let again = decide(&event("ConsoleLogin"), &after(&user, &plan.steps), &settings(), now());
    assert!(again.steps.is_empty(), "{}", summary(&again));
}

#[test]
fn who_cannot_be_noted_is_told_on_one_day_of_the_week() {
    let user = with_tags(in_grace(), 50);
    let mut days = Vec::new();
    for day in 0..14 {
        let request =
            mfa_enforcer_core::event::SweepRequest { time: request().time + hours(24 * day), ..request() };
        let user = UserFacts { login_profile_created: Some(now() - hours(2)), ..user.clone() };
        let plan =
            sweep_user(&request, &user, &settings_with(&[("GRACE_PERIOD", "60d")]), now() + hours(24 * day));
        if !notices(&plan).is_empty() {
            days.push(day);
        }
    }
    assert_eq!(days.len(), 2, "{days:?}");
    assert_eq!(days[1] - days[0], 7);
}

#[test]
fn who_cannot_be_noted_counts_from_the_deadline() {
    let deadline = |hours_ago: i64| {
        let created = now() - hours(24 * 7 + hours_ago);
        with_tags(UserFacts { login_profile_created: Some(created), ..overdue() }, 50)
    };
    assert_ne!(swept(&deadline(23), &settings(), now()).reason, Reason::Contain(Cause::DeadlinePassed));
    assert_eq!(swept(&deadline(24), &settings(), now()).reason, Reason::Contain(Cause::DeadlinePassed));
}

#[rstest]
#[case::enrolled(compliant())]
#[case::without_password(without_password())]
#[case::in_grace(in_grace())]
#[case::overdue(overdue())]
fn each_break_glass_sign_in_is_critical(#[case] user: UserFacts) {
    let mut user = UserFacts { path: "/break-glass/".to_owned(), ..user };
    user.login_profile_created.get_or_insert(mfa_enforcer_testing::fixtures::days_ago(100));
    for id in ["one", "two"] {
        let mut envelope = envelope("ConsoleLogin");
        envelope["detail"]["eventID"] = json!(id);
        let event = event_of(&envelope);
        let plan = decide(&event, &user, &settings(), now());
        assert_eq!(notices(&plan), ["break-glass-sign-in"]);
        user = after(&user, &plan.steps);
        assert!(decide(&event, &user, &settings(), now()).steps.is_empty(), "once an event");
    }
    assert_eq!(notices(&decide(&event("ConsoleLogin"), &exempt(), &settings(), now())), [""; 0]);
}

#[test]
fn event_before_the_user_is_about_nobody() {
    for name in occasions().into_iter().filter(|name| *name != "Sweep" && *name != "DeleteUser") {
        let event = event(name);
        if event.subject == Subject::Quarantine {
            continue;
        }
        let younger = |seconds| UserFacts {
            created: event.source.time + SignedDuration::from_secs(seconds),
            login_profile_created: Some(event.source.time + SignedDuration::from_secs(seconds)),
            ..overdue()
        };
        assert_eq!(decide(&event, &younger(60), &settings(), now()).reason, Reason::EarlierUser, "{name}");
        assert_ne!(decide(&event, &younger(0), &settings(), now()).reason, Reason::EarlierUser, "{name}");
    }
    let other = UserFacts { id: "AIDAANOTHERALICE".to_owned(), ..overdue() };
    assert_eq!(decide(&event("ConsoleLogin"), &other, &settings(), now()).reason, Reason::EarlierUser);
}

#[test]
fn device_of_an_earlier_password_contains_nobody() {
    let event = event("DeactivateMFADevice");
    let set = |seconds: i64| {
        let created = event.source.time + SignedDuration::from_secs(seconds);
        UserFacts { login_profile_created: Some(created), ..overdue() }
    };
    assert_eq!(decide(&event, &set(20), &settings(), now()).reason, Reason::EarlierPassword);
    assert_eq!(decide(&event, &set(0), &settings(), now()).reason, Reason::Contain(Cause::MfaRemoved));
}

#[test]
fn device_enabled_in_the_second_of_the_removal_is_new() {
    let event = event("DeactivateMFADevice");
    let mut user = in_grace();
    user.devices.push(MfaDevice { serial: Serial::listed(PHONE_SERIAL), enabled: event.source.time });
    assert_eq!(decide(&event, &user, &settings(), now()).reason, Reason::HasMfa);
}

#[test]
fn crossing_enrolment_undoes_the_containment() {
    let user = overdue();
    let plan = swept(&warned(), &settings(), now());
    let contained = after(&warned(), &plan.steps);
    let look = |second: &UserFacts| {
        look_again(After::Containment, &request(), &user, Some(second), &settings(), now()).plan
    };
    let mut crossing = contained.clone();
    crossing.devices.push(MfaDevice { serial: Serial::listed(PHONE_SERIAL), enabled: now() });
    assert_eq!(notices(&look(&crossing)), ["released"], "{}", summary(&look(&crossing)));
    crossing.devices[0].enabled = now() - VISIBILITY_LAG;
    assert!(look(&crossing).steps.is_empty(), "a removed device may still be listed");
    assert!(look(&contained).steps.is_empty());
}

#[test]
fn not_found_on_a_write_is_a_lag_or_a_user_who_is_gone() {
    let event = event("ConsoleLogin");
    let user = overdue();
    let plan = decide(&event, &user, &settings(), now());
    let Ask::User(question) = ask(&event) else { panic!() };
    let look = |second: Option<&UserFacts>, now| {
        question.look_again(After::NotFound(&plan, Effect::Contain), &user, second, &settings(), now)
    };
    let fresh = look(Some(&user), event.source.time);
    assert!(fresh.settles && fresh.plan.reason == Reason::UserNotWritableYet && fresh.plan.steps.is_empty());
    let gone = look(None, now());
    assert!(gone.settles && gone.plan.reason == Reason::UserGone && gone.plan.steps.is_empty());
    let other = UserFacts { id: "AIDAANOTHERALICE".to_owned(), ..user.clone() };
    assert_eq!(look(Some(&other), now()).plan.reason, Reason::UserGone);
    let broken = look(Some(&user), now());
    assert!(!broken.settles);
    assert_eq!(notices(&broken.plan), ["containment-failed"]);
    let noted = question.look_again(
        After::NotFound(&plan, Effect::RecordNotice),
        &user,
        Some(&user),
        &settings(),
        now(),
    );
    assert_eq!(notices(&noted.plan), [""; 0], "the user was contained");
}

#[test]
fn refused_note_contains_a_day_after_the_deadline() {
    let user = |hours_ago: i64| UserFacts {
        login_profile_created: Some(now() - hours(24 * 7 + hours_ago)),
        is_unrecordable: true,
        ..overdue()
    };
    let first = swept(&overdue(), &settings(), now());
    let again = |user: &UserFacts| contain_unrecorded(&first, &request(), user, &settings(), now());
    assert_eq!(again(&user(23)), None);
    assert_eq!(again(&user(24)).unwrap().reason, Reason::Contain(Cause::DeadlinePassed));
    assert_eq!(again(&UserFacts { is_unrecordable: false, ..user(24) }), None);
    let contained = swept(&warned(), &settings(), now());
    assert_eq!(contain_unrecorded(&contained, &request(), &user(24), &settings(), now()), None, "it is done");
}

#[test]
fn break_glass_sign_in_counts_whatever_became_of_the_password() {
    let later = event("ConsoleLogin").source.time + SignedDuration::from_secs(30);
    for login_profile_created in [None, Some(later)] {
        let user = UserFacts { path: "/break-glass/".to_owned(), login_profile_created, ..overdue() };
        assert_eq!(
            notices(&decide(&event("ConsoleLogin"), &user, &settings(), now())),
            ["break-glass-sign-in"]
        );
    }
}

#[test]
fn claim_is_not_a_notice() {
    let claimed =
        with_tag(overdue(), UserTag::Notified.key(), "final-notice 2026-11-24T09:00:00Z event=x claimed");
    let plan = swept(&claimed, &settings(), now());
    assert_eq!(notices(&plan), ["final-notice"], "{}", summary(&plan));
    let kept = "reminder 2026-11-24T09:00:00Z event=x first=2026-11-20T09:00:00Z claimed";
    assert!(LastNotice::parse(kept).unwrap().claimed);
    let told_before = with_tag(overdue(), UserTag::Notified.key(), kept);
    assert_eq!(swept(&told_before, &settings(), now()).reason, Reason::Contain(Cause::DeadlinePassed));
    assert!(!settings().quarantine.holds(&claimed) && POLICY.starts_with("arn:"));
}

#[test]
fn exemption_that_matches_nobody_is_a_finding() {
    let settings = settings_with(&[
        ("EXEMPT_USERS", "Alice robot,carol"),
        ("EXEMPT_PATHS", "/ops,oncall/ /robots/"),
        ("BREAK_GLASS_PATH", "/break-glass/"),
    ]);
    let users =
        [snapshot(overdue()), snapshot(UserFacts { path: "/ops,oncall/eu/".to_owned(), ..overdue() })];
    let findings: Vec<String> =
        unused_exemptions(&users, &settings).iter().map(|finding| format!("{finding:?}")).collect();
    let nobody = |setting: &str, entry: &str| {
        format!("ExemptsNobody {{ setting: \"{setting}\", entry: \"{entry}\" }}")
    };
    let expected = [
        nobody("EXEMPT_USERS", "robot,carol"),
        nobody("EXEMPT_PATHS", "/robots/"),
        nobody("BREAK_GLASS_PATH", "/break-glass/"),
    ];
    assert_eq!(findings, expected);
}

#[test]
fn sign_in_function_lifts_nothing_after_a_crossing_enrolment() {
    let event = event("ConsoleLogin");
    let Ask::User(question) = ask(&event) else { panic!() };
    for after_hours in ["12h", "0s"] {
        let settings = settings_with(&[
            ("RELEASE_AFTER", after_hours),
            ("QUARANTINE_SCOPE", "everything"),
            ("CONSOLE_POLICY_ARN", "arn:aws:iam::123456789012:policy/console"),
        ]);
        let first = decide(&event, &overdue(), &settings, now());
        let mut crossing = after(&overdue(), &first.steps);
        crossing.devices.push(MfaDevice { serial: Serial::listed(PHONE_SERIAL), enabled: now() });
        let undone =
            question.look_again(After::Containment, &overdue(), Some(&crossing), &settings, now()).plan;
        let lifts = |step: &Step| [Effect::Release, Effect::EndQuarantine].contains(&step.effect());
        assert!(!undone.steps.iter().any(lifts), "{}", summary(&undone));
        assert_eq!(undone.steps.is_empty(), after_hours == "0s", "{}", summary(&undone));
    }
}

#[test]
fn record_without_the_policy_is_no_repair() {
    let plan = swept(&warned(), &settings(), now());
    let recorded = &plan.steps[..1];
    assert_eq!(recorded[0].effect(), Effect::RecordQuarantine, "{}", summary(&plan));
    assert_eq!(user_change(&warned(), &plan, recorded), None);
    assert_eq!(user_change(&warned(), &plan, &plan.steps), Some(ChangeKind::Contained));
}
