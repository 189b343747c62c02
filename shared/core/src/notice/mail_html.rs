//! A letter as the HTML of a mail: one column, without pictures, in light and dark colors, on a phone, and read aloud.
//!
//! Mail programs drop much of what pages can have, so styles stand at each element. Those that know dark mode take it
//! from the style sheet.

use super::letter::{Letter, Part, plain};
use super::letter_html::{Styles, parts};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// Longest text that a list of mails shows beside the subject.
const PREVIEW: usize = 150;

const DARK: &str = "\
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
  body, .sheet { background: #161616 !important; color: #ececec !important; }
  h2, th, td.cell { border-color: #6f6f6f !important; }
  a { color: #9cc7ff !important; }
}
";
const BODY: &str = "margin:0; padding:0; background:#ffffff; color:#1a1a1a;";
const HIDDEN: &str = "display:none; max-height:0; overflow:hidden;";
const SHEET: &str = "max-width:600px; width:100%; margin:0 auto; background:#ffffff; color:#1a1a1a; \
                     font-family:Arial,Helvetica,sans-serif; font-size:16px; line-height:1.5;";
const CELL: &str = "padding:24px 16px; word-break:break-word; overflow-wrap:anywhere;";
const TITLE: &str = "margin:0 0 16px; font-size:22px; line-height:1.3;";

pub(crate) const STYLES: Styles = Styles {
    paragraph: Some("margin:0 0 14px;"),
    heading: Some(
        "margin:26px 0 12px; padding-top:16px; border-top:1px solid #8a8a8a; font-size:18px; line-height:1.3;",
    ),
    facts: Some("margin:0 0 14px;"),
    name: Some("font-weight:bold;"),
    value: Some("margin:0 0 8px;"),
    list: Some("margin:0 0 14px; padding-left:24px;"),
    item: Some("margin:0 0 8px;"),
    link: Some("color:#0a4fa3;"),
};

/// A letter as a whole document.
pub(super) fn mail_html(subject: &str, letter: &Letter) -> String {
    let body = html! {
        p style=[STYLES.paragraph] { (letter.greeting) }
        (parts(&letter.parts, &STYLES))
    };
    sheet(subject, &preview(letter), &body)
}

/// A whole document. The subject is its title, and a list of mails shows the preview beside it.
pub(crate) fn sheet(subject: &str, preview: &str, body: &Markup) -> String {
    let mail: Markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="supported-color-schemes" content="light dark";
                title { (subject) }
                style { (PreEscaped(DARK)) }
            }
            body style=(BODY) {
                div style=(HIDDEN) { (preview.chars().take(PREVIEW).collect::<String>()) }
                div role="main" {
                    table class="sheet" role="presentation" width="100%" cellpadding="0" cellspacing="0" style=(SHEET) {
                        tr {
                            td style=(CELL) {
                                h1 style=(TITLE) { (subject) }
                                (body)
                            }
                        }
                    }
                }
            }
        }
    };
    mail.into_string()
}

/// How the letter begins.
fn preview(letter: &Letter) -> String {
    let first = letter.parts.iter().find_map(|part| match part {
        Part::Paragraph(spans) => Some(plain(spans)),
        Part::Heading(_) | Part::Facts(_) | Part::Steps(_) | Part::Points(_) => None,
    });
    first.unwrap_or_default()
}
