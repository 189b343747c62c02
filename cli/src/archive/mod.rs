//! Archives of `CloudTrail` records: their files, and what is in them.

mod files;
mod scan;
mod spool;

pub(crate) use files::{Source, sources};
pub(crate) use scan::{Scanned, Trouble, each_record, said, scan};
pub(crate) use spool::Spool;
