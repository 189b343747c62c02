"""EventBridge in small: which functions an event reaches by the patterns of the template's own rules."""

import json
import uuid
from functools import cache
from typing import Any

from moto.events.models import EventPattern

from .deployment import ACCOUNT, REGION, STACK

Event = dict[str, Any]


@cache
def _patterns() -> tuple[tuple[str, EventPattern], ...]:
    functions = {STACK.arn(name): binary for name, binary in STACK.functions().items()}
    return tuple(
        (functions[target["Arn"]], EventPattern.load(json.dumps(rule["EventPattern"])))
        for rule in STACK.of_type("AWS::Events::Rule").values()
        for target in rule["Targets"]
        if target["Arn"] in functions
    )


def enveloped(detail: dict[str, Any]) -> Event:
    """A record of IAM as EventBridge sends it."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.iam",
        "account": ACCOUNT,
        "time": detail["eventTime"],
        "region": REGION,
        "resources": [],
        "detail": detail,
    }


def reached(event: Event) -> list[str]:
    """The functions that an event reaches, each once."""
    flat = _without_lists_of_objects(event)
    return sorted({function for function, pattern in _patterns() if pattern.matches_event(flat)})


def _without_lists_of_objects(value: Any) -> Any:
    """EventBridge looks into lists of objects, and moto does not. So `[{k: a}, {k: b}]` is `{k: [a, b]}`."""
    if isinstance(value, dict):
        return {name: _without_lists_of_objects(each) for name, each in value.items()}
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        names = {name for each in value for name in each}
        return {name: [each[name] for each in value if name in each] for name in sorted(names)}
    return value
