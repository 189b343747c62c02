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
    """An IAM user as an administrator left it. All times are how long ago something happened."""

    name: str
    password_age: timedelta | None = OLD
    path: str = "/"
    tags: dict[str, str] = field(default_factory=dict)
    devices: tuple[str, ...] = ()
    contained: bool = False
    # Of the user, where it is not as old as the password.
    age: timedelta | None = None
    # Since when the password is as it is, where it was changed since it was created.
    changed: timedelta | None = None
    # Last sign-in with the password; none for never.
    last_used: timedelta | None = None
    # Access keys.
    keys: int = 0


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

# Those whom a sweep finds, beside the others.
NIAJ = Person("niaj", tags=_mail("niaj"), contained=True)
OLIVIA = Person("olivia", tags=_mail("olivia"), contained=True)
PEGGY = Person("peggy", tags=_mail("peggy"), contained=True)
RUPERT = Person("rupert", tags=_mail("rupert"), contained=True)
SYBIL = Person("sybil", tags=_mail("sybil"), contained=True)
TRENT = Person("trent", tags={**_mail("trent"), EXEMPT_TAG: "2026-01-31"})
# With 7, 3 and 1 days as stages: one user in each of them.
FIRST_STAGE = Person("victor", timedelta(days=2), tags=_mail("victor"))
SECOND_STAGE = Person("walter", timedelta(days=4, hours=6), tags=_mail("walter"))
LAST_DAY = Person("wendy", timedelta(days=6, hours=6), tags=_mail("wendy"))
# Older than the password, which was changed yesterday: neither is what the deadline counts from.
YUSUF = Person("yusuf", timedelta(days=3), age=timedelta(days=900), changed=timedelta(days=1))
# Nobody knows how to reach zoe.
ZOE = Person("zoe", timedelta(days=1))

SWEPT = (NIAJ, OLIVIA, PEGGY, RUPERT, SYBIL, TRENT, FIRST_STAGE, SECOND_STAGE, LAST_DAY, YUSUF, ZOE)

# Everybody but newhire, who comes later.
CAST = (ALICE, BOB, CAROL, DAVE, ERIN, FRANK, GRACE, PILOT, HEIDI, IVAN, JUDY, MALLORY)
