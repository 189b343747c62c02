"""`report --org` reads every account through a narrowed role, and none costs another anything."""

import json

import pytest
from moto.organizations.models import organizations_backends
from werkzeug.wrappers import Response

from .deployment import ACCOUNT, ORGANIZER
from .emulator import Emulator
from .organizations import ACTIONS, READS, ROLE, TREE, Organization, organization
from .proxy import Call, Forward, deny
from .test_plan import binary

__all__ = ["binary", "organization"]


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
