"""What the accounts of an organization get.

It is nothing that a stack set refuses, and nothing that is in the way of the next stack.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from cfnlint.helpers import REGIONS
from moto import mock_aws

from deploy import documents

from .contract import CONTRACT
from .emulated_groups import make_groups
from .members import (
    HUB_ACCOUNT,
    LONGEST_NAME,
    MEMBERS,
    ORGANIZATION,
    PLAIN,
    ROLES,
    Member,
    forwarding_roles,
    hub,
)
from .quarantines import DOCUMENTS, GROUPS, POLICIES, group, policy, spare
from .resolved_stack import ACCOUNT, Location, ResolvedStack
from .roles import STACK
from .templates import MEMBER, MEMBER_REGION, source, translated
from .test_replacement import replacing

TEMPLATES = [MEMBER, MEMBER_REGION]
# CloudFormation takes a template of this size in a call.
CALL_LIMIT = 51_200


def compact(part: Any) -> str:
    """JSON as IAM counts it."""
    return json.dumps(part, separators=(",", ":"))


each_template = pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
each_member = pytest.mark.parametrize("title", MEMBERS)


def stacks(member: Member) -> tuple[ResolvedStack, ResolvedStack]:
    return member.home, member.elsewhere


@each_template
def test_service_managed_stack_set_takes_the_template(path: Any) -> None:
    """It refuses transforms and nested stacks, and has no file beside the template."""
    template = source(path)
    kinds = {each["Type"] for each in template["Resources"].values()}
    assert kinds <= {
        *("AWS::IAM::ManagedPolicy", "AWS::IAM::Group", "AWS::IAM::Role", "AWS::IAM::Policy"),
        *("AWS::Events::Rule", "AWS::SQS::Queue", "AWS::SQS::QueuePolicy"),
    }
    text = compact(template)
    assert not re.search(r"Transform|TemplateURL|AWS::(Serverless|Include|Lambda|LanguageExtensions)", text)
    assert len(text) < CALL_LIMIT


@each_template
def test_same_values_do_for_every_account(path: Any) -> None:
    """Accounts that join later get the values of the set."""
    parameters = source(path)["Parameters"]
    needed = {name for name, each in parameters.items() if "Default" not in each}
    assert needed == {"OrganizationId", "HubAccount"} & set(parameters)
    for name, each in parameters.items():
        assert ("AllowedPattern" in each) != ("AllowedValues" in each), name
        assert each["Description"]
    # A value of one account would have its number.
    assert not re.search(r"\d{12}|arn:aws", json.dumps([each.get("Default") for each in parameters.values()]))


def test_both_templates_ask_for_the_same() -> None:
    home, elsewhere = (source(path)["Parameters"] for path in TEMPLATES)
    for name, each in elsewhere.items():
        others = {key: value for key, value in each.items() if key != "Description"}
        assert others == {key: value for key, value in home[name].items() if key != "Description"}, name


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("OrganizationId", ["o-a1b2c3d4e5"], ["", "*", "o-A1B2C3D4E5", "o-a1b2c3d4e5/r-1", "o-*"]),
        ("HubAccount", ["111122223333"], ["", "*", "11112222333", "1111-2222-3333"]),
        ("HubStack", ["mfa-enforcer"], ["", "*", "mfa*", "a/b", "x" * 50]),
        ("HubRolePath", ["/", "/security/iam/"], ["", "security/", "/a", "/*/", "//"]),
        ("Name", ["mfa-enforcer-member", LONGEST_NAME], ["", "*", "a*", "a/b", f"{LONGEST_NAME}x"]),
        ("BreakGlassPath", ["", "/break-glass/"], ["break-glass", "/*/", "/", "/break-glass"]),
        (
            "PermissionsBoundary",
            ["", "b", "security/boundary"],
            ["*", "/b", "b/", "arn:aws:iam::aws:policy/x"],
        ),
    ],
)
def test_value_is_checked(name: str, good: list[str], bad: list[str]) -> None:
    pattern = source(MEMBER)["Parameters"][name]["AllowedPattern"]
    assert [value for value in good if not re.search(pattern, value)] == []
    assert [value for value in bad if re.search(pattern, value)] == []


def test_texts_are_those_of_the_stack() -> None:
    """`make contract` writes them."""
    template = MEMBER.read_text("utf-8")
    assert documents.with_texts(template) == template
    assert documents.with_texts(template.replace("sts:GetSessionToken", "sts:*")) == template
    for name in DOCUMENTS:
        for logical in (policy(name), spare(name)):
            found = PLAIN.home.resources[logical]["Properties"]["PolicyDocument"]
            assert found == STACK.resources[logical]["Properties"]["PolicyDocument"]


def test_texts_that_are_not_there_are_an_error() -> None:
    with pytest.raises(SystemExit, match="not all of the texts"):
        documents.with_texts(MEMBER.read_text("utf-8").replace("# policies/quarantine-console.json", "#", 1))


def test_quarantine_is_found_by_its_path_and_outlives_the_stack() -> None:
    paths = {}
    for name in (*POLICIES, *GROUPS):
        resource = PLAIN.home.resources[name]
        kept = (resource["DeletionPolicy"], resource["UpdateReplacePolicy"])
        # Of a creation that failed nothing stays.
        assert kept == ("RetainExceptOnCreate", "Retain")
        pinned = {
            key: value for key, value in resource["Properties"].items() if key in replacing(resource["Type"])
        }
        # A name would be taken when the next stack comes. A group can get another path, and its ARN changes.
        assert set(pinned) <= {"Path"}
        assert "GroupName" not in resource["Properties"]
        paths[name] = resource["Properties"]["Path"]
    assert paths == {
        name: path
        for each in DOCUMENTS
        for name, path in (
            (policy(each), f"/mfa-enforcer/{each}/"),
            (spare(each), f"/mfa-enforcer/spare/{each}/"),
            (group(each), f"/mfa-enforcer/{each}/"),
        )
    }
    for each in DOCUMENTS:
        attached = PLAIN.home.resources[group(each)]["Properties"]["ManagedPolicyArns"]
        assert attached == [PLAIN.home.arn(policy(each))]


@each_member
def test_roles_have_names_that_the_hub_can_know(title: str) -> None:
    member = MEMBERS[title]
    names = {}
    for stack in stacks(member):
        for role in stack.of_type("AWS::IAM::Role").values():
            assert (role["Path"], role["MaxSessionDuration"]) == ("/mfa-enforcer/", 3600)
            boundary = member.parameter("PermissionsBoundary")
            here = f"arn:{member.location.partition}:iam::{ACCOUNT}:policy/{boundary}"
            assert role.get("PermissionsBoundary") == (here if boundary else None)
            names[role["RoleName"]] = role
    regions = (member.location.region, member.region)
    given = member.parameter("Name")
    assert set(names) == {f"{given}-{end}" for end in (*ROLES, *(f"forward-{region}" for region in regions))}


def test_longest_name_leaves_room_for_those_of_the_roles() -> None:
    region = max((region for region in REGIONS if "-iso" not in region), key=len)
    stack = ResolvedStack(
        translated(MEMBER_REGION),
        location=Location(region=region),
        parameters={"HubAccount": HUB_ACCOUNT, "Name": LONGEST_NAME},
    )
    # IAM takes no longer one, and resolving a longer one fails.
    assert len(stack.physical_name("ForwardRole")) <= 64


@each_member
def test_hub_is_where_events_of_iam_are(title: str) -> None:
    """A rule reaches the hub's bus and nothing else: EventBridge passes no event on twice."""
    member = MEMBERS[title]
    home = CONTRACT["partitions"][member.location.partition]["home_region"]
    assert member.bus.split(":")[2:5] == ["events", home, HUB_ACCOUNT]
    for stack in stacks(member):
        role = stack.of_type("AWS::IAM::Role")["ForwardRole"]
        (inline,) = role["Policies"]
        (statement,) = inline["PolicyDocument"]["Statement"]
        assert (statement["Action"], statement["Resource"]) == ("events:PutEvents", member.bus)
        for rule in stack.of_type("AWS::Events::Rule").values():
            (target,) = rule["Targets"]
            assert (target["Arn"], target["RoleArn"]) == (member.bus, stack.arn("ForwardRole"))
            assert target["DeadLetterConfig"] == {"Arn": stack.arn("DeadLetters")}
            assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] == 86400
            assert "EventBusName" not in rule
            assert rule["EventPattern"]["account"] == [ACCOUNT]


