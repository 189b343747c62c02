"""What people do in the account by calls of their own, which CloudTrail records as theirs.

Tests that put the account into some state do so without a call, through `Account`.
"""

from collections.abc import Iterator
from typing import Any

from werkzeug.test import Client

from .deployment import (
    ADMIN_KEY,
    APPROVED_TAG,
    EXEMPT_TAG,
    GROUP_NAME,
    NOTIFIED_TAG,
    POLICY_ARN,
    QUARANTINED_TAG,
    REGION,
)
from .event_history import session_key
from .gaps import IAM

OURS = (QUARANTINED_TAG, NOTIFIED_TAG)
HARMLESS = '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:No", "Resource": "*"}]}'


class CallRefused(Exception):
    """AWS refused a call of the administrator's."""


class Administrator:
    """An administrator, who may do everything."""

    def __init__(self, aws: Any) -> None:
        self._client = Client(aws)

    def call(self, action: str, *, by: str = "", **parameters: Any) -> None:
        """Makes a call of IAM, by a session of the user `by` where one is named."""
        access_key = session_key(by) if by else ADMIN_KEY
        fields = {"Action": action, "Version": "2010-05-08", **dict(_fields(parameters))}
        signed = {
            "Authorization": f"AWS4-HMAC-SHA256 Credential={access_key}/20260101/{REGION}/iam/aws4_request,"
        }
        response = self._client.post(base_url="https://iam.amazonaws.com", data=fields, headers=signed)
        if response.status_code >= 400:
            raise CallRefused(response.get_data(as_text=True))

    def attach_by_hand(self, name: str) -> None:
        """Contains a user with the quarantine policy, as an incident responder does."""
        self.call("AttachUserPolicy", UserName=name, PolicyArn=POLICY_ARN)

    def detach_by_hand(self, name: str) -> None:
        self.call("DetachUserPolicy", UserName=name, PolicyArn=POLICY_ARN)

    def put_out_of_group(self, name: str) -> None:
        self.call("RemoveUserFromGroup", UserName=name, GroupName=GROUP_NAME)

    def empty_policy(self) -> None:
        """Puts a text in force that stops nothing."""
        self.call("CreatePolicyVersion", PolicyArn=POLICY_ARN, PolicyDocument=HARMLESS, SetAsDefault="true")

    def forget_right_text(self) -> None:
        """Leaves the policy four versions, none of which has the right text, and room for a fifth."""
        for _ in range(4):
            self.empty_policy()
        self.call("DeletePolicyVersion", PolicyArn=POLICY_ARN, VersionId="v1")

    def delete_policy(self, *users: str) -> None:
        """Deletes the policy, which IAM allows once nobody has it."""
        for name in users:
            self.detach_by_hand(name)
        self.take_policy_from_group()
        for version in list(IAM.managed_policies[POLICY_ARN].versions):
            if not version.is_default:
                self.call("DeletePolicyVersion", PolicyArn=POLICY_ARN, VersionId=version.version_id)
        self.call("DeletePolicy", PolicyArn=POLICY_ARN)

    def take_policy_from_group(self) -> None:
        self.call("DetachGroupPolicy", GroupName=GROUP_NAME, PolicyArn=POLICY_ARN)

    def exempt(self, name: str, until: str, by: str = "") -> None:
        """Exempts a user, by a session of the user `by` where one is named."""
        self.call("TagUser", by=by, UserName=name, Tags=[{"Key": EXEMPT_TAG, "Value": until}])

    def strip_tags(self, name: str) -> None:
        """Removes the enforcer's tags, as Terraform does with tags that it does not know."""
        self.call("UntagUser", UserName=name, TagKeys=list(OURS))

    def fill_tags(self, name: str, count: int) -> None:
        """Sets tags until the user has so many."""
        have = len(IAM.get_user(name).tags or ())
        for number in range(have, count):
            self.call("TagUser", UserName=name, Tags=[{"Key": f"team-{number:02}", "Value": "payments"}])

    def approve(self, name: str, by: str = "") -> None:
        """Approves the release of a user."""
        self.call("TagUser", by=by, UserName=name, Tags=[{"Key": APPROVED_TAG, "Value": "INC-4722"}])

    def move(self, name: str, path: str) -> None:
        """Puts a user below another path."""
        self.call("UpdateUser", UserName=name, NewPath=path)

    def rename(self, name: str, new_name: str) -> None:
        self.call("UpdateUser", UserName=name, NewUserName=new_name)


def _fields(parameters: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """A list as the fields of a form: `Tags.member.1.Key`."""
    for name, value in parameters.items():
        if not isinstance(value, list):
            yield name, value
            continue
        for number, entry in enumerate(value, 1):
            place = f"{name}.member.{number}"
            if isinstance(entry, dict):
                yield from ((f"{place}.{member}", each) for member, each in entry.items())
            else:
                yield place, entry
