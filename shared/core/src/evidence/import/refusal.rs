//! Why nothing of an account is imported.

use crate::evidence::Fault;
use std::fmt;
use strum::IntoStaticStr;

/// Something for which nothing of an account is imported.
#[derive(Debug, Clone, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Refusal {
    /// The hub writes records of the account itself.
    Covered {
        /// Id of the organization that has it.
        organization: String,
    },
    /// There is no record in the copy.
    NoRecord,
    /// The copy is not as it was written.
    Faulty(Fault),
    /// No enforcer writes an object of this key.
    ForeignKey(String),
    /// The object is about another account than its place.
    OtherAccount {
        /// The object.
        key: String,
        /// The account that it names.
        account: String,
    },
    /// The sign-off of a review is not to be relied on.
    BadSignOff {
        /// The sign-off.
        key: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The bucket has another object under this key.
    Conflict(String),
    /// What the bucket has of the account already is not as it was written.
    FaultyBucket(Fault),
    /// The copy does not go on where the bucket ends.
    Fork(Fault),
}

impl Refusal {
    /// Stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.into()
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Covered { .. } => {
                "leave it out with --account; docs/EVIDENCE.md says how an account of the organization that has a stack \
                 of its own keeps its evidence here"
            }
            Self::NoRecord => "copy all that is below evidence/ACCOUNT in the bucket of its stack",
            Self::Faulty(_) | Self::OtherAccount { .. } | Self::BadSignOff { .. } => {
                "copy it again; if that does not help, verify it in the bucket that it comes from"
            }
            Self::ForeignKey(_) => "find out who put it there, and copy without it only if you know",
            Self::Conflict(_) => {
                "one of the two was changed: verify the bucket that the copy comes from, and this one"
            }
            Self::FaultyBucket(_) => "verify this bucket before anything more is put into it",
            Self::Fork(_) => {
                "copy the bucket of its stack anew; if that does not help, one of the two chains was changed"
            }
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Covered { organization } => {
                write!(
                    f,
                    "it is in the organization {organization}, in which the hub writes the records itself"
                )
            }
            Self::NoRecord => f.write_str("there is no record of it"),
            Self::Faulty(fault) => write!(f, "{fault}"),
            Self::ForeignKey(key) => write!(f, "{key} is a key that no enforcer writes"),
            Self::OtherAccount { key, account } => write!(f, "{key} is about the account {account}"),
            Self::BadSignOff { key, problem } => write!(f, "{key} is no good sign-off: {problem}"),
            Self::Conflict(key) => write!(f, "{key} is in the bucket already, and is another one there"),
            Self::FaultyBucket(fault) => write!(f, "in the bucket, {fault}"),
            Self::Fork(fault) => write!(f, "it does not continue the chain in the bucket: {fault}"),
        }
    }
}
