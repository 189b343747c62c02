//! Settings of a deployment that is only thought of: from flags, a file, the environment, or else their defaults.

use crate::access::Connection;
use crate::output::note;
use crate::settings_file::{STACK, SettingsFile};
use anyhow::{anyhow, bail};
use clap::builder::StyledStr;
use clap::{Arg, ArgMatches, Args, Command, Error, FromArgMatches};
use mfa_enforcer_aws::{Clients, CloudFormation, Elsewhere, Pace};
use mfa_enforcer_core::organization::Resolved;
use mfa_enforcer_core::partition::Partition;
use mfa_enforcer_core::settings::{Contents, Given, Naming, Problem, Problems, Settings, is_hub};
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Stands for any account.
pub(crate) const ANY_ACCOUNT: &str = "123456789012";

/// The flags that choose settings.
#[derive(Debug, Args)]
#[command(next_help_heading = "Settings")]
pub(crate) struct Chosen {
    /// A file with a setting in each line (`GRACE_PERIOD=3d`), a samconfig.toml, or template parameters as JSON
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Which environment of the samconfig.toml counts [default: default]
    #[arg(long, value_name = "NAME", requires = "settings")]
    config_env: Option<String>,
    /// Take settings from environment variables as well, such as `GRACE_PERIOD`
    #[arg(long)]
    env: bool,
    /// Name of the stack, with which the names of policies and groups begin [default: the one in the samconfig.toml, or
    /// mfa-enforcer]
    #[arg(long, value_name = "NAME", value_parser = stack_name)]
    stack: Option<String>,
    #[command(flatten)]
    flags: Flags,
    /// The file, once it was read: it may be a pipe.
    #[arg(skip)]
    file: OnceCell<SettingsFile>,
}

/// Where a value was given.
enum Origin {
    Flag,
    File,
    Environment,
    Organization,
    Stack,
}

