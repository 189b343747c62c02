"""What docs/DEPLOY.md tells people to type fits the templates and the files of a release."""

import re
from pathlib import Path
from typing import Any

import hcl2
import pytest

from deploy.release.compiled import FUNCTIONS, PLATFORMS
from deploy.release.folder import CHECKSUMS
from tests.stack.templates import MEMBER, ROOT, source

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
    """The resources of the Terraform for one account, by type."""
    return {kind: body for (kind, _), body in resources("single-account.yaml").items()}


def resources(containing: str) -> dict[tuple[str, str], dict[str, Any]]:
    """The resources of a block of Terraform, by type and name."""
    parsed = hcl2.loads(block("hcl", containing))
    return {
        (unquoted(kind), unquoted(name)): body
        for resource in parsed["resource"]
        for kind, named in resource.items()
        for name, body in named.items()
    }


def unquoted(text: str) -> str:
    return text.strip('"')


def accepted(released: Path, parameters: dict[str, str], template: str = TEMPLATE) -> bool:
    """Whether a template takes these parameters, and needs no other."""
    declared = read(released, template)["Parameters"]
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
    command = block("", "single-account.yaml")
    parameters = dict(re.findall(r"ParameterKey=(\w+),ParameterValue=(\S+)", command))
    assert accepted(released, parameters)
    prefix = read(released, TEMPLATE)["Parameters"]["CodeKeyPrefix"]["Default"]
    assert f"https://{BUCKET}.s3.us-east-1.amazonaws.com/{prefix}{VERSION}/{TEMPLATE}" in command


def test_cdk_makes_the_stack(released: Path) -> None:
    code = block("ts", "CfnInclude")
    (given,) = re.findall(r"parameters: \{(.*?)\}", code)
    assert accepted(released, dict(re.findall(r"(\w+): '([^']*)'", given)))
    assert f"templateFile: 'mfa-enforcer-{VERSION}/{TEMPLATE}'" in code


def commands(call: str) -> list[str]:
    """Every command of the page with this call, in one line each."""
    blocks = re.findall(r"^```\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [line for line in lines if re.match(rf"aws {call}\b(?!-)", line)]


def given_in(command: str) -> dict[str, str]:
    return dict(re.findall(r"ParameterKey=(\w+),ParameterValue=(\S+)", command))


def option(command: str, name: str) -> str:
    """What follows an option of a command, up to the next."""
    (found,) = re.findall(rf"--{name} (.*?)(?: --|$)", command)
    return " ".join(found.split())


# The stack sets, with their templates.
STACK_SETS = {"mfa-enforcer-member": "member.yaml", "mfa-enforcer-member-region": "member-region.yaml"}
# Where each goes.
PLACES = {
    "mfa-enforcer-member": ["us-east-1"],
    "mfa-enforcer-member-region": source()["Mappings"]["RegionsWithSignIns"]["us-east-1"]["Others"]
    .strip()
    .split(","),
}


def test_aws_cli_makes_the_hub(released: Path) -> None:
    _, command = commands("cloudformation create-stack")
    assert accepted(released, given_in(command), "hub.yaml")
    without = {name: value for name, value in given_in(command).items() if name != "OrganizationId"}
    assert not accepted(released, without, "hub.yaml")
    assert option(command, "template-url").endswith(f"/{VERSION}/hub.yaml")
    assert option(command, "stack-name") == source(MEMBER)["Parameters"]["HubStack"]["Default"]


def test_aws_cli_makes_the_stack_sets(released: Path) -> None:
    made = {option(each, "stack-set-name"): each for each in commands("cloudformation create-stack-set")}
    assert set(made) == set(STACK_SETS)
    for name, command in made.items():
        assert accepted(released, given_in(command), STACK_SETS[name])
        assert option(command, "template-url").endswith(f"/{VERSION}/{STACK_SETS[name]}")
        assert option(command, "permission-model") == "SERVICE_MANAGED"
        assert option(command, "auto-deployment") == "Enabled=true,RetainStacksOnAccountRemoval=false"
        assert option(command, "capabilities") == "CAPABILITY_NAMED_IAM"
    placed = commands("cloudformation create-stack-instances")
    assert {option(each, "stack-set-name"): option(each, "regions").split() for each in placed} == PLACES
    # One account or region that refuses holds up no other.
    assert all("FailureTolerancePercentage=100" in option(each, "operation-preferences") for each in placed)


def test_terraform_makes_the_hub_and_the_stack_sets(released: Path) -> None:
    found = resources("aws_cloudformation_stack_set")
    hub = found["aws_cloudformation_stack", "hub"]
    parameters = {unquoted(name): unquoted(value) for name, value in hub["parameters"].items()}
    assert accepted(released, parameters, "hub.yaml")
    assert unquoted(hub["template_url"]).endswith("/hub.yaml")
    for name, logical in (("mfa-enforcer-member", "member"), ("mfa-enforcer-member-region", "member_region")):
        stack_set = found["aws_cloudformation_stack_set", logical]
        assert unquoted(stack_set["name"]) == name
        assert unquoted(stack_set["template_url"]).endswith(f"/{STACK_SETS[name]}")
        assert unquoted(stack_set["permission_model"]) == "SERVICE_MANAGED"
        given = {unquoted(key): unquoted(value) for key, value in stack_set["parameters"].items()}
        assert accepted(released, given, STACK_SETS[name])
        (deployment,) = stack_set["auto_deployment"]
        assert (deployment["enabled"], deployment["retain_stacks_on_account_removal"]) == (True, False)
        instances = found["aws_cloudformation_stack_instances", logical]
        assert list(map(unquoted, instances["regions"])) == PLACES[name]
        assert f"aws_cloudformation_stack_set.{logical}.name" in instances["stack_set_name"]


def test_every_way_makes_a_stack_of_the_same_name() -> None:
    """Two stacks in an account would both act."""
    (of_cdk,) = re.findall(r"new Stack\(new App\(\), '([^']*)'", block("ts", "CfnInclude"))
    (of_cli,) = re.findall(r"--stack-name (\S+)", block("", "single-account.yaml"))
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


@pytest.mark.parametrize("version", re.findall(r"\b\d+\.\d+\.\d+\b", block("hcl", "version =")))
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
