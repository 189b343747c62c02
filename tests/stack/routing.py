"""Where events arrive: the rules as they were deployed, with a queue in the place of each function.

The emulator delivers to queues and buses, not to functions.
"""

from __future__ import annotations

import json
from typing import Any

from .emulated import ACCOUNT, REGION, Deployment
from .templates import source

Event = dict[str, Any]


class Routes:
    """The rules of a deployment, listened to."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._queues: dict[str, str] = {}
        # By function, the pattern as EventBridge has it.
        self.patterns: dict[str, str] = {}
        # A region whose sign-ins are forwarded.
        self.elsewhere = "eu-north-1"
        events, sqs = deployment.client("events"), deployment.client("sqs")
        functions = _functions(deployment)
        for rule in events.list_rules()["Rules"]:
            [target] = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
            function = functions[target["Arn"]]
            self.patterns[function] = rule["EventPattern"]
            self._queues[function] = sqs.create_queue(QueueName=function)["QueueUrl"]
            queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{function}"
            events.remove_targets(Rule=rule["Name"], Ids=[target["Id"]])
            events.put_targets(Rule=rule["Name"], Targets=[{"Id": "queue", "Arn": queue}])

    def arrives(self, event: Event, region: str = REGION) -> set[str]:
        """The functions that an event reaches, seen in their queues."""
        entry = {
            "Source": event.get("source", ""),
            "DetailType": event.get("detail-type", ""),
            "Detail": json.dumps(event["detail"]) if event.get("detail") is not None else "",
        }
        self._deployment.client("events", region).put_events(Entries=[entry])
        return {function for function, queue in self._queues.items() if self._emptied(queue, event)}

    def _emptied(self, queue: str, event: Event) -> bool:
        """Whether the event, and nothing else, was in a queue."""
        sqs = self._deployment.client("sqs")
        messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        assert [json.loads(message["Body"])["detail"] for message in messages] in ([], [event.get("detail")])
        return bool(messages)


def _functions(deployment: Deployment) -> dict[str, str]:
    """The names of the programs, by the ARNs of the functions that were made."""
    resources, functions = source()["Resources"], deployment.client("lambda")
    found: dict[str, str] = {}
    for name in deployment.of_type("AWS::Lambda::Function"):
        made = functions.get_function(FunctionName=deployment.physical(name))["Configuration"]
        found[made["FunctionArn"]] = resources[name]["Metadata"]["BuildProperties"]["Binary"]
    return found
