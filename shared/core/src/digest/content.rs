//! What a digest says besides its sections, as both forms of the mail show it.

use super::digest_phrases::{account, day, headline as facts_in_short};
use super::memory::{Compared, Remembered};
use super::view::View;
use super::{Figures, UserStatus};
use crate::rights::Rights;
use crate::settings::Mode;
use jiff::Timestamp;
use std::cmp::Ordering;

/// How serious it is, and the whole digest in one sentence.
pub(super) fn headline(view: &View) -> String {
    format!("{}: {}.", view.severity.code().to_uppercase(), facts_in_short(view))
}

/// Names and values.
pub(super) fn facts(view: &View) -> impl Iterator<Item = (&'static str, String)> {
    let digest = view.digest;
    let mode = match digest.mode {
        Mode::Observe => "nothing is changed, and nobody is told",
        Mode::Notify => "users are told, and nobody is quarantined",
        Mode::Enforce => "users are told, and quarantined after their deadline",
    };
    let facts = [
        ("Account", account(view)),
        ("When", digest.at.strftime("%A, %-d %B %Y, %H:%M UTC").to_string()),
        ("Mode", format!("{}: {mode}", digest.mode.name())),
    ];
    facts.into_iter()
}

/// What a sweep tidied up; `None` if nothing.
pub(super) fn topics_deleted(view: &View) -> Option<String> {
    match view.digest.result.topics_deleted {
        0 => None,
        1 => Some("The topic of a user who no longer exists was deleted.".to_owned()),
        count => Some(format!("{count} topics of users who no longer exist were deleted.")),
    }
}

/// The last lines.
pub(super) fn last_lines(view: &View) -> [String; 2] {
    let age = "Data on sign-ins can be up to four hours old.".to_owned();
    [age, format!("Reference: {}", view.digest.sweep)]
}

/// Head and rows of the table of figures. The column with the changes is left out if there is no last digest to compare
/// with.
pub(crate) fn figures(
    figures: &Figures,
    before: Option<(Timestamp, &Remembered)>,
) -> (Vec<String>, Vec<Vec<String>>) {
    let mut head = ["Figure", "Now"].map(str::to_owned).to_vec();
    let mut rows = rows(figures, before.map(|(_, before)| before));
    match before {
        Some((since, _)) => head.push(format!("Change since {}", day(since))),
        None => rows.iter_mut().for_each(|row| row.truncate(2)),
    }
    (head, rows)
}

fn rows(figures: &Figures, before: Option<&Remembered>) -> Vec<Vec<String>> {
    let of = |label: &str, compared: Compared| {
        vec![label.to_owned(), compared.of(figures).to_string(), change(figures, before, compared)]
    };
    let uncompared = |label: &str, count: usize| vec![label.to_owned(), count.to_string(), String::new()];
    let mut rows = vec![
        of("Users", Compared::Users),
        of("Console users (with a password)", Compared::Console),
        of("Console users with MFA", Compared::WithMfa),
        coverage(figures, before),
        uncompared("Need MFA", figures.need_mfa),
        uncompared("Need MFA: have it or are quarantined", figures.protected),
        uncompared("Compliant", figures.compliant),
        of("In grace", Compared::InGrace),
        of("Overdue", Compared::Overdue),
        of("Overdue and not quarantined", Compared::OverdueAndFree),
        of("Quarantined", Compared::Contained),
        of("Exempt", Compared::Exempt),
        uncompared("Without a console password", figures.not_applicable),
    ];
    // These rows are left out if they are zero now and did not change.
    let more = [
        of("No address known", Compared::Unreachable),
        of("Not reached by the last message", Compared::Unconfirmed),
        of("Dormant", Compared::Dormant),
        of("Exemption ends within 7 days", Compared::ExemptEnding),
        of("Unknown", Compared::Unknown),
        uncompared("MFA by authenticator app", figures.virtual_app),
        uncompared("MFA by authenticator app, perhaps more", figures.virtual_at_least),
        uncompared("MFA by security key or passkey", figures.security_key),
        uncompared("MFA by hardware token", figures.hardware_token),
        uncompared("MFA by key, passkey or hardware token", figures.not_virtual),
        uncompared("Weak factor only", figures.weak),
    ];
    let nothing = |cell: &String| cell.is_empty() || cell == "0";
    rows.extend(more.into_iter().filter(|row| !row.iter().skip(1).all(nothing)));
    rows
}

fn coverage(figures: &Figures, before: Option<&Remembered>) -> Vec<String> {
    let now = figures.coverage();
    let before = before.and_then(Remembered::coverage);
    let change = now.zip(before).map(|(now, before)| {
        let tenths = i32::from(now.tenths()) - i32::from(before.tenths());
        let sign = match tenths {
            0 => return "0".to_owned(),
            1.. => '+',
            _ => '-',
        };
        format!("{sign}{}.{}", tenths.abs() / 10, tenths.abs() % 10)
    });
    let now = now.map_or_else(|| "-".to_owned(), |coverage| coverage.to_string());
    vec!["Coverage".to_owned(), now, change.unwrap_or_default()]
}

/// `+3`, `-1` or `0`; empty if the last figure is unknown.
fn change(figures: &Figures, before: Option<&Remembered>, compared: Compared) -> String {
    let Some(before) = before.and_then(|before| before.get(compared)) else { return String::new() };
    let now = compared.of(figures);
    match now.cmp(&before) {
        Ordering::Equal => "0".to_owned(),
        Ordering::Greater => format!("+{}", now - before),
        Ordering::Less => format!("-{}", before - now),
    }
}

/// How many administrators have no MFA; `None` if the rights of users were not looked at.
pub(super) fn administrators(view: &View) -> Option<String> {
    let statuses = &view.digest.statuses;
    statuses.iter().any(|status| status.rights.is_some()).then(|| {
        let all = &view.lists.administrators;
        let bare = all.iter().filter(|status| status.lacks_mfa()).count();
        let is_unknown =
            |status: &&UserStatus| status.console && status.rights.is_some_and(Rights::is_unknown);
        let unknown = match statuses.iter().filter(is_unknown).count() {
            0 => String::new(),
            count => format!(" Of {count} more that is not known, because a policy could not be read."),
        };
        format!(
            "Console users who are administrators, nearly so, or can become one: {}, of whom {bare} have no MFA.{unknown} This is a \
             hint from the texts of policies, not a proof.",
            all.len()
        )
    })
}

/// A note if not all kinds of device are known.
pub(super) fn not_looked_up(view: &View) -> Option<String> {
    let count = view.figures.virtual_at_least + view.figures.not_virtual;
    (count > 0).then(|| {
        format!(
            "For {count} of the users with MFA, not every device was looked up: besides an authenticator app there \
             may be others, and security keys, passkeys and hardware tokens are not told apart."
        )
    })
}
