//! Any bytes as the credential report of an account with two users.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mfa_enforcer_core::event::UserName;
use mfa_enforcer_core::facts::UserTags;
use mfa_enforcer_core::partition::Partition;
use mfa_enforcer_core::posture::posture;
use mfa_enforcer_core::rights::Grants;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::snapshot::{AccountSnapshot, BulkAnswers, Factors, UserDetail};
use mfa_enforcer_testing::fixtures::{ALERTS, ROOT, now, settings};
use std::sync::LazyLock;

static USERS: LazyLock<Vec<UserDetail>> = LazyLock::new(|| ["alice", "bob"].map(user).into());
static SETTINGS: LazyLock<Settings> = LazyLock::new(settings);

fn user(name: &str) -> UserDetail {
    UserDetail {
        name: UserName::listed(name),
        id: format!("AIDAEXAMPLE{}", name.to_uppercase()),
        arn: format!("arn:aws:iam::123456789012:user/{name}"),
        path: "/".to_owned(),
        created: "2026-01-02T03:04:05Z".parse().expect("a time"),
        tags: UserTags::default(),
        attached_policies: Vec::new(),
        groups: Vec::new(),
        boundary: None,
        inline: Grants::default(),
    }
}

fuzz_target!(|report: &[u8]| {
    let answers = BulkAnswers {
        report: report.to_vec(),
        users: USERS.clone(),
        permissions: None,
        virtual_devices: Vec::new(),
        summary: Some(ROOT),
    };
    let (known, error) = AccountSnapshot::as_far_as_known(answers, Partition::of_arn(ALERTS));
    assert!(error.is_none_or(|error| !error.to_string().contains(char::is_control)));
    // Whatever the report says, IAM says who exists.
    assert_eq!(known.users.len(), USERS.len());
    for snapshot in &known.users {
        assert_eq!(snapshot.factors == Factors::None, snapshot.user.devices.is_empty());
        if !snapshot.reported {
            assert!(snapshot.user.login_profile_created.is_none() && snapshot.user.devices.is_empty());
        }
        let (earliest, latest) = (snapshot.user.login_profile_created, snapshot.password_latest);
        assert_eq!(earliest.is_some(), latest.is_some());
        assert!(earliest <= latest, "a password is not older than the user");
        let _ = posture(&snapshot.user, &SETTINGS, now());
        if let Some(user) = snapshot.with_the_latest_password() {
            let _ = posture(&user, &SETTINGS, now());
        }
    }
});
