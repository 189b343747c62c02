//! Exemptions as decisions: who set one, whether it counts, what is noted and told.

use crate::exemption_fixtures::{
    VALUE, Who, call, event, exempting, looked_up, note_of, noted, planned, tagging, whose,
};
use jiff::SignedDuration;
use mfa_enforcer_core::effect::Effect;
use mfa_enforcer_core::event::{EventId, SweepKind};
use mfa_enforcer_core::exemption::{Act, By, ExemptBy, ExemptUntil, Mark, Why};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::notice::{AlertSubject, Notice, Severity, UserAlert};
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::posture::{Exemption, Finding, Posture, exemption_findings, posture};
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::tags::{self, UserTag};
use mfa_enforcer_testing::fixtures::{
    contained, decide, decided, exempt, exempted_lately, now, overdue, request, settings, settings_with,
    with_device, with_tag, without_password,
};
use mfa_enforcer_testing::plans::{after, notices, summary};
use rstest::rstest;
use serde_json::{Value, json};

fn swept(user: &UserFacts, kind: SweepKind) -> Plan {
    mfa_enforcer_core::decide::sweep_user(&request().as_kind(kind), user, &settings(), now())
}

fn is_exempt(user: &UserFacts) -> bool {
    matches!(posture(user, &settings(), now()), Posture::Exempt(_))
}

fn releases(plan: &Plan) -> bool {
    plan.steps.iter().any(|step| step.effect() == Effect::Release)
}

/// The alert to the administrators, and how severe it is.
fn alert(plan: &Plan) -> Option<(UserAlert, Severity)> {
    plan.steps.iter().find_map(|step| match step {
        Step::Notify(notice) => match notice.as_ref() {
            Notice::Alert(alert) => match &alert.subject {
                AlertSubject::User(_, said) => Some((said.clone(), alert.subject.severity())),
                _ => None,
            },
            Notice::User(_) => None,
        },
        _ => None,
    })
}

#[rstest]
#[case("2026-12-31 INC-4711", Some(Why::Given("INC-4711".to_owned())))]
#[case(" 2026-12-31   until the token arrives ", Some(Why::Given("until the token arrives".to_owned())))]
#[case("2026-12-31", Some(Why::Missing))]
#[case("2026-12-31 no, never", Some(Why::Unfit("no? never".to_owned())))]
#[case("2026-12-31T12:00:00Z INC-4711", None)]
#[case("INC-4711 2026-12-31", None)]
fn exemption_tag_is_a_date_and_a_reason(#[case] value: &str, #[case] why: Option<Why>) {
    assert_eq!(ExemptUntil::parse(value).map(|tag| tag.why), why);
}

#[test]
fn long_reason_exempts_and_is_a_finding() {
    for (length, finding) in [(200, None), (201, Some(Finding::UnfitExemptionReason))] {
        let user = with_tag(overdue(), tags::EXEMPT_UNTIL_KEY, &format!("2026-12-31 {}", "r".repeat(length)));
        assert!(is_exempt(&user));
        assert_eq!(exemption_findings(&user, &settings(), now()), Vec::from_iter(finding));
    }
    let bare = with_tag(overdue(), tags::EXEMPT_UNTIL_KEY, "2026-12-31");
    assert!(is_exempt(&bare), "a bare date of an older version counts");
    assert_eq!(exemption_findings(&bare, &settings(), now()), [Finding::ExemptionWithoutReason]);
}

fn act(by: By, of: Mark) -> Act {
    Act { at: now(), by, event: EventId::new(&"e".repeat(64)), of }
}

