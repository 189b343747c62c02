//! The mail as plain text: the essentials, what needs somebody, the figures, then accounts and people.

use super::view::View;
use super::{content, sections};
use crate::digest::{Section, Set, figure_table, table, wrapped};

/// The full mail, with at most `cap` rows per section.
pub(super) fn mail(view: &View, cap: usize) -> String {
    let (urgent, others) = sections::all(view, cap);
    let mut parts = vec![opening(view)];
    parts.extend(urgent.iter().map(Section::text));
    parts.push(figures(view));
    parts.extend(others.iter().map(Section::text));
    parts.push(content::last_lines(view).join("\n"));
    parts.join("\n\n") + "\n"
}

/// The short text, for protocols without one of their own.
pub(super) fn short(view: &View) -> String {
    let lists = "The lists are in the mail and in the messages to programs.";
    format!("{}\n\n{}\n\n{lists}\n", opening(view), figures(view))
}

fn opening(view: &View) -> String {
    let mut lines = vec![wrapped(&content::headline(view), 0, 0), String::new()];
    lines.extend(content::facts(view).map(|(name, value)| format!("{:<14}{value}", format!("{name}:"))));
    lines.join("\n")
}

fn figures(view: &View) -> String {
    let (head, rows) = figure_table(&view.figures, view.last());
    table(&head.iter().map(String::as_str).collect::<Vec<_>>(), &rows, Set::Right)
}
