"""An operator's decisions, by the command line: what the guard and the next sweeps make of each."""

import json
import os
import pty
import signal
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from .deployment import ACCOUNT, APPROVED_TAG, EXEMPT_TAG, OPERATOR, QUARANTINED_TAG
from .desk import CommandLine, Done
from .harness import Harness
from .people import named
from .test_plan import binary

__all__ = ["binary"]

UNTIL = f"{datetime.now(timezone.utc) + timedelta(days=30):%Y-%m-%d}"
REASON = ("--until", UNTIL, "--reason", "INC-4711 token ordered")
CAROL = "carol@example.com"
PASSKEY = "arn:aws:iam::123456789012:u2f/user/carol@example.com/laptop-CDEFGHIJKLMNOPQRSTUVWXYZ"


class Desk(CommandLine):
    """A person with policies/operate.json, whose role the service control policy leaves decisions to."""

    def __init__(self, binary: str, enforcer: Harness) -> None:
        super().__init__(binary, enforcer, OPERATOR)

    def writes(self) -> list[str]:
        return [call.name for call in self.calls() if call.writes and call.service == "iam"]

    def user(self, name: str) -> Any:
        return self.enforcer.account.users()[name]


@pytest.fixture
def desk(binary: str, enforcer: Harness) -> Iterator[Desk]:
    enforcer.account.fill(named("alice", "bob", CAROL, "dave", "heidi", "ivan", "pilot"))
    enforcer.strict.history.undelivered()
    yield Desk(binary, enforcer)
    enforcer.strict.clear()


def audit(done: Done) -> dict[str, Any]:
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("audit: ")]
    found: dict[str, Any] = json.loads(line.removeprefix("audit: "))
    return found


def refused(done: Done, says: str, desk: Desk) -> None:
    assert (done.returncode, says in done.stderr) == (2, True), done.stderr
    assert "audit" not in done.stderr
    assert desk.writes() == []


@pytest.mark.parametrize("command", ["exempt", "release"])
def test_exempted_user_is_released_and_stays_free(command: str, desk: Desk, enforcer: Harness) -> None:
    done = desk(command, "heidi", *REASON, "--by", "carol, for INC-4711")
    assert done.returncode == 0, done.stderr
    assert "The guard lifts the quarantine within minutes" in done.stdout
    assert desk.writes() == ["iam:TagUser"]
    line = audit(done)
    assert (line["command"], line["user"], line["by"]) == (command, "heidi", "carol, for INC-4711")
    assert (line["until"], line["reason"]) == (UNTIL, "INC-4711 token ordered")
    assert line["caller"].startswith("arn:aws:")
    assert line["account"] == ACCOUNT
    told = [label for seen in enforcer.deliver_calls() for label in seen.told]
    assert any("exempted" in label for label in told), told
    assert any("released" in label for label in told), told
    for _ in range(2):
        assert (desk.user("heidi").contained_by, desk.user("heidi").tagged) == (None, False)
        assert "heidi" not in enforcer.sweep().iam_writes
    assert enforcer.deliver_calls() == []


def test_release_says_what_would_keep_the_user_free(desk: Desk) -> None:
    refused(desk("release", "heidi"), "Exempt them with --until and --reason", desk)
    refused(desk("release", "dave"), "dave: the user is not in quarantine", desk)


def test_approved_user_is_released(desk: Desk, enforcer: Harness) -> None:
    with enforcer.deployed(Release="approval"):
        enforcer.deliver("ConsoleLogin/carol-named-by-email-without-mfa.json")
        refused(desk("approve", CAROL), "the user has no MFA device", desk)
        enforcer.account.enrol(CAROL, PASSKEY)
        enforcer.deliver("EnableMFADevice/carol-passkey.json")
        assert desk.user(CAROL).contained_by == "strict policy"
        refused(desk("release", CAROL), "waits for an approval: `mfa-enforcer approve`", desk)
        enforcer.account.time_passes(timedelta(hours=1))
        done = desk("approve", CAROL)
        assert done.returncode == 0, done.stderr
        assert "Device  " in done.stdout
        assert audit(done)["done"] == [f"set-tag {APPROVED_TAG}"]
        told = [label for seen in enforcer.deliver_calls() for label in seen.told]
        assert any("released" in label for label in told), told
        assert (desk.user(CAROL).contained_by, desk.user(CAROL).is_ending) == ("policy", True)
        assert CAROL not in enforcer.sweep_hourly().iam_writes
        refused_by_end = desk("release", CAROL)
        assert "ends by itself at" in refused_by_end.stderr