#[rstest]
#[case("AIDAEXAMPLECAROL", "AIDAEXAMPLECAROL")]
#[case("AROAEXAMPLE:dan,dee@example.com", "AROAEXAMPLE:dan=2Cdee@example.com")]
#[case("AROAEXAMPLE:a=b c", "AROAEXAMPLE:a=3Db=20c")]
#[case("AROAEXAMPLE:\u{e9}", "AROAEXAMPLE:=C3=A9")]
#[case::like_a_field("event=other", "event=3Dother")]
#[case::like_a_field("own=name.1@2026-11-24T09:00:00Z", "own=3Dname.1@2026-11-24T09:00:00Z")]
fn principal_is_noted_in_the_alphabet_of_tags(#[case] id: &str, #[case] noted: &str) {
    let note = ExemptBy::default().with(act(By::principal(id), Mark::of_tag(VALUE)), "AIDAEXAMPLEALICE", &[]);
    assert!(note.to_string().starts_with(&format!("2026-11-24T09:05:00Z {noted} event=e")), "{note}");
    assert_eq!(ExemptBy::parse(&note.to_string()), note);
    assert_eq!(note.last.unwrap().by.shown(), id);
}

#[test]
fn note_fits_and_no_escape_is_cut() {
    let live = [Mark::of_tag(VALUE), Mark::of_name("alice"), Mark::of_path("/robots/")];
    for length in 0..300 {
        let principal =
            By::principal(&format!("AROAEXAMPLE:{}{}", "x".repeat(length % 3), ",".repeat(length)));
        let mut note = ExemptBy::default();
        for mark in &live {
            note = note.with(act(By::principal("AIDAEXAMPLEALICE"), mark.clone()), "AIDAEXAMPLEALICE", &live);
        }
        let note = note.with(act(principal, Mark::of_tag("other")), "AIDAEXAMPLEALICE", &live);
        let value = note.to_string();
        assert!(value.len() <= 256, "{value}");
        assert!(value.chars().all(|c| c.is_ascii_alphanumeric() || " _.:/=+-@".contains(c)), "{value}");
        let word = value.split(' ').nth(1).unwrap();
        assert!(word.split('=').skip(1).all(|escape| escape == "2C"), "{value}");
        assert_eq!(ExemptBy::parse(&value).to_string(), value);
    }
}

#[test]
fn unreadable_note_says_nothing() {
    for value in
        ["", "carol", "2026-11-24T09:05:00Z", "yesterday AIDAEXAMPLEALICE of=1", "own=1", "own=@now of="]
    {
        assert_eq!(note_of(&noted(exempt(), value)), ExemptBy::default(), "{value}");
        assert!(is_exempt(&noted(exempt(), value)));
    }
}

#[test]
fn self_granted_exemption_does_not_count() {
    let call = exempting(Who::Alice, 300);
    let plan = planned(&call, &exempt());
    assert_eq!((plan.reason, notices(&plan)), (Reason::SelfExempted, vec!["self-exempted"]));
    assert_eq!(alert(&plan).unwrap().1, Severity::Critical);
    let user = after(&exempt(), &plan.steps);
    assert_eq!(posture(&user, &settings(), now()).code(), "overdue");
    assert_eq!(exemption_findings(&user, &settings(), now()), [Finding::SelfGrantedExemption]);
    assert!(matches!(decided("ConsoleLogin", &user).reason, Reason::Contain(_)));
    let again = planned(&call, &user);
    assert!(again.steps.is_empty(), "told once: {}", summary(&again));
    let by_carol = planned(&exempting(Who::Carol, 100), &user);
    assert!(is_exempt(&after(&user, &by_carol.steps)), "somebody else set it since");
}

#[test]
fn exemption_by_somebody_else_is_noted_and_told_once() {
    for (who, principal) in
        [(Who::Carol, "AIDAEXAMPLECAROL"), (Who::Session, "AROAEXAMPLE:dan=2Cdee@example.com")]
    {
        let call = exempting(who, 300);
        let plan = planned(&call, &exempt());
        assert_eq!((plan.reason, notices(&plan)), (Reason::Exempted, vec!["exempted"]));
        assert_eq!(alert(&plan).unwrap().1, Severity::Info);
        let user = after(&exempt(), &plan.steps);
        let of = Mark::of_tag(VALUE);
        let id = event(&call).source.id;
        let note = format!("2026-11-24T09:00:00Z {principal} event={id} of={of}");
        assert_eq!(user.tag(UserTag::ExemptBy), Some(note.as_str()));
        let again = planned(&call, &user);
        assert!(again.steps.is_empty(), "{}", summary(&again));
        assert!(is_exempt(&user));
    }
}

