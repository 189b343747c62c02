//! YAML as texts, lists and mappings, each with its line. What YAML would make of a text (a number, a truth value, a date) is
//! left alone: a setting says itself what it takes, and an account's number may begin with a zero.

use crate::settings::Fault;
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
    /// A text; empty for nothing.
    Text(String),
    List(Vec<Node>),
    Mapping(Vec<Entry>),
}

impl Node {
    /// Whether this is a mapping with a key.
    pub(super) fn has(&self, key: &str) -> bool {
        match &self.content {
            Content::Mapping(entries) => entries.iter().any(|entry| entry.key == key),
            Content::Text(_) | Content::List(_) => false,
        }
    }
}

/// A key, and what it stands for. Each key of a mapping is there once.
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
}

/// Reads a document.
///
/// # Errors
/// What is wrong with it: it is no YAML, or it uses what settings have no need for.
pub(super) fn parse(text: &str) -> Result<Node, Fault> {
    if text.len() > LONGEST {
        return Err(fault(None, format!("the file has {} bytes, expected at most {LONGEST}", text.len())));
    }
    let mut open: Vec<Open> = Vec::new();
    let mut document = None;
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        let (event, Span { start, .. }) = event.map_err(|error| {
            fault(Some(error.marker().line()), format!("this is no YAML: {}", error.info()))
        })?;
        let line = start.line();
        let node = match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => continue,
            Event::DocumentStart(_) => {
                documents += 1;
                if documents > 1 {
                    return Err(fault(Some(line), "a second document begins, expected one".to_owned()));
                }
                continue;
            }
            Event::Alias(_) => return Err(unneeded(line, "an alias (`*`)")),
            Event::Scalar(_, _, anchor, _)
            | Event::SequenceStart(anchor, _)
            | Event::MappingStart(anchor, _)
                if anchor != 0 =>
            {
                return Err(unneeded(line, "an anchor (`&`)"));
            }
            Event::Scalar(.., Some(_))
            | Event::SequenceStart(_, Some(_))
            | Event::MappingStart(_, Some(_)) => {
                return Err(unneeded(line, "a tag (`!`)"));
            }
            Event::Scalar(text, style, ..) => {
                let is_null = style == ScalarStyle::Plain && ["~", "null"].contains(&&*text);
                let text = if is_null { String::new() } else { text.into_owned() };
                Node { line, content: Content::Text(text) }
            }
            Event::SequenceStart(..) | Event::MappingStart(..) if open.len() == DEEPEST => {
                return Err(fault(Some(line), format!("this is more than {DEEPEST} levels deep")));
            }
            Event::SequenceStart(..) => {
                open.push(Open { line, content: OpenContent::List(Vec::new()) });
                continue;
            }
            Event::MappingStart(..) => {
                open.push(Open { line, content: OpenContent::Mapping(Vec::new()) });
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(open) => open.closed()?,
                None => continue,
            },
        };
        match open.last_mut().map(|open| &mut open.content) {
            Some(OpenContent::List(nodes) | OpenContent::Mapping(nodes)) => nodes.push(node),
            None => document = Some(node),
        }
    }
    document.ok_or_else(|| fault(None, "the file is empty".to_owned()))
}

impl Open {
    fn closed(self) -> Result<Node, Fault> {
        let Self { line, content } = self;
        let content = match content {
            OpenContent::List(nodes) => Content::List(nodes),
            OpenContent::Mapping(nodes) => Content::Mapping(entries(nodes)?),
        };
        Ok(Node { line, content })
    }
}

fn entries(nodes: Vec<Node>) -> Result<Vec<Entry>, Fault> {
    let mut first: BTreeMap<String, usize> = BTreeMap::new();
    let mut entries = Vec::new();
    let mut nodes = nodes.into_iter();
    while let Some((Node { line, content }, value)) = nodes.next().zip(nodes.next()) {
        let Content::Text(key) = content else {
            return Err(fault(Some(line), "a key has to be a text".to_owned()));
        };
        if let Some(before) = first.insert(key.clone(), line) {
            return Err(fault(Some(line), format!("`{key}` is there twice, first in line {before}")));
        }
        entries.push(Entry { key, line, value });
    }
    Ok(entries)
}

fn unneeded(line: usize, what: &str) -> Fault {
    fault(Some(line), format!("{what} is not allowed here: write out what it stands for"))
}

fn fault(line: Option<usize>, text: String) -> Fault {
    Fault { line, text }
}
