"""Emulator, functions, account and mailbox together: send an event, and see everything that it led to."""

import json
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import routing, samples
from .account import UserState
from .deployment import FUNCTIONS, deployed
from .emulator import Emulator, emulator
from .ending import uninterrupted
from .functions import Answer, Functions, functions
from .gaps import user_ids
from .mailbox import Message, TextMessage, collect, collect_texts
from .proxy import Call
from .ses import Mail

SWEEP, HOURLY_SWEEP = "Sweep/rule.json", "Sweep/hourly.json"
# How often Lambda runs an event that fails.
RUNS = 3
# Topics that nobody needs are deleted then, and only then.
SUNDAY, MONDAY = ({"time": samples.due(weekday)} for weekday in (6, 0))
# A function asks these once in the life of its process, so which run does depends on the runs before.
ONCE = {"iam:ListAccountAliases"}


@dataclass(frozen=True, kw_only=True)
class Observation:
    """Everything that an event or a sweep led to."""

    # Name of the sample, or of the call in IAM.
    sample: str
    function: str
    # The user whom the event is about, if there is one.
    subject: str
    answer: Answer
    seconds: float
    calls: tuple[Call, ...]
    messages: tuple[Message, ...]
    texts: tuple[TextMessage, ...]
    mails: tuple[Mail, ...]
    before: dict[str, UserState]
    after: dict[str, UserState]
    topics_gone: frozenset[str]
    root_ledger: tuple[str, ...]

    @property
    def user(self) -> UserState:
        """The user whom the event is about, afterwards."""
        return self.after[self.subject]

    @property
    def digests(self) -> tuple[Message, ...]:
        return tuple(message for message in self.messages if message.is_digest)

    @property
    def told(self) -> list[str]:
        """Who was told what, as labels; the digest is not among them."""
        notices = [message.label for message in self.messages if not message.is_digest]
        return notices + [mail.label for mail in self.mails] + ["sms"] * len(self.texts)

    @property
    def iam_writes(self) -> dict[str, list[str]]:
        """What was changed in IAM, by user, as the proxy saw it."""
        writes: defaultdict[str, list[str]] = defaultdict(list)
        for call in self.calls:
            if call.service == "iam" and call.writes and "UserName" in call.parameters:
                writes[call.parameters["UserName"]].append(call.action)
        return dict(writes)

    @property
    def quarantine_writes(self) -> list[str]:
        """What was changed in policies and groups."""
        return [
            call.action
            for call in self.calls
            if call.service == "iam" and call.writes and "UserName" not in call.parameters
        ]

    @property
    def bulk_calls(self) -> Counter[str]:
        return Counter(call.name for call in self.calls if not call.is_about_a_user)

    @property
    def single_calls(self) -> Counter[str]:
        return Counter(call.name for call in self.calls if call.is_about_a_user)

    @property
    def figures(self) -> dict[str, Any]:
        figures: dict[str, Any] = self.answer.report.get("sweep", {})
        return figures


