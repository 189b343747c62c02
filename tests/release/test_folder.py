"""The folder of a release: what is in it, and that the same inputs give the same bytes."""

import hashlib
import os
import stat
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from deploy.release import folder as release_folder
from deploy.release.compiled import FUNCTIONS, ROOT
from deploy.release.plain_templates import TEMPLATES
from deploy.release.twice import differing
from tests.e2e.functions import binary

from .sample import COMMAND_LINE, VERSION, make_sample

FILES = {
    *(f"{function}.zip" for function in FUNCTIONS),
    *TEMPLATES,
    *("CHANGES.md", "LICENSE", "SHA256SUMS", "THIRD-PARTY-LICENCES.txt", "VERSION", "mfa-enforcer.cdx.json"),
    *("upload.sh", COMMAND_LINE),
}


def test_release_has_these_files_and_no_other(released: Path) -> None:
    assert {file.name for file in released.iterdir()} == FILES


def test_second_release_is_the_same_wherever_it_is_made(released: Path, tmp_path: Path) -> None:
    """In another zone, language, umask and order of everything."""
    odd = {"TZ": "Asia/Kathmandu", "LC_ALL": "C", "LANG": "C", "PYTHONHASHSEED": "1", "PYTHONUTF8": "0"}
    script = f'umask 077 && exec "{sys.executable}" -m tests.release.sample "$0"'
    again = tmp_path / "elsewhere" / "again"
    command = ["sh", "-c", script, str(again)]
    subprocess.run(command, cwd=ROOT, env=os.environ | odd, check=True)
    assert differing(released, again) == []
    assert stat.S_IMODE(again.stat().st_mode) == 0o755


def test_difference_of_a_byte_or_a_permission_is_noticed(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        for file in ("same", "byte", "permission"):
            (tmp_path / name / file).write_text("text")
    (tmp_path / "other" / "byte").write_text("next")
    (tmp_path / "other" / "permission").chmod(0o600)
    (tmp_path / "one" / "missing").touch()
    assert differing(tmp_path / "one", tmp_path / "other") == ["byte", "missing", "permission"]


def test_checksums_are_those_of_every_other_file(released: Path) -> None:
    lines = (released / "SHA256SUMS").read_text().splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert sums == {
        name: hashlib.sha256((released / name).read_bytes()).hexdigest() for name in FILES - {"SHA256SUMS"}
    }


@pytest.mark.parametrize("function", FUNCTIONS)
def test_function_is_one_executable_that_lambda_starts(released: Path, function: str) -> None:
    with zipfile.ZipFile(released / f"{function}.zip") as archive:
        (entry,) = archive.infolist()
        assert archive.read(entry) == binary(function).read_bytes()
    assert entry.filename == "bootstrap"
    assert stat.S_IMODE(entry.external_attr >> 16) == 0o755
    assert entry.date_time == (1980, 1, 1, 0, 0, 0)


def test_command_line_comes_with_all_that_it_needs(released: Path, tmp_path: Path) -> None:
    with tarfile.open(released / COMMAND_LINE) as archive:
        assert {(entry.uid, entry.gid, entry.uname) for entry in archive.getmembers()} == {(0, 0, "")}
        archive.extractall(tmp_path, filter="data")
    (root,) = tmp_path.iterdir()
    assert f"{root.name}.tar.gz" == COMMAND_LINE
    said = subprocess.run(
        [root / "bin" / "mfa-enforcer", "--version"], capture_output=True, text=True, check=True
    )
    assert said.stdout == f"mfa-enforcer {VERSION}\n"
    assert {file.name for file in (root / "completions").iterdir()} == {
        *("mfa-enforcer.bash", "mfa-enforcer.fish", "_mfa-enforcer")
    }
    manual = {file.name for file in (root / "man" / "man1").iterdir()}
    assert {"mfa-enforcer.1", "mfa-enforcer-plan.1", "mfa-enforcer-doctor.1"} <= manual
    assert (root / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    assert (root / "THIRD-PARTY-LICENCES.txt").read_bytes() == (
        released / "THIRD-PARTY-LICENCES.txt"
    ).read_bytes()


def test_nothing_is_left_of_a_release_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left on device")

    # The functions are in it by then.
    monkeypatch.setattr(release_folder, "tar_archive", full)
    with pytest.raises(OSError, match="no space left"):
        make_sample(tmp_path / "dist" / "released")
    assert list((tmp_path / "dist").iterdir()) == []
