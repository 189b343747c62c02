"""What the template's rules say to a region whose SES is to send."""

from typing import Any

from .templates import MAIN, source

RULES = source(MAIN)["Rules"]


def value(expression: Any, names: dict[str, str]) -> Any:
    """What a rule's function comes to."""
    match expression:
        case {"Ref": name}:
            return names[name]
        case {"Fn::Equals": [left, right]}:
            return value(left, names) == value(right, names)
        case {"Fn::And": parts}:
            return all(value(each, names) for each in parts)
        case {"Fn::Not": [inner]}:
            return not value(inner, names)
        case {"Fn::Contains": [allowed, given]}:
            return value(given, names) in allowed
    return expression


def refusals(region: str, mail_region: str) -> list[str]:
    """What CloudFormation would say."""
    names = {"AWS::Region": region, "MailRegion": mail_region}
    return [
        assertion["AssertDescription"]
        for title, rule in RULES.items()
        if title.startswith("MailRegion") and value(rule["RuleCondition"], names)
        for assertion in rule["Assertions"]
        if not value(assertion["Assert"], names)
    ]
