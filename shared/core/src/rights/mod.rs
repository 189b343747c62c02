//! Whether a user has the rights of an administrator.
//!
//! After an event only the names of the policies attached to the user, and of their groups, are known: more would take
//! another call for each group and each policy, one after the other. The daily sweep reads the documents.

mod grants;
mod names;

pub use grants::{Grants, Power};
pub use names::{by_name, groups_by_name};
