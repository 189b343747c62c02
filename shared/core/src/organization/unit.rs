//! An organizational unit.

use serde::{Deserialize, Serialize};

/// An organizational unit, or the root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationalUnit {
    /// Its id: `ou-ab12-cdefgh34`, or `r-ab12` for the root.
    pub id: String,
    /// The names of those above it and its own, the root first.
    pub path: Vec<String>,
}
