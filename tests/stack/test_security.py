"""checkov finds nothing in the stack except what exceptions.yaml explains.

It gets the templates with every reference resolved, since it cannot judge a policy that contains references.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from .resolved_stack import ResolvedStack
from .roles import STACK, forwarding
from .templates import MAIN, ROOT, translated

CHECKOV = ROOT / ".venv" / "checkov" / "bin" / "checkov"
OPTIONS = ("--framework", "cloudformation", "--output", "json", "--skip-download")
EXCEPTIONS = Path(__file__).with_name("exceptions.yaml")


def findings(folder: Path, stacks: dict[str, ResolvedStack]) -> set[tuple[str, str]]:
    """The failed checks, each with its resource."""
    assert CHECKOV.exists(), "`make template` installs it"
    for name, stack in stacks.items():
        template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": stack.resources}
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


def excepted() -> Iterator[tuple[str, str]]:
    for each in yaml.safe_load(EXCEPTIONS.read_text()):
        assert each["reason"].strip()
        for resource in each["resources"]:
            yield each["check"], resource


def test_every_finding_has_an_exception_and_the_reverse(tmp_path: Path) -> None:
    exceptions = list(excepted())
    assert len(exceptions) == len(set(exceptions))
    stacks = {"template": STACK, "forward": forwarding(STACK, "eu-west-1")}
    assert findings(tmp_path, stacks) == set(exceptions)


def test_weaknesses_are_noticed(tmp_path: Path) -> None:
    weak = ResolvedStack(translated(MAIN))
    properties = {name: each["Properties"] for name, each in weak.resources.items()}
    del properties["AlertsTopic"]["KmsMasterKeyId"]
    properties["AlertsKey"]["EnableKeyRotation"] = False
    properties["ReviewPolicy"]["PolicyDocument"]["Statement"][0]["Action"] = ["iam:AttachUserPolicy"]
    assert findings(tmp_path, {"template": weak}) - set(excepted()) >= {
        ("CKV_AWS_26", "template: AlertsTopic"),
        ("CKV_AWS_7", "template: AlertsKey"),
        ("CKV_AWS_109", "template: ReviewPolicy"),
    }
