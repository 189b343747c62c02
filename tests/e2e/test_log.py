"""The log of all runs: one line an event and its metrics, and nothing personal in it.

Runs last, and reads what is there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from . import bad_payloads, samples
from .deployment import FUNCTIONS, FUNCTIONS_KEY, SECRET, TESTS_KEY
from .faults import Fault, denied
from .harness import Harness

FORMS = {
    "an e-mail address": r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}",
    "an access key": r"\b(AKIA|ASIA)[A-Z0-9]{12,}",
    "a phone number": r"\+\d[\d -]{6,}\d",
    "an IPv4 address": r"\b(?!127\.0\.0\.1\b)\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b",
    "a part of a payload": r'"(detail|detail-type|eventVersion|userIdentity|sessionContext)\\?"\s*:',
    "the text of a notice": r"How to set up MFA|Hello bob|To do:|console users have MFA",
    "a panic": r"panicked at|RUST_BACKTRACE",
}
SECRETS = (FUNCTIONS_KEY, TESTS_KEY, SECRET, bad_payloads.MARKER)
# Keys of a record whose values belong to a person or tell how the person got in.
PERSONAL = ("sourceIPAddress", "userAgent", "accessKeyId", "principalId", "LoginTo")

OUTCOMES = ("acted", "nothing", "ignored", "malformed", "retry", "failed")
CODE = r"[a-z]+(-[a-z]+)*"
# What a line of metrics may hold: every dimension with the form of its values, every metric with its unit.
DIMENSIONS = {
    "Function": "|".join(FUNCTIONS),
    "Outcome": "|".join(OUTCOMES),
    "Reason": CODE,
    "Service": "iam|sns",
    "Posture": "compliant|in-grace|overdue|exempt|not-applicable|unknown",
}
COUNTS = (
    *("Events", "Ignored", "Malformed", "Quarantines", "Releases", "NoticesSent", "NoticesFailed"),
    *("AwsCalls", "AwsRetries", "Users", "Contained", "UsersActedOn", "UsersFailed", "UsersRemaining"),
)
UNITS = {
    **dict.fromkeys(COUNTS, "Count"),
    "CoveragePercent": "Percent",
    "DecisionLatency": "Milliseconds",
    "Duration": "Milliseconds",
}

pytestmark = pytest.mark.last


def values(record: Any, keys: tuple[str, ...]) -> Iterator[str]:
    """The values of these keys, wherever they are in a record."""
    for key, value in record.items() if isinstance(record, dict) else ():
        if key in keys and isinstance(value, str) and len(value) > len("AWS Internal"):
            yield value
        yield from values(value, keys)


def is_about_one_of_many(line: dict[str, Any]) -> bool:
    """A sweep has a line of its own, and one more for each user on whom something was done."""
    return line.get("trigger") == "Sweep" and "subject" in line


@pytest.fixture(name="log")
def _log(enforcer: Harness) -> str:
    """The log, after the failures that tempt most: AWS quotes names, addresses and texts when it refuses."""
    carol = "ConsoleLogin/carol-named-by-email-without-mfa.json"
    for sample in (carol, "ConsoleLogin/bob-overdue-without-mfa.json"):
        for call in ("iam:GetUser", "iam:AttachUserPolicy", "sns:Subscribe", "sns:Publish", "iam:TagUser"):
            enforcer.account.fill()
            with enforcer.wire.rule(Fault(call, 1, denied)):
                assert enforcer.deliver(sample).answer.error_type == "AccessDenied"
    for call in ("iam:GetUser", "iam:AttachUserPolicy", "sns:Subscribe", "sns:Publish", "iam:TagUser"):
        enforcer.account.fill()
        with enforcer.wire.rule(Fault(call, 1, denied)):
            assert enforcer.sweep().answer.error_type == "SweepUnfinished"
    return enforcer.functions.log_text()


def test_the_log_holds_nothing_personal(log: str) -> None:
    forbidden = {value for path in samples.files() for value in values(samples.load(path), PERSONAL)}
    forms = {**FORMS, **{value: re.escape(value) for value in (*SECRETS, *forbidden)}}
    found = [f"{what}: {line[:400]}" for what, form in forms.items() for line in _lines(log, form)]
    assert not found, f"{len(found)} in all, such as\n" + "\n".join(found[:8])


def test_an_event_has_one_line_that_says_how_it_ended(log: str) -> None:
    lines = [line for line in _json(log) if "_aws" not in line]
    events = [line for line in lines if "outcome" in line and not is_about_one_of_many(line)]
    assert len(events) >= 10
    # The runtime itself refuses what is no JSON, and a sweep goes on where only root cannot be looked up.
    others = {line["message"].split(" failed.")[0] for line in lines if "outcome" not in line}
    assert others <= {
        "Request payload deserialization into LambdaEvent<T>",
        "nothing is known of root's MFA",
    }
    assert len({line["request_id"] for line in events}) == len(events)
    for line in (line for line in lines if "outcome" in line):
        assert line["function"] and line["request_id"] and line["message"] and "duration_ms" in line
        assert line["outcome"] in OUTCOMES
        if line["outcome"] in ("malformed", "retry", "failed"):
            assert line["error_type"] and line["error"]


def test_the_metrics_hold_what_is_known_and_count_every_event(log: str) -> None:
    lines = list(_json(log))
    found = [metric for line in lines if "_aws" in line for metric in _metrics(line)]
    for outcome in OUTCOMES:
        logged = sum(line.get("outcome") == outcome and not is_about_one_of_many(line) for line in lines)
        counted = sum(
            value
            for name, dimensions, value in found
            if name == "Events" and dimensions["Outcome"] == outcome
        )
        assert counted == logged, outcome
    names = {name for name, _, _ in found}
    assert {"Quarantines", "Releases", "NoticesSent", "AwsCalls", "DecisionLatency", "Duration"} <= names


def _json(log: str) -> Iterator[dict[str, Any]]:
    """The lines that the functions wrote."""
    yield from (json.loads(line) for line in log.splitlines() if line.startswith("{"))


def _metrics(line: dict[str, Any]) -> Iterator[tuple[str, dict[str, str], float]]:
    """The metrics of a line, with their dimensions and the sum of their values. Nothing else may be in it."""
    head = line.pop("_aws")
    assert head.keys() == {"Timestamp", "CloudWatchMetrics"} and isinstance(head["Timestamp"], int)
    (metrics,) = head["CloudWatchMetrics"]
    assert metrics.keys() == {"Namespace", "Dimensions", "Metrics"} and metrics["Namespace"] == "MfaEnforcer"
    (names,) = metrics["Dimensions"]
    dimensions = {name: line.pop(name) for name in names}
    assert "Function" in dimensions and len(dimensions) <= 2
    assert all(re.fullmatch(DIMENSIONS[name], value) for name, value in dimensions.items()), dimensions
    for metric in metrics["Metrics"]:
        assert metric["Unit"] == UNITS[metric["Name"]]
        value = line.pop(metric["Name"])
        values = value if isinstance(value, list) else [value]
        assert values and all(isinstance(number, int | float) and number >= 0 for number in values)
        yield metric["Name"], dimensions, sum(values)
    assert not line, f"a line of metrics holds {line} as well"


def _lines(log: str, form: str) -> Iterator[str]:
    """The lines that hold a form."""
    pattern = re.compile(form)
    yield from (line for line in log.splitlines() if pattern.search(line))
