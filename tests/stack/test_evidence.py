"""The evidence bucket: made only if it is asked for, closed, and kept when the stack goes."""

from typing import Any

import pytest

from .evidence import find, write
from .hubs import HUB, hub
from .members import HUB_ACCOUNT, ORGANIZATION
from .resolved_stack import ACCOUNT, ResolvedStack
from .roles import STACK
from .templates import MAIN, source, translated

PARAMETERS = source(MAIN)["Parameters"]
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def created(**parameters: str) -> ResolvedStack:
    return ResolvedStack(translated(MAIN), parameters={"Evidence": "create", **parameters})


def bucket_of(stack: ResolvedStack) -> dict[str, Any]:
    (bucket,) = stack.of_type("AWS::S3::Bucket").values()
    return bucket


def test_no_bucket_and_no_permission_without_the_parameter() -> None:
    assert not STACK.of_type("AWS::S3::Bucket")
    assert "EvidencePolicy" not in STACK.resources
    assert "s3:" not in str(STACK.resources["SweepRole"])


def test_bucket_is_closed_versioned_and_encrypted() -> None:
    bucket = bucket_of(created())
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    (encryption,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    assert "ObjectLockEnabled" not in bucket
    assert "ObjectLockConfiguration" not in bucket


def test_bucket_takes_no_calls_without_tls() -> None:
    (policy,) = created().of_type("AWS::S3::BucketPolicy").values()
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert len(statement["Resource"]) == 2


def test_bucket_outlives_the_stack() -> None:
    for name in ("EvidenceBucket", "EvidenceBucketPolicy"):
        resource = created().template["Resources"][name]
        assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
        assert resource["UpdateReplacePolicy"] == "Retain"
        assert "BucketName" not in resource["Properties"]


def test_functions_use_the_bucket_that_was_made() -> None:
    stack = created()
    name = stack.physical_name("EvidenceBucket")
    for function in stack.of_type("AWS::Lambda::Function").values():
        assert function["Environment"]["Variables"]["EVIDENCE_BUCKET"] == name
    assert stack.resources["EvidencePolicy"]["Properties"]["PolicyDocument"]["Statement"] == [write(name)]
    assert stack.resources["SweepRole"]["Properties"]["Policies"][-1] == find(name)


def test_bucket_may_be_one_of_another_account() -> None:
    parameters = {"Evidence": "hub-evidence", "EvidenceAccount": HUB_ACCOUNT}
    stack = ResolvedStack(translated(MAIN), parameters=parameters)
    for function in stack.of_type("AWS::Lambda::Function").values():
        found = function["Environment"]["Variables"]
        assert (found["EVIDENCE_BUCKET"], found["EVIDENCE_ACCOUNT"]) == ("hub-evidence", HUB_ACCOUNT)
    statements = stack.resources["EvidencePolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert statements == [write("hub-evidence", HUB_ACCOUNT)]
    assert stack.resources["SweepRole"]["Properties"]["Policies"][-1] == find("hub-evidence", HUB_ACCOUNT)


def test_hub_opens_its_bucket_to_the_accounts_that_are_named() -> None:
    """What they can do there, the policy evaluator says."""
    bucket = f"arn:aws:s3:::{HUB.physical_name('EvidenceBucket')}"
    ours = {"aws:PrincipalOrgID": ORGANIZATION}
    stack = hub(EvidenceFrom="111122223333,444455556666")
    # `doctor --org` compares them with the accounts in which the hub acts.
    assert stack.outputs["EvidenceFrom"] == "111122223333,444455556666"
    assert "EvidenceFrom" not in {**HUB.outputs, **STACK.outputs}
    (policy,) = stack.of_type("AWS::S3::BucketPolicy").values()
    (closed,) = HUB.of_type("AWS::S3::BucketPolicy").values()
    _, *opened = policy["PolicyDocument"]["Statement"]
    assert policy["PolicyDocument"]["Statement"][:1] == closed["PolicyDocument"]["Statement"]
    assert [statement.pop("Effect") for statement in opened] == ["Allow"] * 3
    named = [statement.pop("Principal") for statement in opened]
    assert named == [{"AWS": ["111122223333", "444455556666"]}] * 3
    assert {statement.pop("Sid"): statement for statement in opened} == {
        "AccountsAddOwnEvidence": {
            "Action": "s3:PutObject",
            "Resource": f"{bucket}/evidence/${{aws:PrincipalAccount}}/2*",
            "Condition": {"StringEquals": ours, "Null": {"s3:if-none-match": "false"}},
        },
        "AccountsReadOwnEvidence": {
            "Action": "s3:GetObject",
            "Resource": f"{bucket}/evidence/${{aws:PrincipalAccount}}/2*",
            "Condition": {"StringEquals": ours},
        },
        "AccountsListOwnEvidence": {
            "Action": "s3:ListBucket",
            "Resource": bucket,
            "Condition": {
                "StringEquals": ours,
                "StringLike": {"s3:prefix": "evidence/${aws:PrincipalAccount}/*"},
            },
        },
    }


def test_policy_fits_a_bucket_with_as_many_accounts_as_the_template_takes() -> None:
    accounts = ",".join(f"1111222233{number:02}" for number in range(50))
    assert len(accounts) == PARAMETERS["EvidenceFrom"]["MaxLength"]
    (policy,) = hub(EvidenceFrom=accounts).of_type("AWS::S3::BucketPolicy").values()
    # S3 makes an ARN of each number, and takes 20 kB.
    size = len(str(policy["PolicyDocument"])) + 3 * 50 * len("arn:aws-us-gov:iam:::root")
    assert size < 20_480


def test_lock_and_days_are_those_of_the_parameters() -> None:
    bucket = bucket_of(created(EvidenceLockDays="365", EvidenceDays="800"))
    assert bucket["ObjectLockEnabled"] is True
    retention = bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert retention == {"Mode": "GOVERNANCE", "Days": 365}
    expire, markers = bucket["LifecycleConfiguration"]["Rules"]
    # What expires is kept for a month more, as an older version, and its marker goes by a rule without days.
    assert (expire["ExpirationInDays"], expire["NoncurrentVersionExpiration"]) == (
        800,
        {"NoncurrentDays": 30},
    )
    assert markers == {"Id": "markers", "Status": "Enabled", "ExpiredObjectDeleteMarker": True}


@pytest.mark.parametrize("evidence", ["create", "an-own-bucket"])
def test_own_key_may_be_used_through_s3_only(evidence: str) -> None:
    stack = ResolvedStack(translated(MAIN), parameters={"Evidence": evidence, "EvidenceKeyArn": KEY})
    statement = stack.resources["EvidencePolicy"]["Properties"]["PolicyDocument"]["Statement"][1]
    assert statement["Resource"] == KEY
    assert statement["Condition"]["StringEquals"] == {"kms:ViaService": ["s3.us-east-1.amazonaws.com"] * 2}
    if evidence == "create":
        (encryption,) = bucket_of(stack)["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert encryption["ServerSideEncryptionByDefault"]["KMSMasterKeyID"] == KEY


def test_no_role_has_more_policies_than_iam_allows() -> None:
    for role in created(EvidenceKeyArn=KEY).of_type("AWS::IAM::Role").values():
        assert len(role.get("ManagedPolicyArns", [])) <= 10
