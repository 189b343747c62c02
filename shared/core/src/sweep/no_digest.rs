//! What the administrators hear if the account could not be read at all.

use crate::digest::{LAST_SWEEP_KEY, Memory, Note};
use crate::event::{Occasion, SweepRequest};
use crate::notice::{AccountAlert, Alert, AlertSubject, Background, Rendered, for_alert};
use crate::settings::Settings;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// How often the administrators hear of it: daily.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(20);

/// The alert, how it reads, and what to note on the alerts topic once it was sent. `None` for an hourly sweep, and if the
/// administrators heard of it less than a day ago. The sweep counts as unfinished, so the next one tries again.
#[must_use]
pub fn no_digest(
    request: &SweepRequest,
    error: &str,
    topic: Option<&BTreeMap<String, String>>,
    settings: &Settings,
    now: Timestamp,
) -> Option<(Alert, Rendered, Note)> {
    let value = topic.and_then(|tags| tags.get(LAST_SWEEP_KEY));
    let before = value.and_then(|value| Memory::parse(value));
    let was_told = before.as_ref().is_some_and(|memory| {
        let since = now.duration_since(memory.swept);
        memory.owed && memory.unfinished && !since.is_negative() && since < AGAIN_AFTER
    });
    if request.is_hourly() || was_told {
        return None;
    }
    let alert = Alert {
        also: Vec::new(),
        subject: AlertSubject::Account(AccountAlert::NoDigest { error: error.to_owned() }),
        background: Background::of(&Occasion::Sweep(request.clone()), settings),
    };
    let memory = Memory::digest_owed(now, before.as_ref()).unfinished(true);
    let message = for_alert(&alert);
    Some((alert, message, (LAST_SWEEP_KEY, memory.to_string())))
}
