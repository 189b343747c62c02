//! What prompts a decision.

use super::{Event, EventId, Function, SweepRequest};
use jiff::Timestamp;

/// What prompts a decision: an event, or a sweep checking a user or root.
#[derive(Debug, Clone, PartialEq)]
pub enum Occasion {
    /// A `CloudTrail` event.
    Event(Box<Event>),
    /// A scheduled or manual sweep.
    Sweep(SweepRequest),
}

impl Occasion {
    /// Id under which notices are recorded. A second delivery of the same event has the same id.
    #[must_use]
    pub fn id(&self) -> &EventId {
        match self {
            Self::Event(event) => &event.source.id,
            Self::Sweep(request) => &request.id,
        }
    }

    /// Id under which an alert to the administrators is recorded. Hourly sweeps share one for a day (UTC): what one of
    /// them could not do, the next one cannot do either.
    #[must_use]
    pub fn alert_id(&self) -> EventId {
        match self {
            Self::Event(event) => event.source.id.clone(),
            Self::Sweep(request) => request.of_the_day().id,
        }
    }

    /// Whether the administrators hear at once, by a copy or an alert, that a user was contained or could not be. Of
    /// what a daily sweep does, its digest tells.
    #[must_use]
    pub fn is_told_at_once(&self) -> bool {
        match self {
            Self::Event(_) => true,
            Self::Sweep(request) => request.is_hourly(),
        }
    }

    /// When the event happened, or the sweep was due.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        match self {
            Self::Event(event) => event.source.time,
            Self::Sweep(request) => request.time,
        }
    }

    /// The event's `CloudTrail` name, or `Sweep`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Event(event) => event.trigger.event_name(),
            Self::Sweep(_) => SweepRequest::NAME,
        }
    }

    /// What the call changed, in words; `None` if the event's name says it all.
    #[must_use]
    pub fn about(&self) -> Option<String> {
        match self {
            Self::Event(event) => event.trigger.about(),
            Self::Sweep(_) => None,
        }
    }

    /// Who made the call, for messages to the administrators.
    #[must_use]
    pub fn actor(&self) -> String {
        match self {
            Self::Event(event) => event.actor.to_string(),
            Self::Sweep(request) => format!("the {} sweep of mfa-enforcer", request.kind.name()),
        }
    }

    /// Address the call came from, in words.
    #[must_use]
    pub fn address(&self) -> &str {
        match self {
            Self::Event(event) => &event.source.origin.address,
            Self::Sweep(_) => "an AWS service",
        }
    }

    /// Program that made the call, in words.
    #[must_use]
    pub fn client(&self) -> &str {
        match self {
            Self::Event(event) => &event.source.origin.client,
            Self::Sweep(_) => "mfa-enforcer",
        }
    }

    /// Whether it is an event that this function handles.
    #[must_use]
    pub fn is_of(&self, function: Function) -> bool {
        matches!(self, Self::Event(event) if event.trigger.spec().function == function)
    }

    /// Whether a sweep prompts the decision.
    #[must_use]
    pub fn is_sweep(&self) -> bool {
        matches!(self, Self::Sweep(_))
    }
}
