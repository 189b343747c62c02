"""The recipes take only what the enforcer puts, show no secret, and quote what every event has."""

import json
import re
from pathlib import Path

import pytest

from .contract import CONTRACT
from .recipes import rules
from .templates import RECIPES, ROOT, resources, source

SCHEMA = json.loads((ROOT / "docs" / "event.schema.json").read_text(encoding="utf-8"))
each_recipe = pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)


@each_recipe
def test_rules_match_the_enforcer_alone(path: Path) -> None:
    for _, pattern, _ in rules(path):
        assert pattern["source"] == [CONTRACT["bus"]["source"]]
        for field, values in pattern.get("detail", {}).items():
            assert set(values) <= set(SCHEMA["properties"][field]["enum"]), field


@each_recipe
def test_transformers_quote_fields_that_are_never_null(path: Path) -> None:
    for name, _, transformer in rules(path):
        paths = transformer.get("InputPathsMap", {})
        quoted = set(re.findall(r"<(\w+)>", transformer.get("InputTemplate", "")))
        assert quoted <= set(paths), name
        for jsonpath in paths.values():
            _, detail, field, *rest = jsonpath.split(".")
            assert detail == "detail"
            assert field in SCHEMA["required"]
            assert rest in ([], ["id"])
            described = SCHEMA["properties"][field]
            assert "oneOf" not in described
            assert None not in described.get("enum", [])
            assert "null" not in described.get("type", [])


@each_recipe
def test_secrets_are_not_shown(path: Path) -> None:
    for name, parameter in source(path).get("Parameters", {}).items():
        if re.search("Key$|Password|Token", name):
            assert parameter["NoEcho"] is True, name


@each_recipe
def test_roles_call_one_destination(path: Path) -> None:
    for role in resources(source(path), "AWS::IAM::Role").values():
        (policy,) = role["Properties"]["Policies"]
        (statement,) = policy["PolicyDocument"]["Statement"]
        assert statement["Resource"] != "*"
        (trust,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
