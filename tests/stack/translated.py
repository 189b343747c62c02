"""The template as CloudFormation gets it: documents included, SAM translated, code and templates in a bucket.

Must read what is in the repository and nothing else: no network, no account.
"""

from __future__ import annotations

import copy
import json
import os
from functools import cache
from pathlib import Path
from typing import Any

from samtranslator.translator.transform import transform  # type: ignore[import-untyped]
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template.yaml"
FORWARD = ROOT / "forward.yaml"

# Where `sam deploy` puts what the template names as local files.
BUCKET = "artifacts"
CODE_KEY = "code.zip"
FORWARD_KEY = "forward.yaml"

Template = dict[str, Any]


class _NoManagedPolicies:
    """The template names no managed policy of AWS, so nothing has to be looked up."""

    def load(self) -> dict[str, str]:
        raise LookupError("the template names a managed policy of AWS by its short name")


@cache
def _source(path: Path) -> Template:
    template: Template = yaml_parse(path.read_text(encoding="utf-8"))
    return template


def source(path: Path = TEMPLATE) -> Template:
    """A template as it is written, intrinsic functions in their long form."""
    return copy.deepcopy(_source(path))


@cache
def _translated() -> Template:
    # The translator asks for a region to know the partition.
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    template = _include(source())
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Serverless::Function":
            properties["CodeUri"] = f"s3://{BUCKET}/{CODE_KEY}"
        elif resource["Type"] == "AWS::CloudFormation::StackSet":
            properties["TemplateURL"] = f"https://{BUCKET}.s3.amazonaws.com/{FORWARD_KEY}"
    done: Template = transform(template, {}, _NoManagedPolicies())
    return done


def translated() -> Template:
    """The main template in plain CloudFormation."""
    return copy.deepcopy(_translated())


def _include(node: Any) -> Any:
    """Puts the documents in place of `AWS::Include`, which CloudFormation would do."""
    if isinstance(node, list):
        return [_include(part) for part in node]
    if not isinstance(node, dict):
        return node
    macro = node.get("Fn::Transform")
    if macro is None:
        return {key: _include(part) for key, part in node.items()}
    if set(node) != {"Fn::Transform"} or macro["Name"] != "AWS::Include":
        raise LookupError(f"a transform that is not known here: {macro}")
    return json.loads((ROOT / macro["Parameters"]["Location"]).read_text(encoding="utf-8"))
