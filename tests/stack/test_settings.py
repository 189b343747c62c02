"""The environment that the template sets is the one that the code reads."""

import re

from .contract import CONTRACT, FUNCTIONS
from .roles import STACK
from .templates import ROOT

SETTINGS: dict[str, str | None] = {setting["name"]: setting["default"] for setting in CONTRACT["settings"]}


def test_every_binary_has_a_function() -> None:
    assert sorted(STACK.functions().values()) == sorted(FUNCTIONS)
    for name in STACK.functions():
        assert STACK.template["Resources"][name]["Metadata"]["BuildMethod"] == "rust-cargolambda"


def test_functions_get_the_defaults_of_the_code_and_what_is_made() -> None:
    scopes = [STACK.arn("ConsoleQuarantinePolicy"), STACK.arn("EverythingQuarantinePolicy")]
    made = {
        "QUARANTINE_POLICY_ARN": ",".join(scopes),
        "QUARANTINE_GROUP_NAME": f"{STACK.name}-quarantine-console {STACK.name}-quarantine-everything",
        "CONSOLE_POLICY_ARN": scopes[0],
        "CONSOLE_GROUP_NAME": f"{STACK.name}-quarantine-console",
        "ALERTS_TOPIC_ARN": STACK.arn("AlertsTopic"),
        # The sweep deletes topics of deleted users, so that of the alerts must not begin like this.
        "USER_TOPIC_PREFIX": "mfa-enforcer-user-",
        "ENFORCER_ROLES": ",".join(f"mfa-enforcer-{function}" for function in FUNCTIONS),
    }
    for function in STACK.of_type("AWS::Lambda::Function").values():
        assert function["Environment"]["Variables"] == SETTINGS | made
    assert not STACK.physical_name("AlertsTopic").startswith(made["USER_TOPIC_PREFIX"])


def test_documentation_lists_every_setting() -> None:
    settings = (ROOT / "docs/SETTINGS.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([A-Z_]+)` \|", settings, re.MULTILINE) == list(SETTINGS)
