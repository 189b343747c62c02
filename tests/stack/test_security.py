"""checkov has nothing to say but what is answered, one by one, in exceptions.yaml.

It gets the templates with every reference resolved: left to itself it takes a policy that refers to anything
for one that it cannot judge.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from .deployment import Deployment
from .roles import forwarded
from .templates import MAIN, ROOT, translated

CHECKOV = ROOT / ".venv" / "checkov" / "bin" / "checkov"
EXCEPTIONS = Path(__file__).with_name("exceptions.yaml")


def findings(folder: Path, deployments: dict[str, Deployment]) -> set[tuple[str, str]]:
    """The checks that fail, each with the resource for which it does."""
    assert CHECKOV.exists(), "`make template` installs it"
    for name, deployment in deployments.items():
        # Without parameters and conditions: all of them are resolved.
        template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": deployment.resources}
        (folder / f"{name}.json").write_text(json.dumps(template, indent=1))
    command = [
        CHECKOV,
        "--directory",
        folder,
        "--framework",
        "cloudformation",
        "--output",
        "json",
        "--skip-download",
    ]
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


def deployed() -> dict[str, Deployment]:
    main = Deployment(translated(MAIN))
    return {"template": main, "forward": forwarded(main, "eu-west-1")}


def test_every_finding_is_answered_and_every_answer_has_a_finding(tmp_path: Path) -> None:
    answers = list(excepted())
    assert len(answers) == len(set(answers))
    assert findings(tmp_path, deployed()) == set(answers)


@pytest.mark.parametrize(
    ("check", "resource", "path", "value"),
    [
        ("CKV_AWS_26", "AlertsTopic", ["KmsMasterKeyId"], None),
        ("CKV_AWS_7", "AlertsKey", ["EnableKeyRotation"], False),
        (
            "CKV_AWS_109",
            "ReviewPolicy",
            ["PolicyDocument", "Statement", 0, "Action"],
            ["iam:AttachUserPolicy"],
        ),
    ],
)
def test_a_weakness_would_be_seen(
    check: str, resource: str, path: list[str | int], value: object, tmp_path: Path
) -> None:
    weak = Deployment(translated(MAIN))
    part = weak.resources[resource]["Properties"]
    for key in path[:-1]:
        part = part[key]
    del part[path[-1]]
    if value is not None:
        part[path[-1]] = value
    assert (check, f"template: {resource}") in findings(tmp_path, {"template": weak})
