"""The environment that the template sets is the one that the code reads."""

import re

import pytest

from .contract import CONTRACT, FUNCTIONS
from .resolved_stack import ResolvedStack
from .roles import STACKS, roles
from .templates import MAIN, ROOT, translated

SETTINGS: dict[str, str | None] = {setting["name"]: setting["default"] for setting in CONTRACT["settings"]}
# The template sets them to what it makes, and never to the default.
MADE = {"QUARANTINE_GROUP_NAME", "EXEMPT_PATHS"}


def environment(stack: ResolvedStack) -> dict[str, str]:
    """The environment of the functions, which is the same for all."""
    functions = stack.of_type("AWS::Lambda::Function").values()
    first, *others = [function["Environment"]["Variables"] for function in functions]
    assert all(other == first for other in others)
    variables: dict[str, str] = first
    return variables


def test_every_binary_has_a_function(stack: ResolvedStack) -> None:
    assert sorted(stack.functions().values()) == sorted(FUNCTIONS)
    for name in stack.functions():
        assert stack.template["Resources"][name]["Metadata"]["BuildMethod"] == "rust-cargolambda"


def test_template_sets_the_settings_and_nothing_else(stack: ResolvedStack) -> None:
    assert set(environment(stack)) == set(SETTINGS)


def test_defaults_of_the_template_are_those_of_the_code(stack: ResolvedStack) -> None:
    ours = environment(stack)
    differing = {name for name, default in SETTINGS.items() if default is not None and ours[name] != default}
    assert differing == MADE
    assert ours["EXEMPT_PATHS"] == "/break-glass/"


def test_documentation_lists_every_setting() -> None:
    listed = re.findall(
        r"^\| `([A-Z_]+)` \|", (ROOT / "docs/SETTINGS.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert listed == list(SETTINGS)


@pytest.mark.parametrize("title", STACKS)
def test_functions_know_their_own_roles(title: str) -> None:
    _, stack = STACKS[title]
    names = {role["arn"].split("/")[-1] for role in roles(stack).values() if role["function"]}
    assert len(names) == len(FUNCTIONS)
    assert set(environment(stack)["ENFORCER_ROLES"].split(",")) == names


@pytest.mark.parametrize("scope", ["console", "everything"])
def test_policy_of_the_scope_is_first_and_in_the_group(scope: str) -> None:
    stack = ResolvedStack(translated(MAIN), parameters={"QuarantineScope": scope})
    console, everything = stack.arn("ConsoleQuarantinePolicy"), stack.arn("EverythingQuarantinePolicy")
    first, second = (console, everything) if scope == "console" else (everything, console)
    assert stack.of_type("AWS::IAM::Group")["QuarantineGroup"]["ManagedPolicyArns"] == [first]
    variables = environment(stack)
    assert variables["QUARANTINE_SCOPE"] == scope
    # The other is still known and lifted after a change of scope.
    assert variables["QUARANTINE_POLICY_ARN"] == f"{first},{second}"
    assert variables["QUARANTINE_GROUP_NAME"] == stack.physical_name("QuarantineGroup")
    assert variables["ALERTS_TOPIC_ARN"] == stack.arn("AlertsTopic")


def test_alerts_topic_is_not_taken_for_a_users(stack: ResolvedStack) -> None:
    """The sweep deletes topics of deleted users."""
    assert not stack.physical_name("AlertsTopic").startswith(environment(stack)["USER_TOPIC_PREFIX"])
