"""The rule for SES: the sender has to be verified, in the sandbox the recipient as well. It keeps mails.

moto takes the message and keeps one of its two forms. The proxy saw both, with headers and tags.
"""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Any

from moto.ses.models import ses_backends
from werkzeug.wrappers import Response

from .deployment import ACCOUNT, REGION
from .proxy import Call, Forward, answer, refuse

SES = ses_backends[ACCOUNT][REGION]
FORBIDDEN = ("<script", "<img", "<link", "<form", "src=", "@import")


@dataclass(frozen=True)
class Mail:
    """A mail as SES took it."""

    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    tags: Mapping[str, str] = field(repr=False)
    configuration_set: str = ""

    @classmethod
    def of(cls, sent: Mapping[str, Any]) -> "Mail":
        simple = sent["Content"]["Simple"]
        return cls(
            sender=sent["FromEmailAddress"],
            recipients=tuple(sent["Destination"]["ToAddresses"]),
            subject=simple["Subject"]["Data"],
            text=simple["Body"]["Text"]["Data"],
            html=simple["Body"]["Html"]["Data"],
            headers={each["Name"]: each["Value"] for each in simple["Headers"]},
            tags={each["Name"]: each["Value"] for each in sent["EmailTags"]},
            configuration_set=sent.get("ConfigurationSetName", ""),
        )

    @property
    def user(self) -> str:
        """The user's name, as a bounce would tell it."""
        encoded = self.tags.get("user", "")
        return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()

    @property
    def label(self) -> str:
        """`bob quarantined`, as for messages by SNS; `all digest` of what is about nobody."""
        return f"{self.user or 'all'} {self.tags['kind']}"

    def flaws(self) -> Iterator[str]:
        """How the mail breaks the rules for all mails."""
        if len(self.recipients) != 1:
            yield f"{self.label}: {len(self.recipients)} recipients"
        for name, value in (*self.headers.items(), ("From", self.sender)):
            if not (value.isascii() and value.isprintable()):
                yield f"{self.label}: header {name} is not printable ASCII: {value!r}"
        if self.headers.get("Auto-Submitted") != "auto-generated":
            yield f"{self.label}: would be answered by programs"
        for part in FORBIDDEN:
            if part in self.html:
                yield f"{self.label}: the HTML has `{part}`"
        if self.user and f"Hello {self.user}," not in self.text:
            yield f"{self.label}: the text greets somebody else"


class Ses:
    """The rule."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Nothing is verified, and nothing was sent."""
        SES.reset()
        self.in_sandbox = False
        # Addresses to which SES sends nothing.
        self.suppressed: set[str] = set()
        self.sent: list[Mail] = []

    def take(self) -> tuple[Mail, ...]:
        """What was sent since the last time."""
        taken = tuple(self.sent)
        self.sent.clear()
        return taken

    def __call__(self, call: Call, forward: Forward) -> Response:
        match call.name:
            case "ses:SendEmail" if call.role:
                return self._send(call, forward)
            case "ses:GetAccount" if call.role:
                return answer(call, {"ProductionAccessEnabled": not self.in_sandbox, "SendingEnabled": True})
            case "ses:GetEmailIdentity" if call.role:
                if call.parameters["EmailIdentity"] not in SES.email_identities:
                    return refuse(call, "NotFoundException", "Email identity does not exist.", 404)
                return answer(call, {"IdentityType": "DOMAIN", "VerifiedForSendingStatus": True})
            case "ses:GetSuppressedDestination":
                address = call.parameters["EmailAddress"]
                if address not in self.suppressed:
                    return refuse(call, "NotFoundException", "Email address is not suppressed.", 404)
                found = {"EmailAddress": address, "Reason": "BOUNCE", "LastUpdateTime": 1_795_000_000}
                return answer(call, {"SuppressedDestination": found})
        return forward(call)

    def _send(self, call: Call, forward: Forward) -> Response:
        mail = Mail.of(call.parameters)
        strangers = [mail.sender, *(mail.recipients if self.in_sandbox else ())]
        for address in strangers:
            if not is_verified(address):
                return refuse(call, "MessageRejected", f"Email address is not verified: {address}")
        response = forward(call)
        if response.status_code == 200:
            self.sent.append(mail)
        return response


def is_verified(address: str) -> bool:
    """Whether the address, or its domain, is an identity that moto knows."""
    _, bare = parseaddr(address)
    return bool({bare, bare.rpartition("@")[2]} & SES.email_identities.keys())
