"""What IAM refuses and moto does not: a rule for the proxy that is always in force.

Tags of users, by IAM's user guide, "Tags for IAM resources": keys are not case sensitive but keep their case,
so a tag whose key differs in case replaces the first; 50 tags a user; 128 characters a key and 256 a value;
letters, digits, spaces and `_.:/=+-@`. By "IAM and AWS STS quotas": ten attached policies, which can be
raised to 20, and ten groups a user. Calls of administrators keep to these rules too.
"""

import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from werkzeug.wrappers import Response

from .gaps import IAM
from .proxy import Call, Forward, refuse

LONGEST_KEY, LONGEST_VALUE = 128, 256
SIGNS = "_.:/=+-@"
# As IAM names the letters, the spaces and the digits.
CHARACTERS = r"[\p{L}\p{Z}\p{N}_.:/=+\-@]"


@dataclass
class Quotas:
    tags: int = 50
    policies: int = 10
    groups: int = 10


class IamRules:
    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Each account begins with AWS's own quotas."""
        self.quotas = Quotas()

    def __call__(self, call: Call, forward: Forward) -> Response:
        user = IAM.users.get(call.parameters.get("UserName", "")) if call.service == "iam" else None
        match call.name:
            case "iam:CreateUser":
                return _flaw(call) or self._too_many(call, len(call.tags)) or forward(call)
            case "iam:TagUser" if user:
                return _flaw(call) or self._tag(call, forward, user)
            case "iam:UntagUser" if user:
                return forward(_as_spelled(call, user))
            case "iam:AttachUserPolicy" if user and call.parameters["PolicyArn"] not in user.managed_policies:
                if len(user.managed_policies) >= self.quotas.policies:
                    return _over_quota(call, "PoliciesPerUser", self.quotas.policies)
            case "iam:AddUserToGroup" if user and call.parameters["GroupName"] not in user.group_list:
                if len(user.group_list) >= self.quotas.groups:
                    return _over_quota(call, "GroupsPerUser", self.quotas.groups)
        return forward(call)

    def _too_many(self, call: Call, count: int) -> Response | None:
        return _over_quota(call, "TagsPerUser", self.quotas.tags) if count > self.quotas.tags else None

    def _tag(self, call: Call, forward: Forward, user: Any) -> Response:
        """Sets tags. The ones that differ from them in case alone go."""
        new = {key.lower() for key in call.tags}
        replaced = [key for key in _keys(user) if key.lower() in new]
        if refused := self._too_many(call, len(_keys(user)) - len(replaced) + len(new)):
            return refused
        response = forward(call)
        IAM.untag_user(user.name, [key for key in replaced if key not in call.tags])
        return response


def _keys(user: Any) -> list[str]:
    return [tag["Key"] for tag in user.tags or ()]


def _as_spelled(call: Call, user: Any) -> Call:
    """The same call, with the keys as the user's tags spell them."""
    spelled = {key.lower(): key for key in _keys(user)}
    keys = enumerate(call.tag_keys, 1)
    changed = {f"TagKeys.member.{number}": spelled.get(key.lower(), key) for number, key in keys}
    return replace(call, parameters={**call.parameters, **changed})


def _flaw(call: Call) -> Response | None:
    """The refusal of a tag that IAM does not take."""
    same = Counter(key.lower() for key in call.tags)
    if any(count > 1 for count in same.values()):
        message = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        return refuse(call, "InvalidInput", message)
    for number, (key, value) in enumerate(call.tags.items(), 1):
        if key.lower().startswith("aws:"):
            return refuse(call, "InvalidInput", "System tags cannot be added/updated by requester")
        for member, text, longest in (("key", key, LONGEST_KEY), ("value", value, LONGEST_VALUE)):
            constraint = ""
            if len(text) > longest:
                constraint = f"Member must have length less than or equal to {longest}"
            elif not all(unicodedata.category(one)[0] in "LZN" or one in SIGNS for one in text):
                constraint = f"Member must satisfy regular expression pattern: {CHARACTERS}*"
            if constraint:
                where = f"Value '{text}' at 'tags.{number}.member.{member}'"
                message = f"1 validation error detected: {where} failed to satisfy constraint: {constraint}"
                return refuse(call, "ValidationError", message)
    return None


def _over_quota(call: Call, name: str, quota: int) -> Response:
    return refuse(call, "LimitExceeded", f"Cannot exceed quota for {name}: {quota}", 409)
