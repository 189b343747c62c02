"""What the code says of itself: its contract, and how it reads an event."""

import json
import subprocess
from collections.abc import Iterable
from typing import Any

from .templates import ROOT

CONTRACT: dict[str, Any] = json.loads((ROOT / "contract" / "contract.json").read_text(encoding="utf-8"))
FUNCTIONS: list[str] = CONTRACT["functions"]
EVENTS = ROOT / "events"

Event = dict[str, Any]
# `{"event": ..}`, `{"ignored": reason}` or `{"malformed": path}`.
Reading = dict[str, Any]


def calls_of(function: str) -> set[str]:
    """The calls to AWS that a function may make."""
    triggers = [trigger for trigger in CONTRACT["triggers"].values() if trigger["function"] == function]
    return {call for trigger in triggers for call in trigger["calls"]}


def readings(events: Iterable[Event]) -> list[Reading]:
    """How the code reads each event, sent to the function that owns it."""
    options = ["--quiet", "--locked", "--example", "read"]
    lines = "".join(json.dumps({"payload": event}) + "\n" for event in events)
    run = subprocess.run(
        ["cargo", "run", *options], cwd=ROOT, input=lines, capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in run.stdout.splitlines()]
