//! Reads archives of `CloudTrail` records as a stream.
//!
//! Owns how records lie in files: compressed or not, in the list that AWS writes, one on each line, or alone. It knows
//! nothing of what a record says: that is the core's.

#![expect(clippy::inline_always, reason = "what is not inlined is not compiled for the processor at hand")]

mod field;
mod masks;
mod read;
mod split;
mod vectors;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use field::Call;
pub use read::Reader;
pub use split::{Contents, Fault, LONGEST, Piece};
