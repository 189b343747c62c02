//! Evidence: what every user's MFA was each day, and what was done, in a form that shows whether somebody changed it later.
//!
//! A daily sweep makes a [`Record`]: a folder with a row for each user and a summary. The summary has the hash of each file,
//! of each act since the record before, and of that record. So the records are a chain, and whoever knows the hash of the
//! last one, which the digest and the log have, can [`verify()`] all of them. Nothing here knows where objects are kept.

mod act;
mod before;
mod controls;
mod counts;
mod devices;
mod fault;
mod files;
mod import;
mod overview;
mod page;
mod place;
mod record;
mod remembered;
mod review;
mod row;
mod scope;
mod story;
mod turn;
mod verify;

pub use act::{Act, DecidedOn, Deed, Told, Trigger, Who, acts, acts_of};
pub use before::{Before, Link, Listing, look_after};
pub use controls::{Control, controls};
pub use counts::{Counts, Share};
pub use devices::{Device, Listed, LookedUp, Mfa, to_list};
pub use fault::Fault;
pub(crate) use files::harmless;
pub use files::{csv, json_lines, read_json_lines};
pub use import::{
    AccountImport, Copied, ImportObject, ImportPlan, ImportReport, ImportRun, ImportState, LeftOut, Refusal,
    covered,
};
pub use overview::{Asked, Overview, Reviews};
pub(crate) use page::{minute, search, shell, unbroken, wide};
pub use page::{overview_page, page};
pub use place::{PREFIX, Place, RECORD, Run, account_prefix, checksum, from, sha256, written};
pub use record::{
    Account, Chain, File, Findings, Period, Point, Product, Record, SweepNote, Written, record,
};
pub use remembered::{HEAD_KEY, Remembered};
pub use review::{Decided, ReviewPeriod, SignOff, SignOffProblem, Standing, is_exception};
pub use row::{Containment, Exempt, Key, Password, Row, Seen};
pub use scope::{Source, Sources, Topic, sources, topics};
pub use story::{Chapter, Telling, Turn, story};
pub(crate) use turn::knew_of_quarantine;
pub use verify::{Objects, Verification, verify};

use serde::Serialize;

/// Version of the form of acts and records. The major part changes when a field is removed or its meaning changes.
const SCHEMA_VERSION: &str = "1.0";

/// An object to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its key.
    pub key: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Its media type.
    pub media: &'static str,
}

impl Object {
    /// An object of evidence. Its name says of which media type it is.
    #[must_use]
    pub fn of(key: &str, bytes: Vec<u8>) -> Self {
        let media = match key.rsplit('.').next() {
            Some("json") => "application/json",
            Some("jsonl") => "application/x-ndjson",
            Some("csv") => "text/csv; charset=utf-8",
            Some("html") => "text/html; charset=utf-8",
            Some(_) | None => "application/octet-stream",
        };
        Self { key: key.to_owned(), bytes, media }
    }
}

/// The value as indented JSON, with a line break at the end: people read it as well.
pub(crate) fn json(value: &impl Serialize) -> Vec<u8> {
    // INVARIANT: none of our forms has a map with keys that are not strings, so this does not fail.
    let mut bytes = serde_json::to_vec_pretty(value).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// The value as one line of JSON.
pub(crate) fn json_line(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(value).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
