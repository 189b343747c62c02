//! What an approval lifts, and when.

use crate::approval_fixtures::{
    STRICT_EVERYTHING, approval_by, at_approval, at_enrolment, automatic, enrolled, enrolment, everything,
    hours, policies, settings, strict, swept, told, waiting,
};
use jiff::SignedDuration;
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::event::Relation;
use mfa_enforcer_core::facts::{Approval, AttachedBy, UserFacts};
use mfa_enforcer_core::notice::UserMessage;
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::tags::{APPROVED_KEY, EXEMPT_UNTIL_KEY, QuarantineRecord, UserTag};
use mfa_enforcer_testing::fixtures::{
    GROUP, POLICY, STRICT, approval_settings, contained, days_ago, decide, event, exempted_lately, in_grace,
    now, overdue, settings_with, user as user_named, with_tag,
};
use mfa_enforcer_testing::plans::{after, changes, notices, summary, user_notices};
use rstest::rstest;

#[test]
fn approved_user_keeps_the_rest_until_its_end() {
    let user = waiting();
    let plan = at_approval(&approval_by("carol"), &user, &settings());
    assert_eq!((plan.reason, notices(&plan)), (Reason::Approved, vec!["released"]), "{}", summary(&plan));
    let expected = [&Change::NarrowToPolicy(POLICY.to_owned()), &Change::DetachPolicy(STRICT.to_owned())];
    assert_eq!(changes(&plan)[..2], expected, "{}", summary(&plan));
    let end = enrolment() + hours(12);
    let said = user_notices(&plan)[0].message;
    assert!(matches!(said, UserMessage::Released { rest_until: Some(until), .. } if until == end));

    let narrowed = after(&with_tag(user, APPROVED_KEY, "yes"), &plan.steps);
    let record = narrowed.quarantine_record().unwrap();
    assert_eq!((record.release, record.approved), (Some(end), Some(enrolment() + hours(1))));
    for time in [now() + hours(2), end - SignedDuration::from_secs(1)] {
        let early = swept(&narrowed, &settings(), time);
        assert_eq!((early.reason, early.steps.len()), (Reason::ReleaseScheduled, 0), "{}", summary(&early));
    }
    let lifted = swept(&narrowed, &settings(), end);
    assert_eq!(notices(&lifted), [""; 0], "nobody is told a second time");
    let free = after(&narrowed, &lifted.steps);
    assert!(free.attached_policies.is_empty() && free.quarantine_record() == Some(record));
    let ended = swept(&free, &settings(), end + hours(1));
    assert_eq!(changes(&ended), [&Change::RemoveQuarantineTag, &Change::RemoveApproval]);
    assert_eq!(notices(&ended), [""; 0]);
}

#[test]
fn approval_is_recorded_whatever_end_is_on_record() {
    let record = "2026-11-21T09:00:00Z reason=sign-in event=earlier release=2026-11-24T21:01:00Z";
    let user = with_tag(waiting(), UserTag::Quarantined.key(), record);
    let plan = at_approval(&approval_by("carol"), &user, &settings());
    let record = after(&user, &plan.steps).quarantine_record().unwrap();
    let expected = (Some(enrolment() + hours(12)), Some(enrolment() + hours(1)));
    assert_eq!((record.release, record.approved), expected, "{}", summary(&plan));
}

#[test]
fn strict_everything_falls_back_to_the_console() {
    let user = UserFacts { attached_policies: vec![STRICT_EVERYTHING.to_owned()], ..waiting() };
    let plan = at_approval(&approval_by("carol"), &user, &everything());
    assert_eq!(policies(&user, &plan), [POLICY], "{}", summary(&plan));
}

#[test]
fn late_approval_lifts_all_at_once() {
    let mut event = approval_by("carol");
    event.source.time = enrolment() + hours(13);
    let plan = at_approval(&event, &waiting(), &settings());
    let free = after(&with_tag(waiting(), APPROVED_KEY, "yes"), &plan.steps);
    let record = free.quarantine_record().unwrap();
    let lifted_at = event.source.time + SignedDuration::from_mins(1);
    assert!(free.attached_policies.is_empty(), "{}", summary(&plan));
    assert_eq!((record.release, record.approved), (Some(lifted_at), Some(event.source.time)));
    assert_eq!((free.tags.get(APPROVED_KEY), notices(&plan)), (Some("yes"), vec!["released"]));
    // A sweep in the same minute may still see an approval that was taken back.
    for (minutes, is_over) in [(1, false), (60, true)] {
        let plan = swept(&free, &settings(), lifted_at + SignedDuration::from_mins(minutes));
        let then = after(&free, &plan.steps);
        assert_eq!(then.quarantine_record().is_none(), is_over, "{}", summary(&plan));
        assert_eq!((then.tags.get(APPROVED_KEY).is_none(), notices(&plan)), (is_over, vec![]));
    }
}

#[test]
fn without_a_rest_the_approval_lifts_all() {
    let at_once = approval_settings(&[("RELEASE_AFTER", "0s")]);
    let user = enrolled(strict(), enrolment());
    let confirmed = at_enrolment(&user, &at_once);
    assert_eq!(
        (policies(&user, &confirmed), notices(&confirmed)),
        (vec![STRICT.to_owned()], vec!["awaiting-approval"])
    );
    let user = after(&user, &confirmed.steps);
    let plan = at_approval(&approval_by("carol"), &user, &at_once);
    assert!(policies(&user, &plan).is_empty(), "{}", summary(&plan));
}

