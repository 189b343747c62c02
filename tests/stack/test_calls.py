"""Each function may make the calls that its code makes, and no others.

`tests/policy` tries on what a call is allowed, and with what.
"""

from typing import Any

import pytest

from .contract import FUNCTIONS, calls_of
from .roles import STACKS, roles

# What AWS does in the name of a function: its log, its failed events, and the encryption of alerts.
MADE_BY_AWS = {
    *("logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage"),
    *("kms:GenerateDataKey", "kms:Decrypt"),
}
RELEASING = {"iam:DetachUserPolicy", "iam:RemoveUserFromGroup", "iam:UntagUser"}


def allowed(role: dict[str, Any]) -> set[str]:
    """The actions that a role is allowed, on whatever."""
    statements = [each for one in role["policies"] for each in one["policy"]["Statement"]]
    actions = [each["Action"] for each in statements if each["Effect"] == "Allow"]
    return {action for each in actions for action in ([each] if isinstance(each, str) else each)}


@pytest.mark.parametrize("title", STACKS)
def test_roles_allow_the_calls_of_their_functions(title: str) -> None:
    _, stack = STACKS[title]
    found = {role["function"]: allowed(role) for role in roles(stack).values() if role["function"]}
    assert found == {function: calls_of(function) | MADE_BY_AWS for function in FUNCTIONS}


def test_only_a_sign_in_never_releases() -> None:
    assert [function for function in FUNCTIONS if not calls_of(function) & RELEASING] == ["sign-in"]


@pytest.mark.parametrize("title", STACKS)
def test_no_other_role_touches_users_or_topics(title: str) -> None:
    _, stack = STACKS[title]
    for name, role in roles(stack).items():
        actions = allowed(role)
        assert actions, name
        assert not [action for action in actions if "*" in action], name
        if not role["function"]:
            about_them = {action for action in actions if action.split(":")[0] in ("iam", "sns")}
            assert about_them == ({"iam:PassRole"} if name == "forward-exec" else set()), name
