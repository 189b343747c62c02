"""`user` reads with policies/plan.json alone, and tells what happened to a user."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from .clients import Clients
from .deployment import PLANNER, STACK
from .emulator import Emulator
from .gaps import IAM
from .people import PEOPLE
from .test_plan import ACTIONS, SCOPE, binary, run

__all__ = ["binary"]


@pytest.fixture
def account(aws: Emulator) -> Emulator:
    aws.account.fill(PEOPLE.values())
    IAM.attach_user_policy(STACK.arn("EverythingQuarantinePolicy"), "heidi")
    aws.proxy.calls.clear()
    return aws


def test_user_needs_no_more_than_the_policy_of_plan(binary: str, account: Emulator) -> None:
    done = run([binary, "user", "Erin", *SCOPE, "--format", "json"], account)
    assert (done.returncode, done.stderr) == (0, "")
    known = json.loads(done.stdout)
    assert (known["unknown"], known["user"]["name"]) == ([], "erin")
    assert [device["kind"] for device in known["user"]["mfa"]["devices"]] == ["security-key-or-passkey"]
    calls = [call for call in account.proxy.calls if call.role == PLANNER]
    assert {call.name for call in calls} <= {*ACTIONS, "sts:GetCallerIdentity"}
    assert not any(call.writes for call in calls)


def test_event_history_tells_what_happened(binary: str, account: Emulator) -> None:
    iam = Clients(account)("iam")
    iam.tag_user(UserName="bob", Tags=[{"Key": "mfa-enforcer:exempt-until", "Value": "2099-12-31 TICKET-1"}])
    iam.update_user(UserName="bob", NewPath="/staff/")
    iam.tag_user(UserName="alice", Tags=[{"Key": "mfa-enforcer:approved", "Value": "yes"}])
    account.strict.history.age(timedelta(minutes=6))
    done = run([binary, "user", "bob", *SCOPE, "--format", "json"], account)
    known = json.loads(done.stdout)
    told = [(each["what"], each["by"]) for each in known["happened"]]
    assert told == [
        ("noted: exempt until the end of 2099-12-31 (UTC): TICKET-1", "user admin (access key)"),
        ("moved to the path /staff/", "user admin (access key)"),
    ]
    assert known["stands"] == "exempt until the end of 2099-12-31 (UTC)"


def test_user_is_told_as_in_a_plan(binary: str, account: Emulator) -> None:
    plan = json.loads(run([binary, "plan", *SCOPE, "--format", "json"], account).stdout)
    for name in ("alice", "bob", "heidi"):
        user = json.loads(run([binary, "user", name, *SCOPE, "--format", "json"], account).stdout)
        (planned,) = [each for each in plan["users"] if each["user"]["name"] == name]
        words = [(each["what"], each["messages"], each["reason"]) for each in user["expected"]]
        assert words == [(each["what"], each["messages"], each["reason"]) for each in planned["expected"]]


def test_missing_user_is_an_error(binary: str, account: Emulator) -> None:
    done = run([binary, "user", "nobody"], account)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: there is no IAM user `nobody` in account 123456789012\n"


def test_refused_calls_are_named(binary: str, account: Emulator) -> None:
    account.strict.forbid("cloudtrail:LookupEvents")
    done = run([binary, "user", "alice", *SCOPE], account)
    assert done.returncode == 1
    assert "Not known:" in done.stdout
    assert "calls of TagUser: cloudtrail:LookupEvents failed" in done.stdout


def test_records_of_another_account_are_refused(binary: str, account: Emulator, tmp_path: Path) -> None:
    (tmp_path / "evidence" / "999988887777").mkdir(parents=True)
    (tmp_path / "evidence" / "999988887777" / "x.json").write_text("{}", encoding="utf-8")
    done = run([binary, "user", "alice", *SCOPE, "--records", str(tmp_path)], account)
    assert (done.returncode, done.stdout) == (2, "")
    assert "has nothing of account 123456789012" in done.stderr
