//! Users under the strict quarantine, their enrolment, and the approval of it.

use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::decide::sweep_user;
use mfa_enforcer_core::device::{MfaDevice, Serial};
use mfa_enforcer_core::event::{Event, EventId, Relation, SweepKind, SweepRequest};
use mfa_enforcer_core::facts::{Approval, UserFacts};
use mfa_enforcer_core::plan::Plan;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::tags::APPROVED_KEY;
use mfa_enforcer_testing::fixtures::{
    PHONE_SERIAL, POLICY, STRICT, approval_event, approval_settings, contained, decide, event, now, overdue,
    request, with_tag,
};
use mfa_enforcer_testing::plans::after;

pub(crate) const EVERYTHING: &str = "arn:aws:iam::123456789012:policy/mfa-enforcer-quarantine-everything";

pub(crate) const STRICT_EVERYTHING: &str =
    "arn:aws:iam::123456789012:policy/mfa-enforcer-quarantine-strict-everything";

pub(crate) const STRICT_EVERYTHING_GROUP: &str = "mfa-enforcer-quarantine-strict-everything";

pub(crate) fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

pub(crate) fn settings() -> Settings {
    approval_settings(&[])
}

pub(crate) fn everything() -> Settings {
    approval_settings(&[
        ("QUARANTINE_SCOPE", "everything"),
        ("QUARANTINE_POLICY_ARN", &format!("{EVERYTHING},{POLICY}")),
        ("CONSOLE_POLICY_ARN", POLICY),
        ("STRICT_POLICY_ARN", STRICT_EVERYTHING),
    ])
}

/// The settings after a return to `RELEASE=automatic`. The strict policy is still known.
pub(crate) fn automatic() -> Settings {
    approval_settings(&[("RELEASE", "automatic")])
}

/// Alice, under the strict quarantine for three days.
pub(crate) fn strict() -> UserFacts {
    let mut user = contained(overdue());
    user.attached_policies = vec![STRICT.to_owned()];
    user
}

/// The same, with a device since the time of the event, and told who has to approve it.
pub(crate) fn waiting() -> UserFacts {
    let user = enrolled(strict(), enrolment());
    let user = after(&user, &at_enrolment(&user, &settings()).steps);
    assert_eq!(user.last_notice().unwrap().kind.code(), "awaiting-approval");
    user
}

pub(crate) fn enrolment() -> Timestamp {
    event("EnableMFADevice").source.time
}

pub(crate) fn enrolled(mut user: UserFacts, enabled: Timestamp) -> UserFacts {
    user.devices.push(MfaDevice { serial: Serial::listed(PHONE_SERIAL), enabled });
    user
}

pub(crate) fn at_enrolment(user: &UserFacts, settings: &Settings) -> Plan {
    decide(&event("EnableMFADevice"), user, settings, now())
}

/// The approval an hour after the enrolment, by an administrator or the user of this name.
pub(crate) fn approval_by(by: &str) -> Event {
    let mut event = approval_event(by);
    event.source.time = enrolment() + hours(1);
    event
}

/// The plan for that event, while the tag is there.
pub(crate) fn at_approval(event: &Event, user: &UserFacts, settings: &Settings) -> Plan {
    let user = with_tag(user.clone(), APPROVED_KEY, "yes");
    decide(event, &user, settings, event.source.time + SignedDuration::from_mins(1))
}

pub(crate) fn swept(user: &UserFacts, settings: &Settings, now: Timestamp) -> Plan {
    sweep_user(&request(), user, settings, now)
}

pub(crate) fn hourly(user: &UserFacts, settings: &Settings, now: Timestamp) -> Plan {
    let request = SweepRequest { kind: SweepKind::Hourly, ..request() };
    sweep_user(&request, user, settings, now)
}

/// What the event history tells of an approval an hour after the enrolment.
pub(crate) fn told(user: UserFacts, by: Relation) -> UserFacts {
    let approval = Approval::Set { by, at: enrolment() + hours(1), event: EventId::new("approval").unwrap() };
    UserFacts { approval, ..with_tag(user, APPROVED_KEY, "yes") }
}

pub(crate) fn policies(user: &UserFacts, plan: &Plan) -> Vec<String> {
    after(user, &plan.steps).attached_policies
}
