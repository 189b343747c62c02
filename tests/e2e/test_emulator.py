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

from .harness import Harness
from .people import Person, named


def report(iam: Any) -> list[dict[str, str]]:
    iam.generate_credential_report()
    text = iam.get_credential_report()["Content"].decode("utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def assert_no_report(iam: Any, code: str) -> None:
    with pytest.raises(ClientError) as error:
        iam.get_credential_report()
    assert error.value.response["Error"]["Code"] == code


def test_report_is_made_first_and_kept_for_four_hours(enforcer: Harness) -> None:
    account, iam = enforcer.account, enforcer.emulator.client("iam")
    account.fill(named("alice", "bob"))
    assert_no_report(iam, "ReportNotPresent")
    account.report_takes(2)
    assert iam.generate_credential_report()["State"] == "STARTED"
    for _ in range(2):
        assert iam.generate_credential_report()["State"] == "INPROGRESS"
        assert_no_report(iam, "ReportInProgress")
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    account.delete("bob")
    assert [row["user"] for row in report(iam)] == ["<root_account>", "alice", "bob"]
    account.days_pass()
    assert_no_report(iam, "ReportExpired")
    account.report_takes(0)
    assert [row["user"] for row in report(iam)] == ["<root_account>", "alice"]


def test_report_has_the_words_of_aws(enforcer: Harness) -> None:
    day = timedelta(days=1)
    oscar = Person(name="oscar", password_age=30 * day, changed=3 * day, last_used=day, access_keys=1)
    enforcer.account.fill([*named("bob", "erin", "ivan"), oscar])
    root, bob, erin, ivan, oscars = report(enforcer.emulator.client("iam"))
    assert (root["password_enabled"], root["mfa_active"]) == ("not_supported", "true")
    assert (bob["password_enabled"], bob["password_last_used"]) == ("true", "no_information")
    assert (bob["mfa_active"], erin["mfa_active"]) == ("false", "true")
    assert (ivan["password_enabled"], ivan["password_last_changed"]) == ("false", "N/A")
    assert bob["user_creation_time"] == bob["password_last_changed"]
    assert oscars["user_creation_time"] < oscars["password_last_changed"] < oscars["password_last_used"]
    assert (oscars["access_key_1_active"], oscars["access_key_2_active"]) == ("true", "false")
