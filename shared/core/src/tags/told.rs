//! Which alerts the administrators had: about a user, on the user; about root and the account, on their own topic.

use super::{TAG_VALUE_LIMIT, second};
use crate::event::EventId;
use jiff::Timestamp;

/// Begins the words of [`super::UserTag::Alerted`] that name an alert.
const EVENT: &str = "event=";
/// How many alerts are recorded on a user.
const ALERTS_KEPT: usize = 4;
/// How many ids fit into the tag of the alerts topic: 6 UUIDs of 36 characters, and the spaces.
const ROOT_EVENTS_KEPT: usize = 6;

/// Value of [`super::UserTag::Alerted`] after more alerts of these kinds about an event: the time, and the last alerts.
/// Retries of different events can alternate, so one would not be enough; and one event can lead to alerts of several
/// kinds, each of which may fail.
#[must_use]
pub fn alerted_value(before: Option<&str>, at: Timestamp, event: &EventId, kinds: &[&str]) -> String {
    let told = before.unwrap_or_default().split(' ').filter_map(|word| word.strip_prefix(EVENT));
    let told = told.map(|alert| format!(" {EVENT}{alert}"));
    let new = kinds.iter().map(|kind| format!(" {EVENT}{event}/{kind}"));
    let mut alerts: Vec<String> = told.chain(new).collect();
    let mut value = second(at) + &alerts.concat();
    while alerts.len() > ALERTS_KEPT || value.len() > TAG_VALUE_LIMIT {
        alerts.remove(0);
        value = second(at) + &alerts.concat();
    }
    value
}

/// Whether [`super::UserTag::Alerted`] names an alert of this kind about this event. An event without a kind, as earlier
/// versions wrote it, stands for all of its alerts.
#[must_use]
pub fn has_alerted(value: &str, event: &EventId, kind: &str) -> bool {
    value.split(' ').filter_map(|word| word.strip_prefix(EVENT)).any(|alert| match alert.split_once('/') {
        Some((id, told)) => id == event.as_str() && told == kind,
        None => alert == event.as_str(),
    })
}

/// Parses the ids in the tag of the alerts topic, [`super::ROOT_NOTIFIED_KEY`].
#[must_use]
pub fn parse_root_events(value: &str) -> Vec<EventId> {
    value.split(' ').filter_map(EventId::new).collect()
}

/// Value of the tag of the alerts topic, [`super::ROOT_NOTIFIED_KEY`], after these events as well.
#[must_use]
pub fn root_events_value(told: &[EventId], events: &[EventId]) -> String {
    let mut ids: Vec<&str> = told.iter().chain(events).map(EventId::as_str).collect();
    let mut kept = ids.split_off(ids.len().saturating_sub(ROOT_EVENTS_KEPT));
    // Ids can be up to 64 characters long, and then fewer of them fit.
    while kept.join(" ").len() > TAG_VALUE_LIMIT {
        kept.remove(0);
    }
    kept.join(" ")
}

#[cfg(test)]
mod tests {
    use super::{alerted_value, has_alerted, parse_root_events, root_events_value};
    use crate::event::EventId;

    fn id(text: &str) -> EventId {
        EventId::new(text).unwrap()
    }

    #[test]
    fn last_alerts_are_remembered() {
        let at = "2026-11-24T09:00:00Z".parse().unwrap();
        let mut value: Option<String> = None;
        for n in 0..9 {
            let event = id(&format!("b3c1a1de-0000-4000-8000-{n:012}"));
            value = Some(alerted_value(value.as_deref(), at, &event, &["held-by-hand"]));
        }
        let value = value.unwrap();
        let remembered =
            |n: u8| has_alerted(&value, &id(&format!("b3c1a1de-0000-4000-8000-{n:012}")), "held-by-hand");
        assert!(remembered(8) && remembered(5) && !remembered(4), "{value}");
        let long = alerted_value(Some(&value), at, &id(&"e".repeat(64)), &["kind"]);
        assert!(long.len() <= 256 && long.ends_with("e/kind"));
    }

    #[test]
    fn as_many_alerts_are_remembered_as_fit() {
        let at = "2026-11-24T09:00:00Z".parse().unwrap();
        for length in 1..=64 {
            let mut value = String::new();
            for n in 0..6 {
                let event = id(&format!("{n}{}", "e".repeat(length - 1)));
                value = alerted_value(Some(&value), at, &event, &["kind"]);
            }
            let alerts: Vec<&str> = value.split(" event=").skip(1).collect();
            let one_more = value.len() + " event=".len() + length + "/kind".len();
            assert!(value.len() <= 256 && value.ends_with("/kind"), "{value}");
            assert!(alerts.len() == 4 || alerts.len() < 4 && one_more > 256, "{value}");
        }
    }

    #[test]
    fn each_kind_of_alert_is_remembered_apart() {
        let event = id("b3c1a1de-0000-4000-8000-000000000001");
        let at = "2026-11-24T09:00:00Z".parse().unwrap();
        let value = alerted_value(None, at, &event, &["held-by-hand", "release-failed"]);
        assert!(has_alerted(&value, &event, "release-failed") && has_alerted(&value, &event, "held-by-hand"));
        assert!(!has_alerted(&value, &event, "enrolment-alert"));
        // As an earlier version wrote it.
        let value = format!("2026-11-24T09:00:00Z event={event}");
        assert!(has_alerted(&value, &event, "enrolment-alert"));
    }

    #[test]
    fn ledger_keeps_the_newest_that_fit() {
        let mut told = Vec::new();
        for n in 0..20 {
            let value = root_events_value(&told, &[id(&format!("b3c1a1de-0000-4000-8000-{n:012}"))]);
            assert!(value.len() <= 256);
            told = parse_root_events(&value);
        }
        assert_eq!(told.len(), 6);
        assert!(told.last().unwrap().as_str().ends_with("19"));
        let long = root_events_value(
            &[id(&"a".repeat(64)), id(&"b".repeat(64)), id(&"c".repeat(64))],
            &[id(&"d".repeat(64))],
        );
        assert!(long.len() <= 256 && long.ends_with('d'));
        let just_fits = [id(&"a".repeat(63)), id(&"b".repeat(63)), id(&"c".repeat(63)), id(&"d".repeat(64))];
        assert_eq!(root_events_value(&just_fits, &[]).len(), 256);
    }
}
