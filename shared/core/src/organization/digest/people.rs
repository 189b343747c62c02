//! The sections about people, by account.

use super::PlannedAccount;
use super::sections::failed;
use super::view::{InAccount, View};
use crate::digest::{ChangeKind, ERROR_LIMIT, FINDING_LIMIT, NAME_LIMIT, Section, minute, name, plain};
use crate::organization::Person;

/// A section about the people who are like this, of whom there are so many in all.
fn section(
    view: &View,
    title: &'static str,
    head: &'static [&'static str],
    all: usize,
    cap: usize,
    wanted: impl Fn(&Person) -> bool,
    row: impl Fn(InAccount) -> Vec<String>,
) -> Section {
    let people = view.people(wanted);
    let unlisted = all.saturating_sub(people.len());
    let cells = |person: InAccount| [vec![who(person.2), account(person.0)], row(person)].concat();
    Section::of(title, head, &people, cap, cells).and_more(unlisted)
}

/// Those for whom something is still to be done.
pub(super) fn waiting(view: &View, cap: usize) -> Vec<Section> {
    let figures = &view.figures;
    vec![
        section(
            view,
            "Overdue and not quarantined",
            &["User", "Account", "Mode", "Deadline (UTC)"],
            figures.overdue_and_free,
            cap,
            Person::is_overdue_and_free,
            |(_, swept, person)| vec![plain(&swept.mode, NAME_LIMIT), deadline(person)],
        )
        .with_to_do(
            "ask these users to enrol a device. Only mode enforce quarantines; there, see below why the sweep could not.",
        ),
        section(
            view,
            "Due for quarantine, waiting",
            &["User", "Account"],
            view.did(ChangeKind::Waiting),
            cap,
            |person| person.has(ChangeKind::Waiting),
            |_| Vec::new(),
        )
        .with_to_do(
            "find out why so many are due at once; a setting may be wrong. If all of it is right, raise \
             MAX_QUARANTINES, or set it to 0 for one sweep. Otherwise they follow within days.",
        ),
        section(
            view,
            "Failed",
            &["User", "Account", "Error"],
            failed(view),
            cap,
            |person| person.failure().is_some(),
            |(_, _, person)| vec![plain(person.failure().unwrap_or_default(), ERROR_LIMIT)],
        )
        .with_to_do("search the log for the reference of this digest; the next run tries again."),
        section(
            view,
            "Waiting for an approval",
            &["User", "Account", "Episode"],
            0,
            cap,
            |person| person.awaits_approval,
            |(_, _, person)| vec![episode(person)],
        )
        .with_to_do(
            "ask each, in person or by phone, whether the device is theirs. If so, somebody else sets the tag \
             mfa-enforcer:approved on the user (any value); the runbook says what else to check.",
        ),
    ]
}

/// Those for whom something was done, and how things stand.
pub(super) fn people(view: &View, cap: usize) -> Vec<Section> {
    let figures = &view.figures;
    let done = |title, what: ChangeKind| {
        let head = &["User", "Account", "Episode", "Status now"];
        let row = |(_, _, person): InAccount| vec![episode(person), status(person)];
        section(view, title, head, view.did(what), cap, move |person| person.has(what), row)
    };
    let released = match view.sum(|swept| swept.released_by_exemption) {
        0 => String::new(),
        count => format!("check those who are exempt now ({count}): below is who exempted whom, and why."),
    };
    let exempt = |title, all, wanted: fn(&Person) -> bool| {
        let head = &["User", "Account", "MFA", "By", "Until", "Set by", "Why"];
        section(view, title, head, all, cap, wanted, |(_, _, person)| exemption(person))
    };
    vec![
        done("Quarantined by sweeps", ChangeKind::Contained).with_to_do(
            "nothing if you expected this: users are released as soon as they enrol an MFA device. Otherwise, ask \
             them.",
        ),
        done("Quarantine repaired", ChangeKind::Repaired).with_to_do(
            "if somebody lifted the quarantine by hand, exempt the user first; otherwise it comes back.",
        ),
        done("Released by sweeps", ChangeKind::Released).with_to_do(released),
        section(
            view,
            "Quarantined",
            &["User", "Account", "Episode", "Status"],
            figures.contained,
            cap,
            |person| person.contained,
            |(_, _, person)| vec![episode(person), plain(&person.posture, NAME_LIMIT)],
        ),
        section(
            view,
            "Overdue",
            &["User", "Account", "Deadline (UTC)"],
            figures.overdue,
            cap,
            Person::is_overdue,
            |(_, _, person)| {
                let also = if person.contained { ", quarantined" } else { "" };
                vec![format!("{}{also}", deadline(person))]
            },
        ),
        exempt("Exemption ends within 7 days", figures.exempt_ending, Person::is_exemption_ending)
            .with_to_do("ask them to enrol a device now, or set a later date."),
        exempt("Exempt", figures.exempt, |person| person.exemption.is_some()),
    ]
}

/// The number of an account, and its name.
pub(super) fn account(account: &PlannedAccount) -> String {
    let (id, name) = (plain(&account.id, NAME_LIMIT), plain(&account.name, NAME_LIMIT));
    format!("{id} {name}").trim_end().to_owned()
}

/// The name of a user, and what rights they have.
fn who(person: &Person) -> String {
    let mark = person.rights.as_ref().map(|rights| format!(" ({})", plain(rights, NAME_LIMIT)));
    format!("{}{}", name(&person.name), mark.unwrap_or_default())
}

fn status(person: &Person) -> String {
    if person.contained { "quarantined".to_owned() } else { plain(&person.posture, NAME_LIMIT) }
}

fn episode(person: &Person) -> String {
    plain(person.episode.as_deref().unwrap_or_default(), NAME_LIMIT)
}

fn deadline(person: &Person) -> String {
    person.deadline.map(minute).unwrap_or_default()
}

fn exemption(person: &Person) -> Vec<String> {
    let Some(exemption) = &person.exemption else { return Vec::new() };
    let mfa = if person.mfa { "yes" } else { "no" };
    let until = exemption.until.map_or_else(|| "no end".to_owned(), |until| until.to_string());
    let why = exemption.why.as_deref().unwrap_or_default();
    vec![
        mfa.to_owned(),
        plain(&exemption.by, NAME_LIMIT),
        until,
        plain(&exemption.set_by, NAME_LIMIT),
        plain(why, FINDING_LIMIT),
    ]
}
