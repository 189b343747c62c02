"""Whatever call fails, and however: the next run of the event ends in the same state, with the notice sent.

The calls are those of a good run, so a call that is added later is tried as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from .account import Account
from .cast import NEWHIRE, phone
from .faults import ATTEMPTS, Fault, denied, lost, over_quota, throttled
from .harness import Harness, Observation

# A notice that was not heard of to the end is given again; a third time would be one too many.
AT_MOST_TOLD = 2


@dataclass(frozen=True)
class Story:
    """An event, and what is true when it has been handled to the end."""

    name: str
    sample: str
    told: frozenset[str]
    prepare: Callable[[Account], Any] = lambda account: None
    contained: str | None = None
    said: str | None = None


STORIES = (
    Story(
        "bob is quarantined",
        "ConsoleLogin/bob-overdue-without-mfa.json",
        frozenset({"user quarantined", "user sms", "admins warning quarantined"}),
        contained="policy",
        said="quarantined",
    ),
    Story(
        "heidi is released",
        "EnableMFADevice/heidi-contained-by-herself.json",
        frozenset({"user released", "admins info released"}),
        lambda account: account.enrol("heidi", phone("heidi")),
        said="released",
    ),
    Story(
        "newhire is welcomed",
        "CreateLoginProfile/newhire-by-an-admin.json",
        frozenset({"user welcome", "admins info welcome"}),
        lambda account: account.add(NEWHIRE),
        said="welcome",
    ),
    Story(
        "root is reported",
        "ConsoleLogin/root-without-mfa.json",
        frozenset({"admins critical root-alert"}),
    ),
)


def begin(story: Story, enforcer: Harness) -> None:
    enforcer.account.fill()
    story.prepare(enforcer.account)


def calls_of_a_good_run(story: Story, enforcer: Harness, writes_only: bool) -> list[tuple[str, int]]:
    """The calls of the event, each as its name and how many of the name came up to it."""
    begin(story, enforcer)
    seen = enforcer.deliver(story.sample)
    assert seen.answer.outcome == "acted", seen.answer
    counted: Counter[str] = Counter()
    calls = []
    for call in seen.calls:
        counted[call.name] += 1
        if call.writes or not writes_only:
            calls.append((call.name, counted[call.name]))
    return calls


def run_until_done(story: Story, enforcer: Harness, fault: Fault) -> Iterator[str]:
    """Lets the fault strike, runs the event again as Lambda would, and says what is not as it should be."""
    begin(story, enforcer)
    with enforcer.wire.rule(fault):
        runs = [enforcer.deliver(story.sample)]
    if fault.struck != fault.times:
        yield f"the fault struck {fault.struck} times"
    runs.append(enforcer.deliver(story.sample, again=True))
    yield from unfinished(story, runs)
    last = enforcer.deliver(story.sample, again=True)
    writes = [call.name for call in last.calls if call.writes]
    if last.answer.outcome != "nothing" or writes or last.told:
        yield f"one run more: {last.answer}, calls {writes}, told {last.told}"


def unfinished(story: Story, runs: list[Observation]) -> Iterator[str]:
    end = runs[-1]
    if end.answer.outcome == "error":
        yield f"the second run fails: {end.answer}"
    told = Counter(label for run in runs for label in run.told)
    for label in story.told:
        # A text message that is refused for good is left out, if the e-mail went out.
        least = 0 if label == "user sms" and told["user quarantined"] else 1
        if not least <= told[label] <= AT_MOST_TOLD:
            yield f"`{label}` was said {told[label]} times"
    if end.user is None:
        if len(end.root_ledger) != 1:
            yield f"the ledger of root events is {end.root_ledger}"
        return
    state = (end.user.contained_by, end.user.tagged, end.user.said)
    if state != (story.contained, story.contained is not None, story.said):
        yield f"the user ends as {end.user}"
    for message in (message for run in runs for message in run.messages if message.audience == "user"):
        if len(message.recipients) != 1:
            yield f"the user's topic has the addresses {message.recipients}"


@pytest.mark.parametrize("kind", [denied, lost])
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_every_call_may_fail_once(story: Story, kind: Callable[..., Any], enforcer: Harness) -> None:
    # A read that got lost is a read that is made again; a write that got lost was done all the same.
    calls = calls_of_a_good_run(story, enforcer, writes_only=kind is lost)
    assert calls
    flaws = []
    for name, nth in calls:
        fault = Fault(name, nth, kind)
        flaws += [f"{fault}: {flaw}" for flaw in run_until_done(story, enforcer, fault)]
    assert not flaws, "\n".join(flaws)


def test_contain_first_then_notify(enforcer: Harness) -> None:
    (bob, *_) = STORIES
    begin(bob, enforcer)
    with enforcer.wire.rule(Fault("iam:AttachUserPolicy", 1, throttled, ATTEMPTS)):
        seen = enforcer.deliver(bob.sample)
    assert (seen.answer.outcome, seen.answer.error_type) == ("error", "Throttled")
    assert seen.told == []
    assert seen.user and not seen.user.contained_by and not seen.user.tagged and not seen.user.said
    assert not list(unfinished(bob, [enforcer.deliver(bob.sample, again=True)]))


def test_throttling_for_a_moment_is_not_noticed(enforcer: Harness) -> None:
    (bob, *_) = STORIES
    begin(bob, enforcer)
    with enforcer.wire.rule(Fault("iam:GetUser", 1, throttled)):
        seen = enforcer.deliver(bob.sample)
    assert seen.answer.outcome == "acted"
    assert not list(unfinished(bob, [seen]))


@pytest.mark.parametrize(("kind", "error"), [(denied, "AccessDenied"), (over_quota, "QuotaExceeded")])
def test_a_refused_containment_alarms_the_admins(
    kind: Callable[..., Any], error: str, enforcer: Harness
) -> None:
    (bob, *_) = STORIES
    begin(bob, enforcer)
    with enforcer.wire.rule(Fault("iam:AttachUserPolicy", 1, kind)):
        seen = enforcer.deliver(bob.sample)
    assert (seen.answer.error_type, seen.told) == (error, ["admins critical containment-failed"])
    assert "could NOT be quarantined" in seen.messages[0].email
