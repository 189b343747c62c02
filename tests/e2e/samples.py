"""The sample events: read, moved to the present, and what the contract says that each of them is."""

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from .deployment import CONTRACT, EVENTS, there

Event = dict[str, Any]

# Stands in events that cannot be understood, wherever a text is wrong.
MARKER = "no-log-may-hold-this"

# The forms in which samples write times.
_TIMES = {
    "%Y-%m-%dT%H:%M:%SZ": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
    "%Y-%m-%d %H:%M:%S": re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"),
}


@dataclass(frozen=True)
class Sample:
    """What the contract says of a sample: one of the last three is filled."""

    function: str
    # The reason for which it is ignored.
    ignored: str = ""
    # The path of the field that is wrong.
    malformed: str = ""
    # `trigger` and `subject`.
    event: dict[str, str] | None = None

    @property
    def user(self) -> str:
        """The IAM user whom it is about, if it is about one."""
        subject = self.event["subject"] if self.event else ""
        return "" if subject in ("root", "everybody") else subject


SAMPLES = {path: Sample(**described) for path, described in CONTRACT["samples"].items()}


def load(path: str) -> Event:
    event: Event = json.loads(there((EVENTS / path).read_text(encoding="utf-8")))
    return event


def fresh(path: str, ids: Mapping[str, str] | None = None) -> Event:
    """The same event with new ids, a moment ago. Fields that the sample lacks stay absent.

    A user who made the call has the id that `ids` says for the name.
    """
    event = load(path)
    detail = event.get("detail")
    for part in (event, detail if isinstance(detail, dict) else {}):
        part.update({key: str(uuid.uuid4()) for key in ("id", "eventID") if part.get(key)})
        for key in part.keys() & {"time", "scheduledTime", "eventTime"}:
            for form, pattern in _TIMES.items():
                if pattern.fullmatch(str(part[key])):
                    part[key] = (datetime.now(timezone.utc) - timedelta(seconds=1)).strftime(form)
    identity = detail.get("userIdentity") if isinstance(detail, dict) else None
    if isinstance(identity, dict) and identity.get("type") == "IAMUser" and "principalId" in identity:
        identity["principalId"] = (ids or {}).get(identity.get("userName", ""), identity["principalId"])
    return event


def due(weekday: int) -> str:
    """The last moment at which a sweep can have been due on this day of the week."""
    time = datetime.now(timezone.utc) - timedelta(seconds=1)
    return (time - timedelta(days=(time.weekday() - weekday) % 7)).strftime("%Y-%m-%dT%H:%M:%SZ")
