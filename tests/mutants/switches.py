"""Puts mutants behind switches, so that one build holds thousands of them.

    if due <= now { ... }
    if (if crate::switch::on(17) { due > now } else { due <= now }) { ... }

One mutant is on at a time. So its branch is plain text, and only the other branch has more switches inside.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import tree_sitter_rust
from tree_sitter import Language, Node, Parser

PARSER = Parser(Language(tree_sitter_rust.language()))
# What is computed by the compiler cannot ask for a switch.
CONSTANT = {"const_item", "static_item", "const_block", "array_type"}
# A type that is not the one that is wanted, or that lacks what is asked of it. Other errors may come
# from the switch.
TYPE_ERRORS = {"E0277", "E0282", "E0283", "E0308", "E0369", "E0599"}
# As cargo and the compiler write them, in JSON.
Message = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """A mutant, as cargo-mutants lists it."""

    name: str
    file: str
    genre: str
    start: tuple[int, int]
    """Line and column of the first character that is replaced, both counted from one."""
    end: tuple[int, int]
    replacement: str


@dataclass(frozen=True)
class Extent:
    """A part of the code with switches, in bytes, and the numbers of the mutants that it is about."""

    start: int
    end: int
    numbers: tuple[int, ...]

    def holds(self, other: Extent) -> bool:
        return self.start <= other.start and other.end <= self.end


@dataclass
class Switched:
    """A file with switches."""

    text: bytes
    branches: list[Extent]
    """What is compiled for one mutant alone."""
    regions: list[Extent]
    """The expressions and bodies that have switches."""
    unswitchable: list[int]
    """The mutants that cannot have one."""


@dataclass(frozen=True)
class _Region:
    """What gets switches: an expression, or what is between the braces of a function."""

    start: int
    end: int
    around: tuple[str, str] = ("", "")
    """The brackets around all of it, so that it stays one expression."""
    either: tuple[str, str] = ("", "")
    """What is before each of the two forms if their types differ. Brackets close behind them."""


class _Source:
    def __init__(self, text: str) -> None:
        self.text = text.encode()
        self.lines = self.text.splitlines(keepends=True)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))
        self.root = PARSER.parse(self.text).root_node

    def offset(self, place: tuple[int, int]) -> int:
        line, column = place
        if line > len(self.lines):
            return len(self.text)
        return self.starts[line - 1] + len(self.lines[line - 1].decode()[: column - 1].encode())

    def node(self, start: int, end: int) -> Node:
        node = self.root.descendant_for_byte_range(start, end)
        if node is None:
            raise ValueError(f"no code at bytes {start} to {end}")
        return node


def put_in(text: str, changes: dict[int, Change]) -> Switched:
    """The text of a file with a switch for each of its mutants, by number."""
    source = _Source(text)
    mutants: dict[_Region, dict[int, bytes]] = {}
    unswitchable = []
    for number, change in changes.items():
        start, end = source.offset(change.start), source.offset(change.end)
        region = _region(change.genre, source.node(start, end))
        if region is None:
            unswitchable.append(number)
            continue
        if change.genre == "FnValue":
            start, end = region.start, region.end
        mutated = (
            source.text[region.start : start],
            change.replacement.encode(),
            source.text[end : region.end],
        )
        mutants.setdefault(region, {})[number] = b"".join(mutated)
    return _written(source.text, mutants, unswitchable)


def _region(genre: str, node: Node) -> _Region | None:
    """What has to be written twice for a mutant at this node. Nothing, if it cannot have a switch there."""
    above = list(_above(node))
    if any(it.type in CONSTANT or _is_constant_function(it) for it in above):
        return None
    wanted = {
        "FnValue": ("function_item",),
        "BinaryOperator": ("binary_expression", "compound_assignment_expr"),
        "UnaryOperator": ("unary_expression",),
        "MatchArm": ("match_expression",),
        "MatchArmGuard": (node.type,),
        "StructField": ("struct_expression",),
    }.get(genre, ())
    # An operator's own expression is right above it. Between the parts of an `if let` chain there is none.
    near = above[:2] if genre.endswith("Operator") else above
    found = next((it for it in near if it.type in wanted), None)
    if found is None:
        return None
    if genre == "FnValue":
        body = found.child_by_field_name("body")
        returned = found.child_by_field_name("return_type")
        is_opaque = returned is not None and b"impl Iterator" in (returned.text or b"")
        either = ("crate::switch::Either::One({", "crate::switch::Either::Other({") if is_opaque else ("", "")
        return _Region(body.start_byte + 1, body.end_byte - 1, either=either) if body else None
    # Another operator may bind more or less than its neighbors do.
    while genre == "BinaryOperator" and found.parent is not None and found.parent.type == "binary_expression":
        found = found.parent
    # A match can be a statement, which a closing parenthesis would not end.
    around = ("{", "}") if genre == "MatchArm" else ("(", ")")
    return _Region(found.start_byte, found.end_byte, around)


def _above(node: Node) -> Iterator[Node]:
    at: Node | None = node
    while at is not None:
        yield at
        at = at.parent


def _is_constant_function(node: Node) -> bool:
    modifiers = [it for it in node.children if it.type == "function_modifiers"]
    return node.type == "function_item" and any(b"const" in (it.text or b"").split() for it in modifiers)


def _written(text: bytes, mutants: dict[_Region, dict[int, bytes]], unswitchable: list[int]) -> Switched:
    written, at = bytearray(), 0
    open_regions: list[tuple[_Region, int]] = []
    switched = Switched(b"", [], [], unswitchable)

    def close(until: int) -> None:
        nonlocal at
        while open_regions and open_regions[-1][0].end <= until:
            region, begun = open_regions.pop()
            written.extend(text[at : region.end])
            at = region.end
            end = "\n})}" if any(region.either) else "\n}"
            written.extend((end * len(mutants[region]) + region.around[1]).encode())
            switched.regions.append(Extent(begun, len(written), tuple(mutants[region])))

    # The wider of two that begin at the same place first; of the same place, a function's body.
    for region in sorted(mutants, key=lambda it: (it.start, -it.end, it.around)):
        close(region.start)
        written.extend(text[at : region.start])
        at = region.start
        open_regions.append((region, len(written)))
        written.extend(region.around[0].encode())
        one, other = region.either
        for number, mutated in mutants[region].items():
            written.extend(f"if crate::switch::on({number}) {{ {one}".encode())
            switched.branches.append(Extent(len(written), len(written) + len(mutated), (number,)))
            written.extend(mutated + b"\n" + (b"})" if one else b"") + f"}} else {{ {other}".encode())
    close(len(text))
    written.extend(text[at:])
    switched.text = bytes(written)
    return switched


def blame(error: Message, files: dict[str, Switched]) -> tuple[tuple[int, ...], bool] | None:
    """The mutants that an error is about, and whether it is certain that the switch is not its cause."""
    code = (error["code"] or {}).get("code")
    # Where the error is, and then what else the compiler points at.
    for span in map(_outside_macros, sorted(error["spans"], key=lambda it: not it["is_primary"])):
        if span["file_name"] not in files:
            continue
        file, place = files[span["file_name"]], Extent(span["byte_start"], span["byte_end"], ())
        if branch := _innermost(file.branches, place):
            return branch.numbers, span["is_primary"] and code in TYPE_ERRORS
        if region := _innermost(file.regions, place) or _outermost(file.regions, place):
            return region.numbers, False
    return None


def _outside_macros(span: Message) -> Message:
    return _outside_macros(span["expansion"]["span"]) if span["expansion"] else span


def _innermost(extents: list[Extent], place: Extent) -> Extent | None:
    """The smallest of those that hold the place."""
    around = (it for it in extents if it.holds(place))
    return min(around, key=lambda it: it.end - it.start, default=None)


def _outermost(extents: list[Extent], place: Extent) -> Extent | None:
    """The largest of those that the place holds."""
    return max((it for it in extents if place.holds(it)), key=lambda it: it.end - it.start, default=None)
