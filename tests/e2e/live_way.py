"""The way of an event through a deployment: from the bus to a function, and its lines to CloudWatch Logs.

The rules are the template's and the functions run; moto has neither. Whatever waits is delivered when the log
is read, so that nothing depends on time.
"""

import json
from collections.abc import Iterator
from typing import Any

from moto.core.utils import unix_time_millis
from moto.logs.models import logs_backends
from werkzeug.wrappers import Response

from . import routing
from .deployment import ACCOUNT, REGION, STACK
from .gaps import utc_now
from .harness import Harness
from .proxy import Call, Forward

LOGS = logs_backends[ACCOUNT][REGION]
STREAM = "2026/11/24/[$LATEST]1abcdef2"


class LiveWay:
    """A rule for the proxy. With `is_cut`, no event arrives."""

    def __init__(self, enforcer: Harness, is_cut: bool = False) -> None:
        self._enforcer, self._is_cut = enforcer, is_cut
        self._waiting: list[routing.Event] = []
        # Where each event went.
        self.reached: list[list[str]] = []
        LOGS.reset()
        for name in STACK.of_type("AWS::Logs::LogGroup"):
            LOGS.create_log_group(STACK.physical_name(name), {})
            LOGS.create_log_stream(STACK.physical_name(name), STREAM)
        enforcer.strict.history.undelivered()

    def __call__(self, call: Call, forward: Forward) -> Response:
        if call.name == "logs:FilterLogEvents":
            self._deliver()
        response = forward(call)
        if call.name == "events:PutEvents" and response.status_code == 200:
            self._waiting += _put(call, json.loads(response.get_data()))
        return response

    def _deliver(self) -> None:
        recorded = map(routing.enveloped, self._enforcer.strict.history.undelivered())
        events, self._waiting = [*self._waiting, *recorded], []
        for event in events if not self._is_cut else ():
            functions = routing.reached(event)
            self.reached.append(functions)
            for function in functions:
                self._run(function, event)

    def _run(self, function: str, event: routing.Event) -> None:
        running = self._enforcer.functions
        mark = len(running.log_text())
        running.invoke(function, json.dumps(event).encode())
        (name,) = (name for name, binary in STACK.functions().items() if binary == function)
        lines = [
            {"timestamp": int(unix_time_millis()), "message": line}
            for line in running.log_text()[mark:].splitlines()
        ]
        LOGS.put_log_events(STACK.physical_name(name.replace("Function", "Logs")), STREAM, lines)


def _put(call: Call, answer: dict[str, Any]) -> Iterator[routing.Event]:
    """What was put, as EventBridge passes it on."""
    for entry, result in zip(call.parameters["Entries"], answer["Entries"], strict=True):
        yield {
            "version": "0",
            "id": result["EventId"],
            "detail-type": entry["DetailType"],
            "source": entry["Source"],
            "account": ACCOUNT,
            "time": utc_now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": REGION,
            "resources": [],
            "detail": json.loads(entry["Detail"]),
        }
