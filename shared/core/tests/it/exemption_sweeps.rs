//! Exemptions in sweeps: whom one releases, what the event history tells, and what is said before the end.

use crate::approval_fixtures;
use crate::exemption_fixtures::{
    VALUE, Who, call, event, exempting, is_exempt, looked_up, noted, planned, releases, robot, swept,
    tagging, whose,
};
use jiff::SignedDuration;
use mfa_enforcer_core::decide::sweep_user;
use mfa_enforcer_core::effect::Effect;
use mfa_enforcer_core::event::{EventId, Relation, SweepKind};
use mfa_enforcer_core::exemption::{Act, By, ExemptedBy, Mark};
use mfa_enforcer_core::facts::{AttachedBy, UserFacts};
use mfa_enforcer_core::plan::Step;
use mfa_enforcer_core::posture::{Exemption, Finding, Posture, posture};
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::tags::{self, EXEMPT_UNTIL_KEY, UserTag};
use mfa_enforcer_testing::fixtures::{
    contained, decide, exempt, exempted_lately, now, overdue, request, settings, settings_with, with_device,
    with_tag,
};
use mfa_enforcer_testing::plans::{after, notices, summary, user_notices};
use rstest::rstest;
use serde_json::{Value, json};

#[test]
fn sweep_releases_nobody_on_a_fresh_exemption() {
    for kind in [SweepKind::Hourly, SweepKind::Daily] {
        let user = looked_up(contained(exempt()), &[exempting(Who::Alice, 60)], kind, &settings(), now());
        let plan = swept(&user, kind);
        assert_eq!((plan.reason, notices(&plan)), (Reason::ExemptionNoted, vec![]));
        assert!(plan.findings.contains(&Finding::UnprovenExemption));
        let seen = after(&contained(exempt()), &plan.steps);
        assert_eq!(whose(&seen), "noted as unknown");
        // An hour later the history is up to date.
        let later = now() + SignedDuration::from_hours(1);
        let user = looked_up(seen, &[exempting(Who::Alice, 60)], kind, &settings(), later);
        let plan = sweep_user(&request().as_kind(kind), &user, &settings(), later);
        assert!(!releases(&plan), "{}", summary(&plan));
        assert_eq!(whose(&after(&user, &plan.steps)), "own");
    }
}

#[test]
fn sweep_releases_whom_somebody_else_exempted_since() {
    let hour = 3600;
    for (seconds, released) in [(hour, true), (4 * 24 * hour, false)] {
        let calls = [exempting(Who::Session, seconds)];
        let user = looked_up(contained(exempt()), &calls, SweepKind::Hourly, &settings(), now());
        let plan = swept(&user, SweepKind::Hourly);
        assert_eq!(releases(&plan), released, "contained three days ago: {}", summary(&plan));
    }
    let forged = noted(
        contained(exempt()),
        &format!("2026-11-24T08:00:00Z AIDAEXAMPLECAROL of={}", Mark::of_tag(VALUE)),
    );
    let forged = looked_up(forged, &[], SweepKind::Hourly, &settings(), now());
    assert!(!releases(&swept(&forged, SweepKind::Hourly)), "a note alone proves nothing");
}

#[test]
fn alert_comes_before_the_note_of_an_exemption() {
    let (settings, now) = (approval_fixtures::settings(), now() + SignedDuration::from_hours(2));
    // The user has approved their own release, and exempted themselves.
    let user = approval_fixtures::told(approval_fixtures::waiting(), Relation::Oneself);
    let user = with_tag(user, EXEMPT_UNTIL_KEY, VALUE);
    let user = looked_up(user, &[exempting(Who::Alice, 60)], SweepKind::Daily, &settings, now);
    let plan = sweep_user(&request().as_kind(SweepKind::Daily), &user, &settings, now);
    let effects: Vec<Effect> = plan.steps.iter().map(Step::effect).collect();
    assert_eq!(effects[..3], [Effect::Alert, Effect::RecordAlert, Effect::RecordExemption], "{effects:?}");
    assert!(effects.is_sorted(), "{effects:?}");
}

/// The call of a sweep that wrote the user's note an hour ago.
fn our_note(user: &UserFacts) -> Value {
    tagging(Who::Us, 3600, UserTag::ExemptBy.key(), user.tag(UserTag::ExemptBy).unwrap())
}

