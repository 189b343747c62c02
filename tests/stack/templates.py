"""The templates as CloudFormation gets them after `make deploy`."""

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from deploy.release.translation import (
    FORWARD,
    MAIL,
    MAIN,
    MEMBER,
    MEMBER_REGION,
    ROOT,
    Template,
    source,
    translation,
)

__all__ = ["FORWARD", "MAIL", "MAIN", "MEMBER", "MEMBER_REGION", "ROOT", "Template", "source"]

POLICIES = ROOT / "policies"
# What others may deploy to take events from the bus. They are deployed as they are.
RECIPES = sorted((ROOT / "deploy" / "recipes").glob("*.yaml"))


def _packaged(resource: dict[str, Any]) -> None:
    """Puts a place in a bucket where a resource names a file, as `sam package` does."""
    if resource["Type"] == "AWS::Serverless::Function":
        resource["Properties"]["CodeUri"] = "s3://artifacts/code.zip"
    if resource["Type"] in ("AWS::CloudFormation::StackSet", "AWS::CloudFormation::Stack"):
        file = resource["Properties"]["TemplateURL"]
        resource["Properties"]["TemplateURL"] = f"https://artifacts.s3.amazonaws.com/{file}"


@cache
def _translated(path: Path) -> Template:
    return translation(path, _packaged)


def translated(path: Path = MAIN) -> Template:
    """A template as CloudFormation gets it: packaged, included, and translated by SAM."""
    return deepcopy(_translated(path))


def resources(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    """The resources of one type, by logical ID."""
    return {name: each for name, each in template["Resources"].items() if each["Type"] == kind}
