"""What docs/DEPLOY.md tells people to type fits the templates and the files of a release."""

import re
from pathlib import Path
from typing import Any

import hcl2
import pytest

from deploy.release.compiled import FUNCTIONS, PLATFORMS
from deploy.release.folder import CHECKSUMS
from tests.stack.templates import ROOT

from .sample import VERSION
from .test_plain_templates import read

TEXT = (ROOT / "docs" / "DEPLOY.md").read_text(encoding="utf-8")
TEMPLATE = "single-account.yaml"
BUCKET = "MY-BUCKET"


def block(language: str, containing: str) -> str:
    """The one block of code in this language with these words."""
    (found,) = [
        code
        for named, code in re.findall(r"^```(\w*)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
        if named == language and containing in code
    ]
    return str(found)


def terraform() -> dict[str, dict[str, Any]]:
    """The resources of the Terraform, by type."""
    parsed = hcl2.loads(block("hcl", "aws_cloudformation_stack"))
    return {
        unquoted(kind): body
        for resource in parsed["resource"]
        for kind, named in resource.items()
        for body in named.values()
    }


def unquoted(text: str) -> str:
    return text.strip('"')


def accepted(released: Path, parameters: dict[str, str]) -> bool:
    """Whether the template takes these parameters, and needs no other."""
    declared = read(released, TEMPLATE)["Parameters"]
    needed = {name for name, each in declared.items() if "Default" not in each}
    return needed <= set(parameters) <= set(declared) and all(
        value == BUCKET
        or (
            value in declared[name].get("AllowedValues", [value])
            and re.search(declared[name].get("AllowedPattern", ""), value)
        )
        for name, value in parameters.items()
    )


def test_terraform_makes_the_stack(released: Path) -> None:
    stack = terraform()["aws_cloudformation_stack"]
    parameters = {unquoted(name): unquoted(value) for name, value in stack["parameters"].items()}
    assert accepted(released, parameters)
    assert not accepted(released, parameters | {"Mode": "enforced"})
    assert not accepted(released, parameters | {"Colour": "red"})
    assert not accepted(released, {name: value for name, value in parameters.items() if name != "CodeBucket"})
    assert [unquoted(each) for each in stack["capabilities"]] == ["CAPABILITY_NAMED_IAM"]
    assert TEMPLATE in stack["template_url"]


def test_terraform_uploads_to_where_the_stack_looks(released: Path) -> None:
    uploaded = terraform()["aws_s3_object"]
    prefix = read(released, TEMPLATE)["Parameters"]["CodeKeyPrefix"]["Default"]
    assert unquoted(uploaded["key"]) == f"{prefix}${{local.version}}/${{each.key}}"
    assert unquoted(uploaded["bucket"]) == BUCKET
    assert "*.zip" in uploaded["for_each"]


def test_aws_cli_makes_the_stack(released: Path) -> None:
    command = block("", "aws cloudformation create-stack")
    parameters = dict(re.findall(r"ParameterKey=(\w+),ParameterValue=(\S+)", command))
    assert accepted(released, parameters)
    prefix = read(released, TEMPLATE)["Parameters"]["CodeKeyPrefix"]["Default"]
    assert f"https://{BUCKET}.s3.us-east-1.amazonaws.com/{prefix}{VERSION}/{TEMPLATE}" in command


def test_cdk_makes_the_stack(released: Path) -> None:
    code = block("ts", "CfnInclude")
    (given,) = re.findall(r"parameters: \{(.*?)\}", code)
    assert accepted(released, dict(re.findall(r"(\w+): '([^']*)'", given)))
    assert f"templateFile: 'mfa-enforcer-{VERSION}/{TEMPLATE}'" in code


def test_every_way_makes_a_stack_of_the_same_name() -> None:
    """Two stacks in an account would both act."""
    (of_cdk,) = re.findall(r"new Stack\(new App\(\), '([^']*)'", block("ts", "CfnInclude"))
    (of_cli,) = re.findall(r"--stack-name (\S+)", block("", "aws cloudformation create-stack"))
    assert {of_cdk, of_cli, unquoted(terraform()["aws_cloudformation_stack"]["name"])} == {"mfa-enforcer"}


def test_checksums_are_trusted_once_it_is_known_who_made_them() -> None:
    commands = re.findall(
        r"^(?:gh attestation verify|cosign verify-blob|sha256sum).*", block("", "gh "), re.MULTILINE
    )
    assert [" ".join(command.split()[:4]) for command in commands] == [
        "gh attestation verify SHA256SUMS",
        "cosign verify-blob SHA256SUMS --bundle",
        "sha256sum --check --strict SHA256SUMS",
    ]


@pytest.mark.parametrize("version", re.findall(r"\b\d+\.\d+\.\d+\b", block("hcl", "local")))
def test_version_is_the_one_of_the_sources(version: str) -> None:
    assert version == VERSION


def test_page_lists_every_file(released: Path) -> None:
    (table,) = re.findall(r"^\| file \| what it is \|\n(.*?)\n\n", TEXT, re.MULTILINE | re.DOTALL)
    listed = {
        name.replace("VERSION", VERSION) if name != "VERSION" else name
        for line in table.splitlines()
        for name in re.findall(r"`([^`]+)`", line.split("|")[1])
    }
    made = {file.name for file in released.iterdir()}
    # The workflow also makes these: a second command line, and a signature.
    elsewhere = {f"mfa-enforcer-{VERSION}-{each.name}.tar.gz" for each in PLATFORMS} | {f"{CHECKSUMS}.bundle"}
    assert made <= listed <= made | elsewhere
    assert {f"{function}.zip" for function in FUNCTIONS} <= listed
