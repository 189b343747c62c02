//! A value of one setting, whatever the others are.

use super::{Problems, Settings, values};

/// Values that go with any other.
const OTHERS: [(&str, &str); 5] = [
    ("QUARANTINE_POLICY_ARN", "arn:aws:iam::123456789012:policy/quarantine"),
    ("STRICT_POLICY_ARN", "arn:aws:iam::123456789012:policy/strict"),
    ("ENFORCER_ROLES", "enforcer"),
    ("ALERTS_TOPIC_ARN", "arn:aws:sns:us-east-1:123456789012:alerts"),
    ("USER_TOPIC_PREFIX", "user-"),
];

/// What is wrong with this value of a setting, and what is allowed; `None` if it can be used.
pub(crate) fn problem_of(setting: &str, value: &str) -> Option<String> {
    let variable = |name: &str| {
        let other = || OTHERS.iter().find(|(other, _)| *other == name).map(|(_, value)| *value);
        if name == setting { Some(value) } else { other() }.map(str::to_owned)
    };
    let Problems(problems) = Settings::read(variable).err()?;
    problems.into_iter().find(|problem| problem.variable == setting).map(|problem| problem.problem)
}

/// Whether there is such a setting.
pub(crate) fn is_setting(name: &str) -> bool {
    values::descriptions().iter().any(|setting| setting.name == name)
}
