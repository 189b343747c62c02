"""The environment that the template sets is the one that the code reads."""

import re

import pytest

from . import quarantines
from .contract import CONTRACT, FUNCTIONS
from .quarantines import policy
from .resolved_stack import ResolvedStack
from .roles import STACK
from .templates import MAIN, ROOT, translated

SETTINGS: dict[str, str | None] = {setting["name"]: setting["default"] for setting in CONTRACT["settings"]}


def test_every_binary_has_a_function() -> None:
    assert sorted(STACK.functions().values()) == sorted(FUNCTIONS)
    for name in STACK.functions():
        assert STACK.template["Resources"][name]["Metadata"]["BuildMethod"] == "rust-cargolambda"


def arns(*names: str) -> str:
    return ",".join(map(STACK.arn, names))


def test_functions_get_the_defaults_of_the_code_and_what_is_made() -> None:
    made = {
        "QUARANTINE_POLICY_ARN": arns(
            policy("console"),
            policy("everything"),
            policy("strict-everything"),
        ),
        "QUARANTINE_GROUP_NAME": " ".join(
            f"{STACK.name}-quarantine-{document}"
            for document in ("console", "everything", "strict-everything")
        ),
        "STRICT_POLICY_ARN": arns(policy("strict-console")),
        "STRICT_GROUP_NAME": f"{STACK.name}-quarantine-strict-console",
        "SPARE_POLICY_ARN": "stack",
        "ALERTS_TOPIC_ARN": STACK.arn("AlertsTopic"),
        # The sweep deletes topics of deleted users, so that of the alerts must not begin like this.
        "USER_TOPIC_PREFIX": "mfa-enforcer-user-",
        "STACK_ID": STACK.resolve({"Ref": "AWS::StackId"}),
    }
    # The stack's name tells the roles.
    expected = {name: value for name, value in (SETTINGS | made).items() if name != "ENFORCER_ROLES"}
    for function in STACK.of_type("AWS::Lambda::Function").values():
        assert function["Environment"]["Variables"] == expected
    assert not STACK.physical_name("AlertsTopic").startswith(made["USER_TOPIC_PREFIX"])


@pytest.mark.parametrize("scope", ["console", "everything"])
def test_every_quarantine_is_recognised_whatever_the_scope(scope: str) -> None:
    """Nobody stays under a policy or in a group that the functions do not know."""
    stack = ResolvedStack(translated(MAIN), parameters={"QuarantineScope": scope})
    variables = stack.of_type("AWS::Lambda::Function")["SweepFunction"]["Environment"]["Variables"]
    named = [part for value in variables.values() for part in re.split("[, ]", value)]
    policies = [part for part in named if ":policy/" in part]
    # `stack` stands for the spares.
    assert variables["SPARE_POLICY_ARN"] == "stack"
    known = [*policies, *(f"{arn}-spare" for arn in policies)]
    assert sorted(known) == sorted(map(stack.arn, quarantines.POLICIES))
    groups = [part for part in named if part in set(map(stack.physical_name, quarantines.GROUPS))]
    assert sorted(groups) == sorted(map(stack.physical_name, quarantines.GROUPS))
    first = variables["QUARANTINE_POLICY_ARN"].split(",")[0]
    assert first == stack.arn(policy(scope))
    assert variables["STRICT_POLICY_ARN"] == stack.arn(policy(f"strict-{scope}"))


def test_documentation_lists_every_setting() -> None:
    settings = (ROOT / "docs/SETTINGS.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([A-Z_]+)` \|", settings, re.MULTILINE) == list(SETTINGS)
