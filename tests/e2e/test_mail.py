"""What comes back of a mail: a bounce is noted, and the next notice says that nobody could be told."""

import base64
import json
from datetime import timedelta
from typing import Any

from .account import moment
from .deployment import ACCOUNT, REGION, STACK
from .gaps import utc_now
from .harness import Harness, Observation
from .people import PEOPLE

SET = f"{STACK.name}-mail"
ADDRESS = "alice@example.com"


def bounce(user: str, address: str) -> dict[str, Any]:
    """What EventBridge brings of a mail to this user that bounced for good."""
    tags = {
        "ses:configuration-set": [SET],
        "user": [base64.urlsafe_b64encode(user.encode()).decode().rstrip("=")],
    }
    return {
        "version": "0",
        "id": "5f1e0c7a-0000-4000-8000-00000000b001",
        "detail-type": "Email Bounced",
        "source": "aws.ses",
        "account": ACCOUNT,
        "time": moment(utc_now()),
        "region": REGION,
        "resources": [f"arn:aws:ses:{REGION}:{ACCOUNT}:configuration-set/{SET}"],
        "detail": {
            "eventType": "Bounce",
            "bounce": {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": address}]},
            "mail": {"destination": [address], "tags": tags},
        },
    }


def delivered(enforcer: Harness, event: dict[str, Any]) -> Observation:
    return enforcer._observe("user-lifecycle", json.dumps(event).encode(), "EmailBounced", "alice")


def test_bounced_address_is_noted_and_gets_no_more_mail(enforcer: Harness) -> None:
    with enforcer.deployed(MailFrom="mfa@example.com"):
        enforcer.account.fill([PEOPLE["alice"]])
        enforcer.strict.verify("example.com")
        noted = delivered(enforcer, bounce("alice", ADDRESS))
        assert noted.answer.outcome == "acted", noted.answer
        assert [call.name for call in noted.calls if call.writes] == ["iam:TagUser"]
        assert noted.user.tags["mfa-enforcer:mail"].startswith("bounced ")
        assert ADDRESS not in noted.user.tags["mfa-enforcer:mail"]
        again = delivered(enforcer, bounce("alice", ADDRESS))
        assert (again.answer.outcome, again.answer.reason) == ("nothing", "already-noted")
        signed_in = enforcer.deliver("ConsoleLogin/alice-in-grace-without-mfa.json")
        assert signed_in.mails == ()
        assert signed_in.told == ["admins warning contact-missing"]
        # Another address voids the note.
        enforcer.account.tag("alice", "email", "alice.smith@example.com")
        enforcer.account.time_passes(timedelta(hours=21))
        (mail,) = enforcer.sweep().mails
        assert mail.recipients == ("alice.smith@example.com",)


def test_bounce_of_nobody_changes_nothing(enforcer: Harness) -> None:
    with enforcer.deployed(MailFrom="mfa@example.com"):
        enforcer.account.fill([PEOPLE["alice"]])
        gone = delivered(enforcer, bounce("nobody", "nobody@example.com"))
        assert (gone.answer.outcome, gone.answer.reason) == ("nothing", "user-gone")


def test_without_mail_an_event_of_ses_is_ignored(enforcer: Harness) -> None:
    enforcer.account.fill([PEOPLE["alice"]])
    ignored = delivered(enforcer, bounce("alice", ADDRESS))
    assert (ignored.answer.outcome, ignored.answer.reason) == ("ignored", "other-service")
