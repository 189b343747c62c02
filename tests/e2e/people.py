"""The people of the tests: those of the sample events, those whom a sweep finds, and a crowd of any size."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from .deployment import ACCOUNT, EXEMPT_TAG

# With seven days of grace: one password of the day before yesterday, and one of last year.
RECENT = timedelta(days=2)
OLD = timedelta(days=400)
# A virtual device's serial number begins like this. A security key's and a hardware token's do not.
VIRTUAL = f"arn:aws:iam::{ACCOUNT}:mfa/"


@dataclass(frozen=True, kw_only=True)
class Person:
    """An IAM user as an administrator left it. All times are how long ago something happened."""

    name: str
    password_age: timedelta | None = OLD
    path: str = "/"
    tags: dict[str, str] = field(default_factory=dict)
    devices: tuple[str, ...] = ()
    contained: bool = False
    # Of the user, where it is not as old as the password.
    age: timedelta = timedelta(0)
    # Since when the password is as it is, where it was changed since it was created.
    changed: timedelta | None = None
    # Last sign-in with the password; none for never.
    last_used: timedelta | None = None
    access_keys: int = 0


def phone(name: str) -> str:
    """Serial number of a virtual MFA device."""
    return f"{VIRTUAL}{name}-phone"


def security_key(name: str, number: int = 0) -> str:
    """Serial number of a security key."""
    return f"arn:aws:iam::{ACCOUNT}:u2f/user/{name}/key-{number:024}"


def _mail(name: str, **more: str) -> dict[str, str]:
    return {"email": f"{name}@example.com", **more}


def _in_a_month() -> str:
    return (datetime.now(timezone.utc) + timedelta(days=30)).strftime("%Y-%m-%d")


ALICE = Person(name="alice", password_age=RECENT, tags=_mail("alice"))
BOB = Person(name="bob", tags=_mail("bob.builder", phone="+1 555-010-0123"))
CAROL = Person(name="carol@example.com")
DAVE = Person(name="dave", tags=_mail("dave"), devices=(phone("dave"),))
ERIN = Person(name="erin", tags=_mail("erin"), devices=(security_key("erin"),))
FRANK = Person(name="frank", tags=_mail("frank"), devices=("GAKT12345678",))
GRACE = Person(name="grace", tags=_mail("grace", **{EXEMPT_TAG: _in_a_month()}))
PILOT = Person(name="pilot", path="/break-glass/")
HEIDI = Person(name="heidi", tags=_mail("heidi"), contained=True)
IVAN = Person(name="ivan", password_age=None, tags=_mail("ivan"))
JUDY = Person(
    name="judy",
    password_age=RECENT,
    path="/engineering/eu/",
    tags=_mail("judy"),
    devices=(phone("judy"),),
)
MALLORY = Person(name="mallory", tags=_mail("mallory"), devices=(phone("mallory"),))
NEWHIRE = Person(name="newhire", password_age=timedelta(0), tags=_mail("newhire"))
# Everybody but newhire, who comes later.
CAST = (ALICE, BOB, CAROL, DAVE, ERIN, FRANK, GRACE, PILOT, HEIDI, IVAN, JUDY, MALLORY)

# Those whom a sweep finds, beside the others.
NIAJ, OLIVIA, PEGGY, RUPERT, SYBIL = (
    Person(name=name, tags=_mail(name), contained=True)
    for name in ("niaj", "olivia", "peggy", "rupert", "sybil")
)
TRENT = Person(name="trent", tags=_mail("trent", **{EXEMPT_TAG: "2026-01-31"}))
# With 7, 3 and 1 days as stages: one user in each of them.
FIRST_STAGE = Person(name="victor", password_age=timedelta(days=2), tags=_mail("victor"))
SECOND_STAGE = Person(name="walter", password_age=timedelta(days=4, hours=6), tags=_mail("walter"))
LAST_DAY = Person(name="wendy", password_age=timedelta(days=6, hours=6), tags=_mail("wendy"))
# Older than the password, which was changed yesterday: neither is what the deadline counts from.
YUSUF = Person(
    name="yusuf", password_age=timedelta(days=3), age=timedelta(days=900), changed=timedelta(days=1)
)
# Nobody knows how to reach zoe.
ZOE = Person(name="zoe", password_age=timedelta(days=1))
SWEPT = (NIAJ, OLIVIA, PEGGY, RUPERT, SYBIL, TRENT, FIRST_STAGE, SECOND_STAGE, LAST_DAY, YUSUF, ZOE)

# IAM's quota of users in an account.
LARGEST_CROWD = 5000


def crowd(size: int) -> list[Person]:
    """So many users: of a hundred, 3 are overdue, 10 have a security key, 5 no password, and the rest an app."""
    return [_one_of_a_crowd(number) for number in range(size)]


def _one_of_a_crowd(number: int) -> Person:
    name = f"employee.{number:04}@example.com"
    tags = {"email": name, "department": f"cost-center-{number % 40}", "hired": "2024-02-01"}
    age, kind = timedelta(days=40 + number % 900), number % 100
    if kind < 3:
        return Person(name=name, password_age=age, tags=tags, last_used=timedelta(days=number % 30))
    if kind < 8:
        return Person(name=name, password_age=None, age=age, tags=tags, access_keys=2)
    device = security_key(name, number) if kind < 18 else phone(name)
    return Person(
        name=name,
        password_age=age,
        tags=tags,
        devices=(device,),
        last_used=timedelta(days=1),
        access_keys=number % 2,
    )
