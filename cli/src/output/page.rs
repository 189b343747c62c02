//! Text for people, in a terminal: lines and tables, in colors where the terminal has them.

use super::shown;
use anstream::{AutoStream, ColorChoice};
use clap::builder::styling::{AnsiColor, Style};
use comfy_table::presets::NOTHING;
use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table};
use mfa_enforcer_core::digest::ChangeKind;
use std::io;

/// How text may look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    width: Option<u16>,
    colors: bool,
}

impl Look {
    /// What the standard output can show: its width if it is a terminal, and colors unless somebody does not want them
    /// (`--color`, `NO_COLOR`).
    pub(crate) fn of_output() -> Self {
        let width = terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| width.0);
        Self { width, colors: AutoStream::choice(&io::stdout()) != ColorChoice::Never }
    }

    /// Text without colors, in lines of this width.
    #[cfg(test)]
    pub(crate) fn plain(width: Option<u16>) -> Self {
        Self { width, colors: false }
    }

    /// The text in a color, if there are any.
    pub(crate) fn tint(self, tint: Tint, text: &str) -> String {
        if !self.colors || text.is_empty() {
            return text.to_owned();
        }
        let style = Style::new().fg_color(Some(tint.ansi().into()));
        format!("{style}{text}{style:#}")
    }
}

/// What a color says. Nothing is said by a color alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tint {
    /// As it should be.
    Good,
    /// To be looked at.
    Care,
    /// Wrong, or done to somebody.
    Bad,
}

impl Tint {
    /// That of what is done to somebody.
    pub(crate) fn of(what: ChangeKind) -> Option<Self> {
        match what {
            ChangeKind::Contained | ChangeKind::Repaired | ChangeKind::Failed | ChangeKind::Refused => {
                Some(Self::Bad)
            }
            ChangeKind::Waiting | ChangeKind::StaysContained | ChangeKind::Withheld => Some(Self::Care),
            ChangeKind::Released => Some(Self::Good),
            ChangeKind::Told => None,
        }
    }

    fn ansi(self) -> AnsiColor {
        match self {
            Self::Good => AnsiColor::Green,
            Self::Care => AnsiColor::Yellow,
            Self::Bad => AnsiColor::Red,
        }
    }

    fn color(self) -> Color {
        match self {
            Self::Good => Color::DarkGreen,
            Self::Care => Color::DarkYellow,
            Self::Bad => Color::DarkRed,
        }
    }
}

/// A cell of a table, with text from anywhere.
pub(crate) fn cell(text: impl AsRef<str>) -> Cell {
    Cell::new(shown(text.as_ref()))
}

/// The same in a color.
pub(crate) fn tinted(text: impl AsRef<str>, tint: Option<Tint>) -> Cell {
    match tint {
        Some(tint) => cell(text).fg(tint.color()),
        None => cell(text),
    }
}

/// A table without lines.
#[derive(Debug)]
pub(crate) struct Columns(Table);

impl Columns {
    pub(crate) fn new(look: Look) -> Self {
        let mut table = Table::new();
        table.load_preset(NOTHING);
        if look.colors {
            // The choice is made. It is not the library's, which would look at the variable NO_COLOR again.
            crossterm::style::force_color_output(true);
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        if let Some(width) = look.width {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        }
        Self(table)
    }

    pub(crate) fn head<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.0.set_header(names.into_iter().map(|name| cell(name).add_attribute(Attribute::Bold)));
        self
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.0.add_row(cells.into_iter().collect::<Vec<_>>());
    }
}

/// Text for people.
#[derive(Debug)]
pub(crate) struct Page {
    text: String,
    look: Look,
}

impl Page {
    pub(crate) fn new(look: Look) -> Self {
        Self { text: String::new(), look }
    }

    /// A table for it.
    pub(crate) fn columns(&self) -> Columns {
        Columns::new(self.look)
    }

    /// Adds text from anywhere, as whole lines.
    pub(crate) fn say(&mut self, text: impl AsRef<str>) {
        self.add(&shown(text.as_ref()));
    }

    /// Adds a table.
    pub(crate) fn table(&mut self, columns: &Columns) {
        self.add(&columns.0.to_string());
    }

    /// Adds a heading, and what stands below it, if there is any.
    pub(crate) fn list(&mut self, heading: &str, lines: impl IntoIterator<Item = String>) {
        let mut lines = lines.into_iter().peekable();
        if lines.peek().is_some() {
            self.say(format!("\n{heading}:"));
            lines.for_each(|line| self.say(format!("  {line}")));
        }
    }

    /// All of it.
    pub(crate) fn into_text(self) -> String {
        self.text
    }

    fn add(&mut self, text: &str) {
        for line in text.lines() {
            self.text.push_str(line.trim_end());
            self.text.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Look, Page, Tint, cell, tinted};

    const COLORED: Look = Look { width: Some(60), colors: true };

    fn page(look: Look) -> String {
        let mut page = Page::new(look);
        let mut columns = page.columns().head(["state", "item"]);
        columns.row([tinted("broken", Some(Tint::Bad)), cell("a\u{1b}[31mb")]);
        page.table(&columns);
        page.say(look.tint(Tint::Good, "").as_str());
        page.into_text()
    }

    #[test]
    fn colors_are_ours_alone() {
        let text = page(COLORED);
        assert!(text.contains("\u{1b}[") && text.contains("broken"), "{text}");
        assert!(text.contains("a\u{FFFD}[31mb"), "{text}");
    }

    #[test]
    fn text_is_the_same_without_colors() {
        let plain = page(Look::plain(Some(60)));
        assert!(!plain.contains('\u{1b}'));
        let mut stripped = String::new();
        let colored = page(COLORED);
        let mut parts = colored.split('\u{1b}');
        stripped.push_str(parts.next().unwrap());
        parts.for_each(|part| stripped.push_str(part.split_once('m').unwrap().1));
        assert_eq!(
            stripped.lines().map(str::trim_end).collect::<Vec<_>>(),
            plain.lines().collect::<Vec<_>>()
        );
    }
}
