//! What `doctor` says of the room for the quarantine.

use crate::checkup_fixtures::{ERROR, deployed, found, unread, wrong};
use crate::room_laws::{groups, policies};
use crate::snapshot_fixtures::{detail, report, row_of};
use mfa_enforcer_core::checkup::{Checkup, Item, Seen, State};
use mfa_enforcer_core::quotas::{AccountQuotas, Stock};
use mfa_enforcer_core::snapshot::UserDetail;
use mfa_enforcer_testing::checkups::healthy;
use mfa_enforcer_testing::fixtures::{APPROVAL, GROUP, now, settings, settings_with};
use rstest::rstest;

fn listed(name: &str, policy_count: usize, group_count: usize) -> UserDetail {
    UserDetail { attached_policies: policies(policy_count), groups: groups(group_count), ..detail(name) }
}

fn users(seen: &mut Seen) -> &mut Vec<UserDetail> {
    seen.room.users.as_mut().unwrap()
}

fn quotas(seen: &mut Seen) -> &mut AccountQuotas {
    seen.room.quotas.as_mut().unwrap()
}

/// Ten policies and ten groups each.
fn full(seen: &mut Seen, names: &[&str]) {
    users(seen).extend(names.iter().map(|name| listed(name, 10, 10)));
}

fn passwords(seen: &mut Seen, rows: &[String]) {
    seen.room.report = Some(Ok(report(rows)));
}

#[rstest]
#[case::nobody(|seen: &mut Seen| users(seen).clear(), None)]
#[case::group_alone(|seen: &mut Seen| users(seen).push(listed("bob", 10, 9)), None)]
#[case::policy_alone(|seen: &mut Seen| users(seen).push(listed("bob", 9, 10)), None)]
#[case::neither(|seen: &mut Seen| full(seen, &["bob"]), Some((State::Broken, "lack of room: 1 (bob)")))]
#[case::many(
    |seen: &mut Seen| full(seen, &["a", "b", "c", "d", "e", "f", "g"]),
    Some((State::Broken, "7 (a, b, c, d, e and 2 more)"))
)]
#[case::raised(
    |seen: &mut Seen| {
        full(seen, &["bob"]);
        quotas(seen).user.policies = 20;
    },
    None
)]
#[case::lowered(
    |seen: &mut Seen| {
        users(seen).push(listed("bob", 10, 5));
        quotas(seen).user.groups = 5;
    },
    Some((State::Broken, "(bob)"))
)]
#[case::no_group(
    |seen: &mut Seen| {
        users(seen).push(listed("bob", 10, 0));
        deployed(seen).settings = settings_with(&[("QUARANTINE_GROUP_NAME", "")]);
    },
    Some((State::Broken, "(bob)"))
)]
#[case::strict(
    |seen: &mut Seen| {
        full(seen, &["bob"]);
        deployed(seen).settings = settings_with(&APPROVAL);
    },
    Some((State::Broken, "(bob)"))
)]
#[case::contained(
    |seen: &mut Seen| {
        full(seen, &["bob"]);
        users(seen)[1].groups[0] = GROUP.to_owned();
    },
    None
)]
#[case::break_glass(
    |seen: &mut Seen| {
        full(seen, &["bob"]);
        users(seen)[1].path = "/break-glass/".to_owned();
        deployed(seen).settings = settings_with(&[("BREAK_GLASS_PATH", "/break-glass/")]);
    },
    None
)]
#[case::exempt_for_a_time(
    |seen: &mut Seen| {
        full(seen, &["bob"]);
        users(seen)[1].tags.insert("mfa-enforcer:exempt-until".to_owned(), "2027-01-31 leave".to_owned());
    },
    Some((State::Broken, "(bob)"))
)]
#[case::not_enforced(
    |seen: &mut Seen| {
        full(seen, &["bob"]);
        deployed(seen).settings = settings_with(&[("MODE", "notify")]);
    },
    Some((State::Warning, "(bob)"))
)]
#[case::password(
    |seen: &mut Seen| {
        full(seen, &["bob"]);
        passwords(seen, &[row_of("bob", &[])]);
    },
    Some((State::Broken, "users with a password whom no quarantine can hold, for lack of room: 1 (bob)"))
)]
#[case::no_password(
    |seen: &mut Seen| {
        full(seen, &["bob"]);
        passwords(seen, &[row_of("bob", &[("password_enabled", "false")])]);
    },
    None
)]
#[case::too_new_for_the_report(
    |seen: &mut Seen| {
        full(seen, &["bob"]);
        passwords(seen, &[row_of("carol", &[])]);
    },
    Some((State::Broken, "(bob)"))
)]
#[case::passwords_unread(
    |seen: &mut Seen| {
        full(seen, &["bob"]);
        seen.room.report = Some(unread());
    },
    Some((State::Broken, "users, some without a password, whom no quarantine can hold"))
)]
#[case::nobody_short_without_passwords(
    |seen: &mut Seen| seen.room.report = Some(unread()),
    Some((State::Unknown, "who has a password could not be read"))
)]
#[case::spoilt_report(
    |seen: &mut Seen| seen.room.report = Some(Ok(Vec::new())),
    Some((State::Unknown, "line 1 of the credential report"))
)]
#[case::users_unread(
    |seen: &mut Seen| seen.room.users = unread(),
    Some((State::Unknown, "who has room for the quarantine could not be read"))
)]
#[case::quotas_unread(|seen: &mut Seen| seen.room.quotas = unread(), Some((State::Unknown, ERROR)))]
#[case::usual_quotas_instead(
    |seen: &mut Seen| {
        full(seen, &["bob"]);
        seen.room.quotas = unread();
    },
    Some((State::Broken, "(bob)"))
)]
#[case::no_settings(|seen: &mut Seen| seen.deployed = None, Some((State::Unknown, "who has room for the quarantine")))]
#[case::policies_used_up(
    |seen: &mut Seen| quotas(seen).policies = Stock { used: 1481, quota: 1500 },
    Some((State::Warning, "the account can have 19 more customer-managed policies, and the stack has 20"))
)]
#[case::policies_just_enough(
    |seen: &mut Seen| quotas(seen).policies = Stock { used: 1480, quota: 1500 },
    None
)]
#[case::groups_used_up(
    |seen: &mut Seen| quotas(seen).groups = Stock { used: 301, quota: 300 },
    Some((State::Warning, "the account can have 0 more groups, and the stack has 4"))
)]
fn room_is_judged(#[case] spoil: fn(&mut Seen), #[case] expected: Option<(State, &str)>) {
    found(Item::Room, spoil, expected);
}

