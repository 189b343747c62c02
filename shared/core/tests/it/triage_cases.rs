//! Whom a sweep looks up, going by the bulk answers: nobody, unless something may be due.

use crate::snapshot_fixtures::{alice_with, not_reported, with_removal};
use jiff::SignedDuration;
use mfa_enforcer_core::device::{MfaDevice, Serial};
use mfa_enforcer_core::event::{SweepKind, SweepRequest};
use mfa_enforcer_core::exemption::By;
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::notice::Channel;
use mfa_enforcer_core::snapshot::{Factors, UserSnapshot};
use mfa_enforcer_core::sweep::{Triage, triage, wants_mailbox};
use mfa_enforcer_core::tags::UserTag;
use mfa_enforcer_testing::fixtures::{
    PHONE_SERIAL, POLICY, compliant, contained, days_ago, exempt, exempted_lately, in_grace, now, overdue,
    request, settings, settings_with, users, with_tag,
};
use rstest::rstest;

/// The user as the bulk answers show them.
fn seen(user: UserFacts) -> UserSnapshot {
    let factors = Factors::of(&user.devices);
    UserSnapshot { user, factors, ..alice_with(&[]) }
}

fn looked_at(snapshot: &UserSnapshot, kind: SweepKind) -> String {
    match triage(snapshot, &SweepRequest { kind, ..request() }, &settings(), now()) {
        Triage::Nothing => "-".to_owned(),
        Triage::Withheld(_) => "withheld".to_owned(),
        Triage::Mailbox(_) => "mailbox".to_owned(),
        Triage::Live(urgency) => format!("{urgency:?}"),
    }
}

fn unreached(user: UserFacts) -> UserFacts {
    with_tag(user, UserTag::Notified.key(), "reminder 2026-11-24T08:00:00Z event=earlier unreached")
}

#[test]
fn only_those_are_looked_up_for_whom_something_may_be_due() {
    let others = [
        ("not in the report", not_reported()),
        ("in grace, told and unreached", seen(unreached(in_grace()))),
        ("compliant, told and unreached", seen(unreached(compliant()))),
    ];
    let people = users().into_iter().map(|(posture, user)| (posture, seen(user))).chain(others);
    let lines = people.map(|(label, snapshot)| {
        let [daily, hourly] = [SweepKind::Daily, SweepKind::Hourly].map(|kind| looked_at(&snapshot, kind));
        format!("{label}: daily {daily}, hourly {hourly}")
    });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
}

#[rstest]
#[case::told_in_vain(unreached(overdue()), SweepKind::Daily, true)]
#[case::told(overdue(), SweepKind::Daily, false)]
#[case::has_mfa_by_now(unreached(compliant()), SweepKind::Daily, false)]
#[case::free_within_the_day(unreached(overdue()), SweepKind::Hourly, false)]
#[case::contained(unreached(contained(overdue())), SweepKind::Hourly, true)]
fn mailbox_of_whom_the_last_message_missed_is_checked(
    #[case] user: UserFacts,
    #[case] kind: SweepKind,
    #[case] expected: bool,
) {
    let found = wants_mailbox(&SweepRequest { kind, ..request() }, &user, &settings(), now());
    assert_eq!(matches!(found, Some(Channel::Topic { .. })), expected, "{found:?}");
}

/// Each answer costs a call, and an hourly sweep has something to lift only after an enrolment.
#[rstest]
#[case::daily_after_months(SweepKind::Daily, SignedDuration::from_hours(50 * 24), "Release")]
#[case::hourly_after_months(SweepKind::Hourly, SignedDuration::from_hours(50 * 24), "-")]
#[case::hourly_after_two_days(SweepKind::Hourly, SignedDuration::from_hours(48), "-")]
#[case::hourly_within_two_days(SweepKind::Hourly, SignedDuration::from_secs(48 * 60 * 60 - 1), "Release")]
fn hourly_sweep_asks_who_quarantined_only_after_an_enrolment(
    #[case] kind: SweepKind,
    #[case] ago: SignedDuration,
    #[case] expected: &str,
) {
    let device = MfaDevice { serial: Serial::listed(PHONE_SERIAL), enabled: now() - ago };
    let policies = vec![POLICY.to_owned()];
    let unrecorded = UserFacts { attached_policies: policies, devices: vec![device], ..overdue() };
    assert_eq!(looked_at(&seen(unrecorded), kind), expected);
}

/// There may be no time for everybody, so users who may be free without MFA come first.
#[rstest]
#[case::nothing_is_known(overdue(), Factors::None, "Unknown")]
#[case::contained(contained(overdue()), Factors::None, "Notice")]
#[case::has_an_app(overdue(), Factors::VirtualAtLeast, "Notice")]
fn user_who_is_not_in_the_report_may_be_safe(
    #[case] user: UserFacts,
    #[case] factors: Factors,
    #[case] expected: &str,
) {
    let snapshot = UserSnapshot { user, factors, ..not_reported() };
    assert_eq!(looked_at(&snapshot, SweepKind::Daily), expected);
}

/// The list of virtual devices is current. Others are known from the report, which may be older than the removal.
#[rstest]
#[case::only_the_report_knows(with_removal(compliant(), 24), Factors::NotVirtual, "Contain")]
#[case::nothing_was_removed(compliant(), Factors::NotVirtual, "-")]
#[case::has_an_app(with_removal(compliant(), 24), Factors::VirtualAtLeast, "-")]
fn removed_device_may_be_the_one_in_the_report(
    #[case] user: UserFacts,
    #[case] factors: Factors,
    #[case] expected: &str,
) {
    let snapshot = UserSnapshot { factors, ..seen(user) };
    assert_eq!(looked_at(&snapshot, SweepKind::Daily), expected);
}

/// Overdue by the earliest date, and told so an hour ago. If the password is from this week, the user is in grace.
#[rstest]
#[case::other_posture(2, SweepKind::Daily, "Notice")]
#[case::only_the_digest_tells_them_apart(2, SweepKind::Hourly, "-")]
#[case::same_posture(50, SweepKind::Daily, "-")]
fn digest_has_to_know_the_posture(#[case] youngest: i64, #[case] kind: SweepKind, #[case] expected: &str) {
    let told =
        with_tag(overdue(), UserTag::Notified.key(), "final-notice 2026-11-24T08:00:00Z event=earlier");
    let snapshot = UserSnapshot { password_latest: Some(days_ago(youngest)), ..seen(told) };
    assert_eq!(looked_at(&snapshot, kind), expected);
}

#[rstest]
#[case("observe", false)]
#[case("notify", true)]
#[case("enforce", true)]
fn mode_observe_sends_nothing_again(#[case] mode: &str, #[case] expected: bool) {
    let settings = settings_with(&[("MODE", mode)]);
    let found = triage(&seen(unreached(in_grace())), &request(), &settings, now());
    assert_eq!(matches!(found, Triage::Mailbox(_)), expected, "{found:?}");
}

#[test]
fn note_of_an_exemption_does_not_make_a_containment_wait() {
    let mut user = exempted_lately(exempt());
    user.exempted_by.acts[0].by = By::principal(&user.id);
    assert_eq!(looked_at(&seen(user.clone()), SweepKind::Daily), "Notice", "it does not count");
    assert_eq!(looked_at(&seen(with_removal(user, 24)), SweepKind::Daily), "Contain");
}
