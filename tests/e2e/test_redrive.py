"""Dead letters run again by the command line: each goes to its function, and is removed only after that."""

import json
import os
import pty
import signal
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from . import samples
from .clients import Clients
from .deployed_parts import deploy_queues
from .deployment import ACCOUNT, REDRIVER, STACK, policy
from .desk import CommandLine, Done
from .faults import Fault, denied, throttled
from .functions import Answer
from .gaps import user_ids
from .harness import Harness
from .people import named
from .proxy import Call, Forward
from .test_plan import binary

__all__ = ["binary"]

ACTIONS = sorted(action for statement in policy("redrive")["Statement"] for action in statement["Action"])
RULE = {
    "RULE_ARN": f"arn:aws:events:us-east-1:{ACCOUNT}:rule/mfa-enforcer-sign-ins",
    "ERROR_CODE": "NO_PERMISSIONS",
    "ERROR_MESSAGE": "no permission to invoke",
}
BOB, ALICE = "ConsoleLogin/bob-overdue-without-mfa.json", "ConsoleLogin/alice-in-grace-without-mfa.json"


class Desk(CommandLine):
    """A person with policies/redrive.json, and the queues of the stack."""

    def __init__(self, binary: str, enforcer: Harness) -> None:
        super().__init__(binary, enforcer, REDRIVER, "redrive")
        self.sqs = Clients(enforcer.emulator)("sqs")

    def invoked(self) -> list[str]:
        """The functions that were invoked, in order, each with the user."""
        return [
            f"{call.parameters['FunctionName'].split('-')[2]} {user_of(call.parameters['Payload'])}"
            for call in self.calls()
            if call.action == "InvokeFunction"
        ]

    def contained(self, name: str) -> str | None:
        return self.enforcer.account.users()[name].contained_by

    def url(self, queue: str) -> str:
        return str(self.sqs.get_queue_url(QueueName=STACK.physical_name(queue))["QueueUrl"])

    def put(self, body: str, **attributes: str) -> None:
        """EventBridge or Lambda gives up. If it is an event, CloudTrail knows it."""
        message = json.loads(body) if body.startswith("{") else {}
        event = message.get("requestPayload", message)
        if "detail" in event:
            self.enforcer.strict.history.know(event)
        self.invent(body, **attributes)

    def invent(self, body: str, **attributes: str) -> None:
        """Somebody who may write to the queue does."""
        given = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        self.sqs.send_message(QueueUrl=self.url("DeadLetters"), MessageBody=body, MessageAttributes=given)

    def undelivered(self, sample: str, logical: str = "SignInFunction") -> None:
        self.put(payload(sample), **RULE, TARGET_ARN=STACK.arn(logical))

    def unfinished(self, kind: str, hour: int) -> None:
        """A sweep that did not finish in three runs."""
        order = {"sweep": kind, "scheduledTime": f"2026-11-24T{hour:02}:07:00Z"}
        self.sqs.send_message(
            QueueUrl=self.url("SweepDeadLetters"),
            MessageBody=json.dumps(order),
            MessageGroupId="sweep",
            MessageDeduplicationId=f"{kind}-{hour}",
        )

    def waiting(self, queue: str = "DeadLetters") -> tuple[int, int]:
        """How many messages somebody could take, and how many somebody has taken."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=self.url(queue), AttributeNames=names)["Attributes"]
        visible, hidden = (int(found[name]) for name in names)
        return visible, hidden


def payload(sample: str) -> str:
    return json.dumps(samples.fresh(sample, user_ids()))


def user_of(event: bytes) -> str:
    return str(json.loads(event)["detail"]["userIdentity"]["userName"])


def unhandled(event: str, error: str, logical: str = "SignInFunction") -> str:
    """What Lambda writes of an event that its function could not handle."""
    return json.dumps(
        {
            "version": "1.0",
            "timestamp": "2026-11-24T08:00:00.000Z",
            "requestContext": {
                "requestId": "5f2c7a9e-3b1d-4c8f-9a6e-2d4b8c1f0e73",
                "functionArn": f"{STACK.arn(logical)}:$LATEST",
                "condition": "RetriesExhausted",
                "approximateInvokeCount": 3,
            },
            "requestPayload": json.loads(event),
            "responseContext": {"statusCode": 200, "functionError": "Unhandled"},
            "responsePayload": {"errorType": error, "errorMessage": "iam:AttachUserPolicy failed"},
        }
    )


@pytest.fixture
def desk(binary: str, enforcer: Harness) -> Iterator[Desk]:
    enforcer.account.fill(named("alice", "bob", "dave", "heidi"))
    deploy_queues(enforcer.emulator)
    enforcer.strict.history.late = timedelta(0)
    yield Desk(binary, enforcer)
    enforcer.strict.clear()


def audited(done: Done) -> list[tuple[str, str]]:
    lines = [line.removeprefix("audit: ") for line in done.stderr.splitlines() if line.startswith("audit: ")]
    found = [json.loads(line) for line in lines]
    assert all(line["caller"].startswith("arn:aws:") and line["account"] == ACCOUNT for line in found)
    return [(line["function"], line["state"]) for line in found]


def states(done: Done) -> list[tuple[str | None, str]]:
    return [(row["event"]["user"], row["state"]) for row in json.loads(done.stdout)["deadLetters"]]


def test_event_is_handled_once_the_cause_is_gone(desk: Desk, enforcer: Harness) -> None:
    with enforcer.proxy.rule(Fault("iam:AttachUserPolicy", denied, times=9)):
        failed = enforcer.deliver(BOB)
        assert failed.answer.error_type == "AccessDenied"
        desk.put(unhandled(enforcer._last[BOB].decode(), failed.answer.error_type))
        still = desk()
        assert (still.returncode, "AccessDenied: iam:AttachUserPolicy failed" in still.stdout) == (1, True)
        assert audited(still) == [("sign-in", "failed")]
        assert (desk.waiting(), desk.contained("bob")) == ((1, 0), None)
    done = desk("--by", "carol, for INC-4711")
    assert done.returncode == 0, done.stderr
    assert "done     sign-in ConsoleLogin about bob: acted: " in done.stdout
    assert "1 removed, 0 in the queues." in done.stdout
    assert audited(done) == [("sign-in", "done")]
    assert "carol, for INC-4711" in done.stderr
    assert (desk.waiting(), desk.contained("bob")) == ((0, 0), "policy")
    again = desk()
    assert (again.returncode, "Nothing that can be taken" in again.stdout) == (0, True)


def test_events_are_run_as_they_were_sent(desk: Desk) -> None:
    desk.undelivered(BOB)
    desk.put(unhandled(payload(ALICE), "Throttled"))
    desk.undelivered("ConsoleLogin/dave-enrolled-since-without-mfa.json")
    done = desk("--format", "json")
    assert (done.returncode, states(done)) == (0, [("bob", "done"), ("alice", "done"), ("dave", "done")])
    assert desk.invoked() == ["SignInFunction bob", "SignInFunction alice", "SignInFunction dave"]
    assert (desk.contained("bob"), desk.contained("dave")) == ("policy", None)


def history(done: Done) -> list[str | None]:
    return [row["history"] for row in json.loads(done.stdout)["deadLetters"]]


def test_invented_event_is_not_run_unseen(desk: Desk) -> None:
    desk.invent(payload(BOB), **RULE, TARGET_ARN=STACK.arn("SignInFunction"))
    desk.undelivered("ConsoleLogin/dave-enrolled-since-without-mfa.json")
    done = desk("--format", "json")
    assert (done.returncode, states(done)) == (1, [("bob", "left"), ("dave", "done")])
    assert history(done) == ["too-recent", "found"]
    assert (desk.invoked(), desk.contained("bob")) == (["SignInFunction dave"], None)
    assert desk.waiting() == (1, 0)


def test_changed_event_is_not_run_unseen(desk: Desk) -> None:
    event = json.loads(payload(BOB))
    desk.enforcer.strict.history.know(event)
    identity = json.loads(payload(ALICE))["detail"]["userIdentity"]
    changed = {**event, "detail": {**event["detail"], "userIdentity": identity}}
    desk.invent(json.dumps(changed), **RULE, TARGET_ARN=STACK.arn("SignInFunction"))
    done = desk("--format", "json")
    assert (done.returncode, states(done), history(done)) == (1, [("alice", "left")], ["differs"])
    assert (desk.invoked(), desk.waiting()) == ([], (1, 0))


def test_invented_event_is_not_run_unseen_in_any_form(desk: Desk) -> None:
    twice = payload(BOB).replace('"detail":', '"detail": {}, "detail":', 1)
    desk.invent(twice, **RULE, TARGET_ARN=STACK.arn("SignInFunction"))
    bounced = {**json.loads(payload(BOB)), "source": "aws.ses", "detail-type": "Email Bounced"}
    desk.enforcer.strict.history.know(bounced)
    desk.invent(json.dumps(bounced), **RULE, TARGET_ARN=STACK.arn("GuardFunction"))
    done = desk("--format", "json")
    assert (done.returncode, states(done)) == (1, [("bob", "left")] * 2)
    assert sorted(map(str, history(done))) == ["not-recorded", "too-recent"]
    assert (desk.invoked(), desk.contained("bob"), desk.waiting()) == ([], None, (2, 0))


def test_history_that_fails_in_one_region_is_read_in_the_others(desk: Desk) -> None:
    elsewhere = json.loads(payload(BOB))
    elsewhere["detail"]["awsRegion"] = "eu-west-1"
    desk.put(json.dumps(elsewhere), **RULE, TARGET_ARN=STACK.arn("SignInFunction"))
    desk.undelivered("ConsoleLogin/dave-enrolled-since-without-mfa.json")

    def fails(call: Call, forward: Forward) -> Any:
        there = "/eu-west-1/cloudtrail/" in call.environ["HTTP_AUTHORIZATION"]
        return denied(call, forward) if there else forward(call)

    with desk.enforcer.proxy.rule(fails):
        done = desk("--format", "json")
    assert (done.returncode, states(done)) == (1, [("bob", "left"), ("dave", "done")])
    assert history(done) == ["not-read", "found"]
    error = json.loads(done.stdout)["historyError"]
    assert error.startswith("in eu-west-1, cloudtrail:LookupEvents failed: access denied"), error


def test_invented_event_is_shown_as_one_and_can_be_run(desk: Desk) -> None:
    desk.invent(payload(BOB), **RULE, TARGET_ARN=STACK.arn("SignInFunction"))
    shown = desk("--dry-run", sure=False)
    assert "-> warning: not yet in CloudTrail's history" in " ".join(shown.stdout.split())
    asking, ours = begun(desk)
    os.write(ours, b"y\n")
    out, _ = asking.communicate(timeout=60)
    os.close(ours)
    assert "-> warning: not yet in CloudTrail's history" in " ".join(out.decode().split())
    assert (asking.returncode, desk.contained("bob")) == (0, "policy")


def test_failed_event_does_not_stop_the_others(desk: Desk, enforcer: Harness) -> None:
    desk.undelivered(BOB)
    desk.undelivered("ConsoleLogin/dave-enrolled-since-without-mfa.json")
    with enforcer.proxy.rule(Fault("iam:AttachUserPolicy", denied, times=9)):
        done = desk("--format", "json")
    assert (done.returncode, states(done)) == (1, [("bob", "failed"), ("dave", "done")])
    assert desk.waiting() == (1, 0)


def test_what_is_not_for_a_function_of_the_stack_is_left(desk: Desk) -> None:
    other = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:payroll"
    desk.put(payload(BOB), **RULE, TARGET_ARN=other)
    desk.put(unhandled(payload(BOB), "AccessDenied").replace(STACK.arn("SignInFunction"), other))
    desk.put(payload(BOB), **RULE, TARGET_ARN=f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default")
    desk.put("hello")
    done = desk()
    assert done.returncode == 1
    for says in (f"{other} is not a function", "to be forwarded to the event bus", "its form is not known"):
        assert says in done.stdout
    assert (desk.invoked(), audited(done), desk.waiting()) == ([], [], (4, 0))


def test_one_sweep_makes_up_for_all(desk: Desk, enforcer: Harness) -> None:
    for kind, hour in (("hourly", 5), ("daily", 6), ("hourly", 7)):
        desk.unfinished(kind, hour)
    desk.put(
        '{"sweep":"hourly","scheduledTime":"2026-11-24T08:07:00Z"}',
        SCHEDULE_ARN=f"arn:aws:scheduler:us-east-1:{ACCOUNT}:schedule/default/mfa-enforcer-hourly",
    )
    done = desk("--format", "json")
    assert done.returncode == 0, done.stderr
    (order,) = enforcer.strict.gaps.orders
    assert order["sweep"] == "daily"
    assert order["scheduledTime"] > "2026-11-24T08:07:00Z"
    assert (desk.waiting(), desk.waiting("SweepDeadLetters")) == ((0, 0), (0, 0))
    assert desk.invoked() == []
    # The sweep takes the order for one.
    assert enforcer.deliver("Sweep/rule.json", changes=order).answer.outcome != "error"


def test_sweeps_stay_if_none_can_be_ordered(desk: Desk, enforcer: Harness) -> None:
    desk.unfinished("hourly", 5)
    enforcer.strict.forbid("sqs:SendMessage")
    done = desk()
    assert (done.returncode, "sqs:SendMessage failed" in done.stdout) == (1, True)
    assert (desk.waiting("SweepDeadLetters"), enforcer.strict.gaps.orders) == ((1, 0), [])


def test_only_and_max_leave_the_others(desk: Desk) -> None:
    desk.undelivered("DetachUserPolicy/heidi-by-an-admin.json", "GuardFunction")
    for _ in range(3):
        desk.undelivered("ConsoleLogin/dave-enrolled-since-without-mfa.json")
    done = desk("--only", "guard", "--format", "json")
    assert states(done) == [("heidi", "done")]
    # Those of another function are left.
    assert (done.returncode, desk.waiting(), json.loads(done.stdout)["leftOut"]) == (1, (3, 0), 3)
    done = desk("--max", "2")
    assert (done.returncode, "There may be more: run this again." in done.stdout) == (1, True)
    assert desk.waiting() == (1, 0)


def test_dry_run_leaves_everything(desk: Desk) -> None:
    desk.undelivered(BOB)
    desk.unfinished("daily", 6)
    done = desk("--dry-run", "--format", "json", sure=False)
    rows = json.loads(done.stdout)["deadLetters"]
    assert (done.returncode, [row["state"] for row in rows]) == (1, ["waiting", "waiting"])
    assert rows[0]["event"]["id"]
    assert (desk.waiting(), desk.waiting("SweepDeadLetters")) == ((1, 0), (1, 0))
    assert {call.action for call in desk.calls() if call.writes} == {
        "ReceiveMessage",
        "ChangeMessageVisibility",
    }


def test_policy_is_all_that_is_needed_and_no_more(desk: Desk) -> None:
    desk.undelivered(BOB)
    desk.unfinished("hourly", 5)
    assert desk().returncode == 0
    assert {call.name for call in desk.calls()} == {*ACTIONS, "sts:GetCallerIdentity"}


def test_control_leaves_it_to_this_role(desk: Desk, enforcer: Harness) -> None:
    enforcer.strict.lay_over("protect-quarantine.scp.json")
    desk.undelivered(BOB)
    desk.unfinished("hourly", 5)
    done = desk()
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("action", ACTIONS)
def test_denied_call_is_named_and_nothing_is_lost(action: str, desk: Desk, enforcer: Harness) -> None:
    desk.undelivered(BOB)
    desk.undelivered(ALICE)
    desk.unfinished("hourly", 5)
    enforcer.strict.forbid(action)
    done = desk()
    said = done.stdout + done.stderr
    before = action in ("cloudformation:ListStackResources", "sqs:ReceiveMessage")
    assert done.returncode == (2 if before else 1), said
    assert f"{action} failed: access denied" in said
    assert "policies/redrive.json" in said
    # What would be refused for all is tried once.
    assert len(desk.invoked()) <= (2 if action in ("sqs:DeleteMessage", "sqs:SendMessage") else 1)
    everything = sum(desk.waiting()) + sum(desk.waiting("SweepDeadLetters"))
    # Without the history, no event is run that nobody has seen; the order is written anew.
    handled = {"lambda:InvokeFunction": 1, "cloudtrail:LookupEvents": 1, "sqs:SendMessage": 2}.get(action, 0)
    assert everything == 3 - handled


def test_throttled_function_leaves_the_event(desk: Desk, enforcer: Harness) -> None:
    desk.undelivered(BOB)
    with enforcer.proxy.rule(Fault("lambda:InvokeFunction", throttled, times=99)):
        done = desk()
    assert (done.returncode, "lambda:InvokeFunction failed: throttled" in done.stdout) == (1, True)
    assert desk.waiting() == (1, 0)


def test_other_stack_is_named(desk: Desk, enforcer: Harness) -> None:
    enforcer.strict.gaps.stack_status = ""
    done = desk("--stack", "mfa-enforcer")
    assert (done.returncode, "there is no stack mfa-enforcer" in done.stderr) == (2, True), done.stderr


def test_answer_of_another_program_removes_nothing(desk: Desk, enforcer: Harness) -> None:
    desk.undelivered(BOB)
    lambdas = enforcer.strict.invocations
    ours, lambdas.invoke = lambdas.invoke, lambda _function, _payload: Answer()
    done = desk()
    lambdas.invoke = ours
    assert (done.returncode, "not as a function of the enforcer" in done.stdout) == (1, True)
    assert desk.waiting() == (1, 0)


def begun(desk: Desk, *arguments: str) -> tuple[subprocess.Popen[bytes], int]:
    """The command on a terminal, once it asks."""
    ours, theirs = pty.openpty()
    asking = subprocess.Popen(
        [desk.binary, "redrive", *arguments],
        env=desk.environment,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    os.close(theirs)
    assert asking.stderr
    said = b""
    while b"[y/N]" not in said:
        more = asking.stderr.read1(1000)  # type: ignore[attr-defined]
        assert more, said
        said += more
    return asking, ours


@pytest.mark.parametrize(
    ("answer", "status", "waiting"),
    [("y\n", 0, (0, 0)), ("n\n", 2, (1, 0)), ("\n", 2, (1, 0)), ("", -signal.SIGINT, (0, 1))],
)
def test_question_is_asked_on_a_terminal(
    answer: str, status: int, waiting: tuple[int, int], desk: Desk
) -> None:
    desk.undelivered(BOB)
    asking, ours = begun(desk)
    if answer:
        os.write(ours, answer.encode())
    else:
        # What was taken out is seen again once the time has passed for which it is held.
        asking.send_signal(signal.SIGINT)
    asking.communicate(timeout=60)
    os.close(ours)
    assert (asking.returncode, desk.waiting()) == (status, waiting)
    assert desk.contained("bob") == ("policy" if status == 0 else None)


def test_event_is_held_anew_once_it_was_looked_up(desk: Desk) -> None:
    desk.undelivered(BOB)
    asking, ours = begun(desk)
    assert [call.action for call in desk.calls()][-2:] == ["LookupEvents", "ChangeMessageVisibility"]
    os.write(ours, b"n\n")
    asking.communicate(timeout=60)
    os.close(ours)
    assert (asking.returncode, desk.waiting()) == (2, (1, 0))


def test_end_in_the_middle_loses_nothing(desk: Desk, enforcer: Harness) -> None:
    desk.undelivered(BOB)
    desk.undelivered(ALICE)
    asking, ours = begun(desk)

    def ended(call: Call, forward: Forward) -> Any:
        """The function has handled the event, and nobody is there to hear it."""
        answered = forward(call)
        if call.action == "InvokeFunction":
            asking.kill()
            asking.wait(60)
        return answered

    with enforcer.proxy.rule(ended):
        os.write(ours, b"y\n")
        asking.communicate(timeout=60)
    os.close(ours)
    assert (desk.contained("bob"), desk.waiting()) == ("policy", (0, 2))


def test_without_a_terminal_nobody_is_asked(desk: Desk) -> None:
    for arguments, says in (((), "there is no terminal to ask on"), (("--format", "json"), "does not ask")):
        done = desk(*arguments, sure=False)
        assert (done.returncode, says in done.stderr) == (2, True), done.stderr
    assert desk.calls() == []
