//! Whom a sweep looks up, going by the bulk answers: nobody, unless something may be due.

use crate::snapshot_fixtures::{alice_with, not_reported};
use mfa_enforcer_core::event::{SweepKind, SweepRequest};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::notice::Channel;
use mfa_enforcer_core::snapshot::{Factors, UserSnapshot};
use mfa_enforcer_core::sweep::{Triage, triage, wants_mailbox};
use mfa_enforcer_core::tags::UserTag;
use mfa_enforcer_testing::fixtures::{
    compliant, contained, in_grace, now, overdue, request, settings, users, with_tag,
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