#[rstest]
#[case::by_tag(exempt())]
#[case::by_name(robot("robot", "/"))]
#[case::by_path(robot("alice", "/robots/"))]
fn unknown_exemption_releases_after_a_second_look(#[case] user: UserFacts) {
    let before = now() - SignedDuration::from_hours(1);
    let user = looked_up(contained(user), &[], SweepKind::Hourly, &settings(), before);
    let plan = mfa_enforcer_core::decide::sweep_user(
        &request().as_kind(SweepKind::Hourly),
        &user,
        &settings(),
        before,
    );
    assert!(!releases(&plan) && plan.steps.len() == 1, "{}", summary(&plan));
    let seen = after(&user, &plan.steps);
    for (calls, released) in [(vec![our_note(&seen)], true), (Vec::new(), false)] {
        let calls: Vec<Value> = calls
            .into_iter()
            .map(|mut call| {
                call["detail"]["requestParameters"]["userName"] = json!(seen.name.as_str());
                call
            })
            .collect();
        let user = looked_up(seen.clone(), &calls, SweepKind::Hourly, &settings(), now());
        let plan = swept(&user, SweepKind::Hourly);
        assert_eq!(releases(&plan), released, "only if the sweep itself wrote it: {}", summary(&plan));
    }
}

#[test]
fn note_that_is_not_ours_any_more_proves_nothing() {
    // Alice wrote it anew in the minutes before the sweep, which the history does not tell yet.
    let forged = format!("2026-11-24T08:00:00Z AIDAEXAMPLECAROL of={}", Mark::of_tag(VALUE));
    let ours = "2026-11-24T08:00:00Z unknown of=1";
    let calls = [tagging(Who::Us, 3600, UserTag::ExemptBy.key(), ours)];
    let user = looked_up(noted(contained(exempt()), &forged), &calls, SweepKind::Hourly, &settings(), now());
    let plan = swept(&user, SweepKind::Hourly);
    assert!(!releases(&plan), "{}", summary(&plan));
}

#[test]
fn exemption_of_a_free_user_needs_no_proof() {
    for user in [exempt(), robot("robot", "/"), robot("alice", "/robots/")] {
        let user = looked_up(user, &[], SweepKind::Daily, &settings(), now());
        assert!(!swept(&user, SweepKind::Daily).findings.contains(&Finding::UnprovenExemption));
    }
    let by_name = looked_up(robot("robot", "/"), &[], SweepKind::Daily, &settings(), now());
    assert_eq!(swept(&by_name, SweepKind::Daily).steps, [], "the settings say it");
}

#[test]
fn question_stays_open_while_the_history_may_be_late() {
    let minutes_ago = |minutes| now() - SignedDuration::from_mins(minutes);
    let first = looked_up(contained(exempt()), &[], SweepKind::Hourly, &settings(), minutes_ago(10));
    let plan = sweep_user(&request().as_kind(SweepKind::Hourly), &first, &settings(), minutes_ago(10));
    let seen = after(&first, &plan.steps);
    assert!(seen.tag(UserTag::ExemptBy).unwrap().contains(" seen of="), "{}", summary(&plan));
    let again = looked_up(seen, &[], SweepKind::Hourly, &settings(), now());
    assert_eq!(swept(&again, SweepKind::Hourly).steps, []);
}

#[test]
fn contained_user_with_mfa_is_released_as_without_an_exemption() {
    let staged = settings_with(&[("RELEASE_AFTER", "12h")]);
    let mut user = contained(with_device(exempt(), "arn:aws:iam::123456789012:mfa/phone"));
    user.devices[0].enabled = now() - SignedDuration::from_mins(5);
    for name in ["EnableMFADevice", "Sweep"] {
        let occasion = mfa_enforcer_testing::fixtures::occasion(name);
        let plan = mfa_enforcer_testing::fixtures::decide_on(&occasion, &user, &staged, now());
        assert_eq!(plan.reason, Reason::MfaEnrolled, "{name}: {}", summary(&plan));
        assert!(!releases(&plan), "{name}: {}", summary(&plan));
    }
}

#[test]
fn lost_event_is_found_by_the_daily_sweep() {
    let day = 24 * 3600;
    for (who, origin, code) in [(Who::Carol, "other", "exempt"), (Who::Alice, "own", "overdue")] {
        let user = looked_up(exempt(), &[exempting(who, 2 * day)], SweepKind::Daily, &settings(), now());
        let plan = swept(&user, SweepKind::Daily);
        let then = after(&exempt(), &plan.steps);
        assert_eq!(
            (whose(&then), posture(&then, &settings(), now()).code()),
            (origin, code),
            "{}",
            summary(&plan)
        );
    }
    let hourly =
        looked_up(exempt(), &[exempting(Who::Alice, 2 * day)], SweepKind::Hourly, &settings(), now());
    assert_eq!(hourly, exempt(), "an hourly sweep asks about contained users only");
}

