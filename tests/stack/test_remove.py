"""A removal releases everybody, says so beforehand, and can be broken off and run again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import boto3
import pytest
from moto import mock_aws

from deploy import remove

REGION = "us-east-1"
ACCOUNT = "123456789012"
USERS = 30
GROUP = "enforcer-QuarantineGroup-1"
WORK = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}]}
POLICY = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": WORK}}
TEMPLATE = {
    "Resources": {
        "ConsoleQuarantinePolicy": POLICY,
        "EverythingQuarantinePolicy": POLICY,
        "AlertsTopic": {"Type": "AWS::SNS::Topic"},
    }
}


@pytest.fixture(name="session")
def _session(monkeypatch: pytest.MonkeyPatch) -> Iterator[boto3.Session]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "any")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        session = boto3.Session(region_name=REGION)
        session.client("cloudformation").create_stack(StackName="enforcer", TemplateBody=json.dumps(TEMPLATE))
        # The emulator's CloudFormation makes no groups, so this one is made by hand and added to what is found.
        session.client("iam").create_group(GroupName=GROUP)
        monkeypatch.setattr(remove, "find", with_group(remove.find))
        fill(session)
        yield session


def with_group(find: Callable[[str, boto3.Session], remove.Stack]) -> Callable[[str, boto3.Session], remove.Stack]:
    def found(name: str, session: boto3.Session) -> remove.Stack:
        stack = find(name, session)
        return remove.Stack(stack.name, {**stack.resources, "QuarantineGroup": GROUP})

    return found


def fill(session: boto3.Session) -> None:
    """Users, every third one contained by a policy, every fifth by the group."""
    iam, sns = session.client("iam"), session.client("sns")
    stack = remove.find("enforcer", session)
    (group,) = stack.ids("QuarantineGroup")
    arns = stack.ids(*remove.POLICIES)
    for number in range(USERS):
        name = f"user{number:03}"
        user = iam.create_user(UserName=name, Tags=[{"Key": "team", "Value": "red"}])["User"]
        sns.create_topic(Name=f"enforcer-user-{user['UserId']}")
        if number % 3 == 0:
            iam.attach_user_policy(UserName=name, PolicyArn=arns[number % 2])
            iam.tag_user(UserName=name, Tags=[{"Key": remove.QUARANTINED_TAG, "Value": "since"}])
        if number % 5 == 0:
            iam.add_user_to_group(GroupName=group, UserName=name)
    sns.create_topic(Name="enforcers-of-others-user-AIDA")


def contained(session: boto3.Session) -> set[str]:
    stack, iam = remove.find("enforcer", session), session.client("iam")
    return {user for user, _ in [*remove.attached(stack, iam), *remove.members(stack, iam)]}


def stacks(session: boto3.Session) -> list[str]:
    found = session.client("cloudformation").list_stacks(StackStatusFilter=["CREATE_COMPLETE"])
    return [stack["StackName"] for stack in found["StackSummaries"]]


def test_without_yes_it_only_says_what_it_would_do(
    session: boto3.Session, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contained(session)
    assert remove.main(["--stack", "enforcer"]) == 0
    said = capsys.readouterr().out
    assert all(f"would release {user}:" in said for user in before)
    assert "Nothing was done" in said
    assert (contained(session), stacks(session)) == (before, ["enforcer"])


def test_everybody_is_released_before_the_stack_goes(session: boto3.Session) -> None:
    assert remove.main(["--stack", "enforcer", "--yes"]) == 0
    iam = session.client("iam")
    for number in range(USERS):
        name = f"user{number:03}"
        assert iam.list_attached_user_policies(UserName=name)["AttachedPolicies"] == []
        assert iam.list_groups_for_user(UserName=name)["Groups"] == []
        assert [tag["Key"] for tag in iam.list_user_tags(UserName=name)["Tags"]] == ["team"]
    topics = [topic["TopicArn"] for topic in session.client("sns").list_topics()["Topics"]]
    assert [arn for arn in topics if "-user-" in arn] == [f"arn:aws:sns:{REGION}:{ACCOUNT}:enforcers-of-others-user-AIDA"]
    assert stacks(session) == []


def test_a_removal_that_was_broken_off_is_finished_by_the_next(session: boto3.Session) -> None:
    stack = remove.find("enforcer", session)
    for _, step in list(remove.steps(stack, session))[:8]:
        step()
    assert contained(session)
    assert remove.main(["--stack", "enforcer", "--yes"]) == 0
    assert stacks(session) == []


def test_whoever_is_contained_in_the_meantime_keeps_the_stack(
    session: boto3.Session, capsys: pytest.CaptureFixture[str]
) -> None:
    stack, iam = remove.find("enforcer", session), session.client("iam")
    planned = list(remove.steps(stack, session))
    iam.create_user(UserName="late")
    iam.attach_user_policy(UserName="late", PolicyArn=stack.ids(*remove.POLICIES)[0])
    with pytest.raises(remove.CannotGoOn, match="late"):
        for _, step in planned:
            step()
    assert stacks(session) == ["enforcer"]


@pytest.mark.parametrize("name", ["nobody", "other"])
def test_another_stack_is_left_alone(
    name: str, session: boto3.Session, capsys: pytest.CaptureFixture[str]
) -> None:
    other = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    session.client("cloudformation").create_stack(StackName="other", TemplateBody=json.dumps(other))
    assert remove.main(["--stack", name, "--yes"]) == 2
    assert name in capsys.readouterr().err
    assert "enforcer" in stacks(session)
