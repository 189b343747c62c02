//! `doctor`: whether a deployment is as it should be.

mod checkup_text;
mod forwarding_regions;
mod live_test;
mod organization;
mod read_deployment;
mod stack_parts;

use crate::access::Access;
use crate::chosen::stack_name;
use crate::output::{Format, Found, Look, can_ask, is_agreed, show};
use crate::reading::wait_for;
use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use jiff::SignedDuration;
use mfa_enforcer_core::checkup::{Checkup, LiveTest, State};
use organization::OfOrganization;
use std::io::Write;

/// Check a deployment, and say what is wrong with it and what to do.
///
/// It reads the stack and what it consists of with your credentials, and changes nothing. policies/doctor.json is all that
/// it needs to be allowed. What it may not read, it says is unknown. Each check comes to ok, warning, unknown or broken.
///
/// With --live it also tries the way to a function: it puts an event of source mfa-enforcer.test on the event bus, which a
/// function ignores, and waits for its line in the log. With --live=iam it makes an IAM user without a password and deletes
/// it again, which shows the way from the trail as well. policies/doctor-live.json has what that needs besides.
///
/// With --org it checks an organization with a hub instead: in each account the roles, policies, groups and rules of
/// member.yaml, the rules of member-region.yaml in each other region, and whether the hub knows and sweeps the account.
/// policies/organization.json and policies/doctor-organization.json are all that it needs to be allowed. With --live it also
/// puts a test event on the bus of each account, and says which of them arrived at the hub;
/// policies/doctor-organization-live.json has what that needs besides.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  mfa-enforcer doctor --profile audit
  mfa-enforcer doctor --stack corp-mfa
  mfa-enforcer doctor --live
  mfa-enforcer doctor --live=iam --yes --wait 20m
  mfa-enforcer doctor --org --profile management --hub 111122223333
  mfa-enforcer doctor --org --live --profile management --hub 111122223333
  mfa-enforcer doctor --format json | jq -r '.checks[] | select(.state == \"broken\") | .says'

The exit status is 0 only if every check is ok.")]
pub(crate) struct Doctor {
    /// Name of the stack
    #[arg(long, value_name = "NAME", default_value = "mfa-enforcer", value_parser = stack_name)]
    stack: String,
    /// Set something off as well, and wait for its line in the log [default if named: bus]
    #[arg(
        long,
        value_enum,
        value_name = "WHAT",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "bus"
    )]
    live: Option<Live>,
    /// How long to wait for that line [default: 2m, or 15m for iam]
    #[arg(long, value_name = "SPAN", value_parser = span, requires = "live")]
    wait: Option<SignedDuration>,
    /// Make the user of --live=iam without asking
    #[arg(long, requires = "live")]
    yes: bool,
    /// The form of the output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    organization: OfOrganization,
    #[command(flatten)]
    access: Access,
}

/// What is set off for a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Live {
    /// An event on the event bus
    Bus,
    /// The creation of an IAM user without a password, which is deleted afterwards
    Iam,
}

impl Doctor {
    pub(crate) fn run(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        if self.organization.org {
            return self.run_everywhere(out);
        }
        if self.live == Some(Live::Iam) && !self.yes {
            Self::ask()?;
        }
        let checkup = wait_for(self.checkup())?;
        match self.format {
            Format::Text => show(out, &checkup_text::text(&checkup, Look::of_output()))?,
            Format::Json => out.write_all(checkup.json().as_bytes())?,
        }
        Ok(Found::of(checkup.state != State::Ok))
    }

    fn run_everywhere(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        let wait = match self.live {
            None => None,
            Some(Live::Bus) => Some(self.wait.unwrap_or_else(|| LiveTest::patience(false))),
            Some(Live::Iam) => bail!(
                "--live=iam makes a user in one account: with --org say --live, or run --live=iam in that account"
            ),
        };
        let checkup = wait_for(async {
            let connection = self.access.connect().await?;
            Box::pin(self.organization.checkup(&connection, &self.stack, wait)).await
        })?;
        match self.format {
            Format::Text => show(out, &organization::text(&checkup, Look::of_output()))?,
            Format::Json => out.write_all(&checkup.json())?,
        }
        Ok(Found::of(checkup.state != State::Ok))
    }

    async fn checkup(&self) -> anyhow::Result<Checkup> {
        let connection = self.access.connect().await?;
        let mut seen = read_deployment::read(&connection, &self.stack).await?;
        if let Some(live) = self.live {
            seen.live = Some(live_test::run(&connection, &self.stack, live, self.wait).await?);
        }
        Ok(Checkup::of(&seen))
    }

    /// Whether a user may be made.
    fn ask() -> anyhow::Result<()> {
        if !can_ask() {
            bail!("--live=iam makes an IAM user, and there is no terminal to ask on: say --yes");
        }
        let question = "Make an IAM user without a password in this account, and delete it again?";
        if is_agreed(question)? { Ok(()) } else { bail!("nothing was done") }
    }
}

/// A span of time, from a second to a day.
fn span(text: &str) -> anyhow::Result<SignedDuration> {
    let span: Option<SignedDuration> = text.parse().ok();
    let fits = |span: &SignedDuration| (1..=86_400).contains(&span.as_secs());
    span.filter(fits).context("expected a span such as 90s or 5m, from 1s to 24h")
}
