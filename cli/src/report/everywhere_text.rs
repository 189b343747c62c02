//! The report of an organization for people, in a terminal.

use super::text::percent;
use crate::output::{Columns, Look, Page, Tint, cell, tinted};
use mfa_enforcer_core::code_words::words;
use mfa_enforcer_core::evidence::{Counts, Overview};
use mfa_enforcer_core::organization::{AccountReport, OrganizationOverview, UnitFigures};

/// The report as text.
pub(super) fn table(overview: &OrganizationOverview, look: Look) -> String {
    let mut page = Page::new(look);
    page.say(head(overview));
    page.say("\n");
    page.table(&units(overview, page.columns()));
    page.say("\n");
    page.table(&accounts(overview, page.columns()));
    page.list("Not read", overview.not_read());
    page.list("Not known", overview.unknown());
    page.into_text()
}

fn head(overview: &OrganizationOverview) -> String {
    let figures = &overview.figures;
    let share = |part, whole| format!("{}: {part} of {whole}", percent(part, whole));
    format!(
        "Organization  {id}\n\
         Read          {at} UTC as {caller}\n\
         Accounts      {read} of {all} read\n\
         Users         {users}, {console} with a password: {grace} in grace, {overdue} overdue, {exempt} exempt\n\
         MFA           {mfa} console users\n",
        id = overview.organization,
        at = overview.at.strftime("%Y-%m-%d %H:%M"),
        caller = overview.caller,
        read = overview.read(),
        all = overview.accounts.len(),
        users = figures.users,
        console = figures.console,
        grace = figures.in_grace,
        overdue = figures.overdue,
        exempt = figures.exempt,
        mfa = share(figures.with_mfa, figures.console),
    )
}

fn units(overview: &OrganizationOverview, table: Columns) -> Columns {
    let mut table =
        table.head(["organizational unit", "accounts", "read", "with a password", "MFA", "overdue"]);
    for UnitFigures { path, accounts, read, figures } in &overview.units {
        table.row([
            cell(path.join(" / ")),
            cell(accounts.to_string()),
            tinted(read.to_string(), (read < accounts).then_some(Tint::Care)),
            cell(figures.console.to_string()),
            cell(percent(figures.with_mfa, figures.console)),
            overdue(figures),
        ]);
    }
    table
}

fn accounts(overview: &OrganizationOverview, table: Columns) -> Columns {
    let mut table = table.head([
        "account",
        "name",
        "users",
        "with a password",
        "MFA",
        "in grace",
        "overdue",
        "exempt",
        "root",
    ]);
    let mut read: Vec<(&AccountReport, &Overview)> = overview
        .accounts
        .iter()
        .filter_map(|account| account.report.as_ref().map(|report| (account, report)))
        .collect();
    // Those with most to do come first.
    read.sort_by_key(|(_, report)| usize::MAX - report.figures.overdue);
    for (account, report) in read {
        let figures = &report.figures;
        table.row([
            cell(&account.id),
            cell(&account.name),
            cell(figures.users.to_string()),
            cell(figures.console.to_string()),
            cell(percent(figures.with_mfa, figures.console)),
            cell(figures.in_grace.to_string()),
            overdue(figures),
            cell(figures.exempt.to_string()),
            cell(root(report)),
        ]);
    }
    table
}

fn overdue(figures: &Counts) -> comfy_table::Cell {
    tinted(figures.overdue.to_string(), (figures.overdue > 0).then_some(Tint::Bad))
}

fn root(report: &Overview) -> String {
    let keys = if report.root_access_keys { ", access keys" } else { "" };
    format!("MFA {}{keys}", words(report.root_mfa))
}

#[cfg(test)]
mod tests {
    use super::table;
    use crate::output::{Look, documented};
    use mfa_enforcer_testing::organizations::organization_of_people;

    #[test]
    fn page_shows_a_report_of_an_organization() {
        documented::shows("report-org", &table(&organization_of_people(), Look::plain(Some(120))));
    }
}
