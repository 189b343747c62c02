//! A prospect for programs and for spreadsheets.

use super::prospect::{Foreseen, Person, Prospect};
use crate::evidence::harmless;
use crate::tags::second;
use csv::WriterBuilder;

/// The columns of the CSV file.
const COLUMNS: [&str; 10] =
    ["at", "name", "id", "what", "messages", "reason", "why", "posture", "deadline", "reachable"];

/// The prospect as JSON, with a line break at the end.
#[must_use]
pub fn json(prospect: &Prospect) -> String {
    // INVARIANT: all keys are strings, so this does not fail.
    let text = serde_json::to_string_pretty(prospect).unwrap_or_default();
    format!("{text}\n")
}

/// What is expected as CSV, with a header: a line for each user and sweep. Cells that a spreadsheet takes for a formula get
/// an apostrophe in front, as in a record's table.
#[must_use]
pub fn csv(prospect: &Prospect) -> Vec<u8> {
    written(&COLUMNS, lines(prospect).map(|line| line.to_vec()))
}

/// The same for the accounts of an organization, with the number of the account in front.
#[must_use]
pub fn csv_of_accounts<'a>(accounts: impl Iterator<Item = (&'a str, &'a Prospect)>) -> Vec<u8> {
    let columns: Vec<&str> = ["account"].into_iter().chain(COLUMNS).collect();
    let lines = accounts.flat_map(|(account, prospect)| {
        lines(prospect).map(move |line| [account.to_owned()].into_iter().chain(line).collect())
    });
    written(&columns, lines)
}

fn written(columns: &[&str], lines: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    // INVARIANT: writing into memory does not fail, and all records have as many cells.
    drop(writer.write_record(columns));
    for line in lines {
        drop(writer.write_record(line.iter().map(|cell| harmless(cell))));
    }
    writer.into_inner().unwrap_or_default()
}

/// In the order of time.
fn lines(prospect: &Prospect) -> impl Iterator<Item = [String; 10]> {
    let mut lines: Vec<(&Foreseen, &Person)> = prospect
        .users
        .iter()
        .flat_map(|person| person.expected.iter().map(move |foreseen| (foreseen, person)))
        .collect();
    lines.sort_by_key(|(foreseen, _)| foreseen.at);
    lines.into_iter().map(|(foreseen, person)| cells(foreseen, person))
}

fn cells(foreseen: &Foreseen, person: &Person) -> [String; 10] {
    let row = &person.row;
    [
        second(foreseen.at),
        row.name.clone(),
        row.id.clone(),
        foreseen.what.code().to_owned(),
        foreseen.said().replace(", ", " "),
        foreseen.reason.to_owned(),
        foreseen.why.clone(),
        row.posture.clone(),
        row.deadline.map(second).unwrap_or_default(),
        person.reachable.to_owned(),
    ]
}
