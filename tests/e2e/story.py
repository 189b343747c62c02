"""How the demonstration reads in a terminal: colours where there is a terminal, plain text where not.

It prints what was read back. Nothing here knows what should have come out.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.text import Text

from . import sweep_story
from .answer import Answer
from .deployment import ACCOUNT, NOTIFIED_TAG, QUARANTINED_TAG
from .harness import Observation
from .mailbox import Message, TextMessage
from .scenario import Change, Played, Scenario
from .survey import UserState
from .sweeping import DIGEST, SweepObservation

LABEL = 10
SHORT = 96
# The kinds of message of which the first is shown whole.
SHOWN = {"user": ("quarantined",), "admins": (DIGEST,)}


class Story:
    """Tells the scenarios, one line after the other."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._shown: set[str] = set()

    def say(self, text: str, style: str = "") -> None:
        """A line of the narrator."""
        self._console.print(Text(text, style), soft_wrap=True)

    def title(self, number: int, scenario: Scenario) -> None:
        self.say("")
        self.say(f"{number:2}. {scenario.title}", "bold")

    def step(self, played: Played) -> None:
        """A step, what came of it, and the proof."""
        seen, step = played.observation, played.step
        if isinstance(step, Change) or seen is None:
            self.say(f"    ~ {step.words}", "cyan")
            return
        self.say(f"    > {step.words}", "cyan")
        once_more = " (once more)" if step.again else ""
        if isinstance(seen, SweepObservation):
            self._row("order", f"{seen.how}{once_more} -> sweep", "dim")
            self._sweep(seen)
        else:
            self._row("event", f"events/{seen.sample}{once_more} -> {seen.function}", "dim")
            self._answer(seen.answer)
            self._proof(seen)
        for difference in played.differences:
            self._row("DIFFERS", difference, "bold red")

    def _answer(self, answer: Answer) -> None:
        report = answer.report
        if not report:
            self._row("error", f"{answer.error_type}: {answer.error_message}", "yellow")
            return
        if report.get("posture"):
            self._row("posture", str(report["posture"]))
        self._row(str(report["outcome"]), str(report["why"]), "yellow")
        if report["steps"]:
            self._row("steps", ", ".join(report["steps"]))

    def _proof(self, seen: Observation) -> None:
        self._row("calls", ", ".join(seen.iam_writes) or "none that changes IAM", "green")
        for line in _state(seen.user):
            self._row("IAM now", line, "green")
        if seen.root_ledger:
            self._row("topic now", f"root events reported: {len(seen.root_ledger)}", "green")
        for label, text in arrived(seen.messages, seen.texts):
            self._row(label, text, "magenta")
        if not seen.told:
            self._row("mail", "none")
        self._show_once(seen.messages)

    def _sweep(self, seen: SweepObservation) -> None:
        self._answer(seen.answer)
        self._row("calls", sweep_story.calls(seen), "green")
        for line, changed in sweep_story.table(seen):
            self.say(f"      {line}", "green" if changed else "dim")
        for label, text in arrived(seen.messages, seen.texts):
            self._row(label, text, "magenta")
        if not seen.messages:
            self._row("mail", "none")
        self._show_once(seen.messages)

    def _show_once(self, messages: Iterable[Message]) -> None:
        """The first e-mail of some kinds, whole, as it left."""
        for message in messages:
            kind = message.body["kind"]
            if kind in SHOWN.get(message.audience, ()) and kind not in self._shown:
                self._shown.add(kind)
                for line in ("-" * 78, *sweep_story.mail(message), "-" * 78):
                    self.say(f"  | {line}".rstrip(), "magenta")

    def _row(self, label: str, text: str, style: str = "") -> None:
        self.say(f"      {label:<{LABEL}}{text}", style)


def _state(user: UserState | None) -> Iterator[str]:
    """A user as IAM shows it now."""
    if user is None:
        return
    held = {
        "policy": "quarantine policy attached",
        "group": "in the quarantine group",
        None: "not quarantined",
    }
    devices = f"{len(user.devices)} MFA device{'' if len(user.devices) == 1 else 's'}"
    yield f"{user.name}: {held[user.contained_by]}, {devices}"
    for key in (QUARANTINED_TAG, NOTIFIED_TAG):
        if key in user.tags:
            yield f"tag {key} = {user.tags[key].partition(' event=')[0]} ..."


def arrived(messages: Iterable[Message], texts: Iterable[TextMessage]) -> Iterator[tuple[str, str]]:
    """Each message on one line: how it came, to whom, and how it begins."""
    for message in messages:
        to = ", ".join(message.recipients) or "nobody"
        first_line = message.email.split("\n", 1)[0]
        yield "mail", f"{to}: {message.subject if message.audience == 'user' else first_line}"
    for sms in texts:
        yield "sms", f"{sms.number}: {textwrap.shorten(sms.text, SHORT, placeholder='...')}"


def opening(people: int) -> str:
    """What the reader is about to see."""
    return (
        f"A new AWS account ({ACCOUNT}, emulated), {people} users, and four functions under cargo lambda.\n"
        "Every event goes to its function by `cargo lambda invoke`. What is printed below an event was read\n"
        "back afterwards: from IAM, from the queues behind the topics, and from the wire in between."
    )
