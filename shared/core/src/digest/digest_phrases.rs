//! Phrases shared by several texts of a digest.

use super::view::View;
use super::{AlertsSubscribers, Figures, UserStatus};
use crate::code_words::words;
use crate::counted::counted;
use crate::posture::Posture;
use crate::snapshot::{Factors, LastUse, ReportedKey, RootMfa};
use jiff::Timestamp;

/// SNS accepts subjects of fewer than 100 characters.
pub(crate) const SUBJECT_LIMIT: usize = 99;

/// `2026-11-24`.
pub(crate) fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}

/// `2026-11-24 09:00`, in UTC.
pub(crate) fn minute(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M").to_string()
}

/// Subject line: `[WARNING] 123456789012 MFA digest: 96.9% covered, 3 overdue`. Parts that do not fit are left out.
pub(super) fn subject(view: &View) -> String {
    let severity = view.severity.code().to_uppercase();
    fitted(&format!("[{severity}] {} MFA digest:", account(view)), &brief(view), SUBJECT_LIMIT)
}

/// The account's number as commands take it, and its name as far as a mail of ASCII can have it.
pub(super) fn account(view: &View) -> String {
    let name = view.digest.account_name.as_ref().filter(|name| name.chars().all(|c| matches!(c, ' '..='~')));
    let name = name.map(|name| format!(" ({name})"));
    format!("{}{}", view.digest.account, name.unwrap_or_default())
}

/// The head, followed by as many parts as fit into `limit` characters, in order.
pub(crate) fn fitted(head: &str, parts: &[String], limit: usize) -> String {
    let mut text: String = head.chars().take(limit).collect();
    for (index, part) in parts.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        if text.len() + comma.len() + 1 + part.len() > limit {
            break;
        }
        text = format!("{text}{comma} {part}");
    }
    text
}

/// The most important facts, worst first.
pub(super) fn brief(view: &View) -> Vec<String> {
    let mut parts = Vec::new();
    if view.digest.root.mfa == RootMfa::Missing {
        parts.push("root has no MFA".to_owned());
    }
    parts.push(
        view.figures
            .coverage()
            .map_or_else(|| "no console users".to_owned(), |coverage| format!("{coverage} covered")),
    );
    parts.extend(counts(view));
    parts
}

/// Counts such as `3 overdue` and `2 quarantined`, without zeros.
fn counts(view: &View) -> Vec<String> {
    let (figures, result) = (&view.figures, &view.digest.result);
    let failed = view.lists.result(super::ChangeKind::Failed).len() + result.failures.len();
    let counted = [
        (figures.overdue_and_free, "overdue"),
        (figures.contained, "quarantined"),
        (failed, "failed"),
        (view.lists.released_by_exemption().len(), "released by exemption"),
        (result.remaining.len(), "left for the next run"),
        (figures.unknown, "unknown"),
    ];
    let mut parts: Vec<String> = counted
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if view.digest.alerts_subscribers == AlertsSubscribers::Counted(0) {
        parts.push("nobody gets the alerts".to_owned());
    }
    if view.digest.root.access_keys {
        parts.push("root has access keys".to_owned());
    }
    if view.root_used == Some(true) {
        parts.push("root was used".to_owned());
    }
    parts
}

/// The whole digest in one sentence.
pub(super) fn headline(view: &View) -> String {
    let covered = covered(&view.figures);
    let root = (view.digest.root.mfa == RootMfa::Missing).then(|| "root has NO MFA".to_owned());
    let parts: Vec<String> = root.into_iter().chain([covered]).chain(counts(view)).collect();
    parts.join("; ")
}

/// How many console users have MFA.
pub(crate) fn covered(figures: &Figures) -> String {
    figures.coverage().map_or_else(
        || "no user has a console password".to_owned(),
        |coverage| {
            let (part, all) = (figures.with_mfa, figures.console);
            format!("{coverage} of the console users have MFA ({part} of {all})")
        },
    )
}

/// A user's status in a word or two.
pub(super) fn status_name(status: &UserStatus) -> &'static str {
    if status.contained {
        return "quarantined";
    }
    match status.posture {
        Some(Posture::NotApplicable) => "no password",
        Some(Posture::Exempt(_)) => "exempt",
        Some(Posture::Compliant { .. }) => "has MFA",
        Some(Posture::InGrace { .. }) => "in grace",
        Some(Posture::Overdue { .. }) => "overdue",
        None => "unknown",
    }
}

/// The day of the last sign-in. The report is hours old, so the time of day would suggest too much.
pub(super) fn last_sign_in(status: &UserStatus) -> String {
    match status.last_sign_in {
        LastUse::At(time) => day(time),
        LastUse::Never => "never".to_owned(),
        LastUse::Unknown => "unknown".to_owned(),
    }
}

/// The active access keys, by age and last use, as of the report.
pub(super) fn keys(status: &UserStatus, at: Timestamp) -> String {
    let key = |key: &ReportedKey| {
        let age =
            key.rotated.map(|made| counted(at.duration_since(made).as_hours().max(0) / 24, "day") + " old");
        let used = match key.used {
            LastUse::At(time) => format!("used {}", day(time)),
            LastUse::Never => "never used".to_owned(),
            LastUse::Unknown => "last use unknown".to_owned(),
        };
        format!("{}, {used}", age.as_deref().unwrap_or("of unknown age"))
    };
    let all: Vec<String> = status.active_keys.iter().map(key).collect();
    if all.is_empty() { "none known".to_owned() } else { all.join("; ") }
}

/// The kinds of device, as far as they are known.
pub(super) fn kinds(factors: Factors) -> String {
    match factors {
        Factors::None => "none".to_owned(),
        Factors::Known { .. } => kind_codes(factors).into_iter().map(words).collect::<Vec<_>>().join(", "),
        Factors::VirtualAtLeast => "authenticator app, perhaps more".to_owned(),
        Factors::NotVirtual => "security key, passkey or hardware token".to_owned(),
    }
}

/// Stable names of the known kinds of device, for programs.
pub(super) fn kind_codes(factors: Factors) -> Vec<&'static str> {
    match factors {
        Factors::Known { virtual_app, security_key, hardware_token } => [
            (virtual_app, "authenticator-app"),
            (security_key, "security-key"),
            (hardware_token, "hardware-token"),
        ]
        .into_iter()
        .filter_map(|(present, code)| present.then_some(code))
        .collect(),
        Factors::VirtualAtLeast => vec!["authenticator-app"],
        Factors::None | Factors::NotVirtual => Vec::new(),
    }
}
