"""Addresses that nobody has confirmed: the emulator confirms every subscription at once, SNS does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from moto.sns.models import SNSBackend

from .aws_xml import element, result
from .wire import Answer, Call, Wsgi

PENDING = "PendingConfirmation"


class Addresses:
    """Shows the subscriptions of some addresses as unconfirmed."""

    def __init__(self, sns: Callable[[], SNSBackend]) -> None:
        self._sns = sns
        self._unconfirmed: set[str] = set()

    def clear(self) -> None:
        """Everybody confirms at once."""
        self._unconfirmed.clear()

    def leave_unconfirmed(self, address: str) -> None:
        """The owner of the address does not look into his mail."""
        self._unconfirmed.add(address.lower())

    def confirm(self, address: str) -> None:
        """The owner follows the link in the mail of SNS."""
        self._unconfirmed.discard(address.lower())

    def confirmed(self, address: str) -> bool:
        """Whether mail to the address is delivered."""
        return address.lower() not in self._unconfirmed

    def answer(self, call: Call) -> Answer | None:
        """The answer to a call that shows whether an address is confirmed."""
        if not self._unconfirmed:
            return None
        if call.name == "sns:Subscribe" and not self.confirmed(call.parameters.get("Endpoint", "")):
            return _instead(result(call, element("SubscriptionArn", "pending confirmation")))
        return self._hide_arns if call.name == "sns:ListSubscriptionsByTopic" else None

    def _hide_arns(self, emulator: Wsgi, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """The emulator's answer, with the ARNs of unconfirmed subscriptions replaced."""
        heads: list[Any] = []
        body = b"".join(emulator(environ, lambda *head: heads.append(head))).decode("utf-8")
        for subscription in list(self._sns().subscriptions.values()):
            if subscription.protocol == "email" and not self.confirmed(subscription.endpoint):
                shown = element("SubscriptionArn", PENDING)
                body = body.replace(element("SubscriptionArn", subscription.arn), shown)
        data = body.encode("utf-8")
        status, headers = heads[0][:2]
        kept = [(name, value) for name, value in headers if name.lower() != "content-length"]
        start_response(status, [*kept, ("Content-Length", str(len(data)))])
        return [data]


def _instead(answer: Answer) -> Answer:
    """Lets the emulator do what it is asked, and answers otherwise."""

    def given(emulator: Wsgi, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        for _ in emulator(environ, lambda *_: None):
            pass
        return answer(emulator, environ, start_response)

    return given
