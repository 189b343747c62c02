//! A plan for people, in a terminal.

use crate::output::{columns, printed};
use comfy_table::Table;
use mfa_enforcer_core::digest::ChangeKind;
use mfa_enforcer_core::forecast::{Day, Prospect};
use std::fmt::Write;

/// Up to so many users are named in a line.
const NAMED: usize = 20;

/// Columns of the table of days, with what is counted in each.
const DAYS: [(&str, &[ChangeKind]); 5] = [
    ("told", &[ChangeKind::Told]),
    ("quarantined", &[ChangeKind::Contained, ChangeKind::Repaired]),
    ("start to wait", &[ChangeKind::Waiting]),
    ("released", &[ChangeKind::Released]),
    ("withheld", &[ChangeKind::Withheld, ChangeKind::StaysContained]),
];

/// The plan as text, in lines of this width.
pub(super) fn table(prospect: &Prospect, width: Option<u16>) -> String {
    let mut text = String::new();
    // Writing into a string does not fail.
    _ = write!(text, "{}", head(prospect));
    if prospect.days.is_empty() {
        text.push_str("\nNothing is expected.\n");
    } else {
        _ = write!(text, "\n{}\n", days(prospect, width));
        _ = write!(text, "\nIn the order of time ({}):\n\n{}\n", prospect.zone(), groups(prospect, width));
    }
    if !prospect.to_fix().is_empty() {
        text.push_str("\nTo fix first:\n");
        for (finding, users) in prospect.to_fix() {
            _ = writeln!(text, "  {finding}\n    {}", names(&users));
        }
    }
    if !prospect.unknown.is_empty() {
        text.push_str("\nNot known:\n");
        for reason in &prospect.unknown {
            _ = writeln!(text, "  {reason}");
        }
    }
    text.push_str(
        "\nNothing was changed. This holds if nobody enrols a device, signs in or is exempted, and every message \
         arrives.\n",
    );
    printed(&text)
}

fn head(prospect: &Prospect) -> String {
    let figures = &prospect.figures;
    let chosen: Vec<String> =
        prospect.chosen().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let reached = |code: &str| {
        let lacks = prospect.users.iter().filter(|person| person.row.lacks_mfa() && !person.row.is_exempt());
        lacks.filter(|person| person.reachable == code).count()
    };
    let root = match (prospect.root.mfa, prospect.root.messages.is_empty()) {
        (_, false) => "no MFA: the administrators get an alert each day".to_owned(),
        (mfa, true) => format!("MFA {}", mfa.replace('-', " ")),
    };
    let keys = if prospect.root.access_keys { ", and access keys, which nobody should need" } else { "" };
    format!(
        "Account   {account}\n\
         Read      {from} {zone} as {caller}\n\
         Until     {until} {zone}\n\
         Settings  {chosen} (others: default)\n\
         Users     {users}, {console} with a password: {mfa} with MFA, {grace} in grace, {overdue} overdue, {exempt} exempt\n\
         Reached   of those without MFA, {mail} by mail, {text} by text message, {none} not at all\n\
         Root      {root}{keys}\n",
        account = prospect.account,
        from = prospect.minute(prospect.from),
        zone = prospect.zone(),
        caller = prospect.caller,
        until = prospect.minute(prospect.until),
        chosen = chosen.join(" "),
        users = figures.users,
        console = figures.console,
        mfa = figures.with_mfa,
        grace = figures.in_grace,
        overdue = figures.overdue,
        exempt = figures.exempt,
        mail = reached("yes") + reached("not-yet"),
        text = reached("by-text"),
        none = reached("no-address"),
    )
}

fn days(prospect: &Prospect, width: Option<u16>) -> Table {
    let count = |day: &Day, kinds: &[ChangeKind]| -> usize {
        kinds.iter().filter_map(|kind| day.users.get(kind.code())).sum()
    };
    let counted = DAYS.iter().filter(|(_, kinds)| prospect.days.iter().any(|day| count(day, kinds) > 0));
    let counted: Vec<_> = counted.collect();
    let mut table = columns(width);
    table.set_header(std::iter::once("day").chain(counted.iter().map(|(name, _)| *name)));
    for day in &prospect.days {
        let counts = counted.iter().map(|(_, kinds)| count(day, kinds).to_string());
        table.add_row(std::iter::once(day.date.to_string()).chain(counts));
    }
    table
}

fn groups(prospect: &Prospect, width: Option<u16>) -> Table {
    let mut table = columns(width);
    table.set_header(["when", "what", "messages", "why", "who"]);
    for group in prospect.groups() {
        table.add_row([
            prospect.minute(group.foreseen.at),
            group.foreseen.deed().to_owned(),
            group.foreseen.said(),
            group.foreseen.why.clone(),
            names(&group.users),
        ]);
    }
    table
}

/// How many there are, and the names of some.
fn names(users: &[&str]) -> String {
    let names = users.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    let more = users.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}: {names}{more}", users.len())
}

#[cfg(test)]
mod tests {
    use super::table;
    use crate::output::page;
    use mfa_enforcer_testing::evidence::prospect_of_people;

    #[test]
    fn page_shows_a_plan() {
        page::shows("plan", &table(&prospect_of_people(&[("GRACE_PERIOD", "3d")], 10), Some(120)));
    }

    #[test]
    fn names_do_not_steer_the_terminal() {
        let mut prospect = prospect_of_people(&[], 3);
        prospect.account.name = Some("a\u{1b}[31mb".to_owned());
        assert!(!table(&prospect, None).contains('\u{1b}'));
    }
}
