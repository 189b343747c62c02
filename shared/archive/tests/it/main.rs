//! Streams in every form, whole and spoilt.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests panic on errors")]

mod forms;
mod spoilt;
