//! A record as a page for people: one file, for a screen, a phone or paper, which needs nothing from outside.
//!
//! The page is made of the record and its rows alone. Everybody is in a table that sorts and filters where scripts run, and
//! is whole where they do not.

mod chart;
mod everybody;
mod sections;

pub(crate) use everybody::search;

use super::overview::Overview;
use super::place::checksum;
use super::record::Record;
use super::row::Row;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The page of a record.
#[must_use]
pub fn page(record: &Record, rows: &[Row]) -> String {
    let title = format!("MFA in the AWS account {}", record.account);
    let body = html! {
        (sections::head(record))
        (sections::coverage(&record.coverage))
        (chart::over_time(&record.trend))
        (sections::kinds(&record.figures))
        (sections::due(rows))
        (sections::controls(&record.controls))
        (sections::scope(record))
        (everybody::table(rows))
        (sections::chain(record))
    };
    shell(&title, &day(record.sweep.at), &body)
}

/// The page of an account as it is now.
#[must_use]
pub fn overview_page(overview: &Overview) -> String {
    let title = format!("MFA in the AWS account {}", overview.account);
    let body = html! {
        (sections::asked(overview))
        (sections::coverage(&overview.coverage))
        (sections::kinds(&overview.figures))
        (sections::due(&overview.users))
        (sections::controls(&overview.controls))
        (everybody::table(&overview.users))
    };
    shell(&title, &day(overview.at), &body)
}

/// A page with this heading, whose title also says of which day it is. Its body has a table `users`, which sorts and
/// filters.
pub(crate) fn shell(heading: &str, day: &str, body: &Markup) -> String {
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        checksum(STYLE.as_bytes()),
        checksum(SCRIPT.as_bytes())
    );
    let page: Markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (heading) ", " (day) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { (unbroken(heading)) }
                    (body)
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string()
}

/// A day (UTC).
fn day(at: Timestamp) -> String {
    at.to_zoned_datetime(TimeZone::UTC).strftime("%Y-%m-%d").to_string()
}

/// A moment, to the minute.
pub(crate) fn minute(at: Timestamp) -> String {
    at.to_zoned_datetime(TimeZone::UTC).strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// A text whose account numbers are not broken over lines, not even where ARNs and keys are.
pub(crate) fn unbroken(text: &str) -> Markup {
    let characters: Vec<char> = text.chars().collect();
    let parts = characters.chunk_by(|one, next| one.is_ascii_digit() == next.is_ascii_digit());
    html! {
        @for part in parts {
            @let text: String = part.iter().collect();
            @if is_account(&text) { span class="number" { (text) } } @else { (text) }
        }
    }
}

/// The number of an account has 12 digits.
fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The name of a topic or a file inside a table that may be wider than the screen.
pub(crate) fn wide(label: &str, table: &Markup) -> Markup {
    html! { div class="wide" role="region" aria-label=(label) tabindex="0" { (table) } }
}