#[test]
fn exemption_by_somebody_else_releases_at_once() {
    let user = contained(exempt());
    let plan = planned(&exempting(Who::Carol, 300), &user);
    assert_eq!((plan.reason, notices(&plan)), (Reason::ExemptNow, vec!["exempted", "released"]));
    assert_eq!(alert(&plan).unwrap().1, Severity::Warning);
    let free = after(&user, &plan.steps);
    assert!(!settings().quarantine.holds(&free) && free.quarantine_record().is_none());
    assert!(planned(&exempting(Who::Carol, 300), &free).steps.is_empty());
}

#[rstest]
#[case::by_themselves(exempting(Who::Alice, 300))]
#[case::by_nobody_known(exempting(Who::Service, 300))]
#[case::from_before_the_containment(exempting(Who::Carol, 4 * 24 * 3600))]
#[case::sent_again_after_their_own(exempting(Who::Carol, 300))]
fn contained_user_stays_contained(#[case] call: Value) {
    let own = planned(&exempting(Who::Alice, 200), &contained(exempt()));
    for user in [contained(exempt()), after(&contained(exempt()), &own.steps)] {
        let is_allowed = call["detail"]["userIdentity"]["userName"] == "carol"
            && user.tag(UserTag::ExemptBy).is_none()
            && call["detail"]["eventTime"] == "2026-11-24T09:00:00Z";
        let plan = planned(&call, &user);
        assert_eq!(releases(&plan), is_allowed, "{}", summary(&plan));
    }
}

#[test]
fn last_act_counts_in_either_order() {
    for (own, others, exempt_then) in [(200, 300, false), (300, 200, true), (300, 300, false)] {
        let calls = [exempting(Who::Alice, own), exempting(Who::Carol, others)];
        for order in [[0, 1], [1, 0]] {
            let mut user = exempt();
            for index in order {
                user = after(&user, &planned(&calls[index], &user).steps);
            }
            assert_eq!(is_exempt(&user), exempt_then, "{own} {others} {order:?}: {:?}", note_of(&user));
        }
    }
}

#[test]
fn event_of_another_value_is_about_nothing() {
    let other = |seconds| tagging(Who::Carol, seconds, tags::EXEMPT_UNTIL_KEY, "2027-01-31 TICKET-8");
    let plan = planned(&other(10), &exempt());
    assert!(plan.reason.is_transient(), "IAM may be late: {}", summary(&plan));
    let plan = planned(&other(300), &exempt());
    assert_eq!((plan.reason, plan.steps.len()), (Reason::LaterExemption, 0));
    let note = planned(&exempting(Who::Carol, 300), &exempt());
    let user = after(&exempt(), &note.steps);
    let changed = with_tag(user, tags::EXEMPT_UNTIL_KEY, "2027-01-31 TICKET-8");
    assert_eq!(whose(&changed), "unknown", "the note is about the value before");
}

#[test]
fn removed_exemption_is_told_and_noted() {
    let user = after(&exempt(), &planned(&exempting(Who::Carol, 300), &exempt()).steps);
    let removing = call("UntagUser", Who::Carol, 200, &json!({"tagKeys": ["MFA-enforcer:exempt-until"]}));
    let late = planned(&removing, &user);
    assert_eq!((late.reason, late.steps.len()), (Reason::LaterExemption, 0), "the tag was set again since");
    let mut without = user;
    without.tags.remove(tags::EXEMPT_UNTIL_KEY);
    let plan = planned(&removing, &without);
    assert_eq!((plan.reason, notices(&plan)), (Reason::ExemptionEnded, vec!["not-exempt"]));
    let then = after(&without, &plan.steps);
    assert!(planned(&removing, &then).steps.is_empty(), "told once");
    let back = with_tag(then, tags::EXEMPT_UNTIL_KEY, VALUE);
    assert_eq!(whose(&back), "unknown", "the note about the removed tag does not count for the new one");
}

