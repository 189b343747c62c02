"""How the demonstration reads in a terminal: colours where there is a terminal, plain text where not.

It prints what was read back. Nothing here knows what should have come out.
"""

import re
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from rich.console import Console
from rich.text import Text

from .account import UserState
from .deployment import ACCOUNT, EXEMPT_TAG, NOTIFIED_TAG, QUARANTINED_TAG
from .ending import end_on_signals
from .functions import FunctionsFailed
from .harness import Observation
from .mailbox import Message, TextMessage
from .scenario import Played, Scenario, state_of
from .ses import Mail

# The kinds of message of which the first is shown whole, by audience.
SHOWN = {("user", "quarantined"), ("admins", "digest"), ("admins", "organization-digest")}
RULE = "-" * 78
# In the value of a tag.
EVENT_ID = re.compile(r" event=\S+")
INTERRUPTED = 130


class Story:
    """Tells the scenarios, one line after the other."""

    def __init__(self) -> None:
        self._console = Console(highlight=False)
        self._shown: set[tuple[str, str]] = set()

    def say(self, text: str, style: str = "") -> None:
        self._console.print(Text(text, style), soft_wrap=True)

    def title(self, number: int, scenario: Scenario) -> None:
        self.say(f"\n{number:2}. {scenario.title}", "bold")

    def step(self, played: Played) -> None:
        """A step, what came of it, and the proof."""
        step = played.step
        if not played.observations:
            self.say(f"    ~ {step.words}", "cyan")
            if step.tries:
                tried, verdict = step.tries, played.outcome.split("\n")[1].strip()
                self.row("tries", f"{tried.call} on {tried.resource}, having {tried.having}", "dim")
                self.row("verdict", verdict, "green" if verdict == "Allowed" else "yellow")
            self._differences(played)
            return
        self.say(f"    > {step.words}", "cyan")
        for seen in played.observations:
            event = f"the call {seen.sample}" if step.calls else f"events/{seen.sample}"
            self.row("event", f"{event}{' (once more)' * bool(step.again)} -> {seen.function}", "dim")
            self._event(seen)
        self._differences(played)

    def _event(self, seen: Observation) -> None:
        """What came of an event, and the proof."""
        self._answer(seen)
        if seen.function == "sweep":
            self.row("calls", _calls(seen), "green")
            for line, changed in _table(seen):
                self.say(f"      {line}", "green" if changed else "dim")
        else:
            writes = [action for actions in seen.iam_writes.values() for action in actions]
            self.row("calls", ", ".join(writes) or "none that changes IAM", "green")
            for line in _state(seen.user) if seen.subject else ():
                self.row("IAM now", line, "green")
            if seen.root_ledger:
                self.row("topic now", f"root events reported: {len(seen.root_ledger)}", "green")
        for label, text in arrived(seen.messages, seen.texts, seen.mails):
            self.row(label, text, "magenta")
        if not (seen.messages or seen.texts or seen.mails):
            self.row("mail", "none")
        self.show_once(seen.messages)
        self._show_mail_once(seen.mails)

    def _differences(self, played: Played) -> None:
        for difference in played.differences:
            self.row("DIFFERS", difference, "bold red")

    def _answer(self, seen: Observation) -> None:
        report, answer = seen.answer.report, seen.answer
        if not report:
            self.row("error", f"{answer.error_type}: {answer.error_message}", "yellow")
            return
        if report.get("posture"):
            self.row("posture", str(report["posture"]))
        self.row(answer.outcome, str(report["why"]), "yellow")
        if report["steps"]:
            self.row("steps", ", ".join(report["steps"]))

    def show_once(self, messages: Iterable[Message]) -> None:
        """The first e-mail of some kinds, whole, as it left."""
        for message in messages:
            kind = (message.audience, str(message.body["kind"]))
            if kind in SHOWN - self._shown:
                self._shown.add(kind)
                head = (f"To: {', '.join(message.recipients)}", f"Subject: {message.subject}", "")
                for line in (RULE, *head, *message.email.rstrip().splitlines(), RULE):
                    self.say(f"  | {line}".rstrip(), "magenta")

    def _show_mail_once(self, mails: Iterable[Mail]) -> None:
        """The first mail from the company's address, whole: its text, and how its HTML begins."""
        for mail in mails:
            if ("mail", "") in self._shown:
                return
            self._shown.add(("mail", ""))
            html = textwrap.shorten(mail.html, 76, placeholder="...")
            head = [f"From: {mail.sender}", f"To: {', '.join(mail.recipients)}", f"Subject: {mail.subject}"]
            head += [f"{name}: {value}" for name, value in mail.headers.items()]
            for line in (RULE, *head, "", *mail.text.rstrip().splitlines(), "", html, RULE):
                self.say(f"  | {line}".rstrip(), "magenta")

    def row(self, label: str, text: str, style: str = "") -> None:
        self.say(f"      {label:<10}{text}", style)


