"""Other regions forward their sign-ins to the region of the stack."""

import re

import pytest

from .resolved_stack import ResolvedStack
from .roles import STACKS, forwarding
from .templates import FORWARD, MAIN, resources, source, translated


def test_pattern_for_sign_ins_is_the_same_in_every_region() -> None:
    events = source(MAIN)["Resources"]["SignInFunction"]["Properties"]["Events"]
    here = events["SignIns"]["Properties"]["Pattern"]
    (rule,) = resources(source(FORWARD), "AWS::Events::Rule").values()
    assert rule["Properties"]["EventPattern"] == here
    rules = resources(translated(MAIN), "AWS::Events::Rule")
    assert rules["SignInFunctionSignIns"]["Properties"]["EventPattern"] == here


@pytest.mark.parametrize("title", STACKS)
def test_rule_forwards_to_the_bus_that_its_role_may_reach(title: str) -> None:
    region, main = STACKS[title]
    there = forwarding(main, region)
    (rule,) = there.of_type("AWS::Events::Rule").values()
    (target,) = rule["Targets"]
    (statement,) = main.of_type("AWS::IAM::Role")["ForwardRole"]["Policies"][0]["PolicyDocument"]["Statement"]
    assert target["RoleArn"] == main.arn("ForwardRole")
    assert target["Arn"] == statement["Resource"]


def test_only_types_that_the_execution_role_may_make() -> None:
    """Its permissions are for a rule, a queue and the queue's policy."""
    kinds = {each["Type"] for each in translated(FORWARD)["Resources"].values()}
    assert kinds == {"AWS::Events::Rule", "AWS::SQS::Queue", "AWS::SQS::QueuePolicy"}


@pytest.mark.parametrize("title", STACKS)
def test_outputs_are_what_the_stack_set_passes_on(title: str) -> None:
    """They are for people who deploy forward.yaml by hand."""
    region, main = STACKS[title]
    passed = forwarding(main, region).parameters
    declared = source(FORWARD)["Parameters"]
    assert set(passed) == set(declared)
    for name, value in passed.items():
        assert re.search(declared[name]["AllowedPattern"], value), name
    assert passed["Name"] == main.name
    assert main.outputs["ForwardTargetBusArn"] == passed["TargetBusArn"]
    assert main.outputs["ForwardRoleArn"] == passed["ForwardRoleArn"]


def test_only_the_role_is_left_without_other_regions() -> None:
    """It is for people who deploy forward.yaml by hand."""
    stack = ResolvedStack(translated(MAIN), parameters={"SignInRegions": ""})
    assert [name for name in stack.resources if name.startswith("Forward")] == ["ForwardRole"]


def test_region_of_the_stack_does_not_forward_to_itself() -> None:
    regions = source(MAIN)["Parameters"]["SignInRegions"]["Default"].split(",")
    assert len(regions) == len(set(regions)) == 16
    assert "us-east-1" not in regions
