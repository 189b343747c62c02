"""The emulated credential report behaves as AWS's does, where a test would pass for the wrong reason if not.

It is read with boto3, not with our own code.
"""

import csv
import io

import pytest
from mypy_boto3_iam import IAMClient

from .clients import Clients
from .harness import Harness
from .people import named


def report(iam: IAMClient) -> list[dict[str, str]]:
    text = iam.get_credential_report()["Content"].decode("utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def test_report_is_a_snapshot_of_up_to_four_hours_ago(enforcer: Harness) -> None:
    iam = Clients(enforcer.emulator)("iam")
    enforcer.account.fill(named("bob", "ivan"))
    enforcer.account.report_takes(1)
    with pytest.raises(iam.exceptions.CredentialReportNotPresentException):
        report(iam)
    assert iam.generate_credential_report()["State"] == "STARTED"
    assert iam.generate_credential_report()["State"] == "INPROGRESS"
    with pytest.raises(iam.exceptions.CredentialReportNotReadyException):
        report(iam)
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    enforcer.account.delete("bob")
    root, bob, ivan = report(iam)
    assert (root["password_enabled"], bob["password_last_used"]) == ("not_supported", "no_information")
    assert (ivan["password_enabled"], ivan["password_last_changed"]) == ("false", "N/A")
    enforcer.account.days_pass()
    with pytest.raises(iam.exceptions.CredentialReportExpiredException):
        report(iam)
