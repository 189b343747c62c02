//! Whole sweeps against the account in memory.

use crate::sweep_fixtures::{
    contained_ones, days_ago, enrolled, exempting, hourly_at, mixed, now, sweep_at, sweep_of_sunday,
};
use jiff::SignedDuration;
use mfa_enforcer_aws::{DigestSent, SweepInvocation, sweep};
use mfa_enforcer_core::event::UserName;
use mfa_enforcer_core::facts::{Mailbox, UserFacts};
use mfa_enforcer_core::outcome::{ErrorType, Outcome};
use mfa_enforcer_core::snapshot::AccountSummary;
use mfa_enforcer_core::subscription::Subscription;
use mfa_enforcer_core::tags::{self, UserTag};
use mfa_enforcer_testing::account::{Account, subscribed};
use mfa_enforcer_testing::fixtures::{POLICY, settings, settings_with, user, warned_user};
use proptest::prelude::*;
use serde_json::json;
use std::time::Duration;

/// What every sweep reads.
const BULK: [&str; 7] = [
    "alerts_tags",
    "stack",
    "policy_in_force",
    "group_policies",
    "trails",
    "bulk_answers",
    "credential_report",
];

#[tokio::test]
async fn sweep_counts_who_gets_the_alerts() {
    let pending = Subscription { arn: "PendingConfirmation".to_owned(), ..subscribed() };
    let cases = [
        (Some(vec![subscribed(), pending.clone()]), Some(1), None),
        (Some(vec![pending]), Some(0), Some("nobody gets the alerts")),
        (None, None, Some("unknown who gets the alerts")),
    ];
    for (alerts_subscriptions, count, finding) in cases {
        let account = Account { alerts_subscriptions, ..Account::of([enrolled(user("safe"))]) };
        let report = sweep_at(now(), &settings(), &account).await.unwrap();
        let sweep = report.sweep.unwrap();
        assert_eq!((sweep.alerts_subscribers, sweep.failed), (count, 0));
        let found = report.findings.iter().find(|text| text.contains("alerts"));
        assert_eq!(found.is_some(), finding.is_some(), "{:?}", report.findings);
        assert!(found.is_none_or(|text| text.contains(finding.unwrap())));
        assert_eq!(account.digests.lock().unwrap()[0]["alertsSubscribers"], json!(count));
        let hourly = hourly_at(now(), &settings(), &account).await.unwrap();
        assert_eq!((hourly.sweep.unwrap().alerts_subscribers, hourly.findings), (None, Vec::new()));
    }
}

#[tokio::test]
async fn sweep_repairs_every_lost_event() {
    let account = mixed();
    let report = sweep_of_sunday(&settings(), &account).await.unwrap();
    assert_eq!(contained_ones(&account), ["byhand", "expired", "nobody", "overdue", "stripped", "undone"]);
    for user in account.users.lock().unwrap().values() {
        let ours = user.attached_policies.len() == 1 && user.name.as_str() != "byhand";
        assert_eq!(user.quarantine_record().is_some(), ours, "{}", user.name);
    }
    let done = report.sweep.unwrap();
    assert_eq!((done.contained, done.repaired, done.released, done.told), (3, 2, 3, 2));
    assert_eq!((done.users, done.console, done.with_mfa), (11, 10, 2));
    assert_eq!((done.failed, done.remaining, done.topics_deleted, done.digest), (0, 0, 1, DigestSent::Sent));
    assert_eq!(account.topics.lock().unwrap().get("mfa-enforcer-user-AIDAEXAMPLEGONE99"), None);
    assert_eq!(*account.to_admins.lock().unwrap(), ["digest"]);
}

