"""What was published: each message as mail and as machines get it, and the rules for all messages."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import jsonschema
from moto.sns.models import Topic

from .deployment import ALERTS_TOPIC_ARN, DIGEST_SCHEMA, NOTICE_SCHEMA
from .gaps import PENDING, SNS

# The number and the text of an SMS.
TextMessage = tuple[str, str]
# Of a line of the digest, for a mail client that does not break lines.
DIGEST_WIDTH = 78
_NOTICE, _DIGEST = (
    jsonschema.Draft202012Validator(
        json.loads(schema.read_text(encoding="utf-8")), format_checker=jsonschema.FormatChecker()
    )
    for schema in (NOTICE_SCHEMA, DIGEST_SCHEMA)
)


@dataclass(frozen=True)
class Message:
    """One message: what machines receive, and how the e-mail reads."""

    audience: str
    body: dict[str, Any] = field(repr=False)
    attributes: dict[str, str] = field(repr=False)
    subject: str
    email: str = field(repr=False)
    recipients: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """`bob quarantined`, `admins critical root-alert`."""
        who = self.body["user"]["name"] if self.audience == "user" else f"admins {self.body['severity']}"
        return f"{who} {self.body['kind']}"

    @property
    def is_digest(self) -> bool:
        return bool(self.body["kind"] == "digest")

    def flaws(self) -> Iterator[str]:
        """How the message breaks the rules for all messages."""
        for error in (_DIGEST if self.is_digest else _NOTICE).iter_errors(self.body):
            yield f"message for machines: {error.json_path} is not as the schema says: {error.message}"
        if not (self.subject.isascii() and self.subject.isprintable() and 0 < len(self.subject) < 100):
            yield f"subject: SNS does not take `{self.subject}`"
        if self.attributes != {"kind": self.body["kind"], "severity": self.body["severity"]}:
            yield f"attributes: {self.attributes} do not say the same as the message for machines"
        if self.body["audience"] != self.audience:
            yield f"audience: a message to {self.body['audience']} went to {self.audience}"
        for line in self.email.splitlines() if self.is_digest else ():
            if len(line) > DIGEST_WIDTH or not line.isascii():
                yield f"digest: a line of more than {DIGEST_WIDTH} characters, or not ASCII: {line}"


def collect() -> tuple[Message, ...]:
    """Everything that was published since the last time, the users' messages first."""
    topics = sorted(SNS.topics.values(), key=lambda topic: topic.arn == ALERTS_TOPIC_ARN)
    return tuple(message for topic in topics for message in _take(topic))


def collect_texts() -> tuple[TextMessage, ...]:
    """The SMS that left since the last time."""
    sent = tuple(SNS.sms_messages.values())
    SNS.sms_messages.clear()
    return sent


def _take(topic: Topic) -> Iterator[Message]:
    addresses = tuple(
        found.endpoint
        for found in SNS.subscriptions.values()
        if found.topic is topic and found.arn != PENDING
    )
    while topic.sent_notifications:
        _, published, subject, attributes, _ = topic.sent_notifications.pop(0)
        # For each protocol its own text, as `MessageStructure=json` has it.
        texts = json.loads(published)
        yield Message(
            audience="admins" if topic.arn == ALERTS_TOPIC_ARN else "user",
            body=json.loads(texts["sqs"]),
            attributes={name: value["Value"] for name, value in (attributes or {}).items()},
            subject=subject or "",
            email=texts.get("email", texts["default"]),
            recipients=addresses,
        )
