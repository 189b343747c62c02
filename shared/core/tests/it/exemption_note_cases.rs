//! The note of who exempted a user: what stays in it, and what becomes of one that the user forges.

use crate::exemption_fixtures::{
    VALUE, Who, call, exempting, is_exempt, looked_up, note_of, noted, planned, tagging, whose,
};
use jiff::SignedDuration;
use mfa_enforcer_core::decide::sweep_user;
use mfa_enforcer_core::event::{EventId, SweepKind};
use mfa_enforcer_core::exemption::{Act, By, ExemptedBy, Mark, Origin, origin};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::tags::UserTag;
use mfa_enforcer_testing::fixtures::{exempt, now, request, settings, settings_with};
use mfa_enforcer_testing::plans::after;
use serde_json::json;

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
fn late_event_of_a_forged_note_undoes_no_later_decision() {
    let user = after(&exempt(), &planned(&exempting(Who::Carol, 60), &exempt()).steps);
    let forging = tagging(Who::Alice, 900, UserTag::ExemptBy.key(), "x");
    let plan = planned(&forging, &user);
    assert_eq!((plan.reason, plan.steps.len()), (Reason::LaterExemption, 0));
}

#[test]
fn decision_that_the_user_overrode_displaces_none_that_counts() {
    let act = |id: &str, of: Mark, hours: i64| Act {
        at: now() - SignedDuration::from_hours(hours),
        by: By::principal(id),
        event: EventId::new("exempting"),
        of,
    };
    let (name, tag) = (|| Mark::of_name("alice"), || Mark::of_tag(VALUE));
    let acts = vec![
        act("AIDAEXAMPLECAROL", name(), 4),
        act("AIDAEXAMPLEEVE", tag(), 3),
        act("AIDAEXAMPLEALICE", tag(), 2),
    ];
    let user = UserFacts {
        exempted_by: ExemptedBy { read: Some(now()), acts, ..ExemptedBy::default() },
        ..exempt()
    };
    let settings = settings_with(&[("EXEMPT_USERS", "alice")]);
    let plan = sweep_user(&request(), &user, &settings, now());
    let then = UserFacts { exempted_by: ExemptedBy::default(), ..after(&user, &plan.steps) };
    assert!(matches!(origin(&then, &name(), now()), Origin::Other(_)), "{:?}", note_of(&then));
    assert_eq!(whose(&then), "own");
}

#[test]
fn note_after_a_forged_one_counts() {
    let note = format!("2026-11-24T08:00:00Z AIDAEXAMPLECAROL of={}", Mark::of_tag(VALUE));
    let forged = |forged: &str| ExemptedBy { forged_note: Some(forged.to_owned()), ..ExemptedBy::default() };
    let of = |exempted_by| whose(&UserFacts { exempted_by, ..noted(exempt(), &note) });
    assert_eq!((of(forged("another")), of(forged(&note))), ("other", "unknown"));
}
