//! A record: the summary of a sweep, the hashes of its files and acts, and the link to the record before.

use super::before::{Before, Link};
use super::controls::{Control, controls};
use super::counts::{Counts, Share};
use super::devices::LookedUp;
use super::files::{csv, json_lines};
use super::page::page;
use super::place::{RECORD, Run, sha256};
use super::row::{Row, Seen};
use super::scope::{Source, Sources, Topic, sources, topics};
use super::{Object, SCHEMA_VERSION};
use crate::VERSION;
use crate::digest::{SweepResult, UserStatus};
use crate::event::SweepRequest;
use crate::settings::{Settings, grouped};
use crate::snapshot::{RootStatus, UserSnapshot};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Name of the file with a row a user, for programs.
pub(super) const ROWS: &str = "users.jsonl";
/// Name of the file with a row a user, for spreadsheets.
const TABLE: &str = "users.csv";
/// Name of the page for people.
const PAGE: &str = "report.html";
/// Names of the files beside a record.
pub(super) const FILES: [&str; 3] = [ROWS, TABLE, PAGE];
/// A record keeps so many points of the past: a year of daily sweeps, and some.
const POINTS: usize = 400;

/// The summary of a sweep. `docs/evidence.schema.json` describes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// Version of the form.
    pub schema_version: String,
    /// Key of this object.
    pub key: String,
    /// The account.
    pub account: Account,
    /// The sweep.
    pub sweep: SweepNote,
    /// From the record before to this one.
    pub period: Period,
    /// What made the record.
    pub product: Product,
    /// What it rests on.
    pub sources: Vec<Source>,
    /// Settings in force, by name. Those that are not set have their default.
    pub settings: BTreeMap<String, String>,
    /// The figures, counted from the rows.
    pub figures: Counts,
    /// How many have MFA, each share with its definition.
    pub coverage: Vec<Share>,
    /// The control map.
    pub controls: Vec<Control>,
    /// What is covered and what is not.
    pub scope: Vec<Topic>,
    /// The files beside this one.
    pub files: Vec<File>,
    /// The acts since the record before.
    pub acts: Vec<Link>,
    /// The record before.
    pub chain: Chain,
    /// The figures of earlier records, oldest first, and of this one.
    pub trend: Vec<Point>,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its number.
    pub id: String,
    /// What people call it: what the settings say, or else its alias. `None` if there is neither.
    pub name: Option<String>,
}

/// A sweep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepNote {
    /// Its id.
    pub id: String,
    /// When it was due.
    pub due: Timestamp,
    /// When the record was made.
    pub at: Timestamp,
}

/// A period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// When the record before was made; `None` without one.
    pub from: Option<Timestamp>,
    /// When this one was made.
    pub to: Timestamp,
}

/// What made a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// A file beside a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Its name in the folder.
    pub name: String,
    /// Its SHA-256 in hexadecimal digits.
    pub sha256: String,
    /// Its size.
    pub bytes: usize,
}

/// The link to the record before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// The record before; `None` if the chain starts here.
    pub before: Option<Link>,
    /// Why the chain starts here: `first`, or `emptied` if there was a record before and it is gone.
    pub start: Option<String>,
    /// The record that the enforcer wrote last, where that is not the one before.
    pub remembered: Option<String>,
}

/// Figures at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Point {
    /// When.
    pub at: Timestamp,
    /// Console users.
    pub console: usize,
    /// Console users with MFA.
    pub with_mfa: usize,
    /// Console users without an exemption.
    pub not_exempt: usize,
    /// Console users without an exemption who have MFA.
    pub not_exempt_with_mfa: usize,
    /// Users in quarantine.
    pub contained: usize,
}

/// What a daily sweep found and did, for its record.
#[derive(Debug, Clone, Copy)]
pub struct Findings<'a> {
    /// The sweep.
    pub request: &'a SweepRequest,
    /// The settings of the sweep.
    pub settings: &'a Settings,
    /// The account's alias, where the settings do not name the account; `None` if there is none.
    pub alias: Option<&'a str>,
    /// All users as the bulk answers show them.
    pub users: &'a [UserSnapshot],
    /// The status of each of them after the sweep, in the same order.
    pub statuses: &'a [UserStatus],
    /// Root.
    pub root: &'a RootStatus,
    /// What was looked up about users.
    pub looked_up: &'a LookedUp,
    /// When the sources were read.
    pub sources: Sources,
    /// What the sweep did.
    pub result: &'a SweepResult,
}

