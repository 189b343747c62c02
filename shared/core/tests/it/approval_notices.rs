//! The messages that only `RELEASE=approval` leads to, for the snapshots of all notices.

use crate::notice_fixtures::{first_with, notices};
use jiff::SignedDuration;
use mfa_enforcer_core::device::{MfaDevice, Serial};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::notice::Notice;
use mfa_enforcer_core::tags::APPROVED_KEY;
use mfa_enforcer_testing::fixtures::{
    KEY_SERIAL, PHONE_SERIAL, STRICT, approval_event, approval_settings, contained, decide, event, now,
    overdue, with_device, with_tag,
};
use mfa_enforcer_testing::plans::after;

fn strict() -> UserFacts {
    UserFacts { attached_policies: vec![STRICT.to_owned()], ..contained(overdue()) }
}

fn enrolled() -> UserFacts {
    let device =
        MfaDevice { serial: Serial::listed(KEY_SERIAL), enabled: event("EnableMFADevice").source.time };
    UserFacts { devices: vec![device], ..strict() }
}

pub(crate) fn approval_notices() -> Vec<(&'static str, Notice)> {
    let settings = approval_settings(&[]);
    let everything = approval_settings(&[("QUARANTINE_SCOPE", "everything")]);
    let of = |name: &str, user: &UserFacts| first_with(name, user, &settings);
    // The approval comes so many hours after the enrolment.
    let tagged = |by: &str, hours: i64| {
        let mut user = enrolled();
        user.devices[0].enabled -= SignedDuration::from_hours(hours);
        let confirmed = decide(&event("EnableMFADevice"), &user, &settings, now());
        let waiting = with_tag(after(&user, &confirmed.steps), APPROVED_KEY, "yes");
        notices(&decide(&approval_event(by), &waiting, &settings, now())).swap_remove(0)
    };
    vec![
        ("quarantined, to be approved", of("ConsoleLogin", &overdue())),
        ("quarantine reminder, to be approved", of("ConsoleLogin", &strict())),
        ("quarantine reminder by a sweep, to be approved", of("Sweep", &strict())),
        ("awaits an approval", of("EnableMFADevice", &enrolled())),
        ("awaits an approval, access keys too", first_with("EnableMFADevice", &enrolled(), &everything)),
        ("awaits an approval of two devices", of("EnableMFADevice", &with_device(enrolled(), PHONE_SERIAL))),
        ("awaits an approval, found by a sweep", of("Sweep", &enrolled())),
        ("released in part, approved", tagged("carol", 1)),
        ("released, approved late", tagged("carol", 13)),
        ("approved by the user", tagged("alice", 1)),
    ]
}
