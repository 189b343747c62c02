//! The sections about accounts: what needs somebody, and what was covered.

use super::people::{account, people, waiting};
use super::view::View;
use super::{PlannedAccount, Swept};
use crate::digest::{
    AccountFinding, ChangeKind, Coverage, ERROR_LIMIT, FINDING_LIMIT, Figures, Section, minute, plain,
};
use crate::organization::account::unit_in_words;
use std::collections::BTreeMap;

/// Names of units have up to 128 characters, and a path up to six of them.
const PATH_LIMIT: usize = 200;

/// The sections that need somebody, and those that follow the figures. None is empty.
pub(super) fn all(view: &View, cap: usize) -> (Vec<Section>, Vec<Section>) {
    let mut urgent = roots(view, cap);
    urgent.extend(waiting(view, cap));
    urgent.extend(failures(view, cap));
    let mut others = coverage(view, cap);
    others.extend(people(view, cap));
    urgent.retain(|section| section.count > 0);
    others.retain(|section| section.count > 0);
    (urgent, others)
}

fn roots(view: &View, cap: usize) -> Vec<Section> {
    let unit = |(planned, _): (&PlannedAccount, &Swept)| vec![account(planned), path(planned)];
    let used = |(planned, swept): (&PlannedAccount, &Swept)| {
        vec![account(planned), swept.root.last_used.map(minute).unwrap_or_default()]
    };
    let keys = view.accounts_with(|swept| swept.root.access_keys);
    vec![
        Section::of("Root without MFA", &["Account", "Unit"], &view.root_missing(), cap, unit).with_to_do(
            "today, enrol a hardware security key or passkey for each, and a second one as a spare. Or remove root's \
             password with centralized root access: then there is nothing to steal.",
        ),
        Section::of("Root with access keys", &["Account", "Unit"], &keys, cap, unit)
            .with_to_do("delete root's access keys; give the programs that use them roles instead."),
        Section::of("Root was used", &["Account", "Last used (UTC)"], &view.root_used(), cap, used)
            .with_to_do("ask who used root and why: it is for the few tasks that only root can do."),
    ]
}

fn failures(view: &View, cap: usize) -> Vec<Section> {
    let digest = view.digest;
    let not_covered: Vec<_> = digest.not_covered().collect();
    let alerts: Vec<&str> = digest.alerts_subscribers.finding().into_iter().collect();
    let hub: Vec<&AccountFinding> = digest.findings.iter().collect();
    let unasked: Vec<&str> = digest.unasked.iter().map(String::as_str).collect();
    let (found, failed) = (view.findings(), view.failures());
    let unlisted = |listed: usize, all: usize| all.saturating_sub(listed);
    let all_found = view.sum(|swept| swept.findings.count);
    let all_failed = view.sum(|swept| swept.failures.count);
    let look = "search the log for the reference of this digest and the account; it names the calls that failed. The \
                next run tries again.";
    vec![
        Section::of("Accounts not covered", &["Account", "Unit", "Why"], &not_covered, cap, |(planned, why)| {
            vec![account(planned), path(planned), plain(why, FINDING_LIMIT)]
        })
        .with_to_do(
            "where the hub was refused, deploy the stack of a member; the others are tried again by the next run. Until \
             then, no sweep tells, contains or releases anybody there.",
        ),
        Section::of("Alerts topic", &["What is wrong"], &alerts, cap.max(1), |text| vec![text.to_owned()])
            .with_to_do("subscribe an address or a chat channel to the hub's alerts topic, and confirm it."),
        Section::of("To fix in the hub", &["What is wrong"], &hub, cap, |finding| {
            vec![plain(&finding.to_string(), FINDING_LIMIT)]
        })
        .with_to_do("follow the runbook, Findings about the account."),
        Section::of("Results that nobody asked for", &["Account"], &unasked, cap, |id| {
            vec![plain(id, ERROR_LIMIT)]
        })
        .with_to_do("find out who wrote them into the hub's bucket. They are not in this digest."),
        Section::of("To fix in accounts", &["Account", "What is wrong"], &found, cap, |(planned, found)| {
            vec![account(planned), plain(&found.text, FINDING_LIMIT)]
        })
        .and_more(unlisted(found.len(), all_found))
        .with_to_do("follow the runbook, Findings about the account."),
        Section::of("Other failures", &["Account", "What"], &failed, cap, |(planned, text)| {
            vec![account(planned), plain(text, ERROR_LIMIT)]
        })
        .and_more(unlisted(failed.len(), all_failed))
        .with_to_do(look),
        Section::of(
            "Users left for the next run",
            &["Account", "Users"],
            &view.accounts_with(|swept| swept.remaining > 0),
            cap,
            |(planned, swept)| vec![account(planned), swept.remaining.to_string()],
        ),
    ]
}

