"""A function that grows fails a test, without the minutes that a release takes.

What counts is how many times as large as a function that does nothing it is, both as they are compiled for
tests. So another toolchain changes little, but another kind of machine may. `make built-sizes` writes the
budget anew; that of a release is in `deploy/release/sizes.json`.
"""

import json
import os
import platform
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from deploy.release.compiled import FUNCTIONS
from deploy.release.sizes import outside
from tests.e2e import functions

BUDGET = Path(__file__).with_name("built_sizes.json")
UNIT = "times the bytes of a bare function"


def loaded_bytes(path: Path) -> int:
    """What the system loads of a binary: its code and data, without what is for debuggers."""
    with path.open("rb") as file:
        return sum(int(segment["p_filesz"]) for segment in ELFFile(file).iter_segments("PT_LOAD"))


@pytest.fixture(scope="module", name="sizes")
def _sizes() -> dict[str, float]:
    functions.build(False, "mfa-enforcer", "bare")
    bare = functions.binary("bare")
    return {name: round(loaded_bytes(functions.binary(name)) / loaded_bytes(bare), 2) for name in FUNCTIONS}


@pytest.mark.skipif(
    (platform.system(), platform.machine()) != ("Linux", "x86_64"), reason="the budget is of Linux on x86-64"
)
def test_no_function_grew(sizes: dict[str, float]) -> None:
    if "UPDATE_SIZES" in os.environ:
        BUDGET.write_text(json.dumps(sizes, indent=2) + "\n", encoding="utf-8")
    wrong = outside(sizes, json.loads(BUDGET.read_text(encoding="utf-8")), UNIT)
    assert not wrong, "; ".join([*wrong, "if that is meant: `make built-sizes`"])
