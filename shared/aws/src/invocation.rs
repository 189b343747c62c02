//! What belongs to one invocation of a function.

use jiff::Timestamp;
use mfa_enforcer_core::event::Function;
use mfa_enforcer_core::settings::Settings;

/// What belongs to one invocation.
#[derive(Debug, Clone, Copy)]
pub struct Invocation<'a> {
    /// The function that was invoked.
    pub function: Function,
    /// The settings.
    pub settings: &'a Settings,
    /// The time.
    pub now: Timestamp,
    /// Lambda's id of the invocation, for the log.
    pub request_id: &'a str,
}
