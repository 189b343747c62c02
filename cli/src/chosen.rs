//! Settings of a deployment that is only thought of: from flags, a file, the environment, or else their defaults.

use anyhow::{Context, anyhow, bail};
use clap::builder::StyledStr;
use clap::{Arg, ArgMatches, Args, Command, Error, FromArgMatches};
use mfa_enforcer_core::settings::{Problem, Settings};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Where a value comes from, in words.
const DERIVED: &str = "which a plan sets";

/// The flags that choose settings.
#[derive(Debug, Args)]
#[command(next_help_heading = "Settings")]
pub(crate) struct Chosen {
    /// A file with a setting in each line, such as `GRACE_PERIOD=3d`
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Take settings from environment variables as well, such as `GRACE_PERIOD`
    #[arg(long)]
    env: bool,
    /// Name of the stack, with which the names of policies and groups begin
    #[arg(long, value_name = "NAME", default_value = "mfa-enforcer", value_parser = stack)]
    stack: String,
    #[command(flatten)]
    flags: Flags,
}

/// A flag for each setting, under its name.
#[derive(Debug, Default)]
struct Flags(BTreeMap<&'static str, String>);

/// The name of a setting as a flag: `grace-period`.
fn flag(setting: &str) -> String {
    setting.to_lowercase().replace('_', "-")
}

/// All flags of settings, for the help.
pub(crate) fn list_of_flags() -> StyledStr {
    let flags: Vec<String> =
        Settings::descriptions().iter().map(|setting| format!("--{}", flag(setting.name))).collect();
    let text = format!(
        "Every setting has a flag, which wins over the file and the environment. docs/SETTINGS.md explains each one:\n  {}",
        flags.join(" ")
    );
    text.into()
}

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        let flags = Settings::descriptions().into_iter().map(|setting| {
            Arg::new(setting.name)
                .long(flag(setting.name))
                .value_name("VALUE")
                .hide(true)
                .allow_hyphen_values(true)
        });
        command.args(flags)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let given = Settings::descriptions()
            .into_iter()
            .filter_map(|setting| Some((setting.name, matches.get_one::<String>(setting.name)?.clone())));
        Ok(Self(given.collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.extend(Self::from_arg_matches(matches)?.0);
        Ok(())
    }
}

impl Chosen {
    /// Whether the settings can be used, whatever the account.
    pub(crate) fn check(&self) -> anyhow::Result<Settings> {
        self.read("arn:aws:iam::123456789012:root", "us-east-1", "123456789012")
    }

    /// The settings of a deployment in this account and region, and in the partition of this ARN.
    pub(crate) fn read(&self, arn: &str, region: &str, account: &str) -> anyhow::Result<Settings> {
        let file = self.settings.as_deref().map(read_file).transpose()?.unwrap_or_default();
        let derived = self.derived(arn, region, account);
        let find = |name: &str| -> Option<(String, String)> {
            let flag = || self.flags.0.get(name).map(|value| (value.clone(), format!("--{}", flag(name))));
            let of_file = || {
                let (line, value) = file.get(name)?;
                let file = self.settings.as_deref().unwrap_or(Path::new(""));
                Some((value.clone(), format!("{}, line {line}", file.display())))
            };
            let of_environment = || {
                let value = self.env.then(|| std::env::var(name).ok()).flatten()?;
                Some((value, format!("the environment variable {name}")))
            };
            let of_plan = || derived.get(name).map(|value| (value.clone(), DERIVED.to_owned()));
            flag().or_else(of_file).or_else(of_environment).or_else(of_plan)
        };
        let read = Settings::read(|name| find(name).map(|(value, _)| value));
        read.map_err(|problems| {
            let say = |Problem { variable, problem }: &Problem| {
                let origin = find(variable).map(|(_, origin)| format!(" ({origin})")).unwrap_or_default();
                format!("{variable}{origin} {problem}")
            };
            let problems: Vec<String> = problems.0.iter().map(say).collect();
            anyhow!("{}", problems.join("\n       "))
        })
    }

    /// What the template would set. Without a mode nothing would happen, so a plan is for the last one.
    fn derived(&self, arn: &str, region: &str, account: &str) -> BTreeMap<&'static str, String> {
        let partition = arn.split(':').nth(1).unwrap_or_default();
        let stack = &self.stack;
        BTreeMap::from([
            ("MODE", "enforce".to_owned()),
            ("QUARANTINE_POLICY_ARN", "stack".to_owned()),
            ("QUARANTINE_GROUP_NAME", "stack".to_owned()),
            ("SPARE_POLICY_ARN", "stack".to_owned()),
            ("ALERTS_TOPIC_ARN", format!("arn:{partition}:sns:{region}:{account}:{stack}-alerts")),
            ("USER_TOPIC_PREFIX", format!("{stack}-user-")),
            ("STACK_ID", format!("arn:{partition}:cloudformation:{region}:{account}:stack/{stack}/plan")),
        ])
    }
}

/// The lines of a file: each setting with the number of its line.
fn read_file(path: &Path) -> anyhow::Result<BTreeMap<String, (usize, String)>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let known: Vec<&str> = Settings::descriptions().iter().map(|setting| setting.name).collect();
    let mut settings = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        let (at, line) = (index + 1, line.trim());
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((name, value)) = line.split_once('=') else {
            bail!("{}, line {at}: expected NAME=VALUE, or # and a comment", path.display());
        };
        let name = name.trim();
        if !known.contains(&name) {
            bail!(
                "{}, line {at}: there is no setting `{name}` (docs/SETTINGS.md lists them)",
                path.display()
            );
        }
        if settings.insert(name.to_owned(), (at, unquoted(value.trim()).to_owned())).is_some() {
            bail!("{}, line {at}: `{name}` is there twice", path.display());
        }
    }
    Ok(settings)
}

/// The value without the quotes around it, as shells write it.
fn unquoted(value: &str) -> &str {
    let within = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    within('"').or_else(|| within('\'')).unwrap_or(value)
}

/// A name that `CloudFormation` takes for a stack, as long as the template allows.
fn stack(text: &str) -> Result<String, String> {
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let fits = text.len() <= 49 && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    (starts && fits)
        .then(|| text.to_owned())
        .ok_or_else(|| "expected a letter, then up to 48 letters, digits or hyphens".to_owned())
}

#[cfg(test)]
mod tests {
    use super::Chosen;
    use clap::{Args, Command, FromArgMatches};
    use rstest::rstest;

    fn chosen(arguments: &[&str]) -> Chosen {
        let command = Chosen::augment_args(Command::new("plan").no_binary_name(true));
        Chosen::from_arg_matches(&command.get_matches_from(arguments)).unwrap()
    }

    #[rstest]
    #[case("aws", "us-east-1")]
    #[case("aws-cn", "cn-north-1")]
    #[case("aws-us-gov", "us-gov-west-1")]
    #[case("aws-eusc", "eusc-de-east-1")]
    #[case("aws-iso", "us-iso-east-1")]
    fn names_are_those_of_a_stack_in_the_partition(#[case] partition: &str, #[case] region: &str) {
        let caller = format!("arn:{partition}:sts::111122223333:assumed-role/audit/carol");
        let settings = chosen(&["--stack", "corp-mfa"]).read(&caller, region, "111122223333").unwrap();
        assert_eq!(
            settings.quarantine.full.policy,
            format!("arn:{partition}:iam::111122223333:policy/corp-mfa-quarantine-console")
        );
        assert_eq!(
            settings.alerts_topic_arn,
            format!("arn:{partition}:sns:{region}:111122223333:corp-mfa-alerts")
        );
    }
}
