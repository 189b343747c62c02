"""`report --org` reads every account through a narrowed role, and none costs another anything."""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.iam.models import iam_backends
from moto.organizations.models import organizations_backends
from werkzeug.wrappers import Response

from . import judge
from .deployment import ACCOUNT, ORGANIZER, RESOURCE_POLICIES, environment, policy
from .emulator import Emulator
from .people import Person
from .proxy import Call, Forward, answer, deny
from .test_plan import binary

__all__ = ["binary"]

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
    """Two units below the root, with two accounts and one, and the sessions in them."""

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

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.binary, "report", "--org", *arguments],
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
                return answer(call, {"Events": []})
            # What stands before the emulator knows one account alone.
            return Response.from_app(self.aws.proxy._emulator, call.request(), buffered=True)
        return forward(call)


@pytest.fixture
def organization(aws: Emulator, binary: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Organization]:
    aws.account.fill([Person(name="alice")])
    backend = organizations_backends[ACCOUNT]["aws"]
    created = backend.create_organization(aws.url, FeatureSet="ALL")["Organization"]
    (root,) = backend.list_roots()["Roots"]
    units = {
        name: backend.create_organizational_unit(ParentId=root["Id"], Name=name)["OrganizationalUnit"]["Id"]
        for name in ("Work", "Tests")
    }
    accounts: dict[str, str] = {}
    for name, unit in (("production", "Work"), ("staging", "Work"), ("sandbox", "Tests")):
        status = backend.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"]
        number = status["AccountId"]
        backend.move_account(AccountId=number, SourceParentId=root["Id"], DestinationParentId=units[unit])
        accounts[name] = number
        monkeypatch.setitem(RESOURCE_POLICIES, f"arn:aws:iam::{number}:role/{ROLE}", TRUST)
        people = iam_backends[number]["aws"]
        # The same name in each account.
        people.create_user("aws", "bob", "/", [])
        people.create_login_profile("bob", "password")
    monkeypatch.setattr(judge, "ORGANIZATION", created["Id"])
    organization = Organization(aws, binary, accounts)
    witness = aws.proxy._witness

    def seeing(call: Call, forward: Forward) -> Response:
        return organization.within(call, lambda passed: witness(passed, forward))

    monkeypatch.setattr(aws.proxy, "_witness", seeing)
    with aws.proxy.rule(organization.assume):
        yield organization
    for number in accounts.values():
        iam_backends[number]["aws"].reset()
    for each in (ACCOUNT, DEFAULT_ACCOUNT_ID):
        organizations_backends[each]["aws"].reset()


def test_all_accounts_are_read(organization: Organization) -> None:
    status, accounts = organization.report()
    assert status == 0, accounts
    assert {name: each["units"] for name, each in accounts.items()} == {
        "master": ["Root"],
        "production": ["Root", "Work"],
        "staging": ["Root", "Work"],
        "sandbox": ["Root", "Tests"],
    }
    for name, number in organization.accounts.items():
        (bob,) = accounts[name]["report"]["users"]
        assert bob["arn"] == f"arn:aws:iam::{number}:user/bob"
    assert [user["name"] for user in accounts["master"]["report"]["users"]] == ["alice"]


def test_session_may_read_and_nothing_else(organization: Organization) -> None:
    organization.report()
    assert {call.parameters["RoleArn"] for call in organization.assumed} == {
        f"arn:aws:iam::{number}:role/{ROLE}" for number in organization.accounts.values()
    }
    for call in organization.assumed:
        assert json.loads(call.parameters["Policy"]) == READS
        assert call.parameters["DurationSeconds"] == "3600"
        assert call.parameters["RoleSessionName"] == "mfa-enforcer-moto"
    assert {account for account, _ in organization.called} == set(organization.accounts.values())
    assert {name for _, name in organization.called} <= ACTIONS
    own = {call.name for call in organization.aws.proxy.calls if call.role == ORGANIZER}
    assert TREE <= own <= ACTIONS | TREE | {"sts:AssumeRole", "sts:GetCallerIdentity"}


def test_account_without_the_role_costs_no_other_anything(organization: Organization) -> None:
    organization.refused.add(organization.accounts["staging"])
    status, accounts = organization.report()
    assert status == 1
    not_read = accounts["staging"]["notRead"]
    assert not_read["isGap"]
    assert f"role/{ROLE} cannot be used (sts:AssumeRole failed" in not_read["why"]
    assert [name for name, each in accounts.items() if each["report"]] == ["master", "sandbox", "production"]


def test_closed_account_is_named_and_not_asked(organization: Organization) -> None:
    backend = organizations_backends[ACCOUNT]["aws"]
    closed = organization.accounts["sandbox"]
    backend.close_account(AccountId=closed)
    # The emulator says what `Status` would say.
    (account,) = (each for each in backend.accounts if each.id == closed)
    account.state = "CLOSED"
    status, accounts = organization.report()
    assert status == 0
    assert accounts["sandbox"]["notRead"] == {"isGap": False, "why": "the account is closed"}
    assert closed not in {account for account, _ in organization.called}


def test_another_role_needs_its_own_permission(organization: Organization) -> None:
    status, accounts = organization.report("--role", "security/reader")
    assert status == 1
    why = {name: each["notRead"]["why"] for name, each in accounts.items() if each["notRead"]}
    assert why.keys() == organization.accounts.keys()
    assert all("role/security/reader cannot be used" in text for text in why.values())


def test_csv_has_the_users_and_says_what_it_lacks(organization: Organization) -> None:
    organization.refused.add(organization.accounts["staging"])
    done = organization("--format", "csv")
    assert done.returncode == 1
    assert done.stdout.count(":user/bob") == 2
    assert f"warning: {organization.accounts['staging']} staging (Root / Work): arn:aws:iam::" in done.stderr


def test_account_outside_an_organization_is_refused(aws: Emulator, binary: str) -> None:
    aws.account.fill([])
    done = Organization(aws, binary, {})()
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        "the accounts cannot be listed: use credentials of the organization's management account"
        in done.stderr
    )


@pytest.mark.parametrize("denied", sorted(TREE))
def test_refused_list_is_no_short_list(organization: Organization, denied: str) -> None:
    def refuse(call: Call, forward: Forward) -> Response:
        return deny(call, "not authorized") if call.name == denied else forward(call)

    with organization.aws.proxy.rule(refuse):
        done = organization()
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{denied} failed" in done.stderr
    assert "policies/organization.json" in done.stderr


@pytest.mark.parametrize("role", ["/security/reader", "arn:aws:iam::444455556666:role/reader", ""])
def test_role_that_is_no_name_is_refused(binary: str, aws: Emulator, role: str) -> None:
    done = Organization(aws, binary, {})("--role", role)
    assert (done.returncode, done.stdout) == (2, "")
    assert "expected a name such as audit, or security/audit with the path /security/" in done.stderr


def test_settings_of_one_account_are_refused(binary: str, aws: Emulator) -> None:
    done = Organization(aws, binary, {})("--account-name", "Production")
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot be used with --org, since they name one account" in done.stderr


def test_page_and_records_are_of_one_account(binary: str, aws: Emulator) -> None:
    page = Organization(aws, binary, {})("--format", "html")
    assert (page.returncode, page.stderr) == (
        2,
        "error: --org has no page: choose --format table, json or csv\n",
    )
    records = Organization(aws, binary, {})("--records", "s3://bucket")
    assert records.returncode == 2
    assert "cannot be used with" in records.stderr
