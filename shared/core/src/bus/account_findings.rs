//! The findings of a daily sweep about root and the account.

use super::act_events::ROOT_WITHOUT_MFA;
use super::body::{Draft, Event, Level, Place, State};
use super::{BusEvent, DetailType, OpenFindings, Swept};
use crate::counted::counted;
use crate::digest::AccountFinding;
use crate::snapshot::RootMfa;
use std::collections::BTreeMap;

/// Nobody gets the alerts, or it is not known who does.
const NOBODY_TOLD: &str = "alerts-reach-nobody";
/// Quarantines wait. The alert has the same name.
const HELD: &str = "too-many-quarantines";
/// Something could not be done.
const INCOMPLETE: &str = "sweep-incomplete";

/// The findings about root and the account that are open, those that are no longer so, and what to note.
pub(super) fn of_account(swept: Swept<'_>, before: &OpenFindings) -> (Vec<BusEvent>, OpenFindings) {
    let found = found(swept);
    let now = OpenFindings::from_codes(found.keys().copied());
    let state = |code: &str| if before.has(code) { State::Updated } else { State::New };
    let open = found.iter().map(|(code, (level, text))| entry(swept, code, *level, state(code), text));
    let over = before.without(&now).map(|code| {
        entry(swept, code, Level::Informational, State::Resolved, &format!("no longer so: {code}"))
    });
    (open.chain(over).collect(), now)
}

/// What is found, by code. Several of one code are one finding.
fn found(swept: Swept<'_>) -> BTreeMap<&'static str, (Level, String)> {
    let mut found: BTreeMap<&'static str, (Level, String)> = BTreeMap::new();
    let mut add = |code, level, text: String| {
        let (highest, texts) = found.entry(code).or_insert((level, String::new()));
        *highest = level.max(*highest);
        texts.push_str(if texts.is_empty() { "" } else { "; " });
        texts.push_str(&text);
    };
    for finding in &swept.result.findings {
        add(finding.code(), level(finding), finding.to_string());
    }
    if let Some(text) = swept.alerts_subscribers.finding() {
        add(NOBODY_TOLD, Level::Critical, text.to_owned());
    }
    if swept.root.mfa == RootMfa::Missing {
        add(ROOT_WITHOUT_MFA, Level::Critical, "the root user has no MFA".to_owned());
    }
    if swept.root.access_keys {
        add("root-access-keys", Level::High, "the root user has access keys".to_owned());
    }
    let waiting = swept.result.waiting().len();
    if waiting > 0 {
        add(HELD, Level::Critical, format!("users who are due for quarantine and wait: {waiting}"));
    }
    let (failures, left) = (swept.result.failures.len(), swept.result.remaining.len());
    if failures + left > 0 {
        let (failed, users) = (counted(failures, "failure"), counted(left, "user"));
        add(INCOMPLETE, Level::Medium, format!("the sweep had {failed}, and left {users}"));
    }
    found
}

fn level(finding: &AccountFinding) -> Level {
    match (finding.is_critical(), finding.is_failure()) {
        (true, _) => Level::Critical,
        (false, true) => Level::Medium,
        (false, false) => Level::Low,
    }
}

fn entry(swept: Swept<'_>, code: &str, level: Level, state: State, text: &str) -> BusEvent {
    let draft = Draft {
        detail_type: DetailType::DetectionFinding,
        kind: "finding",
        code,
        finding: code.to_owned(),
        state,
        level,
        place: if code.starts_with("root-") { Place::Root } else { Place::Account },
        title: text.to_owned(),
        text: text.to_owned(),
        event: Event::of_sweep(swept.request),
        time: swept.at,
    };
    draft.body(swept.settings).entry(DetailType::DetectionFinding)
}
