//! When a change to a user is in force.

use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::tags::{APPROVED_KEY, EXEMPT_UNTIL_KEY, UserTag};
use mfa_enforcer_testing::fixtures::{GROUP, POLICY, contained, overdue, with_tag};
use rstest::rstest;

const VALUE: &str = "another value";

fn in_group() -> UserFacts {
    UserFacts { groups: vec![GROUP.to_uppercase()], ..overdue() }
}

#[rstest]
#[case::attach(Change::AttachPolicy(POLICY.to_owned()), overdue())]
#[case::narrow_to_policy(Change::NarrowToPolicy(POLICY.to_owned()), overdue())]
#[case::detach(Change::DetachPolicy(POLICY.to_owned()), contained(overdue()))]
#[case::join(Change::JoinGroup(GROUP.to_owned()), overdue())]
#[case::narrow_to_group(Change::NarrowToGroup(GROUP.to_owned()), overdue())]
#[case::leave(Change::LeaveGroup(GROUP.to_owned()), in_group())]
#[case::schedule(Change::ScheduleRelease(VALUE.to_owned()), contained(overdue()))]
#[case::restore(Change::RestoreRecord(VALUE.to_owned()), overdue())]
#[case::claim(Change::ClaimNotice(VALUE.to_owned()), contained(overdue()))]
#[case::count(Change::CountPutBack(VALUE.to_owned()), overdue())]
#[case::report(Change::RecordReport(UserTag::Alerted, VALUE.to_owned()), overdue())]
#[case::tag(Change::SetTag(UserTag::Mail, VALUE.to_owned()), overdue())]
#[case::exempt(Change::Exempt(VALUE.to_owned()), with_tag(overdue(), EXEMPT_UNTIL_KEY, "2026-12-31"))]
#[case::approve(Change::Approve(VALUE.to_owned()), with_tag(overdue(), APPROVED_KEY, "yes"))]
#[case::remove_record(Change::RemoveQuarantineTag, contained(overdue()))]
#[case::remove_approval(Change::RemoveApproval, with_tag(overdue(), APPROVED_KEY, "yes"))]
fn change_is_seen_once_it_is_made(#[case] change: Change, #[case] mut user: UserFacts) {
    assert!(!change.is_seen_in(&user));
    change.apply_to(&mut user);
    assert!(change.is_seen_in(&user));
}
