//! Whether a command that changes something asks first, and what its audit line says besides.

use crate::output::{can_ask, is_agreed};
use anyhow::bail;
use clap::Args;

/// Whether it asks first.
#[derive(Debug, Args)]
pub(crate) struct Consent {
    /// Do it without asking
    #[arg(long)]
    yes: bool,
    /// Show what would be done, and do nothing
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
}

/// Whether it asks first, and a label for the audit line.
#[derive(Debug, Args)]
pub(crate) struct Audited {
    #[command(flatten)]
    pub(crate) consent: Consent,
    /// A label for the audit line, such as a name or a ticket. Who it was, AWS says
    #[arg(long, value_name = "LABEL")]
    pub(crate) by: Option<String>,
}

impl Consent {
    /// Whether somebody is to be asked.
    pub(crate) fn asks(&self) -> bool {
        !self.yes && !self.dry_run
    }

    /// Whether it is done without anybody who looks at it first.
    pub(crate) fn is_unwatched(&self) -> bool {
        self.yes
    }

    /// Whoever is to be asked has to be there, before anything is read.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        if self.asks() && !can_ask() {
            bail!(
                "there is no terminal to ask on, so nothing was done: say --yes, or --dry-run to see what it would do"
            );
        }
        Ok(())
    }

    /// Whether it is to be done: somebody has said so, or says so now.
    pub(crate) fn is_given(&self, question: &str) -> anyhow::Result<bool> {
        Ok(self.yes || is_agreed(question)?)
    }
}
