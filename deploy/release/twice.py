"""`make release-check`: makes a release twice, each time from nothing, and compares the two folders."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from .__main__ import main as release
from .compiled import ROOT
from .folder import CHECKSUMS
from .plain_templates import version_of
from .translation import source

PLACE = ROOT / "target" / "release-check"


def differing(one: Path, other: Path) -> list[str]:
    """The files that are not the same in both folders."""
    names = {file.name for folder in (one, other) for file in folder.iterdir()}
    return sorted(name for name in names if _content(one / name) != _content(other / name))


def _content(file: Path) -> tuple[int, bytes] | None:
    return (file.stat().st_mode, file.read_bytes()) if file.exists() else None


def main() -> int:
    """Says with its status whether both are the same."""
    shutil.rmtree(PLACE, ignore_errors=True)
    folders = [PLACE / "first", PLACE / "second"]
    for folder in folders:
        place = ["--folder", str(folder), "--target", str(folder.with_name(f"{folder.name}-build"))]
        if status := release([version_of(source()), "--unreleased", *place]):
            return status
    if different := differing(*folders):
        print(f"error: these differ: {', '.join(different)}. Compare them in {PLACE}", file=sys.stderr)
        return 1
    print(f"Both are the same, byte for byte. The SHA-256 of each file is in {folders[0] / CHECKSUMS}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
