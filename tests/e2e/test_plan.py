"""`plan` and `report` read with policies/plan.json alone, and say what they could not read."""

import json
import subprocess
from typing import Any

import pytest

from . import functions
from .deployment import DEFAULT, PLANNER, ROOT, STACK, environment
from .emulator import Emulator
from .gaps import IAM
from .people import PEOPLE, crowd, named

POLICY: dict[str, Any] = json.loads((ROOT / "policies" / "plan.json").read_text(encoding="utf-8"))
ACTIONS = sorted(action for statement in POLICY["Statement"] for action in statement["Action"])
SCOPE = ("--quarantine-scope", "everything")
# Without these there is no plan. Any other leaves a gap, which the plan names.
NEEDED = {
    "iam:GenerateCredentialReport",
    "iam:GetAccountAuthorizationDetails",
    "iam:GetCredentialReport",
    "iam:ListVirtualMFADevices",
}


@pytest.fixture(scope="module")
def binary() -> str:
    functions.build(False, "mfa-enforcer")
    return str(functions.binary("mfa-enforcer"))


@pytest.fixture
def account(aws: Emulator) -> Emulator:
    """Users of whom everything has to be asked that may ever be asked."""
    aws.account.fill(PEOPLE.values())
    # Whether this quarantine may go, without a password, a list of access keys says.
    IAM.attach_user_policy(STACK.arn("EverythingQuarantinePolicy"), "heidi")
    IAM.delete_login_profile("heidi")
    aws.account.set_boundary("bob", "iam:Get*")
    aws.proxy.calls.clear()
    return aws


def plan(binary: str, aws: Emulator, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return run([binary, "plan", *SCOPE, *arguments], aws, **variables)


def run(command: list[str], aws: Emulator, **variables: str) -> subprocess.CompletedProcess[str]:
    given = environment(aws.url, "plan") | variables
    return subprocess.run(command, env=given, capture_output=True, text=True, check=False, timeout=120)


def test_plan_needs_no_more_than_its_policy(binary: str, account: Emulator) -> None:
    done = plan(binary, account, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    known = json.loads(done.stdout)
    assert known["unknown"] == []
    assert {person["user"]["name"] for person in known["users"]} == set(PEOPLE)
    calls = [call.name for call in account.proxy.calls if call.role == PLANNER]
    assert set(calls) == {*ACTIONS, "sts:GetCallerIdentity"}
    assert not any(call.writes for call in account.proxy.calls)


def test_report_needs_no_more_either(binary: str, account: Emulator) -> None:
    done = run([binary, "report", "--format", "json"], account)
    assert (done.returncode, done.stderr) == (0, "")
    known = json.loads(done.stdout)
    kinds = {user["name"]: [device["kind"] for device in user["mfa"]["devices"]] for user in known["users"]}
    assert set(kinds) == set(PEOPLE)
    assert (kinds["dave"], kinds["erin"], kinds["frank"]) == (
        ["virtual"],
        ["security-key-or-passkey"],
        ["hardware-totp"],
    )
    calls = {call.name for call in account.proxy.calls if call.role == PLANNER}
    assert calls <= {*ACTIONS, "sts:GetCallerIdentity"}


@pytest.mark.parametrize("action", sorted(NEEDED))
def test_plan_fails_without_its_sources(action: str, binary: str, account: Emulator) -> None:
    account.strict.forbid(action)
    done = plan(binary, account)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{action} failed" in done.stderr
    assert "policies/plan.json" in done.stderr


@pytest.mark.parametrize(
    "refused",
    [
        ("cloudtrail:LookupEvents", "iam:GetAccountSummary", "iam:GetPolicy", "iam:ListAccessKeys"),
        ("iam:GetLoginProfile",),
    ],
    ids=" ".join,
)
def test_other_refused_calls_are_named(refused: tuple[str, ...], binary: str, account: Emulator) -> None:
    account.strict.forbid(*refused)
    done = plan(binary, account, "--format", "json")
    known = json.loads(done.stdout)
    assert done.returncode == 1
    assert {person["user"]["name"] for person in known["users"]} == set(PEOPLE)
    said = "\n".join(known["unknown"])
    assert [action for action in refused if action not in said] == [], said


def test_settings_are_those_of_a_new_stack(binary: str, account: Emulator) -> None:
    settings = json.loads(plan(binary, account, "--format", "json").stdout)["settings"]
    # The first is chosen here, the second in the emulator's stack. Only a deployment knows the others.
    chosen = ("QUARANTINE_SCOPE", "BREAK_GLASS_PATH", "ALERTS_TOPIC_ARN", "STACK_ID")
    deployed = {name: value for name, value in DEFAULT.variables["sweep"].items() if name not in chosen}
    assert {name: settings[name] for name in deployed if name in settings} == deployed
    stack = DEFAULT.variables["sweep"]["STACK_ID"]
    assert settings["STACK_ID"].rpartition("/")[0] == stack.rpartition("/")[0]


def test_flags_win_over_file_and_environment(binary: str, account: Emulator, tmp_path: Any) -> None:
    file = tmp_path / "settings.env"
    file.write_text("# for a trial\nGRACE_PERIOD = 5d\nMODE='notify'\n", encoding="utf-8")
    arguments = ("--format", "json", "--env", "--settings", str(file), "--mode", "observe")
    done = plan(binary, account, *arguments, GRACE_PERIOD="9d", RELEASE_AFTER="1h", MODE="enforce")
    settings = json.loads(done.stdout)["settings"]
    found = [settings[name] for name in ("MODE", "GRACE_PERIOD", "RELEASE_AFTER")]
    assert found == ["observe", "5d", "1h"]
    without = json.loads(plan(binary, account, "--format", "json", GRACE_PERIOD="9d").stdout)["settings"]
    assert without["GRACE_PERIOD"] == "7d"


def test_table_has_everybody_who_is_concerned(binary: str, account: Emulator) -> None:
    done = plan(binary, account)
    assert done.returncode == 0
    assert "boundary does not let the user enrol" in done.stdout
    assert {name for name in PEOPLE if name in done.stdout} >= {"alice", "bob", "zoe"}


def test_large_account_costs_calls_for_those_in_doubt(binary: str, aws: Emulator) -> None:
    aws.account.fill((*crowd(1000), *named("bob")))
    aws.proxy.calls.clear()
    done = plan(binary, aws, "--format", "json")
    assert (done.returncode, len(json.loads(done.stdout)["users"])) == (0, 1001)
    assert len(aws.proxy.calls) < 40, len(aws.proxy.calls)
