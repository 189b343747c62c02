//! The operator's settings, parsed from environment variables that the caller passes in.

mod alone;
mod bus;
mod choices;
mod evidence;
mod given;
mod hourly_limits;
mod letterhead;
mod mail;
mod names;
mod parameters;
mod stack_parameters;
mod values;
mod zone;

pub(crate) use alone::{is_setting, problem_of};
pub use choices::{AdminCopies, DigestWhen, Mode, Release, Scope};
pub(crate) use given::nearest;
pub use given::{Contents, Fault, Given, Naming};
pub use hourly_limits::{HourlyLimits, LimitOf};
pub use letterhead::{Letterhead, NoticeLinks};
pub(crate) use letterhead::{account_name_of, grouped, is_unseen, shortened};
pub use mail::Sender;
pub use parameters::{Parameter, parameters, variables};
pub use stack_parameters::is_hub;
pub(crate) use values::grace_period;

use crate::event::{Deployment, OwnResources, UserName};
use crate::evidence::ReviewPeriod;
use crate::facts::UserFacts;
use crate::partition::Partition;
use crate::quarantine::Quarantine;
use evidence::Kept;
use jiff::{SignedDuration, Timestamp};
use names::Names;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use values::{Form, Setting};

/// The `CloudFormation` stack of a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stack {
    /// ARN of the stack.
    pub id: String,
    /// Name of the stack, with which the names of its resources begin.
    pub name: String,
}

/// All settings, validated.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// `MODE`: what the enforcer may do.
    pub mode: Mode,
    /// `GRACE_PERIOD`: time from the creation of a password to the deadline.
    pub grace: SignedDuration,
    /// `ENFORCE_FROM`: no deadline is earlier than this; `None` if there is no such limit.
    pub enforce_from: Option<Timestamp>,
    /// `REMIND_BEFORE`: how long before the deadline a sweep sends reminders, longest first. The final notice on the
    /// last day is not in the list; it is always sent.
    pub remind_before: Vec<SignedDuration>,
    /// `DIGEST`: when the administrators get the digest.
    pub digest: DigestWhen,
    /// `QUARANTINE_SCOPE`: what a quarantine blocks.
    pub scope: Scope,
    /// `QUARANTINE_POLICY_ARN`, `CONSOLE_POLICY_ARN`, `STRICT_POLICY_ARN`, their groups, and `SPARE_POLICY_ARN`: what
    /// contains a user.
    pub quarantine: Quarantine,
    /// `RELEASE`: whether a second person has to approve a release after a possible takeover.
    pub release: Release,
    /// `RELEASE_AFTER`: how long a quarantine outlasts the enrolment of MFA.
    pub release_after: SignedDuration,
    /// `MAX_QUARANTINES`: how many users sweeps may contain in 24 hours because a deadline passed; `None` for no limit.
    pub max_quarantines: Option<usize>,
    /// How many users anything may contain in an hour; `None` in a deployment of one account.
    pub hourly_limits: Option<HourlyLimits>,
    /// `ALERTS_TOPIC_ARN`: the topic of the administrators.
    pub alerts_topic_arn: String,
    /// `USER_TOPIC_PREFIX`: the name of a user's own topic is this prefix followed by the user's id.
    pub user_topic_prefix: String,
    /// `ADMIN_COPIES`: which notices to users the administrators get a copy of.
    pub admin_copies: AdminCopies,
    /// `CONTACT_TAG_KEY`: key of the tag that holds a user's e-mail address; `None` if no tag is used.
    pub contact_tag_key: Option<String>,
    /// What messages say about those who send them, and in which form.
    pub letterhead: Letterhead,
    /// Mail from the company's own address; `None` if SNS sends the mail.
    pub sender: Option<Box<Sender>>,
    /// `EVIDENCE_BUCKET`: where records and acts are kept; `None` if they are not.
    pub evidence_bucket: Option<String>,
    /// `EVIDENCE_ACCOUNT`: the account that owns that bucket; `None` for the enforcer's own.
    pub evidence_account: Option<String>,
    /// `OUTPUT_BUS_ARN`: ARN of the bus on which acts and findings are put; `None` if they are not.
    pub output_bus: Option<String>,
    /// `REVIEW_PERIOD`: how often somebody signs a review; `None` if nobody does.
    pub review_period: Option<ReviewPeriod>,
    /// The version of the organization's settings that hold here; `None` in a deployment of one account.
    pub document: Option<String>,
    /// What is wrong with those settings, for every log line.
    pub doubts: Vec<String>,
    /// Every setting as it is written, by its name.
    pub in_force: BTreeMap<String, String>,
    /// `EXEMPT_USERS`: users who are exempt by name.
    pub exempt_users: Vec<UserName>,
    /// `EXEMPT_PATHS`: IAM paths whose users are exempt.
    pub exempt_paths: Vec<String>,
    /// `BREAK_GLASS_PATH`: IAM path of the break-glass users, who are exempt; `None` if there is none.
    pub break_glass_path: Option<String>,
    /// The enforcer's account, taken from the policy's ARN, and its roles from `ENFORCER_ROLES`.
    pub deployment: Deployment,
    /// `STACK_ID`: the stack of this deployment; `None` if it was not deployed by `CloudFormation`.
    pub stack: Option<Stack>,
}

