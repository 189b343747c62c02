//! The message for Slack and Teams, in the format of Amazon Q Developer in chat applications.

use super::Background;
use super::shown::Shown;
use crate::chat_steps;
use serde_json::{Value, json};

/// Name at most this many waiting users.
const NAMED: usize = 10;

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
                "*{}*: {}{}\nBy `{}` | `{} {}`{} | {}\nFrom {} on {}{}{}{}",
                severity.to_uppercase(),
                shown.headline,
                also(&shown.also),
                occasion.actor(),
                occasion.name(),
                occasion.id(),
                occasion.about().map(|about| format!(" | {about}")).unwrap_or_default(),
                shown.done(),
                shown.origin(),
                shown.when(),
                episode(background),
                waiting(shown.waiting),
                keys(shown),
            ),
            "nextSteps": chat_steps::steps(shown.next_steps.iter().cloned()),
            "keywords": [kind, severity, background.account],
        },
        "metadata": {
            "threadId": shown.thread(),
            "summary": shown.headline,
            "eventType": kind,
        },
    })
}

/// A line for each thing that happened besides.
fn also(headlines: &[String]) -> String {
    headlines.iter().flat_map(|headline| ["\nAlso: ", headline]).collect()
}

/// A line with the episode; empty if there is none.
fn episode(background: &Background) -> String {
    background.episode.as_ref().map(|episode| format!("\nEpisode `{episode}`")).unwrap_or_default()
}

/// The user's page in the console and the active access keys; empty if the message does not name them.
fn keys(shown: &Shown<'_>) -> String {
    let lines = shown.key_lines();
    lines.iter().flat_map(|line| ["\n", line.as_str()]).collect()
}

/// A line with the users who wait for their quarantine; empty if there are none.
fn waiting(users: &[String]) -> String {
    let Some(more) = users.len().checked_sub(NAMED).filter(|more| *more > 0) else {
        return if users.is_empty() { String::new() } else { format!("\nWaiting: {}", users.join(", ")) };
    };
    let named: Vec<&str> = users.iter().take(NAMED).map(String::as_str).collect();
    format!("\nWaiting: {} and {more} more", named.join(", "))
}
