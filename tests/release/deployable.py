"""What moto's CloudFormation needs to make the stack: forms that only AWS takes, and what moto skips."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from moto.cloudformation import parsing
from moto.events.models import events_backends
from moto.iam.models import iam_backends

# moto makes nothing of these. What refers to an alarm gets its ARN.
SKIPPED = {
    "AWS::CloudFormation::StackSet",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::S3::BucketPolicy",
    "AWS::SES::ConfigurationSet",
    "AWS::SES::ConfigurationSetEventDestination",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::Schedule",
}


@dataclass
class Made:
    """A resource that moto's CloudFormation does not make itself."""

    cf_resource_type: str
    physical_resource_id: str
    arn: str
    status: str = "CREATE_COMPLETE"

    def is_created(self) -> bool:
        return True

    def get_cfn_attribute(self, attribute: str) -> str:
        return {"Arn": self.arn}[attribute]


@contextmanager
def deployable() -> Iterator[None]:
    """Lets moto make the stack within the block."""
    create, clean = parsing.parse_and_create_resource, parsing.clean_json

    def cleaned(part: Any, resources: Any) -> Any:
        """In a list, moto keeps what is no value."""
        value = clean(part, resources)
        return [each for each in value if each is not None] if isinstance(value, list) else value

    def created(logical_id: str, resource: dict[str, Any], resources: Any, **place: str) -> Any:
        if "Condition" in resource and not resources.lazy_condition_map[resource["Condition"]]:
            return None
        stack, properties = resources["AWS::StackName"], resource.get("Properties", {})
        match resource["Type"]:
            case "AWS::KMS::Key":
                tags = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in properties["Tags"]]
                resource = resource | {"Properties": properties | {"Tags": tags}}
            case "AWS::SQS::Queue" if properties.get("FifoQueue"):
                resource = resource | {"Properties": properties | {"QueueName": f"{stack}-{logical_id}.fifo"}}
            case "AWS::Events::Rule" if "EventBusName" in properties:
                # moto makes an object of the reference.
                bus = cleaned(properties["EventBusName"], resources)
                named = {"EventBusName": bus.name} if bus else {}
                rest = {key: each for key, each in properties.items() if key != "EventBusName"}
                resource = resource | {"Properties": rest | named}
            case "AWS::Events::EventBusPolicy":
                return _bus_policy(cleaned(properties, resources), **place)
            case "AWS::IAM::Group":
                named = {"GroupName": f"{stack}-{logical_id}"} | cleaned(properties, resources)
                return _group(named, place["account_id"])
            case kind if kind in SKIPPED:
                here = f"{place['region_name']}:{place['account_id']}"
                name = f"{stack}-{logical_id}"
                return Made(kind, name, f"arn:aws:cloudwatch:{here}:alarm:{name}")
        return create(logical_id, resource, resources, **place)

    with (
        patch.object(parsing, "parse_and_create_resource", created),
        patch.object(parsing, "clean_json", cleaned),
    ):
        yield


def _group(properties: dict[str, Any], account: str) -> Made:
    iam = iam_backends[account]["aws"]
    group = iam.create_group(properties["GroupName"], properties.get("Path", "/"))
    for arn in properties["ManagedPolicyArns"]:
        iam.attach_group_policy(arn, group.name)
    return Made("AWS::IAM::Group", group.name, group.arn)


def _bus_policy(properties: dict[str, Any], account_id: str, region_name: str) -> Made:
    bus, statement = properties["EventBusName"].name, properties["StatementId"]
    policy = {"Version": "2012-10-17", "Statement": [{"Sid": statement, **properties["Statement"]}]}
    events_backends[account_id][region_name].put_permission(bus, "", "", statement, {}, json.dumps(policy))
    return Made("AWS::Events::EventBusPolicy", f"{bus}|{statement}", "")
