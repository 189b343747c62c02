//! The note of who exempted a user: what stays in it, and what becomes of one that the user forges.

use crate::exemption_fixtures::{
    VALUE, Who, call, exempting, is_exempt, looked_up, note_of, noted, planned, tagging, whose,
};
use jiff::SignedDuration;
use mfa_enforcer_core::decide::sweep_user;
use mfa_enforcer_core::event::{EventId, SweepKind};
use mfa_enforcer_core::exemption::{Act, By, ExemptBy, ExemptedBy, Mark, Origin, origin};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::tags::UserTag;
use mfa_enforcer_testing::fixtures::{exempt, now, request, settings, settings_with};
use mfa_enforcer_testing::plans::after;
use rstest::rstest;
use serde_json::json;

const ALICE: &str = "AIDAEXAMPLEALICE";
const CAROL: &str = "AIDAEXAMPLECAROL";
const EVE: &str = "AIDAEXAMPLEEVE";

fn act(id: &str, of: Mark, hours: i64) -> Act {
    Act {
        at: now() - SignedDuration::from_hours(hours),
        by: By::principal(id),
        event: EventId::new("exempting"),
        of,
    }
}

/// The note's value, with words for the marks of alice's exemptions.
fn text(note: &ExemptBy) -> String {
    let [name, path, tag] = things().map(|mark| mark.to_string());
    note.to_string().replace(&name, "NAME").replace(&path, "PATH").replace(&tag, "TAG")
}

/// What exempts alice: her name, her path and her tag.
fn things() -> [Mark; 3] {
    [Mark::of_name("alice"), Mark::of_path("/robots/"), Mark::of_tag(VALUE)]
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
fn late_event_of_a_forged_note_undoes_no_later_decision() {
    let user = after(&exempt(), &planned(&exempting(Who::Carol, 60), &exempt()).steps);
    let forging = tagging(Who::Alice, 900, UserTag::ExemptBy.key(), "x");
    let plan = planned(&forging, &user);
    assert_eq!((plan.reason, plan.steps.len()), (Reason::LaterExemption, 0));
}

#[test]
fn decision_that_the_user_overrode_displaces_none_that_counts() {
    let (name, tag) = (|| Mark::of_name("alice"), || Mark::of_tag(VALUE));
    let acts = vec![act(CAROL, name(), 4), act(EVE, tag(), 3), act(ALICE, tag(), 2)];
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

/// Otherwise notes of earlier versions would no longer count.
#[rstest]
#[case(Mark::of_tag(VALUE), "tag.b49b721ba7ed8519")]
#[case(Mark::of_name("Robot"), "name.bd3b8e08e3c8d023")]
#[case(Mark::of_path("/robots/"), "path.c6e80ac2d5d28a28")]
fn mark_is_the_same_in_all_versions(#[case] mark: Mark, #[case] text: &str) {
    assert_eq!(mark.to_string(), text);
}

#[rstest]
#[case::both_by_others(CAROL, EVE, "2026-11-24T08:05:00Z AIDAEXAMPLEEVE event=exempting of=TAG")]
#[case::own_after_that(
    CAROL,
    ALICE,
    "2026-11-24T07:05:00Z AIDAEXAMPLECAROL event=exempting of=NAME own=TAG@2026-11-24T08:05:00Z"
)]
#[case::own_before_that(
    ALICE,
    CAROL,
    "2026-11-24T08:05:00Z AIDAEXAMPLECAROL event=exempting of=TAG own=NAME@2026-11-24T07:05:00Z"
)]
#[case::both_own(
    ALICE,
    ALICE,
    "2026-11-24T08:05:00Z AIDAEXAMPLEALICE event=exempting of=TAG own=NAME@2026-11-24T07:05:00Z"
)]
fn decision_of_somebody_else_and_all_own_acts_are_kept(
    #[case] first: &str,
    #[case] second: &str,
    #[case] expected: &str,
) {
    let [name, _, tag] = things();
    let note = ExemptBy::default().with(act(first, name, 2), ALICE, &things());
    assert_eq!(text(&note.with(act(second, tag, 1), ALICE, &things())), expected);
}

#[test]
fn exemption_that_lasts_is_not_over() {
    let [name, _, tag] = things();
    let seen = Act { by: By::Seen, event: None, ..act(CAROL, name.clone(), 2) };
    let is_over = |live: &[Mark]| {
        let note = ExemptBy::default().with(seen.clone(), ALICE, &things());
        let note = note.with(act(CAROL, tag.clone(), 1), ALICE, live);
        // The event of the rename comes late.
        note.outranks(&act(EVE, name.clone(), 3), ALICE)
    };
    assert!(!is_over(&[name.clone(), tag.clone()]));
    assert!(is_over(std::slice::from_ref(&tag)), "alice had another name meanwhile");
}

#[test]
fn removed_tag_ends_own_acts_about_tags_alone() {
    let [name, path, tag] = things();
    let acts = [act(ALICE, tag, 4), act(ALICE, path, 3), act(CAROL, Mark::no_tag(), 2), act(CAROL, name, 1)];
    let note = acts.into_iter().fold(ExemptBy::default(), |note, act| note.with(act, ALICE, &things()));
    assert_eq!(
        text(&note),
        "2026-11-24T08:05:00Z AIDAEXAMPLECAROL event=exempting of=NAME own=PATH@2026-11-24T06:05:00Z \
         not=tag@2026-11-24T07:05:00Z"
    );
}
