//! Exemptions as decisions: who set one, whether it counts, what is noted and told.

use crate::exemption_fixtures::{
    VALUE, Who, call, event, exempting, is_exempt, note_of, noted, planned, releases, robot, tagging, whose,
};
use crate::guard_fixtures::told;
use jiff::SignedDuration;
use mfa_enforcer_core::event::EventId;
use mfa_enforcer_core::exemption::{Act, By, ExemptBy, ExemptUntil, Mark, Why};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::notice::{AlertSubject, NotExempt, Notice, Severity, UserAlert};
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::posture::{Finding, exemption_findings, posture};
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::tags::{self, UserTag};
use mfa_enforcer_testing::fixtures::{
    contained, decide, decided, exempt, in_grace, now, overdue, settings, settings_with, with_tag,
    without_password,
};
use mfa_enforcer_testing::plans::{after, notices, summary};
use rstest::rstest;
use serde_json::{Value, json};

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
#[case::accents("2026-12-31 für Zoë", Some(Why::Given("für Zoë".to_owned())))]
#[case::script("2026-12-31 東京 ключ ٣", Some(Why::Given("東京 ключ ٣".to_owned())))]
#[case::space("2026-12-31 INC\u{A0}4711", Some(Why::Given("INC 4711".to_owned())))]
#[case::direction("2026-12-31 a\u{202E}b\u{200F}c", Some(Why::Unfit("a?b?c".to_owned())))]
#[case::unseen("2026-12-31 a\u{3164}\u{200B}b", Some(Why::Unfit("a??b".to_owned())))]
#[case::lines("2026-12-31 a\u{2028}b\nc", Some(Why::Unfit("a?b?c".to_owned())))]
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
    // Characters count, as for IAM, not bytes.
    let umlauts = with_tag(overdue(), tags::EXEMPT_UNTIL_KEY, &format!("2026-12-31 {}", "ü".repeat(200)));
    assert_eq!(exemption_findings(&umlauts, &settings(), now()), []);
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
        // What is noted besides the last act: what the user did, and when it was so of what is not so any more.
        let live: &[Mark] = if length % 2 == 0 { &live } else { &[] };
        let note = note.with(act(principal.clone(), Mark::of_tag("other")), "AIDAEXAMPLEALICE", live);
        let value = note.to_string();
        assert_eq!(
            value.matches(if live.is_empty() { " not=" } else { " own=" }).count(),
            live.len().max(2),
            "{value}"
        );
        assert!(value.len() <= 256, "{value}");
        let is_whole = ExemptBy::parse(&value).last.unwrap().by == principal;
        assert!(is_whole || value.len() > 253, "no more is cut than has to be: {value}");
        assert!(value.chars().all(|c| c.is_ascii_alphanumeric() || " _.:/=+-@".contains(c)), "{value}");
        let word = value.split(' ').nth(1).unwrap();
        assert!(word.split('=').skip(1).all(|escape| escape == "2C"), "{value}");
        assert_eq!(ExemptBy::parse(&value).to_string(), value);
    }
}

#[test]
fn unreadable_note_says_nothing() {
    for value in [
        "",
        "carol",
        "2026-11-24T09:05:00Z",
        "yesterday AIDAEXAMPLEALICE of=1",
        "own=1",
        "own=@now of=",
        "not=tag",
    ] {
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
        let then = after(&created, &plan.steps);
        assert_eq!(whose(&then), "other");
        let again = planned(&call("CreateUser", Who::Carol, 300, &tags), &then);
        assert_eq!((again.reason, again.steps.len()), (Reason::AlreadySaid, 0));
    }
    let plan = planned(&call("CreateUser", Who::Carol, 300, &json!({})), &without_password());
    assert_eq!(plan.reason, Reason::NoPassword);
}

/// The user, created by the event of this call, which gives them this exemption.
fn created_by(user: UserFacts, seconds: i64, exemption: &str) -> (Value, UserFacts) {
    let tags = json!({"tags": [{"key": "mfa-enforcer:exempt-until", "value": exemption}]});
    let created = now() - SignedDuration::from_secs(seconds);
    (call("CreateUser", Who::Carol, seconds, &tags), UserFacts { created, ..user })
}

#[test]
fn exemption_from_the_creation_is_awaited() {
    // Whether or not anything else is due.
    for user in [without_password(), in_grace()] {
        let (creation, user) = created_by(user, 10, VALUE);
        assert_eq!(planned(&creation, &user).reason, Reason::ExemptionNotVisibleYet);
    }
}

#[rstest]
#[case("enforce", &["not-exempt", "welcome"])]
#[case("observe", &[])]
fn creation_without_an_exemption_says_what_is_due(#[case] mode: &str, #[case] told: &[&str]) {
    let past = "2026-11-23 TICKET-7";
    let (creation, user) = created_by(with_tag(in_grace(), tags::EXEMPT_UNTIL_KEY, past), 300, past);
    let plan = decide(&event(&creation), &user, &settings_with(&[("MODE", mode)]), now());
    assert_eq!((plan.reason, notices(&plan)), (Reason::NewPassword, told.to_vec()));
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
fn nothing_is_noted_on_a_break_glass_user() {
    let user = with_tag(robot("alice", "/break-glass/"), tags::EXEMPT_UNTIL_KEY, VALUE);
    assert_eq!(planned(&exempting(Who::Carol, 300), &user).steps, []);
}

#[test]
fn lost_tag_of_a_user_who_stays_exempt_is_not_told() {
    let removing = call("UntagUser", Who::Carol, 300, &json!({"tagKeys": ["mfa-enforcer:exempt-until"]}));
    for user in [robot("robot", "/"), robot("alice", "/break-glass/")] {
        let mut removing = removing.clone();
        removing["detail"]["requestParameters"]["userName"] = json!(user.name.as_str());
        let plan = planned(&removing, &user);
        assert_eq!((plan.reason, plan.steps.len()), (Reason::Exempt, 0), "{}", summary(&plan));
    }
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

#[rstest]
#[case::note_and_another_tag(json!({"tags": [
    {"key": "mfa-enforcer:exempt-by", "value": ""}, {"key": "mfa-enforcer:notified", "value": "x"}
]}))]
#[case::exemption_and_note(json!({"tags": [
    {"key": "mfa-enforcer:exempt-until", "value": VALUE}, {"key": "mfa-enforcer:exempt-by", "value": ""}
]}))]
fn exemption_by_one_call_is_told_once(#[case] tags: Value) {
    let plan = planned(&call("TagUser", Who::Alice, 300, &tags), &noted(exempt(), ""));
    let (alerts, severity) = told(&plan);
    assert!(matches!(alerts[..], [UserAlert::SelfExempted(_)]), "{alerts:?}");
    assert_eq!(severity, Severity::Critical);
}

#[test]
fn removal_of_exemption_and_note_is_told_once() {
    let keys = json!({"tagKeys": ["mfa-enforcer:exempt-until", "mfa-enforcer:exempt-by"]});
    let plan = planned(&call("UntagUser", Who::Carol, 300, &keys), &overdue());
    assert_eq!(told(&plan).0, [UserAlert::NotExempt(NotExempt::Removed)]);
}
