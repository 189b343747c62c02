"""IAM's lists lag behind its writes: a rule for the proxy, switched on for a while.

IAM's user guide, "General troubleshooting: Changes that I make are not always immediately visible", calls IAM
eventually consistent. While there is a lag, a read of a user answers what was true before the last writes.
"""

import threading
from dataclasses import replace
from datetime import datetime, timedelta

from werkzeug.wrappers import Response

from .gaps import utc_now
from .proxy import Call, Forward

# The reads of a user that the functions make.
READS = (
    "GetUser",
    "GetLoginProfile",
    "ListMFADevices",
    "ListAttachedUserPolicies",
    "ListGroupsForUser",
    "ListAccessKeys",
    "ListUserTags",
)
NONE = timedelta(0)


class Lag:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Everything is seen at once."""
        self.span = NONE
        # What each read of each user answers, and until when.
        self._old: dict[tuple[str, str], tuple[datetime, Response]] = {}

    def __call__(self, call: Call, forward: Forward) -> Response:
        name = call.parameters.get("UserName")
        if call.service != "iam" or not name:
            return forward(call)
        if not call.writes:
            return self._remembered(name, call.action) or forward(call)
        with self._lock:
            if self.span:
                self._remember(name, call, forward)
            return forward(call)

    def _remembered(self, name: str, action: str) -> Response | None:
        known = self._old.get((name, action))
        return _copy(known[1]) if known and utc_now() < known[0] else None

    def _remember(self, name: str, write: Call, forward: Forward) -> None:
        """Keeps the answers of before the write. What is old already stays, until its time is over."""
        for action in READS:
            if not self._remembered(name, action):
                parameters = {"Action": action, "Version": write.parameters["Version"], "UserName": name}
                before = forward(replace(write, action=action, parameters=parameters))
                self._old[name, action] = utc_now() + self.span, before


def _copy(response: Response) -> Response:
    return Response(response.get_data(), response.status_code, response.headers)
