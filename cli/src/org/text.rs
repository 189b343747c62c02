//! What a document means in an organization, for people in a terminal.

use crate::output::{Columns, Look, Page, Tint, cell, tinted};
use mfa_enforcer_core::organization::{AccountSettings, DocumentCheck, Held};

/// The settings that the table of all accounts shows.
const SHOWN: [&str; 4] = ["MODE", "GRACE_PERIOD", "QUARANTINE_SCOPE", "CONTACT"];

/// The check as text, with what is wrong with the document; `in_full` for all settings of each account.
pub(super) fn table(check: &DocumentCheck, faults: Vec<String>, in_full: bool, look: Look) -> String {
    let mut page = Page::new(look);
    page.say(format!(
        "Organization  {}\nRead          {} UTC as {}\nAccounts      {}\n",
        check.organization,
        check.at.strftime("%Y-%m-%d %H:%M"),
        check.caller,
        check.accounts.len(),
    ));
    if in_full {
        for account in &check.accounts {
            page.say(format!("\n{} {} ({})\n\n", account.id, account.name, account.unit()));
            page.table(&settings(account, page.columns()));
        }
    } else {
        page.say("\n");
        page.table(&accounts(check, page.columns()));
    }
    page.list("Wrong", faults.into_iter().chain(check.faults_in_accounts()));
    ended_list(&mut page, check.ended());
    if !check.has_faults() {
        page.say("\nNothing is wrong.");
    }
    page.into_text()
}

/// A document in which nothing is wrong by itself.
pub(super) fn alone(ended: Vec<String>, look: Look) -> String {
    let mut page = Page::new(look);
    page.say("Nothing is wrong with the document by itself.");
    ended_list(&mut page, ended);
    page.into_text()
}

fn ended_list(page: &mut Page, ended: Vec<String>) {
    page.list("Ended, and so not in force", ended);
}

fn accounts(check: &DocumentCheck, table: Columns) -> Columns {
    let mut table = table.head(["account", "name", "unit", "mode", "grace", "scope", "contact", "exempt"]);
    for account in &check.accounts {
        let [mode, grace, scope, contact] = SHOWN.map(|setting| sourced(account, setting));
        let is_faulty = !account.faults.is_empty();
        table.row([
            tinted(&account.id, is_faulty.then_some(Tint::Bad)),
            cell(&account.name),
            cell(account.unit()),
            cell(mode),
            cell(grace),
            cell(scope),
            cell(contact),
            cell(account.exemptions().to_string()),
        ]);
    }
    table
}

/// A value, and where it comes from.
fn sourced(account: &AccountSettings, setting: &str) -> String {
    let mut held = account.values_of(setting);
    held.next().map(|held| format!("{} ({})", held.value, held.place())).unwrap_or_default()
}

fn settings(account: &AccountSettings, table: Columns) -> Columns {
    let mut table = table.head(["setting", "value", "from", "until", "reason"]);
    for held in &account.values {
        let Held { value, reason, until, .. } = held;
        table.row([
            cell(held.key()),
            cell(value),
            cell(held.origin()),
            cell(until.map(|until| until.to_string()).unwrap_or_default()),
            cell(reason.as_deref().unwrap_or_default()),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::table;
    use crate::output::{Look, documented};
    use mfa_enforcer_testing::organizations::settings_of_example;

    #[test]
    fn page_shows_a_check() {
        let look = Look::plain(Some(140));
        documented::shows_on(
            "ORGANIZATION.md",
            "org-check",
            &table(&settings_of_example(), Vec::new(), false, look),
        );
    }
}
