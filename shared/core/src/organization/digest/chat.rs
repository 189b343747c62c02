//! The message for Slack and Teams, in the format of Amazon Q Developer in chat applications.

use super::view::View;
use super::{content, sections};
use crate::chat_steps::{self, unmarked};
use crate::notice::MessageKind;
use serde_json::{Value, json};

pub(super) fn message(view: &View, subject: &str) -> Value {
    let (urgent, others) = sections::all(view, 0);
    let headline = content::headline(view);
    let facts = content::facts(view).map(|(name, value)| format!("{name}: {value}"));
    let lists = urgent.iter().chain(&others).map(|section| format!("{}: {}", section.title, section.count));
    let description: Vec<String> = [headline.clone()].into_iter().chain(facts).chain(lists).collect();
    let steps = urgent
        .iter()
        .filter(|section| !section.to_do.is_empty())
        .map(|section| format!("{}: {}", section.title, section.to_do));
    json!({
        "version": "1.0",
        "source": "custom",
        "id": view.digest.run,
        "content": {
            "textType": "client-markdown",
            "title": unmarked(subject),
            "description": unmarked(&description.join("\n")),
            "nextSteps": chat_steps::steps(steps),
            "keywords": [MessageKind::Digest.code(), view.severity.code(), view.digest.organization],
        },
        "metadata": {
            "threadId": MessageKind::Digest.code(),
            "summary": headline,
            "eventType": MessageKind::Digest.code(),
        },
    })
}
