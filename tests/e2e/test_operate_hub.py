"""An operator's decisions in other accounts: by the hub's settings, in sessions for one task each."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from moto.iam.models import iam_backends

from . import functions, judge
from .checked_members import checked, summaries_of
from .deployment import (
    ACCOUNT,
    EXEMPT_TAG,
    HUB_OPERATOR,
    NOTIFIED_TAG,
    QUARANTINED_TAG,
    RESOURCE_POLICIES,
    environment,
)
from .gaps import utc_now
from .hub_events import by_bob
from .hubs import Hub, Session, hub
from .organizations import ROLE, TRUST, Organization, organization
from .proxy import Call, Forward, answer, deny
from .test_plan import binary

__all__ = ["binary", "organization"]

ENFORCING = "defaults: {mode: enforce, grace_period: 0s}"
UNTIL = f"{datetime.now(timezone.utc) + timedelta(days=30):%Y-%m-%d}"
BY_TICKET = ("--reason", "INC-4711")
Done = subprocess.CompletedProcess[str]


def run(organization: Organization, *arguments: str) -> Done:
    return subprocess.run(
        [organization.binary, *arguments, "--yes"],
        env=environment(organization.aws.url, HUB_OPERATOR.function),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@dataclass
class Desk:
    """A person with the policies of decisions in an organization, in the hub's account."""

    central: Hub
    # Each session that was opened, by its access key, and what was called in it.
    sessions: dict[str, Session] = field(default_factory=dict)
    called: list[tuple[str, str]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    mark: int = 0

    def __post_init__(self) -> None:
        self.mark = len(self.organization.aws.proxy.calls)

    @property
    def organization(self) -> Organization:
        return self.central.organization

    def __call__(self, command: str, *arguments: str, account: str = "staging") -> Done:
        number = self.organization.accounts.get(account, account)
        return run(self.organization, command, *arguments, *BY_TICKET, "--account", number)

    def tags(self, account: str = "staging") -> dict[str, str]:
        iam = iam_backends[self.central.account(account)]["aws"]
        tags = iam.tagger.list_tags_for_resource(iam.users["bob"].arn)["Tags"]
        return {tag["Key"]: tag["Value"] for tag in tags}

    def entries(self) -> list[dict[str, Any]]:
        """What was put on the hub's bus."""
        made = self.organization.aws.proxy.calls[self.mark :]
        calls = [call for call in made if call.name == "events:PutEvents"]
        put = [entry for call in calls if call.role == HUB_OPERATOR for entry in call.parameters["Entries"]]
        return [json.loads(entry["Detail"]) for entry in put]

    def within(self, call: Call, forward: Forward) -> Any:
        """The rule that lets a session do what its policy allows: the role itself may do everything."""
        if call.name == "sts:AssumeRole" and call.role == HUB_OPERATOR:
            response = forward(call)
            key = response.get_data(as_text=True).partition("<AccessKeyId>")[2].partition("<")[0]
            account = call.parameters["RoleArn"].split(":")[4]
            policy = json.loads(call.parameters["Policy"])
            self.sessions[key] = Session(account, ROLE, call.parameters["RoleSessionName"], policy)
            return response
        session = self.sessions.get(call.caller)
        if not session:
            return forward(call)
        self.called.append((session.account, call.name))
        request = {
            "principal": f"arn:aws:sts::{session.account}:assumed-role/{ROLE}/{session.name}",
            "account": session.account,
            "action": call.name,
            "resource": self.central._resource(session, call),
            "context": {"aws:SecureTransport": "true", **judge.context_of(call)},
        }
        policies = {"identity": [session.policy], "controls": [], "resource": None}
        verdict = self.organization.aws.strict.judge.evaluator.verdict(policies, request)
        if verdict != "Allowed" or call.name in self.refused:
            return deny(call, f"not authorized to perform: {call.name}")
        return forward(call)


@contextmanager
def at_a_desk(organization: Organization, log: Path, **parameters: str) -> Iterator[Desk]:
    functions.build(show=False)
    proxy = organization.aws.proxy
    with hub(organization, log, parameters) as central, pytest.MonkeyPatch.context() as patch:
        central.put(ENFORCING)
        central.invoke("sweep", {"Records": [{"messageId": "1", "body": '{"list":"organization"}'}]})
        desk, before, stack = Desk(central), proxy._witness, central.stack
        patch.setattr(
            proxy, "_witness", lambda call, forward: desk.within(call, lambda own: before(own, forward))
        )

        def described(call: Call, forward: Forward) -> Any:
            if call.name == "cloudformation:ListStackResources":
                return answer(call, summaries_of(stack, ("AWS::Lambda::Function", "AWS::SQS::Queue")))
            if call.name == "cloudformation:DescribeStacks":
                parameters = [
                    {"ParameterKey": name, "ParameterValue": value}
                    for name, value in stack.parameters.items()
                ]
                named = {"StackName": stack.name, "CreationTime": utc_now(), "StackStatus": "CREATE_COMPLETE"}
                return answer(call, {"Stacks": [{**named, "Parameters": parameters}]})
            if call.name == "lambda:GetFunctionConfiguration":
                sweep = stack.of_type("AWS::Lambda::Function")["SweepFunction"]
                return answer(call, {"Environment": sweep["Environment"]})
            return forward(call)

        # After the judge, which judges the caller's own calls.
        rules = proxy._lasting_rules
        patch.setattr(proxy, "_lasting_rules", (rules[0], described, *rules[1:]))
        yield desk


@pytest.fixture
def desk(organization: Organization, tmp_path: Path) -> Iterator[Desk]:
    with at_a_desk(organization, tmp_path / "log") as running:
        yield running


def statements(session: Session) -> dict[str, Any]:
    return {each["Sid"]: each for each in session.policy["Statement"]}


def test_user_of_another_account_is_contained_by_sessions_for_this_alone(desk: Desk) -> None:
    done = desk("contain", "bob")
    assert done.returncode == 0, done.stderr
    staging = desk.central.account("staging")
    (policy,) = desk.central.policies_of("staging", "bob")
    assert f"::{staging}:policy/mfa-enforcer/console/" in policy
    assert "reason=operator" in desk.tags()[QUARANTINED_TAG]
    assert desk.central.policies_of("production", "bob") == []
    assert {account for account, _ in desk.called} == {staging}
    names, look, act = desk.sessions.values()
    assert statements(names).keys() == {"NameOfAUser", "NamesOfTheQuarantine"}
    assert statements(look).keys() == {"EventHistory", "OneUser"}
    users = [f"arn:aws:iam::{staging}:user/bob", f"arn:aws:iam::{staging}:user/*/bob"]
    assert statements(look)["OneUser"]["Resource"] == users
    # As the operator is called, so that the guard knows whether it is the user.
    assert not any(session.name.startswith("mfa-enforcer-") for session in (names, look, act))
    allowed = statements(act)
    assert allowed["Containment"]["Condition"]["ArnLike"]["iam:PolicyARN"] == [policy]
    tags = allowed["DecisionsAboutUsers"]["Condition"]["ForAllValues:StringEquals"]["aws:TagKeys"]
    assert tags == [QUARANTINED_TAG]
    assert {each["Resource"][0] for each in allowed.values() if "user/" in each["Resource"][0]} == {users[0]}
    (entry,) = desk.entries()
    assert (entry["account"], entry["kind"]) == (staging, "containment")
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("audit: ")]
    assert json.loads(line.removeprefix("audit: "))["account"] == staging
    # The hub takes it for its own, and tells the user.
    due = f"{utc_now():%Y-%m-%dT%H:%M:%SZ}"
    order = {"account": staging, "sweep": "hourly", "scheduledTime": due}
    desk.central.invoke("sweep", {"Records": [{"messageId": "0", "body": json.dumps(order)}]})
    assert desk.central.policies_of("staging", "bob") == [policy]
    assert "reason=operator" in desk.tags()[QUARANTINED_TAG]
    assert desk.tags()[NOTIFIED_TAG].startswith("quarantined")


