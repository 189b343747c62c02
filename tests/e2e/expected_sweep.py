"""What has to come of a sweep, and everything in which what came of it differs.

What is not named must not happen: a user who is not named is not touched, and nobody else is told anything.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import jsonschema

from .deployment import DIGEST_SCHEMA
from .mailbox import Message
from .notice_check import flaws_of_notice, flaws_of_subject
from .survey import Figures
from .sweeping import SweepObservation

# What a sweep does to somebody, as the report counts it.
DEEDS = ("contained", "repaired", "released", "told", "withheld", "failed", "remaining", "topicsDeleted")
# What a sweep may change in SNS for a user whom it tells something.
TELLING = ("CreateTopic", "Subscribe", "Publish")


@dataclass(frozen=True)
class Done:
    """What is done to one user, and how the user ends."""

    writes: tuple[str, ...]
    contained: str | None
    said: str | None


@dataclass(frozen=True)
class Sweep:
    """A sweep, and all that has to come of it."""

    words: str
    outcome: str = "acted"
    users: dict[str, Done] = field(default_factory=dict)
    told: tuple[str, ...] = ()
    deeds: dict[str, int] = field(default_factory=dict)
    digest: str = "not-due"
    says: dict[str, tuple[str, ...]] = field(default_factory=dict)
    error_names: str = ""
    how: str = "rule"
    again: bool = False


def differences(expected: Sweep, seen: SweepObservation) -> Iterator[str]:
    """In words, everything in which an observation is not what was expected."""
    pairs: list[tuple[str, object, object]] = [
        ("outcome", expected.outcome, seen.answer.outcome),
        ("digests", int(expected.digest == "sent"), len(seen.digests)),
        ("topics deleted", expected.deeds.get("topicsDeleted", 0), len(seen.topics_gone)),
    ]
    if seen.answer.report:
        pairs += _pairs_of_report(expected, seen)
    for what, wanted, found in pairs:
        if wanted != found:
            yield f"{what}: expected {wanted}, found {found} ({seen.answer})"
    if expected.error_names not in str(seen.answer):
        yield f"error: expected `{expected.error_names}` to be named, found {seen.answer}"
    wanted_told, found_told = Counter(expected.told), Counter(seen.told)
    if wanted_told != found_told:
        missing, extra = sorted(wanted_told - found_told), sorted(found_told - wanted_told)
        yield f"messages: not said {missing}, said besides {extra}"
    yield from _states(expected, seen)
    yield from _messages(expected, seen)
    yield from _bookkeeping(seen)


def _pairs_of_report(expected: Sweep, seen: SweepObservation) -> list[tuple[str, object, object]]:
    account, report = Figures.of(seen.after.values()), seen.figures
    postures = {code: count for code, count in report.get("postures", {}).items() if count}
    return [
        ("reason", "swept", seen.answer.reason),
        ("digest", expected.digest, report.get("digest")),
        *((deed, expected.deeds.get(deed, 0), report.get(deed)) for deed in DEEDS),
        ("users", account.users, report.get("users")),
        ("console users", account.console, report.get("console")),
        ("users with MFA", account.with_mfa, report.get("withMfa")),
        ("coverage", account.coverage_percent, report.get("coveragePercent")),
        ("postures", account.postures, postures),
    ]


def _states(expected: Sweep, seen: SweepObservation) -> Iterator[str]:
    """Everybody ends as expected, which for most means unchanged."""
    for name, after in seen.after.items():
        done, writes = expected.users.get(name), seen.changed.get(name, [])
        if done is None:
            before = seen.before[name]
            if writes or after != before:
                yield f"{name}: expected to be left alone, found {writes}, was {before}, is {after}"
        elif sorted(writes) != sorted(done.writes):
            yield f"{name}: expected {sorted(done.writes)}, found {sorted(writes)}"
        elif (after.contained_by, after.said) != (done.contained, done.said):
            yield f"{name}: expected {done}, found {after}"
        elif after.tagged != (done.contained is not None):
            yield f"{name}: the quarantine tag is {'there' if after.tagged else 'missing'}"


def _messages(expected: Sweep, seen: SweepObservation) -> Iterator[str]:
    report = seen.answer.report
    for message in seen.messages:
        is_digest = message in seen.digests
        yield from flaws_of_digest(message) if is_digest else flaws_of_notice(message)
        # The sweep itself, or (what is said once a day) the sweep of that day.
        reference = message.body["sweep" if is_digest else "event"]["id"]
        if report and not str(report["eventId"]).startswith(reference):
            yield f"reference: {message.label_with_name} names {reference}, not {report['eventId']}"
        for part in expected.says.get(message.label_with_name, ()):
            if part not in message.email:
                yield f"{message.label_with_name}: expected `{part}` in it, found:\n{message.email}"
    for label in expected.says:
        if label not in [message.label_with_name for message in seen.messages]:
            yield f"{label}: was not said"
    for message in seen.notices:
        if message.audience == "admins" and message.body["kind"] != "root-alert":
            yield f"the administrators got a message beside the digest: {message.label_with_name}"


def _bookkeeping(seen: SweepObservation) -> Iterator[str]:
    """What a sweep writes down for the next one is no secret way to do more."""
    writes = seen.sns_writes
    if writes.count("DeleteTopic") != len(seen.topics_gone):
        yield f"topics: {writes.count('DeleteTopic')} were to be deleted, {len(seen.topics_gone)} are gone"
    others = [action for action in writes if action not in (*TELLING, "TagResource", "DeleteTopic")]
    if others:
        yield f"changes in SNS: {others}"
    if seen.answer.outcome == "nothing" and [action for action in writes if action != "TagResource"]:
        yield f"nothing was to be done, and SNS was changed: {writes}"


_SCHEMA = jsonschema.Draft202012Validator(
    json.loads(DIGEST_SCHEMA.read_text(encoding="utf-8")), format_checker=jsonschema.FormatChecker()
)
# Of a line of the digest, for a mail client that does not break lines.
WIDTH = 78


def flaws_of_digest(message: Message) -> Iterator[str]:
    """What no digest may get wrong, whatever is in it."""
    for error in _SCHEMA.iter_errors(message.body):
        yield f"digest for machines: {error.json_path} is not as the schema says: {error.message}"
    yield from flaws_of_subject(message)
    for line in message.email.splitlines():
        if len(line) > WIDTH or not line.isascii():
            yield f"digest: a line of more than {WIDTH} characters, or not ASCII: {line}"
