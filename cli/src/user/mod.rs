//! `user`: how one user stands, what happened, and what sweeps would do next.

mod text;

use crate::access::Access;
use crate::chosen::{Chosen, list_of_flags};
use crate::organization::InAccount;
use crate::output::{Found, Look, TableOrJson, note, show};
use crate::reading::{Reading, wait_for};
use crate::records::Records;
use anyhow::{Context, bail};
use clap::Args;
use mfa_enforcer_aws::{AccountDirectory, Directory, user_calls};
use mfa_enforcer_core::event::UserName;
use mfa_enforcer_core::evidence::{Act, Asked, LookedUp};
use mfa_enforcer_core::forecast::{Question, Schedule};
use mfa_enforcer_core::inspection::{Findings, Inspection, named};
use std::io::Write;
use std::path::PathBuf;

/// Say how a user stands, what happened, and what would happen next.
///
/// It reads the account with your credentials, and changes nothing; policies/plan.json is all that it needs to be allowed.
/// What would happen next is the plan of `plan` for this user, under the same settings. What happened is what the event
/// history of the last 90 days tells, and with --records what the enforcer recorded.
#[derive(Debug, Args)]
#[command(after_long_help = examples(), after_help = "More with --help.")]
pub(crate) struct User {
    /// Name of the IAM user
    name: String,
    /// The evidence bucket (`s3://BUCKET`), or a folder with a copy of it
    #[arg(long, value_name = "PLACE")]
    records: Option<PathBuf>,
    /// How many days ahead, up to 366
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(0..=366))]
    days: u16,
    /// When the daily sweep is due, in the time zone of the settings
    #[arg(long, value_name = "HH:MM", default_value = "06:00")]
    daily_at: String,
    /// The form of the output
    #[arg(long, value_enum, default_value_t = TableOrJson::Table)]
    format: TableOrJson,
    #[command(flatten)]
    in_account: InAccount,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    chosen: Chosen,
}

fn examples() -> String {
    format!(
        "{}\n\nExamples:
  mfa-enforcer user bob --profile audit
  mfa-enforcer user bob --settings samconfig.toml --records evidence-copy
  mfa-enforcer user bob --account 111122223333 --profile management
  mfa-enforcer user bob --format json | jq -r '.expected[0]'",
        list_of_flags()
    )
}

impl User {
    pub(crate) fn run(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        let inspection = wait_for(self.inspection())?;
        match self.format {
            TableOrJson::Table => show(out, &text::table(&inspection, Look::of_output()))?,
            TableOrJson::Json => out.write_all(inspection.json().as_bytes())?,
        }
        Ok(Found::of(!inspection.unknown.is_empty()))
    }

    async fn inspection(&self) -> anyhow::Result<Inspection> {
        // What is wrong with settings and files is said before anybody is asked.
        let zone = self.chosen.check()?.letterhead.zone;
        let schedule = Schedule::at(&self.daily_at, zone)
            .with_context(|| format!("--daily-at is `{}`, expected a time such as 06:00", self.daily_at))?;
        let name = UserName::new(&self.name)
            .with_context(|| format!("`{}` is not a name that an IAM user can have", self.name))?;
        let Reading { survey, settings, account, caller, alias, at, directory } =
            self.in_account.reading(&self.access, &self.chosen).await?;
        let (acts, mut unknown) = self.acts(&account).await?;
        let Some(snapshot) = named(&survey.account.users, &self.name) else {
            if directory.user(&name).await?.is_some() {
                bail!("IAM does not list the new user `{name}` yet: try again in a minute");
            }
            bail!("there is no IAM user `{name}` in account {account}");
        };
        let user = &snapshot.user;
        let mut looked_up = LookedUp::default();
        match directory.devices(&user.name).await {
            Ok(devices) => looked_up.listed(&user.id, &devices, at),
            Err(error) => unknown.push(format!("the devices of {}: {error}", user.name)),
        }
        note("Reading the event history...");
        let (calls, gaps) = user_calls(&directory, user, &settings, at).await;
        let unknown: Vec<String> = survey.unknown.iter().cloned().chain(unknown).chain(gaps).collect();
        let found = Findings {
            account: &survey.account,
            statuses: &survey.statuses,
            looked_up: &looked_up,
            calls: &calls,
            acts: &acts,
            unknown: &unknown,
        };
        let asked = Asked { caller: &caller, alias: alias.as_deref(), at, settings: &settings };
        let question = Question { asked, days: self.days, schedule: &schedule };
        Inspection::of(found, &user.id, question).context("the user is gone")
    }

    /// The acts of the account in its bucket, and what of them cannot be read.
    async fn acts(&self, account: &str) -> anyhow::Result<(Vec<Act>, Vec<String>)> {
        let Some(place) = &self.records else { return Ok((Vec::new(), Vec::new())) };
        let (_, records) = Records::of_account(place, Some(account), &self.access).await?;
        let (acts, unreadable) = records.acts().await?;
        Ok((acts, unreadable.into_iter().map(|key| format!("what {key} says: it is not an act")).collect()))
    }
}
