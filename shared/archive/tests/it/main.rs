//! Streams in every form, whole and spoilt.

mod forms;
mod spoilt;
