"""The emulated account answers as AWS does, to a caller that is none of ours: boto3."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .account import Account
from .cast import ALICE, BOB, DAVE, ERIN, IVAN, Person, phone
from .credentials import ROOT_ARN, ROOT_PHONE
from .deployment import ALERTS_TOPIC_ARN, EXEMPT_TAG, NOTIFIED_TAG, POLICY_ARN, ROOT_LEDGER_TAG
from .emulator import Emulator
from .throttle import TokenBucket
from .wire import Call

PENDING = "PendingConfirmation"


@pytest.fixture(name="emulator", scope="module")
def _emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture(name="account")
def _account(emulator: Emulator) -> Account:
    account = Account(emulator)
    account.fill((ALICE, BOB, DAVE, ERIN, IVAN))
    return account


@pytest.fixture(name="iam")
def _iam(emulator: Emulator) -> Any:
    return emulator.client("iam")


def crowd(account: Account, size: int) -> None:
    account.fill(())
    for number in range(size):
        name = f"user-{number:04}"
        account.add(Person(name, devices=(phone(name),), tags={"team": "a & b"}), listens=False)


def report(iam: Any) -> list[dict[str, str]]:
    iam.generate_credential_report()
    text = iam.get_credential_report()["Content"].decode("utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_the_report_is_made_first(account: Account, iam: Any) -> None:
    with pytest.raises(ClientError) as error:
        iam.get_credential_report()
    assert code(error) == "ReportNotPresent"
    account.report_takes(2)
    assert iam.generate_credential_report()["State"] == "STARTED"
    for _ in range(2):
        assert iam.generate_credential_report()["State"] == "INPROGRESS"
        with pytest.raises(ClientError) as error:
            iam.get_credential_report()
        assert code(error) == "ReportInProgress"
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    assert iam.get_credential_report()["ReportFormat"] == "text/csv"


def test_the_report_is_a_snapshot_for_four_hours(account: Account, iam: Any) -> None:
    assert len(report(iam)) == 6
    account.delete("bob")
    assert len(report(iam)) == 6
    account.days_pass()
    with pytest.raises(ClientError) as error:
        iam.get_credential_report()
    assert code(error) == "ReportExpired"
    assert [row["user"] for row in report(iam)] == ["<root_account>", "alice", "dave", "erin", "ivan"]


def test_the_report_speaks_as_aws_does(account: Account, iam: Any) -> None:
    account.add(
        Person("oscar", timedelta(days=30), changed=timedelta(days=3), last_used=timedelta(1), keys=1)
    )
    root, alice, bob, dave, erin, ivan, oscar = report(iam)
    assert (root["user"], root["arn"]) == ("<root_account>", ROOT_ARN)
    assert (root["password_enabled"], root["password_last_changed"]) == ("not_supported", "not_supported")
    assert (root["password_last_used"], root["mfa_active"]) == ("no_information", "true")
    assert (bob["password_enabled"], bob["password_last_used"]) == ("true", "no_information")
    assert (bob["mfa_active"], dave["mfa_active"], erin["mfa_active"]) == ("false", "true", "true")
    assert (ivan["password_enabled"], ivan["password_last_changed"]) == ("false", "N/A")
    assert bob["password_last_changed"].endswith("+00:00")
    assert bob["user_creation_time"] == bob["password_last_changed"] < alice["password_last_changed"]
    assert oscar["user_creation_time"] < oscar["password_last_changed"] < oscar["password_last_used"]
    assert (oscar["access_key_1_active"], oscar["access_key_2_active"]) == ("true", "false")


def test_users_come_in_pages(account: Account, emulator: Emulator, iam: Any) -> None:
    crowd(account, 1200)
    account.contain("user-0007", timedelta(hours=1))
    pages = [iam.get_account_authorization_details(Filter=["User"], MaxItems=1000)]
    pages.append(
        iam.get_account_authorization_details(Filter=["User"], MaxItems=1000, Marker=pages[0]["Marker"])
    )
    assert [(len(page["UserDetailList"]), page["IsTruncated"]) for page in pages] == [
        (1000, True),
        (200, False),
    ]
    users = {user["UserName"]: user for page in pages for user in page["UserDetailList"]}
    assert len(users) == 1200
    contained = users["user-0007"]
    assert [policy["PolicyArn"] for policy in contained["AttachedManagedPolicies"]] == [POLICY_ARN]
    assert {"Key": "team", "Value": "a & b"} in contained["Tags"]
    emulator.census.page_limit = 70
    paginator = iam.get_paginator("get_account_authorization_details")
    sizes = [len(page["UserDetailList"]) for page in paginator.paginate(Filter=["User"])]
    assert (max(sizes), sum(sizes), len(sizes)) == (70, 1200, 18)
    with pytest.raises(ClientError) as error:
        iam.get_account_authorization_details(Filter=["User"], Marker="70")
    assert code(error) == "ValidationError"


def test_groups_are_told_with_the_user(account: Account, iam: Any) -> None:
    iam.create_group(GroupName="staff")
    iam.add_user_to_group(GroupName="staff", UserName="bob")
    (page,) = iam.get_paginator("get_account_authorization_details").paginate(Filter=["User"])
    groups = {user["UserName"]: user["GroupList"] for user in page["UserDetailList"]}
    assert groups == {"alice": [], "bob": ["staff"], "dave": [], "erin": [], "ivan": []}


def test_virtual_devices_are_told_with_their_owners(account: Account, iam: Any) -> None:
    account.enrol("bob", phone("bob"))
    account.take_device("bob", phone("bob"))

    def owners(status: str) -> dict[str, str | None]:
        devices = iam.list_virtual_mfa_devices(AssignmentStatus=status)["VirtualMFADevices"]
        return {device["SerialNumber"]: device.get("User", {}).get("Arn") for device in devices}

    daves = {phone("dave"): "arn:aws:iam::123456789012:user/dave"}
    assert owners("Assigned") == {ROOT_PHONE: ROOT_ARN, **daves}
    assert owners("Unassigned") == {phone("bob"): None}
    assert owners("Any") == {ROOT_PHONE: ROOT_ARN, phone("bob"): None, **daves}
    crowd(account, 1100)
    pages = iam.get_paginator("list_virtual_mfa_devices").paginate(
        AssignmentStatus="Assigned", PaginationConfig={"PageSize": 1000}
    )
    assert [len(page["VirtualMFADevices"]) for page in pages] == [1000, 101]


def test_the_summary_follows_root(account: Account, iam: Any) -> None:
    def root() -> tuple[int, int, int]:
        figures = iam.get_account_summary()["SummaryMap"]
        assert figures["Users"] == 5
        names = ("AccountMFAEnabled", "AccountAccessKeysPresent", "AccountPasswordPresent")
        return tuple(figures[name] for name in names)

    assert root() == (1, 0, 1)
    account.root.devices, account.root.access_keys, account.root.password = (), 2, False
    assert root() == (0, 1, 0)


def test_a_password_is_younger_than_its_user(account: Account, iam: Any) -> None:
    account.add(Person("oscar", timedelta(days=2), age=timedelta(days=300)))
    created = iam.get_user(UserName="oscar")["User"]["CreateDate"]
    given = iam.get_login_profile(UserName="oscar")["LoginProfile"]["CreateDate"]
    assert given - created == timedelta(days=298)
    for name in ("ivan", "nobody"):
        with pytest.raises(ClientError) as error:
            iam.get_login_profile(UserName=name)
        assert code(error) == "NoSuchEntity"


def test_topics_come_a_hundred_a_page(account: Account, emulator: Emulator) -> None:
    for number in range(150):
        emulator.sns.create_topic(f"topic-{number}")
    pages = list(emulator.client("sns").get_paginator("list_topics").paginate())
    assert [len(page["Topics"]) for page in pages] == [100, 56]


def test_an_address_is_pending_until_it_is_confirmed(account: Account, emulator: Emulator) -> None:
    sns = emulator.client("sns")

    def listed() -> list[str]:
        found = sns.list_subscriptions_by_topic(TopicArn=ALERTS_TOPIC_ARN)["Subscriptions"]
        return [entry["SubscriptionArn"] for entry in found if entry["Endpoint"] == "Eve@example.com"]

    account.leave_unconfirmed("eve@example.com")
    made = sns.subscribe(TopicArn=ALERTS_TOPIC_ARN, Protocol="email", Endpoint="Eve@example.com")
    assert (made["SubscriptionArn"], listed()) == ("pending confirmation", [PENDING])
    account.confirm("eve@example.com")
    assert [arn.startswith(ALERTS_TOPIC_ARN) for arn in listed()] == [True]


def test_days_pass_for_everything(account: Account, iam: Any) -> None:
    account.tag("bob", NOTIFIED_TAG, "reminder 2026-11-24T06:00:00Z event=sweep-20261124T060000Z")
    account.tag("bob", "days", "sweep-20261124 12345678")
    account.tag("bob", EXEMPT_TAG, "2026-12-31")
    before = {row["user"]: row for row in report(iam)}
    given = iam.get_login_profile(UserName="bob")["LoginProfile"]["CreateDate"]
    account.days_pass(2)
    tags = account.user("bob").tags
    assert tags[NOTIFIED_TAG] == "reminder 2026-11-22T06:00:00Z event=sweep-20261122T060000Z"
    assert tags["days"] == "sweep-20261122 12345678"
    assert tags[EXEMPT_TAG] == "2026-12-29"
    assert given - iam.get_login_profile(UserName="bob")["LoginProfile"]["CreateDate"] == timedelta(days=2)
    after = {row["user"]: row for row in report(iam)}
    assert after["bob"]["user_creation_time"] < before["bob"]["user_creation_time"]
    assert account.topic_tag(ROOT_LEDGER_TAG) is None


def test_a_bucket_lets_through_what_it_holds() -> None:
    now = 0.0
    bucket = TokenBucket(10, 2, lambda: now)
    call = Call("iam", "GetUser", {})
    assert [bucket(call) is None for _ in range(3)] == [True, True, False]
    assert bucket(Call("sqs", "ReceiveMessage", {})) is None
    now = 0.1
    assert [bucket(call) is None for _ in range(2)] == [True, False]
    now = 60.0
    assert [bucket(call) is None for _ in range(3)] == [True, True, False]
    assert (bucket.let_through, bucket.refused) == (5, 3)
