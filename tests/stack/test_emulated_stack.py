"""CloudFormation, as moto emulates it, makes of the template what our own resolver expects.

The other tests read the resolved template. This one shows that a second implementation agrees with it.
"""

from __future__ import annotations

import io
import json
import os
import re
import zipfile
from collections.abc import Iterator
from typing import Any
from unittest import mock

import boto3
import pytest
from moto import mock_aws
from moto.cloudformation import parsing

from .resolved_stack import NAMING, ResolvedStack
from .templates import BUCKET, CODE_KEY, Template, translated

REGION = "us-east-1"
# Nothing of the caller's own AWS set-up may come through.
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "sample-secret-that-signs-nothing",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


def supported() -> Template:
    """The part of the template that moto's CloudFormation can make."""
    template = translated()
    template.pop("Rules")
    made = template["Resources"]
    # moto fails on the tags of a key, and knows no groups: a user has a name and an ARN as well.
    made["AlertsKey"]["Properties"].pop("Tags")
    made["QuarantineGroup"] = {"Type": "AWS::IAM::User"}
    # The dashboard refers to alarms, which moto does not make.
    kinds = parsing.get_model_map().keys() - {"AWS::CloudWatch::Dashboard"}
    template["Resources"] = {name: each for name, each in made.items() if each["Type"] in kinds}
    return template


@pytest.fixture(scope="module", name="names")
def _names() -> Iterator[dict[str, str]]:
    """The physical IDs in the emulated stack, by logical ID."""
    template = supported()
    with mock.patch.dict(os.environ, ENVIRONMENT), mock_aws(config={"lambda": {"use_docker": False}}):
        os.environ.pop("AWS_PROFILE", None)
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as files:
            files.writestr("bootstrap", "")
        s3 = boto3.client("s3", region_name=REGION)
        s3.create_bucket(Bucket=BUCKET)
        s3.put_object(Bucket=BUCKET, Key=CODE_KEY, Body=code.getvalue())
        cloudformation = boto3.client("cloudformation", region_name=REGION)
        cloudformation.create_stack(
            StackName="mfa-enforcer",
            TemplateBody=json.dumps(template),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            # Like the console, it sends the defaults: moto makes no list of a default.
            Parameters=[
                {"ParameterKey": name, "ParameterValue": str(parameter["Default"])}
                for name, parameter in template["Parameters"].items()
            ],
        )
        made = cloudformation.describe_stack_resources(StackName="mfa-enforcer")["StackResources"]
        yield {each["LogicalResourceId"]: each.get("PhysicalResourceId", "") for each in made}


def labelled(part: Any, names: dict[str, str]) -> Any:
    """The same part with logical IDs in place of names, which differ in what CloudFormation generates."""
    text = json.dumps(part)
    for logical, physical in sorted(names.items(), key=lambda item: -len(item[1])):
        if physical:
            text = text.replace(re.split("[:/]", physical)[-1], f"<{logical}>")
    return json.loads(text.replace(":user/<QuarantineGroup>", ":group/<QuarantineGroup>"))


@pytest.fixture(scope="module", name="resolved")
def _resolved(names: dict[str, str], stack: ResolvedStack) -> dict[str, dict[str, Any]]:
    """The resources of the resolved stack, labelled."""
    ours = {
        name: str(stack.resolve({"Ref": name})) for name in names if stack.resources[name]["Type"] in NAMING
    }
    return {name: labelled(stack.resources[name]["Properties"], ours) for name in names}


def test_functions_are_as_resolved(
    names: dict[str, str], resolved: dict[str, Any], stack: ResolvedStack
) -> None:
    functions = boto3.client("lambda", region_name=REGION)
    for name in stack.functions():
        made = labelled(functions.get_function(FunctionName=names[name])["Configuration"], names)
        for key in ("Environment", "Role"):
            assert made[key] == resolved[name][key], name


def test_rules_are_as_resolved(names: dict[str, str], resolved: dict[str, Any], stack: ResolvedStack) -> None:
    events = boto3.client("events", region_name=REGION)
    for name in stack.of_type("AWS::Events::Rule"):
        pattern = json.loads(events.describe_rule(Name=names[name])["EventPattern"])
        targets = events.list_targets_by_rule(Rule=names[name])["Targets"]
        assert labelled(pattern, names) == resolved[name]["EventPattern"]
        assert labelled(targets, names) == resolved[name]["Targets"]


def test_policies_are_as_resolved(
    names: dict[str, str], resolved: dict[str, Any], stack: ResolvedStack
) -> None:
    iam = boto3.client("iam", region_name=REGION)
    for name in stack.of_type("AWS::IAM::ManagedPolicy"):
        made = iam.get_policy_version(PolicyArn=names[name], VersionId="v1")["PolicyVersion"]["Document"]
        assert labelled(made, names) == resolved[name]["PolicyDocument"]
