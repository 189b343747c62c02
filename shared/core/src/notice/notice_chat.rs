//! The message for Slack and Teams, in the format of Amazon Q Developer in chat applications.

use super::shown::Shown;
use crate::chat_steps::{self, unmarked};
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
            "title": unmarked(&shown.subject),
            "description": unmarked(&format!(
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
                user(shown),
                waiting(shown.waiting),
                lines(shown),
            )),
            "nextSteps": chat_steps::steps(shown.next_steps.iter().map(|step| unmarked(step))),
            "keywords": [kind, severity, background.account],
        },
        "metadata": {
            "threadId": shown.thread(),
            "summary": unmarked(&shown.headline),
            "eventType": kind,
        },
    })
}

/// A line for each thing that happened besides.
fn also(headlines: &[String]) -> String {
    headlines.iter().flat_map(|headline| ["\nAlso: ", headline]).collect()
}

/// The episode, and the rights of a user who has those of an administrator; empty if the message is about no user.
fn user(shown: &Shown<'_>) -> String {
    let episode = shown.background.episode.as_ref().map(|episode| format!("\nEpisode `{episode}`"));
    let rights = shown.rights().filter(|_| shown.is_administrator());
    let rights = rights.map(|rights| format!(" | Rights: {rights}"));
    episode.into_iter().chain(rights).collect()
}

/// The active access keys, and the links, each in a line.
fn lines(shown: &Shown<'_>) -> String {
    let console = shown.user_page().map(|page| format!("Console:  {page}"));
    let runbook = shown.runbook().map(|runbook| format!("Runbook:  {runbook}"));
    let lines = shown.key_lines().into_iter().chain(console).chain(runbook);
    lines.flat_map(|line| ["\n".to_owned(), line]).collect()
}

/// A line with the users who wait for their quarantine; empty if there are none.
fn waiting(users: &[String]) -> String {
    let Some(more) = users.len().checked_sub(NAMED).filter(|more| *more > 0) else {
        return if users.is_empty() { String::new() } else { format!("\nWaiting: {}", users.join(", ")) };
    };
    let named: Vec<&str> = users.iter().take(NAMED).map(String::as_str).collect();
    format!("\nWaiting: {} and {more} more", named.join(", "))
}
