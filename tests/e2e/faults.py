"""Rules for the wire: calls that fail, lists that come in pages, and calls that must overlap.

The answers are written as AWS writes them, down to the names and addresses that AWS quotes in its messages:
a log that repeats one of those is caught.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import escape

from .wire import Call, Wsgi

# A call that stays unanswered this long is given up by the functions, which ask again.
RENDEZVOUS_SECONDS = 2.0
# How often the functions make one call before they give up.
ATTEMPTS = 4


def answer(status: str, body: str) -> Wsgi:
    """An answer in XML."""
    data = body.encode("utf-8")

    def wsgi(_environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response(status, [("Content-Type", "text/xml"), ("Content-Length", str(len(data)))])
        return [data]

    return wsgi


def refusal(code: str, message: str, status: str = "400 Bad Request") -> Wsgi:
    """An error of AWS."""
    return answer(
        status,
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message>"
        "</Error>"
        "<RequestId>00000000-0000-4000-8000-000000000000</RequestId></ErrorResponse>",
    )


def dropped_connection(_environ: dict[str, Any], _start_response: Any) -> Iterable[bytes]:
    """No answer at all: the connection ends."""
    raise ConnectionResetError


def denied(call: Call) -> Wsgi:
    """A missing permission, which trying again does not mend."""
    about = ", ".join(value for name, value in call.parameters.items() if name not in ("Action", "Version"))
    return refusal("AccessDenied", f"The role is not authorized to perform: {call.name} on: {about[:2000]}",
                   "403 Forbidden")


def throttled(_call: Call) -> Wsgi:
    return refusal("Throttling", "Rate exceeded")


def failed_inside(_call: Call) -> Wsgi:
    return refusal("ServiceFailure", "An internal error", "500 Internal Server Error")


def over_quota(call: Call) -> Wsgi:
    name = call.parameters.get("UserName", "?")
    return refusal("LimitExceeded", f"Cannot exceed quota for PoliciesPerUser of {name}: 10", "409 Conflict")


def dropped(_call: Call) -> Wsgi:
    return dropped_connection


class Fault:
    """The n-th call of an action fails; every further call too, `times` in all. Then all is well again."""

    def __init__(self, name: str, nth: int, kind: Any, times: int = 1) -> None:
        self.name, self.nth, self.kind, self.times = name, nth, kind, times
        self.struck = 0
        self._seen = 0
        self._lock = threading.Lock()

    def __call__(self, call: Call) -> Wsgi | None:
        if call.name != self.name:
            return None
        with self._lock:
            self._seen += 1
            if self._seen < self.nth or self.struck >= self.times:
                return None
            self.struck += 1
        return self.kind(call)


class EmptyFirstPage:
    """The first page of a list is empty and says that there is more, which AWS documents as possible."""

    RESULTS = {
        "iam:ListMFADevices": "<MFADevices/>",
        "iam:ListAttachedUserPolicies": "<AttachedPolicies/>",
        "iam:ListGroupsForUser": "<Groups/>",
        "sns:ListSubscriptionsByTopic": "<Subscriptions/>",
    }

    def __init__(self) -> None:
        self.given: list[str] = []

    def __call__(self, call: Call) -> Wsgi | None:
        if call.name not in self.RESULTS or "Marker" in call.parameters or "NextToken" in call.parameters:
            return None
        self.given.append(call.name)
        # The emulator takes the marker for a position in the list.
        more = "<NextToken>0</NextToken>"
        if call.service == "iam":
            more = "<IsTruncated>true</IsTruncated><Marker>0</Marker>"
        action = call.action
        return answer(
            "200 OK",
            f"<{action}Response><{action}Result>{self.RESULTS[call.name]}{more}</{action}Result>"
            f"<ResponseMetadata/></{action}Response>",
        )


class Rendezvous:
    """Holds each of these calls until all of them are under way. One after the other, they never meet."""

    def __init__(self, names: Iterable[str]) -> None:
        self._missing = set(names)
        self._barrier = threading.Barrier(len(self._missing))
        self._lock = threading.Lock()
        self.met = False

    def __call__(self, call: Call) -> None:
        with self._lock:
            if call.name not in self._missing:
                return
            self._missing.remove(call.name)
        try:
            self._barrier.wait(RENDEZVOUS_SECONDS)
            self.met = True
        except threading.BrokenBarrierError:
            # Some of them did not come while this one was held: `met` stays false.
            pass
