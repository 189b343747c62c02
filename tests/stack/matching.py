"""Which functions an event reaches, by the patterns of a stack's rules."""

import json
from typing import Any

from moto.events.models import EventPattern

from .contract import Event
from .resolved_stack import ResolvedStack

# Where most events differ from most patterns. To see that takes a hundredth of what moto's match takes.
FIRST_FIELDS = (("source",), ("detail-type",), ("detail", "eventName"))


class Pattern:
    """The pattern of a rule."""

    def __init__(self, pattern: Event) -> None:
        self.whole = EventPattern.load(json.dumps(pattern))
        self._first = [(path, accepted) for path in FIRST_FIELDS if (accepted := _texts(_at(pattern, path)))]

    def matches(self, event: Any) -> bool:
        return self.may_match(event) and self.whole.matches_event(event)

    def may_match(self, event: Any) -> bool:
        """Whether none of the first fields is a text that the pattern does not name."""
        found = ((_at(event, path), accepted) for path, accepted in self._first)
        return all(not isinstance(value, str) or value in accepted for value, accepted in found)


# The patterns of each function's rules.
Patterns = dict[str, list[Pattern]]


def _at(part: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        part = part.get(name) if isinstance(part, dict) else None
    return part


def _texts(filters: Any) -> set[str]:
    """The texts that a part of a pattern accepts; nothing if it accepts anything else."""
    is_plain = isinstance(filters, list) and all(isinstance(each, str) for each in filters)
    return set(filters) if is_plain else set()


def patterns_of(stack: ResolvedStack, watching: bool | None = None) -> Patterns:
    """All patterns, or only those that watch over the enforcer itself, or only the others."""
    functions = {stack.arn(name): binary for name, binary in stack.functions().items()}
    found: Patterns = {}
    for rule in stack.of_type("AWS::Events::Rule").values():
        if watching not in (None, f"{stack.name}-watch-" in rule["Name"]):
            continue
        (target,) = rule["Targets"]
        found.setdefault(functions[target["Arn"]], []).append(Pattern(rule["EventPattern"]))
    return found


def arrives_at(patterns: Patterns, event: Any) -> set[str]:
    """The functions that an event reaches."""
    spread = with_lists_spread(event)
    return {
        function
        for function, several in patterns.items()
        if any(pattern.matches(spread) for pattern in several)
    }


def with_lists_spread(part: Any) -> Any:
    """The same part, with a list of values for each field of the objects in a list.

    EventBridge looks into each object of a list, and moto does not.
    """
    if isinstance(part, dict):
        return {key: with_lists_spread(value) for key, value in part.items()}
    if isinstance(part, list) and part and all(isinstance(each, dict) for each in part):
        return {
            key: [each[key] for each in part if key in each] for key in {key for each in part for key in each}
        }
    return part
