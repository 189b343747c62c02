//! What the fuzz targets share.
//!
//! A target does not only look for panics: [`oracles`] says what has to hold of every plan and every message, whatever
//! led to it. Inputs that begin as JSON stay JSON more often than not ([`json`]), since bytes alone seldom get past a
//! parser. What follows a NUL in such an input is the state of the account ([`state`]).

pub mod json;
pub mod oracles;
pub mod state;
