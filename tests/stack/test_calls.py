"""Every call of the code has its permission where it is made, and there is no permission without a call.

On what a call is allowed, and with what, is tried by the evaluator in `tests/policy`.
"""

from __future__ import annotations

from typing import Any

import pytest

from . import rust
from .resolved_stack import ResolvedStack
from .roles import STACKS, roles

# The calls that carry out a step of a plan, by the step's name in the decision table. Where a user has no room
# for one more policy, the group takes its place.
STEPS = {
    "attach-policy": {"iam:AttachUserPolicy", "iam:AddUserToGroup"},
    "detach-policy": {"iam:DetachUserPolicy", "iam:RemoveUserFromGroup"},
    "set-tag": {"iam:TagUser"},
    "remove-tag": {"iam:UntagUser"},
    "mark": {"iam:TagUser"},
    "notify": {"sns:CreateTopic", "sns:ListSubscriptionsByTopic", "sns:Subscribe", "sns:Publish"},
}
# Every function looks at its subject first, which is a user or root.
LOOK = {
    "iam:GetUser",
    "iam:GetLoginProfile",
    "iam:ListMFADevices",
    "iam:ListAttachedUserPolicies",
    "iam:ListGroupsForUser",
    "sns:ListTagsForResource",
    "sns:TagResource",
}
# The sweep reads the account, and cleans up after users who are gone.
SWEEP = {
    "iam:GenerateCredentialReport",
    "iam:GetCredentialReport",
    "iam:GetAccountAuthorizationDetails",
    "iam:GetAccountSummary",
    "iam:ListVirtualMFADevices",
    "sns:ListTopics",
    "sns:DeleteTopic",
}
# What AWS does in the name of a function: its log, its failed events, and the encryption of alerts.
AROUND = {
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "sqs:SendMessage",
    "kms:GenerateDataKey",
    "kms:Decrypt",
}


def events(stack: ResolvedStack) -> dict[str, set[str]]:
    """The events that reach each function, by the function's binary."""
    binaries = {
        stack.arn(name): stack.template["Resources"][name]["Metadata"]["BuildProperties"]["Binary"]
        for name in stack.of_type("AWS::Lambda::Function")
    }
    reached = {
        binaries[rule["Targets"][0]["Arn"]]: set(rule["EventPattern"]["detail"]["eventName"])
        for rule in stack.of_type("AWS::Events::Rule").values()
    }
    (schedule,) = stack.of_type("AWS::Scheduler::Schedule").values()
    return reached | {binaries[schedule["Target"]["Arn"]]: {"Sweep"}}


def made_by(stack: ResolvedStack) -> dict[str, set[str]]:
    """The calls that each function makes."""
    steps = rust.steps()
    calls = {
        function: LOOK.union(*(STEPS[step] for event in names for step in steps[event]))
        for function, names in events(stack).items()
    }
    return calls | {"sweep": calls["sweep"] | SWEEP}


def allowed(policies: list[dict[str, Any]]) -> set[str]:
    """The actions that policies allow, whatever on and whatever with."""
    return {
        action
        for each in policies
        for statement in each["policy"]["Statement"]
        if statement["Effect"] == "Allow"
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }


def test_every_event_of_the_decision_table_reaches_one_function(stack: ResolvedStack) -> None:
    reached = [event for names in events(stack).values() for event in names]
    assert sorted(reached) == sorted(rust.steps())


def test_the_tables_have_every_call_of_the_adapters() -> None:
    known = LOOK | SWEEP | set().union(*STEPS.values())
    assert rust.operations() == known
    assert {operation.split(":")[0] for operation in known} == rust.services()


def test_every_call_of_a_client_has_the_name_of_its_operation() -> None:
    """Or a call could hide from these tests."""
    named = {operation.split(":")[1].lower() for operation in rust.operations()}
    assert {call.replace("_", "") for call in rust.client_calls()} == named


def test_every_step_of_the_decision_table_has_its_calls() -> None:
    assert set().union(*rust.steps().values()) == set(STEPS)


def test_a_sign_in_never_releases(stack: ResolvedStack) -> None:
    releasing = STEPS["detach-policy"] | STEPS["remove-tag"]
    assert {name for name, calls in made_by(stack).items() if not calls & releasing} == {"sign-in"}


@pytest.mark.parametrize("title", STACKS)
def test_each_function_may_make_its_calls_and_no_others(title: str) -> None:
    _, stack = STACKS[title]
    made = made_by(stack)
    assert len(made) == 4
    found = {
        role["function"]: allowed(role["policies"]) for role in roles(stack).values() if role["function"]
    }
    assert found == {function: calls | AROUND for function, calls in made.items()}


@pytest.mark.parametrize("title", STACKS)
def test_no_other_role_has_to_do_with_users_or_topics(title: str) -> None:
    _, stack = STACKS[title]
    for name, role in roles(stack).items():
        if role["function"]:
            continue
        about = {action for action in allowed(role["policies"]) if action.split(":")[0] in ("iam", "sns")}
        assert about == ({"iam:PassRole"} if name == "forward-exec" else set()), name


@pytest.mark.parametrize("title", STACKS)
def test_no_role_has_an_action_with_a_wildcard(title: str) -> None:
    _, stack = STACKS[title]
    for name, role in roles(stack).items():
        actions = allowed(role["policies"])
        assert actions, name
        assert not [action for action in actions if "*" in action], name


def test_every_binary_has_a_function_and_every_function_a_binary(stack: ResolvedStack) -> None:
    built = [
        stack.template["Resources"][name]["Metadata"]["BuildProperties"]["Binary"]
        for name in stack.of_type("AWS::Lambda::Function")
    ]
    assert sorted(built) == rust.binaries()
    for name in stack.of_type("AWS::Lambda::Function"):
        assert stack.template["Resources"][name]["Metadata"]["BuildMethod"] == "rust-cargolambda"