#[rstest]
#[case("soon", "exemption-unreadable", Severity::Warning)]
#[case("2026-11-23 TICKET-7", "exemption-past", Severity::Info)]
fn tag_that_exempts_nobody_is_told(#[case] value: &str, #[case] reason: &str, #[case] severity: Severity) {
    let user = with_tag(overdue(), tags::EXEMPT_UNTIL_KEY, value);
    let plan = planned(&tagging(Who::Carol, 300, tags::EXEMPT_UNTIL_KEY, value), &user);
    assert_eq!(notices(&plan), ["not-exempt"], "{reason}");
    assert_eq!(alert(&plan).unwrap().1, severity);
}

#[test]
fn exemption_from_the_creation_is_noted_and_told() {
    let tags = json!({"tags": [{"key": "mfa-enforcer:exempt-until", "value": VALUE}]});
    for user in [exempt(), UserFacts { login_profile_created: None, ..exempt() }] {
        let plan = planned(
            &call("CreateUser", Who::Carol, 300, &tags),
            &UserFacts { created: now(), ..user.clone() },
        );
        assert_eq!(plan.reason, Reason::EarlierUser, "the fixture is older");
        let created = UserFacts { created: now() - SignedDuration::from_secs(300), ..user };
        let plan = planned(&call("CreateUser", Who::Carol, 300, &tags), &created);
        assert_eq!((plan.reason, notices(&plan)), (Reason::Exempted, vec!["exempted"]));
        assert_eq!(whose(&after(&created, &plan.steps)), "other");
    }
    let plan = planned(&call("CreateUser", Who::Carol, 300, &json!({})), &without_password());
    assert_eq!(plan.reason, Reason::NoPassword);
}

/// Alice, who has another name or path by now.
fn robot(name: &str, path: &str) -> UserFacts {
    UserFacts {
        name: mfa_enforcer_core::event::UserName::new(name).unwrap(),
        path: path.to_owned(),
        ..overdue()
    }
}

#[rstest]
#[case::renamed(json!({"newUserName": "Robot"}), robot("robot", "/"), "exempt-by-name")]
#[case::moved(json!({"newPath": "/robots/eu/"}), robot("alice", "/robots/eu/"), "exempt-by-path")]
fn rename_and_move_are_exemptions(#[case] change: Value, #[case] user: UserFacts, #[case] code: &str) {
    let by_carol = planned(&call("UpdateUser", Who::Carol, 300, &change), &user);
    assert_eq!((by_carol.reason, notices(&by_carol)), (Reason::Exempted, vec!["exempted"]), "{code}");
    assert!(is_exempt(&after(&user, &by_carol.steps)));
    let own = planned(&call("UpdateUser", Who::Alice, 300, &change), &user);
    assert_eq!((own.reason, notices(&own)), (Reason::SelfExempted, vec!["self-exempted"]));
    let then = after(&user, &own.steps);
    assert!(!is_exempt(&then));
    assert!(is_exempt(&user), "without a note, the settings decided it");
    assert_eq!(exemption_findings(&user, &settings(), now()), []);
    let tagged = with_tag(then.clone(), tags::EXEMPT_UNTIL_KEY, VALUE);
    let noted = after(&tagged, &planned(&exempting(Who::Carol, 100), &tagged).steps);
    assert!(is_exempt(&noted));
    let mut without = noted;
    without.tags.remove(tags::EXEMPT_UNTIL_KEY);
    assert!(!is_exempt(&without), "what alice did to herself is not forgotten: {:?}", note_of(&without));
}

