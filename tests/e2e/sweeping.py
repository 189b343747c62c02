"""A sweep: the order that starts it, and all that came of it."""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from .answer import Answer
from .aws_xml import moment
from .deployment import ACCOUNT, REGION
from .mailbox import Message, TextMessage
from .survey import UserState
from .wire import Call

FUNCTION = "sweep"
DIGEST = "digest"
# Of Python's days of the week.
SUNDAY = 6


def scheduled(source: str = "aws.events", time: str | None = None) -> dict[str, Any]:
    """What a schedule sends, as something that is due now unless a time is given."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": source,
        "account": ACCOUNT,
        "time": time or due(),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/mfa-enforcer-sweep"],
        "detail": {},
    }


def due(sunday: bool = False) -> str:
    """The last moment at which a sweep can have been due: on a Sunday, or on another day.

    Sundays are told apart, because topics that nobody needs are deleted then.
    """
    time = datetime.now(timezone.utc) - timedelta(seconds=1)
    while (time.weekday() == SUNDAY) != sunday:
        time -= timedelta(days=1)
    return moment(time)


# The ways to order a sweep.
ORDERS: dict[str, Callable[[], dict[str, Any]]] = {
    "rule": scheduled,
    "rule on a Sunday": lambda: scheduled(time=due(sunday=True)),
    "scheduler": lambda: scheduled("aws.scheduler"),
    "scheduled time": lambda: {"scheduledTime": due()},
    "by hand": dict,
}
ON_SUNDAY = "rule on a Sunday"


def order(how: str) -> bytes:
    """The payload of an order."""
    return json.dumps(ORDERS[how]()).encode("utf-8")


@dataclass(frozen=True)
class SweepObservation:
    """All that came of one sweep."""

    how: str
    answer: Answer
    calls: tuple[Call, ...]
    messages: tuple[Message, ...]
    texts: tuple[TextMessage, ...]
    before: dict[str, UserState]
    after: dict[str, UserState]
    topics_gone: frozenset[str]

    @property
    def notices(self) -> tuple[Message, ...]:
        """What was said, beside the digest."""
        return tuple(message for message in self.messages if message.body["kind"] != DIGEST)

    @property
    def digests(self) -> tuple[Message, ...]:
        """The digest, if one was sent."""
        return tuple(message for message in self.messages if message.body["kind"] == DIGEST)

    @property
    def told(self) -> list[str]:
        """Who was told what, as labels; the digest is not among them."""
        return [message.label_with_name for message in self.notices] + [text.label for text in self.texts]

    @property
    def changed(self) -> dict[str, list[str]]:
        """What was changed in IAM at the wire, by user."""
        changes: defaultdict[str, list[str]] = defaultdict(list)
        for call in self.calls:
            if call.service == "iam" and call.writes:
                changes[call.parameters.get("UserName", "?")].append(call.action)
        return dict(changes)

    @property
    def sns_writes(self) -> list[str]:
        """What was changed in SNS at the wire."""
        return [call.action for call in self.calls if call.service == "sns" and call.writes]

    @property
    def figures(self) -> dict[str, Any]:
        """What the sweep says of the account."""
        figures: dict[str, Any] = self.answer.report.get("sweep", {})
        return figures
