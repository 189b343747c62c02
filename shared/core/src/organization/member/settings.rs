//! The settings under which a hub acts in an account.

use super::parts::{MISSING, PATH, Parts};
use super::role::MemberRole;
use crate::event::{Deployment, OwnResources};
use crate::organization::Books;
use crate::organization::document::Resolved;
use crate::settings::{HourlyLimits, Letterhead, Mode, Problem, Problems, Settings};
use std::collections::BTreeMap;
use std::fmt;

/// Variables that say what contains users. In each account something else does.
const OF_PARTS: [&str; 8] = [
    "QUARANTINE_POLICY_ARN",
    "QUARANTINE_GROUP_NAME",
    "CONSOLE_POLICY_ARN",
    "CONSOLE_GROUP_NAME",
    "STRICT_POLICY_ARN",
    "STRICT_GROUP_NAME",
    "SPARE_POLICY_ARN",
    "ENFORCER_ROLES",
];

/// What the names of roles in members begin with, unless something else is set.
const MEMBER: &str = "mfa-enforcer-member";

/// The settings of a hub, which are there once for all accounts.
#[derive(Debug, Clone, PartialEq)]
pub struct HubSettings {
    /// `ORGANIZATION_ID`: the organization.
    pub organization: String,
    /// Number of the hub's account.
    pub account: String,
    /// `MEMBER_NAMES`: what the names of roles in members begin with. An account that moves may have one or the other.
    pub members: Vec<String>,
    /// `EVIDENCE_BUCKET`: the bucket of records, results and settings.
    pub bucket: String,
    /// `ACCOUNT_QUEUE_URL`: the queue of accounts, which only the sweep knows.
    pub queue: Option<String>,
    /// `SWEEP_QUEUE_URL`: the queue of the orders for sweeps.
    pub sweeps: Option<String>,
    /// What holds where the organization's settings say nothing. No account has exactly these.
    pub base: Settings,
}

/// Why nothing can be done in an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberFault {
    /// The policy that would contain users is not there.
    Incomplete,
    /// Values that do not go together.
    Settings(Problems),
}

impl fmt::Display for MemberFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incomplete => write!(f, "there is no quarantine policy below {PATH}: {MISSING}"),
            Self::Settings(problems) => problems.fmt(f),
        }
    }
}

impl HubSettings {
    /// The variable that makes a function one of a hub.
    pub const VARIABLE: &'static str = "ORGANIZATION_ID";

