//! Plain text for mails: aligned tables, and lines of at most 78 columns. Knows nothing about MFA.

use crate::settings::is_unseen;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, presets};

/// Maximum width of a line in a mail, so that a quoted mail still fits into 80 columns.
pub(crate) const WIDTH: usize = 78;
/// If the last column of a table would be narrower than this, each row is printed on two lines.
const NARROWEST: usize = 24;
const INDENT: usize = 2;
const GAP: usize = 2;

/// Alignment of the columns after the first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Set {
    /// Left-aligned, for words.
    Left,
    /// Right-aligned, for numbers.
    Right,
}

/// The first `limit` characters of a text, on one line, with `?` in place of everything that cannot be seen.
pub(crate) fn plain(text: &str, limit: usize) -> String {
    let is_shown = |c: char| c == ' ' || !(c.is_control() || c.is_whitespace() || is_unseen(c));
    text.chars().take(limit).map(|c| if is_shown(c) { c } else { '?' }).collect()
}

/// How many columns a text takes. Letters of scripts that are mostly wide count as two, which is never too little.
fn width(text: &str) -> usize {
    text.chars().map(width_of).sum()
}

fn width_of(c: char) -> usize {
    if c < '\u{1100}' { 1 } else { 2 }
}

/// The first characters of a word that fit into these columns, and the rest of it.
fn split(word: &str, columns: usize) -> (&str, &str) {
    let mut taken = 0;
    let end = word.char_indices().find(|(_, c)| {
        taken += width_of(*c);
        taken > columns
    });
    word.split_at(end.map_or(word.len(), |(at, _)| at))
}

