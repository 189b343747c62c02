"""The sample events, as bob of an account of the organization would cause them now."""

import json
from typing import Any

from moto.iam.models import iam_backends

from . import samples
from .deployment import ACCOUNT, EVENTS
from .gaps import utc_now
from .hubs import Hub


def by_bob(central: Hub, sample: str, name: str) -> dict[str, Any]:
    """This sample by bob, in the account with this name, or in one with this number."""
    return by_user(central, sample, name, "bob")


def by_user(central: Hub, sample: str, name: str, user: str) -> dict[str, Any]:
    """This sample by a user of the account with this name, or of one with this number."""
    account = central.organization.accounts.get(name, name)
    event: dict[str, Any] = json.loads((EVENTS / sample).read_text(encoding="utf-8"))
    detail = event["detail"]
    event["account"] = detail["recipientAccountId"] = account
    event["time"] = detail["eventTime"] = f"{utc_now():%Y-%m-%dT%H:%M:%SZ}"
    known = iam_backends[account]["aws"].users.get(user)
    detail["userIdentity"] |= {
        "accountId": account,
        "userName": user,
        "principalId": known.id if known else "AIDA",
        "arn": f"arn:aws:iam::{account}:user/{user}",
    }
    if "userName" in (detail.get("requestParameters") or {}):
        detail["requestParameters"]["userName"] = user
    return event


def about_bob(central: Hub, sample: str, user: str, name: str = "production") -> dict[str, Any]:
    """A sample's event about a user, by whoever it says, as if about bob of the account with this name."""
    written = json.dumps(samples.fresh(sample)).replace(ACCOUNT, central.account(name)).replace(user, "bob")
    event: dict[str, Any] = json.loads(written)
    return event


def lifted(central: Hub, name: str) -> dict[str, Any]:
    """An administrator of the account with this name lifts bob's quarantine."""
    (policy,) = central.policies_of(name, "bob")
    iam_backends[central.account(name)]["aws"].detach_user_policy(policy, "bob")
    event = about_bob(central, "DetachUserPolicy/heidi-by-an-admin.json", "heidi", name)
    event["detail"]["requestParameters"]["policyArn"] = policy
    return event