    /// Parses the settings of a hub; `None` if this is none.
    ///
    /// # Errors
    /// [`Problems`] lists every variable that is missing or invalid.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, Problems> {
        let Some(organization) = variable(Self::VARIABLE).filter(|id| !id.is_empty()) else {
            return Ok(None);
        };
        let topic = variable("ALERTS_TOPIC_ARN").unwrap_or_default();
        let mut place = topic.split(':').skip(1);
        let partition = place.next().unwrap_or_default();
        let account = place.nth(2).unwrap_or_default().to_owned();
        let stand_in = in_parts(partition, &account, "none");
        let base =
            Settings::read(|name| if OF_PARTS.contains(&name) { stand_in(name) } else { variable(name) });
        let mut problems = base.as_ref().err().map(|Problems(all)| all.clone()).unwrap_or_default();
        if !is_organization(&organization) {
            let problem =
                format!("is `{organization}`, expected the id of an organization, such as o-a1b2c3d4e5");
            problems.push(Problem { variable: Self::VARIABLE, problem });
        }
        let bucket = base.as_ref().ok().and_then(|base| base.evidence_bucket.clone());
        if bucket.is_none() && base.is_ok() {
            let problem = format!("is empty, and a hub ({}) needs it", Self::VARIABLE);
            problems.push(Problem { variable: "EVIDENCE_BUCKET", problem });
        }
        if base.as_ref().is_ok_and(|base| base.evidence_account.is_some()) {
            let problem =
                "is set, and the bucket of a hub is one of its own account: leave it empty".to_owned();
            problems.push(Problem { variable: "EVIDENCE_ACCOUNT", problem });
        }
        match (base, bucket) {
            (Ok(base), Some(bucket)) if problems.is_empty() => {
                let members = variable("MEMBER_NAMES").unwrap_or_default();
                let members: Vec<String> = members.split_whitespace().map(str::to_owned).collect();
                let members = if members.is_empty() { vec![MEMBER.to_owned()] } else { members };
                let url = |name: &str| variable(name).filter(|url| !url.is_empty());
                let (queue, sweeps) = (url("ACCOUNT_QUEUE_URL"), url("SWEEP_QUEUE_URL"));
                Ok(Some(Self { organization, account, members, bucket, queue, sweeps, base }))
            }
            _ => Err(Problems(problems)),
        }
    }

    /// The name of the members in an account of which somebody says that it is called so.
    ///
    /// # Errors
    /// If it is not known which of several, or none of them is called so.
    pub fn member_named(&self, given: Option<&str>) -> Result<&str, String> {
        let (given, of_hub) = (given.map(str::to_owned), || self.members.join(" "));
        match (self.members.as_slice(), given) {
            ([only], None) => Ok(only),
            (_, None) => {
                Err(format!("MemberNames of the hub has several: say which with --member: {}", of_hub()))
            }
            (members, Some(given)) => members
                .iter()
                .find(|member| **member == given)
                .map(String::as_str)
                .ok_or_else(|| format!("MemberNames of the hub does not have {given}: {}", of_hub())),
        }
    }

    /// The settings that read the events of an account, before anything is known of what is there.
    #[must_use]
    pub fn bare(&self, account: &str) -> Settings {
        let deployment = self.deployment(account, &Parts::default());
        // The hub's own stack is in its own account, and nothing of it in another. Neither has another its name.
        let is_hub = account == self.account;
        let stack = self.base.stack.clone().filter(|_| is_hub);
        let account_name = self.base.letterhead.account_name.clone().filter(|_| is_hub);
        let letterhead = Letterhead { account_name, ..self.base.letterhead.clone() };
        Settings { letterhead, deployment, stack, ..self.base.clone() }
    }

    /// The same, with the name that the organization has for the account, as far as that is known.
    #[must_use]
    pub fn named(&self, account: &str, books: Option<&Books>) -> Settings {
        let bare = self.bare(account);
        let account_name = books.and_then(|books| books.name_of(account));
        let account_name = bare.letterhead.account_name.clone().or(account_name);
        Settings { letterhead: Letterhead { account_name, ..bare.letterhead.clone() }, ..bare }
    }

    /// The mode of an account in which the document sets this.
    #[must_use]
    pub fn mode(&self, set: &Resolved) -> Mode {
        set.variable("MODE").and_then(|mode| mode.parse().ok()).unwrap_or(self.base.mode)
    }

    /// The settings of an account with these parts, in which the document sets this.
    ///
    /// # Errors
    /// If the quarantine is missing, or values do not go together.
    pub fn of_account(&self, account: &str, set: &Resolved, parts: &Parts) -> Result<Settings, MemberFault> {
        let stand_in = in_parts(self.base.partition_name(), account, "quarantine");
        let variable = |name: &str| {
            if OF_PARTS.contains(&name) {
                stand_in(name)
            } else {
                set.variable(name).or_else(|| self.base.in_force.get(name).cloned())
            }
        };
        let settings = Settings::read(variable).map_err(MemberFault::Settings)?;
        let quarantine = parts.quarantine(settings.scope).ok_or(MemberFault::Incomplete)?;
        let everywhere = set.max_quarantines_everywhere(self.base.max_quarantines);
        let hourly_limits = Some(HourlyLimits::of(settings.max_quarantines, everywhere));
        let in_force: BTreeMap<String, String> =
            settings.in_force.into_iter().filter(|(name, _)| !OF_PARTS.contains(&name.as_str())).collect();
        let deployment = self.deployment(account, parts);
        Ok(Settings { quarantine, deployment, in_force, hourly_limits, stack: None, ..settings })
    }

    /// Whose roles the hub has in an account. Of several names only the one whose role let it in counts, and none before
    /// that: whoever may make roles there could give one the name of a stack that the account does not have, and what
    /// they do with it would be taken for the hub's own work.
    fn member_in<'a>(&'a self, parts: &'a Parts) -> Option<&'a str> {
        match self.members.as_slice() {
            [only] => Some(only),
            _ => parts.member(),
        }
    }

    fn deployment(&self, account: &str, parts: &Parts) -> Deployment {
        let own = self.base.stack.as_ref().filter(|_| account == self.account);
        let members = self.member_in(parts).into_iter().flat_map(MemberRole::names);
        let stack = own.map(|stack| stack.name.as_str());
        let resources = OwnResources::new(stack, &self.base.alerts_topic_arn, Some(&self.bucket));
        let of_stack = self.base.deployment.roles.iter().filter(|_| own.is_some()).cloned();
        Deployment {
            account: account.to_owned(),
            hub: Some(self.account.clone()),
            roles: members.chain(of_stack).collect(),
            policies: parts.policies(),
            groups: parts.groups(),
            resources: OwnResources { members: self.members.clone(), ..resources },
        }
    }
}

/// What stands for the parts of an account where a value is needed.
fn in_parts(partition: &str, account: &str, name: &str) -> impl Fn(&str) -> Option<String> + use<> {
    let policy = format!("arn:{partition}:iam::{account}:policy{PATH}{name}");
    move |variable| match variable {
        "QUARANTINE_POLICY_ARN" | "STRICT_POLICY_ARN" => Some(policy.clone()),
        "ENFORCER_ROLES" => Some(MemberRole::names(MEMBER).collect::<Vec<_>>().join(",")),
        _ => Some(String::new()),
    }
}

/// Source: Organizations API Reference, `Organization`: `o-` and 10 to 32 lower-case letters or digits.
fn is_organization(id: &str) -> bool {
    id.strip_prefix("o-").is_some_and(|rest| {
        (10..=32).contains(&rest.len()) && rest.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    })
}
