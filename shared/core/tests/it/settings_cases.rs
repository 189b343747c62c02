//! Settings: which values are accepted, and that every problem is named at once.

use jiff::civil::Weekday;
use mfa_enforcer_core::event::Function;
use mfa_enforcer_core::quarantine::{Quarantine, Restriction};
use mfa_enforcer_core::settings::{DigestWhen, Mode, Release, Settings};
use mfa_enforcer_testing::fixtures::{POLICY, settings_with, variables};
use rstest::rstest;
use std::cell::RefCell;
use strum::IntoEnumIterator;

#[test]
fn unset_variables_without_default_are_named() {
    let problems = Settings::read(|_| None).unwrap_err();
    let named: Vec<&str> = problems.0.iter().map(|problem| problem.variable).collect();
    // The roles have to be known, by their names or by the stack's.
    let required = Settings::descriptions()
        .into_iter()
        .filter(|setting| setting.default.is_none() || setting.name == "ENFORCER_ROLES");
    assert_eq!(named, required.map(|setting| setting.name).collect::<Vec<_>>());
    insta::assert_snapshot!(problems.to_string().replace("; ", "\n"));
}

#[test]
fn descriptions_match_what_is_read() {
    let asked = RefCell::new(Vec::new());
    let _ = Settings::read(|name| {
        asked.borrow_mut().push(name.to_owned());
        None
    });
    let described: Vec<&str> = Settings::descriptions().iter().map(|setting| setting.name).collect();
    assert_eq!(asked.into_inner(), described);
}

#[test]
fn unset_variable_takes_its_default() {
    for setting in Settings::descriptions() {
        let Some(default) = setting.default else { continue };
        let mut unset = variables();
        unset.remove(setting.name);
        let unset = Settings::read(|name| unset.get(name).cloned());
        assert_eq!(unset.unwrap(), settings_with(&[(setting.name, default)]), "{}", setting.name);
    }
}

#[test]
fn description_says_whether_empty_is_allowed() {
    for setting in Settings::descriptions() {
        let mut variables = variables();
        variables.insert(setting.name, String::new());
        let read = Settings::read(|name| variables.get(name).cloned());
        assert_eq!(read.is_ok(), setting.expected.contains("empty"), "{}", setting.name);
    }
}

#[test]
fn all_bad_values_are_named_at_once() {
    let bad = |name: &str| {
        let value = match name {
            "MODE" => "Enforce",
            "GRACE_PERIOD" => "seven days",
            "ENFORCE_FROM" => "soon",
            "REMIND_BEFORE" => "7d,tomorrow",
            "DIGEST" => "hourly",
            "QUARANTINE_SCOPE" => "all",
            "QUARANTINE_POLICY_ARN" | "CONSOLE_POLICY_ARN" | "STRICT_POLICY_ARN" => "quarantine",
            "QUARANTINE_GROUP_NAME" => "a/b",
            "CONSOLE_GROUP_NAME" | "STRICT_GROUP_NAME" => "two groups",
            "SPARE_POLICY_ARN" => "arn:aws:iam::123456789012:policy/quarantine",
            "RELEASE" => "never",
            "RELEASE_AFTER" => "37h",
            "MAX_QUARANTINES" => "-1",
            "ADMIN_COPIES" => "none",
            "ALERTS_TOPIC_ARN" => "arn:aws:iam::123456789012:policy/x",
            "USER_TOPIC_PREFIX" => "mfa enforcer",
            "CONTACT_TAG_KEY" => "e;mail",
            "ORGANIZATION_NAME" | "ACCOUNT_NAME" => "a name that is longer than thirty characters",
            "CONTACT" => "two\nlines",
            "HELP_URL" => "http://help.example.com",
            "RUNBOOK_URL" => "docs/OTHER.md",
            "TIME_ZONE" => "europe/berlin",
            "RECOMMENDED_DEVICE" => "telephone",
            "NOTICE_LINKS" => "some",
            "MAIL_FROM" | "MAIL_REPLY_TO" | "DIGEST_TO" => "mfa at example.com",
            "MAIL_DOMAINS" => "Example.com",
            "MAIL_CONFIGURATION_SET" => "a set",
            "MAIL_REGION" => "Frankfurt",
            "EVIDENCE_BUCKET" => "Evidence",
            "EVIDENCE_ACCOUNT" => "the hub",
            "OUTPUT_BUS_ARN" => "arn:aws:events:us-east-1:123456789012:rule/default",
            "REVIEW_PERIOD" => "week",
            "EXEMPT_USERS" => "robot not/a/name",
            "EXEMPT_PATHS" => "/",
            "BREAK_GLASS_PATH" => "break-glass",
            "ENFORCER_ROLES" => "arn:aws:iam::123456789012:role/x",
            "STACK_ID" => "mfa-enforcer",
            other => panic!("a bad value of `{other}` is missing here"),
        };
        Some(value.to_owned())
    };
    let problems = Settings::read(bad).unwrap_err();
    let named: Vec<&str> = problems.0.iter().map(|problem| problem.variable).collect();
    let all: Vec<&str> = Settings::descriptions().iter().map(|setting| setting.name).collect();
    assert_eq!(named, all);
    insta::assert_snapshot!(problems.to_string().replace("; ", "\n"));
}

