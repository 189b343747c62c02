"""`make release` says what is wrong before it compiles anything, and leaves nothing half done."""

import subprocess
from pathlib import Path

import pytest

from deploy.release import __main__ as release
from deploy.release.compiled import CannotCompile
from deploy.release.folder import changes_of

from .sample import VERSION

TEMPLATES = ("template.yaml", "member.yaml", "member-region.yaml")
CHANGELOG = """# Changelog

## Unreleased

- Soon.

## 0.2.0 - 2026-12-01

### Breaking

- A name.

## 0.1.0

- All.
"""


@pytest.fixture(name="repository")
def _repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    (root / "Cargo.toml").write_text('[workspace.package]\nversion = "0.2.0"\n')
    for name in TEMPLATES:
        (root / name).write_text('Mappings: {Software: {Release: {Version: "0.2.0"}}}\n')
    (root / "CHANGELOG.md").write_text(CHANGELOG)
    identity = ["-c", "user.name=kim", "-c", "user.email=kim@example.com"]
    for command in (["init", "--quiet"], ["add", "."], [*identity, "commit", "--quiet", "--message", "All"]):
        subprocess.run(["git", *command], cwd=root, check=True)
    return root


@pytest.mark.parametrize("version", ["", "1", "1.2", "v1.2.3", "01.2.3", "1.2.3-", "1.2.3 ", "latest"])
def test_what_is_no_version_is_refused(version: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert release.main(["--", version]) == 2
    said = capsys.readouterr()
    assert said.err == (
        f"error: VERSION is `{version}`, and has to be one such as 0.2.0: make release VERSION=0.2.0\n"
    )
    assert said.out == ""


@pytest.mark.parametrize("version", ["0.2.0", "1.0.0-rc.1", "10.20.30"])
def test_version_has_to_be_that_of_the_sources(repository: Path, version: str) -> None:
    (repository / "Cargo.toml").write_text(f'[workspace.package]\nversion = "{version}"\n')
    says = f'Mappings: {{Software: {{Release: {{Version: "{version}"}}}}}}\n'
    for name in TEMPLATES:
        (repository / name).write_text(says)
    release.check_version(version, repository)
    with pytest.raises(release.CannotRelease, match=r"Cargo\.toml has the version .*, not 9\.9\.9"):
        release.check_version("9.9.9", repository)
    (repository / "Cargo.toml").write_text('[workspace.package]\nversion = "9.9.9"\n')
    for name in TEMPLATES:
        with pytest.raises(release.CannotRelease, match=rf"{name} has the version .*, not 9\.9\.9"):
            release.check_version("9.9.9", repository)
        (repository / name).write_text(says.replace(version, "9.9.9"))
    release.check_version("9.9.9", repository)


def test_release_is_made_from_a_commit(repository: Path, tmp_path: Path) -> None:
    release.check_clean(repository)
    (repository / "CHANGELOG.md").write_text("")
    (repository / "new").touch()
    with pytest.raises(release.CannotRelease, match=r"not committed: CHANGELOG\.md, new\."):
        release.check_clean(repository)
    with pytest.raises(release.CannotRelease, match="git status failed, and a release is made from a commit"):
        release.check_clean(tmp_path)


def test_changes_are_those_of_the_version(repository: Path) -> None:
    said = release.changes("0.2.0", unreleased=False, root=repository)
    assert said == "## 0.2.0 - 2026-12-01\n\n### Breaking\n\n- A name.\n"
    assert release.changes("0.1.0", unreleased=False, root=repository) == "## 0.1.0\n\n- All.\n"
    assert release.changes("0.1.0", unreleased=True, root=repository) == "## Unreleased\n\n- Soon.\n"
    # A dot is a dot.
    assert changes_of("0.2.0", CHANGELOG.replace("0.2.0", "0x2.0")) is None
    with pytest.raises(release.CannotRelease, match=r"no heading `## 0\.3\.0`"):
        release.changes("0.3.0", unreleased=False, root=repository)


def test_release_is_never_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert release.main([VERSION, "--unreleased", "--folder", str(tmp_path)]) == 2
    assert "is there already" in capsys.readouterr().err


def test_nothing_is_made_if_the_functions_do_not_compile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failed(_: Path) -> dict[str, Path]:
        raise CannotCompile("cargo-lambda lambda build... failed, see above")

    monkeypatch.setattr(release, "functions", failed)
    assert release.main([VERSION, "--unreleased", "--folder", str(tmp_path / "dist" / "new")]) == 2
    assert capsys.readouterr().err == "error: cargo-lambda lambda build... failed, see above\n"
    assert not (tmp_path / "dist").exists()
