"""`doctor --live` with policies/doctor.json and doctor-live.json alone, through the functions themselves."""

import json
import signal
import subprocess
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from . import functions
from .deployed_parts import deploy
from .deployment import LIVE_DOCTOR, environment, policy
from .gaps import IAM
from .harness import Harness
from .live_way import LOGS, LiveWay
from .proxy import Call, Forward

ACTIONS = {action for statement in policy("doctor-live")["Statement"] for action in statement["Action"]}
OF_BUS = {"events:PutEvents", "logs:FilterLogEvents"}
# A user is tagged by the call that makes it, which IAM asks this permission for as well.
OF_IAM = ACTIONS - {"events:PutEvents", "iam:TagUser"}
PATH = "/mfa-enforcer-doctor/"


@pytest.fixture(scope="module")
def binary() -> str:
    functions.build(False, "mfa-enforcer")
    return str(functions.binary("mfa-enforcer"))


@pytest.fixture
def account(enforcer: Harness) -> Iterator[Harness]:
    """A deployment, and an account without users."""
    enforcer.account.fill(())
    deploy(enforcer.emulator)
    yield enforcer
    # Users of tests that were refused the deletion.
    enforcer.account.fill(())


def command(binary: str, account: Harness, *arguments: str) -> tuple[list[str], dict[str, str]]:
    return [binary, "doctor", *arguments], environment(account.emulator.url, "doctor-live")


def run(binary: str, account: Harness, *arguments: str) -> subprocess.CompletedProcess[str]:
    line, given = command(binary, account, *arguments)
    return subprocess.run(line, env=given, capture_output=True, text=True, check=False, timeout=120)


def live(binary: str, account: Harness, *arguments: str) -> list[dict[str, Any]]:
    """What is said of the test."""
    done = run(binary, account, "--format", "json", *arguments)
    assert done.stderr == ""
    found: list[dict[str, Any]] = json.loads(done.stdout)["checks"]
    return [check for check in found if check["item"] == "live"]


def calls(account: Harness, mark: int) -> list[Call]:
    """The calls that only a test makes."""
    found = [call for call in account.proxy.calls[mark:] if call.role == LIVE_DOCTOR]
    return [call for call in found if call.name in ACTIONS]


def users_left() -> list[str]:
    return [name for name, user in IAM.users.items() if user.path == PATH]


def test_test_event_reaches_a_function_and_its_log(binary: str, account: Harness) -> None:
    mark, way = len(account.proxy.calls), LiveWay(account)
    with account.proxy.rule(way):
        (check,) = live(binary, account, "--live")
    assert check["state"] == "ok"
    assert "does not prove that the trail's events reach the rules" in check["says"]
    assert way.reached == [["user-lifecycle"]]
    made = calls(account, mark)
    assert {call.name for call in made} == OF_BUS
    # Nothing but the doctor called anything: the function ignores the event.
    assert not [call for call in account.proxy.calls[mark:] if call.role != LIVE_DOCTOR]


def test_creation_of_a_user_reaches_a_function_and_the_user_is_deleted(binary: str, account: Harness) -> None:
    mark, way = len(account.proxy.calls), LiveWay(account)
    with account.proxy.rule(way):
        (check,) = live(binary, account, "--live=iam", "--yes")
    assert check["state"] == "ok"
    assert "the creation of the user mfa-enforcer-doctor-" in check["says"]
    assert way.reached == [["user-lifecycle"]]
    made = {call.name: call for call in calls(account, mark)}
    assert made.keys() == OF_IAM
    assert made["iam:CreateUser"].parameters["Path"] == PATH
    assert made["iam:CreateUser"].tags == {"application": "mfa-enforcer"}
    assert not users_left()


@pytest.mark.parametrize("arguments", [("--live",), ("--live=iam", "--yes")])
def test_what_does_not_arrive_is_broken(arguments: tuple[str, ...], binary: str, account: Harness) -> None:
    with account.proxy.rule(LiveWay(account, is_cut=True)):
        (check,) = live(binary, account, *arguments, "--wait", "1s")
    assert check["state"] == "broken"
    assert "after 1 second" in check["says"]
    assert check["advice"]
    assert not users_left()


def test_missing_log_is_unknown(binary: str, account: Harness) -> None:
    with account.proxy.rule(LiveWay(account)):
        LOGS.reset()
        (check,) = live(binary, account, "--live")
    assert check["state"] == "unknown"
    assert "logs:FilterLogEvents failed" in check["says"]


@pytest.mark.parametrize(
    ("action", "arguments"),
    [
        *((action, ("--live",)) for action in sorted(OF_BUS)),
        *((action, ("--live=iam", "--yes")) for action in sorted(OF_IAM - {"iam:DeleteUser"})),
    ],
)
def test_refused_call_of_a_test_is_unknown(
    action: str, arguments: tuple[str, ...], binary: str, account: Harness
) -> None:
    account.strict.forbid(action)
    with account.proxy.rule(LiveWay(account)):
        (check,) = live(binary, account, *arguments)
    assert check["state"] == "unknown"
    assert f"{action} failed: access denied" in check["says"]
    assert "policies/doctor-live.json" in check["advice"]
    assert not users_left()


def test_user_that_cannot_be_deleted_is_named(binary: str, account: Harness) -> None:
    account.strict.forbid("iam:DeleteUser")
    with account.proxy.rule(LiveWay(account)):
        arrived, left = live(binary, account, "--live=iam", "--yes")
    (name,) = users_left()
    assert arrived["state"] == "ok"
    assert left["state"] == "warning"
    assert left["advice"] == f"aws iam delete-user --user-name {name}"


@pytest.mark.parametrize("ends", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_test_deletes_its_user(ends: signal.Signals, binary: str, account: Harness) -> None:
    is_waiting = threading.Event()

    def watch(call: Call, forward: Forward) -> Any:
        if call.name == "logs:FilterLogEvents":
            assert users_left()
            is_waiting.set()
        return forward(call)

    line, given = command(binary, account, "--live=iam", "--yes")
    with (
        account.proxy.rule(LiveWay(account, is_cut=True)),
        account.proxy.rule(watch),
        subprocess.Popen(line, env=given, text=True, stdout=-1, stderr=-1) as running,
    ):
        assert is_waiting.wait(60)
        running.send_signal(ends)
        out, error = running.communicate(timeout=60)
    assert (running.returncode, out) == (2, "")
    assert "it was interrupted, and the IAM user mfa-enforcer-doctor-" in error
    assert "is deleted again" in error
    assert not users_left()


def test_user_is_not_made_without_asking(binary: str, account: Harness) -> None:
    mark = len(account.proxy.calls)
    line, given = command(binary, account, "--live=iam")
    done = subprocess.run(
        line, env=given, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no terminal to ask on: say --yes" in done.stderr
    assert not [call for call in account.proxy.calls[mark:] if call.role == LIVE_DOCTOR]
