//! `org`: the settings of an organization, and evidence that comes to its hub from elsewhere.

mod import;
mod text;

use crate::access::Access;
use crate::chosen::{Chosen, list_of_flags};
use crate::organization::{DocumentFile, checked, organization_of};
use crate::output::{Found, Look, TableOrJson, error, show, shown};
use crate::reading::wait_for;
use anyhow::bail;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use mfa_enforcer_core::organization::{Document, DocumentCheck, account_number};
use mfa_enforcer_core::settings::Settings;
use std::io::Write;
use std::path::PathBuf;

/// Check the settings of an organization before they hold, and import evidence into its hub
#[derive(Debug, Subcommand)]
pub(crate) enum Org {
    Check(Box<Check>),
    Import(Box<import::Import>),
}

/// Say what a document with the settings of an organization means in each account.
///
/// It says all that is wrong with the document: keys and values by line, units and accounts that the organization does not
/// have, tags that cannot be used. Then it shows what holds in each account, and which line says so. docs/ORGANIZATION.md
/// explains the document. It reads the organization with credentials of its management account or of a delegated
/// administrator, and changes nothing; policies/organization.json is all that it needs to be allowed.
#[derive(Debug, Args)]
#[command(after_long_help = examples(), after_help = "More with --help.")]
pub(crate) struct Check {
    /// The document, such as organization.yaml
    file: PathBuf,
    /// Check the document alone and the settings alone, and ask nobody
    #[arg(long, conflicts_with_all = ["account", "format", "profile", "region", "endpoint_url"])]
    offline: bool,
    /// Show every setting of one account
    #[arg(long, value_name = "ID", value_parser = account_number)]
    account: Option<String>,
    /// The form of the output
    #[arg(long, value_enum, default_value_t = TableOrJson::Table)]
    format: TableOrJson,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    chosen: Chosen,
}

fn examples() -> String {
    format!(
        "Settings in flags and files are those of the hub here. They rank lowest: they hold where the document says nothing.\n\
         With --format json, what is wrong with the document by itself goes to the standard error, since no account can \
         be shown then.\n\n{}\n\nExamples:
  mfa-enforcer org check organization.yaml --offline
  mfa-enforcer org check organization.yaml --profile management --settings samconfig.toml
  mfa-enforcer org check organization.yaml --account 111122223333

Exit status: 0 if nothing is wrong, 1 if something is, 2 if it could not run.",
        list_of_flags()
    )
}

impl Org {
    pub(crate) fn run(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        match self {
            Self::Check(check) => check.run(out),
            Self::Import(import) => import.run(out),
        }
    }
}

impl Check {
    fn run(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        let file = DocumentFile::read(&self.file)?;
        let document = file.document();
        for fault in document.as_ref().err().into_iter().flatten() {
            match self.format {
                TableOrJson::Table => writeln!(out, "{}", shown(fault))?,
                TableOrJson::Json => error(fault),
            }
        }
        // What is wrong with settings is said whatever the document says, and before anybody is asked.
        let hub = self.chosen.check()?;
        let Ok(document) = document else { return Ok(Found::Something) };
        if self.offline {
            show(out, &text::alone(document.ended(Timestamp::now()), Look::of_output()))?;
            return Ok(Found::Nothing);
        }
        let mut check = wait_for(self.beside_organization(&document, &hub))?;
        if let Some(account) = &self.account {
            check.accounts.retain(|found| found.id == *account);
            if check.accounts.is_empty() {
                bail!("the organization {} has no account {account}", check.organization);
            }
        }
        match self.format {
            TableOrJson::Json => out.write_all(&check.json())?,
            TableOrJson::Table => {
                let faults = check.faults.iter().map(|fault| file.told(fault)).collect();
                show(out, &text::table(&check, faults, self.account.is_some(), Look::of_output()))?;
            }
        }
        Ok(Found::of(check.has_faults()))
    }

    async fn beside_organization(
        &self,
        document: &Document,
        hub: &Settings,
    ) -> anyhow::Result<DocumentCheck> {
        let connection = self.access.connect().await?;
        let organization = organization_of(&connection).await?;
        Ok(checked(document, &organization, &connection, hub).await?.0)
    }
}
