//! The sweep of one user: which reminder is due, what is sent again, what is repaired.

use crate::approval_fixtures::hours;
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::decide::sweep_user;
use mfa_enforcer_core::event::{SweepReading, read_request};
use mfa_enforcer_core::facts::{AttachedBy, Mailbox, UserFacts};
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::tags::{self, UserTag};
use mfa_enforcer_testing::evidence::request_at;
use mfa_enforcer_testing::fixtures::{
    POLICY, compliant, contained, days_ago, in_grace, now, overdue, request, settings, settings_with, warned,
    with_tag,
};
use mfa_enforcer_testing::plans::{after, background, notices, summary, user_notices};
use rstest::rstest;

fn swept_at(now: Timestamp, user: &UserFacts) -> Plan {
    sweep_user(&request(), user, &settings(), now)
}

pub(crate) fn swept(user: &UserFacts) -> Plan {
    swept_at(now(), user)
}

/// A user in grace, with this many hours until the deadline.
fn due_in(left: i64) -> UserFacts {
    UserFacts { login_profile_created: Some(now() + hours(left) - hours(7 * 24)), ..overdue() }
}

/// The user, whose last notice was of this kind and this many hours ago.
fn notified(user: UserFacts, kind: &str, ago: i64) -> UserFacts {
    let at = tags::second(now() - hours(ago));
    with_tag(user, UserTag::Notified.key(), &format!("{kind} {at} event=earlier"))
}

#[rstest]
#[case::welcomed_at_the_start(notified(due_in(160), "welcome", 8), &[])]
#[case::second_stage_begins(notified(due_in(71), "welcome", 97), &["reminder"])]
#[case::second_stage_is_sent(notified(due_in(60), "reminder", 11), &[])]
#[case::before_the_last_day(notified(due_in(27), "reminder", 44), &[])]
#[case::last_day(notified(due_in(25), "reminder", 46), &["final-notice"])]
#[case::last_day_is_sent(notified(due_in(2), "final-notice", 23), &[])]
#[case::sign_in_reminder_is_not_the_final_notice(notified(due_in(2), "reminder", 23), &["final-notice"])]
#[case::welcome_on_the_last_day_is_final(notified(due_in(20), "welcome", 4), &[])]
#[case::missed_sweep_only_delays_the_notice(notified(due_in(50), "welcome", 118), &["reminder"])]
#[case::last_of_two_missed_stages(notified(due_in(5), "welcome", 163), &["final-notice"])]
#[case::sign_in_reminder_counts_for_the_stage(notified(due_in(60), "reminder", 2), &[])]
#[case::never_two_on_one_day(notified(due_in(71), "reminder", 3), &[])]
#[case::last_day_does_not_wait(notified(due_in(23), "reminder", 4), &["final-notice"])]
#[case::never_asked(due_in(100), &["welcome"])]
#[case::never_asked_until_the_last_day(due_in(20), &["final-notice"])]
fn due_stage_is_sent_once(#[case] user: UserFacts, #[case] expected: &[&str]) {
    let plan = swept(&user);
    assert_eq!(notices(&plan), expected, "{}", summary(&plan));
    let again = swept(&after(&user, &plan.steps));
    assert_eq!(notices(&again), [""; 0], "{}", summary(&again));
}

#[test]
fn one_day_stage_is_the_last_day() {
    let settings = settings_with(&[("REMIND_BEFORE", "1d")]);
    let told = notified(due_in(25), "welcome", 143);
    let plan = |user: &UserFacts, now| sweep_user(&request(), user, &settings, now);
    let first = plan(&told, now());
    assert_eq!(notices(&first), ["final-notice"]);
    assert_eq!(notices(&plan(&after(&told, &first.steps), now() + hours(10))), [""; 0]);
}

#[test]
fn existing_user_hears_of_deadline_at_once() {
    let settings = settings_with(&[("ENFORCE_FROM", "2027-02-01")]);
    let plan = sweep_user(&request(), &overdue(), &settings, now());
    assert_eq!(notices(&plan), ["reminder"]);
    let again = sweep_user(&request(), &after(&overdue(), &plan.steps), &settings, now() + hours(24));
    assert_eq!(summary(&again), "nothing: no reminder is due");
}

#[test]
fn fresh_password_waits_for_its_own_event() {
    let hire = UserFacts { login_profile_created: Some(now() - SignedDuration::from_mins(5)), ..overdue() };
    assert_eq!(summary(&swept(&hire)), "nothing: the password's own event takes care of it");
    assert_eq!(notices(&swept_at(now() + SignedDuration::from_mins(25), &hire)), ["welcome"]);
}

