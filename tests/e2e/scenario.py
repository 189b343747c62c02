"""What a scenario is: things that happen, events that are sent, and what has to come of each.

What is not named must not happen: an event for which nobody is expected to be told fails if anybody is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from . import expected_sweep
from .account import Account
from .cast import CAST, Person
from .expected_sweep import Sweep
from .harness import Harness, Observation
from .mailbox import Message
from .notice_check import flaws_of_notice
from .sweeping import SweepObservation


@dataclass(frozen=True)
class Change:
    """Something that happens in the account, by whomever."""

    words: str
    change: Callable[[Account], object]


@dataclass(frozen=True)
class Send:
    """An event, and all that has to come of it."""

    words: str
    sample: str
    outcome: str
    reason: str
    posture: str | None = None
    contained: str | None = None
    writes: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    to: str | None = None
    says: dict[str, tuple[str, ...]] = field(default_factory=dict)
    error_names: str = ""
    again: bool = False


@dataclass(frozen=True)
class Scenario:
    """A short story, in a newly filled account."""

    name: str
    title: str
    steps: tuple[Change | Send | Sweep, ...]
    people: tuple[Person, ...] = CAST


@dataclass(frozen=True)
class Played:
    """A step that has been played."""

    step: Change | Send | Sweep
    observation: Observation | SweepObservation | None = None
    differences: tuple[str, ...] = ()


def play(scenario: Scenario, harness: Harness, by_cli: bool = False) -> Iterator[Played]:
    """Plays a scenario step by step. A difference does not stop it."""
    harness.account.fill(scenario.people)
    for step in scenario.steps:
        if isinstance(step, Change):
            step.change(harness.account)
            yield Played(step)
        elif isinstance(step, Sweep):
            swept = harness.sweep(step.how, step.again, by_cli)
            yield Played(step, swept, tuple(expected_sweep.differences(step, swept)))
        else:
            observation = harness.deliver(step.sample, step.again, by_cli)
            yield Played(step, observation, tuple(differences(step, observation)))


def differences(expected: Send, seen: Observation) -> Iterator[str]:
    """In words, everything in which an observation is not what was expected."""
    user = seen.user
    pairs: list[tuple[str, object, object]] = [
        ("outcome", expected.outcome, seen.answer.outcome),
        ("reason", expected.reason, seen.answer.reason),
        ("changes in IAM", sorted(expected.writes), sorted(seen.iam_writes)),
        ("messages", sorted(expected.told), sorted(seen.told)),
        ("contained by", expected.contained, user.contained_by if user else None),
        ("quarantine tag", expected.contained is not None, user.tagged if user else False),
    ]
    if seen.answer.report:
        pairs.append(("posture", expected.posture, seen.answer.report.get("posture")))
    for what, wanted, found in pairs:
        if wanted != found:
            yield f"{what}: expected {wanted}, found {found} ({seen.answer})"
    if expected.error_names not in seen.answer.error_message:
        yield f"error: expected `{expected.error_names}` to be named, found: {seen.answer.error_message}"
    for message in seen.messages:
        yield from _flaws(message, seen)
        for part in expected.says.get(message.audience, ()):
            if part not in message.email:
                yield f"e-mail to {message.audience}: expected `{part}` in it, found:\n{message.email}"
        if message.audience == "user" and expected.to and message.recipients != (expected.to,):
            yield f"e-mail: expected to {expected.to}, found to {', '.join(message.recipients) or 'nobody'}"


def _flaws(message: Message, seen: Observation) -> Iterator[str]:
    """What no message may get wrong, whatever it is about."""
    yield from flaws_of_notice(message)
    event_id = seen.answer.report.get("eventId")
    if event_id and not (message.body["event"]["id"] == event_id and event_id in message.email):
        yield f"reference: the message does not name the event {event_id}"
