//! Where the evidence is kept, and how often somebody reviews it.

use super::Reader;
use super::values::{Form, Setting};
use crate::evidence::ReviewPeriod;

/// Where records and acts are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Kept {
    /// The bucket; `None` if they are not kept.
    pub(super) bucket: Option<String>,
    /// The account that owns it; `None` for the enforcer's own.
    pub(super) account: Option<String>,
}

impl Kept {
    pub(super) fn read<F: Fn(&str) -> Option<String>>(read: &mut Reader<'_, F>) -> Self {
        let bucket = read.optional(&EVIDENCE_BUCKET);
        let account = read.optional(&EVIDENCE_ACCOUNT);
        if bucket.is_none() && account.is_some() && !read.has_problem(EVIDENCE_BUCKET.name) {
            let problem = format!("needs {}, the name of a bucket of that account", EVIDENCE_BUCKET.name);
            read.problem(EVIDENCE_ACCOUNT.name, problem);
        }
        Self { bucket, account }
    }
}

pub(super) const EVIDENCE_BUCKET: Setting<String> = Setting {
    name: "EVIDENCE_BUCKET",
    default: Some(""),
    meaning: "the bucket that keeps a record of all users for each daily sweep, and each act",
    form: Form::Optional,
    expected: "the name of an S3 bucket",
    parse: |value| {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
        let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        let fits = (3..=63).contains(&value.len()) && value.chars().all(allowed);
        (fits && ends(value.chars().next()) && ends(value.chars().last()) && !value.contains(".."))
            .then(|| value.to_owned())
    },
};
pub(super) const EVIDENCE_ACCOUNT: Setting<String> = Setting {
    name: "EVIDENCE_ACCOUNT",
    default: Some(""),
    meaning: "the account that owns that bucket, if it is not the enforcer's own",
    form: Form::Optional,
    expected: "the 12 digits of an account",
    parse: |value| {
        let is_account = value.len() == 12 && value.bytes().all(|byte| byte.is_ascii_digit());
        is_account.then(|| value.to_owned())
    },
};
pub(super) const REVIEW_PERIOD: Setting<Option<ReviewPeriod>> = Setting {
    name: "REVIEW_PERIOD",
    default: Some("none"),
    meaning: "how often somebody signs a review of the records; the digest says since when none was signed",
    form: Form::One,
    expected: "`none`, `month`, `quarter`, `half-year` or `year`",
    parse: |value| if value == "none" { Some(None) } else { value.parse().ok().map(Some) },
};
