//! Laws of `RELEASE=approval`, checked on random users and occasions.

use crate::decision_laws::{any_occasion_name, any_settings, any_user};
use crate::law_settings::cases;
use jiff::SignedDuration;
use mfa_enforcer_core::device::{MfaDevice, Serial};
use mfa_enforcer_core::event::{EventId, Relation};
use mfa_enforcer_core::facts::{Approval, UserFacts};
use mfa_enforcer_core::settings::{Release, Settings};
use mfa_enforcer_core::tags::{APPROVED_KEY, EXEMPT_UNTIL_KEY, UserTag};
use mfa_enforcer_testing::fixtures::{
    KEY_SERIAL, POLICY, STRICT, STRICT_GROUP, approval_event, approval_settings, days_ago, decide, decide_on,
    now, occasion, with_device, with_tag,
};
use mfa_enforcer_testing::plans::{after, summary};
use proptest::prelude::*;

/// A user who was contained for a possible takeover, whatever the tags say, and who may or may not have MFA.
fn suspected() -> impl Strategy<Value = UserFacts> {
    let words = [
        "2026-11-21T09:00:00Z reason=sign-in event=e",
        "2026-11-21T09:00:00Z reason=deadline-passed event=e",
        "2026-11-21T09:00:00Z reason=sign-in event=e release=2026-11-22T09:00:00Z",
        "2026-11-21T09:00:00Z reason=sign-in event=e release=2026-11-22T09:00:00Z approved=2026-11-24T09:00:00Z",
        "2026-11-29T09:00:00Z approved=2026-11-29T09:00:00Z",
        "by hand",
    ];
    let record = prop::sample::select(words.to_vec());
    let (in_group, tagged) = (any::<bool>(), any::<bool>());
    let device = prop::option::of((1_i64..4, prop::sample::select(vec![KEY_SERIAL, "GAKT12345678"])));
    (any_user(), record, in_group, tagged, device).prop_map(|(user, record, in_group, tagged, device)| {
        let mut user = user;
        user.tags.insert(UserTag::Quarantined.key().to_owned(), record.to_owned());
        if tagged {
            user.tags.insert(APPROVED_KEY.to_owned(), "yes".to_owned());
        }
        let device = device
            .map(|(days, serial)| MfaDevice { serial: Serial::listed(serial), enabled: days_ago(days) });
        user.devices.extend(device);
        "/".clone_into(&mut user.path);
        user.login_profile_created = Some(days_ago(30));
        user.tags.remove(EXEMPT_UNTIL_KEY);
        user.attached_policies.retain(|arn| !arn.contains("quarantine"));
        user.groups.clear();
        if in_group {
            user.groups.push(STRICT_GROUP.to_owned());
        } else {
            user.attached_policies.push(STRICT.to_owned());
        }
        user
    })
}

/// A record whose cause is a possible takeover, or not known.
fn grave_record() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "2026-11-21T09:00:00Z reason=sign-in event=e",
        "2026-11-21T09:00:00Z reason=mfa-removed event=e release=2026-11-22T09:00:00Z",
        "2026-11-21T09:00:00Z reason=unknown event=e",
        "by hand",
    ])
}

/// What is known of an approval that does not count: nothing, the user's own, or one from before the newest device.
fn no_approval() -> impl Strategy<Value = Approval> {
    let set = |(by, days): (Relation, i64)| {
        let event = EventId::new("approval").unwrap();
        let days = if by == Relation::SomebodyElse { days + 40 } else { days };
        Approval::Set { by, at: days_ago(days), event }
    };
    let by = prop::sample::select(vec![Relation::Oneself, Relation::Unknown, Relation::SomebodyElse]);
    prop_oneof![Just(Approval::NotLooked), Just(Approval::NotFound), (by, 0_i64..4).prop_map(set)]
}

fn approving() -> impl Strategy<Value = Settings> {
    let mode = prop::sample::select(vec!["observe", "notify", "enforce"]);
    let release_after = prop::sample::select(vec!["0s", "12h"]);
    (mode, release_after)
        .prop_map(|(mode, after)| approval_settings(&[("MODE", mode), ("RELEASE_AFTER", after)]))
}

fn is_strict(user: &UserFacts) -> bool {
    approval_settings(&[]).quarantine.holds_strictly(user)
}

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn without_an_approval_nobody_leaves_the_strict_quarantine(
        user in suspected(), approval in no_approval(), settings in approving(), name in any_occasion_name()
    ) {
        let user = UserFacts { approval, ..user };
        let plan = decide_on(&occasion(name), &user, &settings, now());
        prop_assert!(is_strict(&after(&user, &plan.steps)), "{}", summary(&plan));
    }

    #[test]
    fn own_approval_frees_nobody(user in suspected(), settings in approving()) {
        let mut event = approval_event("alice");
        event.source.time = now();
        let plan = decide(&event, &user, &settings, now());
        prop_assert!(is_strict(&after(&user, &plan.steps)), "{}", summary(&plan));
    }

    #[test]
    fn approval_by_somebody_else_frees_who_has_mfa(user in suspected(), late in any::<bool>()) {
        let settings = approval_settings(&[]);
        let mut user = with_tag(with_device(user, KEY_SERIAL), APPROVED_KEY, "yes");
        // Without room for a record, the strict quarantine stays to the end.
        let (enabled, is_full) = (if late { days_ago(2) } else { days_ago(0) - SignedDuration::from_hours(2) }, user.tags.is_full());
        for device in &mut user.devices {
            device.enabled = enabled;
        }
        let mut event = approval_event("carol");
        event.source.time = now();
        let plan = decide(&event, &user, &settings, now());
        prop_assert!(is_full || !is_strict(&after(&user, &plan.steps)), "{}", summary(&plan));
        prop_assert!(late || settings.quarantine.holds(&after(&user, &plan.steps)), "{}", summary(&plan));
    }

    #[test]
    fn sweep_leaves_no_suspect_under_less(
        user in suspected(), record in grave_record(), approval in no_approval(), plain in any::<bool>()
    ) {
        let settings = approval_settings(&[]);
        let mut user = with_tag(UserFacts { approval, ..user }, UserTag::Quarantined.key(), record);
        user.groups.clear();
        user.attached_policies.retain(|arn| arn != STRICT);
        if plain {
            user.attached_policies.push(POLICY.to_owned());
        }
        let plan = decide_on(&occasion("Sweep"), &user, &settings, now());
        prop_assert!(is_strict(&after(&user, &plan.steps)), "{}", summary(&plan));
    }

    #[test]
    fn without_the_setting_nothing_changes(
        user in any_user(), settings in any_settings(), name in any_occasion_name()
    ) {
        let mut known = settings.clone();
        known.quarantine.strict = approval_settings(&[]).quarantine.strict;
        prop_assert_eq!(known.release, Release::Automatic);
        let occasion = occasion(name);
        prop_assert_eq!(decide_on(&occasion, &user, &settings, now()), decide_on(&occasion, &user, &known, now()));
    }
}
