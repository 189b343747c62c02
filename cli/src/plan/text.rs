//! A plan for people, in a terminal.

use crate::output::{Columns, Look, Page, Tint, cell, tinted};
use jiff::Timestamp;
use mfa_enforcer_core::code_words::words;
use mfa_enforcer_core::digest::ChangeKind;
use mfa_enforcer_core::forecast::{Day, Person, Prospect};

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

/// The plan as text.
pub(super) fn table(prospect: &Prospect, look: Look) -> String {
    let mut page = Page::new(look);
    page.say(head(prospect));
    if prospect.days.is_empty() {
        page.say("\nNothing is expected.");
    } else {
        page.say("\n");
        page.table(&days(&prospect.days, page.columns()));
        page.say(format!("\nIn the order of time ({}):\n\n", prospect.zone()));
        page.table(&groups(prospect, page.columns()));
    }
    let to_fix = prospect.to_fix().into_iter();
    page.list("To fix first", to_fix.map(|(finding, users)| format!("{finding}\n    {}", names(&users))));
    page.list("Not known", prospect.unknown.iter().cloned());
    page.say(
        "\nNothing was changed. This holds if nobody enrols a device, signs in or is exempted, and every message \
         arrives.",
    );
    page.into_text()
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
        (mfa, true) => format!("MFA {}", words(mfa)),
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

/// How much is expected on each day.
pub(super) fn days(days: &[Day], table: Columns) -> Columns {
    let count = |day: &Day, kinds: &[ChangeKind]| -> usize {
        kinds.iter().filter_map(|kind| day.users.get(kind.code())).sum()
    };
    let counted = DAYS.iter().filter(|(_, kinds)| days.iter().any(|day| count(day, kinds) > 0));
    let counted: Vec<_> = counted.collect();
    let mut table = table.head(std::iter::once("day").chain(counted.iter().map(|(name, _)| *name)));
    for day in days {
        let counts = counted.iter().map(|(_, kinds)| count(day, kinds).to_string());
        table.row(std::iter::once(day.date.to_string()).chain(counts).map(cell));
    }
    table
}

/// When users are expected to be quarantined, the first one first.
pub(super) fn contained(prospect: &Prospect) -> Vec<Timestamp> {
    let mut times: Vec<Timestamp> = prospect.users.iter().filter_map(Person::contained_at).collect();
    times.sort_unstable();
    times
}

fn groups(prospect: &Prospect, table: Columns) -> Columns {
    let mut table = table.head(["when", "what", "messages", "why", "who"]);
    for group in prospect.groups() {
        let foreseen = &group.foreseen;
        table.row([
            cell(prospect.minute(foreseen.at)),
            tinted(foreseen.deed(), Tint::of(foreseen.what)),
            cell(foreseen.said()),
            cell(&foreseen.why),
            cell(names(&group.users)),
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
    use crate::output::{Look, documented};
    use mfa_enforcer_testing::evidence::prospect_of_people;

    #[test]
    fn page_shows_a_plan() {
        let prospect = prospect_of_people(&[("GRACE_PERIOD", "3d")], 10);
        documented::shows("plan", &table(&prospect, Look::plain(Some(120))));
    }

    #[test]
    fn names_do_not_steer_the_terminal() {
        let mut prospect = prospect_of_people(&[], 3);
        prospect.account.name = Some("a\u{1b}[31mb".to_owned());
        assert!(!table(&prospect, Look::plain(None)).contains('\u{1b}'));
    }
}