/// A record that is ready to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The objects, in the order in which they have to be written: the record last. Without it, files are no record.
    pub objects: Vec<Object>,
    /// The record, as the next one and the digest name it.
    pub head: Link,
    /// The record itself.
    pub record: Record,
}

/// Makes the record of a daily sweep.
#[must_use]
pub fn record(run: &Run, findings: Findings<'_>, before: &Before) -> Written {
    let settings = findings.settings;
    let rows = rows(run, findings, before);
    let counts = Counts::of(&rows);
    let folder = run.folder();
    let mut objects = vec![
        Object::of(&format!("{folder}{ROWS}"), json_lines(&rows)),
        Object::of(&format!("{folder}{TABLE}"), csv(&rows)),
    ];
    let key = format!("{folder}{RECORD}");
    let point = Point {
        at: run.at(),
        console: counts.console,
        with_mfa: counts.with_mfa,
        not_exempt: counts.not_exempt,
        not_exempt_with_mfa: counts.not_exempt_with_mfa,
        contained: counts.contained,
    };
    let mut trend: Vec<Point> = before.trend().iter().copied().chain([point]).collect();
    trend.drain(..trend.len().saturating_sub(POINTS));
    let mut record = Record {
        schema_version: SCHEMA_VERSION.to_owned(),
        key: key.clone(),
        account: Account {
            id: run.account().to_owned(),
            name: settings.letterhead.clone().or_alias(findings.alias).account_name,
        },
        sweep: SweepNote { id: findings.request.id.to_string(), due: findings.request.time, at: run.at() },
        period: Period { from: before.at(), to: run.at() },
        product: Product::own(),
        sources: sources(findings.sources, findings.root, findings.result, run.at()),
        settings: settings.in_force.clone(),
        figures: counts,
        coverage: counts.shares(),
        controls: controls(&counts, findings.root),
        scope: topics(&counts, findings.result, run.account()),
        files: objects.iter().map(|object| File::of(&folder, object)).collect(),
        acts: before.acts.clone(),
        chain: before.chain(),
        trend,
    };
    // The page tells of everything but the hashes of the files, of which it is one.
    let page = Object::of(&format!("{folder}{PAGE}"), page(&record, &rows).into_bytes());
    record.files.push(File::of(&folder, &page));
    objects.push(page);
    let bytes = super::json(&record);
    let head = Link { key: key.clone(), sha256: sha256(&bytes) };
    objects.push(Object::of(&key, bytes));
    Written { objects, head, record }
}

fn rows(run: &Run, findings: Findings<'_>, before: &Before) -> Vec<Row> {
    let pairs = findings.users.iter().zip(findings.statuses);
    pairs
        .map(|(snapshot, status)| {
            let seen = Seen {
                snapshot,
                status,
                live: findings.looked_up.user(&status.id),
                listed: findings.looked_up.devices(&status.id),
                before: before.rows.get(&status.id),
            };
            Row::of(seen, findings.settings, findings.sources.read, run.at())
        })
        .collect()
}

impl Product {
    /// This one.
    pub(crate) fn own() -> Self {
        Self { name: "mfa-enforcer".to_owned(), version: VERSION.to_owned() }
    }
}

impl Account {
    /// The account of these settings, by its alias if they do not name it.
    pub(crate) fn of(settings: &Settings, alias: Option<&str>) -> Self {
        let name = settings.letterhead.clone().or_alias(alias).account_name;
        Self { id: settings.deployment.account.clone(), name }
    }
}

impl fmt::Display for Account {
    /// Its name and number: `Production (1234-5678-9012)`, or its number alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = grouped(&self.id);
        match &self.name {
            Some(name) => write!(f, "{name} ({number})"),
            None => f.write_str(&number),
        }
    }
}

impl File {
    fn of(folder: &str, object: &Object) -> Self {
        Self {
            name: object.key.strip_prefix(folder).unwrap_or(&object.key).to_owned(),
            sha256: sha256(&object.bytes),
            bytes: object.bytes.len(),
        }
    }
}
