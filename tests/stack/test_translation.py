"""SAM translates the templates with policies/, and the result fits the names and quotas of AWS."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from .quarantines import DOCUMENTS, policy, spare
from .resolved_stack import NAMING, ResolvedStack
from .roles import LONG_NAME, STACK, STACKS, forwarding
from .templates import MAIN, POLICIES, ROOT, source, translated

ROLE_NAME_LIMIT = 64
TAGGED = {
    "AWS::CloudFormation::StackSet",
    "AWS::IAM::Role",
    "AWS::KMS::Key",
    "AWS::Lambda::Function",
    "AWS::Logs::LogGroup",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
}


@pytest.mark.parametrize("name", [policy, spare])
@pytest.mark.parametrize("document", DOCUMENTS)
def test_quarantine_policy_is_its_file_byte_for_byte(document: str, name: Callable[[str], str]) -> None:
    text = (POLICIES / f"quarantine-{document}.json").read_text(encoding="utf-8")
    include = {"Name": "AWS::Include", "Parameters": {"Location": f"policies/quarantine-{document}.json"}}
    written = source(MAIN)["Resources"][name(document)]["Properties"]["PolicyDocument"]
    assert written == {"Fn::Transform": include}
    deployed = translated(MAIN)["Resources"][name(document)]["Properties"]["PolicyDocument"]
    assert json.dumps(deployed, indent=2) + "\n" == text
    # CloudFormation would take these for its own functions.
    assert not re.findall(r'"(?:Ref|Fn::\w+)":|\$\{AWS::', text)


def test_longest_stack_name_leaves_room_for_all_names() -> None:
    """Resolving raises an error for a name that is too long."""
    unnamed = ResolvedStack(translated(MAIN), name="").of_type("AWS::IAM::Role").values()
    assert len(LONG_NAME) + max(len(role.get("RoleName", "")) for role in unnamed) == ROLE_NAME_LIMIT
    assert named(LONG_NAME)


def test_two_stacks_in_one_account_share_no_name() -> None:
    assert not named("mfa-enforcer") & named("mfa-enforcer-test")


def named(stack: str) -> set[tuple[str, str]]:
    """The names in a stack and in the stack that it deploys to another region."""
    main = ResolvedStack(translated(MAIN), stack)
    return {
        (each["Type"], resolved.physical_name(name))
        for resolved in (main, forwarding(main, "eu-west-1"))
        for name, each in resolved.resources.items()
        # A key has an ID of its own instead of a name.
        if each["Type"] in NAMING and each["Type"] != "AWS::KMS::Key"
    }


@pytest.mark.parametrize("title", STACKS)
def test_policies_fit_the_quotas_of_iam(title: str) -> None:
    """IAM accepts 6,144 characters in a managed policy, 10,240 inline, and 10 policies on a role."""

    def size(document: dict[str, Any]) -> int:
        return len(json.dumps(document, separators=(",", ":")))

    _, main = STACKS[title]
    for name, each in main.of_type("AWS::IAM::ManagedPolicy").items():
        assert size(each["PolicyDocument"]) <= 6144, name
    for name, role in main.of_type("AWS::IAM::Role").items():
        assert sum(size(policy["PolicyDocument"]) for policy in role["Policies"]) <= 10240, name
        assert len(role.get("ManagedPolicyArns", [])) <= 10, name


def test_documentation_counts_what_iam_limits() -> None:
    numbers = [len(STACK.of_type(f"AWS::IAM::{kind}")) for kind in ("ManagedPolicy", "Group", "Role")]
    text = " ".join((ROOT / "docs" / "ROLLOUT.md").read_text(encoding="utf-8").split())
    form = r"makes (\d+) managed policies \([^)]+\), (\d+) groups \([^)]+\) and (\d+) roles"
    (documented,) = re.findall(form, text)
    assert [int(number) for number in documented] == numbers


def test_every_resource_that_takes_tags_has_ours() -> None:
    """The tag shows a security team what belongs to the stack."""
    tag = {"Key": "application", "Value": "mfa-enforcer"}
    untagged = {
        name
        for resolved in (STACK, forwarding(STACK, "eu-west-1"))
        for name, each in resolved.resources.items()
        if each["Type"] in TAGGED and tag not in each["Properties"].get("Tags", [])
    }
    assert untagged == set()
