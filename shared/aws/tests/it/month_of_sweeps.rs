//! A month of daily sweeps, some missed, some doubled: who gets which notice on which day.

use crate::sweep_fixtures::{hourly_at, sweep_at};
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::device::{MfaDevice, Serial};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::posture::{Posture, deadline, posture};
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::tags;
use mfa_enforcer_testing::account::Account;
use mfa_enforcer_testing::fixtures::{POLICY, settings_with, user};
use std::collections::BTreeMap;

fn at(text: &str) -> Timestamp {
    format!("2026-11-{text}:00Z").parse().unwrap()
}

fn enrol(user: &mut UserFacts) {
    let serial = Serial::listed("arn:aws:iam::123456789012:mfa/phone");
    user.devices.push(MfaDevice { serial, enabled: at("08T12:00") });
}

/// Grace is seven days, and nobody's deadline is before 11 November.
fn month() -> Settings {
    settings_with(&[("ENFORCE_FROM", "2026-11-11"), ("REMIND_BEFORE", "7d,3d,1d")])
}

fn cast() -> Vec<UserFacts> {
    let mut exempt = user("exempt");
    exempt.tags.insert(tags::EXEMPT_UNTIL_KEY.to_owned(), "2026-11-20".to_owned());
    let mut machine = user("machine");
    machine.login_profile_created = None;
    let mut nobody = user("nobody");
    nobody.tags.clear();
    let mut safe = user("safe");
    enrol(&mut safe);
    vec![user("veteran"), user("prompt"), user("late"), exempt, machine, nobody, safe]
}

/// What people do before a day's sweep. All of these events are lost.
fn happens(day: u32, account: &Account) {
    match day {
        6 => {
            let hire = UserFacts { login_profile_created: Some(at("05T10:00")), ..user("hire") };
            account.users.lock().unwrap().insert("hire".to_owned(), hire);
        }
        9 => account.edit("prompt", enrol),
        15 => account.edit("late", enrol),
        26 => account.edit("veteran", |veteran| veteran.login_profile_created = None),
        _ => {}
    }
}

/// When a day's sweeps run: mostly once, sometimes not at all or more than once.
fn sweeps_of(day: u32) -> Vec<Timestamp> {
    let at_six = at(&format!("{day:02}T06:00"));
    match day {
        8 | 19 => Vec::new(),
        10 | 11 | 20 => vec![at_six, at_six, at_six + SignedDuration::from_mins(90)],
        // Once a little early, and once far too late.
        13 => vec![at_six - SignedDuration::from_mins(3)],
        23 => vec![at_six + SignedDuration::from_hours(9)],
        _ => vec![at_six],
    }
}

fn check_containment(account: &Account, settings: &Settings, now: Timestamp) {
    for user in account.users.lock().unwrap().values() {
        let contained = user.attached_policies.iter().any(|arn| arn == POLICY);
        let overdue = matches!(posture(user, settings, now), Posture::Overdue { .. });
        // Nobody is contained within a day of the first notice.
        let told = user.last_notice().map(|notice| notice.first.unwrap_or(notice.at));
        let waited = told.is_some_and(|told| told + SignedDuration::from_hours(24) <= now);
        assert!(overdue || !contained, "{} at {now}", user.name);
        assert!(contained || !(overdue && waited), "{} at {now}", user.name);
        if let Some(created) = user.login_profile_created.filter(|_| contained) {
            assert!(deadline(created, settings) <= now, "{} before the deadline", user.name);
        }
    }
}

/// What each user hears in a month: day and kind.
type Told = BTreeMap<String, Vec<String>>;

fn note(told: &mut Told, day: u32, account: &Account) {
    for (topic, kind) in account.mail.lock().unwrap().drain(..) {
        let name = topic.trim_start_matches("mfa-enforcer-user-AIDAEXAMPLE").to_lowercase();
        told.entry(name).or_default().push(format!("{day:02} {kind}"));
    }
}

/// Hourly sweeps, and a daily one at six unless it is missed, and then made up for.
#[tokio::test]
async fn hourly_sweeps_repeat_no_notice() {
    let settings = month();
    let account = Account::of(cast());
    let mut told = Told::new();
    for day in 1..=30 {
        happens(day, &account);
        for hour in 0..24 {
            let now = at(&format!("{day:02}T{hour:02}:10"));
            for _ in 0..if day == 12 { 2 } else { 1 } {
                hourly_at(now, &settings, &account).await.unwrap();
            }
            check_containment(&account, &settings, now);
            let this_hour = |daily: &Timestamp| (0..3600).contains(&daily.duration_since(now).as_secs());
            for daily in sweeps_of(day).into_iter().filter(this_hour) {
                sweep_at(daily, &settings, &account).await.unwrap();
            }
        }
        note(&mut told, day, &account);
    }
    insta::assert_json_snapshot!(told);
}

#[tokio::test]
async fn each_user_gets_what_the_schedule_promises() {
    let settings = month();
    let account = Account::of(cast());
    let mut told = Told::new();
    for day in 1..=30 {
        happens(day, &account);
        for now in sweeps_of(day) {
            sweep_at(now, &settings, &account).await.unwrap();
            check_containment(&account, &settings, now);
            note(&mut told, day, &account);
        }
    }
    insta::assert_json_snapshot!(told);
}
