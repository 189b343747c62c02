"""The people of the tests: those of people.yaml, and a crowd of any size."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from .deployment import ACCOUNT, LOCATION, there

OLD = timedelta(days=400)
# A virtual device's serial number begins like this. A security key's and a hardware token's do not.
VIRTUAL = f"arn:{LOCATION.partition}:iam::{ACCOUNT}:mfa/"


@dataclass(frozen=True, kw_only=True)
class Person:
    """An IAM user as an administrator left it. Spans but `exempt_for` are how long ago something happened."""

    name: str
    password_age: timedelta | None = OLD
    path: str = "/"
    tags: dict[str, str] = field(default_factory=dict)
    devices: tuple[str, ...] = ()
    contained: bool = False
    exempt_for: timedelta | None = None
    # Of the user, where it is older than the password.
    age: timedelta = timedelta(0)
    # Since when the password is as it is, where it was changed since it was created.
    changed: timedelta | None = None
    # Last sign-in with the password; none for never.
    last_used: timedelta | None = None
    access_keys: int = 0
    # Of the final notice, where there was one. The first notice was a day before.
    told: timedelta | None = None


def span(value: Any) -> Any:
    """A text such as `4d 6h` as a span of time. Everything else is left as it is."""
    if not isinstance(value, str) or not re.fullmatch(r"(\d+[dhms] ?)+", value):
        return value
    units = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
    return timedelta(**{units[part[-1]]: int(part[:-1]) for part in value.split()})


def person(name: str, **described: Any) -> Person:
    return Person(name=name, **{key: span(value) for key, value in described.items()})


def phone(name: str) -> str:
    return f"{VIRTUAL}{name}-phone"


_GROUPS = yaml.safe_load(there((Path(__file__).parent / "people.yaml").read_text(encoding="utf-8")))
PEOPLE = {name: person(name, **described) for group in _GROUPS.values() for name, described in group.items()}
CAST, SWEPT = (tuple(PEOPLE[name] for name in _GROUPS[group]) for group in ("cast", "swept"))


def named(*names: str) -> list[Person]:
    return [PEOPLE[name] for name in names]


def crowd(size: int) -> Iterator[Person]:
    """So many users: of a hundred, 3 are overdue, 5 have no password, 10 a security key, the rest an app."""
    for number in range(size):
        name, kind = f"employee.{number:04}@example.com", number % 100
        age = timedelta(days=40 + number % 900)
        device = (
            f"arn:{LOCATION.partition}:iam::{ACCOUNT}:u2f/user/{name}/key-{number:024}"
            if kind < 18
            else phone(name)
        )
        yield Person(
            name=name,
            password_age=None if 3 <= kind < 8 else age,
            age=age,
            tags={"email": name, "department": f"cost-center-{number % 40}", "hired": "2024-02-01"},
            devices=(device,) if kind >= 8 else (),
            last_used=timedelta(days=number % 30),
            access_keys=kind % 3,
            told=timedelta(days=2) if kind < 3 else None,
        )
