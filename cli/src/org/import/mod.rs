//! `org import`: puts the evidence of accounts elsewhere into the bucket of a hub, from a folder.

mod import_text;
mod put_in;

use crate::access::{Access, Connection};
use crate::consent::Audited;
use crate::output::{Format, Found, Look, audit, note};
use crate::policy::Policy;
use crate::reading::wait_for;
use crate::records::Records;
use crate::store::{Address, Store};
use crate::verify::{account, hash};
use anyhow::{Context, anyhow, bail};
use clap::Args;
use jiff::Timestamp;
use mfa_enforcer_aws::AwsError;
use mfa_enforcer_core::evidence::{
    AccountImport, Copied, ImportPlan, ImportReport, ImportState, Refusal, covered,
};
use mfa_enforcer_core::organization::{TREE_KEY, Tree};
use put_in::put_in;
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;

/// What it does not say in short.
const MORE: &str = "\
Before anything is written, it verifies the chain of each account as `verify` does, and looks at what the bucket has of it. \
Nothing of an account is imported if something in the folder is changed, missing or out of place, if the bucket has another \
object in the place of one, or if the folder does not go on where the bucket ends. Accounts of the hub's own organization \
are refused: the hub writes their records itself.

Imported are records with their files, and the acts that they have the hashes of. An act since the last record comes with \
the next one. Sign-offs of reviews come with --reviews, which takes policies/review.json as well: whoever may write there \
may sign.

What the bucket has already is left as it is, so a later copy adds what is new. The oldest record is written first, and each \
after its files: after Ctrl-C, the same command goes on. Nothing is overwritten. policies/org-import.json is all that has to \
be allowed, in the account of the hub, but for the key of a bucket that has one of its own. docs/EVIDENCE.md says more.

Examples:
  aws s3 sync s3://ITS-BUCKET/evidence copy/evidence --profile china
  mfa-enforcer org import copy --bucket HUB-BUCKET --head 0f1e...   # the hash in its last digest
  mfa-enforcer org import copy --bucket HUB-BUCKET --dry-run

Exit status: 0 if all of it is in the bucket, or would be, 1 if an account was refused or not all could be written, 2 if \
nothing was written.";

/// Put the evidence of accounts elsewhere into the bucket of a hub, from a folder.
///
/// The folder is a copy of the bucket of a stack that is outside the organization, such as in another partition. `verify`,
/// `review` and `user --records` then work on it as on any other account. It shows what it would write, and asks.
#[derive(Debug, Args)]
#[command(after_long_help = MORE, after_help = "More with --help.")]
pub(crate) struct Import {
    /// The folder with the copy
    folder: PathBuf,
    /// Name of the hub's bucket
    #[arg(long, value_name = "BUCKET", value_parser = bucket)]
    bucket: String,
    /// Only this account, where the folder has several
    #[arg(long, value_name = "ID", value_parser = account)]
    account: Option<String>,
    /// SHA-256 of the last record, as the digest and the log of the account have it
    #[arg(long, value_name = "SHA256", value_parser = hash)]
    head: Option<String>,
    /// Import signed reviews as well
    #[arg(long)]
    reviews: bool,
    #[command(flatten)]
    audited: Audited,
    /// The form of the output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    access: Access,
}

/// The name of a bucket, which may be written as an address.
fn bucket(text: &str) -> Result<String, String> {
    let name = text.strip_prefix("s3://").unwrap_or(text);
    let name = name.strip_suffix('/').unwrap_or(name);
    let is_name = !name.is_empty() && !name.contains('/');
    is_name
        .then(|| name.to_owned())
        .ok_or_else(|| "expected the name of a bucket, without a prefix".to_owned())
}

/// An account of the folder of which something is to be written.
struct Waiting {
    /// Its place in the report.
    index: usize,
    plan: ImportPlan,
    copy: Records,
}

impl Import {
    pub(super) fn run(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        let consent = &self.audited.consent;
        if consent.asks() && self.format == Format::Json {
            bail!("--format json does not ask, so nothing was done: add --yes, or --dry-run");
        }
        if Address::of(&self.folder)?.is_some() {
            let place = self.folder.display();
            bail!("{place} is a bucket: copy it into a folder first (aws s3 sync {place} DIR)");
        }
        consent.check()?;
        wait_for(self.import(out))
    }

