"""Rules that make AWS fail, or answer in unusual ways.

A refusal quotes names and addresses as AWS does, so that a log which repeats AWS's words is caught.
"""

import socket
import threading
import time
from dataclasses import dataclass, field, replace

from werkzeug.wrappers import Response

from .gaps import IAM
from .proxy import Call, Forward, Rule, answer, deny, refuse

# How often the functions make one call before they give up. A sweep has more patience.
ATTEMPTS = 4
# The lists that come in pages even for a single user.
LISTS = {
    "iam:ListMFADevices": "MFADevices",
    "iam:ListAttachedUserPolicies": "AttachedPolicies",
    "iam:ListGroupsForUser": "Groups",
    "sns:ListSubscriptionsByTopic": "Subscriptions",
}


def denied(call: Call, _forward: Forward) -> Response:
    """A missing permission, which a retry does not fix."""
    about = ", ".join(
        str(value) for name, value in call.parameters.items() if name not in ("Action", "Version")
    )
    return deny(call, f"User: {call.role} is not authorized to perform: {call.name} on: {about}")


def over_quota(call: Call, _forward: Forward) -> Response:
    """An exhausted quota, which a retry does not fix either."""
    message = f"Cannot exceed quota for PoliciesPerUser of {call.parameters['UserName']}: 10"
    return refuse(call, "LimitExceeded", message, 409)


def undone(call: Call, forward: Forward) -> Response:
    """Somebody detaches a policy as soon as it is attached."""
    response = forward(call)
    IAM.detach_user_policy(call.parameters["PolicyArn"], call.parameters["UserName"])
    return response


def throttled(call: Call, _forward: Forward) -> Response:
    code = "ThrottlingException" if call.service == "cloudtrail" else "Throttling"
    return refuse(call, code, "Rate exceeded")


def lost(call: Call, forward: Forward) -> Response:
    """AWS does what it was asked, but the answer is lost."""
    forward(call)
    call.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    raise ConnectionResetError


@dataclass
class Limit:
    """No more than so many calls of a name within a second, as many as CloudTrail allows for LookupEvents."""

    name: str
    a_second: int
    _passed: list[float] = field(default_factory=list, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __call__(self, call: Call, forward: Forward) -> Response:
        if call.name != self.name:
            return forward(call)
        with self._lock:
            now = time.monotonic()
            self._passed = [then for then in self._passed if now - then < 1]
            passes = len(self._passed) < self.a_second
            self._passed += [now] * passes
        return forward(call) if passes else throttled(call, forward)


@dataclass
class Fault:
    """The n-th call of a name fails, and those after it, `times` in all. Then all is well again."""

    name: str
    kind: Rule
    nth: int = 1
    times: int = 1
    struck: int = 0
    _seen: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __call__(self, call: Call, forward: Forward) -> Response:
        if call.name != self.name:
            return forward(call)
        with self._lock:
            self._seen += 1
            strikes = self._seen >= self.nth and self.struck < self.times
            self.struck += strikes
        return self.kind(call, forward) if strikes else forward(call)

    def __str__(self) -> str:
        return f"{self.name} number {self.nth} {self.kind.__name__}"


def short_pages(size: int) -> Rule:
    """AWS may give fewer entries a page than it was asked for."""

    def rule(call: Call, forward: Forward) -> Response:
        if "MaxItems" in call.parameters:
            call = replace(call, parameters={**call.parameters, "MaxItems": str(size)})
        return forward(call)

    return rule


def empty_first_page(call: Call, forward: Forward) -> Response:
    """The first page of a list is empty and says that there is more, which AWS documents as possible."""
    if call.name not in LISTS or call.is_of_a_later_page:
        return forward(call)
    # The emulator takes the marker for a position in the list.
    more = {"IsTruncated": True, "Marker": "0"} if call.service == "iam" else {"NextToken": "0"}
    return answer(call, {LISTS[call.name]: [], **more})
