//! One id from the first notice to the release, whatever happens in between, and never a reason for anything.

use crate::decision_laws::{any_occasion_name, any_settings, any_user};
use crate::guard_fixtures::{off, stripped, tagged, traced, untagged};
use crate::law_settings::cases;
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::episode::Episode;
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::tags::{LastNotice, QuarantineRecord, UserTag};
use mfa_enforcer_testing::fixtures::{
    PHONE_SERIAL, contained, days_ago, decide, decide_on, envelope, event, event_of, in_grace, now, occasion,
    overdue, settings, settings_with, user, with_device, with_tag,
};
use mfa_enforcer_testing::plans::{after, background, for_user, notices, summary};
use proptest::prelude::*;

const OURS: &str = "0123456789ab";
const FORGED: &str = "ffffffffffff";

fn id(text: &str) -> Episode {
    Episode::parse(text).unwrap()
}

/// The episodes that the messages and records of a plan name, those of messages to users for certain.
fn named(plan: &Plan) -> Vec<Option<Episode>> {
    let mut named = Vec::new();
    let all = plan.steps.iter().chain(&plan.withheld);
    // Where nothing is to be done, nothing can be refused.
    let refused = plan.if_refused.iter().filter(|_| all.clone().next().is_some());
    for step in all.clone().chain(refused) {
        match step {
            Step::Notify(notice) => named.push(background(notice).episode.clone()),
            Step::Change { change, .. } => match change {
                Change::SetTag(UserTag::Notified, value) | Change::ClaimNotice(value) => {
                    named.push(LastNotice::parse(value).unwrap().episode);
                }
                Change::SetTag(UserTag::Quarantined, value) | Change::ScheduleRelease(value) => {
                    named.push(QuarantineRecord::parse(value).episode);
                }
                _ => {}
            },
            _ => {}
        }
    }
    named
}

/// Contained and told, with this id in both tags.
fn in_episode(episode: &str) -> UserFacts {
    with_id(contained(overdue()), episode)
}

/// The user with this id in the tags that tell of an episode.
fn with_id(mut user: UserFacts, episode: &str) -> UserFacts {
    for tag in [UserTag::Quarantined, UserTag::Notified] {
        if let Some(value) = user.tag(tag).map(str::to_owned) {
            user = with_tag(user, tag.key(), &format!("{value} episode={episode}"));
        }
    }
    user
}

/// The user and the plan after another event of this name, handled at this time.
fn then(user: &UserFacts, name: &str, at: Timestamp) -> (UserFacts, Plan) {
    let mut envelope = envelope(name);
    envelope["detail"]["eventID"] = format!("{name}-{}", at.as_second()).into();
    let plan = decide(&event_of(&envelope), user, &settings(), at);
    assert!(!notices(&plan).is_empty(), "{name}: {}", summary(&plan));
    (after(user, &plan.steps), plan)
}

#[test]
fn one_id_from_the_first_notice_to_the_release() {
    let later = |hours| now() + SignedDuration::from_hours(hours);
    let (welcomed, first) = then(&in_grace(), "CreateLoginProfile", now());
    let episode = first.episode.clone();
    let (reminded, second) = then(&welcomed, "ConsoleLogin", later(25));
    let (shut, third) = then(&reminded, "ConsoleLogin", later(24 * 8));
    let (nagged, fourth) = then(&shut, "ConsoleLogin", later(24 * 10));
    let enrolled = with_device(nagged, PHONE_SERIAL);
    let (free, fifth) = then(&enrolled, "EnableMFADevice", later(24 * 11));
    let kinds: Vec<_> = [&first, &second, &third, &fourth, &fifth].into_iter().flat_map(notices).collect();
    assert_eq!(kinds, ["welcome", "sign-in-reminder", "quarantined", "quarantine-reminder", "released"]);
    for plan in [&first, &second, &third, &fourth, &fifth] {
        assert_eq!(plan.episode, episode, "{}", summary(plan));
        assert!(named(plan).iter().all(|named| *named == episode), "{:?}", named(plan));
    }
    // It is over, and the next one begins with the next first notice.
    assert!(!Episode::is_under_way(&free, later(24 * 11)));
    assert_eq!(Episode::of_last_notice(&free), episode);
    let without = UserFacts { devices: Vec::new(), ..free };
    let (again, next) = then(&without, "DeactivateMFADevice", later(24 * 30));
    assert!(next.episode.is_some() && next.episode != episode);
    assert!(named(&next).iter().all(|named| *named == next.episode), "{:?}", named(&next));
    assert_eq!(Some(Episode::of(&again, later(24 * 31))), next.episode);
}

#[test]
fn rest_of_a_quarantine_belongs_to_its_episode() {
    let with_rest = settings_with(&[("RELEASE_AFTER", "12h")]);
    let mut enrolled = with_device(in_episode(OURS), PHONE_SERIAL);
    enrolled.devices[0].enabled = now();
    let plan = decide(&event("EnableMFADevice"), &enrolled, &with_rest, now());
    let rest = after(&enrolled, &plan.steps);
    assert!(rest.quarantine_record().unwrap().release.is_some(), "{}", summary(&plan));
    let (much_later, sweep) = (now() + SignedDuration::from_hours(13), occasion("Sweep"));
    let end = decide_on(&sweep, &rest, &with_rest, much_later);
    assert_eq!((plan.episode, end.episode), (Some(id(OURS)), Some(id(OURS))));
    assert!(!Episode::is_under_way(&after(&rest, &end.steps), much_later));
}

