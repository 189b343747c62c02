//! `plan`: what a deployment would do in an account, without one.

mod text;

use crate::access::Access;
use crate::chosen::{Chosen, list_of_flags};
use crate::output::{Form, Found, Look, show};
use crate::reading::{Reading, wait_for};
use anyhow::Context;
use clap::Args;
use mfa_enforcer_core::evidence::Asked;
use mfa_enforcer_core::forecast::{Prospect, Question, Schedule, csv, json, page};
use std::io::Write;

/// Say what a deployment would do in an account, now and in the next days.
///
/// It reads the account with your credentials, and changes nothing. It takes what sweeps do from the functions' own rules,
/// and assumes that nobody enrols a device, signs in or is exempted, and that every message arrives. Unless you say
/// otherwise, it plans with MODE=enforce. policies/plan.json is all that it needs to be allowed.
#[derive(Debug, Args)]
#[command(after_long_help = examples(), after_help = "More with --help.")]
pub(crate) struct Plan {
    /// How many days ahead, up to 366
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(0..=366))]
    days: u16,
    /// When the daily sweep is due, in the time zone of the settings
    #[arg(long, value_name = "HH:MM", default_value = "06:00")]
    daily_at: String,
    /// The form of the output
    #[arg(long, value_enum, default_value_t = Form::Table)]
    format: Form,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    chosen: Chosen,
}

fn examples() -> String {
    format!(
        "{}\n\nExamples:
  mfa-enforcer plan --profile audit
  mfa-enforcer plan --grace-period 3d --max-quarantines 10   # what if?
  mfa-enforcer plan --settings production.env --format html > plan.html",
        list_of_flags()
    )
}

impl Plan {
    pub(crate) fn run(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        let prospect = wait_for(self.prospect())?;
        match self.format {
            Form::Table => show(out, &text::table(&prospect, Look::of_output()))?,
            Form::Json => out.write_all(json(&prospect).as_bytes())?,
            Form::Csv => out.write_all(&csv(&prospect))?,
            Form::Html => out.write_all(page(&prospect).as_bytes())?,
        }
        // A plan is no verdict. But one with gaps is not what was asked for.
        Ok(Found::of(!prospect.unknown.is_empty()))
    }

    async fn prospect(&self) -> anyhow::Result<Prospect> {
        // What is wrong with settings is said before anybody is asked.
        let zone = self.chosen.check()?.letterhead.zone;
        let schedule = Schedule::at(&self.daily_at, zone)
            .with_context(|| format!("--daily-at is `{}`, expected a time such as 06:00", self.daily_at))?;
        let Reading { survey, settings, caller, alias, at, .. } =
            Reading::of(&self.access, &self.chosen).await?;
        let asked = Asked { caller: &caller, alias: alias.as_deref(), at, settings: &settings };
        let question = Question { asked, days: self.days, schedule: &schedule };
        Ok(Prospect::of(&survey.account, &survey.statuses, survey.unknown, question))
    }
}
