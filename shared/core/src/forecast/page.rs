//! A prospect as a page for people: one file, which needs nothing from outside.

use super::prospect::{Day, Person, Prospect};
use crate::code_words::words;
use crate::digest::ChangeKind;
use crate::evidence::{minute, search, shell, unbroken, wide};
use jiff::Timestamp;
use maud::{Markup, html};

/// Up to so many users are named in a line. The table has them all.
const NAMED: usize = 50;

/// What has a column among the days, with its heading.
const COLUMNS: [(ChangeKind, &str); 7] = [
    (ChangeKind::Told, "Told"),
    (ChangeKind::Contained, "Quarantined"),
    (ChangeKind::Waiting, "Start to wait"),
    (ChangeKind::Repaired, "Repaired"),
    (ChangeKind::Released, "Released"),
    (ChangeKind::Withheld, "Withheld by MODE"),
    (ChangeKind::StaysContained, "Release withheld"),
];

/// The page of a prospect.
#[must_use]
pub fn page(prospect: &Prospect) -> String {
    let heading = format!("What mfa-enforcer would do in the AWS account {}", prospect.account);
    let body = html! {
        (head(prospect))
        @if !prospect.unknown.is_empty() {
            h2 { "Not known" }
            ul { @for reason in &prospect.unknown { li { (reason) } } }
        }
        (to_fix(prospect))
        (days(prospect))
        (groups(prospect))
        (people(prospect))
    };
    shell(&heading, prospect.minute(prospect.from).get(..10).unwrap_or_default(), &body)
}

fn head(prospect: &Prospect) -> Markup {
    let figures = &prospect.figures;
    let chosen: Vec<String> =
        prospect.chosen().iter().map(|(name, value)| format!("{name}={value}")).collect();
    html! {
        p {
            "Nothing was changed. This is what sweeps would do if nobody enrolled a device, signed in or was exempted, and \
             every message arrived."
        }
        dl {
            dt { "Read" } dd { (minute(prospect.from)) " as " (unbroken(&prospect.caller)) }
            dt { "Until" } dd { (minute(prospect.until)) }
            dt { "Settings" } dd { (chosen.join(", ")) "; the others have their default" }
            dt { "Users" }
            dd {
                (figures.users) ", " (figures.console) " with a console password: " (figures.with_mfa) " with MFA, "
                (figures.in_grace) " in grace, " (figures.overdue) " overdue, " (figures.exempt) " exempt"
            }
            dt { "Root" }
            dd {
                "MFA: " (words(prospect.root.mfa))
                @if prospect.root.access_keys { ", and access keys, which nobody should need" }
                @if !prospect.root.messages.is_empty() { ". The administrators get an alert each day" }
            }
        }
    }
}

fn to_fix(prospect: &Prospect) -> Markup {
    html! {
        @if !prospect.to_fix().is_empty() {
            h2 { "To fix first" }
            ul {
                @for (finding, users) in prospect.to_fix() { li { (finding) ". " (names(&users)) } }
            }
        }
    }
}

/// How many there are, and their names.
fn names(users: &[&str]) -> Markup {
    html! {
        (users.len()) ": " (users.iter().take(NAMED).copied().collect::<Vec<_>>().join(", "))
        @if users.len() > NAMED { " and others" }
    }
}

fn days(prospect: &Prospect) -> Markup {
    let count = |day: &Day, what: ChangeKind| day.users.get(what.code()).copied().unwrap_or_default();
    let columns: Vec<_> = COLUMNS
        .into_iter()
        .filter(|(what, _)| prospect.days.iter().any(|day| count(day, *what) > 0))
        .collect();
    let table = html! {
        table {
            thead { tr { th scope="col" { "Day" } @for (_, heading) in &columns { th scope="col" { (heading) } } } }
            tbody {
                @for day in &prospect.days {
                    tr { th scope="row" { (day.date) } @for (what, _) in &columns { td { (count(day, *what)) } } }
                }
            }
        }
    };
    html! {
        h2 { "Users by day" }
        @if prospect.days.is_empty() { p { "Nothing is expected." } } @else { (wide("Users by day", &table)) }
    }
}

fn groups(prospect: &Prospect) -> Markup {
    let table = html! {
        table {
            caption { "Times in " (prospect.zone()) }
            thead { tr {
                @for column in ["When", "What", "Messages", "Why", "Who"] { th scope="col" { (column) } }
            } }
            tbody {
                @for group in prospect.groups() {
                    tr {
                        th scope="row" { (prospect.minute(group.foreseen.at)) }
                        td { (group.foreseen.deed()) }
                        td { (group.foreseen.said()) }
                        td { (group.foreseen.why) }
                        td { (names(&group.users)) }
                    }
                }
            }
        }
    };
    html! {
        @if !prospect.days.is_empty() {
            h2 { "In the order of time" }
            (wide("What is expected", &table))
        }
    }
}

fn people(prospect: &Prospect) -> Markup {
    let table = html! {
        table id="users" {
            thead { tr {
                @for column in
                    ["User", "Posture", "Rights", "Due", "First told", "Quarantined", "Messages", "Reachable", "Not known"]
                { th scope="col" { (column) } }
            } }
            tbody { @for person in &prospect.users { (row(person, prospect)) } }
        }
    };
    html! {
        h2 { "Everybody" }
        (search(prospect.users.len()))
        (wide("All users", &table))
    }
}

fn row(person: &Person, prospect: &Prospect) -> Markup {
    let time = |at: Option<Timestamp>| at.map(|at| prospect.minute(at)).unwrap_or_default();
    let row = &person.row;
    html! {
        tr {
            th scope="row" { (row.name) }
            td { (words(&row.posture)) }
            td { (row.rights.as_deref().map(words).unwrap_or_default()) }
            td { (time(row.deadline)) }
            td { (time(person.told_at())) }
            td {
                @if row.containment.is_some() { "now" } @else { (time(person.contained_at())) }
            }
            td { (person.messages()) }
            td { (words(person.reachable)) }
            td { (row.unknown.join(" ")) }
        }
    }
}