@each_member
def test_role_and_queue_are_for_the_rules_beside_them(title: str) -> None:
    member = MEMBERS[title]
    for stack in stacks(member):
        rules = {stack.arn(name) for name in stack.of_type("AWS::Events::Rule")}
        forwarding = forwarding_roles(member)[stack.location.region]
        (trust,) = forwarding["trust"]["Statement"]
        (queue,) = stack.of_type("AWS::SQS::QueuePolicy").values()
        (sending, _) = queue["PolicyDocument"]["Statement"]
        for statement in (trust, sending):
            assert set(statement["Condition"]["ArnEquals"]["aws:SourceArn"]) == rules
            assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
            assert statement["Principal"] == {"Service": "events.amazonaws.com"}


@each_member
def test_organization_puts_events_on_the_bus_and_does_nothing_else_with_it(title: str) -> None:
    described = hub(MEMBERS[title])
    (statement,) = described["busPolicy"]["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("events:PutEvents", described["bus"])
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}
    # EventBridge takes 10,240 characters. It is as long for every number of accounts.
    assert len(json.dumps(described["busPolicy"])) < 1024


def test_roles_have_room_for_the_longest_names() -> None:
    """IAM takes 2,048 characters of trust, 10,240 of all policies in a role, and 6,144 of a managed one."""
    longest = {
        "HubStack": "x" * 49,
        "HubRolePath": f"/{'x' * 198}/",
        "BreakGlassPath": f"/{'x' * 126}/",
        "Name": LONGEST_NAME,
        "Release": "approval",
    }
    parameters = {"OrganizationId": f"o-{'x' * 32}", "HubAccount": HUB_ACCOUNT, **longest}
    for name, value in parameters.items():
        pattern = source(MEMBER)["Parameters"][name].get("AllowedPattern", "")
        assert re.search(pattern, value), name
    # CloudFormation shortens the names that it makes up to 128 characters.
    stack = ResolvedStack(
        translated(MEMBER), f"StackSet-{'x' * 128}", Location("aws-us-gov", "us-gov-west-1"), parameters
    )
    policies = stack.of_type("AWS::IAM::Policy").values()
    for role in stack.of_type("AWS::IAM::Role").values():
        assert len(compact(role["AssumeRolePolicyDocument"])) <= 2048
        own = [each["PolicyDocument"] for each in policies if role["RoleName"] in each["Roles"]]
        own += [each["PolicyDocument"] for each in role.get("Policies", [])]
        assert own
        assert sum(len(compact(each)) for each in own) <= 10_240, role["RoleName"]
    for managed in stack.of_type("AWS::IAM::ManagedPolicy").values():
        assert len(compact(managed["PolicyDocument"])) <= 6144


