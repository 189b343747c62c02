"""Other regions forward their sign-ins to the region of the stack."""

import re

import pytest
from cfnlint.helpers import REGIONS

from .contract import CONTRACT
from .resolved_stack import Location, ResolvedStack
from .roles import CHINA, GOVCLOUD, SOVEREIGN, STACK, STACKS, forwarding
from .templates import FORWARD, MAIN, source, translated


def test_pattern_for_sign_ins_is_the_same_in_every_region() -> None:
    here = STACK.of_type("AWS::Events::Rule")["SignInFunctionSignIns"]["EventPattern"]
    there = forwarding(STACK, "eu-west-1").of_type("AWS::Events::Rule")["SignIns"]["EventPattern"]
    assert there == here


@pytest.mark.parametrize("title", STACKS)
def test_rules_forward_to_the_bus_that_their_role_may_reach(title: str) -> None:
    region, main = STACKS[title]
    there = forwarding(main, region)
    (statement,) = main.of_type("AWS::IAM::Role")["ForwardRole"]["Policies"][0]["PolicyDocument"]["Statement"]
    for rule in there.of_type("AWS::Events::Rule").values():
        (target,) = rule["Targets"]
        assert target["RoleArn"] == main.arn("ForwardRole")
        assert target["Arn"] == statement["Resource"]


def test_only_types_that_the_execution_role_may_make() -> None:
    """Its permissions are for rules, a queue and the queue's policy."""
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


# Every region that is enabled in every account, by partition. Only the first of each gets IAM's events.
PARTITIONS = {
    Location(): (
        *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"),
        *(
            "ap-south-1",
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-southeast-1",
            "ap-southeast-2",
        ),
        *("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3"),
    ),
    CHINA: ("cn-north-1", "cn-northwest-1"),
    GOVCLOUD: ("us-gov-west-1", "us-gov-east-1"),
    SOVEREIGN: ("eusc-de-east-1",),
}
each_partition = pytest.mark.parametrize("home", PARTITIONS, ids=lambda home: home.partition)


def regions_of(stack: ResolvedStack) -> list[str]:
    """The regions to which the stack set deploys."""
    sets = stack.of_type("AWS::CloudFormation::StackSet").values()
    return [region for each in sets for region in each["StackInstancesGroup"][0]["Regions"]]


@each_partition
def test_by_default_every_other_region_of_the_partition_forwards(home: Location) -> None:
    first, *others = PARTITIONS[home]
    assert home.region == first
    assert sorted(regions_of(ResolvedStack(translated(MAIN), location=home))) == sorted(others)


def test_other_homes_are_refused_with_a_sentence() -> None:
    (rule,) = source(MAIN)["Rules"]["RegionOfIamEvents"]["Assertions"]
    allowed, region = rule["Assert"]["Fn::Contains"]
    assert region == {"Ref": "AWS::Region"}
    assert (
        allowed
        == [home.region for home in PARTITIONS]
        == list(source(MAIN)["Mappings"]["RegionsWithSignIns"])
    )
    assert all(region in rule["AssertDescription"] for region in allowed)


def test_homes_are_those_that_the_code_knows() -> None:
    known = {
        name: (partition["home_region"], partition["dns_suffix"])
        for name, partition in CONTRACT["partitions"].items()
    }
    assert {home.partition: (home.region, home.url_suffix) for home in PARTITIONS} == known


@each_partition
def test_no_value_names_the_region_of_the_stack(home: Location) -> None:
    parameters = source(MAIN)["Parameters"]
    for name, other in (("SignInRegions", "eu-west-1"), ("OptInRegions", "eu-south-1")):
        pattern = re.compile(parameters[name]["AllowedPattern"])
        assert pattern.search(other)
        for value in (home.region, f"{other},{home.region}", f"{home.region},{other}"):
            assert not pattern.search(value), name


def test_region_is_either_enabled_everywhere_or_opt_in() -> None:
    """An opt-in region needs a trust of its own, so each has its parameter."""
    parameters = source(MAIN)["Parameters"]
    named, opted = (
        {region for region in REGIONS if re.search(parameters[name]["AllowedPattern"], region)}
        for name in ("SignInRegions", "OptInRegions")
    )
    homes = {home.region for home in PARTITIONS}
    enabled = {region for regions in PARTITIONS.values() for region in regions}
    assert named == enabled - homes
    assert opted == {region for region in REGIONS if "-iso" not in region} - enabled


def test_opt_in_regions_join_the_others() -> None:
    for named, others in (("", []), ("eu-west-1,eu-north-1", ["eu-west-1", "eu-north-1"])):
        parameters = {"SignInRegions": named, "OptInRegions": "ap-east-2"}
        stack = ResolvedStack(translated(MAIN), parameters=parameters)
        assert regions_of(stack) == [*others, "ap-east-2"]


def test_refused_region_fails_alone_and_an_output_shows_it() -> None:
    stack = ResolvedStack(translated(MAIN))
    (stack_set,) = stack.of_type("AWS::CloudFormation::StackSet").values()
    assert stack_set["OperationPreferences"]["FailureTolerancePercentage"] == 100
    assert f"--stack-set-name {stack_set['StackSetName']} " in stack.outputs["SignInsNotForwarded"]
    assert (
        "SignInsNotForwarded" not in ResolvedStack(translated(MAIN), parameters={"SignInRegions": ""}).outputs
    )
