"""SAM translates the templates, and what comes of them holds together."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .deployment import KINDS, Deployment
from .roles import DEPLOYMENTS, LONG_NAME, forwarded
from .templates import FORWARD, MAIN, resources, source, translated

ROLE_NAME_LIMIT = 64


def test_nothing_is_left_for_sam_to_translate() -> None:
    for path in (MAIN, FORWARD):
        left = [name for name, each in translated(path)["Resources"].items() if "Serverless" in each["Type"]]
        assert not left
        assert "Transform" not in translated(path)


def test_sam_adds_no_role_but_that_of_the_schedule() -> None:
    written = resources(source(MAIN), "AWS::IAM::Role")
    assert set(resources(translated(MAIN), "AWS::IAM::Role")) - set(written) == {"SweepFunctionDailyRole"}


def test_each_function_has_a_role_and_a_log_of_its_own(stack: Deployment) -> None:
    functions = stack.of("AWS::Lambda::Function")
    assert len(functions) == 4
    for use in (lambda each: each["Role"], lambda each: each["LoggingConfig"]["LogGroup"]):
        assert len({use(function) for function in functions.values()}) == len(functions)


def test_every_failure_ends_in_the_dead_letter_queue(stack: Deployment) -> None:
    queue = stack.arn("DeadLetters")
    configured = stack.of("AWS::Lambda::EventInvokeConfig").values()
    functions = {stack.name(name) for name in stack.of("AWS::Lambda::Function")}
    assert {each["FunctionName"] for each in configured} == functions
    assert {each["DestinationConfig"]["OnFailure"]["Destination"] for each in configured} == {queue}

    targets = [target for rule in stack.of("AWS::Events::Rule").values() for target in rule["Targets"]]
    targets += [schedule["Target"] for schedule in stack.of("AWS::Scheduler::Schedule").values()]
    assert len(targets) == 4
    for target in targets:
        assert target["DeadLetterConfig"]["Arn"] == queue
        assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] > 0


def test_each_rule_may_start_its_function_and_nobody_else_may(stack: Deployment) -> None:
    names = {stack.arn(name): stack.name(name) for name in stack.of("AWS::Lambda::Function")}
    wanted = [
        {
            "Action": "lambda:InvokeFunction",
            "FunctionName": names[target["Arn"]],
            "Principal": "events.amazonaws.com",
            "SourceArn": stack.arn(name),
        }
        for name, rule in stack.of("AWS::Events::Rule").items()
        for target in rule["Targets"]
    ]
    assert len(wanted) == 3
    assert list(stack.of("AWS::Lambda::Permission").values()) == wanted


def test_the_longest_name_of_a_stack_leaves_room_for_every_name() -> None:
    """Names that are too long are an error where they are resolved."""
    longest = max(
        len(name) for name in (role["RoleName"] for role in named_roles(Deployment(translated(MAIN), "")))
    )
    assert len(LONG_NAME) + longest == ROLE_NAME_LIMIT
    main = Deployment(translated(MAIN), LONG_NAME)
    for deployment in (main, forwarded(main, "eu-west-1")):
        assert {name: deployment.arn(name) for name in deployment.resources if knows(deployment, name)}


def named_roles(deployment: Deployment) -> list[dict[str, Any]]:
    return [role for role in deployment.of("AWS::IAM::Role").values() if "RoleName" in role]


def knows(deployment: Deployment, name: str) -> bool:
    return deployment.template["Resources"][name]["Type"] in KINDS


def test_two_stacks_in_one_account_share_no_name() -> None:
    def names(stack: str) -> set[tuple[str, str]]:
        main = Deployment(translated(MAIN), stack)
        return {
            (deployment.template["Resources"][name]["Type"], deployment.name(name))
            for deployment in (main, forwarded(main, "eu-west-1"))
            for name in deployment.resources
            if knows(deployment, name) and deployment.template["Resources"][name]["Type"] != "AWS::KMS::Key"
        }

    assert not names("mfa-enforcer") & names("mfa-enforcer-test")


@pytest.mark.parametrize("title", DEPLOYMENTS)
def test_every_policy_is_within_the_quotas_of_iam(title: str) -> None:
    """IAM takes 6,144 characters in a managed policy, 10,240 inline in a role, and 10 policies on it."""

    def size(document: dict[str, Any]) -> int:
        return len(json.dumps(document, separators=(",", ":")))

    _, main = DEPLOYMENTS[title]
    for name, policy in main.of("AWS::IAM::ManagedPolicy").items():
        assert size(policy["PolicyDocument"]) <= 6144, name
    for name, role in main.of("AWS::IAM::Role").items():
        assert sum(size(policy["PolicyDocument"]) for policy in role["Policies"]) <= 10240, name
        assert len(role.get("ManagedPolicyArns", [])) <= 10, name


@pytest.mark.parametrize("title", DEPLOYMENTS)
def test_every_tagged_type_of_resource_is_tagged_throughout(title: str) -> None:
    """A security team finds by the tag what belongs to the stack."""
    region, main = DEPLOYMENTS[title]
    untagged = {
        name
        for deployment in (main, forwarded(main, region))
        for name, each in deployment.resources.items()
        if each["Type"] in TAGGED and not is_tagged(each["Properties"])
    }
    # SAM makes it, and takes no tags for it.
    assert untagged == {"SweepFunctionDailyRole"}


TAGGED = {
    "AWS::CloudFormation::StackSet",
    "AWS::IAM::Role",
    "AWS::KMS::Key",
    "AWS::Lambda::Function",
    "AWS::Logs::LogGroup",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
}


def is_tagged(properties: dict[str, Any]) -> bool:
    return {"Key": "application", "Value": "mfa-enforcer"} in properties.get("Tags", [])
