//! One user for people, in a terminal.

use crate::output::{Columns, Look, Page, Tint, cell, tinted};
use mfa_enforcer_core::code_words::words;
use mfa_enforcer_core::evidence::Row;
use mfa_enforcer_core::inspection::Inspection;

/// The user as text.
pub(super) fn table(inspection: &Inspection, look: Look) -> String {
    let mut page = Page::new(look);
    page.say(head(inspection));
    page.list("To fix", inspection.findings.iter().map(ToString::to_string));
    if !inspection.tags.is_empty() {
        let mut tags = page.columns();
        inspection.tags.iter().for_each(|tag| tags.row([cell(&tag.key), cell(&tag.says)]));
        page.say("\nTags:\n\n");
        page.table(&tags);
    }
    if inspection.happened.is_empty() {
        page.say("\nNothing is known to have happened.");
    } else {
        page.say(format!("\nWhat happened ({}):\n\n", inspection.zone));
        page.table(&happened(inspection, page.columns()));
    }
    let until = inspection.minute(inspection.until);
    if inspection.expected.is_empty() {
        page.say(format!("\nNothing is expected until {until}."));
    } else {
        page.say(format!("\nWhat would happen next, until {until}:\n\n"));
        page.table(&expected(inspection, page.columns()));
    }
    page.list("Not known", inspection.unknown.iter().cloned());
    page.say(
        "\nNothing was changed. What would happen next holds if nobody does anything, and every message arrives.",
    );
    page.into_text()
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
        format!("{}{since}", words(&device.kind))
    });
    match row.mfa.has {
        None => "not known".to_owned(),
        Some(false) => "none".to_owned(),
        Some(true) => devices.collect::<Vec<_>>().join("; "),
    }
}

fn happened(inspection: &Inspection, table: Columns) -> Columns {
    let mut table = table.head(["when", "what", "who"]);
    for happening in &inspection.happened {
        table.row([cell(inspection.minute(happening.at)), cell(&happening.what), cell(&happening.by)]);
    }
    table
}

fn expected(inspection: &Inspection, table: Columns) -> Columns {
    let mut table = table.head(["when", "what", "messages", "why"]);
    for foreseen in &inspection.expected {
        table.row([
            cell(inspection.minute(foreseen.at)),
            tinted(foreseen.deed(), Tint::of(foreseen.what)),
            cell(foreseen.said()),
            cell(&foreseen.why),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::table;
    use crate::output::{Look, documented};
    use mfa_enforcer_testing::inspections::inspection_of;

    #[test]
    fn page_shows_a_user() {
        documented::shows("user", &table(&inspection_of("grace", 10), Look::plain(Some(120))));
    }

    #[test]
    fn names_do_not_steer_the_terminal() {
        let mut inspection = inspection_of("grace", 3);
        inspection.user.name = "a\u{1b}[31mb".to_owned();
        assert!(!table(&inspection, Look::plain(None)).contains('\u{1b}'));
    }
}
