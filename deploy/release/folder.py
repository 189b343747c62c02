"""The folder of a release, from what was compiled. The same inputs and zlib give the same bytes."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from .archives import EXECUTABLE, READABLE, function_archive, tar_archive
from .compiled import ROOT
from .crates import Crate
from .licences import third_party_licences
from .plain_templates import TEMPLATES, written
from .sbom import bill_of_materials

UPLOAD = Path(__file__).with_name("upload.sh")
LICENCES = "THIRD-PARTY-LICENCES.txt"
CHECKSUMS = "SHA256SUMS"
SHELLS = {"bash": "mfa-enforcer.bash", "fish": "mfa-enforcer.fish", "zsh": "_mfa-enforcer"}


class CannotFill(Exception):
    """Something for the folder could not be made."""


@dataclass(frozen=True)
class Inputs:
    """All that a release is made of, besides the files here."""

    version: str
    # When the version was written down: the time of its commit.
    at: datetime
    # What is new in it, as Markdown.
    changes: str
    functions: Mapping[str, Path]
    # The command line for each platform, the first of which runs here.
    command_lines: Mapping[str, Path]
    crates: tuple[Crate, ...]
    # Of the archives, from 1 to 9.
    compression: int = 9


def changes_of(version: str, changelog: str) -> str | None:
    """The part of the changelog about a version, with its heading."""
    heading = re.escape(version)
    found = re.search(
        rf"^## {heading}(?: - \d{{4}}-\d\d-\d\d)?\n.*?(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL
    )
    return found[0].rstrip() + "\n" if found else None


def make(inputs: Inputs, folder: Path) -> None:
    """Makes the folder, whole or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _fill(inputs, partial)
        partial.chmod(EXECUTABLE)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _fill(inputs: Inputs, folder: Path) -> None:
    licences = third_party_licences(inputs.version, inputs.crates)
    for name, binary in inputs.functions.items():
        function_archive(binary, folder / f"{name}.zip", inputs.compression)
    _command_lines(inputs, folder, licences)
    texts = {name: written(template()) for name, template in TEMPLATES.items()}
    texts |= {
        "CHANGES.md": inputs.changes,
        "LICENSE": (ROOT / "LICENSE").read_text(encoding="utf-8"),
        LICENCES: licences,
        "VERSION": f"{inputs.version}\n",
        "mfa-enforcer.cdx.json": bill_of_materials(inputs.version, inputs.crates, inputs.at),
        UPLOAD.name: UPLOAD.read_text(encoding="utf-8"),
    }
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode())
    sums = [
        f"{hashlib.sha256(each.read_bytes()).hexdigest()}  {each.name}\n" for each in sorted(folder.iterdir())
    ]
    (folder / CHECKSUMS).write_bytes("".join(sums).encode())
    for file in folder.iterdir():
        file.chmod(EXECUTABLE if file.name == UPLOAD.name else READABLE)


def _command_lines(inputs: Inputs, folder: Path, licences: str) -> None:
    """Writes an archive for each platform: the binary, what completes it in a shell, and the manual."""
    texts = {LICENCES: licences.encode(), "LICENSE": (ROOT / "LICENSE").read_bytes()}
    runs_here = next(iter(inputs.command_lines.values()))
    for shell, name in SHELLS.items():
        texts[f"completions/{name}"] = _printed(runs_here, "completions", shell)
    with tempfile.TemporaryDirectory() as manual:
        _printed(runs_here, "man", manual)
        texts |= {f"man/man1/{page.name}": page.read_bytes() for page in Path(manual).iterdir()}
    files = {name: (content, READABLE) for name, content in texts.items()}
    for platform, binary in inputs.command_lines.items():
        archive = folder / f"mfa-enforcer-{inputs.version}-{platform}.tar.gz"
        tar_archive(
            files | {"bin/mfa-enforcer": (binary.read_bytes(), EXECUTABLE)}, archive, inputs.compression
        )


def _printed(binary: Path, *arguments: str) -> bytes:
    environment = {"LC_ALL": "C", "TZ": "UTC"}
    done = subprocess.run([binary, *arguments], capture_output=True, check=False, env=environment)
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip()
        raise CannotFill(f"{binary} {arguments[0]} failed: {said}")
    return done.stdout
