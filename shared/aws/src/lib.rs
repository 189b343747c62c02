//! The shell of mfa-enforcer: it looks things up in IAM, carries plans out, and tells people through SNS.
//!
//! Nothing here decides: what to do comes from `mfa_enforcer_core::decide`, and the adapters do it.

mod answer;
mod apply;
mod clients;
mod directory;
mod error;
mod finish;
mod handle;
mod iam;
mod invocation;
pub mod measure;
mod messenger;
mod run;
mod sns;
mod sweep;
mod telemetry;

pub use answer::{DigestSent, Report};
pub use apply::apply;
pub use clients::{Clients, Pace};
pub use directory::{AccountDirectory, Directory};
pub use error::{AwsError, ErrorKind, Failure};
pub use handle::handle;
pub use iam::IamDirectory;
pub use invocation::Invocation;
pub use messenger::{Messenger, TopicKeeper};
pub use run::{run, run_sweep};
pub use sns::SnsMessenger;
pub use sweep::{SweepInvocation, sweep};