    async fn import(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        let (account, is_one) = (self.account.as_deref(), self.head.is_some());
        let copies = Records::of_chosen(&self.folder, account, is_one, &self.access).await?;
        let connection = self.access.connect().await?;
        let store = Store::own(&connection, &self.bucket).await?;
        let tree = tree(&store, &self.bucket).await?;
        let mut report = ImportReport::of(Timestamp::now(), &connection.caller, &self.bucket, &tree);
        let mut waiting = Vec::new();
        for (account, copy) in copies {
            match self.planned(&account, &copy, &store, &tree).await? {
                Ok(plan) => {
                    let import = AccountImport::planned(&plan);
                    if import.state == ImportState::Waiting {
                        waiting.push(Waiting { index: report.accounts.len(), plan, copy });
                    }
                    report.accounts.push(import);
                }
                Err(refusals) => report.accounts.push(AccountImport::refused(&account, &refusals)),
            }
        }
        let look = Look::of_output();
        if self.format == Format::Text {
            out.write_all(import_text::before(&report, look).as_bytes())?;
            out.flush()?;
        }
        let consent = &self.audited.consent;
        if !consent.dry_run && !waiting.is_empty() {
            let (count, bucket) = (waiting.len(), &self.bucket);
            let accounts = if count == 1 { "this account" } else { "these accounts" };
            if !consent.is_given(&format!("Import {accounts} into {bucket}?"))? {
                bail!("nothing was written");
            }
            self.write(waiting, &store, &connection, &mut report).await?;
        }
        match self.format {
            Format::Text => out.write_all(import_text::after(&report, look).as_bytes())?,
            Format::Json => out.write_all(&report.json())?,
        }
        Ok(Found::of(report.has_problems()))
    }

    /// What is to be written of an account, or why nothing is.
    async fn planned(
        &self,
        account: &str,
        copy: &Records,
        store: &Store,
        tree: &Tree,
    ) -> anyhow::Result<Result<ImportPlan, Vec<Refusal>>> {
        if let Some(refusal) = covered(account, tree) {
            return Ok(Err(vec![refusal]));
        }
        note(&format!("Verifying the copy of account {account}..."));
        let copied = Copied::of(account, copy, self.head.as_deref(), self.reviews);
        // What could not be read is no finding.
        copy.are_read()?;
        let copied = match copied {
            Ok(copied) => copied,
            Err(refusals) => return Ok(Err(refusals)),
        };
        note(&format!("Reading what the bucket has of account {account}..."));
        let mut there = Records::in_bucket(store, account).await.map_err(advised)?;
        there.fetch().await?;
        let planned = ImportPlan::of(copied, copy, &there);
        there.are_read()?;
        copy.are_read()?;
        Ok(planned)
    }

    /// Writes one account after the other, and stops at the first failure: the others would fare the same.
    async fn write(
        &self,
        waiting: Vec<Waiting>,
        store: &Store,
        Connection { account, caller, .. }: &Connection,
        report: &mut ImportReport,
    ) -> anyhow::Result<()> {
        let mut before = 0;
        let mut failed = None;
        for Waiting { index, plan, copy } in waiting {
            let Some(import) = report.accounts.get_mut(index) else { continue };
            if failed.is_some() {
                *import = import.clone().after(0, Some("not tried".to_owned()));
                continue;
            }
            let (written, error) = put_in(&plan, &copy, store).await;
            let error = error.map(advised);
            if let Some(error) = error {
                // Nothing is told of what was not begun.
                if before + written == 0 {
                    return Err(error.context("nothing was written"));
                }
                failed = Some(format!("{error:#}"));
            }
            before += written;
            *import = import.clone().after(written, failed.clone());
            audit(&json!({
                "at": Timestamp::now(),
                "account": account,
                "caller": caller,
                "by": self.audited.by,
                "command": "org import",
                "bucket": self.bucket,
                "of": import.account,
                "head": import.head,
                "written": written,
                "state": import.state.code(),
            }));
        }
        Ok(())
    }
}

/// The accounts in which the hub acts, as it listed them last.
async fn tree(store: &Store, bucket: &str) -> anyhow::Result<Tree> {
    let listed = store.list(TREE_KEY).await.map_err(advised)?;
    if !listed.iter().any(|(key, _)| key == TREE_KEY) {
        bail!(
            "the bucket `{bucket}` has no {TREE_KEY}, so it is none of a hub, or its hub has not swept yet: name the \
             output EvidenceBucketName of the hub's stack"
        );
    }
    let mut bytes = Vec::new();
    store.fetch(TREE_KEY, &mut bytes).await.with_context(|| format!("cannot read {TREE_KEY}"))?;
    Tree::read(&bytes).map_err(|problem| anyhow!("{TREE_KEY} in the bucket `{bucket}`: {problem}"))
}

/// The error; if a permission is missing, with what has to be allowed.
fn advised(error: anyhow::Error) -> anyhow::Error {
    let of_aws = error.chain().find_map(|cause| cause.downcast_ref::<AwsError>());
    match of_aws.map(|of_aws| Policy::OrgImport.advice(of_aws)) {
        Some(advice) if !format!("{error:#}").ends_with(&advice) => anyhow!("{error}: {advice}"),
        Some(_) | None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::bucket;
    use rstest::rstest;

    #[rstest]
    #[case("hub-evidence", Some("hub-evidence"))]
    #[case("s3://hub-evidence/", Some("hub-evidence"))]
    #[case("s3://hub-evidence/evidence", None)]
    #[case("s3://", None)]
    #[case("", None)]
    fn bucket_is_named_without_a_prefix(#[case] text: &str, #[case] expected: Option<&str>) {
        assert_eq!(bucket(text).ok().as_deref(), expected);
    }
}
