//! An account of an organization in which a hub acts: what is there, with which roles, and under which settings.

mod parts;
mod role;
mod session;
mod session_policy;
mod settings;
mod sighting;
mod task;

pub use parts::{ListedPart, MISSING, PATH, Parts};
pub use role::{MemberRole, Work};
pub use session::Session;
pub use session_policy::{LONGEST_POLICY, Whom, session_policy};
pub use settings::{HubSettings, MemberFault};
pub use sighting::{Sighting, sender, sighting};
pub use task::Task;