#[test]
fn contained_are_reminded_daily_then_weekly() {
    let mut user = after(&warned(), &swept(&warned()).steps);
    let mut days = Vec::new();
    for day in 1..=30 {
        let plan = swept_at(now() + hours(24 * day), &user);
        if !notices(&plan).is_empty() {
            assert_eq!(notices(&plan), ["quarantine-reminder"]);
            days.push(day);
        }
        user = after(&user, &plan.steps);
    }
    assert_eq!(days, [1, 2, 3, 4, 5, 6, 13, 20, 27]);
}

#[test]
fn notify_mode_warns_daily_then_weekly() {
    let settings = settings_with(&[("MODE", "notify")]);
    let mut user = due_in(-1);
    let mut days = Vec::new();
    for day in 0..=20 {
        let plan = sweep_user(&request(), &user, &settings, now() + hours(24 * day));
        assert!(!plan.withheld.is_empty());
        if !notices(&plan).is_empty() {
            assert_eq!(notices(&plan), ["reminder"]);
            days.push(day);
        }
        user = after(&user, &plan.steps);
    }
    assert_eq!(days, [0, 1, 2, 3, 4, 5, 6, 13, 20]);
}

#[rstest]
#[case::confirmed_since(Mailbox::Confirmed, 1, &["quarantined"])]
#[case::still_unconfirmed(Mailbox::Unconfirmed, 30, &[])]
#[case::confirmation_expired(Mailbox::NotSubscribed, 30, &["quarantined"])]
#[case::asked_a_moment_ago(Mailbox::NotSubscribed, 1, &[])]
fn undelivered_notice_is_resent_when_possible(
    #[case] mailbox: Mailbox,
    #[case] ago: i64,
    #[case] expected: &[&str],
) {
    let since = tags::second(now() - hours(ago));
    let mut user = contained(overdue());
    user = with_tag(user, UserTag::Quarantined.key(), &format!("{since} reason=sign-in event=earlier"));
    user = with_tag(user, UserTag::Notified.key(), &format!("quarantined {since} event=earlier unreached"));
    user.mailbox = mailbox;
    let sent = notices(&swept(&user));
    // After a day, the daily reminder is due as well.
    let sent: Vec<&str> = sent.into_iter().filter(|kind| *kind != "quarantine-reminder").collect();
    assert_eq!(sent, expected);
}

#[test]
fn refused_number_is_retried_next_day() {
    let mut user = contained(overdue());
    user.tags.remove("email");
    user = with_tag(user, tags::PHONE_KEY, "+15550100123");
    let at = |ago| {
        let since = tags::second(now() - hours(ago));
        with_tag(
            user.clone(),
            UserTag::Notified.key(),
            &format!("quarantined {since} event=earlier unreached"),
        )
    };
    assert_eq!(notices(&swept(&at(2))), [""; 0]);
    assert_eq!(notices(&swept(&at(20))), ["quarantined"]);
}

#[test]
fn undone_quarantine_keeps_its_first_reason() {
    let mut undone = contained(in_grace());
    undone.attached_policies.clear();
    let tag = "2026-11-21T09:00:00Z reason=mfa-removed event=earlier";
    undone = with_tag(undone, UserTag::Quarantined.key(), tag);
    assert!(
        summary(&swept(&undone)).contains("the last MFA device was removed"),
        "{}",
        summary(&swept(&undone))
    );
}

#[test]
fn possibly_removed_device_does_not_release() {
    let since = tags::second(now() - SignedDuration::from_secs(30));
    let user = with_tag(
        contained(compliant()),
        UserTag::Quarantined.key(),
        &format!("{since} reason=mfa-removed event=x"),
    );
    assert!(summary(&swept(&user)).starts_with("nothing: contained just now"));
    assert_eq!(notices(&swept_at(now() + hours(1), &user)), ["released"]);
    let mut replaced = user;
    replaced.devices[0].enabled = since.parse().unwrap();
    assert_eq!(notices(&swept(&replaced)), ["released"], "enrolled in the second of the quarantine");
}

#[rstest]
#[case(r#"{"scheduledTime": "2026-11-24T07:00:00+01:00"}"#, "sweep-20261124T060000Z")]
#[case(r#"{"source": "aws.events", "detail-type": "Scheduled Event", "time": "2026-11-24T06:00:00Z", "detail": {}}"#, "sweep-20261124T060000Z")]
#[case("{}", "sweep-20261124T090500Z")]
fn request_is_named_by_its_time(#[case] payload: &str, #[case] id: &str) {
    let SweepReading::Sweep(request) = read_request(payload, now()).unwrap() else { panic!("ignored") };
    assert_eq!(request.id.as_str(), id);
    assert_eq!(request.of_the_day().id.as_str(), "sweep-20261124");
}

