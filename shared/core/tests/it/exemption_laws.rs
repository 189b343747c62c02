//! Laws of exemptions: nobody exempts themselves, in whichever order events, deliveries and sweeps come.

use crate::exemption_fixtures::{Who, call, looked_up, tagging};
use crate::law_settings::cases;
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::decide::sweep_user;
use mfa_enforcer_core::effect::Effect;
use mfa_enforcer_core::event::{EventId, SweepKind, UserName};
use mfa_enforcer_core::exemption::{Act, By, ExemptBy, ExemptedBy, Mark};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::posture::{Posture, posture};
use mfa_enforcer_core::tags::{self, UserTag};
use mfa_enforcer_testing::fixtures::{
    contained, decide, event_of, now, overdue, request, settings, with_tag,
};
use mfa_enforcer_testing::plans::after;
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

const VALUES: [&str; 2] = ["2026-12-31 TICKET-7", "2027-01-31 TICKET-8"];

/// Something that somebody does about alice's exemption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Tag(usize),
    Untag,
    TakeExemptName,
    TakeOtherName,
    /// Writes that carol decided the exemption.
    ForgeNote(usize),
    RemoveNote,
}

#[derive(Debug, Clone, Copy)]
struct Done {
    who: Who,
    what: What,
}

fn any_act() -> impl Strategy<Value = Done> {
    let what = prop_oneof![
        4 => (0..VALUES.len()).prop_map(What::Tag),
        1 => Just(What::Untag),
        1 => Just(What::TakeExemptName),
        1 => Just(What::TakeOtherName),
    ];
    let forges = prop_oneof![(0..VALUES.len()).prop_map(What::ForgeNote), Just(What::RemoveNote)];
    prop_oneof![
        5 => (prop::sample::select(vec![Who::Alice, Who::Carol]), what).prop_map(|(who, what)| Done { who, what }),
        1 => forges.prop_map(|what| Done { who: Who::Alice, what }),
    ]
}

/// The account: what is true of alice, and every call so far.
struct World {
    user: UserFacts,
    calls: Vec<Value>,
}

impl World {
    fn now(seconds: i64) -> Timestamp {
        now() + SignedDuration::from_secs(seconds)
    }

    /// Whether it is a rename to the name that the user has, which IAM refuses.
    fn refuses(&self, done: Done) -> bool {
        let is_robot = self.user.name.as_str() == "robot";
        (done.what == What::TakeExemptName && is_robot) || (done.what == What::TakeOtherName && !is_robot)
    }

    /// Does it at this second, and returns the event.
    fn act(&mut self, done: Done, at: i64) -> Value {
        let ago = -at;
        let user = &mut self.user;
        let note = UserTag::ExemptBy.key();
        let before = user.name.to_string();
        let mut event = match done.what {
            What::Tag(value) => {
                user.tags.insert(tags::EXEMPT_UNTIL_KEY.to_owned(), VALUES[value].to_owned());
                tagging(done.who, ago, tags::EXEMPT_UNTIL_KEY, VALUES[value])
            }
            What::Untag => {
                user.tags.remove(tags::EXEMPT_UNTIL_KEY);
                call("UntagUser", done.who, ago, &json!({"tagKeys": [tags::EXEMPT_UNTIL_KEY]}))
            }
            What::TakeExemptName | What::TakeOtherName => {
                let name = if done.what == What::TakeExemptName { "robot" } else { "alice" };
                user.name = UserName::new(name).unwrap();
                call("UpdateUser", done.who, ago, &json!({"newUserName": name}))
            }
            What::ForgeNote(value) => {
                let mark = Mark::of_tag(VALUES[value]);
                let forged = format!("{} AIDAEXAMPLECAROL of={mark}", tags::second(Self::now(at)));
                user.tags.insert(note.to_owned(), forged.clone());
                tagging(done.who, ago, note, &forged)
            }
            What::RemoveNote => {
                user.tags.remove(note);
                call("UntagUser", done.who, ago, &json!({"tagKeys": [note]}))
            }
        };
        event["detail"]["requestParameters"]["userName"] = json!(before);
        self.calls.push(event.clone());
        event
    }

