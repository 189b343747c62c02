//! The plan of an organization for people, in a terminal.

use super::text::{contained, days};
use crate::output::{Columns, Look, Page, Tint, cell, tinted};
use jiff::Timestamp;
use mfa_enforcer_core::counted::counted;
use mfa_enforcer_core::forecast::Prospect;
use mfa_enforcer_core::organization::{HeldHour, OrganizationProspect};

/// The plan as text.
pub(super) fn table(plan: &OrganizationProspect, look: Look) -> String {
    let mut page = Page::new(look);
    page.say(head(plan));
    page.say("\n");
    page.table(&accounts(plan, page.columns()));
    if plan.days.is_empty() {
        page.say(match (plan.read().next(), plan.has_gaps()) {
            (None, _) => "\nNothing is known, since no account was read.\n",
            (Some(_), true) => "\nNothing is expected in what was read.\n",
            (Some(_), false) => "\nNothing is expected.\n",
        });
    } else {
        page.say("\n");
        page.table(&days(&plan.days, page.columns()));
    }
    page.list("Held by a hub", plan.held.iter().map(held));
    page.list("Not read", plan.not_read());
    page.list("Not known", plan.unknown());
    page.say(
        "\nNothing was changed. This holds if nobody enrols a device, signs in or is exempted, and every message \
         arrives.",
    );
    page.into_text()
}

/// The limits of an account are in its plan.
fn held(hour: &HeldHour) -> String {
    let HeldHour { hour, users, limit, held, last } = hour;
    let hour_of = |at: &Timestamp| at.strftime("%Y-%m-%d %H:00").to_string();
    let last = last.as_ref().map_or_else(
        || "of whom some still wait at the end of this plan".to_owned(),
        |last| format!("the last of them for that of {}", hour_of(last)),
    );
    let wait = if *held == 1 { "waits" } else { "wait" };
    format!(
        "{}: of {} in this hour (UTC), {held} {wait} for later sweeps, {last}, since only {limit} may \
         begin in all accounts (MAX_QUARANTINES)",
        hour_of(hour),
        counted(*users, "quarantine")
    )
}

fn head(plan: &OrganizationProspect) -> String {
    let sum = |count: fn(&Prospect) -> usize| plan.read().map(|(_, plan)| count(plan)).sum::<usize>();
    format!(
        "Organization  {id}\n\
         Read          {at} UTC as {caller}\n\
         Accounts      {read} of {all} read\n\
         Users         {users}, {console} with a password: {mfa} with MFA, {grace} in grace, {overdue} overdue, {exempt} exempt\n",
        id = plan.organization,
        at = plan.at.strftime("%Y-%m-%d %H:%M"),
        caller = plan.caller,
        read = plan.read().count(),
        all = plan.accounts.len(),
        users = sum(|plan| plan.figures.users),
        console = sum(|plan| plan.figures.console),
        mfa = sum(|plan| plan.figures.with_mfa),
        grace = sum(|plan| plan.figures.in_grace),
        overdue = sum(|plan| plan.figures.overdue),
        exempt = sum(|plan| plan.figures.exempt),
    )
}

fn accounts(plan: &OrganizationProspect, table: Columns) -> Columns {
    let mut table =
        table.head(["account", "name", "unit", "mode", "grace", "without MFA", "quarantined", "first on"]);
    for (account, prospect) in plan.read() {
        let figures = &prospect.figures;
        let quarantines = contained(prospect);
        let first = quarantines.first().map(|at| prospect.minute(*at)).unwrap_or_default();
        let setting = |name: &str| prospect.settings.get(name).map(String::as_str).unwrap_or_default();
        table.row([
            cell(&account.id),
            cell(&account.name),
            cell(account.units.join(" / ")),
            cell(setting("MODE")),
            cell(setting("GRACE_PERIOD")),
            cell((figures.console - figures.with_mfa).to_string()),
            tinted(quarantines.len().to_string(), (!quarantines.is_empty()).then_some(Tint::Bad)),
            cell(first),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::table;
    use crate::output::{Look, documented};
    use mfa_enforcer_core::organization::{HeldHour, OrganizationProspect};
    use mfa_enforcer_testing::evidence::prospect_of_people;
    use mfa_enforcer_testing::organizations::{account, plan_of_people};
    use rstest::rstest;

    #[test]
    fn page_shows_a_plan_of_an_organization() {
        documented::shows("plan-org", &table(&plan_of_people(), Look::plain(Some(120))));
    }

    #[test]
    fn what_a_hub_would_hold_is_said() {
        let hour = "2026-11-02T06:00:00Z".parse().unwrap();
        let of_last = |last: Option<&str>| {
            let last = last.map(|last| last.parse().unwrap());
            let held = vec![HeldHour { hour, users: 12, limit: 10, held: 2, last }];
            table(&OrganizationProspect { held, ..plan_of_people() }, Look::plain(None))
        };
        let said = of_last(Some("2026-11-02T07:00:00Z"));
        let words = "2026-11-02 06:00: of 12 quarantines in this hour (UTC), 2 wait for later sweeps, the last of them for \
                     that of 2026-11-02 07:00, since";
        assert!(said.contains(words), "{said}");
        let said = of_last(None);
        assert!(
            said.contains("2 wait for later sweeps, of whom some still wait at the end of this plan"),
            "{said}"
        );
        assert!(!table(&plan_of_people(), Look::plain(None)).contains("Held by a hub"));
    }

    #[rstest]
    #[case::all_read(0, "\nNothing is expected.\n")]
    #[case::one_read(1, "\nNothing is expected in what was read.\n")]
    #[case::none_read(2, "\nNothing is known, since no account was read.\n")]
    fn nothing_is_expected_only_where_something_is_known(#[case] unread: usize, #[case] said: &str) {
        let OrganizationProspect { organization, caller, at, .. } = plan_of_people();
        let accounts = ["111122223333", "222233334444"].into_iter().enumerate().map(|(index, id)| {
            let read =
                if index < unread { Err("refused".to_owned()) } else { Ok(prospect_of_people(&[], 0)) };
            (account(&["Root"], "one", id, "ACTIVE"), Some(read))
        });
        let mut plan = OrganizationProspect::of(&organization, &caller, at, None, accounts.collect());
        plan.days.clear();
        let shown = table(&plan, Look::plain(None));
        assert!(shown.contains(said), "{shown}");
    }
}
