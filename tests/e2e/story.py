"""How the demonstration reads in a terminal: colours where there is a terminal, plain text where not.

It prints what was read back. Nothing here knows what should have come out.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from .account import UserState
from .deployment import ACCOUNT, NOTIFIED_TAG, QUARANTINED_TAG
from .harness import Observation
from .mailbox import Message
from .scenario import Change, Played, Scenario

LABEL = 9


class Story:
    """Tells the scenarios, one line after the other."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._mail_shown = False

    def say(self, text: str, style: str = "") -> None:
        """A line of the narrator."""
        self._console.print(Text(text, style), soft_wrap=True)

    def title(self, number: int, scenario: Scenario) -> None:
        self.say("")
        self.say(f"{number:2}. {scenario.title}", "bold")

    def step(self, played: Played) -> None:
        """A step, what came of it, and the proof."""
        if isinstance(played.step, Change):
            self.say(f"    ~ {played.step.words}", "dim")
            return
        self.say(f"    > {played.step.words}", "cyan")
        seen = played.observation
        if seen is None:
            return
        self._event(seen, played.step.again)
        self._outcome(seen)
        self._proof(seen)
        for difference in played.differences:
            self._row("DIFFERS", difference, "bold red")

    def _event(self, seen: Observation, again: bool) -> None:
        self._row("event", f"events/{seen.sample}{' (once more)' if again else ''} -> {seen.function}", "dim")

    def _outcome(self, seen: Observation) -> None:
        report = seen.answer.report
        if not report:
            self._row("error", f"{seen.answer.error_type}: {seen.answer.error_message}", "yellow")
            return
        if report.get("posture"):
            self._row("posture", str(report["posture"]))
        self._row(report["outcome"], str(report["why"]))
        if report["steps"]:
            self._row("steps", ", ".join(report["steps"]))

    def _proof(self, seen: Observation) -> None:
        writes = ", ".join(seen.iam_writes)
        state = f"; {_state(seen.user)}" if seen.user else ""
        self._row("IAM", f"{'changed by ' + writes if writes else 'not changed'}{state}", "green")
        if seen.root_ledger:
            self._row("ledger", f"{len(seen.root_ledger)} root event(s) noted on the alerts topic", "green")
        for message in seen.messages:
            to = ", ".join(message.recipients) or "nobody"
            self._row("mail", f"to {message.audience} <{to}>: {message.subject}", "magenta")
        for text in seen.texts:
            self._row("sms", f"to {text.number}: {text.text}", "magenta")
        if not seen.told:
            self._row("mail", "none")
        self._show_mail_once(seen.messages)

    def _show_mail_once(self, messages: Iterable[Message]) -> None:
        """The first e-mail to a user, whole."""
        mail = next((message for message in messages if message.audience == "user"), None)
        if self._mail_shown or mail is None:
            return
        self._mail_shown = True
        head = f"To: {', '.join(mail.recipients)}\nSubject: {mail.subject}\n\n"
        if self._console.is_terminal:
            self._console.print(Padding(Panel(Text(head + mail.email.rstrip()), expand=False), (0, 0, 0, 6)))
        else:
            for line in ("-" * 72, *(head + mail.email.rstrip()).splitlines(), "-" * 72):
                self.say(f"      | {line}".rstrip())

    def _row(self, label: str, text: str, style: str = "") -> None:
        self.say(f"      {label:<{LABEL}}{text}", style)


def _state(user: UserState) -> str:
    """A user as IAM shows it now, in a few words."""
    words = [f"quarantined by {user.contained_by}" if user.contained_by else "not quarantined"]
    for key in (QUARANTINED_TAG, NOTIFIED_TAG):
        if key in user.tags:
            words.append(f"{key.partition(':')[2]}={user.tags[key].partition(' event=')[0]}")
    words.append(f"{len(user.devices)} MFA device(s)")
    return f"{user.name}: {', '.join(words)}"


def opening(people: int) -> str:
    return (
        f"A new AWS account ({ACCOUNT}, emulated), {people} users, three functions under cargo lambda.\n"
        "Every event below goes to its function by `cargo lambda invoke`; what is shown after it was read\n"
        "back from IAM, from the queues that the topics deliver to, and from the wire in between."
    )
