"""Payloads that no function can understand, each made from a good event by one change.

Wherever a text is wrong it holds the marker, which must come back in no answer and in no log.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from . import samples, sweeping

MARKER = "no-log-may-hold-this"
MEGABYTE = MARKER + "x" * (1024 * 1024)
# What a payload says to the function that owns it.
GOOD = {
    "sign-in": "ConsoleLogin/bob-overdue-without-mfa.json",
    "user-lifecycle": "CreateLoginProfile/newhire-by-an-admin.json",
    "mfa-device": "DeactivateMFADevice/judy-last-device-by-herself.json",
}
# Where each function finds the user.
USER_NAME = {
    "sign-in": "detail.userIdentity.userName",
    "user-lifecycle": "detail.requestParameters.userName",
    "mfa-device": "detail.requestParameters.userName",
}

_DROP = object()

Event = samples.Event


def of(function: str) -> Iterator[tuple[str, bytes]]:
    """All bad payloads for a function, each with a name."""
    if function == sweeping.FUNCTION:
        yield from _of_the_sweep()
        return
    good = samples.fresh(samples.load(GOOD[function]))
    yield from _no_json(good)
    yield from _no_object(good)
    for name, event in _broken(function, good):
        yield name, json.dumps(event).encode("utf-8")


def _of_the_sweep() -> Iterator[tuple[str, bytes]]:
    good = sweeping.scheduled()
    yield from _no_json(good)
    # An empty object orders a sweep by hand.
    yield from ((name, payload) for name, payload in _no_object(good) if payload != b"{}")
    yield "another event", json.dumps(_with(good, "detail-type", MARKER)).encode("utf-8")
    yield "a text that means nothing", json.dumps({MARKER: MARKER}).encode("utf-8")
    by_scheduler = {"scheduledTime": good["time"]}
    for event, path in ((good, "time"), (by_scheduler, "scheduledTime")):
        values = {"null": None, "a list": [MARKER], "a number": 7, "a text": MARKER, "empty": ""}
        values |= {"of no calendar": "2026-13-45T99:00:00Z", "in the future": "2999-01-01T00:00:00Z"}
        for name, value in values.items():
            yield f"{path} {name}", json.dumps(_with(event, path, value)).encode("utf-8")
    for path in ("time", "detail-type"):
        yield f"{path} missing", json.dumps(_with(good, path, _DROP)).encode("utf-8")


def _no_json(good: Event) -> Iterator[tuple[str, bytes]]:
    whole = json.dumps(good).encode("utf-8")
    yield "nothing at all", b""
    yield "white space", b" \n\t"
    yield "cut in half", whole[: len(whole) // 2]
    yield "one byte short", whole[:-1]
    yield "single quotes", whole.replace(b'"', b"'")
    yield "a text that is not UTF-8", whole.replace(b'"bob"', b'"\xff\xfe"').replace(b'"aws.', b'"\xff')
    yield "a byte order mark", b"\xef\xbb\xbf" + whole
    yield "a number that is none", whole.replace(b'"version": "0"', b'"version": NaN')
    yield "a line break in a text", whole.replace(b'"version": "0"', b'"version": "\n"')
    yield "ten thousand lists that never end", b"[" * 10_000
    yield "ten thousand lists", b"[" * 10_000 + b"]" * 10_000
    deep = json.dumps(_with(good, "detail", "?")).replace('"?"', "[" * 10_000 + "]" * 10_000)
    yield "detail of ten thousand lists", deep.encode("utf-8")
    yield "a text of a megabyte that never ends", f'"{MEGABYTE}'.encode()


def _no_object(good: Event) -> Iterator[tuple[str, bytes]]:
    values: dict[str, Any] = {
        "null": None,
        "a boolean": True,
        "a number": 42,
        "a text": MARKER,
        "a text of a megabyte": MEGABYTE,
        "an empty list": [],
        "the event in a list": [good],
        "the event as a text": json.dumps(good),
        "an empty object": {},
        "an object of a megabyte": {MEGABYTE: MEGABYTE},
    }
    for name, value in values.items():
        yield name, json.dumps(value).encode("utf-8")


def _broken(function: str, good: Event) -> Iterator[tuple[str, Event]]:
    user_name = USER_NAME[function]
    required = ["detail-type", "source", "detail", "detail.eventSource", "detail.eventName"]
    required += ["detail.userIdentity"]
    if function == "mfa-device":
        required.append("detail.requestParameters.serialNumber")
    for path in required:
        yield f"{path} missing", _with(good, path, _DROP)
        yield f"{path} null", _with(good, path, None)
    for path in [*required, user_name, "detail.eventTime", "detail.eventID"]:
        yield f"{path} a list", _with(good, path, [MARKER])
        yield f"{path} a number", _with(good, path, 7)
    for path in ("detail.recipientAccountId", "detail.errorCode", "detail.eventType", "detail.userAgent"):
        yield f"{path} an object", _with(good, path, {MARKER: MARKER})
    yield "detail a text", _with(good, "detail", MARKER)
    # A sign-in without a usable name is still understood where the ARN has one.
    without_arn = _with(good, "detail.userIdentity.arn", None)
    yield "user name of a megabyte", _with(without_arn, user_name, MEGABYTE)
    yield "user name that IAM refuses", _with(without_arn, user_name, f"{MARKER}\n/../")
    yield "event id of a megabyte", _with(good, "detail.eventID", MEGABYTE)
    yield "event id with a line break", _with(good, "detail.eventID", f"{MARKER}\n")
    yield "no event id anywhere", _with(_with(good, "detail.eventID", None), "id", None)
    yield "no account anywhere", _with(_with(good, "detail.recipientAccountId", None), "account", None)
    yield "no time anywhere", _with(_with(good, "detail.eventTime", None), "time", None)
    yield "a time of no calendar", _with(good, "detail.eventTime", f"{MARKER}-13-45T99:00:00Z")
    part = "responseElements" if function == "sign-in" else "requestParameters"
    yield f"{part} a list", _with(good, f"detail.{part}", [[MARKER]])
    yield f"{part} a text", _with(good, f"detail.{part}", MARKER)


def _with(event: Event, path: str, value: Any) -> Event:
    """A copy of the event that differs in one place."""
    changed = copy.deepcopy(event)
    *parents, last = path.split(".")
    place = changed
    for parent in parents:
        place = place[parent]
    if value is _DROP:
        del place[last]
    else:
        place[last] = value
    return changed
