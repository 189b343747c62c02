"""What the whole run leaves behind: the log, its metrics, and the calls. Runs last."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from . import samples
from .deployment import CONTRACT, EVENTS, FUNCTIONS, ROLES, SECRET
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
# Values in the samples that belong to a person or tell how the person got in. `AWS Internal` is shorter.
PERSONAL = re.compile(r'"(?:sourceIPAddress|userAgent|accessKeyId|principalId|LoginTo)": "([^"]{13,})"')
# The functions go on after all but the first, which is not JSON, so that the runtime refuses it.
WITHOUT_OUTCOME = (
    "Request payload deserialization into LambdaEvent<T> failed",
    "nothing is known of root's MFA",
    "the access keys of a user are not known",
    "the last use of an access key is not known",
    "nobody knows what a permissions boundary allows",
    "nothing is known of the stack",
)

# They make no call that the others do not make.
OF_FAULTS = {"test_faults.py", "test_sweep_alone.py"}
METRICS = {metric["name"]: metric for metric in CONTRACT["metrics"]}
DIMENSIONS = {
    "Function": FUNCTIONS,
    "Outcome": CONTRACT["outcomes"],
    "Reason": CONTRACT["ignored"],
    "Service": ("iam", "sns", "ses", "s3", "cloudtrail", "cloudformation", "sqs", "events"),
    "Posture": ("compliant", "in-grace", "overdue", "exempt", "not-applicable", "unknown"),
}
CAROL = "ConsoleLogin/carol-named-by-email-without-mfa.json"
BOB = "ConsoleLogin/bob-overdue-without-mfa.json"


@pytest.fixture(name="log", scope="module")
def _log(enforcer: Harness) -> list[str]:
    """The lines of the log, after failures whose messages quote names, addresses and texts."""
    for sample in (CAROL, BOB, SWEEP):
        for call in ("iam:GetUser", "iam:AttachUserPolicy", "sns:Subscribe", "sns:Publish", "iam:TagUser"):
            enforcer.account.fill()
            fault = Fault(call, denied)
            # A record that is refused for good fails nothing, and a sweep goes on with the others.
            fails = sample != SWEEP and call != "iam:TagUser"
            with enforcer.proxy.rule(fault):
                assert enforcer.deliver(sample).answer.error_type == ("AccessDenied" if fails else "")
            assert fault.struck
    return enforcer.functions.log_text().splitlines()


@pytest.fixture(name="lines", scope="module")
def _lines(log: list[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log if line.startswith("{")]


@pytest.fixture(name="whole")
def _whole(request: pytest.FixtureRequest) -> bool:
    """Whether every test file is run, but for those of faults: only together do they make every call."""
    files = {item.path.name for item in request.session.items}
    return files >= {path.name for path in Path(__file__).parent.glob("test_*.py")} - OF_FAULTS


def ends(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines that say how an event ended. A sweep has one, and one more for each user whom it acts on."""
    with_outcome = (line for line in lines if "outcome" in line)
    return [line for line in with_outcome if line.get("trigger") != "Sweep" or "subject" not in line]


def test_log_holds_nothing_personal(log: list[str]) -> None:
    forms = list(FORMS.values())
    forms += map(re.escape, (*ROLES, SECRET, samples.MARKER))
    for path in samples.SAMPLES:
        forms += map(re.escape, PERSONAL.findall((EVENTS / path).read_text(encoding="utf-8")))
    forbidden = re.compile("|".join(forms))
    assert not [line[:400] for line in log if forbidden.search(line)]


def test_event_has_one_line_that_says_how_it_ended(lines: list[dict[str, Any]]) -> None:
    events = ends(lines)
    assert len(events) >= 10
    assert len({line["request_id"] for line in events}) == len(events)
    for line in lines:
        if "outcome" in line:
            assert all(line.get(key) for key in ("function", "request_id", "message"))
            assert "duration_ms" in line
            assert line["outcome"] in CONTRACT["outcomes"]
            assert line.keys() <= {"timestamp", "level", "message", *CONTRACT["log_fields"]}
            if line["outcome"] in ("malformed", "retry", "failed"):
                assert line["error_type"]
                assert line["error"]
        elif "_aws" not in line:
            assert line["message"].startswith(WITHOUT_OUTCOME)


def test_metrics_are_as_agreed_and_count_every_event(lines: list[dict[str, Any]], whole: bool) -> None:
    names, events = set[str](), Counter[str]()
    for line in lines:
        if "_aws" in line:
            names |= check_metrics(line)
            events[line.get("Outcome", "")] += line.get("Events", 0)
    del events[""]
    assert events == Counter(line["outcome"] for line in ends(lines))
    if whole:
        assert names == METRICS.keys()


def check_metrics(line: dict[str, Any]) -> set[str]:
    """Checks that a line has metrics as the contract describes them and nothing else; their names."""
    assert line["_aws"].keys() == {"Timestamp", "CloudWatchMetrics"}
    (described,) = line["_aws"]["CloudWatchMetrics"]
    assert described.keys() == {"Namespace", "Dimensions", "Metrics"}
    (dimensions,) = described["Dimensions"]
    names = {metric["Name"] for metric in described["Metrics"]}
    assert type(line["_aws"]["Timestamp"]) is int
    assert described["Namespace"] == "MfaEnforcer"
    assert line.keys() == {"_aws", *dimensions, *names}
    for name in dimensions:
        assert line[name] in DIMENSIONS[name]
    for metric in described["Metrics"]:
        agreed, value = METRICS[metric["Name"]], line[metric["Name"]]
        assert metric["Unit"] == agreed["unit"]
        assert set(dimensions) == {"Function", agreed["dimension"]} - {None}
        assert min(value if isinstance(value, list) else [value]) >= 0
    return names


def test_calls_are_those_of_the_contract(enforcer: Harness, whole: bool) -> None:
    named = {call for trigger in CONTRACT["triggers"].values() for call in trigger["calls"]}
    # The command line calls as well, with keys of its own.
    functions = [call for call in enforcer.proxy.calls if call.caller in ROLES]
    seen = {call.name for call in functions}
    assert seen <= named
    if whole:
        assert seen == named
