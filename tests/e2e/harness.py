"""Emulator, functions, account and mailbox, put together: send an event, and see all that came of it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import samples, sweeping
from .account import Account
from .answer import Answer
from .emulator import Emulator
from .functions import Functions
from .mailbox import Mailbox, Message, TextMessage
from .survey import UserState
from .sweeping import SweepObservation
from .wire import Call, Wire


@dataclass(frozen=True)
class Observation:
    """All that came of one event."""

    sample: str
    function: str
    answer: Answer
    calls: tuple[Call, ...]
    messages: tuple[Message, ...]
    texts: tuple[TextMessage, ...]
    user: UserState | None
    root_ledger: tuple[str, ...]

    @property
    def told(self) -> list[str]:
        """Who was told what, as labels."""
        return [message.label for message in self.messages] + [text.label for text in self.texts]

    @property
    def iam_writes(self) -> list[str]:
        """What was changed in IAM, at the wire."""
        return [call.action for call in self.calls if call.service == "iam" and call.writes]


class Harness:
    """A deployed enforcer and an account that it watches over."""

    def __init__(self, emulator: Emulator, functions: Functions, folder: Path) -> None:
        self.emulator = emulator
        self.wire: Wire = emulator.wire
        self.endpoint_url = emulator.url
        self.functions = functions
        self.account = Account(emulator)
        self.mailbox = Mailbox(emulator)
        self._table = samples.table()
        self._last: dict[str, samples.Event] = {}
        self._last_order = b""
        self._file = folder / "event.json"

    def deliver(self, sample: str, again: bool = False, by_cli: bool = False) -> Observation:
        """Sends a sample to its function: as something that happened just now, or once more the same."""
        function = self._table[sample].function
        if not again:
            self._last[sample] = samples.fresh(samples.load(sample))
        event = self._last[sample]
        payload = json.dumps(event).encode("utf-8")
        answer, calls = self._invoke(function, payload, by_cli)
        name = samples.subject(event)
        return Observation(
            sample=sample,
            function=function,
            answer=answer,
            calls=calls,
            messages=tuple(self.mailbox.collect()),
            texts=tuple(self.mailbox.collect_texts()),
            user=self.account.user(name) if name and self.account.knows(name) else None,
            root_ledger=self.account.root_ledger(),
        )

    def sweep(self, how: str = "rule", again: bool = False, by_cli: bool = False) -> SweepObservation:
        """Orders a sweep: a new one, or once more the same, as Lambda does with one that failed."""
        if not again:
            self._last_order = sweeping.order(how)
        before, topics = self.account.users(), self.account.topics()
        answer, calls = self._invoke(sweeping.FUNCTION, self._last_order, by_cli)
        return SweepObservation(
            how=how,
            answer=answer,
            calls=calls,
            messages=tuple(self.mailbox.collect()),
            texts=tuple(self.mailbox.collect_texts()),
            before=before,
            after=self.account.users(),
            topics_gone=frozenset(topics - self.account.topics()),
        )

    def _invoke(self, function: str, payload: bytes, by_cli: bool) -> tuple[Answer, tuple[Call, ...]]:
        """Invokes a function: what it answers, and its calls to AWS."""
        mark = self.wire.mark()
        if by_cli:
            self._file.write_bytes(payload)
            answer = self.functions.invoke_by_cli(function, self._file)
        else:
            answer = self.functions.invoke(function, payload)
        return answer, tuple(self.wire.since(mark))


@contextmanager
def harness() -> Iterator[Harness]:
    """A harness whose functions are built. All of it ends with the block, and no file stays behind."""
    with tempfile.TemporaryDirectory(prefix="mfa-enforcer-") as folder, Emulator() as emulator:
        with Functions(emulator.url, Path(folder) / "functions.log") as functions:
            yield Harness(emulator, functions, Path(folder))
