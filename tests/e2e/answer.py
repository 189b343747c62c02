"""What a function answers: its report, or the error by which it asks for the event again."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Answer:
    """An answer: either `report` is filled, or the two parts of an error."""

    report: dict[str, Any] = field(default_factory=dict)
    error_type: str = ""
    error_message: str = ""

    @property
    def outcome(self) -> str:
        """`acted`, `nothing`, `ignored`, or `error`."""
        return str(self.report.get("outcome", "error"))

    @property
    def reason(self) -> str:
        """Code of the reason, or type of the error."""
        return str(self.report.get("reason", self.error_type))

    def __str__(self) -> str:
        return f"{self.outcome} {self.reason} ({self.report.get('why', self.error_message)})"


def from_http(status: int, body: bytes) -> Answer:
    """Reads the answer of the invoke API."""
    text = body.decode("utf-8", "replace")
    try:
        answer = json.loads(text)
    except ValueError:
        return Answer(error_type=f"HTTP {status} without JSON", error_message=text[:500])
    if status == 200 and isinstance(answer, dict) and "outcome" in answer:
        return Answer(report=answer)
    if isinstance(answer, dict) and "errorType" in answer:
        return Answer(error_type=str(answer["errorType"]), error_message=str(answer.get("errorMessage", "")))
    return Answer(error_type=f"HTTP {status}", error_message=text[:500])


def from_cli(status: int, out: bytes, err: bytes) -> Answer:
    """Reads what `cargo lambda invoke` prints: the report, or an error that it breaks into lines."""
    if status == 0:
        return Answer(report=json.loads(out))
    lines = [line.strip() for line in err.decode("utf-8", "replace").splitlines()]
    heading = next((line for line in lines if line.startswith("Error: ")), f"Error: exit status {status}")
    message = [line.lstrip("×│ ") for line in lines if line.startswith(("×", "│"))]
    return Answer(error_type=heading.removeprefix("Error: "), error_message=" ".join(message))
