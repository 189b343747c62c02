"""The licences of the crates in a release, as the crates themselves have them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from .crates import Crate

OF_A_LICENCE = re.compile(r"(licen[cs]e|copying|copyright|notice|unlicense)", re.IGNORECASE)
# Sources may be named so, too, and the compiler also brings pages of megabytes.
NO_TEXTS = {".c", ".cc", ".h", ".html", ".rs"}
# Nothing in these folders is linked.
UNLINKED = {"benches", "examples", "fuzz", "tests"}
LINE = "=" * 79


def third_party_licences(version: str, crates: Iterable[Crate]) -> str:
    """The licences, with each text once."""
    others = [crate for crate in crates if crate.origin != "repository"]
    numbers: dict[str, int] = {}
    users: dict[int, list[str]] = defaultdict(list)
    summary = []
    for crate in others:
        found = []
        for file, text in _texts(crate):
            number = numbers.setdefault(text, len(numbers) + 1)
            users[number].append(f"{crate.name} {crate.version}")
            found.append(f"{file} (text {number})")
        where = ", ".join(found) or f"no file, see {crate.repository}"
        summary.append(f"{crate.name} {crate.version}: {crate.licence or 'see its file'}: {where}")
    heading = f"The crates in mfa-enforcer {version}, and what their authors say about copying them."
    parts = [heading, "\n".join(summary)]
    for text, number in numbers.items():
        parts.append(f"{LINE}\nText {number}, of {', '.join(users[number])}\n{LINE}\n\n{text}")
    return "\n\n".join(parts) + "\n"


def _texts(crate: Crate) -> list[tuple[str, str]]:
    """The files about copying in a crate, also those of code by others, and in a folder for them alone."""
    # Below that of the compiler is its documentation.
    files = crate.folder.glob("*" if crate.origin == "toolchain" else "**/*")
    beside = [
        path
        for path in sorted(files)
        if OF_A_LICENCE.match(path.name) and UNLINKED.isdisjoint(path.relative_to(crate.folder).parts)
    ]
    # Named as in https://reuse.software. The compiler has those of other programs there, too.
    apart = [
        path
        for name in ("LICENSES", "licenses")
        for path in sorted((crate.folder / name).glob("*"))
        if path.stem in crate.licence.split()
    ]
    return [
        (
            path.relative_to(crate.folder).as_posix(),
            _plain(path.read_text(encoding="utf-8", errors="replace")),
        )
        for path in dict.fromkeys((*beside, *apart))
        if path.is_file() and path.suffix not in NO_TEXTS
    ]


def _plain(text: str) -> str:
    """The text without what differs although nothing is said by it."""
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")
