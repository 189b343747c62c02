//! The mail: the essentials in the first lines, then the figures, root, and a section for each list.

use super::digest_phrases::account;
use super::digest_phrases::{day, headline};
use super::layout::{Set, table, wrapped};
use super::memory::Compared;
use super::view::View;
use super::{digest_root, sections};
use crate::settings::Mode;

/// The full mail, with at most `cap` users per section.
pub(super) fn mail(view: &View, cap: usize) -> String {
    let mut parts = vec![opening(view), figures(view)];
    parts.extend(not_looked_up(view));
    parts.push(root_part(view));
    parts.extend(sections::all(view, cap).iter().map(super::section::Section::text));
    parts.push(closing(view));
    parts.join("\n\n") + "\n"
}

/// The short text, for protocols without one of their own.
pub(super) fn short(view: &View) -> String {
    format!(
        "{}\n\n{}\n\nThe lists are in the mail and in the messages to programs.\n",
        opening(view),
        figures(view)
    )
}

fn opening(view: &View) -> String {
    let digest = view.digest;
    let mode = match digest.mode {
        Mode::Observe => "nothing is changed, and nobody is told",
        Mode::Notify => "users are told, and nobody is quarantined",
        Mode::Enforce => "users are told, and quarantined after their deadline",
    };
    let severity = view.severity.code().to_uppercase();
    [
        wrapped(&format!("{severity}: {}.", headline(view)), 0, 0),
        String::new(),
        format!("Account:  {}", account(view)),
        format!("When:     {}", digest.at.strftime("%A, %-d %B %Y, %H:%M UTC")),
        format!("Mode:     {}: {mode}", digest.mode.name()),
    ]
    .join("\n")
}

fn closing(view: &View) -> String {
    let deleted = match view.digest.result.topics_deleted {
        0 => String::new(),
        1 => "The topic of a user who no longer exists was deleted.\n\n".to_owned(),
        count => format!("{count} topics of users who no longer exist were deleted.\n\n"),
    };
    let evidence = view.digest.evidence.as_ref().map_or_else(String::new, |head| {
        format!("Evidence of this sweep:\n  {}\n  SHA-256 {}\n\n", head.key, head.sha256)
    });
    format!(
        "{deleted}{evidence}Data on sign-ins can be up to four hours old.\nReference: {}",
        view.digest.sweep
    )
}

fn root_part(view: &View) -> String {
    let (state, advice) = digest_root::lines(view);
    let mut lines = vec!["ROOT".to_owned(), wrapped(&state, 2, 2)];
    lines.extend(advice.iter().map(|advice| wrapped(&format!("To do: {advice}"), 2, 2)));
    lines.join("\n")
}

/// The table of figures. The column with the changes is left out if there is no last digest to compare with.
fn figures(view: &View) -> String {
    let since = view.before.as_ref().and_then(|before| before.digest);
    let rows = rows(view);
    if let Some(since) = since {
        let change = format!("Change since {}", day(since));
        return table(&["Figure", "Now", &change], &rows, Set::Right);
    }
    let rows: Vec<Vec<String>> = rows.into_iter().map(|row| row.into_iter().take(2).collect()).collect();
    table(&["Figure", "Now"], &rows, Set::Right)
}

fn rows(view: &View) -> Vec<Vec<String>> {
    let figures = &view.figures;
    let of = |label: &str, compared: Compared| {
        vec![label.to_owned(), compared.of(figures).to_string(), change(view, compared)]
    };
    let uncompared = |label: &str, count: usize| vec![label.to_owned(), count.to_string(), String::new()];
    let mut rows = vec![
        of("Users", Compared::Users),
        of("Console users (with a password)", Compared::Console),
        of("Console users with MFA", Compared::WithMfa),
        coverage(view),
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

fn coverage(view: &View) -> Vec<String> {
    let now = view.figures.coverage();
    let before = view.before.as_ref().and_then(|before| before.figures.coverage());
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
fn change(view: &View, compared: Compared) -> String {
    let now = compared.of(&view.figures);
    match view.before.as_ref().and_then(|before| before.figures.get(compared)) {
        None => String::new(),
        Some(before) if before == now => "0".to_owned(),
        Some(before) if before < now => format!("+{}", now - before),
        Some(before) => format!("-{}", before - now),
    }
}

/// A note if not all kinds of device are known.
fn not_looked_up(view: &View) -> Option<String> {
    let count = view.figures.virtual_at_least + view.figures.not_virtual;
    (count > 0).then(|| {
        let text = format!(
            "For {count} of the users with MFA, not every device was looked up: besides an authenticator app there \
             may be others, and security keys, passkeys and hardware tokens are not told apart."
        );
        wrapped(&text, 0, 0)
    })
}
