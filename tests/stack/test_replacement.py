"""Nothing makes CloudFormation replace a quarantine policy or group, which users hold on to.

A replaced policy has another ARN. Users keep the old one, and a stack that does not know it cannot detach
it. To change a value here is to ask everyone for the steps of docs/ROLLOUT.md, and the changelog says so.
"""

from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from .quarantines import DOCUMENTS, group, policy, spare
from .roles import STACK

POLICY, GROUP = "AWS::IAM::ManagedPolicy", "AWS::IAM::Group"
# The properties of which CloudFormation says that an update replaces the resource.
PINNED: dict[str, dict[str, dict[str, str]]] = {
    POLICY: {
        "ConsoleQuarantinePolicy": {
            "ManagedPolicyName": "mfa-enforcer-quarantine-console",
            "Description": "Limits a user without MFA to enrolling a device. Attached by mfa-enforcer.",
        },
        "EverythingQuarantinePolicy": {
            "ManagedPolicyName": "mfa-enforcer-quarantine-everything",
            "Description": (
                "Limits a user without MFA, access keys included, to enrolling a device. "
                "Attached by mfa-enforcer."
            ),
        },
        # These have no description, and nobody may add one.
        "StrictConsoleQuarantinePolicy": {"ManagedPolicyName": "mfa-enforcer-quarantine-strict-console"},
        "StrictEverythingQuarantinePolicy": {
            "ManagedPolicyName": "mfa-enforcer-quarantine-strict-everything"
        },
        **{
            spare(document): {"ManagedPolicyName": f"mfa-enforcer-quarantine-{document}-spare"}
            for document in DOCUMENTS
        },
    },
    GROUP: {
        "QuarantineGroup": {"GroupName": "mfa-enforcer-quarantine-console"},
        "EverythingQuarantineGroup": {"GroupName": "mfa-enforcer-quarantine-everything"},
        "StrictConsoleQuarantineGroup": {"GroupName": "mfa-enforcer-quarantine-strict-console"},
        "StrictEverythingQuarantineGroup": {"GroupName": "mfa-enforcer-quarantine-strict-everything"},
    },
}


def replacing(kind: str) -> set[str]:
    """The properties of a type whose change replaces the resource."""
    schema: dict[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    return {path.removeprefix("/properties/") for path in schema["createOnlyProperties"]}


@pytest.mark.parametrize("kind", PINNED)
def test_what_replaces_a_quarantine_is_pinned(kind: str) -> None:
    quarantines = {name: each for name, each in STACK.of_type(kind).items() if "Quarantine" in name}
    found = {
        name: {key: value for key, value in each.items() if key in replacing(kind)}
        for name, each in quarantines.items()
    }
    assert found == PINNED[kind]


def test_replaced_quarantine_is_kept() -> None:
    for kind, names in PINNED.items():
        for name in names:
            assert STACK.resources[name]["Type"] == kind
            assert STACK.resources[name]["UpdateReplacePolicy"] == "Retain"


def test_each_group_has_the_policy_of_its_name() -> None:
    groups = STACK.of_type(GROUP)
    for document in DOCUMENTS:
        # So no group has a spare.
        assert groups[group(document)]["ManagedPolicyArns"] == [STACK.arn(policy(document))]
        assert groups[group(document)]["GroupName"] == STACK.physical_name(policy(document))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_spare_has_the_text_and_the_name_of_its_policy(document: str) -> None:
    policies = STACK.of_type(POLICY)
    assert policies[spare(document)] == {
        "ManagedPolicyName": f"{policies[policy(document)]['ManagedPolicyName']}-spare",
        "PolicyDocument": policies[policy(document)]["PolicyDocument"],
    }
