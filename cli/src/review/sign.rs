//! `review sign`: stores a sign-off beside the records that it is about.

use super::{read, reviewed, say};
use crate::access::Access;
use crate::consent::Consent;
use crate::output::{Found, shown};
use crate::reading::wait_for;
use crate::records::Records;
use crate::store::{Address, Store};
use anyhow::{Context, bail};
use clap::Args;
use jiff::Timestamp;
use mfa_enforcer_core::evidence::{Decided, Object, SignOff};
use std::io::Write;
use std::path::PathBuf;

/// Store a sign-off in the bucket, beside the record that was reviewed.
///
/// It is checked first, and dated now. Nothing is overwritten: to correct a sign-off, sign another one. The next digest
/// no longer says that the period has none. policies/review.json is all that it needs to be allowed,
/// but for the key of a bucket that has one of its own.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  mfa-enforcer review draft s3://BUCKET --period 2026-Q4 --by 'Carol Example' > sign-off.json
  $EDITOR sign-off.json
  mfa-enforcer review sign sign-off.json s3://BUCKET")]
pub(crate) struct Sign {
    /// The sign-off, filled in
    #[arg(value_name = "SIGN_OFF")]
    file: PathBuf,
    /// The bucket (`s3://BUCKET`)
    bucket: PathBuf,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    access: Access,
}

impl Sign {
    pub(super) fn run(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        let (_, mut given) = read(&self.file)?;
        let Some(address) = Address::of(&self.bucket)? else {
            bail!("{} is no bucket: expected s3://BUCKET", self.bucket.display());
        };
        if !address.prefix.is_empty() {
            bail!("a sign-off lies at the top of the bucket: expected s3://{}", address.bucket);
        }
        self.consent.check()?;
        given.signed = Timestamp::now();
        wait_for(self.sign(&given, &address, out))
    }

    async fn sign(&self, given: &SignOff, address: &Address, out: &mut dyn Write) -> anyhow::Result<Found> {
        let key = SignOff::key(&given.account, &given.period, given.signed);
        let bytes = serde_json::to_vec_pretty(given)?;
        let (_, records) = Records::of_account(&self.bucket, Some(&given.account), &self.access).await?;
        let (record, rows) = reviewed(&records, &given.record.key).await?;
        let checked = match SignOff::check(&key, &bytes, &record, &rows) {
            Ok(checked) => checked,
            Err(problems) => {
                say(&problems, out)?;
                writeln!(out, "Nothing was stored.")?;
                return Ok(Found::Something);
            }
        };
        out.write_all(shown(&preview(&checked, &key)).as_bytes())?;
        if self.consent.dry_run {
            writeln!(out, "Nothing was stored.")?;
            return Ok(Found::Nothing);
        }
        out.flush()?;
        if !self.consent.is_given("Sign this?")? {
            bail!("nothing was stored");
        }
        let stored = Store::open(&self.access, address).await?.put(Object::of(&key, bytes)).await;
        stored.context("nothing was stored")?;
        writeln!(out, "Signed.")?;
        Ok(Found::Nothing)
    }
}

/// What is signed, for whoever is asked.
fn preview(sign_off: &SignOff, key: &str) -> String {
    let decisions = sign_off.decisions.iter().map(|Decided { user, decision, until, reason, .. }| {
        let until = until.map(|day| format!(" until {day}")).unwrap_or_default();
        format!("Decided   {decision} {user}{until}: {reason}")
    });
    let head = [
        format!("Reviewer  {}", sign_off.reviewer),
        format!("Period    {} of account {}", sign_off.period, sign_off.account),
        format!("Record    {}", sign_off.record.key),
        format!("Place     {key}"),
    ];
    head.into_iter().chain(decisions).map(|line| line + "\n").collect()
}
