//! YAML as texts, lists and mappings, each with its line. What YAML would make of a text (a number, a truth value, a date) is
//! left alone: a setting says itself what it takes, and an account's number may begin with a zero.

use crate::settings::{Fault, shortened};
use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use std::collections::BTreeMap;

/// More levels than any document of ours has.
const DEEPEST: usize = 8;
/// What an organization with thousands of accounts could need, in bytes.
const LONGEST: usize = 4 << 20;

/// Something that the document says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    /// In which line it begins, from 1.
    pub(super) line: usize,
    pub(super) content: Content,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    /// A text; empty if two quotes say so.
    Text(String),
    List(Vec<Node>),
    Mapping(Vec<Entry>),
    /// Nothing at all, as in `contact:` or `contact: #help`.
    Nothing,
    /// What cannot be used. A fault says so already.
    Unusable,
}

impl Node {
    /// Whether this is a mapping with a key, or may have been meant as one.
    pub(super) fn may_have(&self, key: &str) -> bool {
        match &self.content {
            Content::Mapping(entries) => entries.iter().any(|entry| entry.key == key),
            Content::Unusable => true,
            Content::Text(_) | Content::List(_) | Content::Nothing => false,
        }
    }
}

/// A key, and what it stands for. Of a mapping without faults, each key is there once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) line: usize,
    pub(super) value: Node,
}

/// A list or a mapping that has not ended.
struct Open {
    line: usize,
    content: OpenContent,
}

enum OpenContent {
    List(Vec<Node>),
    /// Keys and values in turn.
    Mapping(Vec<Node>),
    /// Too many levels down, where nothing is kept.
    TooDeep,
}

/// Reads a document: what it says, as far as it is YAML, and what is wrong with it: it is no YAML, or it uses what settings
/// have no need for.
pub(super) fn parse(text: &str) -> (Option<Node>, Vec<Fault>) {
    let mut parsing = Parsing::default();
    if text.len() > LONGEST {
        parsing.fault(None, format!("the file has {} bytes, expected at most {LONGEST}", text.len()));
        return (None, parsing.faults);
    }
    for event in Parser::new_from_str(text) {
        match event {
            Ok((Event::DocumentStart(_), span)) if parsing.has_begun => {
                let line = Some(span.start.line());
                parsing.fault(line, "a second document begins, expected one".to_owned());
                break;
            }
            Ok((event, span)) => parsing.goes_on(event, span),
            Err(error) => {
                parsing.fault(Some(error.marker().line()), format!("this is no YAML: {}", error.info()));
                return (None, parsing.faults);
            }
        }
    }
    let Parsing { document, mut faults, .. } = parsing;
    if document.is_none() {
        faults.push(Fault { line: None, text: "the file is empty".to_owned() });
    }
    (document, faults)
}

/// What was read so far.
#[derive(Default)]
struct Parsing {
    has_begun: bool,
    open: Vec<Open>,
    document: Option<Node>,
    faults: Vec<Fault>,
}

impl Parsing {
    fn goes_on(&mut self, event: Event<'_>, Span { start, .. }: Span) {
        let line = start.line();
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            Event::DocumentStart(_) => self.has_begun = true,
            Event::Alias(_) => {
                self.unneeded(line, "an alias (`*`)");
                self.add(Node { line, content: Content::Unusable });
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.decorated(line, anchor, tag.is_some());
                self.add(Node { line, content: scalar(text.into_owned(), style) });
            }
            Event::SequenceStart(anchor, tag) => {
                self.decorated(line, anchor, tag.is_some());
                self.begin(line, OpenContent::List(Vec::new()));
            }
            Event::MappingStart(anchor, tag) => {
                self.decorated(line, anchor, tag.is_some());
                self.begin(line, OpenContent::Mapping(Vec::new()));
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    let node = self.closed(open);
                    self.add(node);
                }
            }
        }
    }

    fn begin(&mut self, line: usize, content: OpenContent) {
        if self.open.len() == DEEPEST {
            self.fault(Some(line), format!("this is more than {DEEPEST} levels deep"));
        }
        let content = if self.open.len() < DEEPEST { content } else { OpenContent::TooDeep };
        self.open.push(Open { line, content });
    }

    fn add(&mut self, node: Node) {
        match self.open.last_mut().map(|open| &mut open.content) {
            Some(OpenContent::List(nodes) | OpenContent::Mapping(nodes)) => nodes.push(node),
            Some(OpenContent::TooDeep) => {}
            None => self.document = Some(node),
        }
    }

    fn closed(&mut self, Open { line, content }: Open) -> Node {
        let content = match content {
            OpenContent::List(nodes) => Content::List(nodes),
            OpenContent::Mapping(nodes) => Content::Mapping(self.entries(nodes)),
            OpenContent::TooDeep => Content::Unusable,
        };
        Node { line, content }
    }

    fn entries(&mut self, nodes: Vec<Node>) -> Vec<Entry> {
        let mut first: BTreeMap<String, usize> = BTreeMap::new();
        let mut entries = Vec::new();
        let mut nodes = nodes.into_iter();
        while let Some((Node { line, content }, value)) = nodes.next().zip(nodes.next()) {
            match content {
                Content::Text(key) => {
                    if let Some(before) = first.get(&key) {
                        let text = format!("`{}` is there twice, first in line {before}", shortened(&key));
                        self.fault(Some(line), text);
                    } else {
                        first.insert(key.clone(), line);
                    }
                    entries.push(Entry { key, line, value });
                }
                Content::List(_) | Content::Mapping(_) | Content::Nothing => {
                    self.fault(Some(line), "a key has to be a text".to_owned());
                }
                Content::Unusable => {}
            }
        }
        entries
    }

    /// Tells of what stands before a value. The value counts as if it were not there.
    fn decorated(&mut self, line: usize, anchor: usize, has_tag: bool) {
        if anchor != 0 {
            self.unneeded(line, "an anchor (`&`)");
        }
        if has_tag {
            self.unneeded(line, "a tag (`!`)");
        }
    }

    fn unneeded(&mut self, line: usize, what: &str) {
        self.fault(Some(line), format!("{what} is not allowed here: write out what it stands for"));
    }

    fn fault(&mut self, line: Option<usize>, text: String) {
        self.faults.push(Fault { line, text });
    }
}

fn scalar(text: String, style: ScalarStyle) -> Content {
    let is_nothing = match style {
        ScalarStyle::Plain => ["", "~", "null", "Null", "NULL"].contains(&text.as_str()),
        ScalarStyle::Literal | ScalarStyle::Folded => text.is_empty(),
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => false,
    };
    if is_nothing { Content::Nothing } else { Content::Text(text) }
}
