//! The active access keys of a user, as the administrators are told of them after a containment: enough to find
//! a key in the console, and never the whole id.

use jiff::Timestamp;

/// An active access key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveKey {
    last_four: String,
    /// When it was created.
    pub created: Timestamp,
    /// When and for what it was last used.
    pub used: KeyUse,
}

/// The last use of an access key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyUse {
    /// None is on record.
    Never,
    /// This one.
    Last {
        /// When.
        time: Timestamp,
        /// The service that was called, such as `s3`.
        service: String,
        /// The region of that call.
        region: String,
    },
    /// IAM did not say.
    Unknown,
}

/// What is known of the active access keys of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeysSeen {
    /// These are active; none if the list is empty.
    Active(Vec<ActiveKey>),
    /// They could not be read.
    Unreadable,
}

impl ActiveKey {
    /// A key with this id, of which only the last four characters are kept.
    #[must_use]
    pub fn new(id: &str, created: Timestamp, used: KeyUse) -> Self {
        let kept = id.chars().count().saturating_sub(4);
        Self { last_four: id.chars().skip(kept).collect(), created, used }
    }

    /// The last four characters of its id.
    #[must_use]
    pub fn last_four(&self) -> &str {
        &self.last_four
    }
}

#[cfg(test)]
mod tests {
    use super::{ActiveKey, KeyUse};
    use jiff::Timestamp;

    #[test]
    fn only_the_last_four_characters_are_kept() {
        let key = ActiveKey::new("AKIAIOSFODNN7EXAMPLE", Timestamp::UNIX_EPOCH, KeyUse::Never);
        assert_eq!(key.last_four(), "MPLE");
        assert!(!format!("{key:?}").contains("EXAMPLE"));
    }
}
