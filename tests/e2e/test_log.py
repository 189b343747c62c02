"""What the whole run leaves behind: the log, its metrics, and the calls. Runs last."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from . import samples
from .deployment import CONTRACT, FUNCTIONS, FUNCTIONS_KEY, SECRET, TESTS_KEY
from .faults import Fault, denied
from .harness import SWEEP, Harness

FORMS = {
    "an e-mail address": r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}",
    "an access key": r"\b(AKIA|ASIA)[A-Z0-9]{12,}",
    "a phone number": r"\+\d[\d -]{6,}\d",
    "an IPv4 address": r"\b(?!127\.0\.0\.1\b)\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b",
    "a part of a payload": r'"(detail|detail-type|eventVersion|userIdentity|sessionContext)\\?"\s*:',
    "the text of a notice": r"How to set up MFA|Hello bob|To do:|console users have MFA",
    "a panic": r"panicked at|RUST_BACKTRACE",
}
SECRETS = (FUNCTIONS_KEY, TESTS_KEY, SECRET, samples.MARKER)
# Keys of a record whose values belong to a person or tell how the person got in.
PERSONAL = ("sourceIPAddress", "userAgent", "accessKeyId", "principalId", "LoginTo")
# What a sweep goes on after, and what the runtime refuses because it is not JSON.
WITHOUT_OUTCOME = (
    "Request payload deserialization into LambdaEvent<T> failed",
    "nothing is known of root's MFA",
)

METRICS = {metric["name"]: metric for metric in CONTRACT["metrics"]}
DIMENSIONS = {
    "Function": FUNCTIONS,
    "Outcome": CONTRACT["outcomes"],
    "Reason": CONTRACT["ignored"],
    "Service": ("iam", "sns"),
    "Posture": ("compliant", "in-grace", "overdue", "exempt", "not-applicable", "unknown"),
}

pytestmark = pytest.mark.last


def values(record: Any, keys: tuple[str, ...]) -> Iterator[str]:
    """The values of these keys, wherever they are in a record."""
    for key, value in record.items() if isinstance(record, dict) else ():
        if key in keys and isinstance(value, str) and len(value) > len("AWS Internal"):
            yield value
        yield from values(value, keys)


@pytest.fixture(name="log", scope="module")
def _log(enforcer: Harness) -> str:
    """The log, after the failures that tempt most: AWS quotes names, addresses and texts when it refuses."""
    carol, bob = (
        f"ConsoleLogin/{name}.json"
        for name in ("carol-named-by-email-without-mfa", "bob-overdue-without-mfa")
    )
    for sample, error in ((carol, "AccessDenied"), (bob, "AccessDenied"), (SWEEP, "SweepUnfinished")):
        for call in ("iam:GetUser", "iam:AttachUserPolicy", "sns:Subscribe", "sns:Publish", "iam:TagUser"):
            enforcer.account.fill()
            with enforcer.proxy.rule(Fault(call, denied)):
                assert enforcer.deliver(sample).answer.error_type == error
    return enforcer.functions.log_text()


@pytest.fixture(name="lines", scope="module")
def _lines(log: str) -> list[dict[str, Any]]:
    """The lines that the functions wrote."""
    return [json.loads(line) for line in log.splitlines() if line.startswith("{")]


@pytest.fixture(name="whole")
def _whole(request: pytest.FixtureRequest) -> bool:
    """Whether everything has been run: a part of the tests makes a part of the calls."""
    return {path.name for path in Path(__file__).parent.glob("test_*.py")} <= {
        item.path.name for item in request.session.items
    }


def ends(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines that say how an event ended. A sweep has one, and one more for each user whom it acts on."""
    with_outcome = (line for line in lines if "outcome" in line)
    return [line for line in with_outcome if line.get("trigger") != "Sweep" or "subject" not in line]


def test_log_holds_nothing_personal(log: str) -> None:
    forbidden = {value for path in samples.SAMPLES for value in values(samples.load(path), PERSONAL)}
    forms = FORMS | {value: re.escape(value) for value in (*SECRETS, *forbidden)}
    found = [
        f"{what}: {line[:400]}"
        for what, form in forms.items()
        for line in log.splitlines()
        if re.search(form, line)
    ]
    assert not found, f"{len(found)} in all, such as\n" + "\n".join(found[:8])


def test_event_has_one_line_that_says_how_it_ended(lines: list[dict[str, Any]]) -> None:
    events, texts = ends(lines), [line for line in lines if "_aws" not in line]
    assert len(events) >= 10
    assert len({line["request_id"] for line in events}) == len(events)
    for line in texts:
        if "outcome" not in line:
            assert line["message"].startswith(WITHOUT_OUTCOME)
            continue
        assert all(line.get(key) for key in ("function", "request_id", "message"))
        assert "duration_ms" in line
        assert line["outcome"] in CONTRACT["outcomes"]
        assert line["outcome"] not in ("malformed", "retry", "failed") or (
            line["error_type"] and line["error"]
        )


def test_metrics_are_as_agreed_and_count_every_event(lines: list[dict[str, Any]], whole: bool) -> None:
    found = [metric for line in lines if "_aws" in line for metric in metrics(line)]
    for outcome in CONTRACT["outcomes"]:
        logged = sum(line["outcome"] == outcome for line in ends(lines))
        events = (value for name, of, value in found if name == "Events" and of["Outcome"] == outcome)
        assert sum(events) == logged, outcome
    if whole:
        assert {name for name, _, _ in found} == METRICS.keys()


def metrics(line: dict[str, Any]) -> Iterator[tuple[str, dict[str, str], float]]:
    """The metrics of a line, with their dimensions and the sum of their values. Nothing else may be in it."""
    head, rest = line["_aws"], {key: value for key, value in line.items() if key != "_aws"}
    assert head.keys() == {"Timestamp", "CloudWatchMetrics"}
    (described,) = head["CloudWatchMetrics"]
    assert described.keys() == {"Namespace", "Dimensions", "Metrics"}
    assert (type(head["Timestamp"]), described["Namespace"]) == (int, "MfaEnforcer")
    (names,) = described["Dimensions"]
    dimensions = {name: rest.pop(name) for name in names}
    assert all(value in DIMENSIONS[name] for name, value in dimensions.items()), dimensions
    for metric in described["Metrics"]:
        agreed = METRICS[metric["Name"]]
        assert metric["Unit"] == agreed["unit"]
        assert dimensions.keys() == {"Function", agreed["dimension"]} - {None}
        value = rest.pop(metric["Name"])
        numbers = value if isinstance(value, list) else [value]
        assert min(numbers) >= 0
        yield metric["Name"], dimensions, sum(numbers)
    assert not rest, f"a line of metrics holds {rest} as well"


def test_calls_are_those_of_the_contract(enforcer: Harness, whole: bool) -> None:
    named = {call for trigger in CONTRACT["triggers"].values() for call in trigger["calls"]}
    seen = {call.name for call in enforcer.proxy.since(0)}
    assert seen <= named
    if whole:
        assert seen == named
