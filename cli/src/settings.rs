//! `settings`: whether a file with settings is one that a deployment takes.

use crate::chosen::Chosen;
use crate::output::{Found, shown};
use clap::{Args, Subcommand};
use std::io::Write;
use std::path::PathBuf;

/// Check a file with settings before they are deployed
#[derive(Debug, Subcommand)]
pub(crate) enum Settings {
    Check(Check),
}

/// Say all that is wrong with a file of settings.
///
/// It names what does not exist, is there twice, or has a value that the functions or the template would refuse, each with
/// its line and what is allowed. The file has a setting in each line (NAME=VALUE), or it is a samconfig.toml with parameters
/// to override, or it has parameters of the template as JSON, in either form that the AWS CLI takes. AWS is not asked.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  mfa-enforcer settings check samconfig.toml
  mfa-enforcer settings check samconfig.toml --config-env production
  mfa-enforcer settings check production.env

Exit status: 0 if nothing is wrong, 1 if something is, 2 if the file cannot be read.")]
pub(crate) struct Check {
    /// The file
    file: PathBuf,
    /// Which environment of the samconfig.toml counts [default: default]
    #[arg(long, value_name = "NAME")]
    config_env: Option<String>,
}

impl Settings {
    pub(crate) fn run(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        match self {
            Self::Check(check) => check.run(out),
        }
    }
}

impl Check {
    fn run(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        let chosen = Chosen::of_file(&self.file, self.config_env.as_deref());
        let faults = chosen.checked()?.err().unwrap_or_default();
        for fault in &faults {
            writeln!(out, "{}", shown(fault))?;
        }
        let count = chosen.file()?.map(|file| file.count).unwrap_or_default();
        let given = if count == 1 { "1 value is".to_owned() } else { format!("{count} values are") };
        let verdict = match faults.len() {
            0 => "Nothing is wrong".to_owned(),
            1 => "1 thing is wrong".to_owned(),
            several => format!("{several} things are wrong"),
        };
        writeln!(out, "{verdict}. {given} given, and everything else has its default.")?;
        Ok(Found::of(!faults.is_empty()))
    }
}
