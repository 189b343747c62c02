//! Evidence of an account elsewhere that comes into a hub's bucket by file: whether it may, and what is written in which
//! order. Nothing comes in but what a record has the hash of, and sign-offs if they are asked for. So what was imported is
//! a chain by itself, and whatever it was cut off at, the next import of the same copy or of a later one goes on.

mod copied;
mod import_plan;
mod import_report;
mod refusal;

pub use copied::{Copied, ImportObject, ImportRun, LeftOut};
pub use import_plan::{ImportPlan, covered};
pub use import_report::{AccountImport, ImportReport, ImportState};
pub use refusal::Refusal;
