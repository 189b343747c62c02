//! A report for people, in a terminal.

use crate::output::{Look, Page, Tint, cell, tinted};
use mfa_enforcer_core::code_words::words;
use mfa_enforcer_core::digest::Coverage;
use mfa_enforcer_core::evidence::{Overview, Row, Share};
use std::fmt::Write;

/// The report as text.
pub(super) fn table(overview: &Overview, look: Look) -> String {
    let mut page = Page::new(look);
    page.say(head(overview));
    let mut users = page.columns().head([
        "user",
        "posture",
        "mfa",
        "last sign-in",
        "active keys",
        "rights",
        "due",
        "exempt until",
    ]);
    // Whoever has something to do comes first.
    let mut rows: Vec<&Row> = overview.users.iter().collect();
    rows.sort_by_key(|row| (row.deadline.is_none(), row.deadline, !row.is_console(), &row.name));
    for row in rows {
        let [name, posture, rest @ ..] = cells(row);
        let tint = tint(row);
        users.row([cell(name), tinted(posture, tint)].into_iter().chain(rest.map(cell)));
    }
    page.say("\n");
    page.table(&users);
    page.list("Not known", overview.unknown.iter().cloned());
    page.into_text()
}

/// The color of how somebody stands.
fn tint(row: &Row) -> Option<Tint> {
    match (row.lacks_mfa(), row.is_exempt()) {
        (true, false) if row.deadline.is_some() => Some(Tint::Bad),
        (true, true) => Some(Tint::Care),
        (true, false) | (false, _) => row.mfa.has.filter(|has| *has).map(|_| Tint::Good),
    }
}

fn head(overview: &Overview) -> String {
    let figures = &overview.figures;
    let mut text = format!(
        "Account   {account}\n\
         Read      {at} UTC as {caller}\n\
         Users     {users}, {console} with a password: {grace} in grace, {overdue} overdue, {exempt} exempt\n\
         Root      MFA {root}{keys}\n",
        account = overview.account,
        at = overview.at.strftime("%Y-%m-%d %H:%M"),
        caller = overview.caller,
        users = figures.users,
        console = figures.console,
        grace = figures.in_grace,
        overdue = figures.overdue,
        exempt = figures.exempt,
        root = words(overview.root_mfa),
        keys = if overview.root_access_keys { ", and access keys, which nobody should need" } else { "" },
    );
    if let Some(reviews) = &overview.reviews {
        _ = writeln!(text, "Reviews   {}", reviews.says);
    }
    for share in &overview.coverage {
        let Share { part, whole, name, .. } = share;
        _ = writeln!(text, "MFA       {}: {part} of {whole} {}", percent(*part, *whole), words(name));
    }
    let failing = overview.controls.iter().filter(|control| control.result == "fail");
    for control in failing {
        _ = writeln!(
            text,
            "Fails     {} {}: {} of {}",
            control.standard, control.id, control.failing, control.checked
        );
    }
    text
}

/// A share in percent, or a dash if there is nobody.
pub(super) fn percent(part: usize, whole: usize) -> String {
    Coverage::of(part, whole).map_or_else(|| "-".to_owned(), |share| share.to_string())
}

fn cells(row: &Row) -> [String; 8] {
    let kinds: Vec<String> = row.mfa.devices.iter().map(|device| words(&device.kind)).collect();
    let mfa = match row.mfa.has {
        None => "not known".to_owned(),
        Some(false) => "none".to_owned(),
        Some(true) if kinds.is_empty() => "yes".to_owned(),
        Some(true) => kinds.join(", "),
    };
    let day = |time: &str| time.split('T').next().unwrap_or_default().to_owned();
    [
        row.name.clone(),
        words(&row.posture),
        mfa,
        day(&row.last_sign_in),
        row.access_keys.iter().filter(|key| key.active).count().to_string(),
        words(row.rights.as_deref().unwrap_or_default()),
        row.deadline.map(|at| at.strftime("%Y-%m-%d").to_string()).unwrap_or_default(),
        row.exemption.as_ref().and_then(|exempt| exempt.until).map(|day| day.to_string()).unwrap_or_default(),
    ]
}

#[cfg(test)]
mod tests {
    use super::table;
    use crate::output::{Look, documented};
    use mfa_enforcer_testing::evidence::overview_of_people;

    #[test]
    fn page_shows_a_report() {
        documented::shows("report", &table(&overview_of_people(), Look::plain(Some(120))));
    }
}
