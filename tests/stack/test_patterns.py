"""The event patterns let through what the functions act on and nothing else, as far as a pattern can tell."""

from __future__ import annotations

import json
from typing import Any

import pytest
from moto.events.models import EventPattern

from . import reading
from .changed_events import changed
from .reading import OWNERS, Event
from .resolved_stack import ResolvedStack
from .roles import GOVCLOUD, LONG_NAME
from .templates import MAIN, translated

SAMPLES = reading.samples()
RECORDINGS = reading.recordings()

# The limit of EventBridge for the pattern of a rule.
LONGEST_PATTERN = 2048

NO_NAME = "a pattern selects events by service and name, and this record has none"
NO_RULE = "the schedule or a person calls the function"
# Samples for which a pattern cannot know what the code knows: where they arrive, and why that is right.
ODD: dict[str, tuple[set[str], str]] = {
    "DeleteLoginProfile/root-by-an-aws-service.json": (
        {"user-lifecycle"},
        "two fields tell whether root is meant, and only the code can combine them with `invokedBy`",
    ),
    "DeleteUser/newhire-sent-to-another-function.json": (
        {"user-lifecycle"},
        "the sample shows a wrong rule; the right one sends it to its function",
    ),
    "Malformed/no-detail.json": (set(), NO_NAME),
    "Malformed/detail-null.json": (set(), NO_NAME),
    "Malformed/event-name-missing.json": (set(), NO_NAME),
    "Malformed/response-elements-is-a-list.json": (
        set(),
        "moto's matcher does not look into lists of objects; EventBridge does, so there it would arrive",
    ),
    "Sweep/scheduler.json": (set(), NO_RULE),
    "Sweep/rule.json": (set(), NO_RULE),
    "Sweep/by-hand.json": (set(), NO_RULE),
}

# Changes after which a pattern drops an event that the code would act on. CloudFormation accepts no JSON null
# in a template, so a pattern cannot match it. CloudTrail omits empty fields; no published record has a null.
DROPPED = {
    *("errorCode=None", "recipientAccountId=None"),
    *("userIdentity.invokedBy=None", "userIdentity.type=None"),
}
TWO_FIELDS = "counts for root only, which either of two fields can mean"
# Changes after which a pattern lets through what the code ignores, and why.
LEFT_TO_THE_CODE: dict[str, str] = {
    "userIdentity.invokedBy='cloudformation.amazonaws.com'": TWO_FIELDS,
    "userIdentity.invokedBy='AWS Internal'": TWO_FIELDS,
    "requestParameters.userName='AWS ROOT USER'": "counts only with `invokedBy`",
    "userIdentity=the enforcer, without an issuer": "a session of Lambda has an issuer",
    "account=another, in the envelope only": "records name the account, except very old ones",
    "additionalEventData.MFAUsed=True": "it is a string in every published record",
    **{
        f"userIdentity={nobody}": "without a caller it is malformed, and administrators should hear of it"
        for nobody in ("(absent)", "None", "''", "'null'", "{}")
    },
}
# The code's reasons to ignore those.
REASONS_LEFT = {"aws-service-event", "own-call", "other-account", "mfa-used", "other-identity"}


@pytest.fixture(scope="module", name="patterns")
def _patterns(stack: ResolvedStack) -> dict[str, str]:
    """The pattern of each function's rule."""
    functions = {stack.arn(name): binary for name, binary in stack.functions().items()}
    return {
        functions[target["Arn"]]: json.dumps(rule["EventPattern"])
        for rule in stack.of_type("AWS::Events::Rule").values()
        for target in rule["Targets"]
    }


def arrives_at(patterns: dict[str, str], event: Any) -> set[str]:
    """The functions that an event reaches."""
    return {
        function for function, pattern in patterns.items() if EventPattern.load(pattern).matches_event(event)
    }


def owner(event: Event) -> str:
    return OWNERS[event["detail"]["eventName"]]


def starting_points() -> list[str]:
    """Samples that the code acts on."""
    return [
        path for path, sample in SAMPLES.items() if not sample.ignored and path.split("/", 1)[0] in OWNERS
    ]


def test_every_event_function_has_a_rule(patterns: dict[str, str]) -> None:
    assert set(patterns) == set(OWNERS.values())


def plain(path: str) -> set[str]:
    """Where a sample arrives if its pattern knows what the code knows."""
    return set() if SAMPLES[path].ignored else {SAMPLES[path].function}


@pytest.mark.parametrize("path", sorted(SAMPLES))
def test_sample_arrives_where_it_is_acted_on(path: str, patterns: dict[str, str]) -> None:
    expected, _ = ODD.get(path, (plain(path), ""))
    assert arrives_at(patterns, SAMPLES[path].load()) == expected


def test_every_sample_is_in_the_table_and_every_odd_one_is_odd() -> None:
    files = {path.relative_to(reading.EVENTS).as_posix() for path in reading.EVENTS.glob("*/*.json")}
    assert files == set(SAMPLES)
    assert not [path for path, (arrives, _) in ODD.items() if arrives == plain(path)]


@pytest.mark.parametrize("path", sorted(SAMPLES))
def test_short_reading_agrees_with_the_table(path: str) -> None:
    sample = SAMPLES[path]
    reason = reading.reason_to_ignore(sample.load())
    if sample.ignored and sample.ignored != "other-function":
        assert reason == sample.ignored
    elif sample.path.split("/", 1)[0] in OWNERS:
        assert reason is None


def test_changed_event_arrives_if_it_is_acted_on(patterns: dict[str, str]) -> None:
    dropped, left, reasons = set(), set(), set()
    for path in starting_points():
        for what, event in changed(SAMPLES[path].load()):
            reason, arrived = reading.reason_to_ignore(event), arrives_at(patterns, event)
            if reason is None and arrived != {owner(event)}:
                dropped.add(what)
            elif reason is not None and arrived:
                left.add(what)
                reasons.add(reason)
    assert (dropped, left, reasons) == (DROPPED, set(LEFT_TO_THE_CODE), REASONS_LEFT)


@pytest.mark.skipif(not RECORDINGS, reason="the recordings of other people are not beside this checkout")
@pytest.mark.parametrize("path", sorted(RECORDINGS))
def test_recorded_event_arrives_if_it_is_acted_on(path: str, patterns: dict[str, str]) -> None:
    event = RECORDINGS[path]
    reason, arrived = reading.reason_to_ignore(event), arrives_at(patterns, event)
    if reason is None:
        assert arrived == {owner(event)}
    elif reason not in REASONS_LEFT:
        assert arrived == set()


def test_patterns_fit_a_rule_for_the_longest_stack_name() -> None:
    for rule in ResolvedStack(translated(MAIN), LONG_NAME, GOVCLOUD).of_type("AWS::Events::Rule").values():
        assert len(json.dumps(rule["EventPattern"])) < LONGEST_PATTERN