/// A setting as documented for the operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Description {
    /// Name of the environment variable.
    pub name: &'static str,
    /// Which values are allowed.
    pub expected: String,
    /// Value if the variable is not set; `None` if it has to be set.
    pub default: Option<&'static str>,
    /// What the setting does.
    pub meaning: &'static str,
}

/// A variable that is missing or invalid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Name of the environment variable.
    pub variable: &'static str,
    /// What is wrong with it, and what is allowed.
    pub problem: String,
}

/// All problems of the settings, so that they can be fixed at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Problems(pub Vec<Problem>);

impl Settings {
    /// Descriptions of all settings, in the order in which they are documented.
    #[must_use]
    pub fn descriptions() -> Vec<Description> {
        values::descriptions()
    }

    /// Parses the settings; `variable` looks up an environment variable.
    ///
    /// A variable that is not set takes its default, if it has one. An empty value does not: it means none, where that
    /// is allowed.
    ///
    /// # Errors
    /// [`Problems`] lists every variable that is missing or invalid.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let mut in_force = BTreeMap::new();
        let mut read = Reader { variable: &variable, problems: &mut problems, in_force: &mut in_force };
        let mode = read.one(&values::MODE);
        let grace = read.one(&values::GRACE_PERIOD);
        let enforce_from = read.optional(&values::ENFORCE_FROM);
        let mut remind_before = read.list(&values::REMIND_BEFORE);
        remind_before.sort_unstable_by(|a, b| b.cmp(a));
        remind_before.dedup();
        let digest = read.one(&values::DIGEST);
        let scope = read.one(&values::QUARANTINE_SCOPE);
        let names = Names::read(&mut read, scope.unwrap_or(Scope::Console));
        let release = read.one(&values::RELEASE);
        let release_after = read.one(&values::RELEASE_AFTER);
        let max_quarantines = read.one(&values::MAX_QUARANTINES);
        let alerts_topic_arn = read.one(&values::ALERTS_TOPIC_ARN);
        let user_topic_prefix = read.one(&values::USER_TOPIC_PREFIX);
        let admin_copies = read.one(&values::ADMIN_COPIES);
        let contact_tag_key = read.optional(&values::CONTACT_TAG_KEY);
        let letterhead = Letterhead::read(&mut read);
        let sender = Sender::read(&mut read, alerts_topic_arn.as_deref(), names.stack.as_ref()).map(Box::new);
        let kept = Kept::read(&mut read);
        let review_period = read.one(&evidence::REVIEW_PERIOD);
        let output_bus = bus::read(&mut read, alerts_topic_arn.as_deref());
        let exempt_users = read.list(&values::EXEMPT_USERS);
        let exempt_paths = read.list(&values::EXEMPT_PATHS);
        let break_glass_path = read.optional(&values::BREAK_GLASS_PATH);
        if release == Some(Release::Approval) && names.strict.0.is_none() {
            read.problem(names::STRICT_POLICY_ARN.name, "is empty, and RELEASE=approval needs it".to_owned());
        }
        let brakes = (release, release_after, max_quarantines, admin_copies, letterhead, review_period);
        let required =
            (mode, grace, digest, scope, names.policies.clone(), alerts_topic_arn, user_topic_prefix, brakes);
        // INVARIANT: if one of these is `None`, a problem was recorded.
        let (
            Some(mode),
            Some(grace),
            Some(digest),
            Some(scope),
            Some((policy, former)),
            Some(alerts_topic_arn),
            Some(prefix),
            (
                Some(release),
                Some(release_after),
                Some(max_quarantines),
                Some(admin_copies),
                Some(letterhead),
                Some(review_period),
            ),
        ) = required
        else {
            return Err(Problems(problems));
        };
        if !problems.is_empty() {
            return Err(Problems(problems));
        }
        let stack = names.stack.as_ref().map(|stack| stack.name.as_str());
        let resources = OwnResources::new(stack, &alerts_topic_arn, kept.bucket.as_deref());
        let deployment = names.deployment(&policy, &former, resources);
        Ok(Self {
            mode,
            grace,
            enforce_from,
            remind_before,
            digest,
            scope,
            quarantine: names.quarantine(&policy, former, scope),
            release,
            release_after,
            max_quarantines: Some(max_quarantines).filter(|limit| *limit > 0),
            hourly_limits: None,
            alerts_topic_arn,
            user_topic_prefix: prefix,
            admin_copies,
            contact_tag_key,
            letterhead,
            sender,
            evidence_bucket: kept.bucket,
            evidence_account: kept.account,
            output_bus,
            review_period,
            document: None,
            doubts: Vec::new(),
            in_force,
            exempt_users,
            exempt_paths,
            break_glass_path,
            deployment,
            stack: names.stack,
        })
    }

    /// The account whose bucket keeps the evidence. The bucket of a hub is its own.
    #[must_use]
    pub fn evidence_owner(&self) -> &str {
        let Deployment { account, hub, .. } = &self.deployment;
        self.evidence_account.as_ref().or(hub.as_ref()).unwrap_or(account)
    }

    /// The partition in which this enforcer runs.
    #[must_use]
    pub fn partition(&self) -> Partition {
        Partition::of_arn(&self.alerts_topic_arn)
    }

    /// The region of the bus on which acts and findings are put.
    #[must_use]
    pub fn bus_region(&self) -> Option<&str> {
        self.output_bus.as_ref()?.split(':').nth(3)
    }

    /// The ARN of a user.
    #[must_use]
    pub fn user_arn(&self, user: &UserFacts) -> String {
        self.arn_of_user(&user.path, user.name.as_str())
    }

    /// The ARN of a user with this path and name.
    pub(crate) fn arn_of_user(&self, path: &str, name: &str) -> String {
        format!("arn:{}:iam::{}:user{path}{name}", self.partition_name(), self.deployment.account)
    }

    /// The name in ARNs of the partition in which this enforcer runs.
    #[must_use]
    pub fn partition_name(&self) -> &str {
        self.alerts_topic_arn.split(':').nth(1).unwrap_or_default()
    }
}

