"""A release for the tests: `python -m tests.release.sample FOLDER` makes one.

The command line is the one that the other tests use. Nothing runs the functions, so theirs is a line each.
"""

import sys
from datetime import datetime, timezone
from functools import cache
from pathlib import Path

from deploy.release.compiled import FUNCTIONS, GNU, ROOT
from deploy.release.crates import Crate, linked
from deploy.release.folder import Inputs, changes_of, make
from deploy.release.plain_templates import version_of
from deploy.release.translation import source
from tests.e2e.functions import binary

VERSION = version_of(source())
COMMAND_LINE = f"mfa-enforcer-{VERSION}-{GNU.name}.tar.gz"
AT = datetime(2026, 11, 2, 9, 30, tzinfo=timezone.utc)


@cache
def crates() -> tuple[Crate, ...]:
    """The crates of the real release."""
    return tuple(linked())


def code(function: str) -> bytes:
    """What stands for the code of a function."""
    return f"#!/bin/sh\n# {function}\n".encode()


def make_sample(folder: Path, sources: Path) -> None:
    """Makes the release, with the code of the functions in another folder."""
    sources.mkdir(parents=True, exist_ok=True)
    for function in FUNCTIONS:
        (sources / function).write_bytes(code(function))
    changes = changes_of("Unreleased", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert changes
    inputs = Inputs(
        version=VERSION,
        at=AT,
        changes=changes,
        functions={function: sources / function for function in FUNCTIONS},
        command_lines={GNU.name: binary("mfa-enforcer")},
        crates=crates(),
        compression=1,
    )
    make(inputs, folder)


if __name__ == "__main__":
    make_sample(Path(sys.argv[1]), Path(sys.argv[2]))
