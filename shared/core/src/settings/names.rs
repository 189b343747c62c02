//! The names of what the enforcer is made of: policies, groups, roles and the stack.

use super::values::{self, OF_STACK, SPARE};
use super::{Reader, Scope, Stack};
use crate::event::{Deployment, Function, OwnResources};
use crate::quarantine::{Quarantine, Restriction};
use strum::IntoEnumIterator;

/// What the variables say about policies, groups, roles and the stack.
pub(super) struct Names {
    /// The ARN of the policy in force and those of earlier ones; `None` if a problem was recorded.
    pub(super) policies: Option<(String, Vec<String>)>,
    groups: Vec<String>,
    /// A policy and a group.
    console: (Option<String>, Option<String>),
    /// A policy and a group.
    pub(super) strict: (Option<String>, Option<String>),
    spares: Vec<String>,
    roles: Vec<String>,
    pub(super) stack: Option<Stack>,
}

impl Names {
    /// Reads the variables. Names of the stack's own roles and spares follow from its name.
    pub(super) fn read<F: Fn(&str) -> Option<String>>(read: &mut Reader<'_, F>) -> Self {
        let policies = read.one(&values::QUARANTINE_POLICY_ARN);
        let groups = read.list(&values::QUARANTINE_GROUP_NAME);
        let console =
            (read.optional(&values::CONSOLE_POLICY_ARN), read.optional(&values::CONSOLE_GROUP_NAME));
        let strict = (read.optional(&values::STRICT_POLICY_ARN), read.optional(&values::STRICT_GROUP_NAME));
        let spares = read.list(&values::SPARE_POLICY_ARN);
        let roles = read.list(&values::ENFORCER_ROLES);
        let stack = read.optional(&values::STACK_ID);
        let mut names = Self { policies, groups, console, strict, spares, roles, stack };
        match names.stack.clone() {
            Some(stack) => names.complete(&stack),
            None => names.check(read),
        }
        names
    }

    /// Adds what follows from the name of the stack.
    fn complete(&mut self, stack: &Stack) {
        self.roles.extend(stack.roles());
        self.roles.sort_unstable();
        self.roles.dedup();
        if !self.spares.iter().any(|spare| spare == OF_STACK) {
            return;
        }
        self.spares.retain(|spare| spare != OF_STACK);
        let others = self.console.0.iter().chain(&self.strict.0);
        self.spares.extend(others.filter_map(|arn| stack.spare(arn)));
        if let Some((policy, former)) = &mut self.policies {
            self.spares.extend(stack.spare(policy));
            let of_former: Vec<String> = former.iter().filter_map(|arn| stack.spare(arn)).collect();
            former.extend(of_former);
        }
    }

    /// Without a stack, nothing follows.
    fn check<F: Fn(&str) -> Option<String>>(&self, read: &mut Reader<'_, F>) {
        let needs = "needs STACK_ID, or the names themselves";
        if self.roles.is_empty() && !read.has_problem(values::ENFORCER_ROLES.name) {
            read.problem(values::ENFORCER_ROLES.name, format!("is empty, and {needs}"));
        }
        if self.spares.iter().any(|spare| spare == OF_STACK) {
            read.problem(values::SPARE_POLICY_ARN.name, format!("is `{OF_STACK}`, and {needs}"));
        }
    }

    /// What contains a user.
    pub(super) fn quarantine(&self, policy: &str, former: Vec<String>, scope: Scope) -> Quarantine {
        let restriction = |policy: &str, group: Option<&String>| {
            let spare = format!("{policy}{SPARE}");
            Restriction {
                spare: Some(spare).filter(|spare| self.spares.contains(spare)),
                policy: policy.to_owned(),
                group: group.cloned(),
            }
        };
        let pair = |(policy, group): &(Option<String>, Option<String>)| {
            policy.as_ref().map(|policy| restriction(policy, group.as_ref()))
        };
        let mut groups = self.groups.iter();
        Quarantine {
            full: restriction(policy, groups.next()),
            fallback: match scope {
                Scope::Console => None,
                Scope::Everything => pair(&self.console),
            },
            strict: pair(&self.strict),
            stops_keys: scope == Scope::Everything,
            former,
            former_groups: groups.cloned().collect(),
        }
    }

    /// The account, and all that is ours in it.
    pub(super) fn deployment(
        &self,
        policy: &String,
        former: &[String],
        resources: OwnResources,
    ) -> Deployment {
        let policies = [policy].into_iter().chain(former).chain(&self.console.0).chain(&self.strict.0);
        let groups = self.groups.iter().chain(&self.console.1).chain(&self.strict.1);
        Deployment {
            account: policy.split(':').nth(4).unwrap_or_default().to_owned(),
            roles: self.roles.clone(),
            policies: policies.chain(&self.spares).cloned().collect(),
            groups: groups.cloned().collect(),
            resources,
        }
    }
}

impl Stack {
    /// The roles that the functions run under.
    fn roles(&self) -> impl Iterator<Item = String> {
        Function::iter().map(|function| format!("{}-{}", self.name, function.name()))
    }

    /// The ARN of the spare of a quarantine policy; `None` if the policy is not of this stack, or is a spare itself.
    fn spare(&self, arn: &str) -> Option<String> {
        let (_, name) = arn.rsplit_once('/')?;
        let is_ours = name.strip_prefix(&self.name).is_some_and(|rest| rest.starts_with("-quarantine-"));
        (is_ours && !arn.ends_with(SPARE)).then(|| format!("{arn}{SPARE}"))
    }
}
