"""The environment that the template sets is the one that the code reads."""

from __future__ import annotations

import re

import pytest

from . import rust
from .resolved_stack import ResolvedStack
from .roles import STACKS, roles
from .templates import MAIN, ROOT, translated


def environments(stack: ResolvedStack) -> dict[str, dict[str, str]]:
    return {
        name: function["Environment"]["Variables"]
        for name, function in stack.of_type("AWS::Lambda::Function").items()
    }


def test_every_variable_that_is_read_is_set_for_every_function_and_no_other(stack: ResolvedStack) -> None:
    read = rust.settings()
    assert len(read) == len(set(read)) > 10
    for name, variables in environments(stack).items():
        assert set(variables) == set(read), name


def test_the_settings_are_the_only_use_of_the_environment() -> None:
    (lines,) = rust.other_variables().values()
    assert len(lines) == 1
    assert "Settings::read" in lines[0]


def test_the_readme_explains_every_variable() -> None:
    explained = re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert explained == [name for name in explained if name in rust.settings()]
    assert set(explained) == set(rust.settings())


@pytest.mark.parametrize("title", STACKS)
def test_the_functions_know_the_roles_under_which_they_run(title: str) -> None:
    _, stack = STACKS[title]
    names = {role["arn"].split("/")[-1] for role in roles(stack).values() if role["function"]}
    assert len(names) == 4
    for variables in environments(stack).values():
        assert set(variables["ENFORCER_ROLES"].split(",")) == names


@pytest.mark.parametrize(
    ("scope", "first", "second"),
    [
        ("console", "ConsoleQuarantinePolicy", "EverythingQuarantinePolicy"),
        ("everything", "EverythingQuarantinePolicy", "ConsoleQuarantinePolicy"),
    ],
)
def test_the_policy_of_the_scope_is_the_first_and_in_the_group(scope: str, first: str, second: str) -> None:
    stack = ResolvedStack(translated(MAIN), parameters={"QuarantineScope": scope})
    group = stack.of_type("AWS::IAM::Group")["QuarantineGroup"]
    assert group["ManagedPolicyArns"] == [stack.arn(first)]
    for variables in environments(stack).values():
        assert variables["QUARANTINE_SCOPE"] == scope
        assert variables["QUARANTINE_POLICY_ARN"] == f"{stack.arn(first)},{stack.arn(second)}"
        assert variables["QUARANTINE_GROUP_NAME"] == stack.physical_name("QuarantineGroup")
        assert variables["ALERTS_TOPIC_ARN"] == stack.arn("AlertsTopic")


@pytest.mark.parametrize(("more", "paths"), [("", "/glass/"), ("/robots/,/eu/", "/glass/,/robots/,/eu/")])
def test_break_glass_users_are_always_exempt(more: str, paths: str) -> None:
    stack = ResolvedStack(translated(MAIN), parameters={"BreakGlassPath": "/glass/", "ExemptPaths": more})
    for variables in environments(stack).values():
        assert variables["EXEMPT_PATHS"] == paths


def test_the_alerts_topic_is_no_topic_of_a_user(stack: ResolvedStack) -> None:
    """Or the sweep, which deletes topics of users who are gone, could delete it."""
    for variables in environments(stack).values():
        assert not stack.physical_name("AlertsTopic").startswith(variables["USER_TOPIC_PREFIX"])
