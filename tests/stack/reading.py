"""How the functions read an event, a second time and in short: which of them it is for, or why it is ignored.

What the code does is in `shared/core/src/event`. A test holds this here to the table in `events/README.md`,
to which other tests hold the code. It says nothing of malformed fields, only if there is a reason to ignore.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .resolved_stack import ACCOUNT
from .templates import ROOT

Event = dict[str, Any]

EVENTS = ROOT / "events"
# Recordings by other people, beside the checkout where they are there.
RECORDINGS = ROOT.parent / "shared" / "recorded-events"

OWN_ROLES = tuple(f"mfa-enforcer-{name}" for name in ("sign-in", "user-lifecycle", "mfa-device", "sweep"))
HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"

OWNERS = {
    "ConsoleLogin": "sign-in",
    "CreateUser": "user-lifecycle",
    "CreateLoginProfile": "user-lifecycle",
    "DeleteLoginProfile": "user-lifecycle",
    "DeleteUser": "user-lifecycle",
    "DeactivateMFADevice": "mfa-device",
    "EnableMFADevice": "mfa-device",
}

_ROW = re.compile(r"^\| `(?P<path>[^`]+\.json)` \| .* \| (?P<function>[a-z-]+) \| (?P<leads_to>.+) \|$")


@dataclass(frozen=True)
class Sample:
    """A row of the table in `events/README.md`."""

    path: str
    function: str
    leads_to: str

    @property
    def ignored(self) -> str | None:
        """The reason for which it is ignored, if it is."""
        found = re.fullmatch(r"ignored `([^`]+)`", self.leads_to)
        return found[1] if found else None

    @property
    def malformed(self) -> bool:
        return self.leads_to.startswith("malformed ")

    def load(self) -> Event:
        event: Event = json.loads((EVENTS / self.path).read_text(encoding="utf-8"))
        return event


def samples() -> dict[str, Sample]:
    """All rows of the table, by path."""
    lines = (EVENTS / "README.md").read_text(encoding="utf-8").splitlines()
    rows = (row for row in map(_ROW.match, lines) if row)
    return {row["path"]: Sample(row["path"], row["function"], row["leads_to"]) for row in rows}


def reason_to_ignore(event: Event) -> str | None:
    """The code of the reason, or nothing if the function that owns the event would go on with it."""
    detail = event.get("detail")
    if "CloudTrail" not in str(event.get("detail-type")) or not isinstance(detail, dict):
        return "other-service"
    service, name = _text(detail, "eventSource"), _text(detail, "eventName")
    if service == "signin.amazonaws.com":
        found = _sign_in(name, detail)
    elif service == "iam.amazonaws.com":
        found = _iam_call(name, detail)
    else:
        return "other-service"
    account = _text(detail, "recipientAccountId") or event.get("account")
    return found or (None if account == ACCOUNT else "other-account")


def _sign_in(name: str | None, detail: Event) -> str | None:
    if name != "ConsoleLogin":
        return {"CheckMfa": "check-mfa", "SwitchRole": "switch-role"}.get(str(name), "other-sign-in-event")
    identity = _part(detail, "userIdentity")
    if _text(detail, "eventType") == "AwsServiceEvent" or _text(identity, "invokedBy"):
        return "aws-service-event"
    if _text(identity, "userName") == HIDDEN:
        return "hidden-user-name"
    kind = _kind(identity)
    if kind not in ("IAMUser", "Root"):
        return _IDENTITIES.get(kind, "other-identity")
    if _text(_part(detail, "responseElements"), "ConsoleLogin") != "Success" or _text(detail, "errorCode"):
        return "failed-sign-in"
    used = _part(detail, "additionalEventData").get("MFAUsed")
    return "mfa-used" if str(used).lower() in ("yes", "true") else None


def _iam_call(name: str | None, detail: Event) -> str | None:
    if name not in OWNERS or name == "ConsoleLogin":
        return "other-iam-call"
    if _text(detail, "errorCode"):
        return "failed-call"
    if _text(detail, "eventType") == "AwsServiceEvent":
        return "aws-service-event"
    identity, parameters = _part(detail, "userIdentity"), _part(detail, "requestParameters")
    caller, recipient = _text(identity, "accountId"), _text(detail, "recipientAccountId")
    at_home = caller is None or recipient is None or caller == recipient
    role = re.search(r":assumed-role/([^/]+)", _text(identity, "arn") or "")
    if at_home and _kind(identity) in ("AssumedRole", "Role") and role and role[1] in OWN_ROLES:
        return "own-call"
    subject = _text(parameters, "userName")
    if subject == HIDDEN:
        return "hidden-user-name"
    root = subject == "AWS ROOT USER" or (subject is None and _kind(identity) == "Root")
    return "aws-service-event" if root and _text(identity, "invokedBy") else None


_IDENTITIES = {
    "AssumedRole": "assumed-role",
    "Role": "assumed-role",
    **dict.fromkeys(
        ("SAMLUser", "WebIdentityUser", "FederatedUser", "IdentityCenterUser", "Directory"),
        "federated-identity",
    ),
}


def _kind(identity: Event) -> str:
    """`userIdentity.type`, or what the ARN tells instead."""
    kind, arn = _text(identity, "type"), _text(identity, "arn") or ""
    if kind is not None:
        return kind
    if arn.endswith(":root"):
        return "Root"
    found = [name for mark, name in ((":user/", "IAMUser"), (":assumed-role/", "AssumedRole")) if mark in arn]
    return found[0] if found else "Unknown"


def _text(part: Event, name: str) -> str | None:
    """A string, unless it says nothing."""
    value = part.get(name)
    return value if isinstance(value, str) and value not in ("", "null") else None


def _part(part: Event, name: str) -> Event:
    value = part.get(name)
    return value if isinstance(value, dict) else {}


def recordings() -> dict[str, Event]:
    """Recordings by other people, in the envelope of EventBridge, as if of our account."""
    return {
        file.relative_to(RECORDINGS).as_posix(): _enveloped(json.loads(file.read_text(encoding="utf-8")))
        for file in sorted(Path(RECORDINGS).glob("*/*.json"))
    }


def _enveloped(recording: Event) -> Event:
    detail = recording.get("detail", recording)
    if detail.get("recipientAccountId"):
        detail["recipientAccountId"] = ACCOUNT
    signs_in = detail.get("eventSource") == "signin.amazonaws.com"
    kind = "AWS Console Sign In via CloudTrail" if signs_in else "AWS API Call via CloudTrail"
    source = "aws." + str(detail.get("eventSource")).split(".", maxsplit=1)[0]
    return {"source": source, "detail-type": kind, "account": ACCOUNT, "detail": detail}
