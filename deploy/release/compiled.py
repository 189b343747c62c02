"""What is compiled for a release: the functions for Lambda, and the command line for every Linux.

zig links both, from what Cargo.lock names, so what they ask of a system does not depend on the machine that
builds them. No path of that machine is in them.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .binary import NotPortable, needs_of

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = ("guard", "mfa-device", "sign-in", "sweep", "user-lifecycle")
# Amazon Linux 2023, on which the functions run, has this version.
GLIBC_OF_LAMBDA = (2, 34)
# The oldest one for which Rust's standard library is built. RHEL 7 has it.
OLDEST_GLIBC = (2, 17)


@dataclass(frozen=True)
class Platform:
    """A kind of Linux for which the command line is built."""

    name: str
    triple: str
    # The newest glibc that it may need. Without it, the binary needs no library at all.
    glibc: tuple[int, int] | None

    @property
    def target(self) -> str:
        """The target as cargo-zigbuild takes it."""
        return self.triple if self.glibc is None else f"{self.triple}.{self.glibc[0]}.{self.glibc[1]}"


GNU = Platform("x86_64-linux-gnu", "x86_64-unknown-linux-gnu", OLDEST_GLIBC)
MUSL = Platform("x86_64-linux-musl", "x86_64-unknown-linux-musl", None)
PLATFORMS = (GNU, MUSL)


class CannotCompile(Exception):
    """Cargo failed, and has said why."""


def functions(folder: Path, profile: str = "release") -> dict[str, Path]:
    """Builds the functions as `make build` does, below this folder."""
    bins = [part for name in FUNCTIONS for part in ("--bin", name)]
    _run(folder, "cargo-lambda", "lambda", "build", *_profile(profile), "--locked", *bins)
    built = {name: folder / "lambda" / name / "bootstrap" for name in FUNCTIONS}
    for path in built.values():
        needs_of(path).check(GLIBC_OF_LAMBDA)
    return built


def command_line(folder: Path, platform: Platform = GNU, profile: str = "release") -> Path:
    """Builds the command line, below this folder."""
    package = ["--package", "mfa-enforcer", "--bin", "mfa-enforcer", "--target", platform.target]
    _run(folder, "cargo-zigbuild", "zigbuild", *_profile(profile), "--locked", *package)
    built = folder / platform.triple / ("debug" if profile == "dev" else profile) / "mfa-enforcer"
    needs_of(built).check(platform.glibc)
    return built


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """The environment of a build, which is the same wherever the sources and cargo are."""
    cargo = given.get("CARGO_HOME") or str(Path(given["HOME"]) / ".cargo")
    flags = [f"--remap-path-prefix={cargo}=/cargo", f"--remap-path-prefix={ROOT}=/source"]
    path = f"{Path(sys.executable).parent}{os.pathsep}{given['PATH']}"
    others = {name: value for name, value in given.items() if name != "RUSTFLAGS"}
    # RUSTFLAGS would be split at the spaces of a path.
    encoded = "\x1f".join(flags)
    return {**others, "PATH": path, "CARGO_INCREMENTAL": "0", "CARGO_ENCODED_RUSTFLAGS": encoded}


def _profile(profile: str) -> list[str]:
    return ["--release"] if profile == "release" else ["--profile", profile]


def _run(folder: Path, program: str, *arguments: str) -> None:
    command = [str(Path(sys.executable).with_name(program)), *arguments]
    # cargo-lambda stumbles over `--target-dir`.
    place = environment(os.environ) | {"CARGO_TARGET_DIR": str(folder.resolve())}
    done = subprocess.run(command, cwd=ROOT, env=place, check=False)
    if done.returncode != 0:
        raise CannotCompile(f"{program} {' '.join(arguments[:2])}... failed, see above")


def main(arguments: list[str] | None = None) -> int:
    """Builds the command line alone, and says what it needs."""
    parser = argparse.ArgumentParser(description="Builds the command line for every Linux.")
    parser.add_argument("--folder", type=Path, default=ROOT / "target" / "command-line")
    parser.add_argument("--profile", default="release")
    parser.add_argument("--platform", choices=[each.name for each in PLATFORMS], default=GNU.name)
    given = parser.parse_args(arguments)
    (platform,) = (each for each in PLATFORMS if each.name == given.platform)
    try:
        built = command_line(given.folder, platform, given.profile)
    except (CannotCompile, NotPortable) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{built}: {built.stat().st_size:,} bytes, {needs_of(built)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
