"""One document has the settings of an organization: `org check`, and the commands that go by it."""

import json
from pathlib import Path
from typing import Any

import pytest
from moto.organizations.models import organizations_backends
from werkzeug.wrappers import Response

from .deployment import ACCOUNT, ORGANIZER
from .emulator import Emulator
from .organizations import ROLE, TREE, Organization, organization
from .proxy import Call, Forward, answer, deny
from .test_plan import binary

__all__ = ["binary", "organization"]

DOCUMENT = """
account_tags: [mode]
defaults: {{mode: notify, grace_period: 5d}}
units:
  Root/Work:
    mode: enforce
    grace_period: 0s
accounts:
  {staging}:
    exempt_users:
      - {{name: bob, reason: they left}}
"""


@pytest.fixture
def document(organization: Organization, tmp_path: Path) -> Path:
    file = tmp_path / "organization.yaml"
    file.write_text(DOCUMENT.format(**organization.accounts))
    return file


def check(organization: Organization, document: Path) -> tuple[int, dict[str, Any]]:
    """The exit status, and what is said of each account, by its name."""
    done = organization.run("org", "check", str(document), "--format", "json")
    assert done.stdout, done.stderr
    return done.returncode, {each["name"]: each for each in json.loads(done.stdout)["accounts"]}


def held(account: dict[str, Any], setting: str) -> list[tuple[str, str]]:
    return [
        (each["value"], each["from"]["level"]) for each in account["values"] if each["setting"] == setting
    ]


def test_each_account_has_its_settings(organization: Organization, document: Path) -> None:
    status, accounts = check(organization, document)
    assert status == 0
    assert {name: held(account, "MODE") for name, account in accounts.items()} == {
        "master": [("notify", "defaults")],
        "production": [("enforce", "unit")],
        "staging": [("enforce", "unit")],
        "sandbox": [("notify", "defaults")],
    }
    assert held(accounts["staging"], "EXEMPT_USERS") == [("bob", "account")]
    assert not organization.assumed
    called = {call.name for call in organization.aws.proxy.calls if call.role == ORGANIZER}
    assert called >= TREE | {"organizations:ListTagsForResource"}


def test_tag_of_an_account_counts(organization: Organization, document: Path) -> None:
    backend = organizations_backends[ACCOUNT]["aws"]
    tag = [{"Key": "mfa-enforcer:mode", "Value": "observe"}, {"Key": "mfa-enforcer:contact", "Value": "x"}]
    backend.tag_resource(ResourceId=organization.accounts["production"], Tags=tag)
    status, accounts = check(organization, document)
    assert (status, held(accounts["production"], "MODE")) == (1, [("observe", "tag")])
    (fault,) = accounts["production"]["faults"]
    assert "`account_tags` does not list `contact`" in fault


def test_one_account_is_shown_with_lines(organization: Organization, document: Path) -> None:
    done = organization.run("org", "check", str(document), "--account", organization.accounts["staging"])
    assert done.returncode == 0, done.stderr
    for shown in ("grace_period", "Root/Work, line 7", "exempt_users", "they left", "Nothing is wrong."):
        assert shown in done.stdout


def test_what_does_not_exist_is_named(organization: Organization, document: Path) -> None:
    document.write_text("defaults: {mode: notify}\nunits:\n  Work: {}\naccounts:\n  '999999999999': {}\n")
    done = organization.run("org", "check", str(document))
    assert done.returncode == 1
    assert f"{document}, line 3: there is no unit `Work`: did you mean `Root/Work`?" in done.stdout
    assert f"{document}, line 5: 999999999999 is not in this organization" in done.stdout
    plan = organization.run("plan", "--org", "--org-settings", str(document))
    assert (plan.returncode, plan.stdout) == (2, "")
    assert "the document does not fit this organization" in plan.stderr
    assert not organization.assumed


def test_document_is_checked_alone(binary: str, aws: Emulator, document: Path) -> None:
    mark = len(aws.proxy.calls)
    run = Organization(aws, binary, {}).run
    done = run("org", "check", str(document), "--offline")
    assert (done.returncode, done.stdout) == (0, "Nothing is wrong with the document by itself.\n")
    document.write_text("defaults: {mode: on}\nunit: {}\n")
    done = run("org", "check", str(document), "--offline")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        f"{document}, line 1: `mode` is `on`, expected `observe`, `notify` or `enforce`",
        f"{document}, line 2: there is no key `unit`: did you mean `units`?",
    ]
    done = run("org", "check", f"{document}.none", "--offline")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(aws.proxy.calls) == mark


