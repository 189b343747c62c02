//! `report`: MFA in an account as it is now.

mod everywhere_text;
mod text;

use crate::access::Access;
use crate::chosen::{Chosen, list_of_flags};
use crate::organization::{Answers, Everywhere};
use crate::output::{Form, Found, Look, show, warn};
use crate::reading::{Reading, wait_for};
use crate::records::Records;
use anyhow::bail;
use clap::Args;
use jiff::Timestamp;
use mfa_enforcer_aws::list_devices;
use mfa_enforcer_core::evidence::{Asked, Listing, Objects, Overview, csv, overview_page};
use mfa_enforcer_core::organization::OrganizationOverview;
use std::io::Write;
use std::path::PathBuf;

/// Say who has MFA in an account as it is now.
///
/// It reads the account with your credentials, and changes nothing; policies/plan.json is all that it needs to be allowed.
/// Rows, figures, controls and page are those of a record in the evidence bucket, but for its chain. Settings say who is
/// exempt, and since when MFA is due.
#[derive(Debug, Args)]
#[command(after_long_help = examples(), after_help = "More with --help.")]
pub(crate) struct Report {
    /// The form of the output
    #[arg(long, value_enum, default_value_t = Form::Table)]
    format: Form,
    /// The evidence bucket (`s3://BUCKET`), or a folder with a copy of it, to say where its reviews stand
    #[arg(long, value_name = "PLACE", conflicts_with = "org")]
    records: Option<PathBuf>,
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
  mfa-enforcer report --profile audit
  mfa-enforcer report --profile audit --format html > mfa.html
  mfa-enforcer report --org --profile management
  mfa-enforcer report --format json | jq -r '.users[] | select(.posture == \"overdue\") | .name'",
        list_of_flags()
    )
}

impl Report {
    pub(crate) fn run(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        if self.everywhere.org {
            return self.run_everywhere(out);
        }
        let overview = wait_for(self.overview())?;
        match self.format {
            Form::Table => show(out, &text::table(&overview, Look::of_output()))?,
            Form::Json => out.write_all(&overview.json())?,
            Form::Csv => out.write_all(&csv(&overview.users))?,
            Form::Html => out.write_all(overview_page(&overview).as_bytes())?,
        }
        Ok(Found::of(!overview.unknown.is_empty() || overview.reviews.is_some_and(|reviews| reviews.is_open)))
    }

    async fn overview(&self) -> anyhow::Result<Overview> {
        // What is wrong with settings is said before anybody is asked.
        self.chosen.check()?;
        let reading = Reading::of(&self.access, &self.chosen).await?;
        let settings = reading.settings.clone();
        let records = match &self.records {
            Some(place) => Some(Records::of_account(place, Some(&reading.account), &self.access).await?.1),
            None => None,
        };
        let overview = overview_of(reading).await;
        Ok(match records {
            Some(records) => {
                let keys = records.keys().into_iter().map(str::to_owned).collect();
                overview.with_reviews(&Listing::of(keys), &settings)
            }
            None => overview,
        })
    }

    async fn overviews(&self) -> anyhow::Result<OrganizationOverview> {
        let read = self.everywhere.each(&self.access, &self.chosen, overview_of).await?;
        let Answers { organization, caller, accounts, .. } = read;
        Ok(OrganizationOverview::of(&organization, &caller, Timestamp::now(), accounts))
    }

    fn run_everywhere(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        if self.format == Form::Html {
            bail!("--org has no page: choose --format table, json or csv");
        }
        let overview = wait_for(self.overviews())?;
        match self.format {
            Form::Json => out.write_all(&overview.json())?,
            Form::Csv => {
                out.write_all(&csv(&overview.users()))?;
                // The rows do not tell what they lack.
                overview.not_read().iter().chain(&overview.unknown()).for_each(|gap| warn(gap));
            }
            Form::Table | Form::Html => show(out, &everywhere_text::table(&overview, Look::of_output()))?,
        }
        Ok(Found::of(overview.has_gaps()))
    }
}

/// The account that was read, with the devices of those who have MFA.
async fn overview_of(reading: Reading) -> Overview {
    let Reading { survey, settings, caller, alias, at, directory, .. } = reading;
    let (looked_up, unlisted) = list_devices(&survey, &directory, at).await;
    let unknown = survey.unknown.into_iter().chain(unlisted).collect();
    let asked = Asked { caller: &caller, alias: alias.as_deref(), at, settings: &settings };
    Overview::of(&survey.account, &survey.statuses, &looked_up, unknown, asked)
}
