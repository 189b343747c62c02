"""What no message may get wrong, whatever it is about."""

from __future__ import annotations

import json
from collections.abc import Iterator

import jsonschema

from .deployment import NOTICE_SCHEMA
from .mailbox import Message

_SCHEMA = jsonschema.Draft202012Validator(
    json.loads(NOTICE_SCHEMA.read_text(encoding="utf-8")), format_checker=jsonschema.FormatChecker()
)


def flaws_of_notice(message: Message) -> Iterator[str]:
    """Flaws of a message about one user or root."""
    for error in _SCHEMA.iter_errors(message.body):
        yield f"message for machines: {error.json_path} is not as the schema says: {error.message}"
    yield from flaws_of_subject(message)


def flaws_of_subject(message: Message) -> Iterator[str]:
    """Flaws in what stands around a message: subject, attributes, addressee."""
    subject, body = message.subject, message.body
    if not (subject.isascii() and subject.isprintable() and 0 < len(subject) < 100):
        yield f"subject: SNS does not take `{subject}`"
    if message.attributes != {"kind": body["kind"], "severity": body["severity"]}:
        yield f"attributes: {message.attributes} do not say the same as the message for machines"
    if body["audience"] != message.audience:
        yield f"audience: a message to {body['audience']} arrived at {message.audience}"
