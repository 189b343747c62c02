//! A value of one setting, whatever the others are.

use super::{Problems, Settings, values};

/// What is wrong with this value of a setting, and what is allowed; `None` if it can be used. For settings that are
/// judged by themselves, such as those of accounts: no other one is set here, and what is missing there is not
/// reported.
pub(crate) fn problem_of(setting: &str, value: &str) -> Option<String> {
    let variable = |name: &str| (name == setting).then(|| value.to_owned());
    let Problems(problems) = Settings::read(variable).err()?;
    problems.into_iter().find(|problem| problem.variable == setting).map(|problem| problem.problem)
}

/// Whether there is such a setting.
pub(crate) fn is_setting(name: &str) -> bool {
    values::descriptions().iter().any(|setting| setting.name == name)
}
