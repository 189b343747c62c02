"""The event patterns let through exactly what the functions act on, as far as a pattern can tell."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from moto.events.models import EventPattern

from . import reading
from .changed import changed
from .emulated import REGION, deployed
from .pattern_table import NOWHERE, ODDITIES, expected
from .reading import OWNERS, Event
from .routing import Routes

SAMPLES = reading.samples()
RECORDINGS = reading.recordings()

# EventBridge's limit for the pattern of a rule.
LONGEST_PATTERN = 2048
# IAM's limit for a role's name is 64, and `-user-lifecycle` is the longest that is put behind the stack's.
LONGEST_STACK_NAME = 64 - len("-user-lifecycle")

# Changes after which a pattern loses what the code would act on, and why that is borne.
LOST = frozenset(
    {"errorCode=None", "recipientAccountId=None", "userIdentity.invokedBy=None", "userIdentity.type=None"}
)
# CloudFormation takes no JSON null in a template, so a pattern cannot name it. CloudTrail leaves these fields
# out where they say nothing: no event that anybody published has a null there.

# Changes after which a pattern lets through what the code ignores, and why that is borne.
LEFT_TO_THE_CODE: dict[str, str] = {
    "userIdentity.invokedBy='cloudformation.amazonaws.com'": "counts for root only, whom two fields can mean",
    "userIdentity.invokedBy='AWS Internal'": "counts for root only, whom two fields can mean",
    "requestParameters.userName='AWS ROOT USER'": "counts with `invokedBy` only",
    "userIdentity=the enforcer, without an issuer": "a session of Lambda has one",
    "account=another, in the envelope only": "the record says it, but for very old ones",
    "additionalEventData.MFAUsed=True": "it is a string, in all that was published",
    **{
        f"userIdentity={nobody}": "nobody did it: malformed, which an administrator should hear of"
        for nobody in ("(absent)", "None", "''", "'null'", "{}")
    },
}
# The reasons that the code has for these, and no other.
REASONS_LEFT = {"aws-service-event", "own-call", "other-account", "mfa-used", "other-identity"}


@pytest.fixture(scope="module", name="routes")
def _routes() -> Iterator[Routes]:
    with deployed() as deployment:
        yield Routes(deployment)


def matches(routes: Routes, event: Event) -> set[str]:
    """The functions whose patterns an event matches, by the emulator's own matcher."""
    return {
        function
        for function, pattern in routes.patterns.items()
        if EventPattern.load(pattern).matches_event(event)  # type: ignore[arg-type]
    }


def owner(event: Event) -> str:
    return OWNERS[event["detail"]["eventName"]]


def starting_points() -> list[str]:
    """Samples that the code acts on."""
    return [
        path for path, sample in SAMPLES.items() if not sample.ignored and path.split("/", 1)[0] in OWNERS
    ]


@pytest.mark.parametrize("path", sorted(SAMPLES))
def test_an_event_arrives_where_it_is_acted_on_and_nowhere_else(path: str, routes: Routes) -> None:
    assert routes.arrives(SAMPLES[path].load()) == expected(SAMPLES[path])


@pytest.mark.parametrize("path", sorted(SAMPLES))
def test_of_another_region_only_sign_ins_arrive(path: str, routes: Routes) -> None:
    sent = SAMPLES[path].load()
    assert routes.elsewhere != REGION
    assert routes.arrives(sent, routes.elsewhere) == expected(SAMPLES[path]) & {"sign-in"}


def test_every_function_but_the_sweep_has_one_rule(routes: Routes) -> None:
    assert set(routes.patterns) == set(OWNERS.values())


def test_the_table_has_every_sample_and_no_oddity_that_is_none() -> None:
    files = {path.relative_to(reading.EVENTS).as_posix() for path in reading.EVENTS.glob("*/*.json")}
    assert files == set(SAMPLES)
    for path, odd in ODDITIES.items():
        plain = NOWHERE if SAMPLES[path].ignored else {SAMPLES[path].function}
        assert odd.arrives != plain, f"{path} is not odd"


@pytest.mark.parametrize("path", sorted(SAMPLES))
def test_the_short_reading_says_what_the_table_says(path: str) -> None:
    sample = SAMPLES[path]
    reason = reading.reason_to_ignore(sample.load())
    if sample.ignored and sample.ignored != "other-function":
        assert reason == sample.ignored
    elif sample.path.split("/", 1)[0] in OWNERS:
        assert reason is None


@pytest.mark.parametrize("path", starting_points())
def test_no_event_is_lost_on_which_the_code_would_act(path: str, routes: Routes) -> None:
    lost = {
        what
        for what, event in changed(SAMPLES[path].load())
        if reading.reason_to_ignore(event) is None and matches(routes, event) != {owner(event)}
    }
    assert lost <= LOST


@pytest.mark.parametrize("path", starting_points())
def test_no_event_arrives_that_a_pattern_can_tell_to_be_ignored(path: str, routes: Routes) -> None:
    useless = {
        what
        for what, event in changed(SAMPLES[path].load())
        if reading.reason_to_ignore(event) is not None and matches(routes, event)
    }
    assert useless <= set(LEFT_TO_THE_CODE)


def test_no_exception_is_kept_that_is_none_any_more(routes: Routes) -> None:
    lost, left, reasons = set(), set(), set()
    for path in starting_points():
        for what, event in changed(SAMPLES[path].load()):
            reason, arrived = reading.reason_to_ignore(event), matches(routes, event)
            if reason is None and not arrived:
                lost.add(what)
            elif reason is not None and arrived:
                left.add(what)
                reasons.add(reason)
    assert (lost, left, reasons) == (set(LOST), set(LEFT_TO_THE_CODE), REASONS_LEFT)


@pytest.mark.skipif(not RECORDINGS, reason="the recordings of other people are not beside this checkout")
@pytest.mark.parametrize("path", sorted(RECORDINGS))
def test_a_recorded_event_arrives_if_the_code_acts_on_it(path: str, routes: Routes) -> None:
    event = RECORDINGS[path]
    reason = reading.reason_to_ignore(event)
    arrived = matches(routes, event)
    if reason is None:
        assert arrived == {owner(event)}
    elif reason not in REASONS_LEFT:
        assert arrived == set()


def test_a_pattern_fits_into_a_rule_whatever_the_stack_is_called(routes: Routes) -> None:
    spare = LONGEST_STACK_NAME - len("mfa-enforcer")
    for pattern in routes.patterns.values():
        longest = len(json.dumps(json.loads(pattern))) + spare * pattern.count("role/mfa-enforcer")
        assert longest < LONGEST_PATTERN
