"""What people can do at this moment: their sessions and keys, judged by the policies that they have now.

A session says `aws:MultiFactorAuthPresent` as it was when it began, until it ends. A request signed with an
access key of the user says nothing about it. Both by IAM's guide, "AWS global condition context keys".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .deployment import ACCOUNT
from .gaps import IAM
from .judge import Judge

# What is said of each kind of credential, in the words of a scenario.
SESSION = {"aws:TokenIssueTime": "2026-11-24T09:00:00Z", "aws:ViaAWSService": "false"}
CREDENTIALS: dict[str, dict[str, str]] = {
    "a session without MFA": {**SESSION, "aws:MultiFactorAuthPresent": "false"},
    "a session with MFA": {**SESSION, "aws:MultiFactorAuthPresent": "true"},
    "an access key": {"aws:ViaAWSService": "false"},
}


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One call that a user tries with some credentials, on a resource or on `oneself`."""

    user: str
    having: str
    call: str
    resource: str = "*"
    # Condition keys of this call.
    given: Mapping[str, Any] = field(default_factory=dict)

    def outcome(self, judge: Judge) -> str:
        """`Allowed`, `ExplicitlyDenied` or `ImplicitlyDenied`."""
        user: Any = IAM.get_user(self.user)
        holders = [user, *IAM.get_groups_for_user(self.user)]
        managed = [
            version.document
            for holder in holders
            for policy in holder.managed_policies.values()
            for version in policy.versions
            if version.is_default
        ]
        inline = [document for holder in holders for document in holder.policies.values()]
        request = {
            "principal": user.arn,
            "account": ACCOUNT,
            "action": self.call,
            "resource": user.arn if self.resource == "oneself" else self.resource,
            "context": {
                "aws:SecureTransport": "true",
                "aws:PrincipalArn": user.arn,
                "aws:username": user.name,
                **CREDENTIALS[self.having],
                **self.given,
            },
        }
        return judge.verdict([json.loads(document) for document in (*managed, *inline)], request)
