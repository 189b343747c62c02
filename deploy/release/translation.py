"""The templates as written, and as CloudFormation gets them.

This does what happens before CloudFormation makes anything: `sam package` replaces local paths by places in
a bucket, the include transform inserts files, and SAM translates.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
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
# What an organization's accounts get, in the region of IAM's events and in each other one.
MEMBER = ROOT / "member.yaml"
MEMBER_REGION = ROOT / "member-region.yaml"

Template = dict[str, Any]
# What becomes of a resource, where it names a file here.
Placed = Callable[[dict[str, Any]], None]


class NoManagedPolicies:
    """The translator may look up AWS's own policies by name. The templates name none."""

    def load(self) -> dict[str, str]:
        raise LookupError("a template names a policy of AWS")


def source(path: Path = MAIN) -> Template:
    """A template as written, with the short forms of intrinsic functions expanded."""
    source: Template = yaml_parse(path.read_text(encoding="utf-8"))
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
    return json.loads((ROOT / include["Parameters"]["Location"]).read_text(encoding="utf-8"))


def translation(path: Path, place: Placed) -> Template:
    """A template without includes and SAM's types, after `place` has seen each resource."""
    packaged: Template = included(source(path))
    for resource in packaged["Resources"].values():
        place(resource)
    if "Transform" not in packaged:
        return packaged
    translated: Template = transform(packaged, {}, NoManagedPolicies())
    return translated