#[test]
fn history_that_does_not_tell_is_asked_twice() {
    let first = looked_up(exempt(), &[], SweepKind::Daily, &settings(), now());
    let seen = after(&first, &swept(&first, SweepKind::Daily).steps);
    assert!(is_exempt(&seen));
    let tomorrow = now() + SignedDuration::from_hours(24);
    let second = looked_up(seen, &[], SweepKind::Daily, &settings(), tomorrow);
    let plan = sweep_user(&request(), &second, &settings(), tomorrow);
    let then = UserFacts { exempted_by: exempt().exempted_by, ..after(&second, &plan.steps) };
    assert!(then.tag(UserTag::ExemptBy).unwrap().contains(" unknown of="), "{plan:?}");
    let third = looked_up(then.clone(), &[], SweepKind::Daily, &settings(), tomorrow);
    assert_eq!(third.exempted_by.read, None, "not asked again");
    let self_made = tagging(Who::Alice, 3600, tags::EXEMPT_UNTIL_KEY, VALUE);
    assert_eq!(whose(&after(&then, &planned(&self_made, &then).steps)), "own", "an event still counts");
}

#[test]
fn later_act_of_the_user_is_found_in_spite_of_a_note() {
    let noted = after(&exempt(), &planned(&exempting(Who::Carol, 9 * 3600), &exempt()).steps);
    for forging in [exempting(Who::Alice, 3600), tagging(Who::Alice, 3600, UserTag::ExemptBy.key(), "x")] {
        let user = looked_up(noted.clone(), &[forging], SweepKind::Daily, &settings(), now());
        assert!(!is_exempt(&user));
        assert_eq!(whose(&after(&noted, &swept(&user, SweepKind::Daily).steps)), "own");
    }
}

#[test]
fn rename_does_not_hide_who_exempted_the_user() {
    let mut renaming = call("UpdateUser", Who::Carol, 1800, &json!({"newUserName": "alice"}));
    renaming["detail"]["requestParameters"]["userName"] = json!("eve");
    let mut by_carol = exempting(Who::Carol, 7200);
    by_carol["detail"]["requestParameters"]["userName"] = json!("eve");
    let mut own = exempting(Who::Alice, 7200);
    own["detail"]["userIdentity"]["userName"] = json!("eve");
    own["detail"]["userIdentity"]["arn"] = json!("arn:aws:iam::123456789012:user/eve");
    own["detail"]["requestParameters"]["userName"] = json!("eve");
    for (call, origin) in [(by_carol, "other"), (own, "own")] {
        let user = looked_up(exempt(), &[renaming.clone(), call], SweepKind::Daily, &settings(), now());
        assert_eq!(whose(&user), origin);
    }
}

/// Alice, exempt until in so many days, and without MFA.
fn ending_in(days: i64) -> UserFacts {
    let until =
        (now() + SignedDuration::from_hours(24 * days)).to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    with_tag(overdue(), tags::EXEMPT_UNTIL_KEY, &format!("{until} TICKET-7"))
}

#[rstest]
#[case(8, false)]
#[case(7, true)]
#[case(0, true)]
fn end_of_an_exemption_is_told_in_the_last_week(#[case] days: i64, #[case] told: bool) {
    let plan = swept(&ending_in(days), SweepKind::Daily);
    assert_eq!(notices(&plan), if told { vec!["exemption-ending"] } else { vec![] });
    let then = after(&ending_in(days), &plan.steps);
    assert_eq!(notices(&swept(&then, SweepKind::Daily)), [""; 0], "once");
    assert_eq!(notices(&swept(&ending_in(days), SweepKind::Hourly)), [""; 0]);
    let longer = with_tag(then, tags::EXEMPT_UNTIL_KEY, "2027-06-30 TICKET-8");
    assert_eq!(notices(&swept(&longer, SweepKind::Daily)), [""; 0]);
}

#[test]
fn end_of_an_exemption_is_told_once() {
    let told = "exemption-ending 2026-11-22T09:00:00Z event=earlier";
    let user = with_tag(ending_in(3), UserTag::Notified.key(), told);
    assert_eq!(swept(&user, SweepKind::Daily).steps, []);
}

#[test]
fn only_those_without_mfa_hear_of_the_end() {
    let device = with_device(ending_in(3), "arn:aws:iam::123456789012:mfa/phone");
    let machine = UserFacts { login_profile_created: None, ..ending_in(3) };
    let own = after(
        &ending_in(3),
        &planned(&tagging(Who::Alice, 300, tags::EXEMPT_UNTIL_KEY, "2026-11-27 TICKET-7"), &ending_in(3))
            .steps,
    );
    for user in [device, machine, own] {
        assert!(!notices(&swept(&user, SweepKind::Daily)).contains(&"exemption-ending"));
    }
    let notify = settings_with(&[("MODE", "notify")]);
    let plan = |settings: &Settings| sweep_user(&request(), &ending_in(3), settings, now());
    assert_eq!(notices(&plan(&notify)), ["exemption-ending"]);
    assert_eq!(notices(&plan(&settings_with(&[("MODE", "observe")]))), [""; 0]);
}

