"""What the template gives the functions to keep evidence."""

from typing import Any

from .resolved_stack import ACCOUNT
from .roles import STACK

FUNCTIONS = ("SignIn", "UserLifecycle", "MfaDevice", "Guard", "Sweep")
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/mfa-enforcer-EvidencePolicy-1ABCDEF2GHIJ"


def write(bucket: str, owner: str = ACCOUNT) -> dict[str, Any]:
    """The statement that lets every function write below the years, and nowhere else."""
    return {
        "Sid": "WriteEvidence",
        "Effect": "Allow",
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/evidence/{ACCOUNT}/2*",
        "Condition": {"StringEquals": {"s3:ResourceAccount": owner}},
    }


def find(bucket: str, owner: str = ACCOUNT) -> dict[str, Any]:
    """The policy that lets the sweep find the record before."""
    owned = {"s3:ResourceAccount": owner}
    return {
        "PolicyName": "find-the-record-before",
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "ListOwnEvidence",
                    "Effect": "Allow",
                    "Action": "s3:ListBucket",
                    "Resource": f"arn:aws:s3:::{bucket}",
                    "Condition": {
                        "StringLike": {"s3:prefix": f"evidence/{ACCOUNT}/*"},
                        "StringEquals": owned,
                    },
                },
                {
                    "Sid": "ReadOwnEvidence",
                    "Effect": "Allow",
                    "Action": "s3:GetObject",
                    "Resource": f"arn:aws:s3:::{bucket}/evidence/{ACCOUNT}/2*",
                    "Condition": {"StringEquals": owned},
                },
            ],
        },
    }


def in_bucket(bucket: str) -> dict[str, Any]:
    """What changes if evidence is kept in this bucket, by path."""
    roles = {f"{name}Role": STACK.resources[f"{name}Role"]["Properties"] for name in FUNCTIONS}
    return {
        **{f"{name}Function.Environment.Variables.EVIDENCE_BUCKET": bucket for name in FUNCTIONS},
        **{f"{name}.ManagedPolicyArns": [*role["ManagedPolicyArns"], POLICY] for name, role in roles.items()},
        "SweepRole.Policies": [*roles["SweepRole"]["Policies"], find(bucket)],
        "GuardFunctionRecordsAndMail.EventPattern.detail.requestParameters.$or.0.bucketName.0": bucket,
        "EvidencePolicy": {"PolicyDocument": {"Version": "2012-10-17", "Statement": [write(bucket)]}},
    }
