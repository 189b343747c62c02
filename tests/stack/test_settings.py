"""The environment that the template sets is the one that the code reads."""

import re

import pytest

from . import quarantines
from .contract import CONTRACT, FUNCTIONS
from .quarantines import group, policy
from .roles import STACK
from .templates import ROOT

SETTINGS: dict[str, str | None] = {setting["name"]: setting["default"] for setting in CONTRACT["settings"]}
# What the stack's name tells, so that the template does not set it.
FOLLOWING = {
    "ENFORCER_ROLES",
    *(f"{kind}_{part}" for kind in ("CONSOLE", "STRICT") for part in ("POLICY_ARN", "GROUP_NAME")),
}


def test_every_binary_has_a_function() -> None:
    assert sorted(STACK.functions().values()) == sorted(FUNCTIONS)
    for name in STACK.functions():
        assert STACK.template["Resources"][name]["Metadata"]["BuildMethod"] == "rust-cargolambda"


def test_functions_get_the_defaults_of_the_code_and_what_is_made() -> None:
    made = {
        # The stack's name tells them.
        "QUARANTINE_POLICY_ARN": "stack",
        "QUARANTINE_GROUP_NAME": "stack",
        "SPARE_POLICY_ARN": "stack",
        "ALERTS_TOPIC_ARN": STACK.arn("AlertsTopic"),
        # The sweep deletes topics of deleted users, so that of the alerts must not begin like this.
        "USER_TOPIC_PREFIX": "mfa-enforcer-user-",
        "STACK_ID": STACK.resolve({"Ref": "AWS::StackId"}),
    }
    expected = {name: value for name, value in (SETTINGS | made).items() if name not in FOLLOWING}
    for function in STACK.of_type("AWS::Lambda::Function").values():
        assert function["Environment"]["Variables"] == expected
    assert not STACK.physical_name("AlertsTopic").startswith(made["USER_TOPIC_PREFIX"])


@pytest.mark.parametrize("scope", ["console", "everything"])
def test_every_quarantine_is_recognised_whatever_the_scope(scope: str) -> None:
    """Nobody stays under a policy or in a group that the functions do not know."""
    known = CONTRACT["quarantines"][scope]
    assert known["policies"] == sorted(map(STACK.arn, quarantines.POLICIES))
    assert known["groups"] == sorted(map(STACK.physical_name, quarantines.GROUPS))
    assert known["policy"] == STACK.arn(policy(scope))
    assert known["group"] == STACK.physical_name(group(scope))
    assert known["strict"] == STACK.arn(policy(f"strict-{scope}"))


def test_documentation_lists_every_setting() -> None:
    settings = (ROOT / "docs/SETTINGS.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([A-Z_]+)` \|", settings, re.MULTILINE) == list(SETTINGS)
