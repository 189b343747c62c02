"""An organization with a hub in the emulator, with what the templates make in each account."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from moto.s3.models import s3_backends
from moto.sqs.models import sqs_backends
from werkzeug.wrappers import Response

from tests.stack.members import Member
from tests.stack.resolved_stack import Location, ResolvedStack

from . import judge
from .deployment import ACCOUNT, DIGEST_SCHEMA, ORGANIZATION_DOCTOR, REGION, environment
from .gaps import utc_now
from .member_stacks import ELSEWHERE, MemberStacks
from .organizations import ROLE, Organization
from .proxy import Call, Forward, answer, deny

NAME = "mfa-enforcer-member"
# What is asked in each account.
OF_ACCOUNTS = {"account", "cloudformation", "events", "iam", "lambda", "s3", "sqs"}
# Every figure of a result, each of them 0.
_DIGEST = json.loads(DIGEST_SCHEMA.read_text(encoding="utf-8"))
FIGURES: list[str] = _DIGEST["properties"]["figures"]["required"]
NONE = {"count": 0, "listed": []}


def summaries_of(
    stack: ResolvedStack, kinds: tuple[str, ...], named: Callable[[str], str] = str
) -> dict[str, Any]:
    """What CloudFormation says of the resources of these types in a stack."""
    resources = [
        {
            "LogicalResourceId": name,
            "PhysicalResourceId": named(stack.physical_id(name)),
            "ResourceType": kind,
            "LastUpdatedTimestamp": utc_now(),
            "ResourceStatus": "CREATE_COMPLETE",
        }
        for kind in kinds
        for name in stack.of_type(kind)
    ]
    return {"StackResourceSummaries": resources}


@dataclass
class Checked:
    """The hub is in `production`, or in the account that is named, and whoever asks in the emulated one."""

    organization: Organization
    # Parameters of the stacks of members, and of the hub, beside those that they need.
    of_members: tuple[tuple[str, str], ...] = ()
    of_hub: dict[str, str] = field(default_factory=dict)
    in_account: str | None = None
    # The account of each session and its policy, by its access key.
    sessions: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    # What was called in each account, and what of that is to be refused: a call, in an account or a region.
    called: list[tuple[str, str]] = field(default_factory=list)
    refused: set[tuple[str, str]] = field(default_factory=set)
    # Where test events go, if a test has a way for them.
    way: Callable[[Call, str, Forward], Response] | None = None

    @property
    def hub(self) -> str:
        return self.in_account or self.organization.accounts["production"]

    @cached_property
    def stacks(self) -> MemberStacks:
        return MemberStacks(self.hub, Member(Location(), ELSEWHERE, self.of_members))

    @property
    def member(self) -> Member:
        return self.stacks.member

    @cached_property
    def stack(self) -> ResolvedStack:
        hub = self.member.hub
        return replace(hub, parameters=hub.parameters | self.of_hub)

    def of(self, account: str, value: Any) -> Any:
        """What a template says, in this account of this organization."""
        return self.stacks.of(account, value)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [
                *(self.organization.binary, "doctor", "--org"),
                *("--hub", self.hub, "--stack", self.stack.name, *arguments),
            ],
            env=environment(self.organization.aws.url, "doctor-organization"),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def checkup(self) -> tuple[int, dict[str, Any]]:
        """The exit status, and what was found."""
        done = self.run("--format", "json")
        assert done.stderr == ""
        found: dict[str, Any] = json.loads(done.stdout)
        return done.returncode, found

    def fill(self) -> None:
        self._hub()
        for number in {*self.organization.accounts.values(), self.hub}:
            self.stacks.fill_iam(number)
            self.stacks.fill_rules(number)

    def _hub(self) -> None:
        """The queues and the bucket of the hub, with what a sweep leaves there."""
        for logical in self.stack.of_type("AWS::SQS::Queue"):
            name = self.stack.physical_name(logical)
            fifo: dict[str, Any] = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
            sqs_backends[self.hub][REGION].create_queue(name, **fifo)
        s3_backends[self.hub]["aws"].create_bucket(self.bucket, REGION)
        self.put("settings.yaml", b"defaults: {mode: enforce}")
        now = utc_now()
        at = f"{now:%Y-%m-%dT%H:%M:%SZ}"
        numbers = {"master": ACCOUNT, **self.organization.accounts}
        accounts = [
            {"units": ["Root"], "unitIds": ["r-ab12"], "name": name, "id": number, "state": "ACTIVE"}
            for name, number in numbers.items()
        ]
        tree = {"form": 1, "organization": judge.ORGANIZATION, "at": at, "units": [], "accounts": accounts}
        self.put("tree.json", json.dumps(tree).encode())
        asked = [{key: each[key] for key in ("id", "name", "units")} for each in accounts]
        for run in (f"{now:%Y-%m-%dT%H}", f"{now:%Y-%m-%dT%H}-daily"):
            plan = {"schemaVersion": "1.0", "run": run, "organization": judge.ORGANIZATION, "accounts": asked}
            self.put(f"runs/{run}/plan.json", json.dumps({**plan, "due": at, "asked": at}).encode())
        for number in numbers.values():
            result = {"schemaVersion": "1.0", "run": run, "account": number, "at": at}
            outcome = {"outcome": {"swept": _swept()}}
            self.put(f"runs/{run}/accounts/{number}.json", json.dumps({**result, **outcome}).encode())

    @property
    def bucket(self) -> str:
        sweep = self.stack.of_type("AWS::Lambda::Function")["SweepFunction"]
        return str(sweep["Environment"]["Variables"]["EVIDENCE_BUCKET"])

    def put(self, key: str, value: bytes) -> None:
        s3_backends[self.hub]["aws"].put_object(self.bucket, f"organization/{key}", value)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """The sessions of this command do what their policies allow, and the stacks of the hub are there."""
        proxy = self.organization.aws.proxy
        before, rules = proxy._witness, proxy._lasting_rules
        proxy._witness = lambda call, forward: self.within(call, lambda passed: before(passed, forward))
        # After the judge, which judges the caller's own calls.
        proxy._lasting_rules = (rules[0], self.own_call, *rules[1:])
        try:
            yield
        finally:
            proxy._witness, proxy._lasting_rules = before, rules

    def within(self, call: Call, forward: Forward) -> Response:
        """The rule that lets a session do what its policy allows: the role itself may do everything."""
        if call.name == "sts:AssumeRole":
            response = forward(call)
            if key := re.search(r"<AccessKeyId>(\w+)<", response.get_data(as_text=True)):
                account = call.parameters["RoleArn"].split(":")[4]
                self.sessions[key[1]] = (account, json.loads(call.parameters["Policy"]))
            return response
        if call.caller not in self.sessions:
            return forward(call)
        account, policy = self.sessions[call.caller]
        region = call.environ["HTTP_AUTHORIZATION"].split("/")[2]
        self.called.append((account, call.name))
        request = {
            "principal": f"arn:aws:sts::{account}:assumed-role/{ROLE}/session",
            "account": account,
            "action": call.name,
            "resource": judge.resource_of(call).replace(ACCOUNT, account),
            "context": {"aws:SecureTransport": "true", **judge.context_of(call)},
        }
        policies = {"identity": [policy], "controls": [], "resource": None}
        verdict = self.organization.aws.strict.judge.evaluator.verdict(policies, request)
        if verdict != "Allowed" or {(call.name, account), (call.name, region)} & self.refused:
            return deny(call, f"not authorized to perform: {call.name}")
        return self._answer(call, account)

    def own_call(self, call: Call, forward: Forward) -> Response:
        """The rule for whoever asks in the account of the hub, where there is no session."""
        is_own = call.role == ORGANIZATION_DOCTOR and self.hub == ACCOUNT
        return self._answer(call, ACCOUNT) if is_own and call.service in OF_ACCOUNTS else forward(call)

    def _answer(self, call: Call, account: str) -> Response:
        """What moto knows, and the hub's stack, which is not deployed there."""
        if call.name == "account:ListRegions":
            named = [{"RegionName": region, "RegionOptStatus": "ENABLED"} for region in (REGION, ELSEWHERE)]
            return answer(call, {"Regions": named})
        stack = self.stack
        if call.name == "cloudformation:DescribeStacks":
            outputs = self.of(account, stack.outputs).items()
            told = {
                "StackId": f"arn:aws:cloudformation:{REGION}:{account}:stack/{stack.name}/1",
                "StackName": stack.name,
                "CreationTime": utc_now(),
                "StackStatus": "CREATE_COMPLETE",
                "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs],
            }
            return answer(call, {"Stacks": [told]})
        if call.name == "cloudformation:ListStackResources":
            kinds = ("AWS::Lambda::Function", "AWS::SQS::Queue", "AWS::Logs::LogGroup")
            return answer(call, summaries_of(stack, kinds, lambda name: self.of(account, name)))
        if call.name == "lambda:GetFunctionConfiguration":
            functions = stack.of_type("AWS::Lambda::Function").items()
            (found,) = (
                each
                for name, each in functions
                if stack.physical_name(name) == call.parameters["FunctionName"]
            )
            told = {"Role": found["Role"], "Environment": found["Environment"]}
            return answer(call, self.of(account, told))
        return self.way(call, account, self._emulated) if self.way else self._emulated(call)

    def _emulated(self, call: Call) -> Response:
        # What stands before the emulator knows one account alone.
        return Response.from_app(self.organization.aws.proxy._emulator, call.request(), buffered=True)


def _swept() -> dict[str, Any]:
    return {
        "sweep": "1",
        "mode": "enforce",
        "figures": dict.fromkeys(FIGURES, 0),
        "root": {"mfa": "virtual", "accessKeys": False, "lastUsed": None},
        "did": {},
        "releasedByExemption": 0,
        "remaining": 0,
        **dict.fromkeys(("people", "findings", "failures"), NONE),
        "changedSomething": False,
        "leftSomething": False,
        "evidence": None,
    }


@contextmanager
def checked(
    organization: Organization,
    of_members: tuple[tuple[str, str], ...] = (),
    in_account: str | None = None,
    **of_hub: str,
) -> Iterator[Checked]:
    """The same organization with a hub with which nothing is wrong."""
    made = Checked(organization, of_members, of_hub, in_account)
    made.fill()
    try:
        with made.watched():
            yield made
    finally:
        for number in (*organization.accounts.values(), ACCOUNT):
            s3_backends[number]["aws"].reset()
            made.stacks.reset_rules(number)
