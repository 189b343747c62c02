"""How a sweep reads in a terminal: the users before and after it, its calls, and the digest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .deployment import EXEMPT_TAG
from .mailbox import Message
from .survey import UserState
from .sweeping import SweepObservation

_ROW = "{mark} {name:<19}{posture:<16}{before:<44}{after}"
# The calls that are about the whole account; all others are about one user.
BULK = (
    "GenerateCredentialReport",
    "GetCredentialReport",
    "GetAccountAuthorizationDetails",
    "ListVirtualMFADevices",
    "GetAccountSummary",
    "ListTopics",
    "ListTagsForResource",
    "TagResource",
)


def table(seen: SweepObservation) -> Iterator[tuple[str, bool]]:
    """Every user before and after, each line with whether anything changed; one line if nothing did."""
    if seen.before == seen.after:
        yield f"all {len(seen.after)} users are as before", False
        return
    yield _ROW.format(mark=" ", name="user", posture="posture now", before="before", after="after"), False
    for name, after in sorted(seen.after.items()):
        before = seen.before[name]
        changed = before != after
        line = _ROW.format(
            mark="*" if changed else " ",
            name=name,
            posture=after.posture,
            before=standing(before),
            after=standing(after) if changed else "",
        )
        yield line.rstrip(), changed


def standing(user: UserState) -> str:
    """A user in a few words: contained how, tagged or not, what was said."""
    parts = [{"policy": "policy", "group": "group", None: "free"}[user.contained_by]]
    if user.tagged:
        parts.append("tag")
    words = " + ".join(parts)
    if EXEMPT_TAG in user.tags:
        words += ", exempt tag"
    return f"{words}, told {user.said}" if user.said else words


def calls(seen: SweepObservation) -> str:
    """How many calls it took."""
    bulk = sum(1 for call in seen.calls if call.action in BULK)
    changes = Counter(action for actions in seen.changed.values() for action in actions)
    changes += Counter(action for action in seen.sns_writes if action == "DeleteTopic")
    made = ", ".join(f"{count} {action}" for action, count in sorted(changes.items()))
    return (
        f"{bulk} for the whole account, {len(seen.calls) - bulk} for single users; changes: {made or 'none'}"
    )


def mail(message: Message) -> Iterator[str]:
    """An e-mail as its reader sees it."""
    yield f"To: {', '.join(message.recipients)}"
    yield f"Subject: {message.subject}"
    yield ""
    yield from message.email.rstrip().splitlines()
