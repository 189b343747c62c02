//! What the enforcer remembers of its records outside the bucket, in a tag of the alerts topic: whoever can write to the
//! bucket cannot change it.
//!
//! Before a record is written, the tag has its hash beside that of the record before, and only these two are accepted as
//! the last one by the next sweep. Once the record is written, the tag has its hash alone.

use super::before::Link;
use std::fmt;

/// Tag of the alerts topic that holds the hash of the last record, and the bucket.
pub const HEAD_KEY: &str = "mfa-enforcer:evidence";
/// Stands for the hash of the last record where there was none.
const NONE: &str = "-";
/// Last word of the tag until a digest has said that somebody changed the evidence. No bucket has such a name.
const UNTOLD: &str = "told=no";

/// What the enforcer remembers of the record that it wrote last, or was about to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// Hash of the last record; `None` if there was none.
    last: Option<String>,
    /// Hash of the record that was to follow it, if nobody knows whether it was written.
    announced: Option<String>,
    bucket: String,
    /// Whether the administrators are still to be told that the evidence was changed.
    is_untold: bool,
}

impl Remembered {
    /// What to remember of a record that is about to be written.
    pub(super) fn announced(last: Option<&str>, record: &Link, bucket: &str, is_untold: bool) -> Self {
        let (last, announced) = (last.map(str::to_owned), Some(record.sha256.clone()));
        Self { last, announced, bucket: bucket.to_owned(), is_untold }
    }

    /// The same once the record is written. `is_told` says whether a digest went out since the look at the bucket.
    #[must_use]
    pub fn written(self, is_told: bool) -> Self {
        let last = self.announced.or(self.last);
        Self { last, announced: None, is_untold: self.is_untold && !is_told, ..self }
    }

    /// Parses the tag's value; `None` if it says nothing about this bucket.
    #[must_use]
    pub fn parse(value: &str, bucket: &str) -> Option<Self> {
        let words: Vec<&str> = value.split(' ').collect();
        let (words, is_untold) = match words.as_slice() {
            [words @ .., UNTOLD] => (words, true),
            words => (words, false),
        };
        let (last, announced, named) = match *words {
            [last, named] => (Some(hash(last)?), None, named),
            [NONE, announced, named] => (None, Some(hash(announced)?), named),
            [last, announced, named] => (Some(hash(last)?), Some(hash(announced)?), named),
            _ => return None,
        };
        (named == bucket).then(|| Self { last, announced, bucket: bucket.to_owned(), is_untold })
    }

    /// Whether the last record in the bucket may be this one; `None` if there is none.
    pub(super) fn accepts(&self, found: Option<&str>) -> bool {
        found == self.last.as_deref() || (found.is_some() && found == self.announced.as_deref())
    }

    pub(super) fn is_untold(&self) -> bool {
        self.is_untold
    }

    /// Hash of the last record that is known to have been written; if there is none, of the one that was to be the first.
    pub(super) fn last(&self) -> Option<&str> {
        self.last.as_deref().or(self.announced.as_deref())
    }
}

impl fmt::Display for Remembered {
    /// Writes the tag's value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.last.as_deref().unwrap_or(NONE))?;
        if let Some(announced) = &self.announced {
            write!(f, " {announced}")?;
        }
        write!(f, " {}", self.bucket)?;
        if self.is_untold { write!(f, " {UNTOLD}") } else { Ok(()) }
    }
}

fn hash(word: &str) -> Option<String> {
    let is_hash = word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| word.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::{Link, Remembered};

    const BUCKET: &str = "evidence";

    fn link(digit: char) -> Link {
        Link { key: String::new(), sha256: digit.to_string().repeat(64) }
    }

    #[test]
    fn value_reads_as_it_was_written_and_fits_a_tag() {
        let bucket = "b".repeat(63);
        for last in [None, Some("a".repeat(64))] {
            for is_untold in [true, false] {
                let announced = Remembered::announced(last.as_deref(), &link('b'), &bucket, is_untold);
                for one in [announced.clone(), announced.clone().written(false), announced.written(true)] {
                    assert_eq!(Remembered::parse(&one.to_string(), &bucket), Some(one.clone()));
                    assert!(one.to_string().len() <= 256);
                    assert_eq!(Remembered::parse(&one.to_string(), "other"), None);
                }
            }
        }
    }

    #[test]
    fn two_records_are_accepted_until_one_is_written() {
        let announced = Remembered::announced(Some(&link('a').sha256), &link('b'), BUCKET, false);
        let written = announced.clone().written(true);
        let found = |digit| link(digit).sha256;
        for (digit, before, after) in [('a', true, false), ('b', true, true), ('c', false, false)] {
            assert_eq!(announced.accepts(Some(&found(digit))), before, "{digit}");
            assert_eq!(written.accepts(Some(&found(digit))), after, "{digit}");
        }
        assert!(!announced.accepts(None) && !written.accepts(None));
        // The first record may not have been written.
        assert!(Remembered::announced(None, &link('b'), BUCKET, false).accepts(None));
    }

    #[test]
    fn foreign_values_say_nothing() {
        let hash = "a".repeat(64);
        for value in ["", " ", "evidence", "x evidence", &format!("{hash} {hash}"), &format!("- {BUCKET}")] {
            assert_eq!(Remembered::parse(value, BUCKET), None, "{value}");
        }
        for no_hash in ["x".repeat(64), "a".repeat(63)] {
            assert_eq!(Remembered::parse(&format!("{no_hash} {BUCKET}"), BUCKET), None, "{no_hash}");
        }
    }
}