struct Reader<'a, F> {
    variable: &'a F,
    problems: &'a mut Vec<Problem>,
    /// Every value that was read, by name.
    in_force: &'a mut BTreeMap<String, String>,
}

impl<F: Fn(&str) -> Option<String>> Reader<'_, F> {
    fn value<T>(&mut self, setting: &Setting<T>) -> Option<String> {
        let value = (self.variable)(setting.name).or_else(|| setting.default.map(str::to_owned));
        if value.is_none() {
            let expected = setting.form.describe(setting.expected);
            self.problem(setting.name, format!("is not set, expected {expected}"));
        }
        let value = value.map(|value| value.trim().to_owned());
        self.in_force.extend(value.iter().map(|value| (setting.name.to_owned(), value.clone())));
        value
    }

    /// `None` if a problem was recorded.
    fn one<T>(&mut self, setting: &Setting<T>) -> Option<T> {
        let value = self.value(setting)?;
        self.parse(setting, &value)
    }

    /// `None` for an empty value, or if a problem was recorded.
    fn optional<T>(&mut self, setting: &Setting<T>) -> Option<T> {
        let value = self.value(setting)?;
        if value.is_empty() { None } else { self.parse(setting, &value) }
    }

    fn list<T>(&mut self, setting: &Setting<T>) -> Vec<T> {
        let value = self.value(setting).unwrap_or_default();
        let is_separator = |c: char| if setting.form == Form::Words { c.is_whitespace() } else { c == ',' };
        let entries = value.split(is_separator).map(str::trim).filter(|entry| !entry.is_empty());
        entries.filter_map(|entry| self.parse(setting, entry)).collect()
    }

    fn parse<T>(&mut self, setting: &Setting<T>, value: &str) -> Option<T> {
        let parsed = (setting.parse)(value);
        if parsed.is_none() {
            let shown = shortened(value);
            self.problem(setting.name, format!("is `{shown}`, expected {}", setting.expected));
        }
        parsed
    }

    /// What was made of a value, unless there is a problem with it.
    fn known<T, U>(&mut self, setting: &Setting<U>, value: Result<T, String>) -> Option<T> {
        value.map_err(|problem| self.problem(setting.name, problem)).ok()
    }

    fn has_problem(&self, variable: &str) -> bool {
        self.problems.iter().any(|problem| problem.variable == variable)
    }

    fn problem(&mut self, variable: &'static str, problem: String) {
        self.problems.push(Problem { variable, problem });
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid settings: {}", self.0.len())?;
        for Problem { variable, problem } in &self.0 {
            write!(f, "; `{variable}` {problem}")?;
        }
        Ok(())
    }
}