def test_contained_user_stays_so_until_they_are_exempted(desk: Desk, enforcer: Harness) -> None:
    done = desk("contain", "alice", "--reason", "INC-4712 password on a list")
    assert done.returncode == 0, done.stderr
    assert desk.writes() == ["iam:AttachUserPolicy", "iam:TagUser"]
    assert audit(done)["reason"] == "INC-4712 password on a list"
    assert (desk.user("alice").contained_by, desk.user("alice").tagged) == ("policy", True)
    # The guard finds nothing to do, and the next sweep tells the user.
    assert [seen.iam_writes for seen in enforcer.deliver_calls() if seen.iam_writes] == []
    assert any("quarantined" in label for label in enforcer.sweep_hourly().told)
    assert desk.user("alice").said == "quarantined"
    refused_again = desk("contain", "alice", "--reason", "again")
    assert "in quarantine already" in refused_again.stderr
    # It is the enforcer's own, so what somebody takes off is put back.
    enforcer.administrator.detach_by_hand("alice")
    enforcer.deliver_calls()
    assert desk.user("alice").contained_by == "policy"
    assert desk("release", "alice", *REASON).returncode == 0
    enforcer.deliver_calls()
    assert (desk.user("alice").contained_by, desk.user("alice").tagged) == (None, False)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("exempt", "nobody", *REASON), "there is no IAM user `nobody` in account 123456789012"),
        (("exempt", "bob", "--until", "2020-01-01", "--reason", "x"), "would have ended on 2020-01-01"),
        (("exempt", "bob", "--until", "2999-01-01", "--reason", "x"), "2999-01-01 is more than 366 days"),
        (("exempt", "bob", "--until", UNTIL, "--reason", "a;b"), "1 to 200 characters that IAM allows"),
        (("approve", "bob"), "bob: the user does not wait for an approval"),
        (("contain", "pilot", "--reason", "x"), "pilot: this is a break-glass user"),
        (("contain", "ivan", "--reason", "x"), "ivan: the user has no console password"),
        (("contain", "dave", "--reason", "x"), "with RELEASE=automatic the next sweep would release"),
        (("exempt", "bob", *REASON, "--stack", "other"), "the settings of the stack `other` cannot be read"),
        # As in an account of an organization, which has no stack.
        (
            ("exempt", "bob", *REASON, "--stack", "none"),
            "use credentials of the hub's account, or with --hub",
        ),
        (("exempt", "bob", *REASON, "--stack", "none"), f"and --account {ACCOUNT}"),
    ],
)
def test_what_cannot_be_is_refused(arguments: tuple[str, ...], says: str, desk: Desk) -> None:
    refused(desk(*arguments), says, desk)


@pytest.mark.parametrize("command", [("exempt", "bob", *REASON), ("contain", "bob", "--reason", "x")])
def test_denied_call_changes_nothing(command: tuple[str, ...], desk: Desk, enforcer: Harness) -> None:
    enforcer.strict.forbid("iam:TagUser" if command[0] == "exempt" else "iam:AttachUserPolicy")
    done = desk(*command)
    assert done.returncode == 2
    assert "Nothing was changed" in done.stderr
    assert "policies/operate.json" in done.stderr
    assert (desk.user("bob").contained_by, desk.user("bob").tagged) == (None, False)
    assert EXEMPT_TAG not in desk.user("bob").tags


def test_containment_that_is_not_recorded_is_told(desk: Desk, enforcer: Harness) -> None:
    enforcer.strict.forbid("iam:TagUser")
    done = desk("contain", "bob", "--reason", "x")
    assert (done.returncode, "Only a part of it was done" in done.stdout) == (1, True), done.stderr
    assert audit(done)["done"] == ["attach-policy"]


def test_control_leaves_decisions_to_this_role(desk: Desk, enforcer: Harness) -> None:
    enforcer.strict.lay_over("protect-quarantine.scp.json")
    assert desk("exempt", "bob", *REASON).returncode == 0
    assert desk("contain", "alice", "--reason", "x").returncode == 0


def test_bus_that_refuses_is_told(desk: Desk, enforcer: Harness) -> None:
    enforcer.strict.forbid("events:PutEvents")
    done = desk("exempt", "bob", *REASON)
    assert (done.returncode, "It is not on the event bus" in done.stdout) == (1, True), done.stderr
    assert desk.user("bob").tags[EXEMPT_TAG] == f"{UNTIL} INC-4711 token ordered"


def test_dry_run_changes_nothing(desk: Desk) -> None:
    done = desk("contain", "bob", "--reason", "x", "--dry-run", sure=False)
    assert (done.returncode, desk.writes()) == (0, [])
    assert "To do   attach-policy" in done.stdout
    assert "Nothing was changed." in done.stdout


def test_without_a_terminal_nobody_is_asked(desk: Desk) -> None:
    refused(desk("exempt", "bob", *REASON, sure=False), "there is no terminal to ask on", desk)
    assert desk.calls() == []


@pytest.mark.parametrize(
    ("answer", "status", "writes"), [("n\n", 2, []), ("y\n", 0, ["iam:TagUser"]), ("", -signal.SIGINT, [])]
)
def test_question_is_asked_on_a_terminal(answer: str, status: int, writes: list[str], desk: Desk) -> None:
    ours, theirs = pty.openpty()
    command = [desk.binary, "exempt", "bob", *REASON]
    with subprocess.Popen(
        command, env=desk.environment, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as asking:
        assert asking.stderr
        said = b""
        while b"[y/N]" not in said:
            more = asking.stderr.read1(1000)  # type: ignore[attr-defined]
            assert more, said
            said += more
        if answer:
            os.write(ours, answer.encode())
        else:
            asking.send_signal(signal.SIGINT)
        asking.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert (asking.returncode, desk.writes()) == (status, writes)
    assert (EXEMPT_TAG in desk.user("bob").tags) == bool(writes)
    assert QUARANTINED_TAG not in desk.user("bob").tags