/// The advice about what is wrong with the room.
fn advice(spoil: impl Fn(&mut Seen)) -> String {
    let mut seen = healthy();
    spoil(&mut seen);
    wrong(&seen).into_iter().find(|check| check.item == Item::Room).unwrap().advice.unwrap()
}

#[test]
fn quota_is_asked_for_only_where_it_can_be_raised() {
    let per_user = advice(|seen| full(seen, &["bob"]));
    assert!(per_user.contains("--quota-code L-4019AD8B --desired-value 20 --region us-east-1"), "{per_user}");
    let raised = advice(|seen| {
        users(seen).push(listed("bob", 20, 10));
        quotas(seen).user.policies = 20;
    });
    assert_eq!(raised, "detach one of their policies, or take them out of a group");
    let of_account = advice(|seen| quotas(seen).groups.used = 299);
    assert!(of_account.contains("--quota-code L-F4A5425F --desired-value 304"), "{of_account}");
}

#[test]
fn users_with_room_in_the_group_alone_are_counted() {
    let mut seen = healthy();
    users(&mut seen).extend([listed("bob", 10, 9), listed("carol", 9, 10), listed("dave", 10, 0)]);
    let checkup = Checkup::of(&seen);
    let says = &checkup.checks.iter().find(|check| check.item == Item::Room).unwrap().says;
    assert_eq!(says, "everybody who may be quarantined has room for it, 2 of them in the group alone");
}

#[test]
fn report_is_asked_for_only_if_policies_are_used_up() {
    let needs = |policy_count, group_count| {
        let mut seen = healthy();
        users(&mut seen).push(listed("bob", policy_count, group_count));
        seen.room.needs_report(&settings(), now())
    };
    assert!(!needs(9, 10));
    assert!(needs(10, 0));
}