#[test]
fn user_told_of_the_end_is_contained_right_after_it() {
    let user = ending_in(3);
    let told = after(&user, &swept(&user, SweepKind::Daily).steps);
    let after_the_end = now() + SignedDuration::from_hours(4 * 24);
    let plan = sweep_user(&request(), &told, &settings(), after_the_end);
    assert!(matches!(plan.reason, Reason::Contain(_)), "{}", summary(&plan));
}

#[test]
fn release_by_name_waits_for_proof_like_any_other() {
    let proven = exempted_lately(contained(robot("robot", "/")));
    assert!(releases(&swept(&proven, SweepKind::Hourly)));
    assert!(!releases(&swept(&contained(robot("robot", "/")), SweepKind::Hourly)));
    assert_eq!(posture(&proven, &settings(), now()), Posture::Exempt(Exemption::Name));
}

#[test]
fn observe_mode_notes_nothing() {
    let observe = settings_with(&[("MODE", "observe")]);
    let plan = decide(&event(&exempting(Who::Alice, 300)), &exempt(), &observe, now());
    assert!(plan.steps.is_empty() && !plan.withheld.is_empty());
    let user = looked_up(exempt(), &[exempting(Who::Carol, 3600)], SweepKind::Daily, &observe, now());
    let plan = sweep_user(&request(), &user, &observe, now());
    assert!(plan.steps.is_empty() && plan.withheld.is_empty(), "{}", summary(&plan));
}

#[test]
fn record_alone_is_not_removed_without_a_proof() {
    // Somebody took the policy a moment ago, and the user took an exemption.
    let mut user = with_tag(contained(overdue()), tags::EXEMPT_UNTIL_KEY, "2026-12-31 TICKET-7");
    user.attached_policies.clear();
    let plan = swept(&user, SweepKind::Hourly);
    assert_eq!((plan.reason, plan.steps.len()), (Reason::ExemptionUnproven, 0), "{}", summary(&plan));
}

#[test]
fn what_a_told_release_left_over_is_lifted_without_a_word() {
    let mut user = exempted_lately(contained(exempt()));
    user.tags.remove(UserTag::Quarantined.key());
    user.attached_by = AttachedBy::Us(now() - SignedDuration::from_mins(70));
    for (minutes, told) in [(60, 0), (80, 1)] {
        let at = tags::second(now() - SignedDuration::from_mins(minutes));
        let user = with_tag(user.clone(), UserTag::Notified.key(), &format!("released {at} event=exempting"));
        let plan = swept(&user, SweepKind::Daily);
        assert!(releases(&plan), "{}", summary(&plan));
        assert_eq!(notices(&plan).len(), told, "{}", summary(&plan));
    }
}

#[test]
fn exemption_by_nobody_known_is_no_proof() {
    let calls = [exempting(Who::Service, 3600)];
    let user = looked_up(contained(exempt()), &calls, SweepKind::Hourly, &settings(), now());
    assert!(!releases(&swept(&user, SweepKind::Hourly)));
}

#[test]
fn tag_beside_an_exempt_name_opens_no_question() {
    let user = with_tag(robot("robot", "/"), EXEMPT_UNTIL_KEY, VALUE);
    let user = looked_up(user, &[], SweepKind::Daily, &settings(), now());
    let plan = swept(&user, SweepKind::Daily);
    assert_eq!(plan.steps, [], "{}", summary(&plan));
}

#[test]
fn word_of_the_end_says_from_when_a_sweep_contains() {
    let waits = |user: &UserFacts| {
        let plan = swept(user, SweepKind::Daily);
        let [notice] = user_notices(&plan)[..] else { panic!("{}", summary(&plan)) };
        notice.background.sweep_waits_until
    };
    assert_eq!(waits(&ending_in(0)), Some(now() + SignedDuration::from_hours(24)));
    assert_eq!(waits(&ending_in(3)), None, "when it ends");
}

#[test]
fn exemption_from_before_another_tag_does_not_count() {
    let act = |who: &str, of: &str, hours: i64| Act {
        at: now() - SignedDuration::from_hours(hours),
        by: By::principal(who),
        event: EventId::new("exempting"),
        of: Mark::of_tag(of),
    };
    let told = |hours: i64| {
        let acts = vec![act("AIDAEXAMPLECAROL", VALUE, 3), act("AIDAEXAMPLEALICE", "2026-11-30 x", hours)];
        let exempted_by = ExemptedBy { read: Some(now()), acts, ..ExemptedBy::default() };
        whose(&UserFacts { exempted_by, ..exempt() })
    };
    assert_eq!((told(2), told(3), told(4)), ("unknown", "other", "other"));
}