/// A unit, and what is below it.
pub(super) struct Unit<'a> {
    pub(super) path: &'a [String],
    pub(super) asked: usize,
    pub(super) covered: usize,
    pub(super) figures: Figures,
}

/// Each unit with an account that was asked below it, before those below itself.
pub(super) fn units<'a>(view: &View<'a>) -> Vec<Unit<'a>> {
    let mut units: BTreeMap<&[String], Unit> = BTreeMap::new();
    let asked = view.digest.accounts.iter().filter(|account| account.account.is_asked());
    for standing in asked {
        for length in 1..=standing.account.units.len() {
            let Some(path) = standing.account.units.get(..length) else { continue };
            let unit = Unit { path, asked: 0, covered: 0, figures: Figures::default() };
            let unit = units.entry(path).or_insert(unit);
            unit.asked += 1;
            if let Some(swept) = standing.swept() {
                unit.covered += 1;
                unit.figures = unit.figures.and(swept.figures);
            }
        }
    }
    units.into_values().collect()
}

fn coverage(view: &View, cap: usize) -> Vec<Section> {
    let units = units(view);
    let units: Vec<&Unit> = units.iter().collect();
    // The accounts that need somebody come first.
    let mut accounts: Vec<_> = view.digest.covered().collect();
    accounts.sort_by_key(|(_, swept)| {
        (!swept.is_critical(), std::cmp::Reverse(swept.figures.overdue_and_free), !swept.left_something)
    });
    let not_in_use: Vec<_> = view.digest.not_in_use().collect();
    let management: Vec<&PlannedAccount> = view.digest.management().into_iter().collect();
    vec![
        Section::of(
            "By organizational unit",
            &["Unit", "Accounts covered", "MFA", "Overdue", "Quarantined"],
            &units,
            cap,
            |unit| {
                let path = plain(&unit.path.join(" / "), PATH_LIMIT);
                let covered = format!("{} of {}", unit.covered, unit.asked);
                [vec![path, covered], figures(&unit.figures)].concat()
            },
        ),
        Section::of(
            "By account",
            &["Account", "Mode", "MFA", "Overdue", "Quarantined"],
            &accounts,
            cap,
            |(planned, swept)| {
                [vec![account(planned), plain(&swept.mode, ERROR_LIMIT)], figures(&swept.figures)].concat()
            },
        ),
        Section::of("Accounts not in use", &["Account", "Why"], &not_in_use, cap, |(planned, why)| {
            vec![account(planned), plain(why, ERROR_LIMIT)]
        }),
        Section::of("Management account", &["Account", "Unit"], &management, cap.max(1), |planned| {
            vec![account(planned), path(planned)]
        })
        .with_to_do(
            "if it has IAM users, deploy the stack of one account there: stack sets never deploy to it, and the hub does \
             nothing there.",
        ),
    ]
}

fn figures(figures: &Figures) -> Vec<String> {
    let share = figures.coverage().map_or_else(|| "-".to_owned(), |share: Coverage| share.to_string());
    let mfa = format!("{} of {} ({share})", figures.with_mfa, figures.console);
    vec![mfa, figures.overdue_and_free.to_string(), figures.contained.to_string()]
}

/// The units above an account, in one line.
pub(super) fn path(account: &PlannedAccount) -> String {
    plain(&unit_in_words(&account.units), PATH_LIMIT)
}

/// To how many users a step failed.
pub(super) fn failed(view: &View) -> usize {
    view.did(ChangeKind::Failed).saturating_add(view.did(ChangeKind::Refused))
}
