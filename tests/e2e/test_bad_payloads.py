"""What cannot be understood is refused: clearly, without a call to AWS, without harm to what follows."""

from __future__ import annotations

import pytest

from . import bad_payloads
from .deployment import EVENT_FUNCTIONS, FUNCTIONS
from .functions import IGNORED
from .harness import Harness
from .sweeping import FUNCTION

# Long enough to say what is wrong, too short to repeat a payload.
LONGEST_MESSAGE = 500
# What is no JSON is refused by the runtime, before it reaches the function.
ERROR_TYPES = ("Malformed", "DeserializeError")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_bad_payloads(function: str, enforcer: Harness) -> None:
    payloads = list(bad_payloads.of(function))
    assert len(payloads) >= 20
    flaws = []
    for name, payload in payloads:
        mark = enforcer.wire.mark()
        answer = enforcer.functions.invoke(function, payload)
        calls = [call.name for call in enforcer.wire.since(mark)]
        if answer.outcome != "error" or not answer.error_type.endswith(ERROR_TYPES):
            flaws.append(f"{name}: {answer}")
        message = answer.error_message
        if not 0 < len(message) <= LONGEST_MESSAGE or bad_payloads.MARKER in message:
            flaws.append(f"{name}: the message is {message[:LONGEST_MESSAGE]!r}")
        if answer.error_type == "Malformed" and "`" not in message:
            flaws.append(f"{name}: the message names no field: {message}")
        if calls:
            flaws.append(f"{name}: calls {calls}")
        after = enforcer.functions.invoke(function, IGNORED)
        if after.outcome != "ignored":
            flaws.append(f"{name}: afterwards the function answers {after}")
    assert not flaws, "\n".join(flaws)


@pytest.mark.parametrize("function", EVENT_FUNCTIONS)
def test_a_good_event_is_still_handled(function: str, enforcer: Harness) -> None:
    enforcer.account.fill()
    for _, payload in bad_payloads.of(function):
        enforcer.functions.invoke(function, payload)
    enforcer.account.attach_policies("bob", 1)
    seen = enforcer.deliver(
        {
            "sign-in": "ConsoleLogin/bob-overdue-without-mfa.json",
            "user-lifecycle": "CreateLoginProfile/bob-overdue.json",
            "mfa-device": "DeactivateMFADevice/judy-last-device-by-herself.json",
        }[function]
    )
    assert seen.user and seen.user.contained_by == "policy"


def test_a_good_order_is_still_carried_out(enforcer: Harness) -> None:
    enforcer.account.fill()
    for _, payload in bad_payloads.of(FUNCTION):
        enforcer.functions.invoke(FUNCTION, payload)
    seen = enforcer.sweep()
    assert seen.after["bob"].contained_by == "policy"
