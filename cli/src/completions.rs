//! `completions` and `man`: for the shell, and for the manual.

use crate::Cli;
use crate::output::Found;
use anyhow::Context;
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use std::io::Write;
use std::path::PathBuf;

/// Print what completes commands and options in a shell.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  mfa-enforcer completions bash > ~/.local/share/bash-completion/completions/mfa-enforcer
  mfa-enforcer completions fish > ~/.config/fish/completions/mfa-enforcer.fish")]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

/// Write the manual, with a page for each command, into a folder.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  mfa-enforcer man ~/.local/share/man/man1")]
pub(crate) struct Man {
    /// The folder
    dir: PathBuf,
}

impl Completions {
    pub(crate) fn run(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        let mut command = Cli::command();
        let name = command.get_name().to_owned();
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, name, &mut script);
        out.write_all(&script)?;
        Ok(Found::Nothing)
    }
}

impl Man {
    pub(crate) fn run(&self) -> anyhow::Result<Found> {
        clap_mangen::generate_to(Cli::command(), &self.dir)
            .with_context(|| format!("cannot write the manual into {}", self.dir.display()))?;
        Ok(Found::Nothing)
    }
}
