//! `doctor`: whether a deployment is as it should be.

mod checkup_text;
mod forwarding_regions;
mod read_deployment;
mod stack_parts;

use crate::access::Access;
use crate::chosen::stack_name;
use crate::output::{Format, Found, Look, show};
use crate::reading::wait_for;
use clap::Args;
use mfa_enforcer_core::checkup::{Checkup, State};
use std::io::Write;

/// Check a deployment, and say what is wrong with it and what to do.
///
/// It reads the stack and what it consists of with your credentials, and changes nothing. policies/doctor.json is all that
/// it needs to be allowed. What it may not read, it says is unknown. Each check comes to ok, warning, unknown or broken.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  mfa-enforcer doctor --profile audit
  mfa-enforcer doctor --stack corp-mfa
  mfa-enforcer doctor --format json | jq -r '.checks[] | select(.state == \"broken\") | .says'

The exit status is 0 only if every check is ok.")]
pub(crate) struct Doctor {
    /// Name of the stack
    #[arg(long, value_name = "NAME", default_value = "mfa-enforcer", value_parser = stack_name)]
    stack: String,
    /// The form of the output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    access: Access,
}

impl Doctor {
    pub(crate) fn run(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        let checkup = wait_for(self.checkup())?;
        match self.format {
            Format::Text => show(out, &checkup_text::text(&checkup, Look::of_output()))?,
            Format::Json => out.write_all(checkup.json().as_bytes())?,
        }
        Ok(Found::of(checkup.state != State::Ok))
    }

    async fn checkup(&self) -> anyhow::Result<Checkup> {
        let connection = self.access.connect().await?;
        Ok(Checkup::of(&read_deployment::read(&connection, &self.stack).await?))
    }
}
