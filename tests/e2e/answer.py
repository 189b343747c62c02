"""The answer of a function: its report, or the error that makes Lambda run the event again."""

import json
import subprocess
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


def from_http(body: bytes) -> Answer:
    """Reads the answer of the invoke API, or what a function posts to the runtime API."""
    answer = json.loads(body)
    if "errorType" in answer:
        return Answer(error_type=answer["errorType"], error_message=answer["errorMessage"])
    return Answer(report=answer)


def from_cli(done: subprocess.CompletedProcess[str]) -> Answer:
    """Reads what `cargo lambda invoke` prints: the report, or an error that is wrapped into lines."""
    if done.returncode == 0:
        return Answer(report=json.loads(done.stdout))
    lines = [line.strip() for line in done.stderr.splitlines()]
    heading = next(line for line in lines if line.startswith("Error: "))
    message = [line.lstrip("×│ ") for line in lines if line.startswith(("×", "│"))]
    return Answer(error_type=heading.removeprefix("Error: "), error_message=" ".join(message))
