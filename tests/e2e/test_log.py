"""The log of all runs: one line an event, and nothing personal in it. Runs last, and reads what is there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from . import bad_payloads, samples
from .deployment import FUNCTIONS_KEY, SECRET, TESTS_KEY
from .faults import Fault, denied
from .harness import Harness

FORMS = {
    "an e-mail address": r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}",
    "an access key": r"\b(AKIA|ASIA)[A-Z0-9]{12,}",
    "a phone number": r"\+\d[\d -]{6,}\d",
    "an IPv4 address": r"\b(?!127\.0\.0\.1\b)\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b",
    "a part of a payload": r'"(detail|detail-type|eventVersion|userIdentity|sessionContext)\\?"\s*:',
    "the text of a notice": r"How to set up MFA|Hello bob",
    "a panic": r"panicked at|RUST_BACKTRACE",
}
SECRETS = (FUNCTIONS_KEY, TESTS_KEY, SECRET, bad_payloads.MARKER)
# Keys of a record whose values belong to a person or tell how the person got in.
PERSONAL = ("sourceIPAddress", "userAgent", "accessKeyId", "principalId", "LoginTo")

pytestmark = pytest.mark.last


def values(record: Any, keys: tuple[str, ...]) -> Iterator[str]:
    """The values of these keys, wherever they are in a record."""
    for key, value in record.items() if isinstance(record, dict) else ():
        if key in keys and isinstance(value, str) and len(value) > len("AWS Internal"):
            yield value
        yield from values(value, keys)


@pytest.fixture(name="log")
def _log(enforcer: Harness) -> str:
    """The log, after the failures that tempt most: AWS quotes names, addresses and texts when it refuses."""
    carol = "ConsoleLogin/carol-named-by-email-without-mfa.json"
    for sample in (carol, "ConsoleLogin/bob-overdue-without-mfa.json"):
        for call in ("iam:GetUser", "iam:AttachUserPolicy", "sns:Subscribe", "sns:Publish", "iam:TagUser"):
            enforcer.account.fill()
            with enforcer.wire.rule(Fault(call, 1, denied)):
                assert enforcer.deliver(sample).answer.error_type == "AccessDenied"
    return enforcer.functions.log_text()


def test_the_log_holds_nothing_personal(log: str) -> None:
    forbidden = {value for path in samples.files() for value in values(samples.load(path), PERSONAL)}
    forms = {**FORMS, **{value: re.escape(value) for value in (*SECRETS, *forbidden)}}
    found = [f"{what}: {line[:400]}" for what, form in forms.items() for line in _lines(log, form)]
    assert not found, f"{len(found)} in all, such as\n" + "\n".join(found[:8])


def test_an_event_has_one_line_that_says_how_it_ended(log: str) -> None:
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    events = [line for line in lines if "outcome" in line]
    assert len(events) >= 10
    # The runtime itself refuses what is no JSON. It says nothing else.
    others = [line["message"] for line in lines if "outcome" not in line]
    assert all("deserialization" in message for message in others), set(others)
    assert len({line["request_id"] for line in events}) == len(events)
    for line in events:
        assert line["function"] and line["request_id"] and line["message"] and "duration_ms" in line
        assert line["outcome"] in ("acted", "nothing", "ignored", "malformed", "retry", "failed")
        if line["outcome"] in ("malformed", "retry", "failed"):
            assert line["error_type"] and line["error"]


def _lines(log: str, form: str) -> Iterator[str]:
    """The lines that hold a form."""
    pattern = re.compile(form)
    yield from (line for line in log.splitlines() if pattern.search(line))
