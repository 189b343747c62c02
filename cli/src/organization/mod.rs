//! The accounts of an organization, each read through a role in it.

mod chosen;
mod each;
mod one;
mod session;
mod tree;

pub(crate) use chosen::{DocumentFile, checked};
pub(crate) use each::Answers;
pub(crate) use one::InAccount;
pub(crate) use session::HISTORY;
pub(crate) use tree::{Organization, organization_of};

use chosen::OfOrganization;
use clap::Args;
use mfa_enforcer_core::organization::role_name;
use std::path::PathBuf;

/// The setting that no two accounts share.
const ACCOUNT_NAME: &str = "ACCOUNT_NAME";
/// The setting from which the limit of all accounts follows.
const MAX_QUARANTINES: &str = "MAX_QUARANTINES";

/// The organization
#[derive(Debug, Args)]
#[command(next_help_heading = "Organization")]
pub(crate) struct Everywhere {
    /// Read every account of the organization, with credentials of its management account. A delegated administrator has to
    /// name a role
    #[arg(long)]
    pub(crate) org: bool,
    /// The role through which each other account is read, with its path. The session gets policies/plan.json and nothing
    /// else, whatever the role may do
    #[arg(
        long,
        value_name = "NAME",
        requires = "org",
        default_value = "OrganizationAccountAccessRole",
        value_parser = role_name
    )]
    pub(crate) role: String,
    /// The document with the organization's settings (`org check` explains it). Each account has those that hold in it; flags
    /// of settings win over it, but for the mode at its root, which is the most that is done
    #[arg(long, value_name = "FILE", requires = "org")]
    pub(crate) org_settings: Option<PathBuf>,
}
