//! An approval that is taken back before the release is over, also by reads that do not show that yet.

use crate::approval_fixtures::{
    approval_by, at_approval, enrolment, hourly, hours, policies, settings, swept, told, waiting,
};
use crate::guard_fixtures::{UNDONE, by_admin, told as reported};
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::event::{Event, EventId, Relation};
use mfa_enforcer_core::facts::{Approval, UserFacts};
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::tags::{APPROVED_KEY, UserTag, second};
use mfa_enforcer_testing::fixtures::{KEY_SERIAL, STRICT, decide, event_of, with_device, with_tag};
use mfa_enforcer_testing::plans::{after, notices, summary};
use rstest::rstest;
use serde_json::json;

/// An administrator removes these tags at this time.
fn removal(keys: &[&str], at: Timestamp) -> Event {
    let mut envelope = by_admin("UntagUser", &json!({"tagKeys": keys}));
    envelope["detail"]["eventTime"] = second(at).into();
    event_of(&envelope)
}

/// Of all tags, the one of the approval among them.
const KEYS: [&[&str]; 2] = [
    &["mfa-enforcer:approved"],
    &["mfa-enforcer:approved", "mfa-enforcer:quarantined", "mfa-enforcer:notified", "email"],
];

/// When the approval is taken back.
fn taken_back() -> Timestamp {
    enrolment() + hours(14)
}

fn without(user: &UserFacts, keys: &[&str]) -> UserFacts {
    let mut user = user.clone();
    for key in keys {
        user.tags.remove(key);
    }
    user
}

/// Who was approved an hour after the enrolment: the rest of the quarantine has an end.
fn narrowed() -> UserFacts {
    let user = with_tag(waiting(), APPROVED_KEY, "yes");
    after(&user, &at_approval(&approval_by("carol"), &user, &settings()).steps)
}

fn late_approval() -> Event {
    let mut event = approval_by("carol");
    event.source.time = enrolment() + hours(13);
    event
}

/// Who was approved so late that all of it was lifted at once.
fn lifted() -> UserFacts {
    let user = with_tag(waiting(), APPROVED_KEY, "yes");
    let free = after(&user, &at_approval(&late_approval(), &user, &settings()).steps);
    assert!(free.attached_policies.is_empty());
    free
}

#[rstest]
fn guard_believes_no_tag_that_its_event_removed(#[values(KEYS[0], KEYS[1])] keys: &[&str]) {
    // Of the approval the history knows, and IAM still shows the user as they were.
    let stale = told(waiting(), Relation::SomebodyElse);
    for seconds in [5, 90, 180] {
        let now = taken_back() + SignedDuration::from_secs(seconds);
        let plan = decide(&removal(keys, taken_back()), &stale, &settings(), now);
        assert_eq!(policies(&stale, &plan), [STRICT], "{}", summary(&plan));
    }
}

#[test]
fn approval_that_was_given_again_counts() {
    let event = EventId::new("again").unwrap();
    let at = taken_back() + SignedDuration::from_secs(30);
    let approval = Approval::Set { by: Relation::SomebodyElse, at, event };
    let user = UserFacts { approval, ..with_tag(waiting(), APPROVED_KEY, "yes") };
    let now = taken_back() + SignedDuration::from_mins(3);
    let plan = decide(&removal(KEYS[0], taken_back()), &user, &settings(), now);
    assert!(policies(&user, &plan).is_empty(), "{}", summary(&plan));
}

#[rstest]
#[case::while_the_rest_lasts(narrowed())]
#[case::after_all_was_lifted(lifted())]
fn removal_of_the_approval_puts_the_user_back(#[case] released: UserFacts) {
    let user = without(&released, KEYS[0]);
    let now = taken_back() + SignedDuration::from_secs(10);
    for seen in [&user, &released] {
        let plan = decide(&removal(KEYS[0], taken_back()), seen, &settings(), now);
        assert!(policies(&user, &plan).contains(&STRICT.to_owned()), "{}", summary(&plan));
        assert_eq!(reported(&plan).0, [UNDONE]);
    }
    // The event may be lost.
    let plan = hourly(&user, &settings(), now + hours(1));
    let then = after(&user, &plan.steps);
    assert_eq!(
        (plan.reason, then.attached_policies.as_slice()),
        (Reason::AwaitsApproval, &[STRICT.to_owned()][..])
    );
    assert_eq!(notices(&plan), ["awaiting-approval"]);
    let record = then.quarantine_record().unwrap();
    assert_eq!((record.release, record.approved), (None, None), "{}", summary(&plan));
}

#[test]
fn device_that_goes_after_the_release_contains_again() {
    let user = UserFacts { devices: Vec::new(), ..lifted() };
    let plan = hourly(&user, &settings(), taken_back());
    assert_eq!(policies(&user, &plan), [STRICT], "the record is still there: {}", summary(&plan));
}

#[test]
fn release_ends_for_good_only_in_a_sweep() {
    let event = late_approval();
    let again = decide(&event, &lifted(), &settings(), event.source.time + SignedDuration::from_mins(3));
    assert_eq!(again.steps, [], "{}", summary(&again));
    let ended = after(&lifted(), &swept(&lifted(), &settings(), taken_back()).steps);
    assert_eq!((ended.tag(UserTag::Quarantined), ended.tags.get(APPROVED_KEY)), (None, None));
    // What is removed then is no approval any more.
    let now = taken_back() + SignedDuration::from_secs(10);
    let plan = decide(&removal(KEYS[0], taken_back()), &ended, &settings(), now);
    assert_eq!((plan.steps.len(), ended.attached_policies.len()), (0, 0), "{}", summary(&plan));
}

#[test]
fn new_device_after_the_release_is_no_reason_to_end_it() {
    let user = with_device(lifted(), KEY_SERIAL);
    let plan = swept(&user, &settings(), taken_back());
    assert!(after(&user, &plan.steps).quarantine_record().is_none(), "it is older than the approval");
}