/// Values that are given elsewhere than by flags.
#[derive(Clone, Copy, Default)]
struct Beside<'a> {
    /// By the settings of an organization.
    organization: Option<&'a Resolved>,
    /// By the stack that is deployed.
    deployed: Option<&'a Contents>,
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
    /// What a file chooses by itself.
    pub(crate) fn of_file(path: &Path, environment: Option<&str>) -> Self {
        Self {
            settings: Some(path.to_owned()),
            config_env: environment.map(str::to_owned),
            env: false,
            stack: None,
            flags: Flags::default(),
            file: OnceCell::new(),
        }
    }

    /// Whether a flag gives this setting.
    pub(crate) fn has_flag(&self, setting: &str) -> bool {
        self.flags.0.contains_key(setting)
    }

    /// Whether anything gives settings, beside the name of the stack.
    pub(crate) fn gives_settings(&self) -> bool {
        self.settings.is_some() || self.env || !self.flags.0.is_empty()
    }

    /// Whether the settings can be used, whatever the account.
    pub(crate) fn check(&self) -> anyhow::Result<Settings> {
        self.checked()?.map_err(|faults| anyhow!("{}", faults.join("\n       ")))
    }

    /// The settings, or all that is wrong with them, in any partition where the file does not name a region.
    pub(crate) fn checked(&self) -> anyhow::Result<Result<Settings, Vec<String>>> {
        let named = self.file()?.and_then(|file| file.region.as_deref());
        let is_home = |region: &str| Partition::homes().any(|(_, home)| home == region);
        let named = named.filter(|region| is_home(region));
        let mut fewest: Option<Vec<String>> = None;
        for (partition, region) in
            Partition::homes().filter(|(_, home)| named.is_none_or(|named| named == *home))
        {
            let arn = format!("arn:{partition}:iam::{ANY_ACCOUNT}:root");
            match self.tried(&arn, region, ANY_ACCOUNT, Beside::default())? {
                Ok(settings) => return Ok(Ok(settings)),
                Err(faults) if fewest.as_ref().is_some_and(|fewest| fewest.len() <= faults.len()) => {}
                Err(faults) => fewest = Some(faults),
            }
        }
        Ok(Err(fewest.unwrap_or_default()))
    }

    /// The settings of a deployment in this account and region, and in the partition of this ARN.
    pub(crate) fn read(&self, arn: &str, region: &str, account: &str) -> anyhow::Result<Settings> {
        self.read_in(arn, region, account, None)
    }

    /// The same where an organization may have set something.
    pub(crate) fn read_in(
        &self,
        arn: &str,
        region: &str,
        account: &str,
        organization: Option<&Resolved>,
    ) -> anyhow::Result<Settings> {
        self.tried(arn, region, account, Beside { organization, ..Beside::default() })?
            .map_err(|faults| anyhow!("{}", faults.join("\n       ")))
    }

    /// The settings of the stack with these parameters, as far as nothing else is chosen.
    pub(crate) fn deployed(
        &self,
        arn: &str,
        region: &str,
        account: &str,
        parameters: Vec<(String, String)>,
    ) -> anyhow::Result<Settings> {
        let given: Vec<Given> =
            parameters.into_iter().map(|(name, value)| Given { name, value, line: 0 }).collect();
        let stack = Contents::of(&given, Naming::Parameters, &self.stack()?);
        let tried =
            self.tried(arn, region, account, Beside { deployed: Some(&stack), ..Beside::default() })?;
        tried.map_err(|faults| anyhow!("{}", faults.join("\n       ")))
    }

    /// The settings that are deployed there, as far as nothing else is chosen. Without a stack that can be read, those of
    /// the file.
    pub(crate) async fn of_stack(&self, connection: &Connection) -> anyhow::Result<Settings> {
        self.of_stack_that(connection, |_| true).await
    }

    /// The same, if the enforcer acts by these settings in the account of its stack.
    pub(crate) async fn of_stack_of_one_account(&self, connection: &Connection) -> anyhow::Result<Settings> {
        self.of_stack_that(connection, |parameters| !is_hub(parameters)).await
    }

    async fn of_stack_that(
        &self,
        connection: &Connection,
        is_right: impl Fn(&[(String, String)]) -> bool,
    ) -> anyhow::Result<Settings> {
        let Connection { config, account, caller } = connection;
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        let clients = Clients::new(config, Pace::Event, Elsewhere::default());
        let stack = self.stack()?;
        match CloudFormation::new(clients.cloudformation).parameters(&stack).await {
            Ok(parameters) if !is_right(&parameters) => {
                bail!("the stack `{stack}` is the hub of an organization. Nothing was changed")
            }
            Ok(parameters) => self.deployed(caller, &region, account, parameters),
            Err(error) if self.file()?.is_some() => {
                note(&format!(
                    "The stack {stack} cannot be read ({error}). Its settings are those of the file."
                ));
                self.read(caller, &region, account)
            }
            Err(error) => bail!(
                "the settings of the stack `{stack}` cannot be read ({error}): name the stack with --stack, or a file \
                 with --settings. Nothing was changed"
            ),
        }
    }

    /// Name of the stack.
    pub(crate) fn stack(&self) -> anyhow::Result<String> {
        let named = self.file()?.and_then(|file| file.stack.as_deref());
        Ok(self.stack.as_deref().or(named).unwrap_or(STACK).to_owned())
    }

    /// The file with settings, if one is named.
    pub(crate) fn file(&self) -> anyhow::Result<Option<&SettingsFile>> {
        let Some(path) = &self.settings else { return Ok(None) };
        if let Some(file) = self.file.get() {
            return Ok(Some(file));
        }
        let file = SettingsFile::read(path, self.config_env.as_deref(), self.stack.as_deref())?;
        Ok(Some(self.file.get_or_init(|| file)))
    }

    fn tried(
        &self,
        arn: &str,
        region: &str,
        account: &str,
        Beside { organization, deployed }: Beside<'_>,
    ) -> anyhow::Result<Result<Settings, Vec<String>>> {
        let file = self.file()?;
        let derived = derived(&self.stack()?, arn, region, account);
        let find = |name: &str| -> Option<(String, Origin)> {
            let flag = || {
                let (setting, value) = self.flags.0.get_key_value(name)?;
                Some(match organization.and_then(|set| set.instead_of(setting, value)) {
                    Some(most) => (most, Origin::Organization),
                    None => (value.clone(), Origin::Flag),
                })
            };
            let of_organization = || Some((organization?.variable(name)?, Origin::Organization));
            let of_file = || Some((file?.value(name)?.to_owned(), Origin::File));
            let of_environment = || {
                let value = self.env.then(|| std::env::var(name).ok()).flatten()?;
                Some((value, Origin::Environment))
            };
            let of_stack = || Some((deployed?.value(name)?.to_owned(), Origin::Stack));
            flag().or_else(of_organization).or_else(of_file).or_else(of_environment).or_else(of_stack)
        };
        let value = |name: &str| find(name).map(|(value, _)| value).or_else(|| derived.get(name).cloned());
        let read = Settings::read(value);
        let problems = read.as_ref().err().map(|Problems(problems)| problems.as_slice()).unwrap_or_default();
        let mut faults = file.map(|file| file.faults_besides(problems)).unwrap_or_default();
        let mut others = Vec::new();
        for problem in problems {
            let Problem { variable, problem: text } = problem;
            match (find(variable), file) {
                (Some((_, Origin::Flag)), _) => {
                    others.push(format!("{variable} (--{}) {text}", flag(variable)));
                }
                (Some((_, Origin::Environment)), _) => {
                    others.push(format!("{variable} (the environment variable {variable}) {text}"));
                }
                (Some((_, Origin::Organization)), _) => {
                    others.push(format!("{variable} (a setting of the organization) {text}"));
                }
                (Some((_, Origin::Stack)), _) => {
                    others.push(format!("{variable} (a parameter of the stack) {text}"));
                }
                (Some((_, Origin::File)) | None, Some(file)) => faults.push(file.fault_of(problem)),
                (Some((_, Origin::File)) | None, None) => others.push(format!("{variable} {text}")),
            }
        }
        faults.sort_by_key(|fault| (fault.line.is_none(), fault.line));
        let told = file.into_iter().flat_map(|file| faults.iter().map(|fault| file.told(fault)));
        let told: Vec<String> = told.chain(others).collect();
        Ok(read.ok().filter(|_| told.is_empty()).ok_or(told))
    }
}

/// What the template would set. Without a mode nothing would happen, so a plan is for the last one.
fn derived(stack: &str, arn: &str, region: &str, account: &str) -> BTreeMap<&'static str, String> {
    let partition = arn.split(':').nth(1).unwrap_or_default();
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

/// A name that `CloudFormation` takes for a stack, as long as the template allows.
pub(crate) fn stack_name(text: &str) -> Result<String, String> {
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
