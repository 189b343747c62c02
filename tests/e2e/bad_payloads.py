"""Payloads that no function can understand, each made from a good event by one change.

Wherever a text is wrong it holds the marker, which must come back in no answer and in no log.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from . import samples
from .harness import SWEEP
from .samples import Event

MARKER = "no-log-may-hold-this"
MEGABYTE = MARKER + "x" * (1024 * 1024)
# An event for each function, and where the function finds the user.
GOOD = {
    "sign-in": ("ConsoleLogin/bob-overdue-without-mfa.json", "detail.userIdentity.userName"),
    "user-lifecycle": ("CreateLoginProfile/bob-overdue.json", "detail.requestParameters.userName"),
    "mfa-device": (
        "DeactivateMFADevice/judy-last-device-by-herself.json",
        "detail.requestParameters.userName",
    ),
    "sweep": (SWEEP, ""),
}
MISSING = object()

Named = tuple[str, bytes]


def of(function: str) -> Iterator[Named]:
    """All bad payloads for a function, each with a name."""
    path, user_name = GOOD[function]
    good = samples.fresh(path)
    yield from _not_json(good)
    yield from _not_an_event(good)
    if function == "sweep":
        yield from _bad_orders(good)
    else:
        # An empty object orders a sweep by hand, and means nothing to the others.
        yield "an empty object", b"{}"
        yield from _bad_records(function, good, user_name)


def _not_json(good: Event) -> Iterator[Named]:
    whole = json.dumps(good).encode()
    yield "nothing at all", b""
    yield "white space", b" \n\t"
    yield "cut in half", whole[: len(whole) // 2]
    yield "one byte short", whole[:-1]
    yield "single quotes", whole.replace(b'"', b"'")
    yield "a text that is not UTF-8", whole.replace(b'"aws.', b'"\xff\xfe')
    yield "a byte order mark", b"\xef\xbb\xbf" + whole
    yield "a number that is none", whole.replace(b'"version": "0"', b'"version": NaN')
    yield "a line break in a text", whole.replace(b'"version": "0"', b'"version": "\n"')
    yield "ten thousand lists that never end", b"[" * 10_000
    yield "ten thousand lists", b"[" * 10_000 + b"]" * 10_000
    deep = json.dumps(_with(good, "detail", "?")).encode()
    yield "detail of ten thousand lists", deep.replace(b'"?"', b"[" * 10_000 + b"]" * 10_000)
    yield "a text of a megabyte that never ends", f'"{MEGABYTE}'.encode()


def _not_an_event(good: Event) -> Iterator[Named]:
    values = (None, True, 42, MARKER, MEGABYTE, [], [good], json.dumps(good), {MEGABYTE: MEGABYTE})
    for number, value in enumerate(values):
        yield f"value {number} in place of an event", json.dumps(value).encode()


def _bad_orders(good: Event) -> Iterator[Named]:
    yield from _each(good, ["detail-type"], MARKER, MISSING)
    yield "an unknown field alone", json.dumps({MARKER: MARKER}).encode()
    bad_times = (None, [MARKER], 7, MARKER, "", "2026-13-45T99:00:00Z", "2999-01-01T00:00:00Z")
    yield from _each(good, ["time"], MISSING, *bad_times)
    yield from _each({"scheduledTime": good["time"]}, ["scheduledTime"], *bad_times)


def _bad_records(function: str, good: Event, user_name: str) -> Iterator[Named]:
    required = ["detail-type", "source", "detail", "detail.eventSource", "detail.eventName"]
    required += ["detail.userIdentity"]
    required += ["detail.requestParameters.serialNumber"] * (function == "mfa-device")
    yield from _each(good, required, MISSING, None)
    yield from _each(good, [*required, user_name, "detail.eventTime", "detail.eventID"], [MARKER], 7)
    optional = ("recipientAccountId", "errorCode", "eventType", "userAgent")
    yield from _each(good, [f"detail.{name}" for name in optional], {MARKER: MARKER})
    part = "detail.responseElements" if function == "sign-in" else "detail.requestParameters"
    yield from _each(good, [part], [[MARKER]], MARKER)
    yield from _each(good, ["detail"], MARKER)
    # A sign-in without a usable name is still understood where the ARN has one.
    without_arn = _with(good, "detail.userIdentity.arn", None)
    yield from _each(without_arn, [user_name], MEGABYTE, f"{MARKER}\n/../")
    yield from _each(good, ["detail.eventID"], MEGABYTE, f"{MARKER}\n")
    yield from _each(good, ["detail.eventTime"], f"{MARKER}-13-45T99:00:00Z")
    for inner, outer in (("eventID", "id"), ("recipientAccountId", "account"), ("eventTime", "time")):
        yield from _each(_with(good, f"detail.{inner}", None), [outer], None)


def _each(good: Event, paths: list[str], *values: Any) -> Iterator[Named]:
    """The event with each of these values at each of these places."""
    for path in paths:
        for value in values:
            shown = "missing" if value is MISSING else repr(value)[:60]
            yield f"{path} {shown}", json.dumps(_with(good, path, value)).encode()


def _with(event: Event, path: str, value: Any) -> Event:
    """A copy of the event that differs in one place."""
    changed = copy.deepcopy(event)
    *parents, last = path.split(".")
    place = changed
    for parent in parents:
        place = place[parent]
    place[last] = value
    if value is MISSING:
        del place[last]
    return changed
