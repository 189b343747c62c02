"""A hub in the emulator: its functions, its bucket and queue, and what member.yaml makes in each account.

Its functions call with the keys of the roles that the template makes in a hub, and the judge judges these
calls. In the accounts they act by sessions, which may do what their role and their own policy both allow.
"""

import json
import threading
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from moto.iam.models import iam_backends
from moto.s3.models import s3_backends
from moto.sqs.models import sqs_backends
from werkzeug.wrappers import Response

from tests.stack import members, roles
from tests.stack.resolved_stack import Location, ResolvedStack
from tests.stack.templates import translated

from . import judge
from .clients import Clients
from .deployment import ACCOUNT, DEFAULT, FUNCTIONS, REGION, RESOURCE_POLICIES, STACK, Deployment
from .functions import Answer
from .gaps import utc_now
from .member_stacks import MemberStacks, generated
from .organizations import Organization
from .proxy import Call, Forward, answer, deny, error_code, refuse
from .runtime_api import bootstrap

DOCUMENT = "organization/settings.yaml"
TREE = "organization/tree.json"
# How services say that a permission is missing, or that a question to the judge made no sense.
REFUSALS = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "KMSAccessDenied", "NotEvaluated"}


def deployed(organization: str, **parameters: str) -> ResolvedStack:
    """The main stack as the hub of this organization."""
    given = {"Hub": "yes", "OrganizationId": organization, "Evidence": "create", "Mode": "enforce"}
    return ResolvedStack(translated(), STACK.name, STACK.location, given | parameters)


# The same in every organization.
BUCKET = deployed(judge.ORGANIZATION).physical_name("EvidenceBucket")


@dataclass
class Session:
    account: str
    role: str
    name: str
    policy: dict[str, Any]


@dataclass
class Hub:
    organization: Organization
    stack: ResolvedStack
    log: Path
    # The calls of the hub's own roles, each with its function, and those that were refused.
    own: set[tuple[str, str]] = field(default_factory=set)
    denied: list[tuple[str, str]] = field(default_factory=list)
    sessions: dict[str, Session] = field(default_factory=dict)
    # What sessions called, and what was refused: the account, the role and the call.
    called: list[tuple[str, str, str]] = field(default_factory=list)
    refused: list[tuple[str, str, str]] = field(default_factory=list)
    # S3 does not answer for keys that begin like this.
    lost: str | None = None
    # S3 writes on a condition at one moment. The emulator looks first, and writes then.
    _writing: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def queue(self) -> str:
        return str(self.stack.resolve({"Ref": "AccountQueue"}))

    def client(self, service: str) -> Any:
        return Clients(self.organization.aws)(service)

    def put(self, text: str) -> str:
        """Puts the settings of the organization, and returns their version."""
        put = self.client("s3").put_object(Bucket=BUCKET, Key=DOCUMENT, Body=text.encode())
        return str(put["VersionId"])

    @contextmanager
    def running(self, function: str, **more: str) -> Iterator[Any]:
        variables = Deployment.of(self.stack).variables[function]
        # What only the stack of one account has.
        without = dict.fromkeys(DEFAULT.variables[function].keys() - variables.keys(), "")
        url = self.organization.aws.url
        given = {**without, **variables, **more}
        with bootstrap("debug", url, self.log, function=function, **given) as running:
            yield running

    def invoke(self, function: str, *payloads: dict[str, Any]) -> list[Answer]:
        with self.running(function) as running:
            return [running.invoke(function, json.dumps(payload).encode()) for payload in payloads]

    def lines(self) -> list[dict[str, Any]]:
        text = self.log.read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]

    def account(self, name: str) -> str:
        return self.organization.accounts[name]

    def policies_of(self, account: str, user: str) -> list[str]:
        return sorted(iam_backends[self.account(account)]["aws"].users[user].managed_policies)

    def fill(self, without: Set[str]) -> None:
        """What member.yaml makes, and a user without a device, in each account but the hub's and these."""
        for name, number in self.organization.accounts.items():
            if name not in without:
                self.fill_account(number)
            bob = iam_backends[number]["aws"].users["bob"]
            bob.create_date = utc_now() - timedelta(days=30)
            vars(bob)["password_created"] = bob.create_date

    def fill_account(self, number: str) -> None:
        """What member.yaml makes in an account."""
        MemberStacks(ACCOUNT).fill_iam(number)

    @staticmethod
    def part(logical: str) -> str:
        """The name of a policy or a group."""
        return generated(members.PLAIN.home, logical)

    def assume(self, call: Call, forward: Forward) -> Response:
        """The rule that notes each session of a function."""
        if call.name != "sts:AssumeRole" or ":role/mfa-enforcer/" not in call.parameters["RoleArn"]:
            return forward(call)
        _, _, _, _, account, role = call.parameters["RoleArn"].split(":")
        name = role.rpartition("/")[2]
        is_there = any(name == each.name for each in iam_backends[account]["aws"].roles.values())
        if not is_there or account in self.organization.refused:
            return deny(call, "not authorized to perform: sts:AssumeRole")
        response = forward(call)
        if response.status_code >= 400:
            return response
        text = response.get_data(as_text=True)
        key = text.partition("<AccessKeyId>")[2].partition("<")[0]
        session, policy = call.parameters["RoleSessionName"], json.loads(call.parameters["Policy"])
        self.sessions[key] = Session(account, role.rpartition("-")[2], session, policy)
        return response

    def store(self, call: Call, forward: Forward) -> Response:
        """The rule of the bucket."""
        if call.service != "s3":
            return forward(call)
        if self.lost is not None and call.parameters["Key"].startswith(self.lost):
            return refuse(call, "InternalError", "We encountered an internal error.", 500)
        if call.action != "PutObject":
            return forward(call)
        with self._writing:
            return forward(call)

    def within(self, call: Call, forward: Forward) -> Response:
        """The rule that lets a session do what its role and its own policy both allow."""
        session = self.sessions.get(call.caller)
        if not session:
            return forward(call)
        told = (session.account, session.role, call.name)
        if not self._allows(session, call):
            self.refused.append(told)
            return deny(call, f"not authorized to perform: {call.name}")
        self.called.append(told)
        if call.name == "cloudtrail:LookupEvents":
            return answer(call, {"Events": []})
        # What stands before the emulator knows one account alone, but all see the trail of the organization.
        aws = self.organization.aws
        return aws.strict.trails(
            call, lambda passed: Response.from_app(aws.proxy._emulator, passed.request(), buffered=True)
        )

    def _allows(self, session: Session, call: Call) -> bool:
        role = members.roles(members.PLAIN)[session.role]
        told = json.dumps([each["policy"] for each in role["policies"]])
        of_role = json.loads(told.replace(f":{ACCOUNT}:", f":{session.account}:"))
        request = {
            "principal": f"arn:aws:sts::{session.account}:assumed-role/{session.role}/{session.name}",
            "account": session.account,
            "action": call.name,
            "resource": self._resource(session, call),
            "context": {"aws:SecureTransport": "true", **judge.context_of(call)},
        }
        evaluator = self.organization.aws.strict.judge.evaluator
        policies = [{"identity": of_role}, {"identity": [session.policy]}]
        return all(
            evaluator.verdict({**each, "controls": [], "resource": None}, request) == "Allowed"
            for each in policies
        )

    def _resource(self, session: Session, call: Call) -> str:
        iam, named = iam_backends[session.account]["aws"], call.parameters
        if call.service == "cloudtrail":
            # CloudTrail lets every account of an organization look at its trail.
            trail = named.get("Name") or named.get("TrailName") or "*"
            return str(trail).replace(f":{ACCOUNT}:", f":{session.account}:")
        partition = STACK.location.partition
        if call.action in judge.OF_GROUPS or ("GroupName" in named and "UserName" not in named):
            group = iam.groups.get(named["GroupName"])
            return (
                str(group.arn)
                if group
                else f"arn:{partition}:iam::{session.account}:group/{named['GroupName']}"
            )
        if "UserName" in named:
            user = iam.users.get(named["UserName"])
            return (
                str(user.arn) if user else f"arn:{partition}:iam::{session.account}:user/{named['UserName']}"
            )
        return str(named.get("PolicyArn", "*"))

    def own_call(self, call: Call, forward: Forward) -> Response:
        """The rule that notes what the hub's own roles call, and what they may not."""
        answered = forward(call)
        if call.role and call.role.function in FUNCTIONS:
            made = (call.role.function, call.name)
            self.own.add(made)
            if error_code(answered) in REFUSALS:
                self.denied.append(made)
        return answered


