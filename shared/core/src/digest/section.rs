//! A section of the mail: a title, a list, and what to do about it.

use super::layout::{Set, plain, table, wrapped};

/// IAM's user names have at most 64 characters.
pub(crate) const NAME_LIMIT: usize = 64;
/// Longer error texts are truncated.
pub(crate) const ERROR_LIMIT: usize = 200;
/// A sentence, and an error text in it.
pub(crate) const FINDING_LIMIT: usize = 400;

pub(crate) struct Section {
    pub(crate) title: &'static str,
    /// How many items there are in all; `rows` shows the first of them.
    pub(crate) count: usize,
    pub(crate) head: &'static [&'static str],
    pub(crate) rows: Vec<Vec<String>>,
    pub(crate) note: String,
    /// What the administrators should do; empty if nothing.
    pub(crate) to_do: String,
}

impl Section {
    /// A section that lists at most `cap` of the items.
    pub(crate) fn of<T: Copy>(
        title: &'static str,
        head: &'static [&'static str],
        items: &[T],
        cap: usize,
        row: impl Fn(T) -> Vec<String>,
    ) -> Self {
        let rows = items.iter().take(cap).map(|item| row(*item)).collect();
        Self { title, count: items.len(), head, rows, note: String::new(), to_do: String::new() }
    }

    /// The same section, with this many items that cannot be listed.
    pub(crate) fn and_more(mut self, unlisted: usize) -> Self {
        self.count += unlisted;
        self
    }

    pub(crate) fn with_note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    pub(crate) fn with_to_do(mut self, to_do: impl Into<String>) -> Self {
        self.to_do = to_do.into();
        self
    }

    /// The section as plain text.
    pub(crate) fn text(&self) -> String {
        let mut parts = vec![format!("{} ({})", self.title.to_uppercase(), self.count)];
        if !self.rows.is_empty() {
            parts.push(table(self.head, &self.rows, Set::Left));
        }
        parts.extend(self.unlisted().map(|unlisted| format!("  {unlisted}")));
        parts.extend(self.remarks().map(|remark| wrapped(&remark, 2, 2)));
        parts.join("\n")
    }

    /// How many items are not in the table; `None` if all are.
    pub(crate) fn unlisted(&self) -> Option<String> {
        match self.count - self.rows.len().min(self.count) {
            0 => None,
            all if all == self.count => Some(format!("{all}, too many to list")),
            more => Some(format!("and {more} more")),
        }
    }

    /// The note, and what to do, where there are such.
    pub(crate) fn remarks(&self) -> impl Iterator<Item = String> {
        let remarks = [("", &self.note), ("To do: ", &self.to_do)];
        remarks.into_iter().filter(|(_, text)| !text.is_empty()).map(|(head, text)| format!("{head}{text}"))
    }
}

/// A user name as tables show it.
pub(crate) fn name(name: &str) -> String {
    plain(name, NAME_LIMIT)
}
