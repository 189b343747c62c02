//! The shell of mfa-enforcer: it looks things up in IAM, carries plans out, and tells people through SNS.
//!
//! [`run()`] is all that a Lambda function's `main` calls. This handles one event, with an account in memory in place
//! of IAM and SNS:
//!
//! ```
//! use mfa_enforcer_aws::{Invocation, handle};
//! use mfa_enforcer_core::event::Function;
//! use mfa_enforcer_testing::account::Account;
//! use mfa_enforcer_testing::fixtures::{now, sample, settings, user};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), mfa_enforcer_aws::Failure> {
//! let account = Account::with(user("bob"));
//! let settings = settings();
//! let invocation =
//!     Invocation { function: Function::SignIn, settings: &settings, now: now(), request_id: "example" };
//! let report =
//!     handle(&sample("ConsoleLogin/bob-overdue-without-mfa"), invocation, &account, &account).await?;
//!
//! assert_eq!(report.why, "signed in without MFA after the deadline");
//! assert_eq!(account.writes(), ["set_tag", "attach_policy", "tell_user", "tell_admins", "set_tag"]);
//! # Ok(())
//! # }
//! ```
//!
//! Nothing here decides anything: `mfa_enforcer_core` says what to do, and the adapters do it.

mod admit;
mod answer;
mod apply;
mod carry_out;
mod check_quarantine;
mod clients;
mod connections;
mod directory;
mod environment;
mod error;
mod events;
mod evidence;
mod finish;
mod handle;
mod history;
mod hub;
mod iam;
mod invocation;
mod lazy;
mod looks;
pub mod measure;
mod messenger;
mod organizations;
mod past;
mod run;
mod s3;
mod ses;
mod sns;
mod stack;
mod survey;
mod sweep;
mod sweep_queue;
mod telemetry;
mod trails;

pub use answer::{DigestSent, Report};
pub use apply::apply;
pub use carry_out::user_in_full;
pub use check_quarantine::look_at_quarantine;
pub use clients::{Clients, Elsewhere, Pace};
pub use directory::{AccountDirectory, Directory, History};
pub use error::{AwsError, ErrorKind, Failure};
pub use events::{Bus, EventBus, NotTaken, put};
pub use evidence::{EvidenceStore, look_at_evidence};
pub use handle::handle;
pub use history::CloudTrail;
pub use hub::{HubEvents, HubSweep, SweepContext, Unread, books};
pub use iam::IamDirectory;
pub use invocation::Invocation;
pub use lazy::Lazy;
pub use messenger::{Messenger, Prepared, TopicKeeper};
pub use organizations::{Listing, Organizations};
pub use past::user_calls;
pub use run::{adapters, run, run_sweep};
pub use s3::Bucket;
pub use ses::{is_suppressed, send as send_mail};
pub use sns::SnsMessenger;
pub use stack::CloudFormation;
pub use survey::{Survey, list_devices, read_account, survey};
pub use sweep::{SweepInvocation, sweep};
pub use sweep_queue::{order_account, order_list, order_sweep};