#[rstest]
#[case("GRACE_PERIOD", "0s")]
#[case("GRACE_PERIOD", "36h")]
#[case("GRACE_PERIOD", "366d")]
#[case("ENFORCE_FROM", "2026-12-01")]
#[case("ENFORCE_FROM", "2026-12-01T08:00:00+01:00")]
#[case("REMIND_BEFORE", "")]
#[case("REMIND_BEFORE", "14d, 7d,24h")]
#[case("DIGEST", "weekly:mon")]
#[case("DIGEST", "on-change")]
#[case("QUARANTINE_GROUP_NAME", "")]
#[case("CONTACT_TAG_KEY", "")]
#[case("CONTACT_TAG_KEY", "company:mail")]
#[case("QUARANTINE_GROUP_NAME", "quarantine,eu former")]
#[case("ORGANIZATION_NAME", "Müller & Söhne <GmbH>")]
#[case("CONTACT", "help@example.com, extension 42")]
#[case("HELP_URL", "https://wiki.example.com/mfa?from=mail#steps")]
#[case("RUNBOOK_URL", "https://wiki.example.com/runbook")]
#[case("RUNBOOK_URL", "docs/RUNBOOK.md")]
#[case("TIME_ZONE", "America/Argentina/Buenos_Aires")]
#[case("RECOMMENDED_DEVICE", "")]
#[case("RECOMMENDED_DEVICE", "hardware-token")]
#[case("NOTICE_LINKS", "help-only")]
#[case("EVIDENCE_BUCKET", "mfa-evidence.example-1")]
#[case("REVIEW_PERIOD", "half-year")]
#[case("EXEMPT_USERS", " robot  carol@example.com,eu ")]
#[case("EXEMPT_PATHS", "/ops,oncall/ /robots/eu/")]
#[case("BREAK_GLASS_PATH", "/ops,oncall/")]
#[case("RELEASE_AFTER", "0s")]
#[case("RELEASE_AFTER", "36h")]
#[case("MAX_QUARANTINES", "0")]
#[case(
    "SPARE_POLICY_ARN",
    "arn:aws:iam::123456789012:policy/a-spare,arn:aws:iam::123456789012:policy/b-spare"
)]
#[case(
    "STACK_ID",
    "arn:aws:cloudformation:us-east-1:123456789012:stack/mfa-enforcer/0d1f2a3b-0000-4000-8000-000000000001"
)]
#[case("QUARANTINE_POLICY_ARN", "arn:aws-us-gov:iam::123456789012:policy/security/quarantine")]
fn documented_values_are_accepted(#[case] variable: &'static str, #[case] value: &str) {
    settings_with(&[(variable, value)]);
}

#[test]
fn digest_can_come_on_every_day_of_the_week() {
    for (name, day) in
        ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].iter().zip(Weekday::Monday.cycle_forward())
    {
        let settings = settings_with(&[("DIGEST", &format!("weekly:{name}"))]);
        assert_eq!(settings.digest, DigestWhen::Weekly(day));
    }
}

