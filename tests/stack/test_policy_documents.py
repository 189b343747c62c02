"""The quarantine policies are deployed as they are in policies/."""

from __future__ import annotations

import json
import re

import pytest

from .templates import MAIN, POLICIES, source, translated

DOCUMENTS = {
    "ConsoleQuarantinePolicy": "quarantine-console.json",
    "EverythingQuarantinePolicy": "quarantine-everything.json",
}


@pytest.mark.parametrize(("policy", "file"), DOCUMENTS.items())
def test_policy_is_its_file_byte_for_byte(policy: str, file: str) -> None:
    written = source(MAIN)["Resources"][policy]["Properties"]["PolicyDocument"]
    include = {"Name": "AWS::Include", "Parameters": {"Location": f"policies/{file}"}}
    assert written == {"Fn::Transform": include}

    deployed = translated(MAIN)["Resources"][policy]["Properties"]["PolicyDocument"]
    assert json.dumps(deployed, indent=2) + "\n" == (POLICIES / file).read_text()


@pytest.mark.parametrize("file", DOCUMENTS.values())
def test_document_survives_the_include(file: str) -> None:
    """CloudFormation would take these for its own functions."""
    text = (POLICIES / file).read_text()
    assert not re.findall(r'"(?:Ref|Fn::\w+)":', text)
    assert not re.findall(r"\$\{AWS::", text)