/// Wraps text into lines indented by `indent` columns, the first line by `first`.
pub(crate) fn wrapped(text: &str, first: usize, indent: usize) -> String {
    let mut lines = Vec::new();
    let mut line = " ".repeat(first);
    let mut is_empty = true;
    for word in text.split(' ') {
        let mut word = word;
        if !is_empty && width(&line) + 1 + width(word) > WIDTH {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        while width(&line) + width(word) > WIDTH {
            let (head, rest) = split(word, WIDTH.saturating_sub(width(&line)));
            line.push_str(head);
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
            word = rest;
        }
        line.push_str(word);
        is_empty = false;
    }
    lines.push(line);
    lines.join("\n")
}

/// A table with a header row. The first column is never wrapped, the last one if necessary. If too little room is left
/// for it, the other cells of a row go on a line below the first.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>], set: Set) -> String {
    let widest = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell));
        cells.chain(head.get(column).map(|title| width(title))).max().unwrap_or_default()
    };
    let last = head.len().saturating_sub(1);
    let before: usize = (0..last).map(|column| widest(column) + GAP).sum::<usize>() + INDENT;
    if before + widest(last).min(NARROWEST) > WIDTH {
        return rows.iter().map(|row| stacked(head, row)).collect::<Vec<_>>().join("\n");
    }
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    // The table's width includes a space after the last column, which is trimmed.
    table.set_width(u16::try_from(WIDTH + 1).unwrap_or(u16::MAX));
    table.set_header(head).add_rows(rows);
    for (index, column) in table.column_iter_mut().enumerate() {
        if index == 0 {
            column.set_padding((2, 1));
        } else if set == Set::Right {
            column.set_cell_alignment(CellAlignment::Right);
        }
        if index < last {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table.trim_fmt()
}

fn stacked(head: &[&str], row: &[String]) -> String {
    let mut cells = head.iter().zip(row);
    let name = cells.next().map(|(_, name)| wrapped(name, INDENT, INDENT)).unwrap_or_default();
    let filled = cells.filter(|(_, cell)| !cell.is_empty());
    let rest: Vec<String> = filled.map(|(title, cell)| format!("{title}: {cell}")).collect();
    if rest.is_empty() { name } else { format!("{name}\n{}", wrapped(&rest.join("; "), 6, 6)) }
}

#[cfg(test)]
mod tests {
    use super::{Set, WIDTH, plain, table, width, wrapped};
    use proptest::prelude::*;

    #[test]
    fn columns_line_up() {
        let rows = [
            vec!["bob".to_owned(), "overdue".to_owned()],
            vec!["carol.anne".to_owned(), "exempt".to_owned()],
        ];
        assert_eq!(
            table(&["User", "Status"], &rows, Set::Left),
            "  User        Status\n  bob         overdue\n  carol.anne  exempt"
        );
    }

    #[test]
    fn letters_of_any_script_are_shown_and_line_up() {
        assert_eq!(plain("Müller 東京 \u{202E}x\u{200B}\n", 40), "Müller 東京 ?x??");
        let rows =
            [vec!["bob".to_owned(), "Schlüssel für Zoë".to_owned()], vec!["é".to_owned(), "x".to_owned()]];
        assert_eq!(
            table(&["User", "Why"], &rows, Set::Left),
            "  User  Why\n  bob   Schlüssel für Zoë\n  é     x"
        );
        assert_eq!(wrapped(&"東".repeat(50), 0, 2).lines().map(width).max(), Some(WIDTH));
    }

    #[test]
    fn long_name_is_not_broken() {
        let name = "n".repeat(64);
        let rows = [vec![name.clone(), "one two three four five six seven".to_owned()]];
        assert_eq!(
            table(&["User", "Error"], &rows, Set::Left),
            format!("  {name}\n      Error: one two three four five six seven")
        );
    }

    #[test]
    fn wide_letters_take_two_columns() {
        let on_one_line =
            |letter: &str| wrapped(&letter.repeat(100), 0, 0).lines().next().map(|line| line.chars().count());
        assert_eq!(on_one_line("\u{10FF}"), Some(WIDTH));
        assert_eq!(on_one_line("\u{1100}"), Some(WIDTH / 2), "the first letter of Hangul");
    }

    #[test]
    fn table_is_as_wide_as_a_line() {
        let cell = "x".repeat(24);
        let fits = "n".repeat(WIDTH - 24 - 4);
        let rows = [vec![fits.clone(), cell.clone()]];
        let head = format!("  User{}Error", " ".repeat(fits.len() - 2));
        assert_eq!(table(&["User", "Error"], &rows, Set::Left), format!("{head}\n  {fits}  {cell}"));
        let rows = [vec![format!("{fits}n"), cell.clone()]];
        assert_eq!(
            table(&["User", "Error"], &rows, Set::Left),
            format!("  {fits}n\n      Error: {cell}"),
            "one letter more"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_line_is_too_long(
            rows in prop::collection::vec(
                ("[a-z]{1,64}", "[a-z]{1,20}", "[a-z ]{0,200}").prop_map(|(a, b, c)| vec![a, b, c]),
                1..4,
            ),
            words in "[a-z ]{0,300}",
            anything: String,
        ) {
            let text = table(&["User", "Sort", "Remark"], &rows, Set::Left);
            let text = [text, wrapped(&words, 0, 4), wrapped(&plain(&anything, 300), 2, 2)].join("\n");
            for line in text.lines() {
                prop_assert!(width(line) <= WIDTH, "{line}");
            }
        }

        #[test]
        fn wrapping_loses_nothing(words in "[a-z ]{0,300}") {
            let letters = |text: &str| text.chars().filter(char::is_ascii_lowercase).collect::<String>();
            prop_assert_eq!(letters(&wrapped(&words, 3, 6)), letters(&words));
        }

        #[test]
        fn plain_text_is_on_one_line(anything: String) {
            let text = plain(&anything, 40);
            prop_assert!(text.chars().count() <= 40);
            prop_assert!(!text.contains(|c: char| c.is_control() || (c.is_whitespace() && c != ' ')), "{text:?}");
        }
    }
}
