//! The message for Slack and Teams, in the format of Amazon Q Developer in chat applications.

use super::shown::Shown;
use serde_json::{Value, json};

pub(super) fn message(shown: &Shown<'_>) -> Value {
    let (kind, severity) = (shown.kind.code(), shown.severity.code());
    let background = shown.background;
    let occasion = &background.occasion;
    json!({
        "version": "1.0",
        "source": "custom",
        "id": occasion.id().as_str(),
        "content": {
            "textType": "client-markdown",
            "title": shown.subject,
            "description": format!(
                "*{}*: {}\nBy `{}` | `{} {}` | {}\nFrom {} on {}",
                severity.to_uppercase(),
                shown.headline,
                occasion.actor(),
                occasion.name(),
                occasion.id(),
                shown.done(),
                shown.origin(),
                shown.when(),
            ),
            "nextSteps": shown.next_steps,
            "keywords": [kind, severity, background.account],
        },
        "metadata": {
            "threadId": shown.thread(),
            "summary": shown.headline,
            "eventType": kind,
        },
    })
}
