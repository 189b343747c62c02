"""How AWS answers where the emulator does not: lists in pages, unconfirmed addresses, overlapping reads."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from .aws_xml import result
from .wire import Answer, Call

# A call that stays unanswered for three seconds is given up by the functions, which ask again.
RENDEZVOUS_SECONDS = 2.0


class EmptyFirstPage:
    """The first page of a list is empty and says that there is more, which AWS documents as possible."""

    RESULTS = {
        "iam:ListMFADevices": "<MFADevices/>",
        "iam:ListAttachedUserPolicies": "<AttachedPolicies/>",
        "iam:ListGroupsForUser": "<Groups/>",
        "sns:ListSubscriptionsByTopic": "<Subscriptions/>",
    }

    def __init__(self) -> None:
        self.given: set[str] = set()

    def __call__(self, call: Call) -> Answer | None:
        if call.name not in self.RESULTS or "Marker" in call.parameters or "NextToken" in call.parameters:
            return None
        self.given.add(call.name)
        # The emulator takes the marker for a position in the list.
        more = "<NextToken>0</NextToken>"
        if call.service == "iam":
            more = "<IsTruncated>true</IsTruncated><Marker>0</Marker>"
        return result(call, self.RESULTS[call.name] + more)


def pending_when_subscribed(call: Call) -> Answer | None:
    """The owner of the address has not confirmed the subscription that is made now."""
    if call.name != "sns:Subscribe":
        return None
    return result(call, "<SubscriptionArn>pending confirmation</SubscriptionArn>")


def pending_since_long(call: Call) -> Answer | None:
    """The owner of the address has not confirmed the subscription that was made long ago."""
    if call.name != "sns:ListSubscriptionsByTopic":
        return None
    member = (
        "<member><SubscriptionArn>PendingConfirmation</SubscriptionArn><Protocol>email</Protocol>"
        f"<Endpoint>Alice@Example.com</Endpoint><TopicArn>{call.parameters['TopicArn']}</TopicArn></member>"
    )
    return result(call, f"<Subscriptions>{member}</Subscriptions>")


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
