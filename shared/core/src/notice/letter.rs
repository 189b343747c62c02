//! A message to a user before it has a form: paragraphs, facts, and steps.
//!
//! Words that others chose, such as names, are data here. Whatever gives the letter a form escapes them.

/// Longest line of the plain text, apart from links, which are not broken.
const WIDTH: usize = 72;

/// A message to a user.
pub(super) struct Letter {
    pub(super) greeting: String,
    pub(super) parts: Vec<Part>,
}

/// A part of a letter.
pub(super) enum Part {
    /// Sentences.
    Paragraph(Vec<Span>),
    /// The title of what follows.
    Heading(String),
    /// Names and values.
    Facts(Vec<(&'static str, String)>),
    /// Things to do, in this order.
    Steps(Vec<Item>),
    /// Things to know, in any order.
    Points(Vec<String>),
}

/// A step.
pub(super) struct Item {
    pub(super) text: Vec<Span>,
    /// What helps with it.
    pub(super) points: Vec<String>,
}

/// A piece of a sentence.
pub(super) enum Span {
    /// Words.
    Words(String),
    /// An address, which is also what readers see.
    Link(String),
}

impl Part {
    /// A paragraph without a link.
    pub(super) fn words(words: impl Into<String>) -> Self {
        Self::Paragraph(vec![Span::Words(words.into())])
    }
}

impl Letter {
    /// The letter as plain text.
    pub(super) fn text(&self) -> String {
        let parts = self.parts.iter().map(|part| match part {
            Part::Paragraph(spans) => wrapped(&plain(spans), "", ""),
            Part::Heading(title) => format!("{title}\n{}", "-".repeat(title.chars().count())),
            Part::Facts(facts) => columns(facts),
            Part::Steps(items) => {
                let steps = items.iter().enumerate().map(|(index, item)| step(index + 1, item));
                steps.collect::<Vec<_>>().join("\n")
            }
            Part::Points(points) => bulleted(points, ""),
        });
        let parts: Vec<String> = [self.greeting.clone()].into_iter().chain(parts).collect();
        parts.join("\n\n") + "\n"
    }
}

fn step(number: usize, item: &Item) -> String {
    let text = wrapped(&plain(&item.text), &format!("{number}. "), "   ");
    if item.points.is_empty() { text } else { format!("{text}\n{}", bulleted(&item.points, "   ")) }
}

fn bulleted(points: &[String], indent: &str) -> String {
    let lines = points.iter().map(|point| wrapped(point, &format!("{indent}- "), &format!("{indent}  ")));
    lines.collect::<Vec<_>>().join("\n")
}

fn columns(facts: &[(&'static str, String)]) -> String {
    let width = facts.iter().map(|(name, _)| name.chars().count() + 2).max().unwrap_or_default();
    let lines = facts
        .iter()
        .map(|(name, value)| wrapped(value, &format!("{:width$}", format!("{name}:")), &" ".repeat(width)));
    lines.collect::<Vec<_>>().join("\n")
}

/// The words of a sentence, without any form.
pub(super) fn plain(spans: &[Span]) -> String {
    let words = spans.iter().map(|span| match span {
        Span::Words(words) | Span::Link(words) => words.as_str(),
    });
    words.collect()
}

fn wrapped(text: &str, first: &str, other: &str) -> String {
    let options =
        textwrap::Options::new(WIDTH).initial_indent(first).subsequent_indent(other).break_words(false);
    textwrap::fill(text, options.word_splitter(textwrap::WordSplitter::NoHyphenation))
}
