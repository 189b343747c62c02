//! What the operator decides, read from variables that the shell passes in.

mod values;

use crate::event::{Deployment, UserName};
use crate::partition::Partition;
use crate::quarantine::Quarantine;
use jiff::civil::Weekday;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::fmt;
use values::Setting;

/// How much of a plan is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Logs only.
    Observe,
    /// Logs and notices.
    Notify,
    /// Logs, notices and quarantine.
    Enforce,
}

/// What a quarantine stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Console sessions; long-term access keys keep working.
    Console,
    /// Access keys as well.
    Everything,
}

/// When the administrators get a digest. A sweep that contained, released or failed reports in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigestWhen {
    /// Once a day.
    Daily,
    /// On this day of the week (UTC), or on the next sweep if that one was missed.
    Weekly(Weekday),
    /// When a figure differs from those of the last digest.
    OnChange,
}

/// The settings, all of them checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// `MODE`.
    pub mode: Mode,
    /// `GRACE_PERIOD`: from the creation of a password to the deadline.
    pub grace: SignedDuration,
    /// `ENFORCE_FROM`: no deadline is before this.
    pub enforce_from: Option<Timestamp>,
    /// `REMIND_BEFORE`: how long before the deadline a sweep reminds, longest first. The final notice on the
    /// last day is not among them; it is always given.
    pub remind_before: Vec<SignedDuration>,
    /// `DIGEST`.
    pub digest: DigestWhen,
    /// `QUARANTINE_SCOPE`.
    pub scope: Scope,
    /// `QUARANTINE_POLICY_ARN` and `QUARANTINE_GROUP_NAME`.
    pub quarantine: Quarantine,
    /// `ALERTS_TOPIC_ARN`: where the administrators listen.
    pub alerts_topic_arn: String,
    /// `USER_TOPIC_PREFIX`: a user's own topic is this and the user's id.
    pub user_topic_prefix: String,
    /// `CONTACT_TAG_KEY`: tag that holds a user's e-mail address.
    pub contact_tag_key: Option<String>,
    /// `EXEMPT_USERS`.
    pub exempt_users: Vec<UserName>,
    /// `EXEMPT_PATHS`.
    pub exempt_paths: Vec<String>,
    /// The enforcer's account, from the policy's ARN, and its roles, from `ENFORCER_ROLES`.
    pub deployment: Deployment,
}

/// A setting as the operator reads about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Description {
    /// Name of the variable.
    pub name: &'static str,
    /// What it may hold.
    pub expected: String,
    /// Its value where the variable is not set; `None` where it has to be.
    pub default: Option<&'static str>,
    /// What it decides.
    pub meaning: &'static str,
}

/// One variable that is missing or cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Name of the variable.
    pub variable: &'static str,
    /// What is wrong and what is allowed.
    pub problem: String,
}

/// Every problem of the settings, so that all can be mended at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Problems(pub Vec<Problem>);

impl Settings {
    /// Every setting, in the order in which it is documented.
    #[must_use]
    pub fn descriptions() -> Vec<Description> {
        values::descriptions()
    }

    /// Reads the settings; `variable` gives a variable's value.
    ///
    /// A variable that is not set has its default, where it has one. An empty value is not the default: it means
    /// none, where that is allowed.
    ///
    /// # Errors
    /// [`Problems`], with all of them.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let mut read = Reader { variable: &variable, problems: &mut problems };
        let mode = read.one(&values::MODE);
        let grace = read.one(&values::GRACE_PERIOD);
        let enforce_from = read.optional(&values::ENFORCE_FROM);
        let mut remind_before = read.list(&values::REMIND_BEFORE);
        remind_before.sort_unstable_by(|a, b| b.cmp(a));
        remind_before.dedup();
        let digest = read.one(&values::DIGEST);
        let scope = read.one(&values::QUARANTINE_SCOPE);
        let policies = read.one(&values::QUARANTINE_POLICY_ARN);
        let group = read.optional(&values::QUARANTINE_GROUP_NAME);
        let alerts_topic_arn = read.one(&values::ALERTS_TOPIC_ARN);
        let user_topic_prefix = read.one(&values::USER_TOPIC_PREFIX);
        let contact_tag_key = read.optional(&values::CONTACT_TAG_KEY);
        let exempt_users = read.list(&values::EXEMPT_USERS);
        let exempt_paths = read.list(&values::EXEMPT_PATHS);
        let roles = read.list(&values::ENFORCER_ROLES);
        let required = (mode, grace, digest, scope, policies, alerts_topic_arn, user_topic_prefix);
        // INVARIANT: one of these is `None` only where a problem was recorded.
        let (
            Some(mode),
            Some(grace),
            Some(digest),
            Some(scope),
            Some((policy, former)),
            Some(alerts_topic_arn),
            Some(prefix),
        ) = required
        else {
            return Err(Problems(problems));
        };
        if !problems.is_empty() {
            return Err(Problems(problems));
        }
        let account = policy.split(':').nth(4).unwrap_or_default().to_owned();
        Ok(Self {
            mode,
            grace,
            enforce_from,
            remind_before,
            digest,
            scope,
            quarantine: Quarantine { policy, former, group },
            alerts_topic_arn,
            user_topic_prefix: prefix,
            contact_tag_key,
            exempt_users,
            exempt_paths,
            deployment: Deployment { account, roles },
        })
    }

    /// The partition in which this enforcer runs.
    #[must_use]
    pub fn partition(&self) -> Partition {
        Partition::of_arn(&self.alerts_topic_arn)
    }
}

struct Reader<'a, F> {
    variable: &'a F,
    problems: &'a mut Vec<Problem>,
}

impl<F: Fn(&str) -> Option<String>> Reader<'_, F> {
    fn value<T>(&mut self, setting: &Setting<T>) -> Option<String> {
        let value = (self.variable)(setting.name).or_else(|| setting.default.map(str::to_owned));
        if value.is_none() {
            let expected = setting.form.describe(setting.expected);
            self.problem(setting.name, format!("is not set, expected {expected}"));
        }
        value.map(|value| value.trim().to_owned())
    }

    /// `None` is a problem that was recorded.
    fn one<T>(&mut self, setting: &Setting<T>) -> Option<T> {
        let value = self.value(setting)?;
        self.parse(setting, &value)
    }

    /// `None` is an empty value, or a problem that was recorded.
    fn optional<T>(&mut self, setting: &Setting<T>) -> Option<T> {
        let value = self.value(setting)?;
        if value.is_empty() { None } else { self.parse(setting, &value) }
    }

    fn list<T>(&mut self, setting: &Setting<T>) -> Vec<T> {
        let value = self.value(setting).unwrap_or_default();
        let entries = value.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        entries.filter_map(|entry| self.parse(setting, entry)).collect()
    }

    fn parse<T>(&mut self, setting: &Setting<T>, value: &str) -> Option<T> {
        let parsed = (setting.parse)(value);
        if parsed.is_none() {
            let shown: String = value.chars().take(64).collect();
            self.problem(setting.name, format!("is `{shown}`, expected {}", setting.expected));
        }
        parsed
    }

    fn problem(&mut self, variable: &'static str, problem: String) {
        self.problems.push(Problem { variable, problem });
    }
}

impl Mode {
    /// As in `MODE`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Notify => "notify",
            Self::Enforce => "enforce",
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of the settings cannot be used", self.0.len())?;
        for Problem { variable, problem } in &self.0 {
            write!(f, "; `{variable}` {problem}")?;
        }
        Ok(())
    }
}
