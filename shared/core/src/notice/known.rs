//! What the administrators read of a user besides what happened.

use crate::rights::Rights;
use crate::tags::LastNotice;

/// What is known of a user besides what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The last notice before this event; `None` if there was none, or if it is not on record.
    pub before: Option<LastNotice>,
    /// The policies of AWS attached to the user that give the rights of an administrator, by their names.
    pub administrator: Vec<&'static str>,
    /// The user's groups that are called after administrators.
    pub groups: Vec<String>,
    /// The user's rights by the texts of policies; `None` if they were not read.
    pub rights: Option<Rights>,
}