    /// Carries out a plan, and records the enforcer's own notes. Returns whether it lifted a quarantine.
    fn carry_out(&mut self, plan: &mfa_enforcer_core::plan::Plan, at: i64) -> bool {
        let note = self.user.tag(UserTag::ExemptBy).map(str::to_owned);
        let user = after(&self.user, &plan.steps);
        self.user = UserFacts { exempted_by: ExemptedBy::default(), ..user };
        if let Some(written) =
            self.user.tag(UserTag::ExemptBy).filter(|written| note.as_deref() != Some(*written))
        {
            let mut ours = tagging(Who::Us, -at, UserTag::ExemptBy.key(), written);
            ours["detail"]["requestParameters"]["userName"] = json!(self.user.name.as_str());
            self.calls.push(ours);
        }
        plan.steps.iter().any(|step| step.effect() == Effect::Release)
    }

    fn deliver(&mut self, event: &Value, at: i64) -> bool {
        let plan = decide(&event_of(event), &self.user, &settings(), Self::now(at));
        self.carry_out(&plan, at)
    }

    fn sweep(&mut self, kind: SweepKind, at: i64) -> bool {
        let now = Self::now(at);
        let user = looked_up(self.user.clone(), &self.calls, kind, &settings(), now);
        let plan = sweep_user(&request().as_kind(kind), &user, &settings(), now);
        self.carry_out(&plan, at)
    }

    fn is_exempt(&self, at: i64) -> bool {
        matches!(posture(&self.user, &settings(), Self::now(at)), Posture::Exempt(_))
    }
}

/// Whether somebody else than alice was the last to set what exempts her, going by what really happened.
fn is_granted_by_another(acts: &[Done], user: &UserFacts) -> bool {
    let mut tag: Option<Done> = None;
    for done in acts {
        match done.what {
            What::Tag(_) => tag = Some(*done),
            What::Untag => tag = None,
            What::TakeExemptName | What::TakeOtherName | What::ForgeNote(_) | What::RemoveNote => {}
        }
    }
    let value = user.tags.get(tags::EXEMPT_UNTIL_KEY);
    let is_there = |done: &&Done| matches!(done.what, What::Tag(set) if value == Some(VALUES[set]));
    let is_name = |done: &&Done| matches!(done.what, What::TakeExemptName | What::TakeOtherName);
    let named = acts.iter().rfind(is_name);
    let name = named.filter(|done| done.what == What::TakeExemptName && user.name.as_str() == "robot");
    [tag.as_ref().filter(is_there), name].into_iter().flatten().any(|done| done.who != Who::Alice)
}

/// The acts that somebody can know of: the history is not behind any more, or their events arrived. What an event told
/// is in the note, which the user may have wiped a moment ago.
fn known(acts: &[(Done, i64, bool)], at: i64) -> Vec<Done> {
    let is_told = |then: i64| then + 20 * 60 <= at;
    let is_forgery = |done: &Done| matches!(done.what, What::ForgeNote(_) | What::RemoveNote);
    let secret = acts.iter().filter(|(done, then, heard)| is_forgery(done) && !heard && !is_told(*then));
    let wiped = secret.map(|(_, then, _)| *then).max();
    let is_known =
        |then: i64, heard: bool| is_told(then) || (heard && wiped.is_none_or(|wiped| wiped < then));
    acts.iter().filter(|(_, then, heard)| is_known(*then, *heard)).map(|(done, ..)| *done).collect()
}

/// Minutes between two acts, and whether a sweep comes after each, and which one.
fn any_story() -> impl Strategy<Value = Vec<(Done, i64, Option<SweepKind>)>> {
    let sweep = prop::option::of(prop::sample::select(vec![SweepKind::Hourly, SweepKind::Daily]));
    prop::collection::vec((any_act(), 1_i64..90, sweep), 1..7)
}