#[test]
fn either_tag_is_enough() {
    for tag in [UserTag::Quarantined, UserTag::Notified] {
        let mut user = in_episode(OURS);
        user.tags.remove(tag.key());
        assert_eq!(Some(Episode::of(&user, now())), Some(id(OURS)), "{tag:?}");
        let plan = decide(&untagged(&[tag.key()]), &user, &settings(), now());
        assert_eq!(plan.episode, Some(id(OURS)), "{tag:?}");
        assert!(named(&plan).iter().all(|named| *named == Some(id(OURS))), "{tag:?}: {:?}", named(&plan));
    }
}

#[test]
fn id_of_a_rewritten_tag_is_not_used() {
    for tag in [UserTag::Quarantined, UserTag::Notified] {
        let forged = format!("{} episode={FORGED}", contained(overdue()).tag(tag).unwrap());
        let user = with_tag(in_episode(OURS), tag.key(), &forged);
        let plan = decide(&tagged(&[(tag.key(), &forged)]), &user, &settings(), now());
        assert_eq!(plan.episode, Some(id(OURS)), "{tag:?}");
    }
}

#[test]
fn history_tells_the_id_that_both_tags_lost() {
    let record = format!("2026-11-21T09:00:00Z reason=sign-in event=earlier episode={OURS}");
    let lost = traced(stripped(off(in_episode(OURS))), &[(days_ago(3), true)], &[(days_ago(3), &record)]);
    let plan = decide(&event("DetachUserPolicy"), &lost, &settings(), now());
    assert_eq!((plan.reason, plan.episode.clone()), (Reason::PutBack, Some(id(OURS))));
    assert!(named(&plan).iter().all(|named| *named == Some(id(OURS))), "{:?}", named(&plan));
}

#[test]
fn id_that_is_none_is_not_repeated() {
    for forged in ["<b>12345678", "0123456789AB", "0123456789abc", "x", ""] {
        assert_eq!(Episode::parse(forged), None);
        let plan = decide(&event("ConsoleLogin"), &in_episode(forged), &settings(), now());
        let [Step::Notify(notice), ..] = &plan.steps[..] else { panic!("{}", summary(&plan)) };
        let mail = for_user(notice).unwrap().message;
        assert!(plan.episode.is_some() && (forged.len() < 2 || !mail.contains(forged)), "{mail}");
    }
}

#[test]
fn tags_of_earlier_versions_tell_nobody_anew() {
    let told_today = with_tag(
        contained(overdue()),
        UserTag::Notified.key(),
        "quarantine-reminder 2026-11-24T06:00:00Z event=earlier",
    );
    for name in ["Sweep", "ConsoleLogin", "CreateLoginProfile"] {
        let plan = decide_on(&occasion(name), &told_today, &settings(), now());
        assert!(plan.steps.is_empty(), "{name}: {}", summary(&plan));
    }
    let plan = decide(&event("ConsoleLogin"), &told_today, &settings(), now());
    assert_eq!(plan.episode, Some(Episode::of(&told_today, now())), "the log has it all the same");
}

#[test]
fn users_and_starts_have_ids_of_their_own() {
    let at = days_ago(3);
    let one = Episode::beginning("AIDAEXAMPLEALICE", at);
    assert_eq!(one, Episode::beginning("AIDAEXAMPLEALICE", at));
    assert_ne!(one, Episode::beginning("AIDAEXAMPLEBOB", at));
    assert_ne!(one, Episode::beginning("AIDAEXAMPLEALICE", days_ago(4)));
    assert_eq!(Episode::parse(one.as_str()), Some(one));
    assert_ne!(Episode::of(&user("alice"), now()), Episode::of(&user("bob"), now()));
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn plan_names_one_episode(user in any_user(), settings in any_settings(), name in any_occasion_name()) {
        let plan = decide_on(&occasion(name), &user, &settings, now());
        for named in named(&plan) {
            prop_assert_eq!(&named, &plan.episode, "{}", summary(&plan));
        }
    }

    #[test]
    fn deliveries_at_the_same_time_agree(
        user in any_user(), settings in any_settings(), one in any_occasion_name(), other in any_occasion_name(),
        seconds in 0_i64..600,
    ) {
        let later = now() + SignedDuration::from_secs(seconds);
        let first = decide_on(&occasion(one), &user, &settings, now()).episode;
        let second = decide_on(&occasion(other), &user, &settings, later).episode;
        prop_assert!(first.is_none() || second.is_none() || first == second, "{first:?} {second:?}");
    }

    #[test]
    fn next_run_goes_on_with_the_episode(
        user in any_user(), settings in any_settings(), one in any_occasion_name(), cut in 0_usize..6,
    ) {
        let plan = decide_on(&occasion(one), &user, &settings, now());
        let steps = plan.steps.iter().take(cut).cloned().collect::<Vec<_>>();
        let then = after(&user, &steps);
        if let Some(episode) = &plan.episode && Episode::is_under_way(&then, now()) {
            prop_assert_eq!(&Episode::of(&then, now()), episode, "{}", summary(&plan));
        }
    }

    #[test]
    fn id_in_a_tag_decides_nothing(
        user in any_user(), settings in any_settings(), name in any_occasion_name(),
        forged in "[0-9a-f]{12}|[a-z0-9=.:]{0,14}",
    ) {
        let plain = decide_on(&occasion(name), &user, &settings, now());
        let labelled = decide_on(&occasion(name), &with_id(user, &forged), &settings, now());
        prop_assert_eq!(summary(&labelled), summary(&plain));
        prop_assert_eq!(labelled.findings, plain.findings);
    }
}
