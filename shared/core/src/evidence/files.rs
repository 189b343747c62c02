//! The rows of a record as files: JSON lines for programs, CSV for spreadsheets.

use super::devices::Device;
use super::row::{Key, Row};
use crate::counted::counted;
use crate::tags::second;
use csv::WriterBuilder;
use jiff::Timestamp;

/// The rows as JSON lines.
#[must_use]
pub fn json_lines(rows: &[Row]) -> Vec<u8> {
    let mut lines = Vec::new();
    for row in rows {
        lines.extend(super::json_line(row));
    }
    lines
}

/// The rows in a file of JSON lines; `None` if one of them is not one of ours.
#[must_use]
pub fn read_json_lines(bytes: &[u8]) -> Option<Vec<Row>> {
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).ok()).collect()
}

/// The columns of the CSV file.
const COLUMNS: [&str; 25] = [
    "name",
    "id",
    "arn",
    "created",
    "password",
    "password_changed",
    "mfa",
    "mfa_devices",
    "mfa_devices_listed",
    "last_sign_in",
    "access_keys",
    "rights",
    "posture",
    "deadline",
    "exemption",
    "exempt_until",
    "exemption_reason",
    "exempted_by",
    "exempted_since",
    "contained_since",
    "containment_cause",
    "containment_event",
    "episode",
    "findings",
    "unknown",
];

/// The rows as CSV, with a header.
///
/// Spreadsheets take a cell that begins with `=`, `+`, `-` or `@` for a formula, and user names and reasons may begin like
/// that. Such a cell, and one that begins with a control character, gets an apostrophe in front. The JSON lines have the
/// value as it is.
#[must_use]
pub fn csv(rows: &[Row]) -> Vec<u8> {
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    // INVARIANT: writing into memory does not fail, and all records have as many cells.
    drop(writer.write_record(COLUMNS));
    for row in rows {
        drop(writer.write_record(cells(row).iter().map(|cell| harmless(cell))));
    }
    writer.into_inner().unwrap_or_default()
}

fn cells(row: &Row) -> [String; 25] {
    let exemption = row.exemption.as_ref();
    let containment = row.containment.as_ref();
    [
        row.name.clone(),
        row.id.clone(),
        row.arn.clone(),
        second(row.created),
        known(row.password.set),
        time(row.password.changed),
        known(row.mfa.has),
        row.mfa.devices.iter().map(device).collect::<Vec<_>>().join("; "),
        time(row.mfa.listed),
        row.last_sign_in.clone(),
        row.access_keys.iter().map(key).collect::<Vec<_>>().join("; "),
        row.rights.clone().unwrap_or_default(),
        row.posture.clone(),
        time(row.deadline),
        exemption.map(|exempt| exempt.kind.clone()).unwrap_or_default(),
        exemption.and_then(|exempt| exempt.until).map(|day| day.to_string()).unwrap_or_default(),
        exemption.and_then(|exempt| exempt.reason.clone()).unwrap_or_default(),
        exemption.map(|exempt| exempt.by.clone()).unwrap_or_default(),
        time(exemption.and_then(|exempt| exempt.since)),
        time(containment.and_then(|record| record.since)),
        containment
            .map(|record| record.cause.clone().unwrap_or_else(|| "unknown".to_owned()))
            .unwrap_or_default(),
        containment.and_then(|record| record.event.clone()).unwrap_or_default(),
        containment.and_then(|record| record.episode.clone()).unwrap_or_default(),
        row.findings.join(" "),
        row.unknown.join(" "),
    ]
}

/// A cell that no spreadsheet takes for a formula.
pub(crate) fn harmless(cell: &str) -> String {
    let is_formula = |c: char| "=+-@＝＋－＠".contains(c) || c.is_control();
    let apostrophe = if cell.trim_start_matches(' ').starts_with(is_formula) { "'" } else { "" };
    format!("{apostrophe}{cell}")
}

fn known(answer: Option<bool>) -> String {
    answer.map_or("unknown", |yes| if yes { "yes" } else { "no" }).to_owned()
}

fn time(at: Option<Timestamp>) -> String {
    at.map(second).unwrap_or_default()
}

fn device(device: &Device) -> String {
    let enrolled = device.enrolled.map_or_else(|| "unknown".to_owned(), second);
    format!("{} since {enrolled} (as of {})", device.kind, second(device.as_of))
}

fn key(key: &Key) -> String {
    let state = if key.active { "active" } else { "inactive" };
    let age = key.age_days.map_or_else(|| "of unknown age".to_owned(), |days| counted(days, "day") + " old");
    format!("{} {state}, {age}, last used: {}", key.number, key.last_used)
}
