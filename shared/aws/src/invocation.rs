//! The context of one invocation of a function.

use jiff::Timestamp;
use mfa_enforcer_core::event::Function;
use mfa_enforcer_core::settings::Settings;

/// The context of one invocation.
#[derive(Debug, Clone, Copy)]
pub struct Invocation<'a> {
    /// The function that was invoked.
    pub function: Function,
    /// The function's settings.
    pub settings: &'a Settings,
    /// When the invocation started.
    pub now: Timestamp,
    /// Lambda's request id, for the log.
    pub request_id: &'a str,
}
