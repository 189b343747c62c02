"""Each recipe's rules on an emulated bus, with a queue in the place of the vendor, fed by the functions."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any

import jsonschema
import pytest

from tests.stack.recipes import recipe, rules
from tests.stack.templates import RECIPES

from .clients import Clients
from .deployment import ACCOUNT, REGION
from .harness import Harness
from .people import Person, phone
from .recipe_forms import FORMS

Body = dict[str, Any]
BOB = "ConsoleLogin/bob-overdue-without-mfa.json"
HEIDI = "EnableMFADevice/heidi-contained-by-herself.json"


@contextmanager
def deployed(enforcer: Harness, name: str) -> Iterator[Callable[[], list[tuple[str, Body]]]]:
    """The recipe's rules, each with a queue. Gives what arrived since the last look, with the rule's name."""
    clients = Clients(enforcer.emulator)
    sqs, events = clients("sqs"), clients("events")
    urls: dict[str, str] = {}
    with ExitStack() as after:
        for rule, pattern, transformer in rules(recipe(name)):
            queue = f"{name}-{rule}"
            urls[rule] = sqs.create_queue(QueueName=queue)["QueueUrl"]
            after.callback(sqs.delete_queue, QueueUrl=urls[rule])
            events.put_rule(Name=queue, EventPattern=json.dumps(pattern))
            after.callback(events.delete_rule, Name=queue)
            target: Body = {"Id": "queue", "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"}
            if transformer:
                target["InputTransformer"] = transformer
            events.put_targets(Rule=queue, Targets=[target])
            after.callback(events.remove_targets, Rule=queue, Ids=["queue"])

        def look() -> list[tuple[str, Body]]:
            found: list[tuple[str, Body]] = []
            for rule, url in urls.items():
                while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
                    for message in messages:
                        found.append((rule, json.loads(message["Body"])))
                        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            return found

        yield look


def test_every_recipe_has_a_form() -> None:
    assert {path.stem for path in RECIPES} == set(FORMS)


@pytest.mark.parametrize("name", sorted(FORMS))
def test_what_arrives_is_as_the_vendor_documents(enforcer: Harness, name: str) -> None:
    """A quarantine, a release, and a daily sweep of an account without a trail."""
    with deployed(enforcer, name) as look:
        enforcer.account.fill([Person(name="bob", password_age=timedelta(days=400))])
        enforcer.deliver(BOB)
        opened = look()
        assert opened
        enforcer.account.fill([Person(name="heidi", contained=True, devices=(phone("heidi"),))])
        enforcer.deliver(HEIDI)
        enforcer.sweep()
        later = look()
    for rule, body in [*opened, *later]:
        jsonschema.validate(body, FORMS[name])
        assert "<" not in json.dumps(body), rule
