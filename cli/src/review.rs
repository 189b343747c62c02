//! `review`: prepares and checks the sign-off of a review.

use crate::output::{Found, shown};
use crate::records::{Records, key_of};
use crate::verify::account;
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use mfa_enforcer_core::evidence::{Listing, Objects, Row, SignOff, read_json_lines};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Prepare and check the sign-off of a review
#[derive(Debug, Subcommand)]
pub(crate) enum Review {
    Draft(Draft),
    Check(Check),
}

/// Print a sign-off to fill in, with every exception of the last record.
///
/// Write `keep` or `remove` as each decision, with an end (`until`) for what is kept, and a reason.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  mfa-enforcer review draft evidence-copy --period 2026-Q4 --by 'Carol Example' > sign-off.json")]
pub(crate) struct Draft {
    /// A copy of the bucket, with its folders
    dir: PathBuf,
    /// The period: 2026-11, 2026-Q4, 2026-H2 or 2026
    #[arg(long)]
    period: String,
    /// Who reviews
    #[arg(long, value_name = "NAME")]
    by: String,
    /// Only this account, where the bucket has several
    #[arg(long, value_parser = account)]
    account: Option<String>,
}

/// Say what is wrong with a sign-off, given the record that was reviewed.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  mfa-enforcer review check sign-off.json evidence-copy
  aws s3 cp sign-off.json s3://BUCKET/evidence/ACCOUNT/reviews/2026-Q4/20261218T100000Z.json")]
pub(crate) struct Check {
    /// The sign-off
    sign_off: PathBuf,
    /// A copy of the bucket, with the record that was reviewed
    dir: PathBuf,
}

impl Review {
    pub(crate) fn run(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        match self {
            Self::Draft(draft) => draft.run(out),
            Self::Check(check) => check.run(out),
        }
    }
}

impl Draft {
    fn run(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        let (account, records) = Records::of_account(&self.dir, self.account.as_deref())?;
        let keys = records.keys().into_iter().map(str::to_owned).collect();
        let listing = Listing::of(keys);
        let key = listing.last_record().context("there is no record of this account")?;
        let record = records.content(key)?;
        let rows = rows(&records, key)?;
        let now = Timestamp::now();
        let draft = SignOff::draft(&account, &self.period, &self.by, now, (key, &record), &rows);
        writeln!(out, "{}", serde_json::to_string_pretty(&draft)?)?;
        Ok(Found::Nothing)
    }
}

impl Check {
    fn run(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        let unreadable = || format!("cannot read {}", self.sign_off.display());
        let bytes = fs::read(&self.sign_off).with_context(unreadable)?;
        // Only to find the record. What is wrong with the form is said below.
        let given: Option<SignOff> = serde_json::from_slice(&bytes).ok();
        let Some(given) = given else {
            let problem =
                SignOff::check("", &bytes, &[], &[]).err().and_then(|problems| problems.into_iter().next());
            let problem = problem.map(|problem| problem.to_string()).unwrap_or_default();
            bail!("{}: {problem}", self.sign_off.display());
        };
        let (_, records) = Records::of_account(&self.dir, Some(&given.account))?;
        let record = records.content(&given.record.key)?;
        let rows = rows(&records, &given.record.key)?;
        let key = place(&self.sign_off, &given);
        match SignOff::check(&key, &bytes, &record, &rows) {
            Ok(sign_off) => {
                let (count, reviewer) = (sign_off.decisions.len(), shown(&sign_off.reviewer));
                writeln!(
                    out,
                    "{} is signed by {reviewer}, with {count} decisions.",
                    shown(&sign_off.period)
                )?;
                writeln!(out, "Its place in the bucket: {}", shown(&key))?;
                Ok(Found::Nothing)
            }
            Err(problems) => {
                for problem in problems {
                    writeln!(out, "WRONG: {}", shown(&problem.to_string()))?;
                }
                Ok(Found::Something)
            }
        }
    }
}

/// Where the sign-off lies in the bucket, or where it belongs.
fn place(file: &Path, given: &SignOff) -> String {
    let found = fs::canonicalize(file).ok().and_then(|file| key_of(&file));
    found.map_or_else(|| SignOff::key(&given.account, &given.period, given.signed), |(_, key)| key)
}

/// The rows beside a record.
fn rows(records: &Records, key: &str) -> anyhow::Result<Vec<Row>> {
    let file = Listing::rows_of(key);
    let bytes = records.content(&file)?;
    read_json_lines(&bytes).with_context(|| format!("{file} does not have one row of a user in each line"))
}
