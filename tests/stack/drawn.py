"""Values drawn at random from a regular expression, with the same draw each time."""

import importlib
import random
import string
from collections.abc import Iterator
from types import ModuleType
from typing import Any


def inner(name: str) -> ModuleType:
    """A part of the standard library's parser of regular expressions."""
    try:
        return importlib.import_module(f"re._{name}")
    except ImportError:  # Python 3.10
        return importlib.import_module(f"sre_{name}")


kinds = inner("constants")
parser = inner("parser")

# `*` and `+` stand for no more repetitions than this.
ENDLESS = 4


def drawn(pattern: str, count: int) -> Iterator[str]:
    """So many values that match the pattern."""
    draw = random.Random(pattern)
    parsed = parser.parse(pattern)
    for _ in range(count):
        yield _some(parsed, draw)


def _some(parts: Any, draw: random.Random) -> str:
    return "".join(_one(kind, value, draw) for kind, value in parts)


def _one(kind: Any, value: Any, draw: random.Random) -> str:
    if kind is kinds.LITERAL:
        return chr(value)
    if kind is kinds.IN:
        return _member(value, draw)
    if kind is kinds.BRANCH:
        return _some(draw.choice(value[1]), draw)
    if kind is kinds.SUBPATTERN:
        return _some(value[3], draw)
    if kind is kinds.MAX_REPEAT:
        least, most, repeated = value
        times = draw.randint(least, least + ENDLESS if most is kinds.MAXREPEAT else most)
        return "".join(_some(repeated, draw) for _ in range(times))
    if kind is kinds.AT:
        return ""
    raise NotImplementedError(f"patterns with {kind}")


def _member(members: Any, draw: random.Random) -> str:
    """A character of a set. One that excludes characters has the other printable ones."""
    if members[0][0] is kinds.NEGATE:
        excluded = members[1:]
        return draw.choice(
            [each for each in string.printable if not any(_has(one, each) for one in excluded)]
        )
    kind, value = draw.choice(members)
    if kind is kinds.LITERAL:
        return chr(value)
    if kind is kinds.RANGE:
        return chr(draw.randint(*value))
    raise NotImplementedError(f"sets with {kind}")


def _has(member: Any, character: str) -> bool:
    """Whether a part of a set has a character."""
    kind, value = member
    if kind is kinds.LITERAL:
        return bool(ord(character) == value)
    if kind is kinds.RANGE:
        return bool(value[0] <= ord(character) <= value[1])
    if kind is kinds.CATEGORY and value is kinds.CATEGORY_SPACE:
        return character in string.whitespace
    raise NotImplementedError(f"sets with {kind}")