#[tokio::test]
async fn users_in_order_are_not_looked_up() {
    let account = Account::of([enrolled(user("safe")), user("exempt")]);
    account.edit("exempt", |user| {
        user.tags.insert(tags::EXEMPT_UNTIL_KEY.to_owned(), "2026-12-31".to_owned());
    });
    account.past.lock().unwrap().push(exempting(2, "exempt"));
    sweep_at(now(), &settings(), &account).await.unwrap();
    assert_eq!(account.writes()[0], "set_tag", "who exempted the user is noted");
    account.forget_calls();
    sweep_at(now() + SignedDuration::from_hours(24), &settings(), &account).await.unwrap();
    let calls = account.calls.lock().unwrap().clone();
    // Removals, and what was done about exemptions lately.
    let looks = [BULK.as_slice(), &["look_up"; 3], &["devices", "alerts_subscriptions"]].concat();
    assert_eq!(calls, [looks.as_slice(), &["account_alias", "tell_admins"], &["set_alerts_tag"; 2]].concat());
}

#[tokio::test]
async fn observe_mode_sends_only_the_digest() {
    let account = mixed();
    let before = account.users.lock().unwrap().clone();
    let report = sweep_at(now(), &settings_with(&[("MODE", "observe")]), &account).await.unwrap();
    assert_eq!(account.writes(), ["tell_admins", "set_alerts_tag", "set_alerts_tag"]);
    assert_eq!(*account.users.lock().unwrap(), before);
    assert_eq!(report.sweep.unwrap().withheld, 10);
}

#[tokio::test]
async fn hourly_sweep_repairs_and_tells_no_more() {
    let account = mixed();
    let report = hourly_at(now(), &settings(), &account).await.unwrap().sweep.unwrap();
    assert_eq!(contained_ones(&account), ["byhand", "expired", "nobody", "overdue", "stripped", "undone"]);
    assert_eq!((report.kind, report.contained, report.repaired, report.released), ("hourly", 3, 1, 3));
    assert_eq!((report.told, report.digest), (0, DigestSent::NotDue), "the hire waits for the daily sweep");
    let told = account.to_admins.lock().unwrap().clone();
    assert_eq!(told.iter().filter(|kind| kind.starts_with("quarantined")).count(), 4, "{told:?}");
    assert_eq!(told.len(), 4, "a release and a digest can wait: {told:?}");
    account.forget_calls();
    hourly_at(now() + SignedDuration::from_hours(1), &settings(), &account).await.unwrap();
    let calls = account.calls.lock().unwrap().clone();
    assert_eq!(
        calls,
        [&BULK[..], &["look_up", "set_alerts_tag"]].concat(),
        "and then there is nothing to do"
    );
}