@pytest.fixture
def hub_as_member(desk: Desk) -> Desk:
    """The hub's account has what the stack sets make, as any other. It is in the list of accounts anyway."""
    desk.central.fill_account(ACCOUNT)
    return desk


def own_policies(name: str) -> list[str]:
    return sorted(iam_backends[ACCOUNT]["aws"].users[name].managed_policies)


def test_user_of_the_hubs_account_takes_no_session(hub_as_member: Desk) -> None:
    """What the two policies of an operator allow is all that it needs there."""
    desk = hub_as_member
    done = desk("contain", "alice", account=ACCOUNT)
    assert done.returncode == 0, done.stderr
    (attached,) = own_policies("alice")
    assert f"::{ACCOUNT}:policy/mfa-enforcer/console/" in attached
    assert (desk.sessions, desk.called) == ({}, [])
    (entry,) = desk.entries()
    assert (entry["account"], entry["kind"]) == (ACCOUNT, "containment")
    done = desk("release", "alice", "--until", UNTIL, account=ACCOUNT)
    assert done.returncode == 0, done.stderr
    iam = iam_backends[ACCOUNT]["aws"]
    tags = iam.tagger.list_tags_for_resource(iam.users["alice"].arn)["Tags"]
    assert {"Key": EXEMPT_TAG, "Value": f"{UNTIL} INC-4711"} in tags
    assert desk.sessions == {}
    iam.users["alice"].managed_policies.clear()
    desk.organization.aws.strict.forbid("iam:TagUser")
    done = desk("exempt", "alice", "--until", UNTIL, account=ACCOUNT)
    assert (done.returncode, "policies/operate-organization.json" in done.stderr) == (2, True), done.stderr


