"""The proxy in front of the emulated AWS: the one place where a call is seen, refused, changed or answered.

Every call passes a chain of rules and ends at the emulator. A rule gets the call and `forward`, which hands
a call on to the next rule. Some rules are always in force. Tests add others for a while, which apply only to
the functions' calls. These are signed with the keys of the functions' roles, and are recorded.
"""

import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode
from uuid import uuid4
from xml.sax.saxutils import escape

from moto.core.serialize import QuerySerializer, XFormedAttributePicker
from moto.core.utils import get_service_model
from werkzeug.wrappers import Request, Response

from .deployment import CALLERS, USER_TOPIC_PREFIX, Role

READING = ("Get", "List", "Describe", "Filter", "Generate", "Lookup")
_SIGNER = re.compile(r"Credential=([^/]+)/[^/]+/[^/]+/([^/]+)/")
_TAG_KEY = re.compile(r"Tags\.member\.(\d+)\.Key")
_UNTAGGED_KEY = re.compile(r"TagKeys\.member\.\d+")
# The services that speak JSON. The others speak XML.
JSON = {
    "cloudtrail": "application/x-amz-json-1.1",
    "events": "application/x-amz-json-1.1",
    "sqs": "application/x-amz-json-1.0",
    "ses": "application/json",
    "lambda": "application/json",
    "scheduler": "application/json",
    "account": "application/json",
    "logs": "application/x-amz-json-1.1",
    "organizations": "application/x-amz-json-1.1",
}
# How services say that a permission is missing.
DENIAL = {
    "iam": ("AccessDenied", 403),
    "sns": ("AuthorizationError", 403),
    "cloudtrail": ("AccessDeniedException", 400),
    "events": ("AccessDeniedException", 400),
    "cloudformation": ("AccessDenied", 403),
    "sqs": ("AccessDenied", 403),
    "ses": ("AccessDeniedException", 403),
    "lambda": ("AccessDeniedException", 403),
    "scheduler": ("AccessDeniedException", 403),
    "account": ("AccessDeniedException", 403),
    "logs": ("AccessDeniedException", 400),
    "s3": ("AccessDenied", 403),
    "organizations": ("AccessDeniedException", 400),
    "sts": ("AccessDenied", 403),
}
# Calls of services that say by method and path what is called.
PATHS = {
    ("POST", "/listRegions"): "ListRegions",
    ("POST", "/v2/email/outbound-emails"): "SendEmail",
    ("GET", "/v2/email/account"): "GetAccount",
}
# What a batch of calls needs is what one of them needs.
BATCHES = {"SendMessageBatch": "SendMessage", "DeleteMessageBatch": "DeleteMessage"}
# What asks for a version of an object, or for all: a permission of its own.
VERSIONED = {"GetObject": "versionId", "ListBucket": "versions"}
IDENTITIES = "/v2/email/identities/"
SUPPRESSED = "/v2/email/suppression/addresses/"
INVOCATIONS = re.compile(r"/2015-03-31/functions/(?P<FunctionName>[^/]+)/invocations")
# Reads of Lambda and of EventBridge Scheduler, which say by the path alone what is called, and about what.
READS = {
    "GetFunctionConfiguration": re.compile(r"/2015-03-31/functions/(?P<FunctionName>[^/]+)/configuration"),
    "GetFunctionConcurrency": re.compile(r"/2019-09-30/functions/(?P<FunctionName>[^/]+)/concurrency"),
    "GetPolicy": re.compile(r"/2015-03-31/functions/(?P<FunctionName>[^/]+)/policy"),
    "GetEventSourceMapping": re.compile(r"/2015-03-31/event-source-mappings/(?P<UUID>[^/]+)"),
    "ListTags": re.compile(r"/2017-03-31/tags/(?P<Resource>[^/]+)"),
    "GetAccountSettings": re.compile(r"/2016-08-19/account-settings/?"),
    "GetSchedule": re.compile(r"/schedules/(?P<Name>[^/]+)"),
}


