"""Answers as AWS writes them: results, pages and errors in XML."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from xml.sax.saxutils import escape

from .wire import Answer, Call, Wsgi

Item = TypeVar("Item")

_NAMESPACES = {
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
    "sns": "http://sns.amazonaws.com/doc/2010-03-31/",
}
_REQUEST_ID = "00000000-0000-4000-8000-000000000000"
# IAM gives this many entries a page where the call does not say, and at most the other.
_PAGE, _LARGEST_PAGE = 100, 1000


def xml(body: str, status: str = "200 OK") -> Answer:
    """An answer in XML."""
    data = body.encode("utf-8")

    def answer(_emulator: Wsgi, _environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response(status, [("Content-Type", "text/xml"), ("Content-Length", str(len(data)))])
        return [data]

    return answer


def result(call: Call, content: str) -> Answer:
    """What a call answers if all is well."""
    action = call.action
    return xml(
        f'<{action}Response xmlns="{_NAMESPACES[call.service]}"><{action}Result>{content}</{action}Result>'
        f"<ResponseMetadata><RequestId>{_REQUEST_ID}</RequestId></ResponseMetadata></{action}Response>"
    )


def refusal(code: str, message: str, status: str = "400 Bad Request") -> Answer:
    """An error of AWS."""
    return xml(
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message>"
        f"</Error><RequestId>{_REQUEST_ID}</RequestId></ErrorResponse>",
        status,
    )


def element(name: str, value: object) -> str:
    """One element with a text in it."""
    return f"<{name}>{escape(str(value))}</{name}>"


def members(name: str, entries: Iterable[str]) -> str:
    """A list."""
    return f"<{name}>" + "".join(f"<member>{entry}</member>" for entry in entries) + f"</{name}>"


def moment(time: datetime) -> str:
    """A time in UTC, to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


class PageRefused(Exception):
    """`MaxItems` or `Marker` is nothing that IAM takes."""


def page(call: Call, items: Sequence[Item], limit: int = _LARGEST_PAGE) -> tuple[Sequence[Item], str]:
    """A page of IAM, and the elements that say whether there is more. It may be shorter than asked for."""
    try:
        wanted = int(call.parameters.get("MaxItems", _PAGE))
    except ValueError as error:
        raise PageRefused("MaxItems is no number") from error
    if not 1 <= wanted <= _LARGEST_PAGE:
        raise PageRefused(f"MaxItems must be between 1 and {_LARGEST_PAGE}")
    begin = _position(call.parameters.get("Marker"))
    end = begin + min(wanted, limit)
    if end >= len(items):
        return items[begin:], element("IsTruncated", "false")
    marker = base64.b64encode(f"after {end}".encode()).decode()
    return items[begin:end], element("IsTruncated", "true") + element("Marker", marker)


def _position(marker: str | None) -> int:
    """A marker tells its maker alone where the next page begins."""
    if marker is None:
        return 0
    try:
        return int(base64.b64decode(marker, validate=True).decode().removeprefix("after "))
    except (binascii.Error, ValueError) as error:
        raise PageRefused("Invalid Marker.") from error
