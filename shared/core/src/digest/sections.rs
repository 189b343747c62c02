//! The sections of the mail, in the order in which an administrator wants to read them.

use super::digest_phrases::{kinds, last_sign_in, minute, stands};
use super::layout::plain;
use super::section::{ERROR_LIMIT, Section, name};
use super::view::View;
use super::{ChangeKind, UserChange, UserStatus};
use crate::posture::Exemption;
use crate::settings::Mode;
use jiff::Timestamp;

/// All sections that have something to say, with at most `cap` users each.
pub(super) fn all(view: &View, cap: usize) -> Vec<Section> {
    let mut sections = done(view, cap);
    sections.extend(not_done(view, cap));
    sections.extend(without_mfa(view, cap));
    sections.extend(to_improve(view, cap));
    sections.retain(|section| section.count > 0);
    sections
}

fn done(view: &View, cap: usize) -> Vec<Section> {
    let result = |title, what| {
        Section::of(title, &["User", "Stands now"], &view.lists.result(what), cap, |change: &UserChange| {
            let stands_now = view.lists.standing_of(change).map_or("gone", stands);
            vec![name(&change.name), stands_now.to_owned()]
        })
    };
    let withheld = match view.digest.mode {
        Mode::Observe => "set MODE to notify, so that users are told, or to enforce, when you want it done.",
        Mode::Notify => "set MODE to enforce when you want it done.",
        Mode::Enforce => "",
    };
    let released = match view.lists.released_by_exemption().len() {
        0 => String::new(),
        count => format!(
            "check each who is exempt now ({count}): whoever may tag users can exempt himself from MFA."
        ),
    };
    vec![
        result("Quarantined by this sweep", ChangeKind::Contained).asking(
            "nothing if you expected this: whoever enrols an MFA device is released by that. If not, ask them.",
        ),
        result("Quarantine made whole by this sweep", ChangeKind::Repaired).asking(
            "if somebody took the quarantine off by hand, exempt the user first (the tag \
             mfa-enforcer:exempt-until, with a date); else it comes back.",
        ),
        result("Released by this sweep", ChangeKind::Released).asking(released),
        result("Told by this sweep", ChangeKind::Told),
        result("Held back by the mode", ChangeKind::Withheld).asking(withheld),
    ]
}

fn not_done(view: &View, cap: usize) -> Vec<Section> {
    let result = &view.digest.result;
    let failures: Vec<&str> = result.failures.iter().map(String::as_str).collect();
    let remaining: Vec<&str> = result.remaining.iter().map(String::as_str).collect();
    let look =
        "look for the reference of this sweep in the log; it names the calls. The next sweep tries again.";
    vec![
        Section::of(
            "Failed",
            &["User", "Error"],
            &view.lists.result(ChangeKind::Failed),
            cap,
            |change: &UserChange| vec![name(&change.name), plain(&change.error, ERROR_LIMIT)],
        )
        .asking(look),
        Section::of("Other failures", &["What"], &failures, cap, |text| vec![plain(text, ERROR_LIMIT)])
            .asking(look),
        Section::of("Left for the next run", &["User"], &remaining, cap, |user| vec![name(user)])
            .noting(format!(
                "{} users remain; a following run goes on with them, in this order.",
                remaining.len()
            ))
            .asking("nothing, unless it is said every day: then give the sweep's function more time."),
    ]
}

fn without_mfa(view: &View, cap: usize) -> Vec<Section> {
    let lists = &view.lists;
    let overdue = match view.digest.mode {
        Mode::Observe => {
            "ask these users to enrol a device. In mode observe nobody tells or quarantines them."
        }
        Mode::Notify => "ask these users to enrol a device. In mode notify nobody is quarantined.",
        Mode::Enforce => "see above what kept this sweep from quarantining them; the next one tries again.",
    };
    let signed_in = |status: &UserStatus| vec![name(&status.name), last_sign_in(status)];
    let deadline = |status: &UserStatus| {
        let deadline = status.deadline().map(minute).unwrap_or_default();
        let also = if status.contained { ", quarantined" } else { "" };
        vec![name(&status.name), format!("{deadline}{also}")]
    };
    let status = |status: &UserStatus| vec![name(&status.name), stands(status).to_owned()];
    vec![
        Section::of(
            "Overdue and not quarantined",
            &["User", "Deadline was (UTC)"],
            &lists.overdue_and_free(),
            cap,
            deadline,
        )
        .asking(overdue),
        Section::of("Quarantined", &["User", "Last sign-in"], &lists.contained, cap, signed_in).asking(
            "ask those who stay here for long: enrolling a device sets them free. Whoever needs no console \
             needs no password either.",
        ),
        Section::of("In grace", &["User", "Deadline (UTC)"], &lists.in_grace, cap, deadline),
        Section::of("No address known", &["User", "Stands"], &lists.unreachable, cap, status).asking(
            "give each an e-mail address (the contact tag) or a number (the tag phone). Until then tell them \
             yourself.",
        ),
        Section::of(
            "Not reached by the last message",
            &["User", "Stands"],
            &lists.unconfirmed,
            cap,
            status,
        )
        .asking(
            "ask each to confirm the mail from AWS Notifications, or correct the address. Until then tell \
                 them yourself.",
        ),
        Section::of(
            "Dormant: no MFA, no sign-in for 90 days",
            &["User", "Last sign-in", "Stands"],
            &lists.dormant,
            cap,
            |status| [signed_in(status), vec![stands(status).to_owned()]].concat(),
        )
        .asking("remove the console password of whoever does not need it."),
    ]
}

fn to_improve(view: &View, cap: usize) -> Vec<Section> {
    let lists = &view.lists;
    let ending = if view.figures.exempt_ending > 0 {
        "let those whose exemption ends soon enrol a device now, or set a later date."
    } else {
        ""
    };
    vec![
        Section::of("Exempt", &["User", "MFA", "By", "Until"], &lists.exempt, cap, |status| {
            let [by, until] = exemption(status, view.digest.at);
            let mfa = if status.has_mfa() { "yes" } else { "no" };
            vec![name(&status.name), mfa.to_owned(), by, until]
        })
        .asking(ending),
        Section::of("Weak factor only", &["User", "Devices"], &lists.weak, cap, |status| {
            vec![name(&status.name), kinds(status.factors)]
        })
        .asking("ask them to add a passkey or security key, the only kind that resists phishing."),
        Section::of("Not known", &["User"], &lists.unknown, cap, |status| vec![name(&status.name)]).asking(
            "nothing now: the next sweep looks again. If it is the same user then, look into the log.",
        ),
        Section::of("To mend", &["User", "What is wrong"], &lists.findings, cap, |(status, finding)| {
            vec![name(&status.name), finding.to_string()]
        })
        .asking("correct or remove these tags."),
    ]
}

/// What exempts, and until when.
fn exemption(status: &UserStatus, at: Timestamp) -> [String; 2] {
    match status.exemption() {
        Some(Exemption::Name) => ["name", "no end"].map(str::to_owned),
        Some(Exemption::Path) => ["path", "no end"].map(str::to_owned),
        Some(Exemption::Until(date)) => {
            let soon = if status.is_exemption_ending(at) { ", ends soon" } else { "" };
            ["tag".to_owned(), format!("{date}{soon}")]
        }
        None => [String::new(), String::new()],
    }
}
