"""An event storm in an organization: only so many quarantines begin in an hour."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from moto.iam.models import iam_backends

from . import functions
from .functions import Answer
from .gaps import utc_now
from .hub_events import by_user
from .hubs import BUCKET, Hub, hub
from .mailbox import collect
from .organizations import Organization, organization
from .test_plan import binary

__all__ = ["binary", "organization"]

CROWD = [f"user{number:02}" for number in range(12)]


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    functions.build(show=False)


@pytest.fixture
def central(organization: Organization, tmp_path: Path) -> Iterator[Hub]:
    with hub(organization, tmp_path / "log") as running:
        yield running


def plan(central: Hub, defaults: str, production: str = "{}") -> None:
    """Settings for all accounts and for production, where everybody in the crowd is overdue."""
    account = central.account("production")
    everywhere = f"defaults: {{mode: enforce, grace_period: 0s, {defaults}}}"
    central.put(f"{everywhere}\naccounts: {{'{account}': {production}}}\n")
    central.invoke("sweep", {"sweep": "hourly", "scheduledTime": "2026-11-24T09:00:00Z"})
    collect()
    people = iam_backends[account]["aws"]
    for name in set(CROWD) - set(people.users):
        people.create_user("aws", name, "/", [])
        people.create_login_profile(name, "password")
        user = people.users[name]
        user.create_date = utc_now() - timedelta(days=30)
        vars(user)["password_created"] = user.create_date


def sign_in(central: Hub, account: str, user: str = "bob") -> dict[str, Any]:
    return by_user(central, "ConsoleLogin/alice-in-grace-without-mfa.json", account, user)


def storm(central: Hub) -> list[dict[str, Any]]:
    """A sign-in of each, with an event of its own."""
    events = [sign_in(central, "production", name) for name in CROWD]
    for event in events:
        event["id"] = event["detail"]["eventID"] = str(uuid4())
    return events


def deliver(central: Hub, events: list[dict[str, Any]]) -> list[Answer]:
    """Delivers the events to three functions that run at the same time."""
    shares = [events[number::3] for number in range(3)]
    with ThreadPoolExecutor(len(shares)) as pool:
        answers = pool.map(lambda share: central.invoke("sign-in", *share), shares)
        return [answer for share in answers for answer in share]


def contained(central: Hub) -> list[str]:
    return [name for name in CROWD if central.policies_of("production", name)]


def slots(central: Hub) -> Counter[str]:
    """How many slots were taken of the account and of all."""
    listed = central.client("s3").list_objects_v2(Bucket=BUCKET, Prefix="organization/brakes/")
    keys = [each["Key"].split("/") for each in listed.get("Contents", [])]
    return Counter(of for _, _, _, of, number in keys if number != "told")


def told() -> list[dict[str, Any]]:
    """The messages that a limit is reached, since the last time."""
    return [message.body for message in collect() if message.body["kind"] == "quarantines-held"]


def test_account_has_as_many_as_it_may(central: Hub) -> None:
    plan(central, "max_quarantines: 4")
    events = storm(central)
    answers = deliver(central, events)
    assert Counter(answer.reason for answer in answers) == {"contain-sign-in": 4, "hourly-limit-reached": 8}
    first = contained(central)
    assert slots(central) == {central.account("production"): 4, "all": 4}
    (message,) = told()
    assert (message["severity"], message["reason"]) == ("critical", "hourly-limit")
    assert message["account"] == central.account("production")
    # AWS delivers all of it once more.
    deliver(central, events)
    assert (contained(central), len(first)) == (first, 4)
    assert slots(central) == {central.account("production"): 4, "all": 4}
    assert told() == []
    # Another account goes on.
    (answer,) = central.invoke("sign-in", sign_in(central, "staging"))
    assert answer.reason == "contain-sign-in"


def test_organization_has_ten_times_as_many(central: Hub) -> None:
    plan(central, "max_quarantines: 1", production="{max_quarantines: 0}")
    answers = deliver(central, storm(central))
    reasons = Counter(answer.reason for answer in answers)
    assert reasons == {"contain-sign-in": 10, "organization-limit-reached": 2}
    assert (len(contained(central)), slots(central)) == (10, {"all": 10})
    (message,) = told()
    assert message["reason"] == "organization-limit"
    # There is none left for anybody.
    (answer,) = central.invoke("sign-in", sign_in(central, "staging"))
    assert (answer.reason, central.policies_of("staging", "bob")) == ("organization-limit-reached", [])
    # With other settings they go on at once.
    plan(central, "max_quarantines: 0")
    (answer,) = central.invoke("sign-in", sign_in(central, "staging"))
    assert answer.reason == "contain-sign-in"


def test_removed_device_does_not_wait(central: Hub) -> None:
    plan(central, "max_quarantines: 1")
    deliver(central, storm(central)[:3])
    (name, *_) = [name for name in CROWD if name not in contained(central)]
    event = by_user(central, "DeactivateMFADevice/judy-last-device-by-herself.json", "production", name)
    before = slots(central)
    (answer,) = central.invoke("mfa-device", event)
    assert (answer.outcome, answer.reason) == ("acted", "contain-mfa-removed"), answer
    assert (name in contained(central), slots(central)) == (True, before)


def test_without_the_store_nobody_is_contained(central: Hub) -> None:
    plan(central, "max_quarantines: 4")
    central.lost = "organization/brakes/"
    event = sign_in(central, "production")
    (answer,) = central.invoke("sign-in", event)
    assert (answer.outcome, answer.error_type) == ("error", "AwsUnavailable")
    assert central.policies_of("production", "bob") == []
    central.lost = None
    (answer,) = central.invoke("sign-in", event)
    assert (answer.outcome, len(central.policies_of("production", "bob"))) == ("acted", 1)