def test_settings_are_checked_without_asking(binary: str, aws: Emulator, document: Path) -> None:
    mark = len(aws.proxy.calls)
    run = Organization(aws, binary, {}).run
    done = run("org", "check", str(document), "--offline", "--mode", "on")
    assert (done.returncode, done.stdout) == (2, "")
    assert "MODE (--mode) is `on`" in done.stderr
    done = run("org", "check", str(document), "--offline", "--profile", "management")
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot be used with" in done.stderr
    document.write_text("defaults: {mode: off}\n")
    done = run("org", "check", str(document), "--mode", "on", "--format", "json")
    assert (done.returncode, done.stdout) == (2, "")
    document_fault, settings_fault = done.stderr.splitlines()
    assert document_fault.startswith(f"error: {document}, line 1: `mode` is `off`")
    assert settings_fault.startswith("error: MODE (--mode) is `on`")
    done = run("org", "check", str(document), "--format", "json")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{document_fault}\n")
    assert len(aws.proxy.calls) == mark


def test_what_has_ended_is_told_without_asking(binary: str, aws: Emulator, document: Path) -> None:
    document.write_text(
        "mode: {value: observe, until: 2020-01-31}\ndefaults: {mode: notify}\n"
        "units:\n  Root/Work:\n    contact: {value: Bob, until: 2020-01-31}\n"
    )
    done = Organization(aws, binary, {}).run("org", "check", str(document), "--offline")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-3:] == [
        "Ended, and so not in force:",
        "  mode observe (the whole document, line 1): ended after 2020-01-31",
        "  contact Bob (Root/Work, line 5): ended after 2020-01-31",
    ]


def test_plan_goes_by_the_document(organization: Organization, document: Path) -> None:
    done = organization.run("plan", "--org", "--org-settings", str(document), "--format", "json")
    assert done.returncode == 0, done.stderr
    plans = {each["name"]: each["plan"] for each in json.loads(done.stdout)["accounts"]}
    settings = {
        name: [plan["settings"][setting] for setting in ("MODE", "GRACE_PERIOD", "ACCOUNT_NAME")]
        for name, plan in plans.items()
    }
    assert settings == {
        "master": ["notify", "5d", "master"],
        "production": ["enforce", "0s", "production"],
        "staging": ["enforce", "0s", "staging"],
        "sandbox": ["notify", "5d", "sandbox"],
    }
    expected = {name: [each["what"] for each in plan["users"][0]["expected"]] for name, plan in plans.items()}
    assert "contained" in expected["production"]
    assert expected["staging"] == []
    assert "contained" not in expected["sandbox"]
    postures = {name: plan["users"][0]["user"]["posture"] for name, plan in plans.items()}
    assert postures["staging"] == "exempt"


def test_flag_wins_over_the_document(organization: Organization, document: Path) -> None:
    arguments = ["--org-settings", str(document), "--grace-period", "9d", "--format", "json"]
    done = organization.run("plan", "--org", *arguments)
    plans = [each["plan"] for each in json.loads(done.stdout)["accounts"]]
    assert {plan["settings"]["GRACE_PERIOD"] for plan in plans} == {"9d"}
    assert {plan["settings"]["MODE"] for plan in plans} == {"notify", "enforce"}


def test_no_flag_does_more_than_the_document_allows(organization: Organization, document: Path) -> None:
    document.write_text(f"mode: notify\n{document.read_text()}")
    for mode, planned in (("enforce", "notify"), ("observe", "observe")):
        arguments = ["--org-settings", str(document), "--mode", mode, "--format", "json"]
        done = organization.run("plan", "--org", *arguments)
        plans = [each["plan"] for each in json.loads(done.stdout)["accounts"]]
        assert {plan["settings"]["MODE"] for plan in plans} == {planned}


def test_bad_tag_stops_nothing(organization: Organization, document: Path) -> None:
    production, staging = (organization.accounts[name] for name in ("production", "staging"))
    backend = organizations_backends[ACCOUNT]["aws"]
    backend.tag_resource(ResourceId=production, Tags=[{"Key": "mfa-enforcer:mode", "Value": "off"}])
    status, accounts = check(organization, document)
    assert status == 1
    assert held(accounts["production"], "MODE") == [("enforce", "unit")]
    warning = f"warning: {production} production: the tag mfa-enforcer:mode does nothing: `mode` is `off`"
    for command in ("plan", "report"):
        done = organization.run(command, "--org", "--org-settings", str(document), "--format", "json")
        assert done.returncode == 0, done.stderr
        assert done.stderr.startswith(warning)
        assert done.stderr.count("\n") == 1
        assert all(each["notRead"] is None for each in json.loads(done.stdout)["accounts"])
    for number, told in ((production, 1), (staging, 0)):
        done = organization.run("user", "bob", "--account", number, "--org-settings", str(document))
        assert (done.returncode, done.stderr.count("warning: ")) == (0, told)


