//! The names of what the enforcer is made of: policies, groups, roles and the stack.

use super::values::{Form, Setting, arn, group, name};
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
    /// Reads the variables. `stack` stands for what follows from the name of the stack, as do the names of its roles.
    pub(super) fn read<F: Fn(&str) -> Option<String>>(read: &mut Reader<'_, F>, scope: Scope) -> Self {
        let policies = read.one(&QUARANTINE_POLICY_ARN);
        let groups = read.list(&QUARANTINE_GROUP_NAME);
        let console = (read.optional(&CONSOLE_POLICY_ARN), read.optional(&CONSOLE_GROUP_NAME));
        let strict = (read.optional(&STRICT_POLICY_ARN), read.optional(&STRICT_GROUP_NAME));
        let spares = read.list(&SPARE_POLICY_ARN);
        let roles = read.list(&ENFORCER_ROLES);
        let stack = read.optional(&STACK_ID);
        let mut names = Self { policies, groups, console, strict, spares, roles, stack };
        match names.stack.clone() {
            Some(stack) => names.complete(&stack, scope),
            None => names.check(read),
        }
        names
    }

    /// Puts what follows from the name of the stack in the place of `stack`. What is named stays.
    fn complete(&mut self, stack: &Stack, scope: Scope) {
        self.roles.extend(stack.roles());
        self.roles.sort_unstable();
        self.roles.dedup();
        let Documents { in_force, fallback, strict, others } = Documents::of(scope);
        if let Some((policy, former)) = self.policies.as_mut().filter(|(policy, _)| policy == OF_STACK) {
            *policy = stack.policy(in_force);
            former.splice(0..0, others.iter().map(|document| stack.policy(document)));
            self.console.0 =
                self.console.0.take().or_else(|| fallback.map(|document| stack.policy(document)));
            self.strict.0.get_or_insert_with(|| stack.policy(strict));
        }
        if let Some(group) = self.groups.first_mut().filter(|group| *group == OF_STACK) {
            *group = stack.group(in_force);
            self.groups.splice(1..1, others.iter().map(|document| stack.group(document)));
            self.console.1 = self.console.1.take().or_else(|| fallback.map(|document| stack.group(document)));
            self.strict.1.get_or_insert_with(|| stack.group(strict));
        }
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
        if self.roles.is_empty() && !read.has_problem(ENFORCER_ROLES.name) {
            read.problem(ENFORCER_ROLES.name, format!("is empty, and {needs}"));
        }
        let of_stack = [
            (QUARANTINE_POLICY_ARN.name, self.policies.iter().any(|(policy, _)| policy == OF_STACK)),
            (QUARANTINE_GROUP_NAME.name, self.groups.first().is_some_and(|group| group == OF_STACK)),
            (SPARE_POLICY_ARN.name, self.spares.iter().any(|spare| spare == OF_STACK)),
        ];
        for (variable, _) in of_stack.into_iter().filter(|(_, is_of_stack)| *is_of_stack) {
            read.problem(variable, format!("is `{OF_STACK}`, and {needs}"));
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
            former_strict_groups: Vec::new(),
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
            hub: None,
            roles: self.roles.clone(),
            policies: policies.chain(&self.spares).cloned().collect(),
            groups: groups.cloned().collect(),
            resources,
        }
    }
}

/// The documents of a stack's quarantines, as the names of its policies and groups end.
struct Documents {
    in_force: &'static str,
    fallback: Option<&'static str>,
    strict: &'static str,
    /// Those of another scope, under which a user may still be.
    others: &'static [&'static str],
}

impl Documents {
    fn of(scope: Scope) -> Self {
        match scope {
            Scope::Console => Self {
                in_force: "console",
                fallback: None,
                strict: "strict-console",
                others: &["everything", "strict-everything"],
            },
            Scope::Everything => Self {
                in_force: "everything",
                fallback: Some("console"),
                strict: "strict-everything",
                others: &["strict-console"],
            },
        }
    }
}

impl Stack {
    /// The ARN of the policy with this document.
    fn policy(&self, document: &str) -> String {
        let mut parts = self.id.split(':').skip(1);
        let (partition, account) = (parts.next().unwrap_or_default(), parts.nth(2).unwrap_or_default());
        format!("arn:{partition}:iam::{account}:policy/{}", self.group(document))
    }

