//! `verify`: whether the records of the evidence bucket are as they were written.

use crate::access::Access;
use crate::output::{Format, Found, note, shown};
use crate::reading::wait_for;
use crate::records::{Records, is_account};
use anyhow::Context;
use clap::Args;
use mfa_enforcer_core::counted::counted;
use mfa_enforcer_core::evidence::{Verification, verify};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

/// Say whether records of the evidence bucket are as they were written.
///
/// Every file, act and record is compared with the hash that a later one has of it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  mfa-enforcer verify s3://BUCKET --head 0f1e...   # the hash in the last digest
  mfa-enforcer verify evidence-copy --account 111122223333

Without --head, a chain that somebody wrote anew from its start to its end looks whole.")]
pub(crate) struct Verify {
    /// The bucket (`s3://BUCKET`), or a folder with a copy of it
    #[arg(value_name = "PLACE")]
    place: PathBuf,
    /// SHA-256 of the last record, as the digest and the log have it
    #[arg(long, value_name = "SHA256", value_parser = hash)]
    head: Option<String>,
    /// Only this account, where the bucket has several
    #[arg(long, value_parser = account)]
    account: Option<String>,
    /// The form of the output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    access: Access,
}

impl Verify {
    pub(crate) fn run(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        let accounts = wait_for(self.accounts())?;
        let mut is_whole = true;
        let mut found = Vec::new();
        for (account, records) in accounts {
            let verification = verify(&records, self.head.as_deref());
            records.are_read()?;
            is_whole &= verification.is_whole() && verification.records > 0;
            found.push((account, verification));
        }
        match self.format {
            Format::Json => {
                let accounts: Vec<Value> =
                    found.iter().map(|(account, found)| form(account, found)).collect();
                writeln!(out, "{:#}", json!({"whole": is_whole, "accounts": accounts}))?;
            }
            Format::Text => {
                for (account, found) in &found {
                    writeln!(out, "{}", shown(&text(account, found, self.head.is_some())))?;
                }
            }
        }
        Ok(Found::of(!is_whole))
    }

    async fn accounts(&self) -> anyhow::Result<BTreeMap<String, Records>> {
        let (account, is_one) = (self.account.as_deref(), self.head.is_some());
        let mut accounts = Records::of_chosen(&self.place, account, is_one, &self.access).await?;
        for (account, records) in &mut accounts {
            note(&format!("Reading the records of account {account}..."));
            records.fetch().await?;
        }
        Ok(accounts)
    }
}

/// What was found, for people.
fn text(account: &str, found: &Verification, compared: bool) -> String {
    let Some((first, last)) = found.span else { return format!("Account {account}: there is no record") };
    let (first, last) = (first.strftime("%Y-%m-%d %H:%M"), last.strftime("%Y-%m-%d %H:%M"));
    let mut lines = vec![format!(
        "Account {account}: {} from {first} to {last} UTC, {}",
        counted(found.records, "record"),
        counted(found.acts, "act"),
    )];
    if let Some(head) = &found.head {
        lines.push(format!("  last record  {}", head.key));
        lines.push(format!("  SHA-256      {}", head.sha256));
    }
    lines.extend(found.begins_after.iter().map(|before| {
        format!("  Not here is what the first record follows: {}. It may have expired.", before.key)
    }));
    lines.extend(found.starts.iter().map(|(key, why)| format!("  {key} starts the chain ({why})")));
    if found.acts_to_come > 0 {
        let newer = counted(found.acts_to_come, "act");
        lines.push(format!("  not in a record yet: {newer}, newer than the last one"));
    }
    if found.acts_expired > 0 {
        let expired = counted(found.acts_expired, "act");
        lines.push(format!(
            "  not here: {expired} of the first record, older than it. This may have expired."
        ));
    }
    let unfinished = found.unfinished.iter();
    lines.extend(
        unfinished.map(|folder| format!("  {folder} has files and no record: a sweep that was not finished")),
    );
    lines.extend(found.faults.iter().map(|fault| format!("  WRONG: {fault}")));
    lines.push(match (found.faults.len(), compared) {
        (0, true) => "  Nothing is changed, missing or out of place.".to_owned(),
        (0, false) => {
            "  Nothing is changed, missing or out of place, if the SHA-256 is the one in the last digest \
                       (--head compares them)."
                .to_owned()
        }
        (1, _) => "  1 thing is not as it was written.".to_owned(),
        (count, _) => format!("  {count} things are not as they were written."),
    });
    lines.join("\n")
}

/// What was found, for programs.
fn form(account: &str, found: &Verification) -> Value {
    let faults = found.faults.iter().map(|fault| json!({"fault": fault.code(), "says": fault.to_string()}));
    let starts = found.starts.iter().map(|(key, why)| json!({"key": key, "why": why}));
    json!({
        "account": account,
        "records": found.records,
        "first": found.span.map(|(first, _)| first.to_string()),
        "last": found.span.map(|(_, last)| last.to_string()),
        "acts": found.acts,
        "actsToCome": found.acts_to_come,
        "actsExpired": found.acts_expired,
        "unfinished": found.unfinished,
        "head": found.head,
        "beginsAfter": found.begins_after,
        "starts": starts.collect::<Vec<_>>(),
        "faults": faults.collect::<Vec<_>>(),
    })
}

/// A SHA-256 as the digest writes it.
pub(crate) fn hash(text: &str) -> Result<String, String> {
    let text = text.trim().to_ascii_lowercase();
    let is_hash = text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit());
    is_hash.then_some(text).ok_or_else(|| "expected 64 hexadecimal digits".to_owned())
}

pub(crate) fn account(text: &str) -> anyhow::Result<String> {
    is_account(text).then(|| text.to_owned()).context("expected the 12 digits of an account")
}