/// Which thing is said of alice by whom at which second, and which things exempt her then.
fn any_acts() -> impl Strategy<Value = Vec<(usize, u8, i64, [bool; 6])>> {
    prop::collection::vec((0..9_usize, 0..4_u8, 0..1_000_i64, any::<[bool; 6]>()), 1..12)
}

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn note_fits_after_any_acts(acts in any_acts()) {
        let of = [Mark::of_tag, Mark::of_name, Mark::of_path];
        let things: Vec<Mark> = of.iter().flat_map(|of| [of("one"), of("other")]).collect();
        let none = [Mark::no_tag(), Mark::no_name(), Mark::no_path()];
        let alice = overdue().id;
        let mut note = ExemptBy::default();
        for (thing, who, at, is_live) in acts {
            let carol = format!("AROAEXAMPLE:{}", "carol@example.com,".repeat(4));
            let by = match who {
                0 => By::Principal(alice.clone()),
                1 => By::principal(&carol),
                2 => By::Unknown,
                _ => By::Seen,
            };
            // As the enforcer notes it, an act has the id of its event, which is a UUID.
            let event = (who < 2).then(|| EventId::new(&"e".repeat(36)).unwrap());
            let of = things.iter().chain(&none).nth(thing).unwrap().clone();
            // Of two values of a tag, a user has one.
            let live: Vec<Mark> = (0..6).filter(|i| is_live[*i] && (i % 2 == 0 || !is_live[i - 1])).map(|i| things[i].clone()).collect();
            note = note.with(Act { at: World::now(at), by, event, of }, &alice, &live);
            let value = note.to_string();
            prop_assert!(value.len() <= 256, "{value}");
            prop_assert_eq!(ExemptBy::parse(&value).to_string(), value);
        }
    }

    #[test]
    fn nobody_is_exempt_by_their_own_act_once_events_are_in(
        story in any_story(), order in any::<u64>(), twice: bool
    ) {
        let mut world = World { user: overdue(), calls: Vec::new() };
        let (mut at, mut events, mut acts) = (0, Vec::new(), Vec::new());
        for (done, minutes, _) in &story {
            at += 60 * minutes;
            if world.refuses(*done) {
                continue;
            }
            events.push(world.act(*done, at));
            acts.push(*done);
        }
        at += 600;
        // Any order, and perhaps each of them twice.
        let mut shuffled = events.clone();
        let mut seed = order;
        for index in (1..shuffled.len()).rev() {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            shuffled.swap(index, usize::try_from(seed >> 33).unwrap() % (index + 1));
        }
        for event in shuffled.iter().chain(shuffled.iter().filter(|_| twice)) {
            world.deliver(event, at);
        }
        let forges = acts.iter().any(|done| matches!(done.what, What::ForgeNote(_) | What::RemoveNote));
        let (exempt, granted) = (world.is_exempt(at), is_granted_by_another(&acts, &world.user));
        prop_assert!(granted || !exempt, "{acts:?}: {:?}", world.user.tag(UserTag::ExemptBy));
        // Whoever forges the note about themselves loses what somebody else granted. Of two decisions by others, about
        // the name and the tag, the note keeps one.
        let is_named = acts.iter().any(|done| done.what == What::TakeExemptName);
        prop_assert!(forges || is_named || exempt || !granted, "{acts:?}: {:?}", world.user.tag(UserTag::ExemptBy));
    }

    #[test]
    fn no_sweep_releases_by_an_act_of_the_users_own(story in any_story(), heard in any::<u8>()) {
        let mut world = World { user: contained(overdue()), calls: Vec::new() };
        let (mut at, mut acts) = (0, Vec::new());
        for (index, (done, minutes, sweep)) in story.iter().enumerate() {
            at += 60 * minutes;
            if world.refuses(*done) {
                continue;
            }
            let before = world.user.clone();
            let event = world.act(*done, at);
            // The others got lost.
            let is_heard = heard & (1 << index) != 0;
            acts.push((*done, at, is_heard));
            if is_heard {
                let released = world.deliver(&event, at + 20);
                prop_assert!(!released || is_granted_by_another(&known(&acts, at), &world.user), "{acts:?} {before:?}");
            }
            if let Some(kind) = sweep {
                let released = world.sweep(*kind, at + 40);
                prop_assert!(!released || is_granted_by_another(&known(&acts, at + 40), &world.user), "{acts:?}");
            }
            if !settings().quarantine.holds(&world.user) {
                return Ok(());
            }
        }
        // Whoever was exempted by somebody else is released in the end.
        for hours in 1..4 {
            world.sweep(SweepKind::Hourly, at + 3600 * hours);
        }
        let all: Vec<Done> = acts.iter().map(|(done, ..)| *done).collect();
        let forges = all.iter().any(|done| matches!(done.what, What::ForgeNote(_) | What::RemoveNote));
        let (is_free, granted) = (!settings().quarantine.holds(&world.user), is_granted_by_another(&all, &world.user));
        prop_assert!(granted || !is_free, "{acts:?}: {:?}", world.user);
        prop_assert!(is_free || forges || !granted, "{acts:?}: {:?}", world.user);
    }
}