#[tokio::test]
async fn daily_digest_tells_what_hourly_sweeps_did() {
    let hour = SignedDuration::from_hours(1);
    let account = mixed();
    hourly_at(now() - hour, &settings(), &account).await.unwrap();
    sweep_at(now(), &settings(), &account).await.unwrap();
    let digest = account.digests.lock().unwrap()[0].clone();
    let names = |what: &str| -> Vec<String> {
        let users = digest["did"][what]["users"].as_array().unwrap();
        users.iter().map(|user| user["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("contained"), ["expired", "nobody", "overdue", "undone"]);
    assert_eq!(names("released"), ["enrolled", "excused", "machine"]);
    sweep_at(now() + 24 * hour, &settings(), &account).await.unwrap();
    let next = account.digests.lock().unwrap()[1].clone();
    assert_eq!(
        (&next["did"]["contained"]["count"], &next["did"]["released"]["count"]),
        (&0.into(), &0.into())
    );
}

#[tokio::test]
async fn missed_daily_sweep_is_made_up() {
    let hour = SignedDuration::from_hours(1);
    let account = mixed();
    sweep_at(now(), &settings(), &account).await.unwrap();
    let mut digests = Vec::new();
    for hours in 1..=50 {
        let report = hourly_at(now() + hours * hour, &settings(), &account).await.unwrap().sweep.unwrap();
        if report.digest == DigestSent::Sent {
            assert_eq!(report.kind, "daily");
            digests.push(hours);
        }
    }
    assert_eq!(digests, [26]);
}

#[tokio::test]
async fn root_without_mfa_alerts_once_a_day() {
    let summary = AccountSummary {
        root_mfa: false,
        root_access_keys: false,
        root_password: None,
        devices_in_use: None,
    };
    let account = Account { summary, ..Account::of([]) };
    let hour = SignedDuration::from_hours(1);
    for now in [now(), now() + hour, now() + 24 * hour] {
        sweep_at(now, &settings(), &account).await.unwrap();
    }
    let told = account.to_admins.lock().unwrap().clone();
    let alert = "root-alert reach=not-for-user";
    assert_eq!(told, [alert, "digest", alert, "digest"]);
}

#[tokio::test]
async fn unconfirmed_notice_is_resent_once_confirmed() {
    let account = Account { unconfirmed: true, ..Account::of([warned_user("bob")]) };
    let hour = SignedDuration::from_hours(1);
    let topic = "mfa-enforcer-user-AIDAEXAMPLEBOB";
    sweep_at(now(), &settings(), &account).await.unwrap();
    sweep_at(now() + hour, &settings(), &account).await.unwrap();
    account.topics.lock().unwrap().insert(topic.to_owned(), Mailbox::Confirmed);
    sweep_at(now() + 2 * hour, &settings(), &account).await.unwrap();
    sweep_at(now() + 3 * hour, &settings(), &account).await.unwrap();
    let kinds: Vec<String> = account.mail.lock().unwrap().iter().map(|(_, kind)| kind.clone()).collect();
    assert_eq!(kinds, ["quarantined", "quarantined"]);
    assert!(account.user("bob").last_notice().unwrap().reached);
}

#[tokio::test]
async fn bad_payload_is_refused_event_is_ignored() {
    let (account, settings) = (mixed(), settings());
    let time_left = || Duration::from_mins(10);
    let run = async |payload: &str| {
        let invocation = SweepInvocation {
            settings: &settings,
            clock: &now,
            request_id: "test",
            time_left: &time_left,
            run: None,
        };
        sweep(payload, invocation, &account, &account).await
    };
    for payload in [
        "[]",
        "7",
        "{\"time\": 5}",
        "{\"detail-type\": \"Scheduled Event\"}",
        "{\"scheduledTime\": \"soon\"}",
    ] {
        assert_eq!(run(payload).await.unwrap_err().error_type(), ErrorType::Malformed, "{payload}");
    }
    let event = r#"{"detail-type": "AWS API Call via CloudTrail", "source": "aws.iam", "detail": {}}"#;
    assert_eq!(run(event).await.unwrap().reason, "other-function");
    assert!(account.calls.lock().unwrap().is_empty());
}

#[tokio::test]
async fn boundary_in_the_way_is_a_finding() {
    let statement =
        |action| format!(r#"{{"Statement": {{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}}}"#);
    let account = Account::of(["open", "closed", "unclear", "safe"].map(user));
    account.edit("safe", |safe| *safe = enrolled(safe.clone()));
    for (name, action) in [("open", "*"), ("closed", "s3:*"), ("unclear", "*"), ("safe", "s3:*")] {
        let arn = format!("arn:aws:iam::123456789012:policy/{name}");
        account.boundaries.lock().unwrap().insert(name.to_owned(), arn.clone());
        account.policies.lock().unwrap().insert(arn, statement(action));
    }
    account
        .policies
        .lock()
        .unwrap()
        .insert("arn:aws:iam::123456789012:policy/unclear".to_owned(), "?".to_owned());
    sweep_at(now(), &settings(), &account).await.unwrap();
    let findings = account.digests.lock().unwrap()[0]["lists"]["findings"]["users"].clone();
    let found: Vec<_> =
        findings.as_array().unwrap().iter().map(|one| (&one["name"], &one["finding"])).collect();
    let expected = [("closed", "boundary-forbids-enrolment"), ("unclear", "boundary-unclear")];
    assert_eq!(
        found,
        expected.map(|(name, finding)| (json!(name), json!(finding))).each_ref().map(|(a, b)| (a, b))
    );
    let read = |account: &Account| {
        account.calls.lock().unwrap().iter().filter(|call| **call == "policy_document").count()
    };
    assert_eq!(read(&account), 3, "nobody asks for the boundary of a user with MFA");
    account.forget_calls();
    hourly_at(now() + SignedDuration::from_hours(1), &settings(), &account).await.unwrap();
    assert_eq!(read(&account), 0, "daily is enough");
}

prop_compose! {
    fn any_user()(
        name in "[a-z]{1,8}",
        password in prop::option::of(0_i64..20),
        hours in 0_i64..24,
        device in prop::bool::weighted(0.3),
        attached: bool,
        tag in prop::option::of(prop::sample::select(vec![
            "2026-11-21T09:00:00Z reason=sign-in event=earlier", "2026-11-24T05:59:30Z reason=mfa-removed event=x", "by hand",
        ])),
        exempt in prop::option::of(prop::sample::select(vec!["2026-11-23", "2026-11-24", "2027-01-01", "soon"])),
        notified in prop::option::of((prop::sample::select(vec![
            "welcome", "reminder", "quarantined", "quarantine-reminder", "released", "password-removed",
        ]), 0_i64..200, prop::sample::select(vec!["", " unreached"]))),
        email in prop::option::of(prop::sample::select(vec!["a@example.com", "none"])),
        phone in prop::option::of(prop::sample::select(vec!["+15550100123", "0"])),
    ) -> UserFacts {
        let mut facts = user(&name);
        facts.name = UserName::new(&name).unwrap();
        facts.tags.clear();
        let mut set = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                facts.tags.insert(key.to_owned(), value);
            }
        };
        set(UserTag::Quarantined.key(), tag.map(str::to_owned));
        set(tags::EXEMPT_UNTIL_KEY, exempt.map(str::to_owned));
        set("email", email.map(str::to_owned));
        set("phone", phone.map(str::to_owned));
        set(UserTag::Notified.key(), notified.map(|(what, hours, unreached)| {
            let at = tags::second(now() - SignedDuration::from_hours(hours));
            format!("{what} {at} event=earlier{unreached}")
        }));
        facts.login_profile_created = password.map(|days| days_ago(days) - SignedDuration::from_hours(hours));
        if attached {
            facts.attached_policies.push(POLICY.to_owned());
        }
        if device { enrolled(facts) } else { facts }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn second_sweep_at_the_same_time_is_a_no_op(
        users in prop::collection::vec(any_user(), 0..12),
        mode in prop::sample::select(vec!["observe", "notify", "enforce"]),
        digest in prop::sample::select(vec!["daily", "weekly:mon", "on-change"]),
        unconfirmed: bool,
        root_mfa: bool,
        mailbox in prop::sample::select(vec![None, Some(Mailbox::Confirmed), Some(Mailbox::Unconfirmed)]),
    ) {
        let summary = AccountSummary { root_mfa, root_access_keys: false, root_password: None, devices_in_use: None };
        let account = Account { summary, unconfirmed, ..Account::of(users) };
        let ids: Vec<String> = account.users.lock().unwrap().values().map(|user| user.id.clone()).collect();
        for id in ids {
            account.topics.lock().unwrap().extend(mailbox.map(|mailbox| (format!("mfa-enforcer-user-{id}"), mailbox)));
        }
        let settings = settings_with(&[("MODE", mode), ("DIGEST", digest)]);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(sweep_at(now(), &settings, &account)).unwrap();
        account.forget_calls();
        let report = runtime.block_on(sweep_at(now(), &settings, &account)).unwrap();
        prop_assert_eq!(account.writes(), [""; 0]);
        prop_assert_eq!(report.outcome, Outcome::Nothing);
    }
}
