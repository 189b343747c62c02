//! What others do to a user's quarantine and tags.

use super::context::Context;
use crate::event::Event;
use crate::plan::Plan;
use crate::reason::Reason;

pub(super) fn decide(context: &Context<'_>, _event: &Event) -> Plan {
    context.nothing(Reason::NotContained)
}
