//! Evidence: what every user's MFA was each day, and what was done, in a form that shows whether somebody changed it later.
//!
//! A daily sweep makes a record: a folder with a row for each user and a summary. The summary has the hash of each file,
//! of each act since the record before, and of that record. So the records are a chain, and whoever knows the hash of the
//! last one, which the digest and the log have, can verify all of them. Nothing here knows where objects are kept.

mod devices;
mod row;

pub use devices::{Device, Listed, LookedUp, Mfa, to_list};
pub use row::{Containment, Exempt, Key, Password, Row};
