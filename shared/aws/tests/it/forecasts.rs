//! A forecast is what the sweeps then do, if nobody does anything.

use crate::sweep_fixtures::{enrolled, mixed, sweep_with};
use jiff::Timestamp;
use mfa_enforcer_aws::{read_account, survey};
use mfa_enforcer_core::digest::ChangeKind;
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::forecast::{Outlook, Schedule, forecast};
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::tags::{self, UserTag};
use mfa_enforcer_testing::account::Account;
use mfa_enforcer_testing::fixtures::{STRICT, STRICT_GROUP, settings_with, user};
use std::collections::BTreeMap;
use std::time::Duration;

/// Long enough for an exemption that ends, and for every stage of reminders.
const DAYS: u16 = 10;

fn start() -> Timestamp {
    "2026-11-24T09:30:00Z".parse().unwrap()
}

/// What is told to users, by name: day, hour and kind of each notice.
type Told = BTreeMap<String, Vec<String>>;

/// What the sweeps do.
async fn swept(account: &Account, settings: &Settings) -> Told {
    let mut told = Told::new();
    for request in Schedule::new("06:00", "Europe/Berlin").unwrap().sweeps(start(), DAYS) {
        let kind = request.kind.name();
        let payload = format!(r#"{{"sweep": "{kind}", "scheduledTime": "{}"}}"#, request.time);
        sweep_with(&payload, request.time, settings, account, &|| Duration::from_mins(10)).await.unwrap();
        for (to, kind) in account.mail.lock().unwrap().drain(..) {
            told.entry(to).or_default().push(format!("{} {kind}", request.time.strftime("%d %H:%M")));
        }
    }
    told
}

async fn foretold(account: &Account, settings: &Settings) -> (Vec<UserFacts>, Vec<Outlook>) {
    let answers = read_account(account).await.unwrap();
    let seen = survey(answers, account, settings, start()).await;
    assert_eq!(seen.unknown, [""; 0]);
    let sweeps = Schedule::new("06:00", "Europe/Berlin").unwrap().sweeps(start(), DAYS);
    let users = seen.account.users.iter().map(|snapshot| snapshot.user.clone()).collect();
    (users, forecast(&seen.account.users, &sweeps, settings))
}

fn crowd() -> Account {
    let mut users: Vec<UserFacts> = (0..12).map(|index| user(&format!("late{index:02}"))).collect();
    for (index, days) in [0, 1, 3, 6, 8, 40].into_iter().enumerate() {
        let created = start() - jiff::SignedDuration::from_hours(24 * days);
        users.push(UserFacts { login_profile_created: Some(created), ..user(&format!("new{index}")) });
    }
    let mut exempt = user("exempt");
    exempt.tags.insert(tags::EXEMPT_UNTIL_KEY.to_owned(), "2026-11-30 leave".to_owned());
    let mut nobody = user("nobody");
    nobody.tags.clear();
    let mut full = user("full");
    for index in full.tags.iter().count()..50 {
        full.tags.insert(format!("key{index}"), String::new());
    }
    users.extend([exempt, nobody, full, enrolled(user("safe"))]);
    users.push(UserFacts { login_profile_created: None, ..user("machine") });
    Account::of(users)
}

#[tokio::test]
async fn forecast_is_what_sweeps_do() {
    let several: [&[(&'static str, &str)]; 7] = [
        &[],
        &[("MAX_QUARANTINES", "3")],
        &[("ENFORCE_FROM", "2026-12-01"), ("REMIND_BEFORE", "7d,3d,1d"), ("GRACE_PERIOD", "14d")],
        &[("GRACE_PERIOD", "6h"), ("QUARANTINE_SCOPE", "everything")],
        &[("RELEASE", "approval"), ("STRICT_POLICY_ARN", STRICT), ("STRICT_GROUP_NAME", STRICT_GROUP)],
        &[("MODE", "notify")],
        &[("MODE", "observe")],
    ];
    for changed in several {
        let settings = settings_with(changed);
        compare(&crowd(), &settings).await;
        if changed.len() != 1 {
            compare(&mixed(), &settings).await;
        }
    }
}

async fn compare(account: &Account, settings: &Settings) {
    let (users, outlooks) = foretold(account, settings).await;
    let told = swept(account, settings).await;
    for (before, outlook) in users.iter().zip(&outlooks) {
        let (mut expected, mut after) = (outlook.user.clone(), account.user(before.name.as_str()));
        // A sweep notes what the event history says about exemptions, which changes nothing for the user.
        for user in [&mut expected, &mut after] {
            user.tags.remove(UserTag::ExemptBy.key());
        }
        assert_eq!(expected.tags, after.tags, "{}", before.name);
        assert_eq!(expected.attached_policies, after.attached_policies, "{}", before.name);
        assert_eq!(expected.groups, after.groups, "{}", before.name);
        let topic = format!("{}{}", settings.user_topic_prefix, before.id);
        let sent = outlook.expected.iter();
        let sent = sent.filter(|one| !matches!(one.what, ChangeKind::Withheld | ChangeKind::StaysContained));
        let sent: Vec<String> = sent
            .flat_map(|one| {
                one.messages.iter().map(|kind| format!("{} {}", one.at.strftime("%d %H:%M"), kind.code()))
            })
            .collect();
        // Others have no mail that could be compared.
        if before.tags.get("email").is_some_and(|email| email.contains('@')) {
            assert_eq!(told.get(&topic).cloned().unwrap_or_default(), sent, "{}", before.name);
        }
    }
}
