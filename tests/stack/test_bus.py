"""The event bus that machines listen to: who may put what on it, and that nothing of it comes back."""

import json
from typing import Any

import pytest

from .contract import CONTRACT
from .matching import arrives_at, patterns_of
from .resolved_stack import ACCOUNT, ResolvedStack
from .roles import CHINA, STACK, STACKS, forwarding
from .templates import MAIN, ROOT, translated

SID = "TellMachines"
DEFAULT = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default"
OTHER = f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/security"


def statements(stack: ResolvedStack) -> list[dict[str, Any]]:
    """Everything that the stack's policies say about putting events, apart from forwarding."""
    policies = stack.of_type("AWS::IAM::ManagedPolicy").values()
    found = [each for policy in policies for each in policy["PolicyDocument"]["Statement"]]
    return [each for each in found if "events:PutEvents" in str(each.get("Action"))]


def own_event(detail_type: str) -> dict[str, Any]:
    """An entry as EventBridge delivers it, with a body that the code made."""
    snapshot = "it__bus_cases__containment_and_its_notice_are_one_finding.snap"
    text = (ROOT / "shared/core/tests/it/snapshots" / snapshot).read_text(encoding="utf-8")
    first, _ = json.loads(text.split("---\n", 2)[2])
    return {
        "version": "0",
        "id": "1",
        "source": CONTRACT["bus"]["source"],
        "detail-type": detail_type,
        "account": ACCOUNT,
        "region": "us-east-1",
        "time": first["time"],
        "resources": [first["resource"]],
        "detail": first,
    }


@pytest.mark.parametrize(
    ("parameters", "bus"),
    [
        ({}, DEFAULT),
        ({"OutputBusArn": OTHER}, OTHER),
    ],
)
def test_functions_put_on_one_bus_as_themselves(parameters: dict[str, str], bus: str) -> None:
    (statement,) = statements(ResolvedStack(translated(MAIN), parameters=parameters))
    assert statement["Resource"] == bus
    allowed = statement["Condition"]["ForAllValues:StringEquals"]
    assert allowed["events:source"] == [CONTRACT["bus"]["source"]]
    assert sorted(allowed["events:detail-type"]) == sorted(CONTRACT["bus"]["detail_types"])
    # `ForAllValues` is true of nothing at all.
    assert statement["Condition"]["Null"] == dict.fromkeys(allowed, "false")


def test_default_bus_is_that_of_partition_and_region() -> None:
    (statement,) = statements(ResolvedStack(translated(MAIN), "mfa", CHINA))
    assert statement["Resource"] == f"arn:aws-cn:events:{CHINA.region}:{ACCOUNT}:event-bus/default"


def test_nothing_may_be_put_where_nothing_is_put() -> None:
    stack = ResolvedStack(translated(MAIN), parameters={"OutputBusArn": "none"})
    assert statements(stack) == []


@pytest.mark.parametrize("detail_type", CONTRACT["bus"]["detail_types"])
def test_own_events_come_back_to_no_function(detail_type: str) -> None:
    assert arrives_at(patterns_of(STACK), own_event(detail_type)) == set()


@pytest.mark.parametrize("title", STACKS)
def test_every_rule_names_sources_of_aws(title: str) -> None:
    """Others may put events of any other source. What they put is ignored."""
    region, main = STACKS[title]
    tests = main.of_type("AWS::Events::Rule")["UserLifecycleFunctionTests"]
    assert tests["EventPattern"] == {"source": ["mfa-enforcer.test"], "account": [ACCOUNT]}
    for stack in (main, forwarding(main, region)):
        for rule in stack.of_type("AWS::Events::Rule").values():
            if rule == tests:
                continue
            sources = rule["EventPattern"]["source"]
            assert sources
            assert all(source.startswith("aws.") for source in sources)
