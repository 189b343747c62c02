"""The recipes take only what the enforcer puts, show no secret, and quote what every event has."""

import json
import re
from pathlib import Path

import pytest

from .contract import CONTRACT
from .recipes import recipe, rules
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


def stands_in_json(value: str) -> bool:
    """Whether the schema lets the field have no quotes and no backslashes."""
    described = SCHEMA["properties"]
    for part in value.split(".")[2:]:
        described = described[part]
        described = described.get("properties", described)
    forms = [described, *described.get("allOf", [])]
    forms += [SCHEMA["$defs"][form["$ref"].rsplit("/", 1)[1]] for form in forms if "$ref" in form]
    words = [word for form in forms for word in form.get("enum", [])]
    patterns = [form["pattern"] for form in forms if "pattern" in form]
    breaks = ['"', 'a"b', "a\\b", "a\nb"]
    return bool(words) or any(not any(re.search(pattern, text) for text in breaks) for pattern in patterns)


@each_recipe
def test_transformers_quote_fields_that_cannot_end_a_quotation(path: Path) -> None:
    for name, _, transformer in rules(path):
        for jsonpath in transformer.get("InputPathsMap", {}).values():
            assert stands_in_json(jsonpath), f"{name}: {jsonpath}"


def test_pagerduty_is_called_where_the_account_is() -> None:
    (destination,) = resources(source(recipe("pagerduty")), "AWS::Events::ApiDestination").values()
    condition, europe, elsewhere = destination["Properties"]["InvocationEndpoint"]["Fn::If"]
    assert condition == "IsInEurope"
    assert europe == "https://events.eu.pagerduty.com/v2/enqueue"
    assert elsewhere == "https://events.pagerduty.com/v2/enqueue"


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