#[rstest]
#[case("GRACE_PERIOD", "")]
#[case("GRACE_PERIOD", "-1d")]
#[case("GRACE_PERIOD", "1mo")]
#[case("GRACE_PERIOD", "367d")]
#[case("ENFORCE_FROM", "2026-12-01T08:00")]
#[case("REMIND_BEFORE", "12h")]
#[case("REMIND_BEFORE", "0d")]
#[case("DIGEST", "")]
#[case("DIGEST", "weekly")]
#[case("DIGEST", "weekly:monday")]
#[case("MODE", "")]
#[case("USER_TOPIC_PREFIX", "")]
#[case("EXEMPT_PATHS", "break-glass")]
#[case("ALERTS_TOPIC_ARN", "arn:aws:sns:us-east-1:12345:alerts")]
#[case("ORGANIZATION_NAME", "turned\u{202E}around")]
#[case("ACCOUNT_NAME", "un\u{200B}seen")]
#[case("CONTACT", "soft\u{AD}hyphen")]
#[case("CONTACT", "help\u{61C}@example.com")]
#[case("ORGANIZATION_NAME", "fil\u{3164}ler")]
#[case("MAIL_FROM", "M\u{115F}FA <mfa@example.com>")]
#[case("TIME_ZONE", "Etc/Unknown")]
#[case("HELP_URL", "https://")]
#[case("RUNBOOK_URL", "http://wiki.example.com")]
#[case("RUNBOOK_URL", "https://wiki.example.com/<b>")]
#[case("HELP_URL", "https://help.example.com/<script>")]
#[case("TIME_ZONE", "")]
#[case("TIME_ZONE", "Nowhere/At_All")]
#[case("TIME_ZONE", "Europe//Berlin")]
#[case("STACK_ID", "arn:aws:cloudformation:us-east-1:123456789012:stack/")]
#[case("ALERTS_TOPIC_ARN", "arn:aws:sns::123456789012:alerts")]
#[case("ALERTS_TOPIC_ARN", "urn:aws:sns:us-east-1:123456789012:alerts")]
#[case("ALERTS_TOPIC_ARN", "arn:gcp:sns:us-east-1:123456789012:alerts")]
#[case("ALERTS_TOPIC_ARN", "arn:aws:sqs:us-east-1:123456789012:alerts")]
#[case("EXEMPT_PATHS", "//")]
#[case("MAX_QUARANTINES", "+5")]
#[case("MAX_QUARANTINES", "5001")]
fn invalid_value_is_refused(#[case] variable: &'static str, #[case] value: &str) {
    let mut variables = variables();
    variables.insert(variable, value.to_owned());
    let problems = Settings::read(|name| variables.get(name).cloned()).unwrap_err();
    assert_eq!(problems.0.iter().map(|problem| problem.variable).collect::<Vec<_>>(), [variable]);
}

#[test]
fn date_means_its_first_moment() {
    let settings = settings_with(&[("ENFORCE_FROM", "2026-12-01"), ("MODE", "notify")]);
    assert_eq!(settings.enforce_from, Some("2026-12-01T00:00:00Z".parse().unwrap()));
    assert_eq!(settings.mode, Mode::Notify);
}

#[test]
fn approval_needs_a_strict_policy() {
    let mut variables = variables();
    variables.insert("RELEASE", "approval".to_owned());
    let problems = Settings::read(|name| variables.get(name).cloned()).unwrap_err();
    assert_eq!(problems.0[0].variable, "STRICT_POLICY_ARN");
    variables.insert("STRICT_POLICY_ARN", format!("{POLICY}-strict"));
    let settings = Settings::read(|name| variables.get(name).cloned()).unwrap();
    assert_eq!(settings.release, Release::Approval);
}

#[test]
fn spare_belongs_to_the_policy_of_its_name() {
    let spares = format!("{POLICY}-spare,{POLICY}-strict-spare");
    let settings =
        settings_with(&[("SPARE_POLICY_ARN", &spares), ("STRICT_POLICY_ARN", &format!("{POLICY}-strict"))]);
    assert_eq!(settings.quarantine.full.spare, Some(format!("{POLICY}-spare")));
    assert_eq!(settings.quarantine.strict.unwrap().spare, Some(format!("{POLICY}-strict-spare")));
}

