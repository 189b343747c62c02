//! The digest as the HTML of a mail: the same words as the text, with tables that a reader can be led through.

use super::section::Section;
use super::view::View;
use super::{content, digest_root, sections};
use crate::notice::{MAIL_STYLES, sheet};
use maud::{Markup, html};

const TABLE: &str = "border-collapse:collapse; width:100%; margin:0 0 14px; font-size:14px; line-height:1.4;";
const HEAD: &str = "text-align:left; vertical-align:bottom; padding:4px 6px 4px 0; border-bottom:2px solid #8a8a8a; \
                    overflow-wrap:normal; word-break:normal;";
const CELL: &str = "text-align:left; vertical-align:top; font-weight:normal; padding:4px 6px 4px 0; \
                    border-bottom:1px solid #8a8a8a;";

/// The whole document, with at most `cap` users per section.
pub(super) fn mail(view: &View, subject: &str, cap: usize) -> String {
    let headline = content::headline(view);
    let (root, advice) = digest_root::lines(view);
    let (head, rows) = content::figures(&view.figures, view.last());
    let body = html! {
        (paragraph(&headline))
        dl style=[MAIL_STYLES.facts] {
            @for (name, value) in content::facts(view) {
                dt style=[MAIL_STYLES.name] { (name) }
                dd style=[MAIL_STYLES.value] { (value) }
            }
        }
        (table("Figures", &head, &rows))
        @if let Some(note) = content::administrators(view) { (paragraph(&note)) }
        @if let Some(note) = content::not_looked_up(view) { (paragraph(&note)) }
        (heading("Root"))
        (paragraph(&root))
        @for advice in advice { (paragraph(&format!("To do: {advice}"))) }
        @for section in sections::all(view, cap) { (shown(&section)) }
        (heading("About this digest"))
        @if let Some(deleted) = content::topics_deleted(view) { (paragraph(&deleted)) }
        @if let Some(head) = &view.digest.evidence {
            p style=[MAIL_STYLES.paragraph] {
                "Evidence of this sweep: " (head.key) br; "SHA-256 " (head.sha256)
            }
        }
        @for line in content::last_lines(view) { (paragraph(&line)) }
    };
    sheet(subject, &headline, &body)
}

/// A section: its list, and what to do about it.
pub(crate) fn shown(section: &Section) -> Markup {
    let head: Vec<String> = section.head.iter().map(|name| (*name).to_owned()).collect();
    html! {
        (heading(&format!("{} ({})", section.title, section.count)))
        @if !section.rows.is_empty() { (table(section.title, &head, &section.rows)) }
        @if let Some(unlisted) = section.unlisted() { (paragraph(&unlisted)) }
        @for remark in section.remarks() { (paragraph(&remark)) }
    }
}

/// A table whose rows are named by their first cell.
pub(crate) fn table(name: &str, head: &[String], rows: &[Vec<String>]) -> Markup {
    html! {
        table style=(TABLE) aria-label=(name) {
            thead { tr { @for title in head { th scope="col" style=(HEAD) { (title) } } } }
            tbody {
                @for row in rows {
                    tr {
                        @for (column, cell) in row.iter().enumerate() {
                            @if column == 0 { th scope="row" style=(CELL) { (cell) } }
                            @else { td class="cell" style=(CELL) { (cell) } }
                        }
                    }
                }
            }
        }
    }
}

/// A heading of a section.
pub(crate) fn heading(text: &str) -> Markup {
    html! { h2 style=[MAIL_STYLES.heading] { (text) } }
}

/// A paragraph.
pub(crate) fn paragraph(text: &str) -> Markup {
    html! { p style=[MAIL_STYLES.paragraph] { (text) } }
}
