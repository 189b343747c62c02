//! One user for people, in a terminal.

use crate::output::{columns, printed};
use comfy_table::Table;
use mfa_enforcer_core::evidence::Row;
use mfa_enforcer_core::inspection::Inspection;
use std::fmt::Write;

/// The user as text, in lines of this width.
pub(super) fn table(inspection: &Inspection, width: Option<u16>) -> String {
    let mut text = head(inspection);
    // Writing into a string does not fail.
    if !inspection.findings.is_empty() {
        text.push_str("\nTo fix:\n");
        for finding in &inspection.findings {
            _ = writeln!(text, "  {finding}");
        }
    }
    if !inspection.tags.is_empty() {
        let mut tags = columns(width);
        for tag in &inspection.tags {
            tags.add_row([&tag.key, &tag.says]);
        }
        _ = write!(text, "\nTags:\n\n{tags}\n");
    }
    if inspection.happened.is_empty() {
        text.push_str("\nNothing is known to have happened.\n");
    } else {
        _ = write!(text, "\nWhat happened ({}):\n\n{}\n", inspection.zone, happened(inspection, width));
    }
    let until = inspection.minute(inspection.until);
    if inspection.expected.is_empty() {
        _ = write!(text, "\nNothing is expected until {until}.\n");
    } else {
        _ = write!(text, "\nWhat would happen next, until {until}:\n\n{}\n", expected(inspection, width));
    }
    if !inspection.unknown.is_empty() {
        text.push_str("\nNot known:\n");
        for reason in &inspection.unknown {
            _ = writeln!(text, "  {reason}");
        }
    }
    text.push_str(
        "\nNothing was changed. What would happen next holds if nobody does anything, and every message arrives.\n",
    );
    printed(&text)
}

fn head(inspection: &Inspection) -> String {
    let row = &inspection.user;
    let messages = match inspection.reachable {
        "yes" => "arrive by mail",
        "by-text" => "arrive by text message only",
        "not-yet" => "do not arrive yet: the last one is still owed",
        _ => "reach nobody: there is no address",
    };
    format!(
        "User      {name} ({id}), created {created}\n\
         Account   {account}\n\
         Read      {at} {zone} as {caller}\n\
         Stands    {stands}\n\
         Devices   {devices}\n\
         Sign-in   last {sign_in}\n\
         Keys      {keys} active\n\
         Messages  {messages}\n",
        name = row.name,
        id = row.id,
        created = inspection.minute(row.created),
        account = inspection.account,
        at = inspection.minute(inspection.at),
        zone = inspection.zone,
        caller = inspection.caller,
        stands = inspection.stands,
        devices = devices(inspection, row),
        sign_in =
            row.last_sign_in.parse().map_or_else(|_| row.last_sign_in.clone(), |at| inspection.minute(at)),
        keys = row.access_keys.iter().filter(|key| key.active).count(),
    )
}

fn devices(inspection: &Inspection, row: &Row) -> String {
    let devices = row.mfa.devices.iter().map(|device| {
        let since =
            device.enrolled.map(|at| format!(", since {}", inspection.minute(at))).unwrap_or_default();
        format!("{}{since}", device.kind.replace('-', " "))
    });
    match row.mfa.has {
        None => "not known".to_owned(),
        Some(false) => "none".to_owned(),
        Some(true) => devices.collect::<Vec<_>>().join("; "),
    }
}

fn happened(inspection: &Inspection, width: Option<u16>) -> Table {
    let mut table = columns(width);
    table.set_header(["when", "what", "who"]);
    for happening in &inspection.happened {
        table.add_row([inspection.minute(happening.at), happening.what.clone(), happening.by.clone()]);
    }
    table
}

fn expected(inspection: &Inspection, width: Option<u16>) -> Table {
    let mut table = columns(width);
    table.set_header(["when", "what", "messages", "why"]);
    for foreseen in &inspection.expected {
        table.add_row([
            inspection.minute(foreseen.at),
            foreseen.deed().to_owned(),
            foreseen.said(),
            foreseen.why.clone(),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::table;
    use crate::output::page;
    use mfa_enforcer_testing::inspections::inspection_of;

    #[test]
    fn page_shows_a_user() {
        page::shows("user", &table(&inspection_of("grace", 10), Some(120)));
    }

    #[test]
    fn names_do_not_steer_the_terminal() {
        let mut inspection = inspection_of("grace", 3);
        inspection.user.name = "a\u{1b}[31mb".to_owned();
        assert!(!table(&inspection, None).contains('\u{1b}'));
    }
}
