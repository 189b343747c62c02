//! The message for Slack and Teams, in the form of Amazon Q Developer in chat applications.

use super::notice_message::Shown;
use super::{Notice, Reach, admin, enrolment_steps, phrases};
use serde_json::{Value, json};

pub(super) fn message(notice: &Notice, reach: Reach, shown: &Shown) -> Value {
    let source = &notice.event.source;
    let next_steps = if shown.audience == "user" {
        vec![
            format!("Open {}", notice.partition.security_credentials_url()),
            enrolment_steps::enrolment(notice),
        ]
    } else {
        vec![admin::advice(notice, reach)]
    };
    json!({
        "version": "1.0",
        "source": "custom",
        "id": source.id.as_str(),
        "content": {
            "textType": "client-markdown",
            "title": shown.subject,
            "description": format!(
                "*{}*: {}\nBy `{}` | `{} {}` | {}\nFrom {} on {}",
                shown.severity.code().to_uppercase(),
                phrases::headline(notice),
                notice.event.actor,
                notice.event.trigger.event_name(),
                source.id,
                admin::done(notice, reach),
                phrases::from_where(notice),
                phrases::moment(source.time),
            ),
            "nextSteps": next_steps,
            "keywords": [shown.kind.code(), shown.severity.code(), source.account],
        },
        "metadata": {
            "threadId": notice.user.as_ref().map_or("root", |user| user.id.as_str()),
            "summary": phrases::headline(notice),
            "eventType": shown.kind.code(),
        },
    })
}
