//! Lines `NAME=value` as the environment of a function.
#![no_main]

use jiff::{SignedDuration, Timestamp};
use libfuzzer_sys::fuzz_target;
use mfa_enforcer_core::event::Occasion;
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::posture::deadline;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_fuzz::oracles::check_plan;
use mfa_enforcer_testing::fixtures::{decide_on, now, occasion, variables, warned};
use std::collections::BTreeMap;
use std::sync::LazyLock;

static VARIABLES: LazyLock<BTreeMap<&'static str, String>> = LazyLock::new(variables);
static SIGN_IN: LazyLock<Occasion> = LazyLock::new(|| occasion("ConsoleLogin"));
static USER: LazyLock<UserFacts> = LazyLock::new(warned);

fuzz_target!(|text: &str| {
    // Without a first line that says otherwise, what is not given is as in every deployment.
    let (base, text) = match text.strip_prefix("bare\n") {
        Some(rest) => (None, rest),
        None => (Some(&*VARIABLES), text),
    };
    let given: BTreeMap<&str, &str> = text.lines().filter_map(|line| line.split_once('=')).collect();
    let variable = |name: &str| {
        let base = || base.and_then(|base| base.get(name)).cloned();
        given.get(name).map(|value| (*value).to_owned()).or_else(base)
    };
    match Settings::read(variable) {
        Ok(settings) => check(&settings),
        Err(problems) => {
            assert!(!problems.0.is_empty());
            let known = Settings::descriptions();
            for problem in &problems.0 {
                assert!(known.iter().any(|setting| setting.name == problem.variable));
                assert!(!problem.problem.is_empty() && problem.problem.chars().count() < 1000);
            }
        }
    }
});

fn check(settings: &Settings) {
    assert!(settings.grace >= SignedDuration::ZERO && settings.release_after >= SignedDuration::ZERO);
    assert!(settings.remind_before.is_sorted_by(|longer, shorter| longer > shorter));
    assert!(!settings.alerts_topic_arn.is_empty() && !settings.quarantine.full.policy.is_empty());
    assert_eq!(settings.deployment.account.len(), 12, "{}", settings.deployment.account);
    for created in [Timestamp::MIN, now(), Timestamp::MAX] {
        assert!(deadline(created, settings) >= created);
    }
    // What a function does with them, by one example.
    check_plan(&decide_on(&SIGN_IN, &USER, settings, now()), settings, settings.exempt_users.len());
}