def test_role_that_is_named_is_used_in_the_hubs_account(hub_as_member: Desk) -> None:
    desk = hub_as_member
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(RESOURCE_POLICIES, f"arn:aws:iam::{ACCOUNT}:role/{ROLE}", TRUST)
        done = desk("contain", "alice", "--role", ROLE, account=ACCOUNT)
    assert done.returncode == 0, done.stderr
    assert own_policies("alice")
    # The hub itself is read, and told, by the caller.
    assert [statements(session).keys() for session in desk.sessions.values()] == [
        {"NameOfAUser", "NamesOfTheQuarantine"},
        {"EventHistory", "OneUser"},
        {"OneUser", "DecisionsAboutUsers", "Containment", "ContainmentByGroup"},
    ]
    assert {session.account for session in desk.sessions.values()} == {ACCOUNT}
    assert len(desk.entries()) == 1


def test_exemption_is_one_tag_and_counts_for_the_hub(desk: Desk) -> None:
    done = desk("exempt", "bob", "--until", UNTIL)
    assert done.returncode == 0, done.stderr
    assert desk.tags()[EXEMPT_TAG] == f"{UNTIL} INC-4711"
    writes = [
        name
        for _, name in desk.called
        if name.startswith("iam:") and "Get" not in name and "List" not in name
    ]
    assert writes == ["iam:TagUser"]
    sign_in = by_bob(desk.central, "ConsoleLogin/alice-in-grace-without-mfa.json", "staging")
    desk.central.invoke("sign-in", sign_in)
    assert desk.central.policies_of("staging", "bob") == []


def test_nothing_is_changed_where_something_is_not_known(desk: Desk) -> None:
    cases = [
        (desk("contain", "nobody"), "there is no IAM user `nobody` in account"),
        (desk("contain", "bob", account="999999999999"), "does not have the account"),
        (desk("contain", "bob", "--grace-period", "1d"), "leave out --settings"),
        (desk("contain", "bob", "--member", "other"), "does not have other: mfa-enforcer-member"),
        (desk("release", "bob", "--until", UNTIL), "bob: the user is not in quarantine"),
    ]
    desk.refused = {"iam:AttachUserPolicy"}
    cases.append((desk("contain", "bob"), "policies/operate.json"))
    for done, says in cases:
        assert (done.returncode, says in done.stderr) == (2, True), done.stderr
        assert "audit" not in done.stderr
    assert (desk.tags(), desk.central.policies_of("staging", "bob"), desk.entries()) == ({}, [], [])


def test_without_an_account_the_hub_decides_nothing(desk: Desk) -> None:
    done = run(desk.organization, "exempt", "bob", "--until", UNTIL, *BY_TICKET)
    assert (done.returncode, "is the hub of an organization" in done.stderr) == (2, True), done.stderr
    assert f"and --account {ACCOUNT}" in done.stderr


def test_hub_of_another_name_is_reached_from_the_management_account(organization: Organization) -> None:
    """The role of each account may do everything, and the session what its own policy says."""
    names = (("Name", "corp-member"), ("HubStack", "corp-mfa"))
    with checked(organization, names, Evidence="corp-evidence", MemberNames="corp-member") as whole:
        staging = organization.accounts["staging"]
        done = run(
            *(organization, "contain", "bob", *BY_TICKET, "--account", staging),
            *("--hub", whole.hub, "--stack", "corp-mfa"),
        )
        assert done.returncode == 0, done.stderr
        (attached,) = iam_backends[staging]["aws"].users["bob"].managed_policies
        assert f"::{staging}:policy/mfa-enforcer/console/" in attached
        assert {account for account, _ in whole.called} == {whole.hub, staging}
        # The entry is put in the hub, too.
        of_hub = {name for account, name in whole.called if account == whole.hub}
        assert of_hub == {
            "cloudformation:ListStackResources",
            "lambda:GetFunctionConfiguration",
            "s3:GetObject",
            "events:PutEvents",
        }
        policies = [
            session["Statement"] for account, session in whole.sessions.values() if account == whole.hub
        ]
        assert [[each["Sid"] for each in statements] for statements in policies] == [
            ["StackOfTheHub"],
            ["SettingsOfTheHub"],
            ["SettingsAndTreeOfTheOrganization", "OlderSettings"],
            ["EventBus"],
        ]
        told = json.dumps(policies)
        assert "*:" not in told.replace("mfa-enforcer", "")
        assert all(
            name in told
            for name in ("stack/corp-mfa/*", "s3:::corp-evidence", f"{whole.hub}:event-bus/default")
        )


def test_of_several_members_one_is_named(organization: Organization, tmp_path: Path) -> None:
    with at_a_desk(organization, tmp_path / "log", MemberNames="mfa-enforcer-member old") as desk:
        done = desk("contain", "bob")
        assert (done.returncode, "say which with --member" in done.stderr) == (2, True)
        done = desk("contain", "bob", "--member", "mfa-enforcer-member")
        assert done.returncode == 0, done.stderr


def test_user_of_the_hub_is_reached_from_the_management_account(organization: Organization) -> None:
    with checked(organization) as whole:
        done = run(organization, "contain", "bob", *BY_TICKET, "--account", whole.hub, "--hub", whole.hub)
        assert done.returncode == 0, done.stderr
        assert {account for account, _ in whole.called} == {whole.hub}
        (attached,) = iam_backends[whole.hub]["aws"].users["bob"].managed_policies
        assert f"::{whole.hub}:policy/mfa-enforcer/console/" in attached
