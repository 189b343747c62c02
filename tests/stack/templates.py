"""The templates as written, and as CloudFormation gets them.

This does what happens before CloudFormation makes anything: `sam package` replaces local paths by places in
a bucket, the include transform inserts files, and SAM translates.
"""

import json
import os
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

# The translator asks boto3 for the region, and there is no account to ask.
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform

ROOT = Path(__file__).resolve().parents[2]
MAIN = ROOT / "template.yaml"
FORWARD = ROOT / "forward.yaml"
MAIL = ROOT / "mail.yaml"
POLICIES = ROOT / "policies"
# What others may deploy to take events from the bus. They are deployed as they are.
RECIPES = sorted((ROOT / "deploy" / "recipes").glob("*.yaml"))

Template = dict[str, Any]


class NoManagedPolicies:
    """The translator may look up AWS's own policies by name. The templates name none."""

    def load(self) -> dict[str, str]:
        raise LookupError("a template names a policy of AWS")


def source(path: Path = MAIN) -> Template:
    """A template as written, with the short forms of intrinsic functions expanded."""
    source: Template = yaml_parse(path.read_text())
    return source


def included(part: Any) -> Any:
    """The same part with each `AWS::Include` replaced by its file."""
    if isinstance(part, list):
        return [included(each) for each in part]
    if not isinstance(part, dict):
        return part
    include = part.get("Fn::Transform")
    if include is None:
        return {key: included(value) for key, value in part.items()}
    if set(part) != {"Fn::Transform"} or include["Name"] != "AWS::Include":
        raise LookupError(f"unknown transform: {part}")
    return json.loads((ROOT / include["Parameters"]["Location"]).read_text())


@cache
def _translated(path: Path) -> Template:
    packaged: Template = included(source(path))
    for resource in packaged["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://artifacts/code.zip"
        if resource["Type"] in ("AWS::CloudFormation::StackSet", "AWS::CloudFormation::Stack"):
            file = resource["Properties"]["TemplateURL"]
            resource["Properties"]["TemplateURL"] = f"https://artifacts.s3.amazonaws.com/{file}"
    if "Transform" not in packaged:
        return packaged
    translated: Template = transform(packaged, {}, NoManagedPolicies())
    return translated


def translated(path: Path = MAIN) -> Template:
    """A template as CloudFormation gets it: packaged, included, and translated by SAM."""
    return deepcopy(_translated(path))


def resources(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    """The resources of one type, by logical ID."""
    return {name: each for name, each in template["Resources"].items() if each["Type"] == kind}
