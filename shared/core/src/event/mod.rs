//! Parses an EventBridge payload into a trigger, or says why there is none.
//!
//! Owns every rule about the shape of `CloudTrail` records. Must never look at the state of the account:
//! that is what [`crate::facts`] is for.

mod actor;
mod archived;
mod defence;
mod detail;
mod envelope;
mod function;
mod ignored;
mod invoked_by;
mod malformed;
mod occasion;
mod origin;
mod past_call;
mod read_event;
mod record;
mod sweep_request;
mod test_event;
mod told;
mod trigger;
mod trigger_spec;
mod user_name;

pub use actor::{Actor, IdentityKind, Relation};
pub use archived::{Header, detail, enveloped};
pub use defence::{OWN_CALLS, OwnCall, OwnResources, Part, Touched, Weight};
pub use envelope::Envelope;
pub use function::Function;
pub use ignored::Ignored;
pub use invoked_by::Via;
pub use malformed::Malformed;
pub use occasion::Occasion;
pub use origin::Origin;
pub use past_call::PastCall;
pub use read_event::{Deployment, Label, Reading, label, read, read_any, screen};
pub use record::{Event, EventId, Source, Subject, VISIBILITY_LAG};
pub use sweep_request::{SweepKind, SweepReading, SweepRequest, read_request};
pub use test_event::{TEST_DETAIL_TYPE, TEST_SOURCE};
pub use told::{Told, ToldReading};
pub use trigger::{GroupUpdate, NewVersion, Trigger, TriggerKind, VersionSet};
pub use trigger_spec::{Service, Spec};
pub use user_name::UserName;
