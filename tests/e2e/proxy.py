"""The proxy in front of the emulated AWS: the one place where a call is seen, refused, changed or answered.

Every call passes a chain of rules and ends at the emulator. A rule gets the call and `forward`, which hands
a call on to the next rule. Some rules are always in force. Tests add others for a while, which apply only to
the functions' calls. These are signed with the keys of the functions' roles, and are recorded.
"""

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode
from xml.sax.saxutils import escape

from moto.core.serialize import QuerySerializer, XFormedAttributePicker
from moto.core.utils import get_service_model
from werkzeug.wrappers import Request, Response

from .deployment import ROLES

READING = ("Get", "List", "Describe", "Generate")
_SIGNER = re.compile(r"Credential=([^/]+)/[^/]+/[^/]+/([^/]+)/")


@dataclass(frozen=True)
class Call:
    service: str
    action: str
    parameters: Mapping[str, str] = field(repr=False)
    caller: str = ""
    environ: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, environ: dict[str, Any]) -> "Call":
        request = Request(environ)
        body = request.get_data()
        environ["wsgi.input"] = io.BytesIO(body)
        # `Credential=KEY/DATE/REGION/SERVICE/aws4_request`
        signer = _SIGNER.search(request.headers.get("Authorization", ""))
        caller, service = signer.groups() if signer else ("", "")
        is_form = request.mimetype == "application/x-www-form-urlencoded"
        parameters = dict(parse_qsl(body.decode(), keep_blank_values=True)) if is_form else {}
        return cls(service, parameters.get("Action", "?"), parameters, caller, environ)

    def request(self) -> dict[str, Any]:
        """The request to send on, with the parameters as they are now."""
        if not self.parameters:
            return self.environ
        body = urlencode(self.parameters).encode()
        return {**self.environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}

    @property
    def name(self) -> str:
        """As in a policy: `iam:AttachUserPolicy`."""
        return f"{self.service}:{self.action}"

    @property
    def writes(self) -> bool:
        return not self.action.startswith(READING)

    @property
    def is_of_a_later_page(self) -> bool:
        return bool(self.parameters.keys() & {"Marker", "NextToken"})


Forward = Callable[[Call], Response]
Rule = Callable[[Call, Forward], Response]


class Proxy:
    """WSGI middleware in front of the emulator."""

    def __init__(self, emulator: Any, lasting_rules: Sequence[Rule]) -> None:
        self._emulator = emulator
        self._lasting_rules = tuple(lasting_rules)
        self._rules: tuple[Rule, ...] = ()
        # The functions' calls, in the order in which they arrived.
        self.calls: list[Call] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        call, rules = Call.read(environ), self._lasting_rules
        if call.caller in ROLES:
            self.calls.append(call)
            rules = (*self._rules, *rules)
        return self._send(call, rules)(environ, start_response)

    def _send(self, call: Call, rules: tuple[Rule, ...]) -> Response:
        if not rules:
            return Response.from_app(self._emulator, call.request(), buffered=True)
        first, *others = rules
        return first(call, lambda passed: self._send(passed, tuple(others)))

    @contextmanager
    def rule(self, rule: Rule) -> Iterator[None]:
        """Puts a rule in force for a while, in front of the others."""
        before = self._rules
        self._rules = (rule, *before)
        try:
            yield
        finally:
            self._rules = before


def answer(call: Call, result: Mapping[str, Any]) -> Response:
    """An answer in the XML that botocore's model of the service describes."""
    operation = get_service_model(call.service).operation_model(call.action)
    written = QuerySerializer(operation, value_picker=XFormedAttributePicker()).serialize(result)
    return Response(written["body"], written["status_code"], written["headers"])


def refuse(code: str, message: str, status: int = 400) -> Response:
    """An error as AWS writes it."""
    error = f"<Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message>"
    body = f"<ErrorResponse><Error>{error}</Error><RequestId>refused</RequestId></ErrorResponse>"
    return Response(body, status, mimetype="text/xml")
