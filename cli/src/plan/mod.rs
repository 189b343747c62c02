//! `plan`: what a deployment would do in an account, without one.

mod everywhere_text;
mod text;

use crate::access::Access;
use crate::chosen::{Chosen, list_of_flags};
use crate::organization::{Answers, Everywhere};
use crate::output::{Form, Found, Look, show, warn};
use crate::reading::{Reading, wait_for};
use anyhow::{Context, bail};
use clap::Args;
use jiff::Timestamp;
use mfa_enforcer_core::evidence::Asked;
use mfa_enforcer_core::forecast::{Prospect, Question, Schedule, csv, csv_of_accounts, json, page};
use mfa_enforcer_core::organization::OrganizationProspect;
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
    everywhere: Everywhere,
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
  mfa-enforcer plan --settings production.env --format html > plan.html
  mfa-enforcer plan --org --org-settings organization.yaml --profile management",
        list_of_flags()
    )
}

impl Plan {
    pub(crate) fn run(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        if self.everywhere.org {
            return self.run_everywhere(out);
        }
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
        let schedule = self.schedule()?;
        Ok(self.prospect_of(Reading::of(&self.access, &self.chosen).await?, &schedule))
    }

    /// When sweeps are due. What is wrong with settings is said before anybody is asked.
    fn schedule(&self) -> anyhow::Result<Schedule> {
        let zone = self.chosen.check()?.letterhead.zone;
        Schedule::at(&self.daily_at, zone)
            .with_context(|| format!("--daily-at is `{}`, expected a time such as 06:00", self.daily_at))
    }

    fn prospect_of(&self, reading: Reading, schedule: &Schedule) -> Prospect {
        let Reading { survey, settings, caller, alias, at, .. } = reading;
        let asked = Asked { caller: &caller, alias: alias.as_deref(), at, settings: &settings };
        let question = Question { asked, days: self.days, schedule };
        Prospect::of(&survey.account, &survey.statuses, survey.unknown, question)
    }

    fn run_everywhere(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        if self.format == Form::Html {
            bail!("--org has no page: choose --format table, json or csv");
        }
        let plan = wait_for(self.prospects())?;
        match self.format {
            Form::Json => out.write_all(&plan.json())?,
            Form::Csv => {
                let read = plan.read().map(|(account, prospect)| (account.id.as_str(), prospect));
                out.write_all(&csv_of_accounts(read))?;
                // The rows do not tell what they lack.
                plan.not_read().iter().chain(&plan.unknown()).for_each(|gap| warn(gap));
            }
            Form::Table | Form::Html => show(out, &everywhere_text::table(&plan, Look::of_output()))?,
        }
        Ok(Found::of(plan.has_gaps()))
    }

    async fn prospects(&self) -> anyhow::Result<OrganizationProspect> {
        // The hub has one schedule, whatever the accounts.
        let schedule = self.schedule()?;
        let make = async |reading| self.prospect_of(reading, &schedule);
        let read = self.everywhere.each(&self.access, &self.chosen, make).await?;
        let Answers { organization, caller, max_quarantines, accounts } = read;
        Ok(OrganizationProspect::of(&organization, &caller, Timestamp::now(), max_quarantines, accounts))
    }
}