def test_account_that_moves_is_not_read(organization: Organization, document: Path) -> None:
    staging = organization.accounts["staging"]

    def moving(call: Call, forward: Forward) -> Response:
        response = forward(call)
        if call.name != "organizations:ListAccountsForParent":
            return response
        listed = json.loads(response.get_data())["Accounts"]
        return answer(call, {"Accounts": [each for each in listed if each["Id"] != staging]})

    settings = ["--org-settings", str(document)]
    said = "the account was moved while the organization was read: run it again"
    with organization.aws.proxy.rule(moving):
        status, accounts = check(organization, document)
        assert (status, accounts["staging"]["faults"], accounts["staging"]["values"]) == (1, [said], [])
        status, reports = organization.report(*settings)
        assert (status, reports["staging"]["notRead"]) == (1, {"isGap": True, "why": said})
        assert reports["production"]["report"]
        done = organization.run("user", "bob", "--account", staging, *settings)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
        # Without units the document says the same wherever the account is.
        document.write_text("defaults: {mode: notify}\n")
        status, reports = organization.report(*settings)
        assert (status, reports["staging"]["notRead"]) == (0, None)


def test_name_of_the_hub_is_no_name_of_an_account(
    organization: Organization, document: Path, tmp_path: Path
) -> None:
    hub = tmp_path / "hub.env"
    hub.write_text("ACCOUNT_NAME=Hub\n")
    settings = ["--settings", str(hub)]
    with_document = ["--org-settings", str(document)]
    plan = ["plan", "--org", "--format", "json"]
    done = organization.run(*plan, *settings, *with_document)
    assert done.returncode == 0, done.stderr
    names = {
        each["name"]: each["plan"]["settings"]["ACCOUNT_NAME"] for each in json.loads(done.stdout)["accounts"]
    }
    assert names == {name: name for name in ("master", *organization.accounts)}
    for arguments in (settings, ["--account-name", "Hub"], ["--account-name", "Hub", *with_document]):
        done = organization.run(*plan, *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert "cannot be used with --org, since they name one account" in done.stderr
    user = ["user", "bob", "--account", organization.accounts["staging"]]
    done = organization.run(*user, *settings)
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot be used with --account, since they name one account" in done.stderr
    for arguments in ([*settings, *with_document], ["--account-name", "Staging"]):
        assert organization.run(*user, *arguments).returncode == 0


def test_plan_as_table_and_csv(organization: Organization) -> None:
    organization.refused.add(organization.accounts["staging"])
    table = organization.run("plan", "--org", "--grace-period", "0s")
    assert table.returncode == 1
    assert "Accounts      3 of 4 read" in table.stdout
    assert f"{organization.accounts['staging']} staging (Root / Work): arn:aws:iam::" in table.stdout
    csv = organization.run("plan", "--org", "--grace-period", "0s", "--format", "csv")
    header, *lines = csv.stdout.splitlines()
    assert header.startswith("account,at,name,")
    read = {organization.accounts[name] for name in ("production", "sandbox")}
    assert {line.split(",")[0] for line in lines if ",bob," in line} == read
    assert f"warning: {organization.accounts['staging']} staging" in csv.stderr


def test_report_goes_by_the_document(organization: Organization, document: Path) -> None:
    status, accounts = organization.report("--org-settings", str(document))
    assert status == 0
    (bob,) = accounts["staging"]["report"]["users"]
    assert bob["posture"] == "exempt"
    (bob,) = accounts["production"]["report"]["users"]
    assert bob["posture"] == "overdue"


def test_user_of_another_account(organization: Organization, document: Path) -> None:
    number = organization.accounts["staging"]
    user = ["user", "bob", "--account", number, "--format", "json"]
    done = organization.run(*user)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["user"]["arn"] == f"arn:aws:iam::{number}:user/bob"
    assert [call.parameters["RoleArn"] for call in organization.assumed] == [
        f"arn:aws:iam::{number}:role/{ROLE}"
    ]
    done = organization.run(*user, "--org-settings", str(document))
    assert json.loads(done.stdout)["user"]["posture"] == "exempt"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["user", "bob", "--account", "12345"], "expected the 12 digits of an account"),
        (["user", "bob", "--role", "audit"], "--account"),
        (["plan", "--role", "audit"], "--org"),
        (["plan", "--org", "--format", "html"], "--org has no page: choose --format table, json or csv"),
        (["plan", "--org", "--org-settings", "none.yaml"], "cannot read none.yaml"),
    ],
)
def test_bad_flag_is_answered(binary: str, aws: Emulator, arguments: list[str], said: str) -> None:
    done = Organization(aws, binary, {}).run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_unread_tags_are_an_error(organization: Organization, document: Path) -> None:
    def refuse(call: Call, forward: Forward) -> Response:
        return (
            deny(call, "not authorized")
            if call.name == "organizations:ListTagsForResource"
            else forward(call)
        )

    with organization.aws.proxy.rule(refuse):
        done = organization.run("org", "check", str(document))
    assert (done.returncode, done.stdout) == (2, "")
    assert "the tags of account" in done.stderr
    assert "policies/organization.json" in done.stderr
