//! A checkup of an organization for people, in a terminal.

use crate::doctor::checkup_text::{said, tint};
use crate::output::{Columns, Look, Page, cell, tinted};
use mfa_enforcer_core::checkup::{AccountCheckup, OrganizationCheckup, State};
use mfa_enforcer_core::code_words::words;

/// From the worst, as the last line counts them.
const STATES: [State; 4] = [State::Broken, State::Unknown, State::Warning, State::Ok];

/// The checkup as text: of each account what is wrong, or that nothing is, and what is named all the same.
pub(crate) fn text(checkup: &OrganizationCheckup, look: Look) -> String {
    let mut page = Page::new(look);
    page.say(head(checkup));
    page.say("\n");
    page.table(&hub(checkup, page.columns()));
    page.say("\n");
    page.table(&accounts(checkup, page.columns()));
    let counts = STATES.map(|state| format!("{} {}", checkup.count(state), state.code()));
    page.say(format!("\nAccounts: {}", counts.join(", ")));
    page.into_text()
}

fn head(checkup: &OrganizationCheckup) -> String {
    let hub = &checkup.hub;
    format!(
        "Organization  {}\nHub           {} in {}, account {}\nRead          {} UTC as {}\n",
        checkup.organization,
        hub.stack,
        hub.region,
        hub.account,
        checkup.at.strftime("%Y-%m-%d %H:%M"),
        checkup.caller,
    )
}

fn hub(checkup: &OrganizationCheckup, table: Columns) -> Columns {
    let mut table = table.head(["state", "of the hub", "what is so"]);
    for check in &checkup.hub.checks {
        table.row([state(check.state), cell(words(check.item.code())), cell(said(check))]);
    }
    table
}

fn accounts(checkup: &OrganizationCheckup, table: Columns) -> Columns {
    let mut table = table.head(["state", "account", "item", "what is so"]);
    for account in &checkup.accounts {
        let mut called = format!("{}\n{}", account.id, account.name);
        let mut row = |how: State, item: &str, says: String| {
            table.row([state(how), cell(std::mem::take(&mut called)), cell(words(item)), cell(says)]);
        };
        if account.state == State::Ok {
            row(State::Ok, "", in_order(account));
        }
        account.told().for_each(|check| row(check.state, check.item.code(), said(check)));
    }
    table
}

/// The first check says what the account is.
fn in_order(account: &AccountCheckup) -> String {
    let first = account.checks.first().map(|check| check.says.as_str()).unwrap_or_default();
    format!("{first}. Checks that are ok: {}", account.checks.len())
}

fn state(state: State) -> comfy_table::Cell {
    tinted(state.code(), Some(tint(state)))
}

#[cfg(test)]
mod tests {
    use super::text;
    use crate::output::{Look, documented};
    use mfa_enforcer_core::checkup::{OrganizationCheckup, RulesSeen};
    use mfa_enforcer_testing::organization_checkups::{ELSEWHERE, healthy, member, with_faults};

    #[test]
    fn page_shows_a_checkup_of_an_organization() {
        let checkup = OrganizationCheckup::of(&with_faults());
        documented::shows("doctor-org", &text(&checkup, Look::plain(Some(120))));
    }

    #[test]
    fn denied_region_is_named_in_an_account_that_is_in_order() {
        let mut seen = healthy();
        for region in member(&mut seen).others.as_mut().unwrap() {
            region.rules = RulesSeen::Denied("denied".to_owned());
        }
        let text = text(&OrganizationCheckup::of(&seen), Look::plain(None));
        assert!(text.contains(&format!("access is denied in {ELSEWHERE}")), "{text}");
    }

    #[test]
    fn answers_do_not_steer_the_terminal() {
        let mut seen = healthy();
        seen.hub.books = Err("a\u{1b}[31mb".to_owned());
        assert!(!text(&OrganizationCheckup::of(&seen), Look::plain(None)).contains('\u{1b}'));
    }
}
