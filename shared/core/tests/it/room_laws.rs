//! A plan finds just the room that there is, by whatever quotas IAM has.

use crate::progress_fixtures::{Call, run};
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::decide::Room;
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::progress::Action;
use mfa_enforcer_core::quotas::UserQuotas;
use mfa_enforcer_testing::fixtures::{GROUP, decide_on, now, occasion, overdue, settings_with};
use proptest::prelude::*;

pub(crate) fn policies(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("arn:aws:iam::123456789012:policy/of-a-team-{number}")).collect()
}

pub(crate) fn groups(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("team-{number}")).collect()
}

proptest! {
    /// An event contains just those users for whom there is room.
    #[test]
    fn plan_finds_the_room_that_there_is(
        has_group: bool,
        used in (0_usize..22, 0_usize..=10),
        policy_quota in 10_usize..=20,
    ) {
        let group = if has_group { GROUP } else { "" };
        let settings = settings_with(&[("QUARANTINE_GROUP_NAME", group)]);
        let quotas = UserQuotas { policies: policy_quota, ..UserQuotas::default() };
        let user = UserFacts { attached_policies: policies(used.0), groups: groups(used.1), ..overdue() };
        let plan = decide_on(&occasion("ConsoleLogin"), &user, &settings, now());
        let done = run(&plan, &user, |_, action| match action {
            Action::Change(_, Change::AttachPolicy(_)) if used.0 >= quotas.policies => Call::NoRoom,
            Action::Change(_, Change::JoinGroup(_)) if used.1 >= quotas.groups => Call::NoRoom,
            _ => Call::Works,
        });
        let room = Room::of(&settings.quarantine, &user, quotas);
        prop_assert_eq!(settings.quarantine.holds(&done.user), !room.is_none());
    }
}
