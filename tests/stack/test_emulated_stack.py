"""CloudFormation, as moto emulates it, resolves the template as our own resolver does.

All other tests rely on our resolver. This one compares it with a second implementation.
"""

import io
import json
import os
import re
import zipfile
from collections.abc import Mapping
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.cloudformation import parsing

from .resolved_stack import NAMING, ResolvedStack
from .templates import BUCKET, CODE_KEY, Template, translated

REGION = "us-east-1"


def supported() -> Template:
    """The part of the template that moto's CloudFormation can make."""
    template = translated()
    template.pop("Rules")
    # moto fails on the tags of a key, and knows no groups: a user has a name and an ARN as well.
    template["Resources"]["AlertsKey"]["Properties"].pop("Tags")
    template["Resources"]["QuarantineGroup"] = {"Type": "AWS::IAM::User"}
    # The dashboard refers to alarms, which moto does not make.
    kinds = parsing.get_model_map().keys() - {"AWS::CloudWatch::Dashboard"}
    template["Resources"] = {
        name: each for name, each in template["Resources"].items() if each["Type"] in kinds
    }
    return template


def deploy(template: Template) -> dict[str, str]:
    """Makes the stack. Returns the physical IDs by logical ID."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as files:
        files.writestr("bootstrap", "")
    s3 = boto3.client("s3", region_name=REGION)
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key=CODE_KEY, Body=code.getvalue())
    cloudformation = boto3.client("cloudformation", region_name=REGION)
    # Like the console, it sends the defaults: moto makes no list of a default.
    defaults = {name: str(parameter["Default"]) for name, parameter in template["Parameters"].items()}
    cloudformation.create_stack(
        StackName="mfa-enforcer",
        TemplateBody=json.dumps(template),
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in defaults.items()],
    )
    made = cloudformation.describe_stack_resources(StackName="mfa-enforcer")["StackResources"]
    return {each["LogicalResourceId"]: each.get("PhysicalResourceId", "") for each in made}


def labelled(part: Any, names: Mapping[str, str]) -> Any:
    """The same part with logical IDs in place of names, which are partly random."""
    text = json.dumps(part)
    for logical, physical in sorted(names.items(), key=lambda item: -len(item[1])):
        if physical:
            text = text.replace(re.split("[:/]", physical)[-1], f"<{logical}>")
    return json.loads(text.replace(":user/<QuarantineGroup>", ":group/<QuarantineGroup>"))


@mock_aws(config={"lambda": {"use_docker": False}})
def test_moto_resolves_the_template_alike(stack: ResolvedStack, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(variable, os.devnull)
    names = deploy(supported())
    functions = boto3.client("lambda", region_name=REGION)
    events = boto3.client("events", region_name=REGION)
    iam = boto3.client("iam", region_name=REGION)
    made: dict[str, Any] = {}
    for name in stack.functions():
        function = functions.get_function(FunctionName=names[name])["Configuration"]
        made[name] = {key: function[key] for key in ("Environment", "Role")}
    for name in stack.of_type("AWS::Events::Rule"):
        pattern = json.loads(events.describe_rule(Name=names[name])["EventPattern"])
        targets = events.list_targets_by_rule(Rule=names[name])["Targets"]
        made[name] = {"EventPattern": pattern, "Targets": targets}
    for name in stack.of_type("AWS::IAM::ManagedPolicy"):
        version = iam.get_policy_version(PolicyArn=names[name], VersionId="v1")["PolicyVersion"]
        made[name] = {"PolicyDocument": version["Document"]}

    ours = {name: stack.resolve({"Ref": name}) for name in names if stack.resources[name]["Type"] in NAMING}
    properties = {name: stack.resources[name]["Properties"] for name in made}
    resolved = {name: {key: properties[name][key] for key in made[name]} for name in made}
    assert labelled(made, names) == labelled(resolved, ours)
