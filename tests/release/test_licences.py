"""The licences in a release are also those of code by others that a crate brings along."""

from pathlib import Path

import pytest

from deploy.release.crates import Crate
from deploy.release.licences import third_party_licences

from .sample import VERSION, crates


def test_linked_c_code_is_under_its_own_licence() -> None:
    text = third_party_licences(VERSION, crates())
    (libdeflate,) = (crate for crate in crates() if crate.name == "libdeflate-sys")
    copying = (libdeflate.folder / "libdeflate" / "COPYING").read_text(encoding="utf-8")
    assert "Copyright 2016 Eric Biggers" in copying.splitlines()
    assert copying.strip() in text
    (line,) = (
        line for line in text.splitlines() if line.startswith(f"libdeflate-sys {libdeflate.version}: ")
    )
    assert "libdeflate/COPYING (text " in line


@pytest.mark.parametrize(
    ("file", "taken"),
    [
        ("LICENSE", True),
        ("LICENCE.md", True),
        ("vendored/COPYING", True),
        ("vendored/deep/down/NOTICE.txt", True),
        ("src/tables/LICENSE-UNICODE", True),
        ("LICENSES/MIT.txt", True),
        ("LICENSES/GPL-3.0.txt", False),
        ("tests/data/LICENSE", False),
        ("vendored/fuzz/LICENSE", False),
        ("src/notice.rs", False),
        ("vendored/copyright.h", False),
        ("vendored/README.md", False),
    ],
)
def test_texts_are_those_about_copying_what_is_linked(tmp_path: Path, file: str, taken: bool) -> None:
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text("Take it, and say that it is Kim's.\n")
    crate = Crate("some", "1.2.3", "MIT", "https://example.com/some", tmp_path, "registry")
    text = third_party_licences(VERSION, [crate])
    assert ("Take it, and say that it is Kim's." in text) == taken
    where = f"{file} (text 1)" if taken else "no file, see https://example.com/some"
    assert f"some 1.2.3: MIT: {where}" in text.splitlines()


def test_documentation_of_the_compiler_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "html").mkdir()
    for file in ("COPYRIGHT", "html/licenses.txt"):
        (tmp_path / file).write_text(f"Text of {file}.\n")
    crate = Crate("std", "1.2.3", "MIT", "https://example.com/std", tmp_path, "toolchain")
    text = third_party_licences(VERSION, [crate])
    assert "Text of COPYRIGHT." in text
    assert "Text of html/licenses.txt." not in text
