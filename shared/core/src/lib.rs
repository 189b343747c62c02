//! The decisions of mfa-enforcer.
//!
//! An event goes through [`event::read`], what the shell found out about its subject is [`facts::Facts`],
//! and [`decide::decide`] turns both into a [`plan::Plan`]. Nothing here reads a clock, the environment,
//! the disk or the network: the same input gives the same plan, which is what makes it testable.

pub mod change;
pub mod contact;
pub mod decide;
pub mod device;
pub mod digest;
pub mod effect;
pub mod event;
pub mod facts;
pub mod metric;
pub mod notice;
pub mod operation;
pub mod outcome;
pub mod partition;
pub mod plan;
pub mod posture;
pub mod progress;
pub mod quarantine;
pub mod reason;
pub mod settings;
pub mod snapshot;
pub mod sweep;
pub mod tags;
