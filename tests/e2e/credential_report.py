"""The credential report as AWS writes it: CSV, root first, with AWS's words for what there is not."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from moto.iam.models import AccessKey, User

from .credentials import ROOT_ARN, Password, Root

# IAM makes a new report only when the last one is this old.
RENEWED_AFTER = timedelta(hours=4)
ACCESS_KEYS = 2
CERTIFICATES = 2

_NOTHING, _NOT_SUPPORTED, _NO_INFORMATION = "N/A", "not_supported", "no_information"


@dataclass
class Report:
    """A report that was asked for."""

    text: str
    made: datetime
    # How often it is still to be answered that the report is being made.
    polls_left: int = 0

    @property
    def content(self) -> str:
        """As it is answered."""
        return base64.b64encode(self.text.encode("utf-8")).decode()

    def expired(self, now: datetime) -> bool:
        """Whether AWS would make a new one."""
        return now - self.made >= RENEWED_AFTER


def columns() -> Iterator[str]:
    """The header."""
    yield from ("user", "arn", "user_creation_time", "password_enabled", "password_last_used")
    yield from ("password_last_changed", "password_next_rotation", "mfa_active")
    for number in range(1, ACCESS_KEYS + 1):
        for part in ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service"):
            yield f"access_key_{number}_{part}"
    for number in range(1, CERTIFICATES + 1):
        yield from (f"cert_{number}_active", f"cert_{number}_last_rotated")
    yield "additional_credentials_info"


def render(users: Iterable[User], password: Callable[[User], Password | None], root: Root) -> str:
    """The report of all users as they are now."""
    rows = [columns(), _root(root), *(_user(user, password(user)) for user in users)]
    return "\n".join(",".join(row) for row in rows)


def _root(root: Root) -> Iterator[str]:
    yield from ("<root_account>", ROOT_ARN, _time(root.created))
    # An account whose organization took root's credentials away says so; of others nothing is told.
    yield _NOT_SUPPORTED if root.password else "false"
    yield _time(root.last_used) if root.last_used else _NO_INFORMATION
    yield from (_NOT_SUPPORTED, _NOT_SUPPORTED, _flag(bool(root.devices)))
    for number in range(ACCESS_KEYS):
        yield from _key(root.created) if number < root.access_keys else _no_key()
    yield from _rest()


def _user(user: User, password: Password | None) -> Iterator[str]:
    yield from (user.name, user.arn, _time(user.create_date), _flag(password is not None))
    if password is None:
        yield from (_NOTHING, _NOTHING)
    else:
        yield _time(password.last_used) if password.last_used else _NO_INFORMATION
        yield _time(password.changed)
    yield from (_NOTHING, _flag(bool(user.mfa_devices)))
    for number in range(ACCESS_KEYS):
        yield from _key_of(user.access_keys[number]) if number < len(user.access_keys) else _no_key()
    yield from _rest()


def _key_of(key: AccessKey) -> Iterator[str]:
    return _key(key.create_date, key.status == "Active")


def _key(rotated: datetime, active: bool = True) -> Iterator[str]:
    yield from (_flag(active), _time(rotated), _NOTHING, _NOTHING, _NOTHING)


def _no_key() -> Iterator[str]:
    yield from ("false", _NOTHING, _NOTHING, _NOTHING, _NOTHING)


def _rest() -> Iterator[str]:
    for _ in range(CERTIFICATES):
        yield from ("false", _NOTHING)
    yield _NOTHING


def _flag(value: bool) -> str:
    return str(value).lower()


def _time(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00")
