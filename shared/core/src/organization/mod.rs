//! The accounts of an organization, and MFA in all of them.

mod account;
mod overview;
mod session;

pub use account::Account;
pub use overview::{AccountReport, NotRead, OrganizationOverview, UnitFigures};
pub use session::{of_one_account, reading_role, role_name, session_name};
