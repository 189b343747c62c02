//! The accounts of an organization, and MFA in all of them.

mod account;
mod books;
mod brake;
mod collector;
mod decision_session;
mod digest;
mod document;
mod held;
mod ledger;
mod member;
mod narrowed;
mod orders;
mod overview;
mod person;
mod prospects;
mod result;
mod run;
mod session;
mod tree;
mod unit;

pub use account::Account;
pub use books::{Books, DOCUMENT_KEY, TREE_KEY};
pub use brake::{Admission, Holder, Slot};
pub use collector::{Claim, ClaimState, Claimed, Collecting, collect};
pub use decision_session::DecisionSession;
pub use digest::{
    AccountStanding, ORGANIZATION_MEMORY_KEY, OrganizationDigest, OrganizationMemory, Readings, Standing,
    is_organization_digest_due, render_organization,
};
pub use document::{
    AccountSettings, Document, DocumentCheck, Held, Level, Live, Resolved, TAG_PREFIX, settings_of_accounts,
};
pub use held::HeldHour;
pub use ledger::{ledger_json, ledger_key, read_ledger};
pub use member::{
    HubSettings, LONGEST_POLICY, ListedPart, MISSING, MemberFault, MemberRole, PATH, Parts, Session,
    Sighting, Task, Whom, Work, sender, session_policy, sighting,
};
pub(crate) use narrowed::{Kept, bucket, function, log_group, narrowed, queue, stack};
pub use narrowed::{Place, Unfit};
pub(crate) use orders::is_list_order;
pub use orders::{AccountOrder, HubRequest, Message, failed_messages, list_order, read_hub_request};
pub use overview::{AccountReport, NotRead, OrganizationOverview, UnitFigures};
pub use person::{Person, PersonChange, PersonExemption};
pub use prospects::{AccountProspect, OrganizationProspect};
pub use result::{
    AccountResult, AfterFailure, Counted, Found, Outcome, RootResult, Swept, is_final, memory_after_result,
};
pub use run::{PlannedAccount, SweepPlan, SweepRun};
pub use session::{
    account_number, deciding_session_name, of_one_account, reading_role, role_name, session_name,
};
pub use tree::{TaggedAccount, Tree, Unplaced};
pub use unit::OrganizationalUnit;
