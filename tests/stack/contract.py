"""What the code says of itself: its contract, and how it reads an event."""

import json
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
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


def run_example(name: str, lines: str) -> str:
    """What an example of the core prints, given these lines.

    It is built with the whole workspace, so that cargo takes the dependencies as the other tests need them.
    """
    command = ["cargo", "build", "--quiet", "--locked", "--workspace", "--example", name]
    subprocess.run(command, cwd=ROOT, check=True)
    example = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug" / "examples" / name
    return subprocess.run([example], input=lines, capture_output=True, text=True, check=True).stdout


def readings(events: Iterable[Event], whole: bool = False) -> list[Reading]:
    """How the code reads each event, sent to the function that owns it. `whole`: each is a line already."""
    lines = "".join(json.dumps(event if whole else {"payload": event}) + "\n" for event in events)
    return [json.loads(line) for line in run_example("read", lines).splitlines()]