#[test]
fn stack_names_its_roles_and_spares() {
    let policy = |name: &str| format!("arn:aws:iam::123456789012:policy/mfa-enforcer-quarantine-{name}");
    let settings = settings_with(&[
        ("ENFORCER_ROLES", ""),
        ("SPARE_POLICY_ARN", "stack"),
        ("STRICT_POLICY_ARN", &policy("strict-console")),
        ("QUARANTINE_POLICY_ARN", &format!("{},{},{POLICY}-of-old", policy("console"), policy("everything"))),
    ]);
    assert_eq!(settings.deployment.roles.len(), Function::iter().count());
    assert!(settings.deployment.roles.contains(&"mfa-enforcer-guard".to_owned()));
    assert_eq!(settings.quarantine.full.spare, Some(policy("console-spare")));
    assert_eq!(settings.quarantine.strict.unwrap().spare, Some(policy("strict-console-spare")));
    assert!(settings.quarantine.former.contains(&policy("everything-spare")));
    assert!(settings.deployment.policies.contains(&policy("everything-spare")));
}

/// The settings of the template, which names no policy and no group of its own.
fn of_stack(changes: &[(&'static str, &str)]) -> Quarantine {
    let stack = [
        ("QUARANTINE_POLICY_ARN", "stack"),
        ("QUARANTINE_GROUP_NAME", "stack"),
        ("SPARE_POLICY_ARN", "stack"),
    ];
    settings_with(&[&stack[..], changes].concat()).quarantine
}

#[rstest]
#[case("console", &["everything", "strict-everything"], None, "strict-console")]
#[case("everything", &["strict-console"], Some("console"), "strict-everything")]
fn stack_names_its_policies_and_groups(
    #[case] scope: &str,
    #[case] others: &[&str],
    #[case] fallback: Option<&str>,
    #[case] strict: &str,
) {
    let group = |name: &str| format!("mfa-enforcer-quarantine-{name}");
    let policy = |name: &str| format!("arn:aws:iam::123456789012:policy/{}", group(name));
    let pair = |name: &str| Restriction {
        policy: policy(name),
        group: Some(group(name)),
        spare: Some(policy(name) + "-spare"),
    };
    let found = of_stack(&[("QUARANTINE_SCOPE", scope)]);
    assert_eq!(found.full, pair(scope));
    assert_eq!(found.fallback, fallback.map(pair));
    assert_eq!(found.strict, Some(pair(strict)));
    let spares = others.iter().map(|name| policy(name) + "-spare");
    assert_eq!(found.former, others.iter().map(|name| policy(name)).chain(spares).collect::<Vec<_>>());
    assert_eq!(found.former_groups, others.iter().map(|name| group(name)).collect::<Vec<_>>());
}

#[test]
fn names_that_are_given_take_the_place_of_the_stacks() {
    let old = format!("{POLICY}-of-old");
    let found = of_stack(&[
        ("QUARANTINE_POLICY_ARN", &format!("stack,{old}")),
        ("QUARANTINE_GROUP_NAME", "stack old"),
        ("STRICT_POLICY_ARN", &format!("{POLICY}-other")),
        ("STRICT_GROUP_NAME", "other"),
    ]);
    assert!(found.former.contains(&old));
    assert_eq!(found.former_groups.last().map(String::as_str), Some("old"));
    let strict = found.strict.unwrap();
    assert_eq!((strict.policy, strict.group), (format!("{POLICY}-other"), Some("other".to_owned())));
}

#[test]
fn policy_of_another_name_has_no_spare_of_the_stack() {
    let found = of_stack(&[("STRICT_POLICY_ARN", "arn:aws:iam::123456789012:policy/strict")]);
    assert_eq!(found.strict.unwrap().spare, None);
}

#[rstest]
#[case("ENFORCER_ROLES", "")]
#[case("SPARE_POLICY_ARN", "stack")]
#[case("QUARANTINE_POLICY_ARN", "stack")]
#[case("QUARANTINE_GROUP_NAME", "stack")]
fn names_of_the_stack_need_a_stack(#[case] variable: &'static str, #[case] value: &str) {
    let mut variables = variables();
    variables.insert(variable, value.to_owned());
    variables.insert("STACK_ID", String::new());
    let problems = Settings::read(|name| variables.get(name).cloned()).unwrap_err();
    assert_eq!(problems.0.iter().map(|problem| problem.variable).collect::<Vec<_>>(), [variable]);
}

#[test]
fn stack_has_the_name_in_its_arn() {
    let id = "arn:aws:cloudformation:us-east-1:123456789012:stack/mfa-eu/0d1f2a3b";
    let stack = settings_with(&[("STACK_ID", id)]).stack.unwrap();
    assert_eq!((stack.id.as_str(), stack.name.as_str()), (id, "mfa-eu"));
}

#[test]
fn reminders_are_sorted_and_deduplicated() {
    let settings = settings_with(&[("REMIND_BEFORE", "1d,7d,3d,7d")]);
    let hours: Vec<i64> = settings.remind_before.iter().map(jiff::SignedDuration::as_hours).collect();
    assert_eq!(hours, [168, 72, 24]);
}

#[test]
fn settings_in_force_are_all_there_as_they_are_written() {
    let settings = settings_with(&[("GRACE_PERIOD", "36h")]);
    let names: Vec<&str> = settings.in_force.keys().map(String::as_str).collect();
    let mut all: Vec<&str> = Settings::descriptions().iter().map(|setting| setting.name).collect();
    all.sort_unstable();
    assert_eq!(names, all);
    assert_eq!(settings.in_force["GRACE_PERIOD"], "36h");
}

#[rstest]
#[case("ab")]
#[case("a..b")]
#[case("-ab")]
#[case("arn:aws:s3:::bucket")]
#[case("bucket/prefix")]
fn name_that_no_bucket_can_have_is_refused(#[case] name: &str) {
    let mut variables = variables();
    variables.insert("EVIDENCE_BUCKET", name.to_owned());
    assert!(Settings::read(|name| variables.get(name).cloned()).is_err());
}

#[rstest]
#[case("default", Some("arn:aws:events:us-east-1:123456789012:event-bus/default"))]
#[case("none", None)]
#[case(
    "arn:aws:events:eu-west-1:999988887777:event-bus/security.main_bus-1",
    Some("arn:aws:events:eu-west-1:999988887777:event-bus/security.main_bus-1")
)]
fn bus_is_the_default_one_none_or_named(#[case] value: &str, #[case] arn: Option<&str>) {
    let settings = settings_with(&[("OUTPUT_BUS_ARN", value)]);
    assert_eq!(settings.output_bus.as_deref(), arn);
    assert_eq!(settings.bus_region(), arn.and_then(|arn| arn.split(':').nth(3)));
}

