//! The mail as HTML: the same words as the text, in the manner of an account's digest.

use super::view::View;
use super::{content, sections};
use crate::digest::{figure_table, heading, html_table, paragraph, shown};
use crate::notice::{MAIL_STYLES, sheet};
use maud::html;

/// The whole document, with at most `cap` rows per section.
pub(super) fn mail(view: &View, subject: &str, cap: usize) -> String {
    let headline = content::headline(view);
    let (head, rows) = figure_table(&view.figures, view.last());
    let (urgent, others) = sections::all(view, cap);
    let body = html! {
        (paragraph(&headline))
        dl style=[MAIL_STYLES.facts] {
            @for (name, value) in content::facts(view) {
                dt style=[MAIL_STYLES.name] { (name) }
                dd style=[MAIL_STYLES.value] { (value) }
            }
        }
        @for section in urgent { (shown(&section)) }
        (heading("Figures"))
        (html_table("Figures", &head, &rows))
        @for section in others { (shown(&section)) }
        (heading("About this digest"))
        @for line in content::last_lines(view) { (paragraph(&line)) }
    };
    sheet(subject, &headline, &body)
}
