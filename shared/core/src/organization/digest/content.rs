//! What an organization's digest says besides its sections, as all forms of it say it.

use super::view::View;
use crate::digest::{AlertsSubscribers, ChangeKind, SUBJECT_LIMIT, covered, fitted};

/// Subject line. Parts that do not fit are left out.
pub(super) fn subject(view: &View) -> String {
    let head = format!("[{}] {} MFA digest:", severity(view), view.digest.organization);
    fitted(&head, &brief(view), SUBJECT_LIMIT)
}

/// The most important facts, worst first.
pub(super) fn brief(view: &View) -> Vec<String> {
    let coverage = view.figures.coverage();
    let mut parts = roots(view);
    parts.push(
        coverage.map_or_else(|| "no console users".to_owned(), |coverage| format!("{coverage} covered")),
    );
    parts.extend(counts(view));
    parts
}

/// How serious it is, and the whole digest in one sentence.
pub(super) fn headline(view: &View) -> String {
    let parts: Vec<String> =
        roots(view).into_iter().chain([covered(&view.figures)]).chain(counts(view)).collect();
    format!("{}: {}.", severity(view), parts.join("; "))
}

fn severity(view: &View) -> String {
    view.severity.code().to_uppercase()
}

fn roots(view: &View) -> Vec<String> {
    match view.root_missing().len() {
        0 => Vec::new(),
        1 => vec!["1 root without MFA".to_owned()],
        count => vec![format!("{count} roots without MFA")],
    }
}

fn counts(view: &View) -> Vec<String> {
    let failed = view.sum(|swept| swept.failed().saturating_add(swept.failures.count));
    let accounts =
        if view.accounts.not_covered == 1 { "account not covered" } else { "accounts not covered" };
    let counted = [
        (view.accounts.not_covered, accounts),
        (view.figures.overdue_and_free, "overdue"),
        (view.did(ChangeKind::Waiting), "waiting for quarantine"),
        (view.figures.contained, "quarantined"),
        (failed, "failed"),
        (view.sum(|swept| swept.released_by_exemption), "released by exemption"),
        (view.sum(|swept| swept.remaining), "left for the next run"),
        (view.figures.unknown, "unknown"),
    ];
    let counts =
        counted.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    let nobody = view.digest.alerts_subscribers == AlertsSubscribers::Counted(0);
    counts.chain(nobody.then(|| "nobody gets the alerts".to_owned())).collect()
}

/// Names and values.
pub(super) fn facts(view: &View) -> [(&'static str, String); 4] {
    let counts = &view.accounts;
    let asked = counts.covered.saturating_add(counts.not_covered);
    let management = if counts.management > 0 { " Not asked: the management account." } else { "" };
    let accounts = format!(
        "{asked} asked: {} covered, {} not covered. {} more not in use.{management}",
        counts.covered, counts.not_covered, counts.not_in_use
    );
    [
        ("Organization", view.digest.organization.clone()),
        ("Hub", view.digest.hub.clone()),
        ("When", view.digest.at.strftime("%A, %-d %B %Y, %H:%M UTC").to_string()),
        ("Accounts", accounts),
    ]
}

/// The last lines.
pub(super) fn last_lines(view: &View) -> [String; 2] {
    let age = "Data on sign-ins can be up to four hours old.".to_owned();
    [age, format!("Reference: {}", view.digest.run)]
}
