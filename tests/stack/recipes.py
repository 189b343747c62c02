"""The recipes in `deploy/recipes/`: their rules, and what each sends."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .resolved_stack import ACCOUNT
from .templates import RECIPES, source

# What the tests enter where a recipe asks.
PARAMETERS = {
    "BusName": "default",
    "Project": "SEC",
    "IssueType": "Task",
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::AccountId": ACCOUNT,
}
_REFERENCE = re.compile(r"\$\{([\w:]+)\}")


def recipe(name: str) -> Path:
    (found,) = (path for path in RECIPES if path.stem == name)
    return found


def rules(path: Path) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """The name of each rule, its pattern, and its input transformer: empty if the event is sent as it is."""
    for name, resource in source(path)["Resources"].items():
        if resource["Type"] == "AWS::Events::Rule":
            (target,) = resource["Properties"]["Targets"]
            transformer = dict(target.get("InputTransformer", {}))
            if isinstance(template := transformer.get("InputTemplate"), dict):
                transformer["InputTemplate"] = _REFERENCE.sub(
                    lambda found: PARAMETERS[found[1]], template["Fn::Sub"]
                )
            yield name, resource["Properties"]["EventPattern"], transformer
