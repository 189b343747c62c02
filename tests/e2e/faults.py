"""Calls that fail, and how: the answers are written as AWS writes them.

A refusal quotes what AWS quotes in its messages, names and addresses among it, so that a log which repeats
AWS's words is caught.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any

from .aws_xml import refusal
from .wire import Answer, Call, Wsgi

# How often the functions make one call before they give up. A sweep has more patience.
ATTEMPTS = 4


def denied(call: Call) -> Answer:
    """A missing permission, which trying again does not mend."""
    about = ", ".join(value for name, value in call.parameters.items() if name not in ("Action", "Version"))
    return refusal("AccessDenied", f"Not authorized to perform: {call.name} on: {about}", "403 Forbidden")


def over_quota(call: Call) -> Answer:
    """A quota is used up, which trying again does not mend either."""
    name = call.parameters.get("UserName", "?")
    return refusal("LimitExceeded", f"Cannot exceed quota for PoliciesPerUser of {name}: 10", "409 Conflict")


def throttled(_call: Call) -> Answer:
    """Too many calls."""
    return refusal("Throttling", "Rate exceeded")


def lost(_call: Call) -> Answer:
    """AWS does what it was asked, and the answer is lost on its way: the most treacherous failure."""

    def answer(emulator: Wsgi, environ: dict[str, Any], _start_response: Any) -> Iterable[bytes]:
        for _ in emulator(environ, lambda *_: None):
            pass
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        raise ConnectionResetError

    return answer


class Fault:
    """The n-th call of a name fails, and those after it, `times` in all. Then all is well again."""

    def __init__(self, name: str, nth: int, kind: Callable[[Call], Answer], times: int = 1) -> None:
        self.name, self.nth, self.kind, self.times = name, nth, kind, times
        self.struck = 0
        self._seen = 0
        self._lock = threading.Lock()

    def __call__(self, call: Call) -> Answer | None:
        if call.name != self.name:
            return None
        with self._lock:
            self._seen += 1
            if self._seen < self.nth or self.struck >= self.times:
                return None
            self.struck += 1
        return self.kind(call)

    def __str__(self) -> str:
        return f"{self.name} number {self.nth} {self.kind.__name__}"
