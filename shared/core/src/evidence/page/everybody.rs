//! The table of all users.

use super::super::row::{Exempt, Row};
use super::{day, wide};
use crate::code_words::words;
use crate::counted::counted;
use maud::{Markup, html};

/// The postures, in the order in which the page offers them.
const POSTURES: [&str; 6] = ["compliant", "in-grace", "overdue", "exempt", "not-applicable", "unknown"];

/// Everybody, with a search that appears where scripts run.
pub(super) fn table(rows: &[Row]) -> Markup {
    let table = html! {
        table id="users" {
            thead { tr {
                @for column in [
                    "User", "Posture", "MFA", "Enrolled", "Last sign-in", "Password set", "Active keys", "Rights", "Due",
                    "Exempt until", "Exemption", "Quarantine", "Not known",
                ] { th scope="col" { (column) } }
            } }
            tbody { @for row in rows { (user(row)) } }
        }
    };
    html! {
        h2 { "Everybody" }
        (search(rows.len()))
        (wide("All users", &table))
    }
}

/// The search above a table of so many users, which appears where scripts run.
pub(crate) fn search(users: usize) -> Markup {
    html! {
        div id="search" class="search" role="search" aria-label="Users" hidden {
            label { "Find" input id="text" type="search" autocomplete="off"; }
            label { "Posture" select id="posture" {
                option value="" { "any" }
                @for posture in POSTURES { option value=(words(posture)) { (words(posture)) } }
            } }
            span id="count" role="status" { (counted(users, "user")) }
        }
    }
}

fn user(row: &Row) -> Markup {
    let kinds: Vec<&str> = row.mfa.devices.iter().map(|device| device.kind.as_str()).collect();
    let mfa = match row.mfa.has {
        None => "not known".to_owned(),
        Some(false) => "none".to_owned(),
        Some(true) => kinds.iter().map(|kind| words(kind)).collect::<Vec<_>>().join(", "),
    };
    let enrolled = row.mfa.devices.iter().filter_map(|device| device.enrolled).min();
    let containment = row.containment.as_ref();
    html! {
        tr {
            th scope="row" { (row.name) }
            td { (words(&row.posture)) }
            td { (mfa) }
            td { (enrolled.map(day).unwrap_or_default()) }
            td { (row.last_sign_in.split('T').next().unwrap_or_default()) }
            td { (row.password.changed.map(day).unwrap_or_default()) }
            td { (row.access_keys.iter().filter(|key| key.active).count()) }
            td { (row.rights.as_deref().map(words).unwrap_or_default()) }
            td { (row.deadline.map(day).unwrap_or_default()) }
            td { (row.exemption.as_ref().and_then(|exempt| exempt.until).map(|day| day.to_string()).unwrap_or_default()) }
            td { (row.exemption.as_ref().map(exemption).unwrap_or_default()) }
            td {
                @if let Some(record) = containment {
                    (record.since.map_or_else(|| "yes".to_owned(), day)) " "
                    (record.cause.as_deref().map(words).unwrap_or_default())
                }
            }
            td { (row.unknown.join(" ")) }
        }
    }
}

fn exemption(exempt: &Exempt) -> String {
    let reason = exempt.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("by {}, decided by {}{reason}", words(&exempt.kind), exempt.by)
}
