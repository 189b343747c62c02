"""cfn-lint has no remarks on the templates as written. tests/release/ looks at what becomes of them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from .templates import FORWARD, MAIL, MAIN, MEMBER, MEMBER_REGION, RECIPES, Template, translated

CFN_LINT = Path(sys.executable).with_name("cfn-lint")
# The main stack belongs where IAM's events arrive. What forwards goes everywhere, mail where SES is.
REGIONS = {
    MAIN: ["us-east-1", "cn-north-1", "us-gov-west-1", "eusc-de-east-1"],
    FORWARD: ["ALL_REGIONS"],
    MAIL: ["us-east-1", "us-gov-west-1"],
    MEMBER: ["us-east-1", "cn-north-1", "us-gov-west-1", "eusc-de-east-1"],
    MEMBER_REGION: ["ALL_REGIONS"],
    **{recipe: ["us-east-1", "eu-west-1"] for recipe in RECIPES},
}

each_template = pytest.mark.parametrize("template", list(REGIONS), ids=lambda path: path.name)


def remarks(path: Path, regions: list[str]) -> list[str]:
    """The remarks of cfn-lint, informational ones included."""
    options = ["--include-checks", "I", "--format", "json", "--regions", *regions]
    run = subprocess.run([CFN_LINT, *options, "--", path], capture_output=True, text=True, check=False)
    assert run.stdout, run.stderr
    found = json.loads(run.stdout)
    return [f"{each['Rule']['Id']} {each['Location']['Start']}: {each['Message']}" for each in found]


def written(folder: Path, template: Template) -> Path:
    path = folder / "template.json"
    path.write_text(json.dumps(template, indent=1))
    return path


@each_template
def test_written_template_is_clean(template: Path) -> None:
    assert remarks(template, REGIONS[template]) == []


def test_mistake_is_noticed(tmp_path: Path) -> None:
    spoiled = translated(MAIN)
    spoiled["Resources"]["DeadLetters"]["Properties"]["MessageRetentionPeriod"] = 1209601
    (remark,) = remarks(written(tmp_path, spoiled), REGIONS[MAIN])
    assert "1209600" in remark
