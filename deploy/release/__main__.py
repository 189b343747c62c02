"""`make release`: checks that a version may be released, compiles it, and makes its folder."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

import tomlkit

from .binary import NotPortable
from .compiled import GNU, PLATFORMS, ROOT, CannotCompile, Platform, command_line, functions
from .crates import linked
from .folder import CannotFill, Inputs, changes_of, make
from .plain_templates import version_of
from .sizes import budget, outside, sizes
from .translation import source

# https://semver.org, without what comes after a plus sign.
SEMVER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?")
DIST = ROOT / "dist"


class CannotRelease(Exception):
    """Something that a person has to put right first."""


def check_version(version: str, root: Path = ROOT) -> None:
    """Raises an error unless the sources have this version."""
    if not SEMVER.fullmatch(version):
        raise CannotRelease(
            f"VERSION is `{version}`, and has to be one such as 0.2.0: make release VERSION=0.2.0"
        )
    manifest = tomlkit.parse((root / "Cargo.toml").read_text(encoding="utf-8")).unwrap()
    templates = ("template.yaml", "member.yaml", "member-region.yaml")
    for file, found in (
        ("Cargo.toml", manifest["workspace"]["package"]["version"]),
        *((name, version_of(source(root / name))) for name in templates),
    ):
        if found != version:
            raise CannotRelease(
                f"{file} has the version {found}, not {version}: RELEASE.md says how to set it"
            )


def check_clean(root: Path = ROOT) -> None:
    """Raises an error if a file differs from what is committed."""
    if changed := _git(root, "status", "--porcelain").splitlines():
        names = ", ".join(line[3:] for line in changed[:5]) + (", ..." if len(changed) > 5 else "")
        raise CannotRelease(f"these files are not committed: {names}. A release is made from a commit")


def changes(version: str, unreleased: bool, root: Path = ROOT) -> str:
    """What the changelog says about the version, or about the next one."""
    wanted = "Unreleased" if unreleased else version
    found = changes_of(wanted, (root / "CHANGELOG.md").read_text(encoding="utf-8"))
    if found is None:
        raise CannotRelease(f"CHANGELOG.md has no heading `## {wanted}`: RELEASE.md says how to write it")
    return found


def committed_at(root: Path = ROOT) -> datetime:
    """The time of the newest commit."""
    return datetime.fromtimestamp(int(_git(root, "log", "-1", "--format=%ct")), timezone.utc)


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CannotRelease(
            f"git {arguments[0]} failed, and a release is made from a commit: {done.stderr.strip()}"
        )
    return done.stdout


def release(version: str, folder: Path, target: Path, platforms: list[Platform], unreleased: bool) -> None:
    """Makes a release in a folder that is not there yet."""
    check_version(version)
    said = changes(version, unreleased)
    if not unreleased:
        check_clean()
    if folder.exists():
        raise CannotRelease(f"{folder} is there already. Move it away, since a release is never changed")
    compiled = functions(target / "functions")
    if wrong := outside(sizes(compiled), budget()):
        raise CannotRelease(f"{'; '.join(wrong)}. Find the reason, then `make sizes` writes the budget anew")
    inputs = Inputs(
        version=version,
        at=committed_at(),
        changes=said,
        functions=compiled,
        command_lines={each.name: command_line(target / "command-line", each) for each in platforms},
        crates=tuple(linked()),
    )
    make(inputs, folder)


def main(arguments: list[str] | None = None) -> int:
    """Makes a release, and lists it."""
    parser = argparse.ArgumentParser(prog="make release", description="Makes the folder of a release.")
    parser.add_argument("version", nargs="?", default="", help="such as 0.2.0")
    parser.add_argument("--folder", type=Path, help="what to make; dist/mfa-enforcer-VERSION if not given")
    parser.add_argument(
        "--target", type=Path, default=ROOT / "target" / "release-build", help="where to compile"
    )
    parser.add_argument("--musl", action="store_true", help="also build a command line that needs no library")
    parser.add_argument("--unreleased", action="store_true", help="a trial, from whatever the files say now")
    given = parser.parse_args(arguments)
    folder = given.folder or DIST / f"mfa-enforcer-{given.version}"
    platforms = list(PLATFORMS) if given.musl else [GNU]
    try:
        release(given.version, folder, given.target, platforms, given.unreleased)
    except (CannotRelease, CannotCompile, CannotFill, NotPortable) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for file in sorted(folder.iterdir()):
        print(f"{file.stat().st_size:>12,}  {file.name}")
    print(
        f"Made {folder}. Check it with `sha256sum --check SHA256SUMS` there; RELEASE.md says what comes next."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
