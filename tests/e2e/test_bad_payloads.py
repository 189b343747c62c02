"""What cannot be understood is refused: clearly, without a call to AWS, without harm to what follows.

Each payload is made from a good event by one change. Wherever a text is wrong it holds the marker, which must
come back in no answer and in no log.
"""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from . import samples
from .deployment import FUNCTIONS
from .functions import IGNORED
from .harness import SWEEP, Harness
from .samples import MARKER, Event

MEGABYTE = MARKER + "x" * (1024 * 1024)
MISSING = object()
# For each function an event, and where it finds the user.
GOOD = {
    "sign-in": ("ConsoleLogin/bob-overdue-without-mfa.json", "userIdentity.userName"),
    "user-lifecycle": ("CreateLoginProfile/bob-overdue.json", "requestParameters.userName"),
    "mfa-device": ("DeactivateMFADevice/judy-last-device-by-herself.json", "requestParameters.userName"),
    "guard": ("DetachUserPolicy/heidi-by-an-admin.json", "requestParameters.userName"),
    "sweep": (SWEEP, ""),
}
NOT_A_TIME = "2026-13-45T99:00:00Z"
# Long enough to say what is wrong, too short to repeat a payload.
LONGEST_MESSAGE = 500
# What is not JSON is refused by the runtime, before it reaches the function.
ERROR_TYPES = ("Malformed", "DeserializeError")


def not_json(good: Event) -> Iterator[bytes]:
    whole, version = json.dumps(good).encode(), b'"version": "0"'
    yield from (b"", b" \n\t", whole[: len(whole) // 2], whole[:-1], b"\xef\xbb\xbf" + whole)
    yield from (whole.replace(b'"', b"'"), whole.replace(b'"aws.', b'"\xff\xfe'))
    yield from (whole.replace(version, b'"version": NaN'), whole.replace(version, b'"version": "\n"'))
    yield from (b"[" * 10_000, b"[" * 10_000 + b"]" * 10_000, f'"{MEGABYTE}'.encode())
    yield json.dumps(good | {"detail": "?"}).encode().replace(b'"?"', b"[" * 10_000 + b"]" * 10_000)


def not_an_event(good: Event) -> Iterator[Any]:
    yield from (None, True, 42, MARKER, MEGABYTE, [], [good], json.dumps(good), {MEGABYTE: MEGABYTE})


def bad_orders(good: Event) -> Iterator[Any]:
    yield from each(good, ["detail-type"], MARKER, MISSING)
    yield {MARKER: MARKER}
    bad_times = (None, [MARKER], 7, MARKER, "", NOT_A_TIME, "2999-01-01T00:00:00Z")
    yield from each(good, ["time"], MISSING, *bad_times)
    yield from each({"scheduledTime": good["time"]}, ["scheduledTime"], *bad_times)


def bad_records(function: str, good: Event, user_name: str) -> Iterator[Any]:
    # An empty object orders a sweep by hand, and means nothing to the others.
    yield {}
    required = ["detail-type", "source", "detail"]
    required += ["detail.eventSource", "detail.eventName", "detail.userIdentity"]
    required += ["detail.requestParameters.serialNumber"] * (function == "mfa-device")
    yield from each(good, required, MISSING, None)
    typed = [*required, f"detail.{user_name}", "detail.eventTime", "detail.eventID"]
    yield from each(good, typed, [MARKER], 7)
    optional = ("recipientAccountId", "errorCode", "eventType", "userAgent")
    yield from each(good, [f"detail.{name}" for name in optional], {MARKER: MARKER})
    part = "responseElements" if function == "sign-in" else "requestParameters"
    yield from each(good, [f"detail.{part}"], [[MARKER]], MARKER)
    yield from each(good, ["detail"], MARKER)
    # A sign-in without a usable name is still understood where the ARN has one.
    without_arn = with_value(good, "detail.userIdentity.arn", None)
    yield from each(without_arn, [f"detail.{user_name}"], MEGABYTE, f"{MARKER}\n/../")
    yield from each(good, ["detail.eventID"], MEGABYTE, f"{MARKER}\n")
    yield from each(good, ["detail.eventTime"], MARKER + NOT_A_TIME)
    for inner, outer in (("eventID", "id"), ("recipientAccountId", "account"), ("eventTime", "time")):
        yield with_value(with_value(good, f"detail.{inner}", None), outer, None)


def each(good: Event, paths: list[str], *values: Any) -> Iterator[Event]:
    """The event with each of these values at each of these places."""
    return (with_value(good, path, value) for path in paths for value in values)


def with_value(event: Event, path: str, value: Any) -> Event:
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


@pytest.mark.parametrize("function", FUNCTIONS)
def test_bad_payload_is_refused_without_harm(
    function: str, enforcer: Harness, subtests: pytest.Subtests
) -> None:
    sample, user_name = GOOD[function]
    good, mark = samples.fresh(sample), len(enforcer.proxy.calls)
    events = bad_orders(good) if function == "sweep" else bad_records(function, good, user_name)
    payloads = [*not_json(good), *(json.dumps(event).encode() for event in (*not_an_event(good), *events))]
    assert len(payloads) >= 40
    for payload in payloads:
        with subtests.test(repr(payload[:2000])):
            answer = enforcer.functions.invoke(function, payload)
            message = answer.error_message
            assert answer.error_type.endswith(ERROR_TYPES)
            assert 0 < len(message) <= LONGEST_MESSAGE
            assert MARKER not in message
            assert answer.error_type != "Malformed" or "`" in message
            assert enforcer.functions.invoke(function, IGNORED).outcome == "ignored"
    assert enforcer.proxy.calls[mark:] == []
    enforcer.account.fill()
    seen = enforcer.deliver(sample)
    assert seen.after[seen.subject or "bob"].contained_by == "policy"