#[test]
fn exemption_and_lost_password_release_as_ever() {
    let exempt = exempted_lately(with_tag(waiting(), EXEMPT_UNTIL_KEY, "2026-12-31"));
    let plan = swept(&exempt, &settings(), now() + hours(2));
    assert!(policies(&exempt, &plan).is_empty(), "{}", summary(&plan));
    let gone = UserFacts { login_profile_created: None, ..with_tag(waiting(), APPROVED_KEY, "yes") };
    let plan = swept(&gone, &settings(), now() + hours(2));
    let free = after(&gone, &plan.steps);
    assert!(free.attached_policies.is_empty() && free.tags.get(APPROVED_KEY).is_none());
}

#[test]
fn automatic_again_means_by_the_ordinary_rules() {
    let plan = swept(&strict(), &automatic(), now());
    assert_eq!(policies(&strict(), &plan), [POLICY], "{}", summary(&plan));
    let narrowed = swept(&waiting(), &automatic(), now() + hours(2));
    let then = after(&waiting(), &narrowed.steps);
    assert_eq!(then.attached_policies, [POLICY], "{}", summary(&narrowed));
    assert_eq!(then.quarantine_record().unwrap().release, Some(enrolment() + hours(12)));
    let lifted = swept(&waiting(), &automatic(), now() + hours(13));
    assert!(policies(&waiting(), &lifted).is_empty(), "{}", summary(&lifted));
}

#[rstest]
#[case("observe")]
#[case("notify")]
fn other_modes_neither_contain_nor_release(#[case] mode: &'static str) {
    let settings = approval_settings(&[("MODE", mode)]);
    let plain = contained(overdue());
    assert_eq!(policies(&plain, &swept(&plain, &settings, now())), [POLICY]);
    let plan = swept(&waiting(), &settings, now() + hours(13));
    assert_eq!(policies(&waiting(), &plan), [STRICT], "{}", summary(&plan));
    let approved = told(waiting(), Relation::SomebodyElse);
    let plan = swept(&approved, &settings, now() + hours(13));
    assert_eq!(policies(&approved, &plan).is_empty(), mode == "notify", "{}", summary(&plan));
}

#[test]
fn approval_cut_short_is_finished_by_the_next_run() {
    let event = approval_by("carol");
    for settings in [settings(), approval_settings(&[("RELEASE_AFTER", "0s")])] {
        let start = with_tag(waiting(), APPROVED_KEY, "yes");
        let whole = after(&start, &at_approval(&event, &start, &settings).steps);
        let steps = at_approval(&event, &start, &settings).steps;
        for cut in 0..steps.len() {
            let half = after(&start, &steps[..cut]);
            // The same event again, or a sweep that asks the history.
            let by_event = decide(&event, &half, &settings, event.source.time + SignedDuration::from_mins(3));
            let approval = Approval::Set {
                by: Relation::SomebodyElse,
                at: event.source.time,
                event: event.source.id.clone(),
            };
            let asked = UserFacts { approval, ..half.clone() };
            for plan in [by_event, swept(&asked, &settings, event.source.time + hours(1))] {
                let end = after(&half, &plan.steps);
                let without_end = |user: &UserFacts| {
                    let record = user.tag(UserTag::Quarantined).map(QuarantineRecord::without_release);
                    (record, user.quarantine_record().and_then(|record| record.approved))
                };
                assert_eq!(end.attached_policies, whole.attached_policies, "{cut}: {}", summary(&plan));
                // A sweep that finds the user released ends it for good.
                let is_over = without_end(&half).1.is_some() && end.quarantine_record().is_none();
                assert!(is_over || without_end(&end) == without_end(&whole), "{cut}: {}", summary(&plan));
            }
        }
    }
}

#[test]
fn without_room_for_a_record_the_strict_one_stays_to_the_end() {
    let mut user = told(waiting(), Relation::SomebodyElse);
    user.tags.remove(UserTag::Quarantined.key());
    user.attached_by = AttachedBy::Us(days_ago(3));
    for n in 0..50 - user.tags.iter().count() {
        user = with_tag(user, &format!("tag{n}"), "x");
    }
    let early = swept(&user, &settings(), now() + hours(2));
    assert_eq!(policies(&user, &early), [STRICT], "{}", summary(&early));
    let late = swept(&user, &settings(), now() + hours(13));
    assert!(policies(&user, &late).is_empty(), "{}", summary(&late));
}

#[test]
fn quarantine_by_hand_stays_by_hand() {
    let mut user = enrolled(overdue(), enrolment());
    user.attached_policies = vec![STRICT.to_owned()];
    user.attached_by = AttachedBy::SomebodyElse;
    let plan = decide(&event("EnableMFADevice"), &user, &settings(), now());
    assert_eq!((plan.reason, notices(&plan)), (Reason::QuarantinedByHand, vec!["held-by-hand"]));
}

#[test]
fn nobody_else_is_touched_by_the_setting() {
    for user in [in_grace(), enrolled(overdue(), days_ago(2)), user_named("robot")] {
        let tagged = with_tag(user, APPROVED_KEY, "yes");
        let with = swept(&tagged, &settings(), now());
        assert_eq!(with.steps, swept(&tagged, &settings_with(&[]), now()).steps, "{}", summary(&with));
        assert_eq!(at_approval(&approval_by("carol"), &tagged, &settings()).reason, Reason::NotContained);
    }
    let ten: Vec<String> = vec![GROUP.to_owned()];
    let in_group = UserFacts { groups: ten, attached_policies: Vec::new(), ..contained(overdue()) };
    let late =
        with_tag(in_group, UserTag::Quarantined.key(), "2026-11-21T09:00:00Z reason=deadline-passed event=e");
    assert_eq!(after(&late, &swept(&late, &settings(), now()).steps).groups, [GROUP]);
}
