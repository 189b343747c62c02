//! Which figures a user counts in.

use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::digest::{Coverage, Figures, Reachable, UserStatus};
use mfa_enforcer_core::posture::Exemption;
use mfa_enforcer_core::snapshot::{Factors, LastUse};
use mfa_enforcer_testing::digests::{
    KEY, PHONE, PHONE_AND_KEY, TOKEN, contained, exempt, in_grace, not_known, overdue, with_mfa,
    without_password,
};
use mfa_enforcer_testing::fixtures::{days_ago, now};
use rstest::rstest;

fn figures(status: UserStatus) -> Figures {
    Figures::of(&[status], now())
}

/// The names of the figures that this user counts in.
fn counted(status: UserStatus) -> String {
    let text = format!("{:?}", figures(status));
    let fields = text.trim_start_matches("Figures { ").trim_end_matches(" }").split(", ");
    fields.filter_map(|field| field.strip_suffix(": 1")).collect::<Vec<_>>().join(" ")
}

#[rstest]
#[case(with_mfa("a", KEY), "users console with_mfa need_mfa protected compliant security_key")]
#[case(with_mfa("a", PHONE), "users console with_mfa need_mfa protected compliant virtual_app weak")]
#[case(with_mfa("a", TOKEN), "users console with_mfa need_mfa protected compliant hardware_token weak")]
#[case(
    with_mfa("a", PHONE_AND_KEY),
    "users console with_mfa need_mfa protected compliant virtual_app security_key"
)]
#[case(
    with_mfa("a", Factors::VirtualAtLeast),
    "users console with_mfa need_mfa protected compliant virtual_at_least"
)]
#[case(with_mfa("a", Factors::NotVirtual), "users console with_mfa need_mfa protected compliant not_virtual")]
#[case::device_not_listed_yet(
    with_mfa("a", Factors::None),
    "users console with_mfa need_mfa protected compliant"
)]
#[case(in_grace("a", 1), "users console need_mfa in_grace")]
#[case(overdue("a", 1), "users console need_mfa overdue overdue_and_free")]
#[case::device_gone(UserStatus { factors: PHONE, ..overdue("a", 1) }, "users console need_mfa overdue overdue_and_free")]
#[case(contained(overdue("a", 1)), "users console need_mfa protected overdue contained")]
#[case(
    contained(with_mfa("a", KEY)),
    "users console with_mfa need_mfa protected compliant contained security_key"
)]
#[case(exempt("a", Exemption::Name), "users console exempt")]
#[case::exempt_for_seven_days(exempt("a", Exemption::Until("2026-12-01".parse().unwrap())), "users console exempt exempt_ending")]
#[case::exempt_for_eight_days(exempt("a", Exemption::Until("2026-12-02".parse().unwrap())), "users console exempt")]
#[case(UserStatus { factors: KEY, ..exempt("a", Exemption::Path) }, "users console with_mfa exempt security_key")]
#[case(without_password("a"), "users not_applicable")]
#[case(not_known("a"), "users console need_mfa unknown")]
#[case(UserStatus { factors: Factors::VirtualAtLeast, ..not_known("a") }, "users console with_mfa need_mfa protected unknown virtual_at_least")]
#[case(UserStatus { reachable: Reachable::NoAddress, ..in_grace("a", 1) }, "users console need_mfa in_grace unreachable")]
#[case(UserStatus { reachable: Reachable::NotYet, ..in_grace("a", 1) }, "users console need_mfa in_grace unconfirmed")]
#[case(UserStatus { reachable: Reachable::ByText, ..in_grace("a", 1) }, "users console need_mfa in_grace")]
#[case(UserStatus { reachable: Reachable::NoAddress, ..with_mfa("a", KEY) }, "users console with_mfa need_mfa protected compliant security_key")]
fn user_counts_in_these_figures(#[case] status: UserStatus, #[case] expected: &str) {
    assert_eq!(counted(status), expected);
}

/// 90 days and this many seconds ago.
fn ninety_days_ago_and(seconds: i64) -> Timestamp {
    days_ago(90) - SignedDuration::from_secs(seconds)
}

#[rstest]
#[case::signed_in_before(LastUse::At(ninety_days_ago_and(1)), None, 1)]
#[case::signed_in_just_in_time(LastUse::At(ninety_days_ago_and(0)), Some(days_ago(300)), 0)]
#[case::never_with_an_old_password(LastUse::Never, Some(ninety_days_ago_and(1)), 1)]
#[case::never_with_a_new_password(LastUse::Never, Some(days_ago(1)), 0)]
#[case::unknown_with_an_old_password(LastUse::Unknown, Some(ninety_days_ago_and(1)), 1)]
#[case::nothing_known(LastUse::Unknown, None, 0)]
fn user_is_dormant_after_90_days(
    #[case] last_sign_in: LastUse,
    #[case] password_set: Option<Timestamp>,
    #[case] expected: usize,
) {
    let status = UserStatus { last_sign_in, password_set, ..overdue("a", 1) };
    assert_eq!(figures(status.clone()).dormant, expected);
    let with_mfa = UserStatus { last_sign_in, password_set, ..with_mfa("a", KEY) };
    assert_eq!(figures(with_mfa).dormant, 0);
    let without_password = UserStatus { last_sign_in, password_set, ..without_password("a") };
    assert_eq!(figures(without_password).dormant, 0);
}

#[rstest]
#[case(0, 3, "0.0%")]
#[case(31, 32, "96.8%")]
#[case(4999, 5000, "99.9%")]
#[case(5000, 5000, "100.0%")]
fn coverage_is_rounded_down(#[case] part: usize, #[case] whole: usize, #[case] expected: &str) {
    assert_eq!(Coverage::of(part, whole).unwrap().to_string(), expected);
}

#[test]
fn exempt_users_lower_coverage_but_not_protection() {
    let statuses =
        [with_mfa("a", KEY), contained(overdue("b", 1)), overdue("c", 1), exempt("d", Exemption::Name)];
    let figures = Figures::of(&statuses, now());
    assert_eq!(figures.coverage().unwrap().to_string(), "25.0%");
    assert_eq!(figures.protection().unwrap().to_string(), "66.6%");
    assert_eq!(Figures::of(&statuses[3..], now()).protection(), None, "nobody needs MFA");
}

#[test]
fn coverage_of_nobody_is_none() {
    assert_eq!(Coverage::of(0, 0), None);
}