#[rstest]
#[case("", "is ``, expected `default`")]
#[case("arn:aws:sqs:us-east-1:123456789012:events", "expected `default`")]
#[case("arn:aws:events:us-east-1:123456789012:event-bus/aws.partner/example.com/1", "expected `default`")]
#[case("arn:aws:events:us-east-1:1234:event-bus/default", "expected `default`")]
#[case("arn:aws:events::123456789012:event-bus/default", "expected `default`")]
#[case("arn:gcp:events:us-east-1:123456789012:event-bus/default", "expected `default`")]
#[case("arn:aws_us:events:us-east-1:123456789012:event-bus/default", "expected `default`")]
#[case(
    "arn:aws:events:us-east-1:123456789012:event-bus/one-of-many-buses-with-a-very-long-name",
    "expected `default`"
)]
#[case("arn:aws:events:us-east-1:123456789012:event-bus/a b", "expected `default`")]
#[case(
    "arn:aws-us-gov:events:us-gov-west-1:123456789012:event-bus/default",
    "which is in another partition than the enforcer, `aws`"
)]
fn wrong_bus_is_a_problem_in_plain_words(#[case] value: &str, #[case] problem: &str) {
    let mut variables = variables();
    variables.insert("OUTPUT_BUS_ARN", value.to_owned());
    let problems = Settings::read(|name| variables.get(name).cloned()).unwrap_err();
    assert!(problems.to_string().contains(problem), "{problems}");
}

#[test]
fn default_bus_is_in_the_partition_of_the_enforcer() {
    let alerts = "arn:aws-cn:sns:cn-north-1:123456789012:alerts";
    let settings = settings_with(&[("OUTPUT_BUS_ARN", "default"), ("ALERTS_TOPIC_ARN", alerts)]);
    let bus = "arn:aws-cn:events:cn-north-1:123456789012:event-bus/default";
    assert_eq!(settings.output_bus.as_deref(), Some(bus));
}
