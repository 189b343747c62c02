"""Users read back by way of AWS's API, and where each of them stands.

This is a second opinion on what a sweep says about the account: it is worked out from the rules of the
README, without the enforcer's code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

from .deployment import EXEMPT_TAG, GROUP_NAME, NOTIFIED_TAG, POLICY_ARN, QUARANTINED_TAG, SETTINGS

GRACE = timedelta(days=int(SETTINGS["GRACE_PERIOD"].removesuffix("d")))


@dataclass(frozen=True)
class UserState:
    """A user as IAM shows it."""

    name: str
    path: str
    password: datetime | None
    policies: tuple[str, ...]
    groups: tuple[str, ...]
    tags: dict[str, str]
    devices: tuple[str, ...]

    @property
    def contained_by(self) -> str | None:
        """`policy`, `group`, or nothing."""
        if POLICY_ARN in self.policies:
            return "policy"
        return "group" if GROUP_NAME in self.groups else None

    @property
    def tagged(self) -> bool:
        return QUARANTINED_TAG in self.tags

    @property
    def said(self) -> str | None:
        """What the tag says that the user was last told."""
        value = self.tags.get(NOTIFIED_TAG)
        return value.split(" ")[0] if value else None

    @property
    def posture(self) -> str:
        """Where the user stands at this moment."""
        if self.password is None:
            return "not-applicable"
        if self.path.startswith(SETTINGS["EXEMPT_PATHS"]) or _until_today(self.tags.get(EXEMPT_TAG, "")):
            return "exempt"
        if self.devices:
            return "compliant"
        return "in-grace" if datetime.now(timezone.utc) < self.password + GRACE else "overdue"


def _until_today(tag: str) -> bool:
    try:
        return date.fromisoformat(tag) >= datetime.now(timezone.utc).date()
    except ValueError:
        return False


@dataclass(frozen=True)
class Figures:
    """An account in numbers."""

    users: int
    console: int
    with_mfa: int
    postures: dict[str, int]

    @classmethod
    def of(cls, users: Iterable[UserState]) -> Figures:
        """Counts users."""
        everybody = list(users)
        console = [user for user in everybody if user.password is not None]
        return cls(
            len(everybody),
            len(console),
            sum(1 for user in console if user.devices),
            dict(Counter(user.posture for user in everybody)),
        )

    @property
    def coverage_percent(self) -> float | None:
        """Console users with MFA, in percent to one decimal, rounded down."""
        return self.with_mfa * 1000 // self.console / 10 if self.console else None


def read_user(iam: Any, name: str) -> UserState:
    """One user."""
    user = iam.get_user(UserName=name)["User"]
    policies = iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]
    groups = iam.list_groups_for_user(UserName=name)["Groups"]
    return UserState(
        name,
        user["Path"],
        _password(iam, name),
        tuple(policy["PolicyArn"] for policy in policies),
        tuple(group["GroupName"] for group in groups),
        _tags(user),
        _devices(iam, name),
    )


def read_users(iam: Any) -> dict[str, UserState]:
    """All users, by name."""
    pages = iam.get_paginator("get_account_authorization_details").paginate(Filter=["User"])
    details = [detail for page in pages for detail in page["UserDetailList"]]
    return {
        detail["UserName"]: UserState(
            detail["UserName"],
            detail["Path"],
            _password(iam, detail["UserName"]),
            tuple(policy["PolicyArn"] for policy in detail["AttachedManagedPolicies"]),
            tuple(detail["GroupList"]),
            _tags(detail),
            _devices(iam, detail["UserName"]),
        )
        for detail in details
    }


def _password(iam: Any, name: str) -> datetime | None:
    try:
        created: datetime = iam.get_login_profile(UserName=name)["LoginProfile"]["CreateDate"]
    except iam.exceptions.NoSuchEntityException:
        return None
    return created


def _devices(iam: Any, name: str) -> tuple[str, ...]:
    return tuple(device["SerialNumber"] for device in iam.list_mfa_devices(UserName=name)["MFADevices"])


def _tags(shown: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in shown.get("Tags", [])}