#[rstest]
#[case("[]", "(payload)")]
#[case("nonsense", "(payload)")]
#[case(r#"{"scheduledTime": "2026-11-25T06:00:00Z"}"#, "scheduledTime")]
#[case(r#"{"scheduledTime": null}"#, "scheduledTime")]
#[case(r#"{"time": "2026-11-24T06:00:00Z"}"#, "detail-type")]
#[case(r#"{"detail-type": "Scheduled Event", "time": 5}"#, "time")]
#[case(r#"{"detail-type": "Scheduled Event"}"#, "time")]
#[case(r#"{"surprise": 1}"#, "time")]
fn bad_request_names_its_field(#[case] payload: &str, #[case] path: &str) {
    assert_eq!(read_request(payload, now()).unwrap_err().path, path);
}

#[test]
fn test_request_is_five_minutes_old() {
    assert_eq!(request().time, now() - SignedDuration::from_mins(5));
    assert!(days_ago(1) < request().time);
}

#[test]
fn future_quarantine_tag_repeats_no_notice() {
    let tag = "2027-11-21T09:00:00Z reason=sign-in event=earlier";
    let user = with_tag(contained(overdue()), UserTag::Quarantined.key(), tag);
    let plan = swept(&user);
    assert_eq!(notices(&swept_at(now() + hours(1), &after(&user, &plan.steps))), [""; 0]);
}

#[test]
fn quarantine_in_grace_cites_no_past_deadline() {
    let mut stripped = in_grace();
    stripped.attached_policies.push(POLICY.to_owned());
    stripped.attached_by = AttachedBy::Us(days_ago(1));
    let plan = swept(&stripped);
    let record = after(&stripped, &plan.steps).quarantine_record().unwrap();
    assert_eq!(record.cause, Some(tags::Cause::PasswordCreated));
}

#[test]
fn password_that_is_back_is_no_passed_deadline() {
    // The day after the first notice is for those who missed the deadline.
    let released = notified(overdue(), "password-removed", 300);
    assert_eq!(swept(&released).reason, Reason::Contain(tags::Cause::PasswordCreated));
    assert_eq!(notices(&swept(&overdue())), ["final-notice"]);
}

#[test]
fn reminder_before_the_deadline_is_none_of_what_is_overdue() {
    let settings = settings_with(&[("MODE", "notify")]);
    let user = notified(due_in(-1), "reminder", 5);
    assert_eq!(notices(&sweep_user(&request(), &user, &settings, now())), ["reminder"]);
}

#[test]
fn welcome_is_for_new_passwords() {
    // In grace only because the enforcer is new.
    let settings = settings_with(&[("ENFORCE_FROM", "2026-12-01T00:00:00Z")]);
    assert_eq!(notices(&sweep_user(&request(), &due_in(1), &settings, now())), ["welcome"]);
    assert_eq!(notices(&sweep_user(&request(), &due_in(0), &settings, now())), ["reminder"]);
}

#[test]
fn last_message_says_from_when_a_sweep_contains() {
    let waits = |user: &UserFacts| {
        let plan = swept(user);
        let Some(Step::Notify(notice)) = plan.steps.iter().find(|step| matches!(step, Step::Notify(_)))
        else {
            panic!("{}", summary(&plan))
        };
        background(notice).sweep_waits_until
    };
    assert_eq!(waits(&due_in(2)), Some(now() + hours(24)), "a day after the first message");
    assert_eq!(waits(&due_in(100)), None, "at the deadline");
}

#[test]
fn text_message_repeats_what_mail_repeats_for_another_reason() {
    let user =
        with_tag(notified(contained(overdue()), "quarantine-reminder", 24), tags::PHONE_KEY, "+15550100123");
    let user = UserFacts { mailbox: Mailbox::Confirmed, ..user };
    let plan = swept(&user);
    let [notice] = user_notices(&plan)[..] else { panic!("{}", summary(&plan)) };
    assert_eq!(notice.channels.len(), 2, "{:?}", notice.channels);
}

#[rstest]
// By the published values of FNV-1a.
#[case("foobar", "2026-11-23")]
#[case("a", "2026-11-28")]
fn user_without_room_for_a_notice_has_a_day_of_the_week(#[case] id: &str, #[case] day: &str) {
    let settings = settings_with(&[("ENFORCE_FROM", "2026-12-05T00:00:00Z")]);
    let user = UserFacts { id: id.to_owned(), is_unrecordable: true, ..overdue() };
    for date in 23..=29 {
        let at: Timestamp = format!("2026-11-{date}T06:00:00Z").parse().unwrap();
        let plan = sweep_user(&request_at(at), &user, &settings, at);
        assert_eq!(notices(&plan) == ["reminder"], at.to_string().starts_with(day), "{}", summary(&plan));
    }
}
