"""A binary that an old system could not run is refused. The binaries here are pinned tools."""

import sys
from pathlib import Path

import pytest

from deploy.release.binary import NotPortable, needs_of
from deploy.release.compiled import GNU, MUSL, ROOT, environment

TOOLS = Path(sys.executable).parent
linux = pytest.mark.skipif(sys.platform != "linux", reason="tools for another system have another format")


@linux
def test_newest_glibc_that_a_binary_needs_decides() -> None:
    needs = needs_of(TOOLS / "cargo-deny")
    assert needs.glibc == (2, 17)
    needs.check(GNU.glibc)
    with pytest.raises(NotPortable, match=r"needs GLIBC_2\.17, and may need 2\.16 at most"):
        needs.check((2, 16))


@linux
def test_static_binary_needs_nothing_and_no_other_is_static() -> None:
    needs = needs_of(TOOLS / "cargo-zigbuild")
    needs.check(MUSL.glibc)
    assert str(needs) == "needs no library"
    with pytest.raises(NotPortable, match=r"is not static: it needs .*libc\.so\.6"):
        needs_of(TOOLS / "cargo-deny").check(MUSL.glibc)


@linux
def test_library_that_not_every_system_has_is_refused() -> None:
    with pytest.raises(NotPortable, match=r"needs libgcc_s\.so\.1, which not every system has"):
        needs_of(TOOLS / "ruff").check(GNU.glibc)


def test_build_leaves_no_path_of_the_machine() -> None:
    sources = f"--remap-path-prefix={ROOT}=/source"
    assert flags(HOME="/home/kim") == ["--remap-path-prefix=/home/kim/.cargo=/cargo", sources]
    assert flags(HOME="/home/kim", CARGO_HOME="/my opt/cargo") == [
        "--remap-path-prefix=/my opt/cargo=/cargo",
        sources,
    ]


@pytest.mark.parametrize("name", ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"])
def test_flags_of_a_shell_do_not_change_what_is_released(name: str) -> None:
    given = environment({"HOME": "/home/kim", "PATH": "/bin", name: "-Cdebuginfo=2"})
    assert not [value for value in given.values() if "debuginfo" in value]


def flags(**given: str) -> list[str]:
    """What cargo passes to the compiler: it takes this variable before all others."""
    return environment({"PATH": "/bin", **given})["CARGO_ENCODED_RUSTFLAGS"].split("\x1f")
