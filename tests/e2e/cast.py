"""The people of the sample events, each in the posture that the samples speak of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from .deployment import ACCOUNT, EXEMPT_TAG

# With seven days of grace: one password of the day before yesterday, and one of last year.
RECENT = timedelta(days=2)
OLD = timedelta(days=400)


@dataclass(frozen=True)
class Person:
    """An IAM user as an administrator left it."""

    name: str
    password_age: timedelta | None = OLD
    path: str = "/"
    tags: dict[str, str] = field(default_factory=dict)
    devices: tuple[str, ...] = ()
    contained: bool = False


def phone(name: str) -> str:
    """Serial number of a virtual MFA device."""
    return f"arn:aws:iam::{ACCOUNT}:mfa/{name}-phone"


def _mail(name: str, **more: str) -> dict[str, str]:
    return {"email": f"{name}@example.com", **more}


def _exempt() -> dict[str, str]:
    in_a_month = datetime.now(timezone.utc) + timedelta(days=30)
    return {EXEMPT_TAG: in_a_month.strftime("%Y-%m-%d")}


ALICE = Person("alice", RECENT, tags=_mail("alice"))
BOB = Person("bob", tags=_mail("bob.builder", phone="+1 555-010-0123"))
CAROL = Person("carol@example.com")
DAVE = Person("dave", tags=_mail("dave"), devices=(phone("dave"),))
ERIN = Person(
    "erin",
    tags=_mail("erin"),
    devices=(f"arn:aws:iam::{ACCOUNT}:u2f/user/erin/yubikey-ABCDEFGHIJKLMNOPQRSTUVWX",),
)
FRANK = Person("frank", tags=_mail("frank"), devices=("GAKT12345678",))
GRACE = Person("grace", tags={**_mail("grace"), **_exempt()})
PILOT = Person("pilot", path="/break-glass/")
HEIDI = Person("heidi", tags=_mail("heidi"), contained=True)
IVAN = Person("ivan", None, tags=_mail("ivan"))
JUDY = Person("judy", RECENT, "/engineering/eu/", _mail("judy"), (phone("judy"),))
MALLORY = Person("mallory", tags=_mail("mallory"), devices=(phone("mallory"),))
NEWHIRE = Person("newhire", timedelta(0), tags=_mail("newhire"))

# Everybody but newhire, who comes later.
CAST = (ALICE, BOB, CAROL, DAVE, ERIN, FRANK, GRACE, PILOT, HEIDI, IVAN, JUDY, MALLORY)
