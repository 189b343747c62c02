"""Which crates are in the binaries of a release, from Cargo.lock and the crates themselves."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import tomlkit

from .compiled import FUNCTIONS, GNU, ROOT

# The packages with the binaries of a release.
BINARIES = (*FUNCTIONS, "mfa-enforcer")
Key = tuple[str, str]


@dataclass(frozen=True)
class Crate:
    """A package that is linked into a binary."""

    name: str
    version: str
    licence: str
    repository: str
    folder: Path
    origin: Literal["registry", "repository", "toolchain"]
    # The SHA-256 of what the registry has.
    checksum: str = ""
    requires: tuple[Key, ...] = ()

    @property
    def key(self) -> Key:
        """What tells it from every other."""
        return self.name, self.version


def linked() -> list[Crate]:
    """Every crate in the functions and in the command line, in order, with Rust's own library."""
    # Each as it is built: the command line asks for more of the crates that both have.
    keys = _tree(FUNCTIONS) | _tree(["mfa-enforcer"])
    metadata = _metadata()
    of_id = {each["id"]: each for each in metadata["packages"]}
    required = {
        node["id"]: [
            each["pkg"] for each in node["deps"] if any(kind["kind"] is None for kind in each["dep_kinds"])
        ]
        for node in metadata["resolve"]["nodes"]
    }
    checksums = _checksums()
    crates = []
    for package in of_id.values():
        key = _key(package)
        if key in keys:
            requires = {_key(of_id[each]) for each in required[package["id"]]} & keys
            crates.append(_crate(package, checksums.get(key), tuple(sorted(requires))))
    if missing := keys - {crate.key for crate in crates}:
        raise LookupError(f"cargo says nothing of {sorted(missing)}")
    return sorted([*crates, _standard_library()], key=lambda crate: crate.key)


def _standard_library() -> Crate:
    """The one that the compiler brings."""
    version = _printed("rustc", "--version").split()[1]
    folder = Path(_printed("rustc", "--print", "sysroot").strip()) / "share" / "doc" / "rust"
    repository = "https://github.com/rust-lang/rust"
    return Crate("std", version, "MIT OR Apache-2.0", repository, folder, "toolchain")


def _crate(package: dict[str, Any], checksum: str | None, requires: tuple[Key, ...]) -> Crate:
    return Crate(
        name=package["name"],
        version=package["version"],
        # Older crates write `MIT/Apache-2.0`.
        licence=(package["license"] or "").replace("/", " OR "),
        repository=package["repository"] or "",
        folder=Path(package["manifest_path"]).parent,
        origin="registry" if checksum else "repository",
        checksum=checksum or "",
        requires=requires,
    )


def _key(package: dict[str, Any]) -> Key:
    return package["name"], package["version"]


def _tree(packages: Iterable[str]) -> set[Key]:
    """What is linked, without what only runs while it is built."""
    named = [part for name in packages for part in ("--package", name)]
    edges = ["--edges", "normal,no-proc-macro", "--target", GNU.triple]
    tree = ["tree", "--locked", *named, *edges, "--prefix", "none", "--format", "{p}"]
    lines = _printed("cargo", *tree).splitlines()
    return {(name, version.removeprefix("v")) for name, version, *_ in map(str.split, filter(None, lines))}


def _metadata() -> dict[str, Any]:
    asked = ["metadata", "--locked", "--format-version", "1", "--filter-platform", GNU.triple]
    metadata: dict[str, Any] = json.loads(_printed("cargo", *asked))
    return metadata


def _checksums() -> dict[Key, str]:
    lock = tomlkit.parse((ROOT / "Cargo.lock").read_text(encoding="utf-8")).unwrap()
    return {_key(each): each["checksum"] for each in lock["package"] if "checksum" in each}


def _printed(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    if done.returncode != 0:
        raise LookupError(f"{command[0]} {command[1]} failed: {done.stderr.strip()}")
    return done.stdout