    /// The name of the group with this document.
    fn group(&self, document: &str) -> String {
        format!("{}-quarantine-{document}", self.name)
    }

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

pub(super) const QUARANTINE_POLICY_ARN: Setting<(String, Vec<String>)> = Setting {
    name: "QUARANTINE_POLICY_ARN",
    default: None,
    meaning: "the managed policy that quarantines a user; any further ones are earlier quarantine policies, which \
              a release still detaches; `stack` stands for all policies of the stack, each in its place",
    form: Form::One,
    expected: "the ARN of a managed policy, `arn:aws:iam::ACCOUNT:policy/NAME`, or `stack`, \
               optionally followed by a comma and the ARNs of earlier ones",
    parse: |value| {
        let (first, former) =
            value.split_once(',').map_or((value, None), |(first, rest)| (first, Some(rest)));
        let policy = |value: &str| arn(value.trim(), "iam", "policy/");
        let first = if first.trim() == OF_STACK { OF_STACK.to_owned() } else { policy(first)? };
        Some((first, former.into_iter().flat_map(|rest| rest.split(',')).map(policy).collect::<Option<_>>()?))
    },
};
pub(super) const QUARANTINE_GROUP_NAME: Setting<String> = Setting {
    name: "QUARANTINE_GROUP_NAME",
    default: Some(""),
    meaning: "a group with the same policy, for users who cannot have another policy attached; any further ones are \
              groups of earlier quarantine policies, which a release still removes users from; `stack` in the first \
              place stands for all groups of the stack",
    form: Form::Words,
    expected: "the name of an IAM group",
    parse: group,
};
pub(super) const CONSOLE_POLICY_ARN: Setting<String> = Setting {
    name: "CONSOLE_POLICY_ARN",
    default: Some(""),
    meaning: "with the scope `everything`: the policy of the scope `console`, which replaces a quarantine when the \
              user enrols MFA, so that access keys work again; without it they wait for the release",
    form: Form::Optional,
    expected: "the ARN of a managed policy",
    parse: |value| arn(value, "iam", "policy/"),
};
pub(super) const CONSOLE_GROUP_NAME: Setting<String> = Setting {
    name: "CONSOLE_GROUP_NAME",
    default: Some(""),
    meaning: "with the scope `everything`: the group with that policy",
    form: Form::Optional,
    expected: "the name of an IAM group",
    parse: group,
};
pub(super) const STRICT_POLICY_ARN: Setting<String> = Setting {
    name: "STRICT_POLICY_ARN",
    default: Some(""),
    meaning: "the policy that also stops sessions with MFA, for users whose release has to be approved",
    form: Form::Optional,
    expected: "the ARN of a managed policy",
    parse: |value| arn(value, "iam", "policy/"),
};
pub(super) const STRICT_GROUP_NAME: Setting<String> = Setting {
    name: "STRICT_GROUP_NAME",
    default: Some(""),
    meaning: "the group with that policy",
    form: Form::Optional,
    expected: "the name of an IAM group",
    parse: group,
};
pub(super) const SPARE_POLICY_ARN: Setting<String> = Setting {
    name: "SPARE_POLICY_ARN",
    default: Some(""),
    meaning: "policies with the same text as the others, to be attached when the text of one is lost; the spare of a \
              policy has its name, with `-spare` after it; `stack` stands for those of all policies of the stack",
    form: Form::List,
    expected: "the ARN of a managed policy whose name ends in `-spare`, or `stack`",
    parse: |value| match value {
        OF_STACK => Some(value.to_owned()),
        _ => arn(value, "iam", "policy/").filter(|arn| arn.ends_with(SPARE)),
    },
};
pub(super) const ENFORCER_ROLES: Setting<String> = Setting {
    name: "ENFORCER_ROLES",
    default: Some(""),
    meaning: "the roles that the functions run under; events caused by their calls are ignored; those of the stack need \
              not be listed",
    form: Form::List,
    expected: "the name of an IAM role (not its ARN)",
    parse: |value| name(value, 64, "_+=.@-"),
};
pub(super) const STACK_ID: Setting<Stack> = Setting {
    name: "STACK_ID",
    default: Some(""),
    meaning: "the CloudFormation stack of this deployment, whose resources have names that begin with the stack's name; \
              changes to them are reported, but for those of an update of the stack",
    form: Form::Optional,
    expected: "the ARN of a stack, `arn:aws:cloudformation:REGION:ACCOUNT:stack/NAME/ID`",
    parse: stack,
};

/// Ends the name of a spare policy.
pub(super) const SPARE: &str = "-spare";
/// Stands for the spares of all policies of the stack.
pub(super) const OF_STACK: &str = "stack";

fn stack(value: &str) -> Option<Stack> {
    let id = arn(value, "cloudformation", "stack/")?;
    let name = id.split('/').nth(1).filter(|name| !name.is_empty())?.to_owned();
    Some(Stack { id, name })
}
