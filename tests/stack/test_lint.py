"""cfn-lint has nothing to say, about the templates as they are written and about what SAM makes of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from .templates import FORWARD, MAIN, translated

CFN_LINT = Path(sys.executable).with_name("cfn-lint")
# One region of each partition, in which IAM's events arrive; the other template goes everywhere.
REGIONS = {MAIN: ["us-east-1", "cn-north-1", "us-gov-west-1"], FORWARD: ["ALL_REGIONS"]}


def remarks(path: Path, regions: list[str]) -> list[str]:
    """What cfn-lint says, down to what it calls informational."""
    command = [CFN_LINT, "--include-checks", "I", "--format", "json", "--regions", *regions, "--", path]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.stdout, run.stderr
    return [
        f"{each['Rule']['Id']} {each['Location']['Start']}: {each['Message']}"
        for each in json.loads(run.stdout)
    ]


def written(tmp_path: Path, template: object) -> Path:
    path = tmp_path / "template.json"
    path.write_text(json.dumps(template, indent=1))
    return path


@pytest.mark.parametrize("template", [MAIN, FORWARD], ids=lambda path: path.name)
def test_a_template_as_it_is_written_has_no_fault(template: Path) -> None:
    assert remarks(template, REGIONS[template]) == []


@pytest.mark.parametrize("template", [MAIN, FORWARD], ids=lambda path: path.name)
def test_a_template_as_it_is_translated_has_no_fault(template: Path, tmp_path: Path) -> None:
    assert remarks(written(tmp_path, translated(template)), REGIONS[template]) == []


def test_a_fault_would_be_seen(tmp_path: Path) -> None:
    spoilt = translated(MAIN)
    spoilt["Resources"]["DeadLetters"]["Properties"]["MessageRetentionPeriod"] = 1209601
    (remark,) = remarks(written(tmp_path, spoilt), REGIONS[MAIN])
    assert "1209600" in remark
