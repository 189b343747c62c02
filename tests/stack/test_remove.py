"""A removal releases everyone, says so beforehand, and can be interrupted and run again."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

import boto3
import pytest
from moto import mock_aws

from deploy import remove

from . import quarantines
from .contract import CONTRACT
from .hubs import HUB
from .members import MEMBERS, PLAIN
from .resolved_stack import ACCOUNT
from .roles import STACK

REGION = "us-east-1"
USERS = [f"user{number:03}" for number in range(30)]
GROUPS = {name: f"enforcer-{name}-1" for name in remove.GROUPS}
FORMER_GROUP = "enforcer-QuarantineGroup-0"
ALLOW = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}
DOCUMENT = {"Version": "2012-10-17", "Statement": ALLOW}
POLICY = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": DOCUMENT}}
FOREIGN_TOPIC = "enforcers-of-others-user-AIDA"


@pytest.fixture(name="session")
def _session(monkeypatch: pytest.MonkeyPatch) -> Iterator[boto3.Session]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "any")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    find = remove.find

    def with_group(name: str, session: boto3.Session) -> remove.Stack:
        """moto's CloudFormation makes no groups, so the groups are added to what is found."""
        stack = find(name, session)
        return replace(stack, resources={**stack.resources, **GROUPS}) if name == "enforcer" else stack

    with mock_aws():
        session = boto3.Session(region_name=REGION)
        former = session.client("iam").create_policy(PolicyName="former", PolicyDocument=json.dumps(DOCUMENT))
        make_stack(
            "enforcer",
            dict.fromkeys(remove.POLICIES, POLICY),
            session,
            FormerPolicyArns=former["Policy"]["Arn"],
            FormerGroupNames=FORMER_GROUP,
        )
        for group in (*GROUPS.values(), FORMER_GROUP):
            session.client("iam").create_group(GroupName=group)
        monkeypatch.setattr(remove, "find", with_group)
        fill(session)
        yield session


def make_stack(name: str, resources: Mapping[str, object], session: boto3.Session, **parameters: str) -> None:
    template = {"Parameters": {key: {"Type": "String"} for key in parameters}, "Resources": resources}
    session.client("cloudformation").create_stack(
        StackName=name,
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    )


