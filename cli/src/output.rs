//! What the commands have in common in what they print.

use clap::ValueEnum;
use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};
use std::io::{self, IsTerminal, Write};

/// What a command found, which its exit status tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing is wrong.
    Nothing,
    /// Something is.
    Something,
}

impl Found {
    /// Whether something is wrong.
    pub(crate) fn of(is_wrong: bool) -> Self {
        if is_wrong { Self::Something } else { Self::Nothing }
    }
}

/// For whom the output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// The text without characters that would steer a terminal: file names are from anywhere.
pub(crate) fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{FFFD}' } else { c }).collect()
}

/// The same, without white space at the ends of lines.
pub(crate) fn printed(text: &str) -> String {
    let lines: Vec<String> = shown(text).lines().map(|line| format!("{}\n", line.trim_end())).collect();
    lines.concat()
}

/// How many characters fit into a line; `None` if the output is no terminal.
pub(crate) fn width() -> Option<u16> {
    terminal_size::terminal_size().map(|(width, _)| width.0)
}

/// A table without lines, as wide as this at most.
pub(crate) fn columns(width: Option<u16>) -> Table {
    let mut table = Table::new();
    table.load_preset(NOTHING);
    if let Some(width) = width {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    table
}

/// Says on a terminal what is going on, so that nobody waits without knowing for what.
pub(crate) fn note(text: &str) {
    let mut to = io::stderr();
    if to.is_terminal() {
        // Nobody misses it if this fails.
        _ = writeln!(to, "{}", shown(text));
    }
}

/// Whether whoever reads the output has stopped reading, as `head` does.
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let closed = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(closed))
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn escape_sequences_do_not_reach_a_terminal() {
        assert_eq!(shown("a\u{1b}[31mb\nc\r"), "a\u{FFFD}[31mb\nc\u{FFFD}");
    }
}
