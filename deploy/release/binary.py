"""Reads what a binary asks of the system that runs it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from elftools.elf.dynamic import DynamicSegment
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection

# The parts of glibc, which every system with glibc has.
GLIBC = {"ld-linux-x86-64.so.2", "libc.so.6", "libdl.so.2", "libm.so.6", "libpthread.so.0", "librt.so.1"}


class NotPortable(Exception):
    """A binary that some system which it is meant for could not run."""


@dataclass(frozen=True)
class Needs:
    """What a binary needs."""

    path: Path
    libraries: frozenset[str]
    # The newest version of glibc of which it uses a symbol, and one that is as new.
    glibc: tuple[int, ...]
    symbol_version: str

    def check(self, newest: tuple[int, int] | None) -> None:
        """Raises an error unless it runs with this glibc, or without any library."""
        if newest is None:
            if self.libraries:
                raise NotPortable(f"{self.path} is not static: it needs {_listed(self.libraries)}")
            return
        if others := self.libraries - GLIBC:
            raise NotPortable(f"{self.path} needs {_listed(others)}, which not every system has")
        if self.glibc > newest:
            allowed = ".".join(map(str, newest))
            raise NotPortable(f"{self.path} needs {self.symbol_version}, and may need {allowed} at most")

    def __str__(self) -> str:
        if not self.libraries:
            return "needs no library"
        return f"needs {self.symbol_version} or newer and {_listed(self.libraries)}"


def needs_of(path: Path) -> Needs:
    """What this binary needs."""
    with path.open("rb") as file:
        elf = ELFFile(file)
        libraries = frozenset(
            str(vars(tag)["needed"])
            for segment in elf.iter_segments()
            if isinstance(segment, DynamicSegment)
            for tag in segment.iter_tags("DT_NEEDED")
        )
        versions = {
            str(version.name)
            for section in elf.iter_sections()
            if isinstance(section, GNUVerNeedSection)
            for _, each in section.iter_versions()
            for version in each
        }
    of_glibc = [(_numbers(name), name) for name in versions if name.startswith("GLIBC_")]
    newest, name = max(of_glibc, default=((), "no version of glibc"))
    return Needs(path, libraries, newest, name)


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers of `GLIBC_2.17`. One without numbers is glibc's own, and counts as newer than any."""
    numbers = version.removeprefix("GLIBC_").split(".")
    return tuple(map(int, numbers)) if all(map(str.isdigit, numbers)) else (999,)


def _listed(names: frozenset[str] | set[str]) -> str:
    return ", ".join(sorted(names))