def fill(session: boto3.Session) -> None:
    """Makes users, every third one contained by a policy, every fifth by a group: by each that there is."""
    iam, sns = session.client("iam"), session.client("sns")
    stack = remove.find("enforcer", session)
    for number, name in enumerate(USERS):
        user = iam.create_user(UserName=name, Tags=[{"Key": "team", "Value": "red"}])["User"]
        sns.create_topic(Name=f"enforcer-user-{user['UserId']}")
        if number % 3 == 0:
            arn = stack.policies[number // 3 % len(stack.policies)]
            iam.attach_user_policy(UserName=name, PolicyArn=arn)
            keys = [key.title() if number % 2 else key for key in remove.TAGS]
            iam.tag_user(UserName=name, Tags=[{"Key": key, "Value": "since"} for key in keys])
        if number % 5 == 0:
            group = stack.groups[number // 5 % len(stack.groups)]
            iam.add_user_to_group(GroupName=group, UserName=name)
    sns.create_topic(Name=FOREIGN_TOPIC)


def contained(session: boto3.Session) -> set[str]:
    stack, iam = remove.find("enforcer", session), session.client("iam")
    return {user for user, _ in [*remove.attached(stack, iam), *remove.members(stack, iam)]}


def stacks(session: boto3.Session) -> list[str]:
    found = session.client("cloudformation").list_stacks(StackStatusFilter=["CREATE_COMPLETE"])
    return [stack["StackName"] for stack in found["StackSummaries"]]


def test_without_yes_nothing_changes(session: boto3.Session, capsys: pytest.CaptureFixture[str]) -> None:
    before = contained(session)
    assert len(before) == 14
    assert remove.main(["--stack", "enforcer"]) == 0
    output = capsys.readouterr().out
    assert all(f"would release {user}:" in output for user in before)
    stack, iam = remove.find("enforcer", session), session.client("iam")
    assert {arn for _, arn in remove.attached(stack, iam)} == set(stack.policies)
    assert {group for _, group in remove.members(stack, iam)} == set(stack.groups)
    assert "Nothing was done" in output
    assert (contained(session), stacks(session)) == (before, ["enforcer"])


def test_everyone_is_released_before_the_stack_is_deleted(session: boto3.Session) -> None:
    assert remove.main(["--stack", "enforcer", "--yes"]) == 0
    iam = session.client("iam")
    for name in USERS:
        assert iam.list_attached_user_policies(UserName=name)["AttachedPolicies"] == []
        assert iam.list_groups_for_user(UserName=name)["Groups"] == []
        assert [tag["Key"] for tag in iam.list_user_tags(UserName=name)["Tags"]] == ["team"]
    topics = [topic["TopicArn"] for topic in session.client("sns").list_topics()["Topics"]]
    assert topics == [f"arn:aws:sns:{REGION}:{ACCOUNT}:{FOREIGN_TOPIC}"]
    assert stacks(session) == []


def test_what_somebody_did_to_the_quarantine_stops_no_removal(session: boto3.Session) -> None:
    """A group that got the spare policy could not be deleted, and a policy that is gone has nobody."""
    iam, stack = session.client("iam"), remove.find("enforcer", session)
    (spare,) = stack.ids("ConsoleQuarantinePolicySpare")
    (gone,) = stack.ids("ConsoleQuarantinePolicy")
    iam.attach_group_policy(GroupName=stack.groups[0], PolicyArn=spare)
    for user in iam.list_entities_for_policy(PolicyArn=gone)["PolicyUsers"]:
        iam.detach_user_policy(UserName=user["UserName"], PolicyArn=gone)
    iam.delete_policy(PolicyArn=gone)
    assert remove.main(["--stack", "enforcer", "--yes"]) == 0
    assert iam.list_attached_group_policies(GroupName=stack.groups[0])["AttachedPolicies"] == []


def test_interrupted_removal_is_finished_by_the_next(session: boto3.Session) -> None:
    stack = remove.find("enforcer", session)
    for _, step in list(remove.steps(stack, session, unexpected))[:8]:
        step()
    assert contained(session)
    assert remove.main(["--stack", "enforcer", "--yes"]) == 0
    assert stacks(session) == []


def test_user_contained_meanwhile_keeps_the_stack(session: boto3.Session) -> None:
    stack, iam = remove.find("enforcer", session), session.client("iam")
    *planned, (_, check), _ = remove.steps(stack, session, unexpected)
    iam.create_user(UserName="late")
    iam.attach_user_policy(UserName="late", PolicyArn=stack.ids(*remove.POLICIES)[0])
    for _, step in planned:
        step()
    with pytest.raises(remove.CannotContinue, match="late"):
        check()
    assert stacks(session) == ["enforcer"]


def unexpected(seconds: float) -> None:
    raise AssertionError(f"waits {seconds} seconds although no function is left")


def test_run_under_way_cannot_contain_behind_the_removal(session: boto3.Session) -> None:
    stack, iam = remove.find("enforcer", session), session.client("iam")
    stack = replace(stack, resources={**stack.resources, "SweepFunction": "enforcer-sweep"})
    waited = []

    def run_on(seconds: float) -> None:
        """What a sweep that was under way does meanwhile."""
        waited.append(seconds)
        iam.create_user(UserName="late")
        iam.attach_user_policy(UserName="late", PolicyArn=stack.policies[0])

    for description, step in remove.steps(stack, session, run_on):
        if not description.startswith("stop the function"):
            step()
    timeouts = [each["Timeout"] for each in STACK.of_type("AWS::Lambda::Function").values()]
    assert waited == [max(timeouts)]
    assert iam.list_attached_user_policies(UserName="late")["AttachedPolicies"] == []
    assert stacks(session) == []


def test_removal_knows_every_function_quarantine_and_tag() -> None:
    assert sorted(remove.FUNCTIONS) == sorted(STACK.functions())
    assert sorted(remove.POLICIES) == sorted(quarantines.POLICIES)
    assert sorted(remove.GROUPS) == sorted(quarantines.GROUPS)
    tags = {tag["key"] for tag in CONTRACT["tags"] if tag["on"] == "user"}
    # What a person decided or knows stays.
    assert tags - set(remove.TAGS) == {"mfa-enforcer:exempt-until", "phone"}


TOPIC = {"Type": "AWS::SNS::Topic"}


def test_hub_is_deleted_with_the_topics_of_users_and_says_who_is_left(
    session: boto3.Session, capsys: pytest.CaptureFixture[str]
) -> None:
    make_stack("hub", {remove.OF_HUB: TOPIC}, session)
    session.client("sns").create_topic(Name="hub-user-AIDA")
    before = contained(session)
    for more in ([], ["--yes"]):
        assert remove.main(["--stack", "hub", *more]) == 0
        assert "Users stay contained in the accounts" in capsys.readouterr().out
    assert stacks(session) == ["enforcer"]
    topics = [topic["TopicArn"] for topic in session.client("sns").list_topics()["Topics"]]
    assert not any(":hub-user-" in topic for topic in topics)
    # Whatever is in the hub's own account belongs to a stack there.
    assert contained(session) == before
    assert len(session.client("iam").list_user_tags(UserName=USERS[3])["Tags"]) > 1


def test_everyone_in_an_account_of_an_organization_is_released_and_the_stack_stays(
    session: boto3.Session,
) -> None:
    iam = session.client("iam")
    make_stack("StackSet-member", {remove.OF_MEMBER: TOPIC}, session)
    theirs = iam.create_policy(PolicyName="theirs", PolicyDocument=json.dumps(DOCUMENT))["Policy"]["Arn"]
    for number, path in enumerate(remove.PATHS):
        # A stack that is gone has left them.
        kept, user = f"kept{number}", f"late{number}"
        policy = iam.create_policy(PolicyName=kept, Path=path, PolicyDocument=json.dumps(DOCUMENT))
        iam.create_group(GroupName=kept, Path=path)
        iam.create_user(UserName=user, Tags=[{"Key": remove.TAGS[0], "Value": "since"}])
        for arn in (policy["Policy"]["Arn"], theirs):
            iam.attach_user_policy(UserName=user, PolicyArn=arn)
        iam.add_user_to_group(UserName=user, GroupName=kept)
    waited: list[float] = []
    remove.remove(remove.find("StackSet-member", session), session, True, print, waited.append)
    # What the hub was doing has ended by then.
    assert waited == [remove.LONGEST_RUN]
    for user in (f"late{number}" for number in range(len(remove.PATHS))):
        attached = iam.list_attached_user_policies(UserName=user)["AttachedPolicies"]
        assert [each["PolicyArn"] for each in attached] == [theirs]
        assert iam.list_groups_for_user(UserName=user)["Groups"] == []
        assert iam.list_user_tags(UserName=user)["Tags"] == []
    assert sorted(stacks(session)) == ["StackSet-member", "enforcer"]


def test_removal_tells_hubs_and_members_from_other_stacks() -> None:
    def has(logical: str) -> list[bool]:
        return [logical in stack.resources for stack in (STACK, HUB, PLAIN.home)]

    assert has(remove.OF_HUB) == [False, True, False]
    assert has(remove.OF_MEMBER) == [False, False, True]
    template = MEMBERS["with approval and a break-glass path"].home.resources
    parts = (template[name] for name in (*remove.POLICIES, *remove.GROUPS))
    assert {part["Properties"]["Path"] for part in parts} == set(remove.PATHS)


@pytest.mark.parametrize("name", ["nobody", "other"])
def test_other_stack_is_left_alone(
    name: str, session: boto3.Session, capsys: pytest.CaptureFixture[str]
) -> None:
    make_stack("other", {"Topic": {"Type": "AWS::SNS::Topic"}}, session)
    assert remove.main(["--stack", name, "--yes"]) == 2
    assert name in capsys.readouterr().err
    assert "enforcer" in stacks(session)
