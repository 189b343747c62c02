"""The scenarios of scenarios.yaml, and the expected outcome of each.

Outcomes are recorded in outcomes/, one file per scenario, and reviewed before they are checked in: how the
function answers, which calls change which user, how the users end up, and who is told what. The record is
complete, so what is not recorded must not happen.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import ndiff
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml

from . import samples
from .account import UserState
from .deployment import PARTITION, there
from .gaps import IAM
from .harness import Harness, Observation
from .people import CAST, PEOPLE, SWEPT, Person, person, span
from .sessions import Attempt

HERE = Path(__file__).parent
OUTCOMES = HERE / "outcomes"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# What a sweep counted and what it did, in its report.
FIGURES = ("users", "console", "withMfa", "coveragePercent")
CHANGES = ("contained", "repaired", "released", "told", "withheld", "failed", "remaining", "topicsDeleted")


@dataclass(frozen=True, kw_only=True)
class Step:
    """An event or a sweep, or something that happens in the account."""

    words: str
    # A sample to send, or one whose last delivery is repeated. Neither where the account is changed.
    send: str = ""
    again: str = ""
    # Fields of the payload that differ from the sample.
    changes: Mapping[str, Any] = field(default_factory=dict)
    # On which a sweep is due.
    weekday: str = ""
    # Phrases that have to be in a message, by its label, or in the error.
    says: Mapping[str, list[str]] = field(default_factory=dict)
    # What somebody tries with a session or a key.
    tries: Attempt | None = None
    # Methods of the account, with their arguments.
    do: Mapping[str, Any] = field(default_factory=dict)
    # The same, and the calls that they make reach the functions as events.
    calls: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Scenario:
    name: str
    title: str
    steps: tuple[Step, ...]
    people: tuple[Person, ...]
    # Of the stack, where they differ from the template's own.
    parameters: Mapping[str, str]
    # The only one in which it comes out like this.
    partition: str

    @property
    def recorded(self) -> Path:
        return OUTCOMES / f"{self.name}.txt"


def _step(words: str, described: Mapping[str, Any]) -> Step:
    is_event = described.keys() & {"send", "again", "calls"}
    if is_event:
        return Step(words=words, **described)
    if "tries" in described:
        return Step(words=words, tries=Attempt(**described["tries"]))
    return Step(words=words, do=described)


def _read() -> Iterator[Scenario]:
    groups = {"cast": CAST, "swept": SWEPT} | {name: (found,) for name, found in PEOPLE.items()}
    for name, written in yaml.safe_load(there((HERE / "scenarios.yaml").read_text(encoding="utf-8"))).items():
        people = (found for group in written.get("people", ["cast"]) for found in groups[group])
        steps = (_step(*step) for described in written["steps"] for step in described.items())
        parameters = {key: str(value) for key, value in written.get("parameters", {}).items()}
        yield Scenario(
            name,
            written["title"],
            tuple(steps),
            tuple(people),
            parameters,
            written.get("partition", PARTITION),
        )


SCENARIOS = tuple(_read())


@dataclass(frozen=True)
class Played:
    """A step that has been played. A change of the account has no observation, a call may have several."""

    step: Step
    observations: tuple[Observation, ...] = ()
    outcome: str = ""
    differences: tuple[str, ...] = ()


def play(scenario: Scenario, harness: Harness) -> Iterator[Played]:
    """Plays a scenario step by step. A difference does not stop it."""
    recorded = scenario.recorded.read_text(encoding="utf-8") if scenario.recorded.exists() else ""
    expected = iter(recorded.rstrip("\n").split("\n\n"))
    harness.deploy(scenario.parameters)
    harness.account.fill(scenario.people)
    try:
        for step in scenario.steps:
            yield _play(step, harness, expected)
    finally:
        harness.deploy({})


def _play(step: Step, harness: Harness, expected: Iterator[str]) -> Played:
    if step.do:
        change(harness, step.do)
        # Nobody delivers what was changed without saying so.
        harness.strict.history.undelivered()
        return Played(step)
    if step.calls:
        change(harness, step.calls)
        observed = tuple(harness.deliver_calls())
        lines = [line for seen in observed for line in _delivered(seen)]
        return _compared(step, lines, expected, observed)
    if step.tries:
        return _compared(step, [step.tries.outcome(harness.strict.judge)], expected, ())
    due = {"time": samples.due(DAYS.index(step.weekday))} if step.weekday else {}
    seen = harness.deliver(step.send or step.again, bool(step.again), {**step.changes, **due})
    return _compared(step, list(outcome(seen)), expected, (seen,))


def _delivered(seen: Observation) -> Iterator[str]:
    """What a call led to at a function."""
    yield f"{seen.sample} reaches {seen.function}:"
    yield from (f"  {line}" for line in outcome(seen))


def _compared(
    step: Step, lines: list[str], expected: Iterator[str], observed: tuple[Observation, ...]
) -> Played:
    """The step with what differs from the record, and what is wrong in any case."""
    written = [step.words, *(f"  {line}" for line in lines)]
    differing = (line for line in ndiff(next(expected, "").split("\n"), written) if line[0] in "-+")
    wrong = flaws(step, observed) if observed else ()
    return Played(step, observed, "\n".join(written), (*differing, *wrong))


def change(harness: Harness, do: Mapping[str, Any]) -> None:
    """Changes the account in the words of a scenario."""
    for verb, arguments in do.items():
        able = (harness.account, harness.administrator, harness.strict, IAM)
        method = next(getattr(each, verb) for each in able if hasattr(each, verb))
        if verb == "add":
            harness.account.add(person(**arguments))
        elif isinstance(arguments, dict):
            method(**{name: span(value) for name, value in arguments.items()})
        else:
            method(*map(span, arguments))


def outcome(seen: Observation) -> Iterator[str]:
    """Everything that an event led to, in a form that is the same every time."""
    report, figures = seen.answer.report, seen.figures
    yield " ".join([seen.answer.outcome, seen.answer.reason, *filter(None, [report.get("posture")])])
    if figures:
        yield ", ".join(
            [f"digest {figures['digest']}", *_counted({change: figures[change] for change in CHANGES})]
        )
        yield ", ".join([f"{figures[name]} {name}" for name in FIGURES] + _counted(figures["postures"]))
    for written in seen.quarantine_writes:
        yield f"the quarantine: {written}"
    for name, user in sorted(seen.after.items()):
        # A sweep's notice takes two tags, and on one day of the week, each user's own, a single one.
        writes = [action for action, _ in groupby(_record_first(seen.iam_writes.get(name, ())))]
        if writes or user != seen.before[name] or name == seen.subject:
            yield f"{name}: {', '.join(writes) or 'no change'} -> {state_of(user)}"
    # What is noted in a tag of the topic depends on the second in which a sweep runs.
    sns = {call.action for call in seen.calls if call.service == "sns" and call.writes} - {"TagResource"}
    if sns:
        yield f"SNS: {', '.join(sorted(sns))}"
    if seen.topics_gone:
        yield f"topics deleted: {len(seen.topics_gone)}"
    if seen.root_ledger:
        yield f"events of root on record: {len(seen.root_ledger)}"
    for message in sorted(seen.messages, key=lambda message: message.label):
        yield f"told: {message.label} to {', '.join(message.recipients) or 'nobody'}"
    for mail in sorted(seen.mails, key=lambda mail: mail.label):
        yield f"told: {mail.label} from {mail.sender} to {', '.join(mail.recipients)}"
    for number, _ in seen.texts:
        yield f"told: sms to {number}"


def _record_first(writes: Sequence[str]) -> Sequence[str]:
    """A containment and its record go out at once, and either may arrive first. The note comes last."""
    match writes:
        case ["AttachUserPolicy" | "AddUserToGroup" as containment, "TagUser", *rest] if "TagUser" in rest:
            return ["TagUser", containment, *rest]
    return writes


def state_of(user: UserState) -> str:
    """A user in a few words: contained how, tagged or not, what was said."""
    parts = [user.contained_by or "free", *(["tag"] if user.tagged else [])]
    parts += ["ending"] if user.is_ending else []
    return " + ".join(parts) + (f", told {user.said}" if user.said else "")


def _counted(counts: Mapping[str, int]) -> list[str]:
    return [f"{count} {what}" for what, count in counts.items() if count]


def flaws(step: Step, observed: tuple[Observation, ...]) -> Iterator[str]:
    """What must not be in any answer or message, and the phrases that are missing."""
    texts = {message.label: message.email for seen in observed for message in seen.messages}
    texts |= {mail.label: mail.text for seen in observed for mail in seen.mails}
    texts["error"] = "\n".join(seen.answer.error_message for seen in observed)
    for label, phrases in step.says.items():
        for phrase in phrases:
            # Where a line ends is not the question.
            if _unwrapped(phrase) not in _unwrapped(texts.get(label, "")):
                yield f"{label}: expected `{phrase}`, found:\n{texts.get(label)}"
    for seen in observed:
        yield from _flaws_of(seen)


def _unwrapped(text: str) -> str:
    return " ".join(text.split())


def _flaws_of(seen: Observation) -> Iterator[str]:
    event_id = str(seen.answer.report.get("eventId", ""))
    for mail in seen.mails:
        yield from mail.flaws()
    for message in seen.messages:
        yield from message.flaws()
        # What a sweep says once a day names the sweep of that day.
        reference = message.body["sweep" if message.is_digest else "event"]["id"]
        reference = reference.removeprefix("held-").removeprefix("trail-")
        # Users read the id of the episode, which stays the same from message to message.
        quoted = event_id if message.audience == "admins" else message.body["episode"]
        if event_id and not (event_id.startswith(reference) and (seen.figures or quoted in message.email)):
            yield f"{message.label} names {reference}, not {event_id} ({quoted})"
        # What an hourly sweep did waits for no digest.
        if (
            seen.figures.get("kind") == "daily"
            and message.audience == "admins"
            and message.body["kind"] not in ("digest", "root-alert", "quarantines-held", "no-trail")
        ):
            yield f"the administrators got a message beside the digest: {message.label}"
