//! One user as an operator sees them.

use crate::evidence::{ACCOUNT, Evidence, asked_by_carol, at, people, settings_of_the_month};
use crate::fixtures::{now, settings_with};
use jiff::Timestamp;
use mfa_enforcer_core::digest::UserStatus;
use mfa_enforcer_core::evidence::{Act, LookedUp, Place};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::forecast::{Question, Schedule};
use mfa_enforcer_core::history::{Records, calls_about};
use mfa_enforcer_core::inspection::{Findings, Inspection, named};
use mfa_enforcer_core::sweep::status_from_snapshot;
use mfa_enforcer_core::tags;
use serde_json::json;

/// One of the people of the month at its end, with all that was recorded of them, and what is expected in so many days.
pub fn inspection_of(name: &str, days: u16) -> Inspection {
    let month = Evidence::after_a_month(settings_of_the_month(&[]), people());
    let acts = month.bucket.iter().filter(|(key, _)| matches!(Place::of(key), Some(Place::Act { .. })));
    let acts: Vec<Act> = acts.map(|(_, bytes)| serde_json::from_slice(bytes).unwrap()).collect();
    let made = json!({
        "eventID": "0d1f2a3b-0000-4000-8000-000000000001",
        "eventName": "CreateLoginProfile",
        "eventSource": "iam.amazonaws.com",
        "eventTime": tags::second(month.users[name].created),
        "recipientAccountId": ACCOUNT,
        "requestParameters": {"userName": name},
        "userIdentity": {"type": "IAMUser", "userName": "carol", "accountId": ACCOUNT},
    });
    looked_at(&month, name, &[made.to_string()], &acts, at("30T09:30"), days)
}

/// A user of whom the event history has these records, and the bucket these acts.
pub fn inspected(user: UserFacts, records: &[String], acts: &[Act]) -> Inspection {
    let name = user.name.to_string();
    looked_at(&Evidence::of(settings_with(&[]), [user]), &name, records, acts, now(), 3)
}

fn looked_at(
    account: &Evidence,
    name: &str,
    records: &[String],
    acts: &[Act],
    now: Timestamp,
    days: u16,
) -> Inspection {
    let settings = &account.settings;
    let snapshot = account.account(now);
    let statuses: Vec<UserStatus> =
        snapshot.users.iter().map(|user| status_from_snapshot(user, settings, now)).collect();
    let user = &named(&snapshot.users, name).unwrap().user;
    let history = Records { records: records.to_vec(), is_complete: true };
    let mut looked_up = LookedUp::default();
    looked_up.listed(&user.id, &account.users[name].devices, now);
    let found = Findings {
        account: &snapshot,
        statuses: &statuses,
        looked_up: &looked_up,
        calls: &calls_about(&[history], user, settings, now),
        acts,
        unknown: &[],
    };
    let schedule = Schedule::new("06:00", "UTC").unwrap();
    let question = Question { asked: asked_by_carol(now, settings), days, schedule: &schedule };
    Inspection::of(found, &user.id, question).unwrap()
}