def trusts(organization: Organization) -> dict[str, Any]:
    """Whom the roles of each account trust."""
    given = (("OrganizationId", judge.ORGANIZATION), ("HubAccount", ACCOUNT))
    found = members.roles(members.Member(Location(), "eu-north-1", given))
    return {
        role["arn"].replace(f"::{ACCOUNT}:", f"::{number}:"): role["trust"]
        for number in organization.accounts.values()
        for role in found.values()
    }


@contextmanager
def hub(
    organization: Organization,
    log: Path,
    parameters: Mapping[str, str] = MappingProxyType({}),
    without: Set[str] = frozenset(),
) -> Iterator[Hub]:
    """A hub with nothing in its bucket. The accounts of these names have no stack of a member."""
    stack = deployed(judge.ORGANIZATION, **parameters)
    made = Hub(organization, stack, log)
    made.client("s3").create_bucket(Bucket=BUCKET)
    made.client("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for logical, queue in stack.of_type("AWS::SQS::Queue").items():
        attributes = {
            name: str(queue[name]).lower() for name in ("FifoQueue", "VisibilityTimeout") if name in queue
        }
        made.client("sqs").create_queue(QueueName=stack.physical_name(logical), Attributes=attributes)
    made.client("sns").create_topic(Name=stack.physical_name("AlertsTopic"))
    made.fill(without)
    proxy = organization.aws.proxy
    before = proxy._witness

    def seeing(call: Call, forward: Forward) -> Response:
        def kept(passed: Call) -> Response:
            return before(passed, forward)

        if call.name == "sts:AssumeRole":
            return made.assume(call, lambda passed: made.own_call(passed, forward))
        return made.within(call, lambda own: made.own_call(own, lambda judged: made.store(judged, kept)))

    with pytest.MonkeyPatch.context() as patch:
        # The rules of the proxy are about the callers of one account.
        patch.setattr(proxy, "_witness", seeing)
        patch.setattr(organization.aws.strict.judge, "deployment", Deployment.of(stack))
        for arn, document in (roles.resource_policies(stack) | trusts(organization)).items():
            patch.setitem(RESOURCE_POLICIES, arn, document)
        yield made
    for emptied in (s3_backends[ACCOUNT]["aws"], sqs_backends[ACCOUNT][REGION]):
        emptied.reset()
    # The template allows whatever the functions need.
    assert not made.denied, made.denied
