"""The parts of the stack that only `doctor` looks at, in moto: functions, rules, schedules and queues.

The functions here are names with settings: nothing runs.
"""

import io
import json
import zipfile
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.events.models import events_backends
from moto.scheduler.models import scheduler_backends
from moto.sqs.models import sqs_backends

from tests.stack.resolved_stack import ResolvedStack
from tests.stack.roles import forwarding

from .clients import Clients
from .deployment import ACCOUNT, REGION, STACK
from .emulator import Emulator

TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
# Another region that the account has enabled.
ELSEWHERE = "eu-west-1"
BACKENDS = (lambda_backends, events_backends, scheduler_backends, sqs_backends)


def deploy(aws: Emulator) -> None:
    """Makes these parts anew, in an account that has the policies, the groups and the topic."""
    for backends in BACKENDS:
        for region in (REGION, ELSEWHERE):
            backends[ACCOUNT][region].reset()
    clients = Clients(aws)
    _queues(clients("sqs"), STACK)
    _functions(clients("lambda"), clients("iam"))
    _rules(clients("events"), STACK)
    aws.strict.gaps.regions = [REGION, ELSEWHERE]
    there = forwarding(STACK, ELSEWHERE)
    _queues(clients("sqs", region=ELSEWHERE), there)
    _rules(clients("events", region=ELSEWHERE), there)
    _permissions(clients("lambda"))
    scheduler = clients("scheduler")
    for schedule in STACK.of_type("AWS::Scheduler::Schedule").values():
        scheduler.create_schedule(**schedule)
    for name, mapping in STACK.of_type("AWS::Lambda::EventSourceMapping").items():
        made = clients("lambda").create_event_source_mapping(**mapping)
        aws.strict.gaps.given_names[name] = made["UUID"]


def deploy_queues(aws: Emulator) -> None:
    """Makes the queues of the stack anew."""
    sqs_backends[ACCOUNT][REGION].reset()
    _queues(Clients(aws)("sqs"), STACK)


def _queues(sqs: Any, stack: ResolvedStack) -> None:
    for name, queue in stack.of_type("AWS::SQS::Queue").items():
        fifo = {"FifoQueue": "true"} if queue.get("FifoQueue") else {}
        sqs.create_queue(QueueName=stack.physical_name(name), Attributes=fifo)


def _functions(client: Any, iam: Any) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as code:
        code.writestr("bootstrap", "")
    for name, function in STACK.of_type("AWS::Lambda::Function").items():
        role = function["Role"].rpartition("/")[2]
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=TRUST)
        client.create_function(
            FunctionName=STACK.physical_name(name),
            Role=function["Role"],
            Runtime=function["Runtime"],
            Handler=function["Handler"],
            Code={"ZipFile": archive.getvalue()},
            Environment=function["Environment"],
            Tags={tag["Key"]: tag["Value"] for tag in function["Tags"]},
        )


def _permissions(client: Any) -> None:
    for name, permission in STACK.of_type("AWS::Lambda::Permission").items():
        client.add_permission(StatementId=name, **permission)


def _rules(events: Any, stack: ResolvedStack) -> None:
    for name, rule in stack.of_type("AWS::Events::Rule").items():
        events.put_rule(Name=stack.physical_name(name), EventPattern=json.dumps(rule["EventPattern"]))
        targets = [{"Id": target["Id"], "Arn": target["Arn"]} for target in rule["Targets"]]
        events.put_targets(Rule=stack.physical_name(name), Targets=targets)