/// The history shows by then what carol decided, but not yet that alice had another value meanwhile.
#[rstest]
#[case::and_a_name(&[What::TakeExemptName])]
#[case::and_two_names(&[What::TakeExemptName, What::TakeOtherName, What::TakeExemptName])]
#[case::and_nothing_else(&[])]
fn value_of_old_is_no_old_decision(#[case] names: &[What]) {
    let mut world = World { user: contained(overdue()), calls: Vec::new() };
    world.act(Done { who: Who::Carol, what: What::Tag(1) }, 60);
    let other_value = world.act(Done { who: Who::Alice, what: What::Tag(0) }, 120);
    assert!(!world.deliver(&other_value, 140));
    for (minute, what) in (3..).zip(names) {
        let event = world.act(Done { who: Who::Alice, what: *what }, 60 * minute);
        assert!(!world.deliver(&event, 60 * minute + 20), "{what:?}");
        assert!(!world.sweep(SweepKind::Hourly, 60 * minute + 40), "{what:?}");
    }
    world.act(Done { who: Who::Alice, what: What::Tag(1) }, 1_260);
    assert!(!world.sweep(SweepKind::Hourly, 1_270), "{:?}", world.user.tag(UserTag::ExemptBy));
    // An event that comes late does not decide either.
    let late = world.calls[0].clone();
    assert!(!world.deliver(&late, 1_280), "{:?}", world.user.tag(UserTag::ExemptBy));
    // What the administrator decides after that does.
    let decided = world.act(Done { who: Who::Carol, what: What::Tag(0) }, 1_320);
    assert!(world.deliver(&decided, 1_340), "{:?}", world.user.tag(UserTag::ExemptBy));
}

/// Whatever times a note has that the user wrote, it is their own exemption.
#[rstest]
#[case::of_another_tag("not=tag@2099-01-01T00:00:00Z")]
#[case::of_their_own(&format!("own={}@2099-01-01T00:00:00Z", Mark::of_tag(VALUES[0])))]
fn forged_time_in_the_future_counts_for_nothing(#[case] field: &str) {
    let mut world = World { user: overdue(), calls: Vec::new() };
    world.act(Done { who: Who::Alice, what: What::Tag(0) }, 60);
    let mut event = world.act(Done { who: Who::Alice, what: What::ForgeNote(0) }, 120);
    let forged = format!("{} {field}", world.user.tag(UserTag::ExemptBy).unwrap());
    world.user.tags.insert(UserTag::ExemptBy.key().to_owned(), forged.clone());
    event["detail"]["requestParameters"]["tags"][0]["value"] = json!(forged);
    assert!(world.is_exempt(140), "until its event comes");
    world.deliver(&event, 140);
    assert!(!world.is_exempt(140), "{:?}", world.user.tag(UserTag::ExemptBy));
}

/// It ends what somebody else decided before, too.
#[test]
fn removed_own_exemption_is_noted() {
    let mut world = World { user: contained(overdue()), calls: Vec::new() };
    let own = world.act(Done { who: Who::Alice, what: What::Tag(0) }, 60);
    assert!(!world.deliver(&own, 80));
    world.act(Done { who: Who::Carol, what: What::Tag(1) }, 120);
    let removed = world.act(Done { who: Who::Alice, what: What::Untag }, 180);
    assert!(!world.deliver(&removed, 200));
    world.act(Done { who: Who::Alice, what: What::Tag(1) }, 1_260);
    assert!(!world.sweep(SweepKind::Hourly, 1_340), "{:?}", world.user.tag(UserTag::ExemptBy));
}

#[test]
fn old_exemption_goes_on_counting() {
    let user = with_tag(overdue(), tags::EXEMPT_UNTIL_KEY, "2026-12-31");
    let mut world = World { user, calls: Vec::new() };
    for day in 0..5 {
        world.sweep(SweepKind::Daily, day * 24 * 3600);
        assert!(world.is_exempt(day * 24 * 3600));
    }
    let note = world.user.tag(UserTag::ExemptBy).unwrap();
    assert!(note.contains(" unknown of="), "{note}");
}
