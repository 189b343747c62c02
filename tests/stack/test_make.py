"""What `make` runs for a deployment."""

import re
import subprocess
from pathlib import Path

import pytest

from .templates import MAIN, ROOT, source


def recipe(target: str, **variables: str) -> list[str]:
    """The commands of a target, without what installs the tools."""
    command = ["make", "--no-print-directory", "--dry-run", "--assume-old=.venv/.ready", target]
    command += [f"{name}={value}" for name, value in variables.items()]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [line.strip() for line in run.stdout.replace("\\\n", "").splitlines()]


def test_functions_are_built_from_the_lock_alone() -> None:
    """SAM passes no `--locked` on. Without the network cargo finds nothing that the lock does not name."""
    assert recipe("build")[-2:] == ["cargo fetch --locked --quiet", "CARGO_NET_OFFLINE=true sam build"]


def test_functions_have_nothing_of_the_command_line() -> None:
    """SAM builds in the root, and cargo gives a crate what any member that it builds there asks of it."""
    command = ["cargo", "tree", "--locked", "--edges", "normal,features", "--prefix", "none"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    names = {line.split()[0] for line in listed.splitlines() if line}
    assert {"lambda_runtime", "aws-sdk-iam"} <= names
    assert not names & {"clap", "aws-sdk-sso", "aws-sdk-ssooidc", "terminal_size"}
    assert 'aws-config feature "credentials-process"' not in listed


def test_lock_that_would_change_is_refused(tmp_path: Path) -> None:
    """The first of these commands stops the build."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "lib.rs").touch()
    manifest = tmp_path / "Cargo.toml"
    manifest.write_text('[package]\nname = "one"\nversion = "1.0.0"\nedition = "2024"\n')
    command = ["cargo", "fetch", "--offline"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    manifest.write_text(manifest.read_text().replace("1.0.0", "1.0.1"))
    run = subprocess.run([*command, "--locked"], cwd=tmp_path, check=False, capture_output=True, text=True)
    assert run.returncode != 0
    assert "lock file" in run.stderr


@pytest.mark.parametrize("target", ["deploy", "remove"])
def test_another_region_can_be_chosen(target: str) -> None:
    assert (
        "--region cn-north-1" in recipe(target, AWS_DEFAULT_REGION="cn-north-1")[-1]
        or (ROOT / "samconfig.toml").exists()
    )


def test_example_configuration_fits_the_template() -> None:
    example = (ROOT / "samconfig.example.toml").read_text(encoding="utf-8")
    overrides = dict(re.findall(r'^ +"(\w+)=([^"]*)"', example, re.MULTILINE))
    parameters = source(MAIN)["Parameters"]
    assert overrides
    for name, value in overrides.items():
        assert value in parameters[name].get("AllowedValues", [value])
        assert re.search(parameters[name].get("AllowedPattern", ""), value)
