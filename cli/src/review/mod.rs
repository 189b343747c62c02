//! `review`: prepares, checks and stores the sign-off of a review.

mod sign;

use crate::access::Access;
use crate::output::{Found, shown};
use crate::reading::wait_for;
use crate::records::{Records, key_of};
use crate::verify::account;
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use mfa_enforcer_core::evidence::{Listing, Objects, Row, SignOff, SignOffProblem, read_json_lines};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Prepare, check and store the sign-off of a review
#[derive(Debug, Subcommand)]
pub(crate) enum Review {
    Draft(Draft),
    Check(Check),
    Sign(sign::Sign),
}

/// Print a sign-off to fill in, with every exception of the last record.
///
/// Write `keep` or `remove` as each decision, with an end (`until`) for what is kept, and a reason.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  mfa-enforcer review draft s3://BUCKET --period 2026-Q4 --by 'Carol Example' > sign-off.json")]
pub(crate) struct Draft {
    /// The bucket (`s3://BUCKET`), or a folder with a copy of it
    #[arg(value_name = "PLACE")]
    place: PathBuf,
    /// The period: 2026-11, 2026-Q4, 2026-H2 or 2026
    #[arg(long)]
    period: String,
    /// Who reviews
    #[arg(long, value_name = "NAME")]
    by: String,
    /// Only this account, where the bucket has several
    #[arg(long, value_parser = account)]
    account: Option<String>,
    #[command(flatten)]
    access: Access,
}

/// Say what is wrong with a sign-off, given the record that was reviewed.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  mfa-enforcer review check sign-off.json s3://BUCKET")]
pub(crate) struct Check {
    /// The sign-off
    sign_off: PathBuf,
    /// The bucket (`s3://BUCKET`), or a copy of it, with the record that was reviewed
    #[arg(value_name = "PLACE")]
    place: PathBuf,
    #[command(flatten)]
    access: Access,
}

impl Review {
    pub(crate) fn run(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        match self {
            Self::Draft(draft) => draft.run(out),
            Self::Check(check) => check.run(out),
            Self::Sign(sign) => sign.run(out),
        }
    }
}

impl Draft {
    fn run(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        let draft = wait_for(self.draft())?;
        writeln!(out, "{}", serde_json::to_string_pretty(&draft)?)?;
        Ok(Found::Nothing)
    }

    async fn draft(&self) -> anyhow::Result<SignOff> {
        let (account, records) =
            Records::of_account(&self.place, self.account.as_deref(), &self.access).await?;
        let keys = records.keys().into_iter().map(str::to_owned).collect();
        let listing = Listing::of(keys);
        let key = listing.last_record().context("there is no record of this account")?;
        let (record, rows) = reviewed(&records, key).await?;
        let now = Timestamp::now();
        Ok(SignOff::draft(&account, &self.period, &self.by, now, (key, &record), &rows))
    }
}

impl Check {
    fn run(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        let (bytes, given) = read(&self.sign_off)?;
        let (record, rows) = wait_for(async {
            let (_, records) = Records::of_account(&self.place, Some(&given.account), &self.access).await?;
            reviewed(&records, &given.record.key).await
        })?;
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
                say(&problems, out)?;
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

/// A record that was reviewed, and the rows beside it.
async fn reviewed(records: &Records, key: &str) -> anyhow::Result<(Vec<u8>, Vec<Row>)> {
    let record = records.content(key).await?;
    let file = Listing::rows_of(key);
    let rows = read_json_lines(&records.content(&file).await?);
    let rows = rows.with_context(|| format!("{file} does not have one row of a user in each line"))?;
    Ok((record, rows))
}

/// A sign-off, to find its record. What is wrong with it is said by a check.
fn read(file: &Path) -> anyhow::Result<(Vec<u8>, SignOff)> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let given: Option<SignOff> = serde_json::from_slice(&bytes).ok();
    let Some(given) = given else {
        let problem =
            SignOff::check("", &bytes, &[], &[]).err().and_then(|problems| problems.into_iter().next());
        let problem = problem.map(|problem| problem.to_string()).unwrap_or_default();
        bail!("{}: {problem}", file.display());
    };
    Ok((bytes, given))
}

fn say(problems: &[SignOffProblem], out: &mut dyn Write) -> anyhow::Result<()> {
    for problem in problems {
        writeln!(out, "WRONG: {}", shown(&problem.to_string()))?;
    }
    Ok(())
}
