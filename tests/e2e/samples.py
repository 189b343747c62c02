"""The sample events: read, moved to the present, and the table that says what each of them is."""

from __future__ import annotations

import copy
import json
import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from .deployment import EVENTS, FUNCTIONS

Event = dict[str, Any]

_ROW = re.compile(r"^\| `(?P<path>[^`]+\.json)` \| .* \| (?P<function>[a-z-]+) \| (?P<leads_to>.+) \|$")
_WITH_T = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
_WITH_SPACE = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")


@dataclass(frozen=True)
class Sample:
    """A row of the table in `events/README.md`."""

    path: str
    function: str
    leads_to: str

    @property
    def ignored(self) -> str | None:
        """The reason for which it is ignored, if it is."""
        found = re.fullmatch(r"ignored `([^`]+)`", self.leads_to)
        return found[1] if found else None

    @property
    def malformed(self) -> str | None:
        """The path of the field that is wrong, if one is."""
        found = re.fullmatch(r"malformed `([^`]+)`", self.leads_to)
        return found[1] if found else None


def table() -> dict[str, Sample]:
    """All samples that the table names, by path."""
    rows = (_ROW.match(line) for line in (EVENTS / "README.md").read_text(encoding="utf-8").splitlines())
    samples = {row["path"]: Sample(row["path"], row["function"], row["leads_to"]) for row in rows if row}
    unknown = {sample.function for sample in samples.values()} - set(FUNCTIONS)
    if unknown:
        raise LookupError(f"events/README.md sends events to functions that there are not: {unknown}")
    return samples


def files() -> list[str]:
    """The paths of all samples."""
    return sorted(path.relative_to(EVENTS).as_posix() for path in EVENTS.glob("*/*.json"))


def load(path: str) -> Event:
    """A sample as it was written."""
    event: Event = json.loads((EVENTS / path).read_text(encoding="utf-8"))
    return event


def fresh(event: Event, ago: timedelta = timedelta(seconds=1)) -> Event:
    """The same happening a moment ago, as an event of its own. What a sample leaves out stays out."""
    copied = copy.deepcopy(event)
    moment = datetime.now(timezone.utc) - ago
    parts = [(copied, "id", "time"), (copied, "id", "scheduledTime")]
    if isinstance(copied.get("detail"), dict):
        parts.append((copied["detail"], "eventID", "eventTime"))
    for part, id_key, time_key in parts:
        if part.get(id_key):
            part[id_key] = str(uuid.uuid4())
        written = str(part.get(time_key))
        if _WITH_T.match(written):
            part[time_key] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        elif _WITH_SPACE.match(written):
            part[time_key] = moment.strftime("%Y-%m-%d %H:%M:%S")
    return copied


def subject(event: Event) -> str | None:
    """The IAM user whom an event is about, as far as the event says so in so many words."""
    detail = event.get("detail")
    if not isinstance(detail, dict):
        return None
    parameters, identity = detail.get("requestParameters"), detail.get("userIdentity")
    if isinstance(parameters, dict) and isinstance(parameters.get("userName"), str):
        return str(parameters["userName"])
    if isinstance(identity, dict) and identity.get("type", "IAMUser") == "IAMUser":
        name = identity.get("userName") or str(identity.get("arn", "")).rsplit("/", 1)[-1]
        return name or None
    return None
