"""A function that grows fails a test, without the minutes that a release takes.

What counts is how many times as large as a function that does nothing it is, both as they are compiled for
tests. So another toolchain or another kind of machine is no reason to fail. `make built-sizes` writes the
budget anew; that of a release is in `deploy/release/sizes.json`.
"""

import json
import os
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from deploy.release.compiled import FUNCTIONS
from deploy.release.sizes import PERCENT
from tests.e2e import functions

BUDGET = Path(__file__).with_name("built_sizes.json")
ELF = b"\x7fELF"


def loaded_bytes(path: Path) -> int:
    """What the system loads of a binary: its code and data, without what is for debuggers."""
    with path.open("rb") as file:
        return sum(int(segment["p_filesz"]) for segment in ELFFile(file).iter_segments("PT_LOAD"))


def wrong_sizes(found: dict[str, float], budget: dict[str, float]) -> list[str]:
    """Functions that are over five percent larger or smaller than their budget, or have none."""
    return [
        f"{name} is {found.get(name)} times as large as a bare function, and its budget is {budget.get(name)}"
        for name in sorted(found.keys() | budget.keys())
        if name not in found
        or name not in budget
        or abs(found[name] - budget[name]) * 100 > budget[name] * PERCENT
    ]


@pytest.fixture(scope="module", name="sizes")
def _sizes() -> dict[str, float]:
    functions.build(False, "mfa-enforcer", "bare")
    bare = functions.binary("bare")
    if bare.read_bytes()[:4] != ELF:
        pytest.skip("sizes are read from ELF files, which Linux has")
    return {name: round(loaded_bytes(functions.binary(name)) / loaded_bytes(bare), 2) for name in FUNCTIONS}


def test_no_function_grew(sizes: dict[str, float]) -> None:
    if "UPDATE_SIZES" in os.environ:
        BUDGET.write_text(json.dumps(sizes, indent=2) + "\n", encoding="utf-8")
    wrong = wrong_sizes(sizes, json.loads(BUDGET.read_text(encoding="utf-8")))
    assert not wrong, "; ".join([*wrong, "if that is meant: `make built-sizes`"])


@pytest.mark.parametrize(
    ("found", "names"),
    [
        ({"guard": 10.5, "sweep": 19.0}, []),
        ({"guard": 10.51, "sweep": 20.0}, ["guard"]),
        ({"guard": 10.0, "sweep": 18.99}, ["sweep"]),
        ({"guard": 10.0}, ["sweep"]),
        ({"guard": 10.0, "sweep": 20.0, "sign-in": 1.0}, ["sign-in"]),
    ],
)
def test_five_percent_are_too_many(found: dict[str, float], names: list[str]) -> None:
    wrong = wrong_sizes(found, {"guard": 10.0, "sweep": 20.0})
    assert [one.split(" ")[0] for one in wrong] == names
