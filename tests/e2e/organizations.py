"""An organization in the emulator, and the sessions that commands open in its accounts."""

import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.iam.models import iam_backends
from moto.organizations.models import organizations_backends
from werkzeug.wrappers import Response

from . import judge
from .deployment import ACCOUNT, RESOURCE_POLICIES, environment, policy
from .emulator import Emulator
from .people import Person
from .proxy import Call, Forward, answer, deny

ROLE = "OrganizationAccountAccessRole"
# As Organizations writes it for the management account.
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    ],
}
READS = policy("plan")
ACTIONS = {action for statement in READS["Statement"] for action in statement["Action"]}
TREE = {action for statement in policy("organization")["Statement"][:2] for action in statement["Action"]}


@dataclass
class Organization:
    """The accounts of an organization, and the sessions in them."""

    aws: Emulator
    binary: str
    # The number of each account, by its name.
    accounts: dict[str, str]
    assumed: list[Call] = field(default_factory=list)
    # The account of each session, by its access key.
    sessions: dict[str, str] = field(default_factory=dict)
    # What was called in each account.
    called: list[tuple[str, str]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    # What the event history of each account has.
    recorded: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run("report", "--org", *arguments)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.binary, *arguments],
            env=environment(self.aws.url, "organization"),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def report(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        """The exit status, and what is said of each account, by its name."""
        done = self("--format", "json", *arguments)
        assert done.stdout, done.stderr
        return done.returncode, {each["name"]: each for each in json.loads(done.stdout)["accounts"]}

    def assume(self, call: Call, forward: Forward) -> Response:
        """The rule that keeps the sessions. The emulator lets everybody into any role, also into none."""
        if call.name != "sts:AssumeRole":
            return forward(call)
        self.assumed.append(call)
        account = call.parameters["RoleArn"].split(":")[4]
        if account in self.refused:
            return deny(call, "not authorized to perform: sts:AssumeRole")
        response = forward(call)
        key = re.search(r"<AccessKeyId>(\w+)<", response.get_data(as_text=True))
        if key:
            self.sessions[key[1]] = account
        return response

    def within(self, call: Call, forward: Forward) -> Response:
        """The rule that sees what a session does. The emulator has no event history."""
        if account := self.sessions.get(call.caller):
            self.called.append((account, call.name))
            if call.name == "cloudtrail:LookupEvents":
                return answer(call, {"Events": self._history(account, call)})
            # What stands before the emulator knows one account alone.
            return Response.from_app(self.aws.proxy._emulator, call.request(), buffered=True)
        return forward(call)

    def _history(self, account: str, call: Call) -> list[dict[str, Any]]:
        asked = {each["AttributeValue"] for each in call.parameters.get("LookupAttributes", [])}
        details = self.recorded.get(account, [])
        return [
            {"EventId": detail["eventID"], "CloudTrailEvent": json.dumps(detail)}
            for detail in details
            if detail["eventID"] in asked
        ]


@dataclass(frozen=True)
class Member:
    """An account of the organization, below this unit, with bob in it."""

    name: str
    unit: str


MEMBERS = (Member("production", "Work"), Member("staging", "Work"), Member("sandbox", "Tests"))


@contextmanager
def organized(aws: Emulator, binary: str, members: Sequence[Member]) -> Iterator[Organization]:
    """An organization of the emulated account, until the block ends."""
    aws.account.fill([Person(name="alice")])
    backend = organizations_backends[ACCOUNT]["aws"]
    created = backend.create_organization(aws.url, FeatureSet="ALL")["Organization"]
    (root,) = backend.list_roots()["Roots"]
    units = {
        name: backend.create_organizational_unit(ParentId=root["Id"], Name=name)["OrganizationalUnit"]["Id"]
        for name in dict.fromkeys(each.unit for each in members)
    }
    accounts: dict[str, str] = {}
    with pytest.MonkeyPatch.context() as patch:
        for each in members:
            status = backend.create_account(AccountName=each.name, Email=f"{each.name}@example.com")
            number = status["CreateAccountStatus"]["AccountId"]
            backend.move_account(
                AccountId=number, SourceParentId=root["Id"], DestinationParentId=units[each.unit]
            )
            accounts[each.name] = number
            patch.setitem(RESOURCE_POLICIES, f"arn:aws:iam::{number}:role/{ROLE}", TRUST)
            people = iam_backends[number]["aws"]
            # The same name in each account.
            people.create_user("aws", "bob", "/", [])
            people.create_login_profile("bob", "password")
        patch.setattr(judge, "ORGANIZATION", created["Id"])
        organization = Organization(aws, binary, accounts)
        witness = aws.proxy._witness

        def seeing(call: Call, forward: Forward) -> Response:
            return organization.within(call, lambda passed: witness(passed, forward))

        patch.setattr(aws.proxy, "_witness", seeing)
        with aws.proxy.rule(organization.assume):
            yield organization
    for number in accounts.values():
        iam_backends[number]["aws"].reset()
    for owner in (ACCOUNT, DEFAULT_ACCOUNT_ID):
        organizations_backends[owner]["aws"].reset()


@pytest.fixture
def organization(aws: Emulator, binary: str) -> Iterator[Organization]:
    """Two units below the root, with two accounts and one."""
    with organized(aws, binary, MEMBERS) as running:
        yield running
