//! What sweeps have repaired of the quarantine without having told anybody yet.
//!
//! Once a repair is made, nothing shows what there was to tell. So a sweep notes it in the ledger of the alerts topic before
//! it repairs anything, and the note goes once it is told: by the same sweep, or by a later one if the message failed.

use crate::event::EventId;
use crate::facts::RootLedger;
use crate::plan::Step;
use crate::tags;

/// Whether a repair of this has not been told.
pub(super) fn is_owed(ledger: &RootLedger, about: &str) -> bool {
    id(about).is_some_and(|id| ledger.has(&id))
}

/// The step that notes that these are about to be repaired; `None` if that is on record, or the ledger cannot be read. What
/// could not be read is not written either: that would erase what it holds.
pub(super) fn note(ledger: &RootLedger, abouts: &[String]) -> Option<Step> {
    let RootLedger::Told(known) = ledger else { return None };
    let new: Vec<EventId> =
        abouts.iter().filter_map(|about| id(about)).filter(|id| !known.contains(id)).collect();
    (!new.is_empty()).then(|| Step::RecordRootAlert(tags::root_events_value(known, &new)))
}

/// The ledger without the notes about these.
pub(super) fn without(ledger: &RootLedger, abouts: &[String]) -> RootLedger {
    let RootLedger::Told(known) = ledger else { return RootLedger::Unreadable };
    let told: Vec<EventId> = abouts.iter().filter_map(|about| id(about)).collect();
    RootLedger::Told(known.iter().filter(|id| !told.contains(id)).cloned().collect())
}

/// The step that takes the notes from the ledger which `rest` does not have, where nothing else is written.
pub(super) fn forget(ledger: &RootLedger, rest: &RootLedger) -> Vec<Step> {
    match rest {
        RootLedger::Told(rest_ids) if rest != ledger => {
            vec![Step::RecordRootAlert(tags::root_events_value(rest_ids, &[]))]
        }
        RootLedger::Told(_) | RootLedger::Unreadable => Vec::new(),
    }
}

fn id(about: &str) -> Option<EventId> {
    EventId::new(&format!("owed-{about}"))
}
