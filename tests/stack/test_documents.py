"""What is deployed is what is in policies/, and other regions get the pattern of this one."""

from __future__ import annotations

import json
import re

import pytest

from .deployment import Deployment
from .roles import DEPLOYMENTS, forwarded
from .templates import FORWARD, MAIN, POLICIES, resources, source, translated

DOCUMENTS = {
    "ConsoleQuarantinePolicy": "quarantine-console.json",
    "EverythingQuarantinePolicy": "quarantine-everything.json",
}


@pytest.mark.parametrize(("policy", "file"), DOCUMENTS.items())
def test_a_quarantine_policy_is_its_file_byte_for_byte(policy: str, file: str) -> None:
    written = source(MAIN)["Resources"][policy]["Properties"]["PolicyDocument"]
    include = {"Name": "AWS::Include", "Parameters": {"Location": f"policies/{file}"}}
    assert written == {"Fn::Transform": include}

    deployed = translated(MAIN)["Resources"][policy]["Properties"]["PolicyDocument"]
    assert json.dumps(deployed, indent=2) + "\n" == (POLICIES / file).read_text()


@pytest.mark.parametrize("file", DOCUMENTS.values())
def test_a_document_survives_the_include(file: str) -> None:
    """CloudFormation would take these for functions of its own."""
    text = (POLICIES / file).read_text()
    assert not re.findall(r'"(?:Ref|Fn::\w+)":', text)
    assert not re.findall(r"\$\{AWS::", text)


def test_the_pattern_for_sign_ins_is_the_same_in_every_region() -> None:
    here = source(MAIN)["Resources"]["SignInFunction"]["Properties"]["Events"]["SignIns"]["Properties"][
        "Pattern"
    ]
    (rule,) = resources(source(FORWARD), "AWS::Events::Rule").values()
    assert rule["Properties"]["EventPattern"] == here
    assert (
        resources(translated(MAIN), "AWS::Events::Rule")["SignInFunctionSignIns"]["Properties"][
            "EventPattern"
        ]
        == here
    )


@pytest.mark.parametrize("title", DEPLOYMENTS)
def test_other_regions_forward_to_the_bus_that_the_role_may_reach(title: str) -> None:
    region, main = DEPLOYMENTS[title]
    (rule,) = forwarded(main, region).of("AWS::Events::Rule").values()
    (target,) = rule["Targets"]
    (statement,) = main.of("AWS::IAM::Role")["ForwardRole"]["Policies"][0]["PolicyDocument"]["Statement"]
    assert target["RoleArn"] == main.arn("ForwardRole")
    assert target["Arn"] == statement["Resource"]


@pytest.mark.parametrize("title", DEPLOYMENTS)
def test_what_a_person_would_copy_fits_the_parameters(title: str) -> None:
    """The outputs for those who deploy forward.yaml by hand are what the stack set passes on."""
    region, main = DEPLOYMENTS[title]
    passed = forwarded(main, region).parameters
    declared = source(FORWARD)["Parameters"]
    assert set(passed) == set(declared)
    for name, value in passed.items():
        assert re.search(declared[name]["AllowedPattern"], value), name
    assert passed["Name"] == main.stack
    outputs = main.template["Outputs"]
    assert main.resolve(outputs["ForwardTargetBusArn"]["Value"]) == passed["TargetBusArn"]
    assert main.resolve(outputs["ForwardRoleArn"]["Value"]) == passed["ForwardRoleArn"]


def test_without_other_regions_nothing_is_made_for_them() -> None:
    stack = Deployment(translated(MAIN), parameters={"SignInRegions": ""})
    left = [name for name in stack.resources if name.startswith("Forward")]
    # It stays for those who deploy forward.yaml by hand.
    assert left == ["ForwardRole"]


def test_the_region_of_the_stack_does_not_forward_to_itself() -> None:
    regions = source(MAIN)["Parameters"]["SignInRegions"]["Default"].split(",")
    assert len(regions) == len(set(regions)) == 16
    assert "us-east-1" not in regions
