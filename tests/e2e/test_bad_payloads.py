"""What cannot be understood is refused: clearly, without a call to AWS, without harm to what follows."""

from __future__ import annotations

import pytest

from . import bad_payloads
from .deployment import FUNCTIONS
from .functions import IGNORED
from .harness import Harness

# Long enough to say what is wrong, too short to repeat a payload.
LONGEST_MESSAGE = 500
# What is not JSON is refused by the runtime, before it reaches the function.
ERROR_TYPES = ("Malformed", "DeserializeError")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_bad_payloads(function: str, enforcer: Harness) -> None:
    payloads = list(bad_payloads.of(function))
    assert len(payloads) >= 20
    flaws, mark = [], enforcer.proxy.mark()
    for name, payload in payloads:
        answer = enforcer.functions.invoke(function, payload)
        message = answer.error_message
        if answer.outcome != "error" or not answer.error_type.endswith(ERROR_TYPES):
            flaws.append(f"{name}: {answer}")
        if not 0 < len(message) <= LONGEST_MESSAGE or bad_payloads.MARKER in message:
            flaws.append(f"{name}: the message is {message[:LONGEST_MESSAGE]!r}")
        if answer.error_type == "Malformed" and "`" not in message:
            flaws.append(f"{name}: the message names no field: {message}")
        after = enforcer.functions.invoke(function, IGNORED)
        if after.outcome != "ignored":
            flaws.append(f"{name}: afterwards the function answers {after}")
        if calls := enforcer.proxy.since(mark):
            flaws.append(f"{name}: calls {calls}")
            mark = enforcer.proxy.mark()
    assert not flaws, "\n".join(flaws)
    enforcer.account.fill()
    seen = enforcer.deliver(bad_payloads.GOOD[function][0])
    assert seen.after[seen.subject or "bob"].contained_by == "policy", "a good event is not handled any more"
