"""Events made of a rule's pattern: one for each call and each name that it lets through."""

import itertools
from collections.abc import Iterator
from typing import Any

from .contract import CONTRACT, Event
from .resolved_stack import ACCOUNT

CALLS: set[tuple[str, str]] = {(call["service"], call["name"]) for call in CONTRACT["own_calls"]}
# What makes those calls matter that do not always.
MATTERS = {"isMultiRegionTrail": False, "tagKeys": ["mfa-enforcer:last-look"]}
ABSENT = object()


def events_of(pattern: Event) -> Iterator[Event]:
    """Every event that a pattern tells apart, as a person would cause it."""
    for made in _objects(pattern):
        detail = made["detail"]
        detail["requestParameters"] = MATTERS | detail.get("requestParameters", {})
        yield made | {
            "source": "aws." + detail["eventSource"].removesuffix(".amazonaws.com"),
            "account": ACCOUNT,
            "id": "0d1f2a3b-0000-4000-8000-00000000e001",
            "time": "2026-11-24T09:01:00Z",
            "region": "us-east-1",
            "detail": {
                **detail,
                "userIdentity": {"type": "IAMUser", "userName": "mallory", "accountId": ACCOUNT},
                "eventTime": "2026-11-24T09:01:00Z",
                "eventID": "0d1f2a3b-0000-4000-8000-00000000d001",
                "recipientAccountId": ACCOUNT,
            },
        }


def _objects(pattern: Event) -> Iterator[Event]:
    several: list[list[Event]] = []
    for name, part in pattern.items():
        if name == "$or":
            several.append([made for branch in part for made in _objects(branch)])
        elif isinstance(part, dict):
            several.append([{name: made} for made in _objects(part)])
        else:
            several.append([{} if value is ABSENT else {name: value} for value in _values(name, part)])
    for parts in itertools.product(*several):
        made: Event = {}
        for part in parts:
            _merge(made, part)
        yield made


def _merge(made: Event, part: Event) -> None:
    for name, value in part.items():
        if isinstance(value, dict) and isinstance(made.get(name), dict):
            _merge(made[name], value)
        else:
            made[name] = dict(value) if isinstance(value, dict) else value


def _values(name: str, filters: list[Any]) -> list[Any]:
    """Values that match; none at all where that matches, too, and nothing is named."""
    values = [value for each in filters for value in _matching(name, each)]
    named = [value for value in values if value not in (ABSENT, "", "null")]
    return named or [ABSENT]


def _matching(name: str, each: Any) -> list[Any]:
    match each:
        case str():
            return [each]
        case {"exists": False} | {"anything-but": _}:
            return [ABSENT]
        case {"equals-ignore-case": str(text)}:
            return [text.upper()]
        case {"prefix": {"equals-ignore-case": str(text)}}:
            return [f"{text}x".upper()]
        case {"prefix": str(text)} if name == "eventName":
            return [call for _, call in sorted(CALLS) if call.startswith(text)]
        case {"prefix": str(text)}:
            return [f"{text}x"]
        case {"suffix": str(text)}:
            return [f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}{text}" if text.startswith("/") else text]
        case {"wildcard": str(text)}:
            return [text.replace("*", "x")]
    raise ValueError(f"no event can be made of {each}")
