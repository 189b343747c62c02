//! The accounts of an organization, and MFA in all of them.

mod account;
mod document;
mod overview;
mod session;

pub use account::Account;
pub use document::{Document, TAG_PREFIX, settings_of_accounts};
pub use overview::{AccountReport, NotRead, OrganizationOverview, UnitFigures};
pub use session::{account_number, of_one_account, reading_role, role_name, session_name};
