//! The parts of the page but for the chart and the table of everybody.

use super::super::controls::Control;
use super::super::counts::{Counts, Share};
use super::super::overview::Overview;
use super::super::record::Record;
use super::super::row::Row;
use super::{day, minute, unbroken, wide};
use crate::code_words::words;
use crate::counted::counted;
use crate::digest::Coverage;
use maud::{Markup, html};

/// Up to so many users are named as due. The table has them all.
const DUE_AT_MOST: usize = 100;

/// When, what and by whom.
pub(super) fn head(record: &Record) -> Markup {
    let setting = |name: &str| record.settings.get(name).cloned().unwrap_or_default();
    html! {
        dl {
            dt { "Made" } dd { (minute(record.sweep.at)) }
            dt { "Since" } dd { (record.period.from.map_or_else(|| "the beginning".to_owned(), minute)) }
            dt { "By" } dd { (record.product.name) " " (record.product.version) ", sweep " (record.sweep.id) }
            dt { "Mode" } dd { (setting("MODE")) ", grace period " (setting("GRACE_PERIOD")) }
            dt { "Users" } dd { (record.figures.users) ", " (record.figures.console) " with a console password" }
        }
    }
}

/// When the account was read, and by whom.
pub(super) fn asked(overview: &Overview) -> Markup {
    html! {
        dl {
            dt { "Read" } dd { (minute(overview.at)) " as " (unbroken(&overview.caller)) }
            dt { "By" } dd { (overview.product.name) " " (overview.product.version) }
            dt { "Users" } dd { (overview.figures.users) ", " (overview.figures.console) " with a console password" }
            dt { "Root" }
            dd {
                "MFA: " (words(overview.root_mfa))
                @if overview.root_access_keys { ", and access keys, which nobody should need" }
            }
            @if let Some(reviews) = &overview.reviews { dt { "Reviews" } dd { (reviews.says) } }
        }
        @if !overview.unknown.is_empty() {
            h2 { "Not known" }
            ul { @for reason in &overview.unknown { li { (reason) } } }
        }
    }
}

/// The two shares, each with its definition.
pub(super) fn coverage(shares: &[Share]) -> Markup {
    html! {
        h2 { "Coverage" }
        @for share in shares {
            p {
                span class="big" {
                    (Coverage::of(share.part, share.whole).map_or_else(|| "nobody".to_owned(), |share| share.to_string()))
                }
                " " (share.part) " of " (share.whole) ": " (share.definition) "."
            }
        }
    }
}

/// Users by posture, and by kind of device.
pub(super) fn kinds(figures: &Counts) -> Markup {
    let postures = [
        ("compliant", figures.compliant),
        ("in grace", figures.in_grace),
        ("overdue", figures.overdue),
        ("exempt", figures.exempt),
        ("without a console password", figures.not_applicable),
        ("unknown", figures.posture_unknown),
        ("in quarantine, whatever the posture", figures.contained),
    ];
    let devices = [
        ("security key or passkey", figures.security_key),
        ("authenticator app", figures.virtual_app),
        ("hardware token", figures.hardware_token),
        ("not all devices listed yet", figures.not_listed),
        ("none", figures.without_mfa),
    ];
    html! {
        h2 { "By posture and device" }
        (bars("Users by posture", &postures, figures.users))
        (bars("Console users by kind of device; one with two kinds counts twice", &devices, figures.console))
    }
}

fn bars(caption: &str, rows: &[(&str, usize)], whole: usize) -> Markup {
    html! {
        table {
            caption { (caption) }
            tbody {
                @for (label, count) in rows {
                    tr {
                        th scope="row" { (label) }
                        td { (count) }
                        td {
                            svg viewBox="0 0 200 12" width="200" height="12" aria-hidden="true" {
                                rect class="bar" x="0" y="0" height="12" width=(count * 200 / whole.max(1)) {}
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Who has to do something, and by when.
pub(super) fn due(rows: &[Row]) -> Markup {
    let mut due: Vec<&Row> = rows.iter().filter(|row| row.deadline.is_some()).collect();
    due.sort_by_key(|row| (row.deadline, &row.name));
    let more = due.len().saturating_sub(DUE_AT_MOST);
    html! {
        h2 { "Due when" }
        @if due.is_empty() { p { "Nobody has a deadline." } } @else {
            table {
                thead { tr { th scope="col" { "Due" } th scope="col" { "User" } th scope="col" { "Posture" } th scope="col" { "In quarantine since" } } }
                tbody {
                    @for row in due.iter().take(DUE_AT_MOST) {
                        tr {
                            td { (row.deadline.map(day).unwrap_or_default()) }
                            th scope="row" { (row.name) }
                            td { (words(&row.posture)) }
                            td { (row.containment.as_ref().and_then(|record| record.since).map(day).unwrap_or_default()) }
                        }
                    }
                }
            }
        }
        @if more > 0 { p { "And " (more) " more, in the table of everybody." } }
    }
}

/// The control map.
pub(super) fn controls(controls: &[Control]) -> Markup {
    let table = html! {
        table {
            thead { tr {
                @for column in ["Standard", "Control", "Asks that", "Result", "Looked at", "Failing", "of them exempt", "What was looked at"] {
                    th scope="col" { (column) }
                }
            } }
            tbody {
                @for control in controls {
                    tr {
                        td { (control.standard) } th scope="row" { (control.id) } td { (control.about) }
                        td { (words(&control.result)) } td { (control.checked) } td { (control.failing) }
                        td { (control.exceptions) } td { (control.looked_at) }
                    }
                }
            }
        }
    };
    html! { h2 { "Controls" } (wide("Controls", &table)) }
}

/// What the record rests on, and what it leaves out.
pub(super) fn scope(record: &Record) -> Markup {
    let topics = html! {
        table {
            thead { tr { th scope="col" { "Topic" } th scope="col" { "Covered" } th scope="col" { "What that means" } } }
            tbody {
                @for topic in &record.scope {
                    tr { th scope="row" { (words(&topic.name)) } td { (words(&topic.state)) } td { (topic.text) } }
                }
            }
        }
    };
    let sources = html! {
        table {
            thead { tr { th scope="col" { "Source" } th scope="col" { "State" } th scope="col" { "As of" } th scope="col" { "Missing" } } }
            tbody {
                @for source in &record.sources {
                    tr {
                        th scope="row" { (source.name) } td { (source.state) }
                        td { (source.as_of.map(minute).unwrap_or_default()) } td { (source.missing) }
                    }
                }
            }
        }
    };
    html! {
        h2 { "What this record covers" }
        (wide("Topics", &topics))
        h2 { "What it rests on" }
        (wide("Sources", &sources))
    }
}

/// Where the record is in the chain.
pub(super) fn chain(record: &Record) -> Markup {
    let why = match record.chain.start.as_deref() {
        Some("emptied") => "none: the one that was written before is gone",
        _ => "none: this is the first record",
    };
    html! {
        h2 { "How to check it" }
        p {
            "The summary of this record, record.json, has the SHA-256 of this page, of the lists beside it, of "
            (counted(record.acts.len(), "act")) ", and of the record before. The digest and the log have that of record.json."
        }
        dl {
            dt { "Record" } dd { code { (unbroken(&record.key)) } }
            dt { "Record before" } dd {
                @match &record.chain.before { Some(before) => code { (unbroken(&before.key)) " " (before.sha256) }, None => (why) }
            }
        }
    }
}
