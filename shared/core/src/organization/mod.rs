//! The accounts of an organization, and MFA in all of them.

mod account;
mod overview;

pub use account::Account;
pub use overview::{AccountReport, NotRead, OrganizationOverview, UnitFigures, reading_role};
