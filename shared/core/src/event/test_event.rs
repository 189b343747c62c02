//! The event with which somebody tries the way from the event bus to a function and its log.
//!
//! Whoever may put events on the bus can send one, with anything in it. So it is ignored by its source alone, and nothing
//! of it is read but the id that EventBridge gave it.

use super::envelope::Envelope;

/// The source by which a rule of the stack knows it.
pub const TEST_SOURCE: &str = "mfa-enforcer.test";
/// Its kind, which nothing goes by.
pub const TEST_DETAIL_TYPE: &str = "Test";

impl Envelope {
    /// Whether it is such an event.
    pub(super) fn is_test(&self) -> bool {
        self.source == TEST_SOURCE
    }
}
