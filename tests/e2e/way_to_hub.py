"""The way of a test event to the hub: the rule of its account, that of the hub, a function, and its log.

The rules of the account are in the emulator, and those of the hub in its template. What waits is delivered
when the log is read, so that nothing depends on time.
"""

import json
from pathlib import Path
from typing import Any

from moto.core.utils import unix_time_millis
from moto.events.models import EventPattern, events_backends
from moto.logs.models import logs_backends
from werkzeug.wrappers import Response

from .checked_members import Checked
from .deployment import DEFAULT, REGION, Deployment
from .gaps import utc_now
from .proxy import Call, Forward
from .routing import Event
from .runtime_api import bootstrap

STREAM = "2026/11/24/[$LATEST]1abcdef2"


class WayToHub:
    def __init__(self, checked: Checked, log: Path, is_cut: bool = False) -> None:
        self._checked, self._log, self._is_cut = checked, log, is_cut
        self._waiting: list[Any] = []
        # The accounts whose events arrived.
        self.reached: list[str] = []
        # What was put, as it was asked for.
        self.put: list[tuple[str, Call]] = []
        self.logs = logs_backends[checked.hub][REGION]
        self.logs.reset()
        self.group = checked.stack.physical_name("UserLifecycleLogs")
        self.logs.create_log_group(self.group, {})
        self.logs.create_log_stream(self.group, STREAM)

    def __call__(self, call: Call, account: str, forward: Forward) -> Response:
        if call.name == "logs:FilterLogEvents":
            assert account == self._checked.hub
            self._deliver()
            return forward(call)
        if call.name != "events:PutEvents":
            return forward(call)
        self.put.append((account, call))
        (entry,) = call.parameters["Entries"]
        event = {
            "version": "0",
            "id": f"event-of-{account}",
            "detail-type": entry["DetailType"],
            "source": entry["Source"],
            "account": account,
            "time": utc_now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": REGION,
            "resources": [],
            "detail": json.loads(entry["Detail"]),
        }
        if self._is_sent(event):
            self._waiting.append(event)
        result = {"FailedEntryCount": 0, "Entries": [{"EventId": event["id"]}]}
        return Response(json.dumps(result), mimetype="application/x-amz-json-1.1")

    def _is_sent(self, event: Any) -> bool:
        """Whether a rule of its account sends it to the hub."""
        bus = self._checked.of(self._checked.hub, self._checked.stack.arn("Bus"))
        rules = events_backends[event["account"]][REGION].event_buses["default"].rules.values()
        matching = [
            rule for rule in rules if rule.state == "ENABLED" and rule.event_pattern.matches_event(event)
        ]
        return any(target["Arn"] == bus for rule in matching for target in rule.targets)

    def _deliver(self) -> None:
        events, self._waiting = self._waiting, []
        stack = self._checked.stack
        functions = {stack.arn(name): name for name in stack.functions()}
        for event in () if self._is_cut else events:
            for rule in stack.of_type("AWS::Events::Rule").values():
                pattern = EventPattern.load(json.dumps(rule["EventPattern"]))
                if rule.get("EventBusName") and pattern.matches_event(event):
                    for target in rule["Targets"]:
                        self._run(functions[target["Arn"]], event)

    def _run(self, name: str, event: Event) -> None:
        stack, url = self._checked.stack, self._checked.organization.aws.url
        function = stack.functions()[name]
        variables = self._checked.of(self._checked.hub, Deployment.of(stack).variables[function])
        # What only the stack of one account has.
        without = dict.fromkeys(DEFAULT.variables[function].keys() - variables.keys(), "")
        self._log.write_text("", encoding="utf-8")
        with bootstrap("debug", url, self._log, function=function, **without, **variables) as running:
            running.invoke(function, json.dumps(event).encode())
        self.reached.append(event["account"])
        lines: list[dict[str, Any]] = [
            {"timestamp": int(unix_time_millis()), "message": line}
            for line in self._log.read_text(encoding="utf-8").splitlines()
        ]
        group = stack.physical_name(name.replace("Function", "Logs"))
        self.logs.put_log_events(group, STREAM, lines)
