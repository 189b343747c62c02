//! Whether a user has the rights of an administrator.
//!
//! After an event only the names of the policies attached to the user, and of their groups, are known: more would take
//! another call for each group and each policy, one after the other. The daily sweep reads the documents.

mod grants;
mod names;
mod permissions;

pub use grants::{Grants, Power};
pub use names::{by_name, groups_by_name};
pub use permissions::{GroupPermissions, Permissions};

/// The rights of a user, as far as the documents of policies tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rights {
    /// What the policies make of the user.
    pub power: Power,
    /// Whether a policy could not be read, so that it may be more.
    pub is_partly_unread: bool,
    /// Whether a permissions boundary may limit it.
    pub has_boundary: bool,
}

impl Rights {
    /// Whether the user is an administrator, nearly so, or can become one.
    #[must_use]
    pub fn is_administrator(self) -> bool {
        self.power > Power::Ordinary
    }

    /// Whether it cannot be told that the user is no administrator.
    #[must_use]
    pub fn is_unknown(self) -> bool {
        self.power == Power::Ordinary && self.is_partly_unread
    }

    /// Stable name for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self.power {
            Power::Everything => "administrator",
            Power::CanBecome => "can-become-administrator",
            Power::NearlyEverything => "nearly-administrator",
            Power::Ordinary if self.is_partly_unread => "unknown",
            Power::Ordinary => "ordinary",
        }
    }

    /// What a list says beside the name of the user; `None` for one of whom there is nothing to say.
    #[must_use]
    pub fn mark(self) -> Option<&'static str> {
        match self.power {
            Power::Everything => Some("admin"),
            Power::CanBecome => Some("can become admin"),
            Power::NearlyEverything => Some("nearly admin"),
            Power::Ordinary if self.is_partly_unread => Some("rights not known"),
            Power::Ordinary => None,
        }
    }
}
