//! The mail: the essentials in the first lines, then the figures, root, and a section for each list.

use super::layout::{Set, table, wrapped};
use super::view::View;
use super::{content, digest_root, sections};

/// The full mail, with at most `cap` users per section.
pub(super) fn mail(view: &View, cap: usize) -> String {
    let mut parts = vec![opening(view), figures(view)];
    parts.extend(content::administrators(view).map(|text| wrapped(&text, 0, 0)));
    parts.extend(content::not_looked_up(view).map(|text| wrapped(&text, 0, 0)));
    parts.push(root_part(view));
    parts.extend(sections::all(view, cap).iter().map(super::section::Section::text));
    parts.push(closing(view));
    parts.join("\n\n") + "\n"
}

/// The short text, for protocols without one of their own.
pub(super) fn short(view: &View) -> String {
    format!(
        "{}\n\n{}\n\nThe lists are in the mail and in the messages to programs.\n",
        opening(view),
        figures(view)
    )
}

fn opening(view: &View) -> String {
    let mut lines = vec![wrapped(&content::headline(view), 0, 0), String::new()];
    lines.extend(content::facts(view).map(|(name, value)| format!("{:<10}{value}", format!("{name}:"))));
    lines.join("\n")
}

fn closing(view: &View) -> String {
    let mut parts: Vec<String> = content::topics_deleted(view).into_iter().collect();
    parts.extend(
        view.digest
            .evidence
            .as_ref()
            .map(|head| format!("Evidence of this sweep:\n  {}\n  SHA-256 {}", head.key, head.sha256)),
    );
    parts.push(content::last_lines(view).join("\n"));
    parts.join("\n\n")
}

fn root_part(view: &View) -> String {
    let (state, advice) = digest_root::lines(view);
    let mut lines = vec!["ROOT".to_owned(), wrapped(&state, 2, 2)];
    lines.extend(advice.iter().map(|advice| wrapped(&format!("To do: {advice}"), 2, 2)));
    lines.join("\n")
}

fn figures(view: &View) -> String {
    let (head, rows) = content::figures(&view.figures, view.last());
    table(&head.iter().map(String::as_str).collect::<Vec<_>>(), &rows, Set::Right)
}
