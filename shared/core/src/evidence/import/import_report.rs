//! What an import would write or has written, for people and programs.

use super::copied::LeftOut;
use super::import_plan::ImportPlan;
use super::refusal::Refusal;
use crate::evidence::place::{Place, written};
use crate::evidence::{Link, Product};
use crate::exemption::day;
use crate::organization::Tree;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeSet;
use strum::IntoStaticStr;

/// Version of the form. The major part changes when a field is removed or its meaning changes.
const SCHEMA_VERSION: &str = "1.0";

/// What becomes of the evidence of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum ImportState {
    /// It would be imported.
    Waiting,
    /// All of it is in the bucket, and was before.
    There,
    /// It was imported.
    Imported,
    /// Not all of it could be written, or none.
    Failed,
    /// Nothing of it is imported.
    Refused,
}

impl ImportState {
    /// Stable name for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }
}

/// Why something is not in the bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportProblem {
    /// Stable name for programs.
    pub problem: &'static str,
    /// In words.
    pub says: String,
    /// What to do.
    pub advice: String,
}

/// The evidence of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountImport {
    /// Its number.
    pub account: String,
    /// What becomes of it.
    pub state: ImportState,
    /// When the first record of the copy was made.
    pub first: Option<Timestamp>,
    /// When the last one was made.
    pub last: Option<Timestamp>,
    /// The last record of the copy.
    pub head: Option<Link>,
    /// How many records are to be written, each with its files.
    pub records: usize,
    /// How many acts are to be written.
    pub acts: usize,
    /// How many sign-offs are to be written.
    pub reviews: usize,
    /// On how many days these records were made.
    pub days: usize,
    /// How many objects are to be written.
    pub objects: usize,
    /// Their size.
    pub bytes: usize,
    /// How many objects the bucket has already.
    pub there: usize,
    /// How many were written.
    pub written: usize,
    /// What of the copy is not imported, and is no fault.
    pub left_out: LeftOut,
    /// Why not all of it is in the bucket.
    pub problems: Vec<ImportProblem>,
}

/// What becomes of a folder. `docs/import.schema.json` describes it as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportReport {
    schema_version: &'static str,
    product: Product,
    /// When the folder was read.
    pub at: Timestamp,
    /// ARN of whoever asked.
    pub caller: String,
    /// Name of the bucket.
    pub bucket: String,
    /// Id of the organization of the hub.
    pub organization: String,
    /// When the hub listed its accounts.
    pub listed: Timestamp,
    /// Each account of the folder, by its number.
    pub accounts: Vec<AccountImport>,
}

impl ImportReport {
    /// A report without any account yet.
    #[must_use]
    pub fn of(at: Timestamp, caller: &str, bucket: &str, tree: &Tree) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            product: Product::own(),
            at,
            caller: caller.to_owned(),
            bucket: bucket.to_owned(),
            organization: tree.organization.clone(),
            listed: tree.at,
            accounts: Vec::new(),
        }
    }

    /// How many accounts are in this state.
    #[must_use]
    pub fn count(&self, state: ImportState) -> usize {
        self.accounts.iter().filter(|account| account.state == state).count()
    }

    /// Whether something is not in the bucket that should be.
    #[must_use]
    pub fn has_problems(&self) -> bool {
        self.accounts.iter().any(|account| !account.problems.is_empty())
    }

    /// As JSON, with a line break at the end.
    #[must_use]
    pub fn json(&self) -> Vec<u8> {
        crate::evidence::json(self)
    }
}

impl AccountImport {
    /// An account of which nothing is imported.
    #[must_use]
    pub fn refused(account: &str, refusals: &[Refusal]) -> Self {
        let problem = |refusal: &Refusal| ImportProblem {
            problem: refusal.code(),
            says: refusal.to_string(),
            advice: refusal.advice().to_owned(),
        };
        Self {
            account: account.to_owned(),
            state: ImportState::Refused,
            first: None,
            last: None,
            head: None,
            records: 0,
            acts: 0,
            reviews: 0,
            days: 0,
            objects: 0,
            bytes: 0,
            there: 0,
            written: 0,
            left_out: LeftOut::default(),
            problems: refusals.iter().map(problem).collect(),
        }
    }

    /// What is to be written of an account.
    #[must_use]
    pub fn planned(plan: &ImportPlan) -> Self {
        let copied = &plan.copied;
        let span = copied.verification.span;
        let records = || plan.runs().map(|run| &run.record);
        let days: BTreeSet<_> = records().filter_map(|record| written(&record.key)).map(day).collect();
        let is_act = |key: &str| matches!(Place::of(key), Some(Place::Act { .. }));
        let objects = plan.missing().count();
        Self {
            account: copied.account.clone(),
            state: if objects == 0 { ImportState::There } else { ImportState::Waiting },
            first: span.map(|(first, _)| first),
            last: span.map(|(_, last)| last),
            head: copied.verification.head.clone(),
            records: records().filter(|record| !record.is_there).count(),
            acts: plan.missing().filter(|object| is_act(&object.key)).count(),
            reviews: plan.reviews().count(),
            days: days.len(),
            objects,
            bytes: plan.missing().map(|object| object.bytes).sum(),
            there: copied.objects().filter(|object| object.is_there).count(),
            written: 0,
            left_out: copied.left_out,
            problems: Vec::new(),
        }
    }

    /// The same once so many objects were written, and perhaps this failed.
    #[must_use]
    pub fn after(self, written: usize, failed: Option<String>) -> Self {
        let state = if failed.is_some() { ImportState::Failed } else { ImportState::Imported };
        let problems = failed.map(|says| ImportProblem {
            problem: "not-written",
            says,
            advice: "run the same command again: it goes on where this one ended".to_owned(),
        });
        Self { state, written, problems: problems.into_iter().collect(), ..self }
    }
}
