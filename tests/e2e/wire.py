"""The wire between the functions and the emulated AWS: every call is seen here, and may be answered here.

A rule may answer a call in the emulator's place (a fault, a first page) or hold it back (a rendezvous). The
calls of the tests themselves are told apart by their access key and pass untouched.
"""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from .deployment import FUNCTIONS_KEY

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]
READING = ("Get", "List", "Describe", "Generate")


@dataclass
class Call:
    """One call of a function to AWS."""

    service: str
    action: str
    parameters: dict[str, str] = field(repr=False)

    @property
    def name(self) -> str:
        """As in a policy: `iam:AttachUserPolicy`."""
        return f"{self.service}:{self.action}"

    @property
    def writes(self) -> bool:
        return not self.action.startswith(READING)


# An answer may ask the emulator and then do otherwise, so it is given the emulator too.
Answer = Callable[[Wsgi, dict[str, Any], Any], Iterable[bytes]]
Rule = Callable[[Call], "Answer | None"]


class Wire:
    """WSGI middleware in front of the emulator."""

    def __init__(self, emulator: Wsgi) -> None:
        self._emulator = emulator
        self._lock = threading.Lock()
        self._calls: list[Call] = []
        self._rules: list[Rule] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        key, call = read_call(environ)
        if key != FUNCTIONS_KEY:
            return self._emulator(environ, start_response)
        with self._lock:
            self._calls.append(call)
            rules = list(self._rules)
        for rule in rules:
            answer = rule(call)
            if answer is not None:
                return answer(self._emulator, environ, start_response)
        return self._emulator(environ, start_response)

    def mark(self) -> int:
        """A place in the record, for `since`."""
        with self._lock:
            return len(self._calls)

    def since(self, mark: int) -> list[Call]:
        """The functions' calls after a mark, in the order in which they arrived."""
        with self._lock:
            return self._calls[mark:]

    @contextmanager
    def rule(self, rule: Rule) -> Iterator[None]:
        """Puts a rule into force for a while."""
        with self._lock:
            self._rules.append(rule)
        try:
            yield
        finally:
            with self._lock:
                self._rules.remove(rule)


def read_call(environ: dict[str, Any]) -> tuple[str, Call]:
    """The call that a request makes, and the access key of whoever makes it. The request stays whole."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    key, service = _signer(environ.get("HTTP_AUTHORIZATION", ""))
    # A body that is no form is none of IAM's or SNS's.
    parameters = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    return key, Call(service, parameters.get("Action", "?"), parameters)


def _signer(authorization: str) -> tuple[str, str]:
    """Access key and service of a signature, `Credential=KEY/DATE/REGION/SERVICE/aws4_request`."""
    found = re.search(r"Credential=([^/]+)/[^/]+/[^/]+/([^/]+)/", authorization)
    return (found[1], found[2]) if found else ("", "")
