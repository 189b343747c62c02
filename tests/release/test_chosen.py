"""A template for one value of a parameter says what the whole one says for that value."""

import json
from copy import deepcopy
from typing import Any

import pytest

from deploy.release.chosen import chosen
from tests.stack.resolved_stack import Location, ResolvedStack
from tests.stack.templates import source, translated

NOTHING = {"Ref": "AWS::NoValue"}
# Every form in which a condition can depend on the parameter, or not.
TEMPLATE: dict[str, Any] = {
    "Metadata": {
        "AWS::CloudFormation::Interface": {
            "ParameterGroups": [
                {"Label": {"default": "Kind"}, "Parameters": ["Kind"]},
                {"Label": {"default": "Rest"}, "Parameters": ["Size", "Loud", "Unused"]},
            ],
            "ParameterLabels": {name: {"default": name} for name in ("Kind", "Size", "Loud", "Unused")},
        }
    },
    "Parameters": {name: {"Type": "String", "Default": "a"} for name in ("Kind", "Size", "Loud", "Unused")},
    "Mappings": {},
    "Rules": {
        "Always": {"Assertions": [{"Assert": {"Fn::Equals": [{"Ref": "Size"}, "a"]}}]},
        "OfA": {"RuleCondition": {"Fn::Equals": [{"Ref": "Kind"}, "a"]}, "Assertions": [{"Assert": True}]},
        "OfB": {"RuleCondition": {"Fn::Equals": ["b", {"Ref": "Kind"}]}, "Assertions": [{"Assert": True}]},
        "OfSize": {"RuleCondition": {"Fn::Equals": [{"Ref": "Size"}, "a"]}, "Assertions": [{"Assert": True}]},
    },
    "Conditions": {
        "IsA": {"Fn::Equals": [{"Ref": "Kind"}, "a"]},
        "IsB": {"Fn::Not": [{"Condition": "IsA"}]},
        "IsBig": {"Fn::Equals": [{"Ref": "Size"}, "a"]},
        "IsBigA": {"Fn::And": [{"Condition": "IsA"}, {"Condition": "IsBig"}]},
        "IsBigOrB": {"Fn::Or": [{"Condition": "IsB"}, {"Condition": "IsBig"}]},
        "IsNotBigA": {"Fn::Not": [{"Condition": "IsBigA"}]},
        "IsAOrB": {"Fn::Or": [{"Condition": "IsA"}, {"Condition": "IsB"}]},
    },
    "Resources": {
        **{
            f"Queue{name}": {"Type": "AWS::SQS::Queue", "Condition": name}
            for name in ("IsA", "IsB", "IsBig", "IsBigA", "IsBigOrB", "IsNotBigA", "IsAOrB")
        },
        "Queue": {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "Kind": {"Ref": "Kind"},
                "Loud": {"Fn::If": ["IsB", {"Fn::Sub": "${Loud}!"}, NOTHING]},
                "Nested": {"Fn::If": ["IsBig", {"Fn::If": ["IsA", "big a", "big b"]}, NOTHING]},
                "Listed": [1, {"Fn::If": ["IsA", 2, NOTHING]}, {"Fn::If": ["IsBig", 3, NOTHING]}],
                "Lists": {"Fn::If": ["IsA", [{"Fn::If": ["IsBig", 1, NOTHING]}], [2]]},
            },
        },
    },
    "Outputs": {"A": {"Condition": "IsA", "Value": "a"}, "Big": {"Condition": "IsBigA", "Value": "b"}},
}


def without_conditions(resources: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {key: part for key, part in each.items() if key != "Condition"}
        for name, each in resources.items()
    }


@pytest.mark.parametrize("kind", ["a", "b"])
@pytest.mark.parametrize("size", ["a", "c"])
def test_same_is_made_for_that_value(kind: str, size: str) -> None:
    made = chosen(deepcopy(TEMPLATE), "Kind", kind)
    ours = ResolvedStack(made, parameters={"Size": size})
    whole = ResolvedStack(TEMPLATE, parameters={"Size": size, "Kind": kind})
    assert without_conditions(ours.resources) == without_conditions(whole.resources)
    assert ours.outputs == whole.outputs


def test_nothing_of_the_other_value_is_left() -> None:
    a, b = (chosen(deepcopy(TEMPLATE), "Kind", kind) for kind in ("a", "b"))
    assert set(a["Parameters"]) == {"Size"}
    assert set(b["Parameters"]) == {"Size", "Loud"}
    assert set(a["Rules"]) == {"Always", "OfA", "OfSize"}
    assert set(b["Rules"]) == {"Always", "OfB", "OfSize"}
    assert [name for name, rule in (a["Rules"] | b["Rules"]).items() if "RuleCondition" in rule] == ["OfSize"]
    # What a condition says without the part that is known.
    assert a["Conditions"]["IsBigA"] == TEMPLATE["Conditions"]["IsBig"]
    assert "IsBigA" not in b["Conditions"]
    assert "QueueIsB" not in a["Resources"]
    assert "Condition" not in a["Resources"]["QueueIsA"]
    assert a["Resources"]["QueueIsBig"]["Condition"] == "IsBig"
    interface = a["Metadata"]["AWS::CloudFormation::Interface"]
    assert interface["ParameterGroups"] == [{"Label": {"default": "Rest"}, "Parameters": ["Size"]}]
    assert set(interface["ParameterLabels"]) == {"Size"}


def test_whole_template_is_not_changed() -> None:
    before = json.dumps(TEMPLATE)
    chosen(TEMPLATE, "Kind", "a")
    assert json.dumps(TEMPLATE) == before


@pytest.mark.parametrize("hub", ["yes", "no"])
def test_main_template_makes_the_same_for_that_value(hub: str) -> None:
    given = {"OrganizationId": "o-a1b2c3d4e5", "Evidence": "create", "BreakGlassPath": "/glass/"}
    made = chosen(translated(), "Hub", hub)
    ours = {name: value for name, value in given.items() if name in made["Parameters"]}
    plain = ResolvedStack(made, "mfa", Location(), ours)
    whole = ResolvedStack(translated(), "mfa", Location(), given | {"Hub": hub})
    assert without_conditions(plain.resources) == without_conditions(whole.resources)
    assert plain.outputs == whole.outputs
    assert "Hub" in source()["Parameters"]
