"""What machines get: entries that the functions put, delivered by a rule of an emulated bus to a queue."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import jsonschema
import pytest
from werkzeug.wrappers import Response

from tests.stack.templates import ROOT

from .clients import Clients, code
from .deployment import ACCOUNT, REGION
from .harness import Harness
from .people import Person
from .proxy import Call, Forward, answer, deny

SCHEMA = json.loads((ROOT / "docs" / "event.schema.json").read_text(encoding="utf-8"))
RULE, QUEUE = "siem", "siem"
BOB = "ConsoleLogin/bob-overdue-without-mfa.json"
Event = dict[str, Any]


@pytest.fixture(name="heard")
def _heard(enforcer: Harness) -> Iterator[Callable[[], list[Event]]]:
    """What arrived in a queue since the last look, each checked against the schema."""
    clients = Clients(enforcer.emulator)
    sqs, events = clients("sqs"), clients("events")
    url = sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
    events.put_rule(Name=RULE, EventPattern=json.dumps({"source": ["mfa-enforcer"]}))
    events.put_targets(Rule=RULE, Targets=[{"Id": "queue", "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{QUEUE}"}])

    def look() -> list[Event]:
        found: list[Event] = []
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                found.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        for event in found:
            jsonschema.validate(event["detail"], SCHEMA)
            assert event["detail-type"] == event["detail"]["className"]
        return found

    yield look
    events.remove_targets(Rule=RULE, Ids=["queue"])
    events.delete_rule(Name=RULE)
    sqs.delete_queue(QueueUrl=url)


def test_quarantine_arrives_as_an_act_and_a_finding(
    enforcer: Harness, heard: Callable[[], list[Event]]
) -> None:
    enforcer.account.fill([Person(name="bob", password_age=timedelta(days=400))])
    enforcer.deliver(BOB)
    act, notice = (event["detail"] for event in heard())
    assert (act["kind"], act["activityName"], act["state"]) == ("containment", "Lock", "new")
    assert (notice["kind"], notice["state"], notice["findingUid"]) == ("notice", "updated", act["findingUid"])
    assert act["resource"] == f"arn:aws:iam::{ACCOUNT}:user/bob"


def test_daily_sweep_puts_what_it_finds(enforcer: Harness, heard: Callable[[], list[Event]]) -> None:
    enforcer.account.fill([Person(name="bob", password_age=timedelta(days=400))])
    enforcer.sweep()
    details = [event["detail"] for event in heard()]
    found = [detail["code"] for detail in details if detail["kind"] == "finding"]
    assert "user-without-mfa" in found
    uids = [detail["uid"] for detail in details]
    assert len(uids) == len(set(uids))


def test_bus_that_refuses_everything_stops_nothing(
    enforcer: Harness, heard: Callable[[], list[Event]]
) -> None:
    def refusing(call: Call, forward: Forward) -> Response:
        return deny(call, "no") if call.service == "events" else forward(call)

    enforcer.account.fill([Person(name="bob", password_age=timedelta(days=400))])
    with enforcer.proxy.rule(refusing):
        seen = enforcer.deliver(BOB)
        swept = enforcer.sweep()
    assert seen.user.contained_by
    assert seen.answer.outcome == "acted"
    (digest,) = swept.digests
    assert "events-lost" in [each["finding"] for each in digest.body["accountFindings"]["findings"]]
    assert heard() == []


def test_entry_that_is_not_taken_is_put_again(enforcer: Harness, heard: Callable[[], list[Event]]) -> None:
    requests: list[int] = []

    def busy(call: Call, forward: Forward) -> Response:
        if call.service != "events":
            return forward(call)
        requests.append(len(call.parameters["Entries"]))
        if len(requests) > 1:
            return forward(call)
        entries = [{"ErrorCode": "ThrottlingException", "ErrorMessage": "Rate exceeded"} for _ in range(2)]
        return answer(call, {"FailedEntryCount": 2, "Entries": entries})

    enforcer.account.fill([Person(name="bob", password_age=timedelta(days=400))])
    with enforcer.proxy.rule(busy):
        enforcer.deliver(BOB)
    assert requests == [2, 2]
    assert len(heard()) == 2


def test_functions_put_no_events_of_others(enforcer: Harness) -> None:
    events = Clients(enforcer.emulator)("events", "sign-in")

    def put(**changes: str) -> str:
        entry = {
            "EventBusName": f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default",
            "Source": "mfa-enforcer",
            "DetailType": "Account Change",
            "Detail": "{}",
            **changes,
        }
        return code(lambda: events.put_events(Entries=[entry]))

    assert put() == ""
    assert put(Source="aws.iam") == "AccessDeniedException"
    assert put(DetailType="AWS API Call via CloudTrail") == "AccessDeniedException"
    assert put(EventBusName=f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/orders") == "AccessDeniedException"
