//! Where the evidence is kept, and how often somebody reviews it.

use super::values::{Form, Setting};
use crate::evidence::ReviewPeriod;

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
pub(super) const REVIEW_PERIOD: Setting<Option<ReviewPeriod>> = Setting {
    name: "REVIEW_PERIOD",
    default: Some("none"),
    meaning: "how often somebody signs a review of the records; the digest says since when none was signed",
    form: Form::One,
    expected: "`none`, `month`, `quarter`, `half-year` or `year`",
    parse: |value| if value == "none" { Some(None) } else { value.parse().ok().map(Some) },
};