#[test]
fn move_below_the_break_glass_path_is_critical() {
    let user = contained(robot("alice", "/break-glass/"));
    let moving = |who, path: &str| call("UpdateUser", who, 300, &json!({"newPath": path}));
    for who in [Who::Alice, Who::Carol] {
        let plan = planned(&moving(who, "/break-glass/"), &user);
        assert_eq!(notices(&plan), ["exempted"]);
        assert_eq!(alert(&plan).unwrap().1, Severity::Critical);
        assert!(!releases(&plan), "{}", summary(&plan));
        let then = after(&user, &plan.steps);
        assert_eq!(then.tag(UserTag::ExemptBy), None, "nothing is noted below this path");
        assert!(planned(&moving(who, "/break-glass/"), &then).steps.is_empty(), "told once");
    }
    let back = planned(&moving(Who::Carol, "/"), &robot("alice", "/"));
    assert!(back.steps.is_empty(), "{}", summary(&back));
}

#[test]
fn lost_exempt_name_is_told() {
    let renaming = |from: &str, to: &str| {
        let mut call = call("UpdateUser", Who::Carol, 300, &json!({"newUserName": to}));
        call["detail"]["requestParameters"]["userName"] = json!(from);
        call
    };
    let plan = planned(&renaming("robot", "alice"), &overdue());
    assert_eq!((plan.reason, notices(&plan)), (Reason::ExemptionEnded, vec!["not-exempt"]));
    assert!(planned(&renaming("eve", "alice"), &overdue()).steps.is_empty());
}

#[test]
fn note_that_the_user_forges_is_undone() {
    let own = after(&exempt(), &planned(&exempting(Who::Alice, 300), &exempt()).steps);
    for time in ["2026-11-24T09:00:00Z", "2026-11-24T09:04:59Z"] {
        let value = format!("{time} AIDAEXAMPLECAROL of={}", Mark::of_tag(VALUE));
        let forged = noted(own.clone(), &value);
        assert!(is_exempt(&forged), "until the event");
        let forging = tagging(Who::Alice, 120, UserTag::ExemptBy.key(), &value);
        let then = after(&forged, &planned(&forging, &forged).steps);
        assert!(!is_exempt(&then), "{:?}", note_of(&then));
        let swept = looked_up(
            forged,
            &[tagging(Who::Alice, 1800, UserTag::ExemptBy.key(), &value)],
            SweepKind::Daily,
            &settings(),
            now(),
        );
        assert!(!is_exempt(&swept));
    }
    let future = noted(own, &format!("2099-01-01T00:00:00Z AIDAEXAMPLECAROL of={}", Mark::of_tag(VALUE)));
    assert_eq!(whose(&future), "unknown", "not believed");
    let removing = call("UntagUser", Who::Alice, 120, &json!({"tagKeys": ["mfa-enforcer:exempt-by"]}));
    assert!(!is_exempt(&after(&exempt(), &planned(&removing, &exempt()).steps)));
}

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
        let plan = mfa_enforcer_core::decide::sweep_user(&request().as_kind(kind), &user, &settings(), later);
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
    let plan = mfa_enforcer_core::decide::sweep_user(&request(), &second, &settings(), tomorrow);
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
    let plan = |settings: &Settings| {
        mfa_enforcer_core::decide::sweep_user(&request(), &ending_in(3), settings, now())
    };
    assert_eq!(notices(&plan(&notify)), ["exemption-ending"]);
    assert_eq!(notices(&plan(&settings_with(&[("MODE", "observe")]))), [""; 0]);
}

#[test]
fn user_told_of_the_end_is_contained_right_after_it() {
    let user = ending_in(3);
    let told = after(&user, &swept(&user, SweepKind::Daily).steps);
    let after_the_end = now() + SignedDuration::from_hours(4 * 24);
    let plan = mfa_enforcer_core::decide::sweep_user(&request(), &told, &settings(), after_the_end);
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
    let plan = mfa_enforcer_core::decide::sweep_user(&request(), &user, &observe, now());
    assert!(plan.steps.is_empty() && plan.withheld.is_empty(), "{}", summary(&plan));
}
