"""checkov finds nothing in the stack except what exceptions.yaml explains.

It gets the templates with every reference resolved, since it cannot judge a policy that contains references.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.release.plain_templates import single_account

from .hubs import HUB
from .members import PLAIN
from .resolved_stack import ResolvedStack
from .roles import STACK, forwarding
from .templates import MAIN, ROOT, Template, translated

CHECKOV = ROOT / ".venv" / "checkov" / "bin" / "checkov"
OPTIONS = ("--framework", "cloudformation", "--output", "json", "--skip-download")
EXCEPTIONS = Path(__file__).with_name("exceptions.yaml")
# The id of a check, and the stack and the resource.
Findings = set[tuple[str, str]]
# What is made worse in a copy of the stack, so that a test sees that it is found.
WEAKENED = ("AlertsTopic", "AlertsKey", "ReviewPolicy")


@pytest.fixture(scope="module", name="findings")
def _findings(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """The failed checks of the stacks and of the weakened resources, each with its resource.

    Nearly all of the time goes into the start of checkov and the checks of a whole stack, so it runs once.
    """
    assert CHECKOV.exists(), "`make template` installs it"
    folder = tmp_path_factory.mktemp("templates")
    stacks = {"template": STACK.resources, "forward": forwarding(STACK, "eu-west-1").resources}
    stacks["release"] = only_in_a_release()
    stacks |= {"member": PLAIN.home.resources, "member-region": PLAIN.elsewhere.resources}
    stacks["hub"] = only_in_a_hub()
    for name, resources in (stacks | {"weak": weakened()}).items():
        template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}
        (folder / f"{name}.json").write_text(json.dumps(template, indent=1))
    command: list[str | Path] = [CHECKOV, "--directory", folder, *OPTIONS]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.stdout, run.stderr
    report: dict[str, Any] = json.loads(run.stdout)
    assert report["summary"]["parsing_errors"] == 0
    assert report["summary"]["passed"] > 100
    return {
        (check["check_id"], f"{Path(check['file_path']).stem}: {check['resource'].split('.')[-1]}")
        for check in report["results"]["failed_checks"]
    }


def only_in_a_release() -> Template:
    """What the template of a release has besides; a test there compares the rest."""
    settings = {"CodeBucket": "code", "MailFrom": "mfa@example.com"}
    resources = ResolvedStack(single_account(), parameters=settings).resources
    return {name: resource for name, resource in resources.items() if name not in STACK.resources}


def only_in_a_hub() -> Template:
    """What a hub has besides, or in another form. Its functions differ in their variables only."""
    differing = {name: each for name, each in HUB.resources.items() if each != STACK.resources.get(name)}
    return {name: each for name, each in differing.items() if name not in STACK.functions()}


def weakened() -> Template:
    """Some resources of the stack with a weakness each."""
    resources = ResolvedStack(translated(MAIN)).resources
    weak = {name: resources[name] for name in WEAKENED}
    del weak["AlertsTopic"]["Properties"]["KmsMasterKeyId"]
    weak["AlertsKey"]["Properties"]["EnableKeyRotation"] = False
    (statement, *_) = weak["ReviewPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    statement["Action"] = ["iam:AttachUserPolicy"]
    return weak


def excepted() -> Iterator[tuple[str, str]]:
    for each in yaml.safe_load(EXCEPTIONS.read_text()):
        assert each["reason"].strip()
        for resource in each["resources"]:
            yield each["check"], resource


def test_every_finding_has_an_exception_and_the_reverse(findings: Findings) -> None:
    exceptions = list(excepted())
    assert len(exceptions) == len(set(exceptions))
    found = {(check, where) for check, where in findings if not where.startswith("weak: ")}
    assert found == set(exceptions)


def test_weaknesses_are_noticed(findings: Findings) -> None:
    weaknesses = {("CKV_AWS_26", "AlertsTopic"), ("CKV_AWS_7", "AlertsKey"), ("CKV_AWS_109", "ReviewPolicy")}
    assert {(check, f"weak: {resource}") for check, resource in weaknesses} <= findings
    assert not {(check, f"template: {resource}") for check, resource in weaknesses} & set(excepted())
