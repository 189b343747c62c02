//! An import for people, in a terminal.

use crate::output::{Look, Page, Tint, cell, tinted};
use jiff::Timestamp;
use mfa_enforcer_core::counted::counted;
use mfa_enforcer_core::evidence::{AccountImport, ImportReport, ImportState, LeftOut};

/// What would be written of each account, and why nothing of another one is.
pub(super) fn before(report: &ImportReport, look: Look) -> String {
    let mut page = Page::new(look);
    page.say(format!(
        "Bucket        {}\nOrganization  {}, as its hub listed it {} UTC\nYou           {}\n\n",
        report.bucket,
        report.organization,
        report.listed.strftime("%Y-%m-%d %H:%M"),
        report.caller,
    ));
    let mut table = page
        .columns()
        .head(["account", "state", "records", "acts", "reviews", "days", "kB", "there", "from", "until"]);
    for account in &report.accounts {
        table.row([
            cell(&account.account),
            tinted(account.state.code(), tint(account.state)),
            cell(account.records.to_string()),
            cell(account.acts.to_string()),
            cell(account.reviews.to_string()),
            cell(account.days.to_string()),
            cell(account.bytes.div_ceil(1000).to_string()),
            cell(account.there.to_string()),
            cell(day(account.first)),
            cell(day(account.last)),
        ]);
    }
    page.table(&table);
    page.list("Left out", report.accounts.iter().filter_map(left_out));
    page.list("Refused", problems(report, ImportState::Refused));
    page.say("\n");
    page.into_text()
}

/// What became of each account.
pub(super) fn after(report: &ImportReport, look: Look) -> String {
    let mut page = Page::new(look);
    for AccountImport { account, state, written, objects, .. } in &report.accounts {
        match state {
            ImportState::Imported => {
                page.say(format!("Account {account}: wrote {}.", counted(*written, "object")));
            }
            ImportState::Failed => {
                page.say(format!("Account {account}: wrote {written} of {}.", counted(*objects, "object")));
            }
            ImportState::Waiting | ImportState::There | ImportState::Refused => {}
        }
    }
    page.list("Not written", problems(report, ImportState::Failed));
    if report.accounts.iter().all(|account| account.written == 0) {
        page.say("Nothing was written.");
    }
    page.into_text()
}

fn problems(report: &ImportReport, state: ImportState) -> Vec<String> {
    let of_state = report.accounts.iter().filter(|account| account.state == state);
    let lines = of_state.flat_map(|AccountImport { account, problems, .. }| {
        problems.iter().map(move |problem| format!("{account}: {}\n    -> {}", problem.says, problem.advice))
    });
    lines.collect()
}

fn left_out(AccountImport { account, left_out, .. }: &AccountImport) -> Option<String> {
    let LeftOut { acts, unfinished, reviews } = left_out;
    let counts = [
        (acts, "acts that no record has yet"),
        (unfinished, "sweeps that were not finished"),
        (reviews, "signed reviews (--reviews, and the record that was reviewed)"),
    ];
    let parts = counts.iter().filter(|(count, _)| **count > 0).map(|(count, what)| format!("{count} {what}"));
    let parts: Vec<String> = parts.collect();
    (!parts.is_empty()).then(|| format!("{account}: {}", parts.join(", ")))
}

fn tint(state: ImportState) -> Option<Tint> {
    match state {
        ImportState::Refused | ImportState::Failed => Some(Tint::Bad),
        ImportState::There | ImportState::Imported => Some(Tint::Good),
        ImportState::Waiting => None,
    }
}

fn day(at: Option<Timestamp>) -> String {
    at.map(|at| at.strftime("%Y-%m-%d").to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{after, before};
    use crate::output::{Look, documented};
    use mfa_enforcer_core::evidence::{AccountImport, Copied, ImportPlan, ImportReport, Refusal, covered};
    use mfa_enforcer_core::organization::{TaggedAccount, Tree};
    use mfa_enforcer_testing::evidence::{ACCOUNT, Evidence, at, people, settings_of_the_month};
    use mfa_enforcer_testing::organizations::account;
    use std::collections::BTreeMap;

    const MEMBER: &str = "222233334444";

    /// A month of an account of which the bucket has the first week, and a copy of an account of the hub.
    fn report() -> ImportReport {
        let member =
            TaggedAccount { account: account(&["Root"], "web", MEMBER, "ACTIVE"), tags: BTreeMap::new() };
        let tree = Tree::new("o-exampleorgid".to_owned(), at("30T09:07"), Vec::new(), vec![member]);
        let month = Evidence::after_a_month(settings_of_the_month(&[]), people()).bucket;
        let mut week = month.clone();
        drop(week.split_off(&format!("evidence/{ACCOUNT}/2026/11/08")));
        let copied = Copied::of(ACCOUNT, &month, None, false).unwrap();
        let plan = ImportPlan::of(copied, &month, &week).unwrap();
        let caller = "arn:aws:sts::999988887777:assumed-role/importer/carol";
        let mut report =
            ImportReport::of(at("30T09:30"), caller, "mfa-enforcer-evidencebucket-example", &tree);
        report.accounts = vec![
            AccountImport::planned(&plan),
            AccountImport::refused(MEMBER, &[covered(MEMBER, &tree).unwrap()]),
        ];
        report
    }

    #[test]
    fn page_shows_an_import() {
        let look = Look::plain(Some(120));
        let mut report = report();
        let shown = before(&report, look);
        let import = report.accounts[0].clone();
        report.accounts[0] = import.clone().after(import.objects, None);
        documented::shows_on("EVIDENCE.md", "org-import", &format!("{shown}{}", after(&report, look)));
    }

    #[test]
    fn failure_says_how_far_it_came_and_what_to_do() {
        let mut report = report();
        report.accounts[0] = report.accounts[0].clone().after(3, Some("s3:PutObject failed".to_owned()));
        let text = after(&report, Look::plain(None));
        assert!(text.contains("Account 123456789012: wrote 3 of 122 objects."), "{text}");
        assert!(text.contains("s3:PutObject failed\n    -> run the same command again"), "{text}");
    }

    #[test]
    fn names_do_not_steer_the_terminal() {
        let mut report = report();
        report.accounts =
            vec![AccountImport::refused(MEMBER, &[Refusal::Conflict("a\u{1b}[31mb".to_owned())])];
        assert!(!before(&report, Look::plain(None)).contains('\u{1b}'));
    }
}
