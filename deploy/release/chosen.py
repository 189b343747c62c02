"""A template for one value of a parameter: without the parameter, and without what only other values make."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .translation import Template

NOTHING = {"Ref": "AWS::NoValue"}


def chosen(template: Template, parameter: str, value: str) -> Template:
    """The template as if the parameter always had this value, without what nothing refers to any more."""
    choice = _Choice(parameter, value, template["Conditions"])
    made: Template = choice.applied(template)
    for section in ("Resources", "Outputs"):
        made[section] = _remaining(template[section], made[section], choice, "Condition")
    made["Rules"] = _remaining(template["Rules"], made["Rules"], choice, "RuleCondition")
    made["Conditions"] = {
        name: condition
        for name in template["Conditions"]
        if not isinstance(condition := choice.named(name), bool)
    }
    _tidy(made)
    return made


class _Choice:
    """What is known once a parameter has its value."""

    def __init__(self, parameter: str, value: str, conditions: dict[str, Any]) -> None:
        self._parameter = {"Ref": parameter}
        self._value = value
        self._conditions = conditions

    def named(self, name: str) -> Any:
        """Whether the condition of this name holds, or what is left of what it says."""
        left = self.condition(self._conditions[name])
        # It may not be another name for one of the others.
        return self.named(left["Condition"]) if isinstance(left, dict) and "Condition" in left else left

    def condition(self, part: Any) -> Any:
        """Whether a condition holds, or what is left of it."""
        match part:
            case {"Condition": name}:
                known = self.named(name)
                return known if isinstance(known, bool) else part
            case {"Fn::Equals": [left, right]}:
                given = [self._value if each == self._parameter else each for each in (left, right)]
                known = all(isinstance(each, str) for each in given)
                return given[0] == given[1] if known else part
            case {"Fn::Not": [inner]}:
                left = self.condition(inner)
                return not left if isinstance(left, bool) else {"Fn::Not": [left]}
            case {"Fn::And": parts}:
                return self._joined("Fn::And", parts, unless=True)
            case {"Fn::Or": parts}:
                return self._joined("Fn::Or", parts, unless=False)
        return part

    def _joined(self, function: str, parts: list[Any], *, unless: bool) -> Any:
        """What is left of several conditions, of which those that are `unless` say nothing."""
        left = [each for each in map(self.condition, parts) if each is not unless]
        if (not unless) in left:
            return not unless
        if len(left) > 1:
            return {function: left}
        return left[0] if left else unless

    def applied(self, part: Any) -> Any:
        """The same part, with what each known condition selects."""
        if isinstance(part, list):
            return [each for each in map(self.applied, part) if each != NOTHING]
        if not isinstance(part, dict):
            return part
        if part == self._parameter:
            return self._value
        if set(part) == {"Fn::If"}:
            name, yes, no = part["Fn::If"]
            known = self.named(name)
            if isinstance(known, bool):
                return self.applied(yes if known else no)
            # What stands here is no list: it may be nothing.
            return {"Fn::If": [name, self.applied(yes), self.applied(no)]}
        applied = {key: self.applied(each) for key, each in part.items()}
        return {key: each for key, each in applied.items() if each != NOTHING}


def _remaining(written: Template, made: Template, choice: _Choice, key: str) -> Template:
    """The entries of a section that are there, without a condition that always holds."""
    remaining = {}
    for name, each in written.items():
        asked = {"Condition": each[key]} if isinstance(each.get(key), str) else each.get(key, True)
        known = choice.condition(asked)
        if known is not False:
            remaining[name] = {
                part: inner for part, inner in made[name].items() if part != key or known is not True
            }
            if not isinstance(known, bool) and key in remaining[name]:
                remaining[name][key] = each[key] if isinstance(each[key], str) else known
    return remaining


def _tidy(template: Template) -> None:
    """Removes conditions, parameters and mappings to which nothing refers."""
    conditions, parameters = template["Conditions"], template["Parameters"]
    while unused := set(conditions) - set(_conditions_in(template)):
        for name in unused:
            del conditions[name]
    sections = [template[name] for name in ("Rules", "Conditions", "Resources", "Outputs")]
    named = set(_references_in(sections))
    for name in set(parameters) - named:
        del parameters[name]
    mapped = set(_mappings_in(sections))
    template["Mappings"] = {name: each for name, each in template["Mappings"].items() if name in mapped}
    interface = template["Metadata"]["AWS::CloudFormation::Interface"]
    groups = interface["ParameterGroups"]
    for group in groups:
        group["Parameters"] = [name for name in group["Parameters"] if name in parameters]
    interface["ParameterGroups"] = [group for group in groups if group["Parameters"]]
    labels = interface["ParameterLabels"].items()
    interface["ParameterLabels"] = {name: label for name, label in labels if name in parameters}


def _within(part: Any) -> Iterator[Any]:
    """A part, and every part of it."""
    yield part
    for each in part.values() if isinstance(part, dict) else part if isinstance(part, list) else []:
        yield from _within(each)


def _conditions_in(part: Any) -> Iterator[str]:
    """Every condition that something names."""
    for each in _within(part):
        match each:
            case {"Fn::If": [name, *_]}:
                yield name
            case {"Condition": str(name)}:
                yield name


def _mappings_in(part: Any) -> Iterator[str]:
    """Every mapping in which something is looked up."""
    for each in _within(part):
        match each:
            case {"Fn::FindInMap": [str(name), *_]}:
                yield name


def _references_in(part: Any) -> Iterator[str]:
    """Every name that a reference or a text has."""
    for each in _within(part):
        match each:
            case {"Ref": str(name)}:
                yield name
            case str(text):
                yield from (piece.split("}")[0] for piece in text.split("${")[1:])
