"""A release for the tests: `python -m tests.release.sample FOLDER` makes one.

Functions and command line are those that the other tests use.
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


def make_sample(folder: Path) -> None:
    """Makes the release."""
    changes = changes_of("Unreleased", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert changes
    inputs = Inputs(
        version=VERSION,
        at=AT,
        changes=changes,
        functions={function: binary(function) for function in FUNCTIONS},
        command_lines={GNU.name: binary("mfa-enforcer")},
        crates=crates(),
        compression=1,
    )
    make(inputs, folder)


if __name__ == "__main__":
    make_sample(Path(sys.argv[1]))