class Harness:
    """A deployed enforcer and an account that it watches over."""

    functions: Functions

    def __init__(self, running: Emulator, invoke: Callable[[str, bytes], Answer]) -> None:
        self.emulator, self._invoke = running, invoke
        self.account, self.proxy = running.account, running.proxy
        self.administrator, self.strict = running.administrator, running.strict
        # Lambda's own API runs the same functions.
        running.strict.invocations.invoke = invoke
        self._last: dict[str, bytes] = {}
        self._restart: Callable[[Collection[str]], None] | None = None
        # How far the calls and the account were when the functions last forgot what they knew.
        self._known = 0, self.account.changes

    def deploy(self, parameters: Mapping[str, str]) -> None:
        """Updates the stack: the functions have other settings, and their roles other policies."""
        self.strict.judge.deployment = deployed(*parameters.items())
        self.strict.gaps.parameters = dict(parameters)
        self.functions.deploy(self.strict.judge.deployment)

    @contextmanager
    def deployed(self, **parameters: str) -> Iterator[None]:
        """Updates the stack for a while."""
        self.deploy(parameters)
        try:
            yield
        finally:
            self.deploy({})

    def deliver(
        self, sample: str, again: bool = False, changes: Mapping[str, Any] | None = None
    ) -> Observation:
        """Sends a sample to its function, as a new event or as the last one again."""
        self._forget()
        described = samples.SAMPLES[sample]
        if not again:
            event = {**samples.fresh(sample, user_ids()), **(changes or {})}
            self._last[sample] = json.dumps(event).encode()
            self.strict.history.add(event)
        return self._observe(described.function, self._last[sample], sample, described.user)

    def deliver_calls(self) -> list[Observation]:
        """Delivers what happened in IAM since the last time, as EventBridge and Lambda do.

        Each call goes to the functions whose rules let it through, and again if a function fails. What the
        functions do in turn is delivered too.
        """
        seen: list[Observation] = []
        while details := self.strict.history.undelivered():
            for detail in details:
                event = routing.enveloped(detail)
                for function in routing.reached(event):
                    seen += self._deliver_until_done(function, event)
        return seen

    def _deliver_until_done(self, function: str, event: routing.Event) -> Iterator[Observation]:
        self._forget()
        detail = event["detail"]
        parameters = detail["requestParameters"] or {}
        user = parameters.get("newUserName") or parameters.get("userName", "")
        for _ in range(RUNS):
            run = self._observe(function, json.dumps(event).encode(), detail["eventName"], user)
            yield run
            if run.answer.report:
                return

    def _observe(self, function: str, payload: bytes, sample: str, subject: str) -> Observation:
        before, topics = self.account.users(), self.account.topics()
        mark, began = len(self.proxy.calls), time.monotonic()
        answer = self._invoke(function, payload)
        ended, after = time.monotonic(), self.account.users()
        return Observation(
            sample=sample,
            function=function,
            subject=subject if subject in after else "",
            answer=answer,
            seconds=ended - began,
            calls=tuple(call for call in self.proxy.calls[mark:] if call.name not in ONCE),
            messages=collect(),
            texts=collect_texts(),
            mails=self.strict.ses.take(),
            before=before,
            after=after,
            topics_gone=frozenset(topics - self.account.topics()),
            root_ledger=self.account.root_ledger(),
        )

    def _forget(self) -> None:
        """A function keeps what the event history says for minutes, by a clock that tests cannot move."""
        mark, changes = self._known
        if self._restart and changes != self.account.changes:
            asked = (call.role for call in self.proxy.calls[mark:] if call.service == "cloudtrail")
            self._restart({role.function for role in asked if role} & set(FUNCTIONS))
            self._known = len(self.proxy.calls), self.account.changes

    def sweep(self, again: bool = False, changes: Mapping[str, Any] | None = None) -> Observation:
        """Orders a new sweep, or repeats the last order, as Lambda does after a failure."""
        return self.deliver(SWEEP, again, changes)

    def sweep_hourly(self) -> Observation:
        """Orders an hourly sweep."""
        return self.deliver(HOURLY_SWEEP)

    def sweep_until_done(self) -> list[Observation]:
        """Orders a sweep, and repeats the order as Lambda does until a run succeeds."""
        runs = [self.sweep()]
        while not runs[-1].answer.report and len(runs) < RUNS:
            runs.append(self.sweep(again=True))
        return runs


@contextmanager
def harness(by_cli: bool = False) -> Iterator[Harness]:
    """A harness whose functions are built. All of it ends with the block, and no file stays behind."""
    started = ExitStack()
    try:
        folder = started.enter_context(tempfile.TemporaryDirectory(prefix="mfa-enforcer-"))
        running = started.enter_context(emulator())
        deployed = started.enter_context(functions(running.url, Path(folder) / "functions.log"))
        found = Harness(running, deployed.invoke_by_cli if by_cli else deployed.invoke)
        found.functions, found._restart = deployed, deployed.restart
        yield found
    finally:
        with uninterrupted():
            started.close()
