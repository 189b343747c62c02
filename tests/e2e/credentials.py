"""What the emulator has no place for: passwords with dates of their own, and the root user."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from .deployment import ACCOUNT

ROOT_ARN = f"arn:aws:iam::{ACCOUNT}:root"
ROOT_PHONE = f"arn:aws:iam::{ACCOUNT}:mfa/root-account-mfa-device"
# A virtual device's serial number begins like this. A security key's and a hardware token's do not.
VIRTUAL = f"arn:aws:iam::{ACCOUNT}:mfa/"


def utc_now() -> datetime:
    """Now to the second, as AWS tells times, in UTC without saying so, as the emulator keeps them."""
    return datetime.now(timezone.utc).replace(microsecond=0, tzinfo=None)


@dataclass
class Password:
    """A console password: `GetLoginProfile` shows the first date alone, the credential report the others."""

    created: datetime
    changed: datetime
    last_used: datetime | None = None


@dataclass
class Root:
    """The root user."""

    devices: tuple[str, ...] = (ROOT_PHONE,)
    password: bool = True
    access_keys: int = 0
    last_used: datetime | None = None
    created: datetime = field(default_factory=lambda: utc_now() - timedelta(days=2000))
