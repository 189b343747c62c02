"""The emulated account answers as AWS does where a test would otherwise pass for the wrong reason.

It is asked by a caller that is not one of ours: boto3.
"""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .account import Account
from .deployment import EXEMPT_TAG, NOTIFIED_TAG, POLICY_ARN
from .faults import TokenBucket
from .harness import Harness
from .people import Person, named, phone
from .proxy import Call, refuse

ROOT_ARN = "arn:aws:iam::123456789012:root"
ROOT_PHONE = "arn:aws:iam::123456789012:mfa/root-account-mfa-device"


@pytest.fixture(name="account")
def _account(enforcer: Harness) -> Account:
    enforcer.account.fill(named("alice", "bob", "dave", "erin", "ivan"))
    return enforcer.account


@pytest.fixture(name="iam")
def _iam(enforcer: Harness) -> Any:
    return enforcer.emulator.client("iam")


def report(iam: Any) -> list[dict[str, str]]:
    iam.generate_credential_report()
    text = iam.get_credential_report()["Content"].decode("utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def assert_no_report(iam: Any, code: str) -> None:
    with pytest.raises(ClientError) as error:
        iam.get_credential_report()
    assert error.value.response["Error"]["Code"] == code


def test_report_is_made_first_and_kept_for_four_hours(account: Account, iam: Any) -> None:
    assert_no_report(iam, "ReportNotPresent")
    account.report_takes(2)
    assert iam.generate_credential_report()["State"] == "STARTED"
    for _ in range(2):
        assert iam.generate_credential_report()["State"] == "INPROGRESS"
        assert_no_report(iam, "ReportInProgress")
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    account.delete("bob")
    assert "bob" in [row["user"] for row in report(iam)]
    account.days_pass()
    assert_no_report(iam, "ReportExpired")
    account.report_takes(0)
    assert [row["user"] for row in report(iam)] == ["<root_account>", "alice", "dave", "erin", "ivan"]


def test_report_has_the_words_of_aws(account: Account, iam: Any) -> None:
    used = timedelta(days=1)
    account.add(Person(name="oscar", password_age=30 * used, changed=3 * used, last_used=used, access_keys=1))
    root, alice, bob, dave, erin, ivan, oscar = report(iam)
    assert (root["arn"], root["password_enabled"], root["mfa_active"]) == (ROOT_ARN, "not_supported", "true")
    assert (bob["password_enabled"], bob["password_last_used"]) == ("true", "no_information")
    assert (bob["mfa_active"], dave["mfa_active"], erin["mfa_active"]) == ("false", "true", "true")
    assert (ivan["password_enabled"], ivan["password_last_changed"]) == ("false", "N/A")
    assert bob["user_creation_time"] == bob["password_last_changed"] < alice["password_last_changed"]
    assert oscar["user_creation_time"] < oscar["password_last_changed"] < oscar["password_last_used"]
    assert (oscar["access_key_1_active"], oscar["access_key_2_active"]) == ("true", "false")


def test_users_and_devices_come_in_pages(account: Account, iam: Any) -> None:
    users = [
        Person(name=f"user-{n:04}", devices=(phone(f"user-{n:04}"),), tags={"team": "a & b"})
        for n in range(1100)
    ]
    account.fill(users)
    account.contain("user-0007", timedelta(hours=1))
    size = {"PageSize": 1000}
    details = iam.get_paginator("get_account_authorization_details")
    pages = [page["UserDetailList"] for page in details.paginate(Filter=["User"], PaginationConfig=size)]
    assert [len(page) for page in pages] == [1000, 100]
    contained = pages[0][7]
    assert [policy["PolicyArn"] for policy in contained["AttachedManagedPolicies"]] == [POLICY_ARN]
    assert {"Key": "team", "Value": "a & b"} in contained["Tags"]
    devices = iam.get_paginator("list_virtual_mfa_devices")
    listed = devices.paginate(AssignmentStatus="Assigned", PaginationConfig=size)
    assert [len(page["VirtualMFADevices"]) for page in listed] == [1000, 101]


def test_virtual_devices_have_owners_until_taken(account: Account, iam: Any) -> None:
    account.enrol("bob", phone("bob"))
    account.take_device("bob", phone("bob"))
    listed = iam.list_virtual_mfa_devices(AssignmentStatus="Any")["VirtualMFADevices"]
    assert {device["SerialNumber"]: device.get("User", {}).get("Arn") for device in listed} == {
        ROOT_PHONE: ROOT_ARN,
        phone("bob"): None,
        phone("dave"): "arn:aws:iam::123456789012:user/dave",
    }


def test_days_pass_for_everything(account: Account, iam: Any) -> None:
    account.tag("bob", NOTIFIED_TAG, "reminder 2026-11-24T06:00:00Z event=sweep-20261124T060000Z")
    account.tag("bob", "days", "sweep-20261124 12345678")
    account.tag("bob", EXEMPT_TAG, "2026-12-31")
    before, given = report(iam)[2], iam.get_login_profile(UserName="bob")["LoginProfile"]["CreateDate"]
    account.days_pass(2)
    tags = account.user("bob").tags
    assert tags[NOTIFIED_TAG] == "reminder 2026-11-22T06:00:00Z event=sweep-20261122T060000Z"
    assert tags["days"] == "sweep-20261122 12345678"
    assert tags[EXEMPT_TAG] == "2026-12-29"
    assert given - iam.get_login_profile(UserName="bob")["LoginProfile"]["CreateDate"] == timedelta(days=2)
    assert report(iam)[2]["user_creation_time"] < before["user_creation_time"]


def test_bucket_lets_through_what_it_holds() -> None:
    now = 0.0
    bucket, call = TokenBucket(10, 2, lambda: now), Call("iam", "GetUser", {})

    def passes() -> bool:
        return bucket(call, lambda _: refuse("Passed", "")).get_data().count(b"Passed") == 1

    assert [passes() for _ in range(3)] == [True, True, False]
    now = 0.1
    assert [passes() for _ in range(2)] == [True, False]
    now = 60.0
    assert [passes() for _ in range(3)] == [True, True, False]
    assert (bucket.passed, bucket.refused) == (5, 3)
