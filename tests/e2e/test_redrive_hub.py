"""Dead letters of a hub: each event is looked up in its own account, and orders go back into their queue."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from . import functions
from .checked_members import summaries_of
from .deployment import ACCOUNT, HUB_REDRIVER, environment, policy
from .gaps import utc_now
from .hub_events import by_bob
from .hubs import Hub, hub
from .organizations import ROLE, Organization, organization
from .proxy import Call, Forward, answer
from .test_plan import binary

__all__ = ["binary", "organization"]

SIGN_IN = "ConsoleLogin/alice-in-grace-without-mfa.json"
ENFORCING = "defaults: {mode: enforce, grace_period: 0s}"
POLICIES = (policy("redrive"), policy("redrive-organization"))
ACTIONS = {action for document in POLICIES for each in document["Statement"] for action in each["Action"]}
Done = subprocess.CompletedProcess[str]


class Desk:
    """A person with the policies of `redrive` in a hub, and its queues."""

    def __init__(self, central: Hub) -> None:
        self.central, self.organization = central, central.organization
        self.sqs = central.client("sqs")
        for logical, queue in central.stack.of_type("AWS::SQS::Queue").items():
            fifo = {"FifoQueue": "true"} if queue.get("FifoQueue") else {}
            if logical != "AccountQueue":
                self.sqs.create_queue(QueueName=central.stack.physical_name(logical), Attributes=fifo)
        self.mark = len(self.organization.aws.proxy.calls)

    def __call__(self, *arguments: str, sure: bool = True) -> Done:
        return subprocess.run(
            [self.organization.binary, "redrive", "--format", "json", *arguments, *["--yes"] * sure],
            env=environment(self.organization.aws.url, HUB_REDRIVER.function),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def calls(self) -> set[str]:
        calls = self.organization.aws.proxy.calls[self.mark :]
        return {call.name for call in calls if call.role == HUB_REDRIVER}

    def url(self, logical: str) -> str:
        name = self.central.stack.physical_name(logical)
        return str(self.sqs.get_queue_url(QueueName=name)["QueueUrl"])

    def undelivered(self, event: dict[str, Any]) -> None:
        named = {
            "RULE_ARN": f"arn:aws:events:us-east-1:{ACCOUNT}:rule/mfa-enforcer/mfa-enforcer-sign-ins",
            "TARGET_ARN": self.central.stack.arn("SignInFunction"),
        }
        given = {name: {"DataType": "String", "StringValue": value} for name, value in named.items()}
        self.sqs.send_message(
            QueueUrl=self.url("DeadLetters"), MessageBody=json.dumps(event), MessageAttributes=given
        )

    def unfinished(self, queue: str, group: str, **order: str) -> None:
        """An order that failed three times."""
        self.sqs.send_message(
            QueueUrl=self.url(queue),
            MessageBody=json.dumps(order),
            MessageGroupId=group,
            MessageDeduplicationId=f"{len(order)}{sorted(order.items())}"[:128].translate(CLEAN),
        )

    def account(self, name: str, kind: str, age: timedelta) -> str:
        due = f"{utc_now() - age:%Y-%m-%dT%H:%M:%SZ}"
        number = self.central.account(name)
        self.unfinished("AccountDeadLetters", number, account=number, sweep=kind, scheduledTime=due)
        return due

    def waiting(self, queue: str) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=self.url(queue), AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)

    def ordered(self) -> list[tuple[dict[str, str], str]]:
        """What is in the queue of accounts, each with its group."""
        received: list[tuple[dict[str, str], str]] = []
        while batch := self.sqs.receive_message(
            QueueUrl=self.central.queue, MaxNumberOfMessages=10, AttributeNames=["MessageGroupId"]
        ).get("Messages"):
            received += [(json.loads(each["Body"]), each["Attributes"]["MessageGroupId"]) for each in batch]
        return received


# What an id of SQS may not have.
CLEAN = str.maketrans(dict.fromkeys(" '(),[]:", "-"))


@pytest.fixture
def desk(organization: Organization, tmp_path: Path) -> Iterator[Desk]:
    functions.build(show=False)
    strict = organization.aws.strict
    with ExitStack() as stack, hub(organization, tmp_path / "log") as central:
        central.put(ENFORCING)
        central.invoke("sweep", {"Records": [{"messageId": "1", "body": '{"list":"organization"}'}]})
        resources = central.stack

        def listed(call: Call, forward: Forward) -> Any:
            if call.name != "cloudformation:ListStackResources":
                return forward(call)
            return answer(call, summaries_of(resources, ("AWS::Lambda::Function", "AWS::SQS::Queue")))

        stack.enter_context(organization.aws.proxy.rule(listed))
        strict.invocations.invoke = lambda name, payload: central.invoke(name, json.loads(payload))[0]
        strict.history.late = timedelta(0)
        yield Desk(central)
    strict.clear()
    strict.invocations.invoke = None


def states(done: Done) -> list[tuple[str | None, str, str | None]]:
    rows = json.loads(done.stdout)["deadLetters"]
    return [(row["event"]["account"], row["state"], row["history"]) for row in rows]


def test_event_is_looked_up_in_its_own_account(desk: Desk) -> None:
    event = by_bob(desk.central, SIGN_IN, "staging")
    staging = desk.central.account("staging")
    desk.organization.recorded[staging] = [event["detail"]]
    desk.undelivered(event)
    desk.account("sandbox", "hourly", timedelta(minutes=20))
    desk.organization.assumed.clear()
    done = desk()
    assert done.returncode == 0, done.stdout + done.stderr
    assert (staging, "done", "found") in states(done)
    # The history of the hub's own account was not needed.
    assert desk.calls() == ACTIONS - {"cloudtrail:LookupEvents"} | {"sts:GetCallerIdentity"}
    assert desk.central.policies_of("staging", "bob")
    (assumed,) = (call for call in desk.organization.assumed if call.role == HUB_REDRIVER)
    assert assumed.parameters["RoleArn"] == f"arn:aws:iam::{staging}:role/{ROLE}"
    assert json.loads(assumed.parameters["Policy"]) == policy("redrive-history")


def test_event_that_its_account_does_not_have_is_left(desk: Desk) -> None:
    event = by_bob(desk.central, SIGN_IN, "staging")
    # Another account has it, and so has the hub.
    desk.organization.recorded[desk.central.account("sandbox")] = [event["detail"]]
    desk.organization.aws.strict.history.know(event)
    desk.undelivered(event)
    done = desk()
    ((_, state, history),) = states(done)
    assert (done.returncode, state, history) == (1, "left", "too-recent")
    assert not desk.central.policies_of("staging", "bob")
    assert desk.waiting("DeadLetters") == 1


def test_account_without_the_role_is_named_and_costs_no_other(desk: Desk) -> None:
    for name in ("staging", "sandbox"):
        event = by_bob(desk.central, SIGN_IN, name)
        event["detail"]["eventID"] = f"event-of-{name}"
        desk.organization.recorded[desk.central.account(name)] = [event["detail"]]
        desk.undelivered(event)
    staging = desk.central.account("staging")
    desk.organization.refused.add(staging)
    done = desk("--dry-run", sure=False)
    found = {account: history for account, _, history in states(done)}
    assert found == {staging: "not-read", desk.central.account("sandbox"): "found"}
    error = json.loads(done.stdout)["historyError"]
    assert f"in account {staging}" in error
    assert "Name a role with --role" in error


def test_orders_go_back_into_the_queue_of_accounts_in_their_groups(desk: Desk) -> None:
    desk.account("staging", "hourly", timedelta(minutes=20))
    daily = desk.account("staging", "daily", timedelta(minutes=90))
    hourly = desk.account("production", "hourly", timedelta(minutes=30))
    desk.account("sandbox", "hourly", timedelta(minutes=90))
    desk.unfinished("SweepDeadLetters", "sweep", list="organization")
    done = desk()
    assert done.returncode == 0, done.stdout + done.stderr
    said = {
        (row["event"]["account"], row["says"].partition(":")[0])
        for row in json.loads(done.stdout)["deadLetters"]
    }
    staging, production, sandbox = (desk.central.account(n) for n in ("staging", "production", "sandbox"))
    assert said == {
        (staging, "ordered"),
        (staging, f"made up for by the new daily sweep of {staging}"),
        (production, "ordered"),
        (sandbox, "dropped"),
        (None, "ordered"),
    }
    assert sorted(desk.ordered(), key=str) == sorted(
        [
            ({"account": staging, "sweep": "daily", "scheduledTime": daily}, staging),
            ({"account": production, "sweep": "hourly", "scheduledTime": hourly}, production),
        ],
        key=str,
    )
    assert desk.organization.aws.strict.gaps.orders == [{"list": "organization"}]
    for queue in ("AccountDeadLetters", "SweepDeadLetters"):
        assert desk.waiting(queue) == 0


def test_order_that_cannot_be_read_is_left(desk: Desk) -> None:
    desk.unfinished("AccountDeadLetters", "x", account="../1", sweep="daily")
    done = desk()
    (row,) = json.loads(done.stdout)["deadLetters"]
    assert (done.returncode, row["state"], row["queue"]) == (1, "left", "accounts")
    assert "malformed event: `body.account`" in row["says"]
    assert desk.waiting("AccountDeadLetters") == 1


def test_orders_stay_if_their_queue_does_not_take_them(desk: Desk) -> None:
    desk.account("staging", "hourly", timedelta(minutes=20))
    desk.organization.aws.strict.forbid("sqs:SendMessage")
    done = desk()
    assert done.returncode == 1
    assert "sqs:SendMessage failed" in done.stdout
    assert desk.waiting("AccountDeadLetters") == 1