@dataclass(frozen=True)
class Call:
    service: str
    action: str
    # A form's fields, or the members of a JSON body.
    parameters: Mapping[str, Any] = field(repr=False)
    # The access key that signed it.
    caller: str = ""
    environ: dict[str, Any] = field(default_factory=dict, repr=False)
    time: datetime = field(default_factory=lambda: datetime.now(timezone.utc), repr=False)

    @classmethod
    def read(cls, environ: dict[str, Any]) -> "Call":
        request = Request(environ)
        body = request.get_data()
        environ["wsgi.input"] = io.BytesIO(body)
        # `Credential=KEY/DATE/REGION/SERVICE/aws4_request`
        signer = _SIGNER.search(request.headers.get("Authorization", ""))
        caller, service = signer.groups() if signer else ("", "")
        if target := request.headers.get("X-Amz-Target"):
            called = target.rpartition(".")[2]
            return cls(service, BATCHES.get(called, called), json.loads(body), caller, environ)
        if action := PATHS.get((request.method, request.path)):
            return cls(service, action, json.loads(body or "{}"), caller, environ)
        if service == "ses" and request.path.startswith(IDENTITIES):
            name = unquote(request.path.removeprefix(IDENTITIES))
            return cls(service, "GetEmailIdentity", {"EmailIdentity": name}, caller, environ)
        if service == "ses" and request.path.startswith(SUPPRESSED):
            address = unquote(request.path.removeprefix(SUPPRESSED))
            return cls(service, "GetSuppressedDestination", {"EmailAddress": address}, caller, environ)
        if service == "lambda" and (found := INVOCATIONS.fullmatch(unquote(request.path))):
            # The action that has to be allowed. The body is the event.
            return cls(service, "InvokeFunction", {**found.groupdict(), "Payload": body}, caller, environ)
        if service in ("lambda", "scheduler") and request.method == "GET":
            for action, path in READS.items():
                if found := path.fullmatch(unquote(request.path)):
                    return cls(service, action, found.groupdict(), caller, environ)
        if service == "s3":
            bucket, _, key = unquote(request.path).lstrip("/").partition("/")
            # The actions that have to be allowed. ListObjectsV2 is ListBucket.
            action = {"PUT": "PutObject", "GET": "GetObject"}[request.method] if key else "ListBucket"
            if VERSIONED.get(action, "") in request.args:
                action += {"GetObject": "Version", "ListBucket": "Versions"}[action]
            named = {"Bucket": bucket, "Key": key, "Prefix": request.args.get("prefix", "")}
            return cls(service, action, named, caller, environ)
        is_form = request.mimetype == "application/x-www-form-urlencoded"
        parameters = dict(parse_qsl(body.decode(), keep_blank_values=True)) if is_form else {}
        return cls(service, parameters.get("Action", "?"), parameters, caller, environ)

    def request(self) -> dict[str, Any]:
        """The request to send on, with the parameters as they are now."""
        if "Action" not in self.parameters:
            return self.environ
        body = urlencode(self.parameters).encode()
        return {**self.environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}

    @property
    def name(self) -> str:
        """As in a policy: `iam:AttachUserPolicy`."""
        return f"{self.service}:{self.action}"

    @property
    def role(self) -> Role | None:
        """The role of the function that calls. Everybody else is an administrator."""
        return CALLERS.get(self.caller)

    @property
    def writes(self) -> bool:
        return not self.action.startswith(READING)

    @property
    def is_about_a_user(self) -> bool:
        """Whether it is about one user, or their topic or mail. All others are about the whole account."""
        named = ("TopicArn", "ResourceArn", "SubscriptionArn", "Name")
        own = any(USER_TOPIC_PREFIX in str(self.parameters.get(name, "")) for name in named)
        return own or bool(self.parameters.keys() & {"UserName", "PhoneNumber", "Destination"})

    @property
    def is_of_a_later_page(self) -> bool:
        return bool(self.parameters.keys() & {"Marker", "NextToken"})

    @property
    def tags(self) -> dict[str, str]:
        """The tags that it sets."""
        numbers = {
            found[1]: key for name, key in self.parameters.items() if (found := _TAG_KEY.fullmatch(name))
        }
        return {key: self.parameters[f"Tags.member.{number}.Value"] for number, key in numbers.items()}

    @property
    def tag_keys(self) -> list[str]:
        """The keys of the tags that it sets or removes."""
        removed = [key for name, key in self.parameters.items() if _UNTAGGED_KEY.fullmatch(name)]
        return [*self.tags, *removed]


Forward = Callable[[Call], Response]
Rule = Callable[[Call, Forward], Response]


class Proxy:
    """WSGI middleware in front of the emulator."""

    def __init__(self, emulator: Any, witness: Rule, lasting_rules: Sequence[Rule]) -> None:
        self._emulator = emulator
        # Stands before all others, and so sees what tests refuse.
        self._witness = witness
        self._lasting_rules = tuple(lasting_rules)
        self._rules: tuple[Rule, ...] = ()
        # The functions' calls, in the order in which they arrived.
        self.calls: list[Call] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        call, rules = Call.read(environ), self._lasting_rules
        if call.role:
            self.calls.append(call)
            rules = (*self._rules, *rules)
        return self._send(call, (self._witness, *rules))(environ, start_response)

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
    """An answer in the form of the service: JSON, or the XML that botocore's model describes."""
    if call.service in JSON:
        return Response(json.dumps(result), mimetype=JSON[call.service])
    operation = get_service_model(call.service).operation_model(call.action)
    written = QuerySerializer(operation, value_picker=XFormedAttributePicker()).serialize(result)
    return Response(written["body"], written["status_code"], written["headers"])


def refuse(call: Call, code: str, message: str, status: int = 400) -> Response:
    """An error as the service writes it."""
    if call.service in JSON:
        body = json.dumps({"__type": code, "Message": message})
        return Response(body, status, mimetype=JSON[call.service])
    if call.service == "s3":
        body = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
        return Response(body, status, mimetype="application/xml")
    error = f"<Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message>"
    body = f"<ErrorResponse><Error>{error}</Error><RequestId>{uuid4()}</RequestId></ErrorResponse>"
    return Response(body, status, mimetype="text/xml")


def deny(call: Call, message: str) -> Response:
    """A missing permission, as the service says it."""
    code, status = DENIAL[call.service]
    return refuse(call, code, message, status)


def error_code(response: Response) -> str:
    """The code of an error that a service answered; empty where there is none."""
    if response.status_code < 400:
        return ""
    found = re.search(r'<Code>(\w+)</Code>|"__type": ?"(\w+)"', response.get_data(as_text=True))
    return (found[1] or found[2]) if found else "InternalFailure"
