//! What a decision is made for.

use super::{Event, EventId, SweepRequest};
use jiff::Timestamp;

/// An event, or a sweep's look at a user or at root.
#[derive(Debug, Clone, PartialEq)]
pub enum Occasion {
    /// A record of `CloudTrail`.
    Event(Box<Event>),
    /// A sweep.
    Sweep(SweepRequest),
}

impl Occasion {
    /// The id under which what is said is recorded: the same delivery, twice, has it twice.
    #[must_use]
    pub fn id(&self) -> &EventId {
        match self {
            Self::Event(event) => &event.source.id,
            Self::Sweep(request) => &request.id,
        }
    }

    /// When it happened, or was due.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        match self {
            Self::Event(event) => event.source.time,
            Self::Sweep(request) => request.time,
        }
    }

    /// The event's name in `CloudTrail`, or `Sweep`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Event(event) => event.trigger.spec().event_name,
            Self::Sweep(_) => SweepRequest::NAME,
        }
    }

    /// Who did it, for the administrators' messages.
    #[must_use]
    pub fn actor(&self) -> String {
        match self {
            Self::Event(event) => event.actor.to_string(),
            Self::Sweep(_) => "the daily sweep of mfa-enforcer".to_owned(),
        }
    }

    /// From which address.
    #[must_use]
    pub fn address(&self) -> &str {
        match self {
            Self::Event(event) => &event.source.origin.address,
            Self::Sweep(_) => "an AWS service",
        }
    }

    /// With which program.
    #[must_use]
    pub fn client(&self) -> &str {
        match self {
            Self::Event(event) => &event.source.origin.client,
            Self::Sweep(_) => "mfa-enforcer",
        }
    }

    /// Whether it is a sweep.
    #[must_use]
    pub fn is_sweep(&self) -> bool {
        matches!(self, Self::Sweep(_))
    }
}
