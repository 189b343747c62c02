"""What arrived: the messages of the queues, each with the e-mail that left by the same topic, and the SMS."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from .account import ADMINS_QUEUE, USERS_QUEUE
from .emulator import Emulator


@dataclass(frozen=True)
class Message:
    """One published message: what the queue received, and how the e-mail read."""

    audience: str
    body: dict[str, Any] = field(repr=False)
    attributes: dict[str, str] = field(repr=False)
    subject: str
    email: str = field(repr=False)
    recipients: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """`user quarantined`, `admins critical root-alert`."""
        if self.audience == "user":
            return f"user {self.body['kind']}"
        return f"{self.audience} {self.body['severity']} {self.body['kind']}"

    @property
    def label_with_name(self) -> str:
        """`bob quarantined`, where one thing can be said to several."""
        return f"{self.body['user']['name']} {self.body['kind']}" if self.audience == "user" else self.label


@dataclass(frozen=True)
class TextMessage:
    """One SMS."""

    number: str
    text: str

    label = "user sms"


class Mailbox:
    """Reads the queues of the account empty."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._sqs = emulator.client("sqs")

    def collect(self) -> list[Message]:
        """Everything that arrived since the last time, the users' messages first."""
        return [*self._drain(USERS_QUEUE, "user"), *self._drain(ADMINS_QUEUE, "admins")]

    def collect_texts(self) -> list[TextMessage]:
        """The SMS that left since the last time. The emulator keeps them, so they are taken out of it."""
        sent = list(self._emulator.sns.sms_messages.values())
        self._emulator.sns.sms_messages.clear()
        return [TextMessage(number, text) for number, text in sent]

    def _drain(self, queue: str, audience: str) -> list[Message]:
        url = self._sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        messages: list[Message] = []
        while True:
            answer = self._sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
            )
            received = answer.get("Messages", [])
            if not received:
                return messages
            for raw in received:
                self._sqs.delete_message(QueueUrl=url, ReceiptHandle=raw["ReceiptHandle"])
                messages.append(self._message(audience, raw))

    def _message(self, audience: str, raw: dict[str, Any]) -> Message:
        subject, email, recipients = self._mail_of(raw["Body"])
        attributes = {name: value["StringValue"] for name, value in raw.get("MessageAttributes", {}).items()}
        return Message(audience, json.loads(raw["Body"]), attributes, subject, email, recipients)

    def _mail_of(self, body: str) -> tuple[str, str, tuple[str, ...]]:
        """Subject, text and addressees of the e-mail that was published together with this body."""
        for topic in self._emulator.sns.topics.values():
            for _, message, subject, _, _ in reversed(topic.sent_notifications):
                rendered = json.loads(message)
                if rendered.get("sqs") == body:
                    subscriptions, _ = self._emulator.sns.list_subscriptions_by_topic(topic.arn)
                    to = tuple(s.endpoint for s in subscriptions if s.protocol == "email")
                    return subject or "", rendered.get("email", rendered["default"]), to
        raise LookupError("a queue holds a message that no topic published")
