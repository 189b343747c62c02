//! What the commands have in common in what they print.

mod manners;
mod page;
mod pager;

pub(crate) use manners::{Manners, is_quiet};
pub(crate) use page::{Columns, Look, Page, Tint, cell, tinted};
pub(crate) use pager::show;

use clap::ValueEnum;
use serde_json::Value;
use std::io::{self, BufRead, IsTerminal, Write};

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

/// The form of what was read of one user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableOrJson {
    /// For people, in a terminal
    Table,
    /// For programs
    Json,
}

/// For whom the output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// The form of what was read of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// For people, in a terminal
    Table,
    /// For programs
    Json,
    /// For spreadsheets
    Csv,
    /// For people, as a page in one file
    Html,
}

/// The text without characters that would steer a terminal: file names are from anywhere.
pub(crate) fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{FFFD}' } else { c }).collect()
}

/// Says on a terminal what is going on, so that nobody waits without knowing for what.
pub(crate) fn note(text: &str) {
    let mut to = io::stderr();
    if to.is_terminal() && !is_quiet() {
        // Nobody misses it if this fails.
        _ = writeln!(to, "{}", shown(text));
    }
}

/// Says what the output itself does not tell, wherever it goes.
pub(crate) fn warn(text: &str) {
    // Nobody is left to tell if this fails.
    _ = writeln!(io::stderr(), "warning: {}", shown(text));
}

/// Says what is wrong where the output itself is for a program.
pub(crate) fn error(text: &str) {
    // Nobody is left to tell if this fails.
    _ = writeln!(io::stderr(), "error: {}", shown(text));
}

/// Whether there is a terminal to ask on.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal()
}

/// Asks on the terminal, and takes nothing but `y` or `yes` for an agreement.
pub(crate) fn is_agreed(question: &str) -> io::Result<bool> {
    let mut to = io::stderr();
    write!(to, "{question} [y/N] ")?;
    to.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// What was done by whom, for whoever keeps a log of what people do.
pub(crate) fn audit(line: &Value) {
    // Nobody is left to tell if this fails.
    _ = writeln!(io::stderr(), "audit: {}", shown(&line.to_string()));
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

/// Pages of the documentation that show what a command prints (`make contract`).
#[cfg(test)]
pub(crate) mod documented {
    use std::sync::Mutex;
    use std::{env, fs};

    const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs");
    /// Tests run at the same time, and each writes its part.
    static WRITING: Mutex<()> = Mutex::new(());

    /// Compares the part of this name in docs/CLI.md with what is printed.
    pub(crate) fn shows(name: &str, printed: &str) {
        shows_on("CLI.md", name, printed);
    }

    /// The same on another page.
    pub(crate) fn shows_on(page: &str, name: &str, printed: &str) {
        let _one = WRITING.lock().unwrap();
        let file = format!("{DOCS}/{page}");
        let page = fs::read_to_string(&file).unwrap();
        let start = format!("<!-- {name} -->\n\n```text\n");
        let (before, rest) = page.split_once(&start).unwrap();
        let (_, after) = rest.split_once("```\n").unwrap();
        let now = format!("{before}{start}{printed}```\n{after}");
        if env::var_os("UPDATE_CONTRACT").is_some() {
            fs::write(file, now).unwrap();
        } else {
            assert!(page == now, "run `make contract`, and review what changed");
        }
    }
}
