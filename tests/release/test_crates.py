"""What a release says about the crates in it: all that are linked, no other, and under which licence."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from deploy.release.crates import BINARIES
from deploy.release.sbom import bill_of_materials
from tests.stack.templates import ROOT

from .sample import AT, VERSION, crates

BILL = "mfa-enforcer.cdx.json"


def bill(released: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((released / BILL).read_text(encoding="utf-8"))
    return found


def dependencies(released: Path) -> dict[str, list[str]]:
    return {each["ref"]: each.get("dependsOn", []) for each in bill(released)["dependencies"]}


def reached(start: str, edges: dict[str, list[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += edges[name]
    return seen


def test_bill_names_what_is_linked_and_nothing_that_only_builds(released: Path) -> None:
    names = {component["name"] for component in bill(released)["components"]}
    assert {*BINARIES, "aws-sdk-iam", "lambda_runtime", "clap", "std"} <= names
    # A macro, what a build script needs, and what the tests need.
    assert not names & {"serde_derive", "cc", "rstest", "mfa-enforcer-testing"}


def test_bill_reaches_every_component_from_the_release(released: Path) -> None:
    components = {component["bom-ref"] for component in bill(released)["components"]}
    assert reached("release", dependencies(released)) == components | {"release"}


def test_functions_need_nothing_of_the_command_line(released: Path) -> None:
    edges = dependencies(released)
    assert any(name.startswith("clap@") for name in reached(f"mfa-enforcer@{VERSION}", edges))
    assert not any(name.startswith("clap@") for name in reached(f"sign-in@{VERSION}", edges))


def test_bill_has_the_checksums_of_the_lock(released: Path) -> None:
    lock = (ROOT / "Cargo.lock").read_text(encoding="utf-8")
    form = r'name = "([^"]+)"\nversion = "([^"]+)"\nsource = "[^"]+"\nchecksum = "([0-9a-f]+)"'
    locked = {f"pkg:cargo/{name}@{version}": checksum for name, version, checksum in re.findall(form, lock)}
    listed = {
        unquote(component["purl"]): component["hashes"][0]["content"]
        for component in bill(released)["components"]
        if "purl" in component
    }
    assert len(listed) > 100
    assert listed == {purl: locked[purl] for purl in listed}
    ours = {component["name"] for component in bill(released)["components"] if "purl" not in component}
    assert {"guard", "std"} < ours
    assert all(name in (*BINARIES, "std") or name.startswith("mfa-enforcer-") for name in ours)


def test_bill_that_is_not_cyclonedx_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "deploy.release.sbom.JsonV1Dot6.output_as_string", lambda *_, **__: '{"bomFormat": 1}'
    )
    with pytest.raises(ValueError, match="is not CycloneDX"):
        bill_of_materials(VERSION, crates(), AT)


def test_every_crate_has_a_licence_and_nearly_every_one_its_text(released: Path) -> None:
    listed = {component["name"]: component for component in bill(released)["components"]}
    assert all(component.get("licenses") for component in listed.values())
    text = (released / "THIRD-PARTY-LICENCES.txt").read_text(encoding="utf-8")
    lines = re.findall(r"^([\w-]+) ([0-9][^ ]*): (.*)$", text, re.MULTILINE)
    assert {(name, version) for name, version, _ in lines} == {
        crate.key for crate in crates() if crate.origin != "repository"
    }
    without = {name for name, _, files in lines if "(text " not in files}
    # Their licence is named, and its text is that of others.
    assert without <= {
        *("base64-simd", "http-serde", "lambda-extension", "lambda_runtime", "lambda_runtime_api_client"),
        *("maud", "pulp-wasm-simd-flag", "vsimd"),
    }
    assert "Permission is hereby granted, free of charge" in text
    assert "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION" in text
    numbers = {int(number) for *_, files in lines for number in re.findall(r"\(text (\d+)\)", files)}
    assert numbers == {int(number) for number in re.findall(r"^Text (\d+), of ", text, re.MULTILINE)}
