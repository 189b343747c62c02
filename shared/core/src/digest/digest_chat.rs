//! The message for Slack and Teams, in the format of Amazon Q Developer in chat applications.

use super::digest_phrases::{headline, minute};
use super::view::View;
use super::{digest_root, sections};
use crate::chat_steps::{self, unmarked};
use crate::notice::MessageKind;
use serde_json::{Value, json};

pub(super) fn message(view: &View, subject: &str) -> Value {
    let digest = view.digest;
    let (state, advice) = digest_root::lines(view);
    let sections = sections::all(view, 0);
    let lists = sections.iter().map(|section| format!("{}: {}", section.title, section.count));
    let description: Vec<String> = [
        format!("*{}*: {}", view.severity.code().to_uppercase(), headline(view)),
        format!("Mode `{}` | {} UTC | sweep `{}`", digest.mode.name(), minute(digest.at), digest.sweep),
        state,
    ]
    .into_iter()
    .chain(lists)
    .collect();
    let root_steps = advice.into_iter().map(|advice| format!("Root: {advice}"));
    let steps = sections
        .iter()
        .filter(|section| !section.to_do.is_empty())
        .map(|section| format!("{}: {}", section.title, section.to_do));
    json!({
        "version": "1.0",
        "source": "custom",
        "id": digest.sweep.as_str(),
        "content": {
            "textType": "client-markdown",
            "title": unmarked(subject),
            "description": description.join("\n"),
            "nextSteps": chat_steps::steps(root_steps.chain(steps)),
            "keywords": [MessageKind::Digest.code(), view.severity.code(), digest.account],
        },
        "metadata": {
            "threadId": MessageKind::Digest.code(),
            "summary": headline(view),
            "eventType": MessageKind::Digest.code(),
        },
    })
}