def _state(user: UserState) -> Iterator[str]:
    held = f"in quarantine ({user.contained_by})" if user.contained_by else "not quarantined"
    devices = f"{len(user.devices)} MFA device{'s' * (len(user.devices) != 1)}"
    yield f"{user.name}: {held}, {devices}"
    for key in (QUARANTINED_TAG, NOTIFIED_TAG):
        if key in user.tags:
            yield f"tag {key} = {EVENT_ID.sub(' ...', user.tags[key])}"


def arrived(
    messages: Iterable[Message], texts: Iterable[TextMessage], mails: Iterable[Mail]
) -> Iterator[tuple[str, str]]:
    """Each message on one line: how it came, to whom, and how it begins."""
    for message in messages:
        to = ", ".join(message.recipients) or "nobody"
        first_line = message.email.split("\n", 1)[0]
        yield "mail", f"{to}: {message.subject if message.audience == 'user' else first_line}"
    for mail in mails:
        yield "mail", f"{', '.join(mail.recipients)}, from {mail.sender}: {mail.subject}"
    for number, text in texts:
        yield "sms", f"{number}: {textwrap.shorten(text, 96, placeholder='...')}"


def _calls(seen: Observation) -> str:
    changes = Counter(action for actions in seen.iam_writes.values() for action in actions)
    changes["DeleteTopic"] += len(seen.topics_gone)
    made = ", ".join(f"{count} {action}" for action, count in sorted(changes.items()) if count)
    bulk, single = seen.bulk_calls.total(), seen.single_calls.total()
    return f"{bulk} for the whole account, {single} for single users; changes: {made or 'none'}"


def _table(seen: Observation) -> Iterator[tuple[str, bool]]:
    """Every user before and after, each line with whether anything changed; one line if nothing did."""
    if seen.before == seen.after:
        yield f"all {len(seen.after)} users are as before", False
        return
    row = "{:1} {:<19}{:<16}{:<44}{}"
    yield row.format("", "user", "posture now", "before", "after"), False
    for name, user in sorted(seen.after.items()):
        before, changed = seen.before[name], seen.before[name] != user
        after = _in_words(user) if changed else ""
        yield row.format("*" * changed, name, user.posture, _in_words(before), after).rstrip(), changed


def _in_words(user: UserState) -> str:
    return f"{state_of(user)}{', exempt tag' * (EXEMPT_TAG in user.tags)}"


def opening(people: int) -> str:
    return (
        f"A new AWS account ({ACCOUNT}, emulated), {people} users, and five functions under cargo lambda.\n"
        "Every event goes to its function by `cargo lambda invoke`. What is printed below an event was read\n"
        "back afterwards: from IAM, from the topics of SNS, and from the proxy in between."
    )


def run(tell: Callable[[Story], int]) -> int:
    """Runs what prints a story; the exit status."""
    end_on_signals()
    story = Story()
    try:
        return tell(story)
    except KeyboardInterrupt:
        # The terminal may be gone.
        with suppress(OSError):
            story.say("Interrupted. Functions and emulator have ended, and no file is left.", "yellow")
        return INTERRUPTED
    except FunctionsFailed as error:
        story.say(str(error), "red")
        return 1
