//! The command line, run as a person runs it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code panics on errors"
)]

mod doctor;
mod fixtures;
mod help_page;
mod notify;
mod operate;
mod org_import;
mod plan;
mod redrive;
mod replay;
mod review;
mod settings;
mod shell;
mod user;
mod verify;