def test_templates_of_the_regions_do_not_need_each_other() -> None:
    """Stack sets have no order."""
    for path in TEMPLATES:
        assert "Fn::ImportValue" not in json.dumps(source(path))
        assert all("Export" not in each for each in source(path)["Outputs"].values())
    theirs = {name for name, each in source(MEMBER_REGION)["Resources"].items() if "IAM" in each["Type"]}
    assert theirs == {"ForwardRole"}


@pytest.fixture(name="aws")
def _aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "any")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    make_groups()
    with mock_aws():
        yield


# moto keeps an entry of a list that is no value, and knows one way only to keep a resource.
EVERYTHING = {"Release": "approval", "BreakGlassPath": "/break-glass/"}


def deploy(stack_set: str, **parameters: str) -> None:
    """Makes the stacks that two stack sets make in an account."""
    values = {"OrganizationId": ORGANIZATION, "HubAccount": HUB_ACCOUNT, **EVERYTHING, **parameters}
    for path, region in ((MEMBER, "us-east-1"), (MEMBER_REGION, "eu-west-1"), (MEMBER_REGION, "us-east-2")):
        template = translated(path)
        given = {name: value for name, value in values.items() if name in template["Parameters"]}
        boto3.client("cloudformation", region).create_stack(
            StackName=f"StackSet-{stack_set}-{region}",
            TemplateBody=json.dumps(template).replace("RetainExceptOnCreate", "Retain"),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
        )


def quarantines() -> list[str]:
    """The paths of the policies and groups in the account that are for users."""
    iam = boto3.client("iam")
    found = [*iam.list_policies(Scope="Local")["Policies"], *iam.list_groups()["Groups"]]
    return sorted(each["Path"] for each in found if each["Path"] != "/mfa-enforcer/roles/")


ONCE = sorted(
    [f"/mfa-enforcer/{kind}{each}/" for each in DOCUMENTS for kind in ("", "spare/")]
    + [f"/mfa-enforcer/{each}/" for each in DOCUMENTS]
)


@pytest.mark.usefixtures("aws")
@pytest.mark.filterwarnings("ignore:Tried to parse AWS..SQS..QueuePolicy")
def test_account_that_moves_gets_its_next_stack_before_the_old_one_is_gone() -> None:
    deploy("teams")
    assert quarantines() == ONCE
    deploy("payments", Name="mfa-enforcer-member-2")
    assert quarantines() == sorted(ONCE * 2)
    names = [role["RoleName"] for role in boto3.client("iam").list_roles()["Roles"]]
    assert len(set(names)) == len(names) == 2 * (len(ROLES) + 3)


@pytest.mark.usefixtures("aws")
@pytest.mark.filterwarnings("ignore:Tried to parse AWS..SQS..QueuePolicy")
def test_deleted_stack_leaves_the_quarantine_and_nothing_in_the_way() -> None:
    deploy("teams")
    iam = boto3.client("iam")
    iam.create_user(UserName="bob")
    (arn,) = [
        each["Arn"]
        for each in iam.list_policies(Scope="Local")["Policies"]
        if each["Path"] == "/mfa-enforcer/console/"
    ]
    iam.attach_user_policy(UserName="bob", PolicyArn=arn)
    boto3.client("cloudformation", "us-east-1").delete_stack(StackName="StackSet-teams-us-east-1")
    for region in ("eu-west-1", "us-east-2"):
        boto3.client("cloudformation", region).delete_stack(StackName=f"StackSet-teams-{region}")
    assert quarantines() == ONCE
    assert iam.list_roles()["Roles"] == []
    assert [
        each["PolicyArn"] for each in iam.list_attached_user_policies(UserName="bob")["AttachedPolicies"]
    ] == [arn]
    deploy("teams")
    assert quarantines() == sorted(ONCE * 2)
