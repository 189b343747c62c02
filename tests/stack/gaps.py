"""Where the emulator's CloudFormation falls short of its own services, and the bridges over it.

A bridge hands a resource's properties, as the emulator's CloudFormation resolved them, to the API of the
service. It decides nothing. A test sees to it that there is no bridge more than there has to be.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
from moto.cloudformation import parsing

from .templates import BUCKET, FORWARD_KEY, Template

Properties = dict[str, Any]

# What is not tried at all, and why.
LEFT_OUT: dict[str, str] = {
    "Rules": "the emulator does not evaluate rules about parameters and regions",
    "LoggingConfig": "the emulator's Lambda does not keep it, so a function's log group cannot be read",
    "AlertsKey.Tags": "the emulator looks for a key's tags under the names of KMS's API, and fails",
}


class Made:
    """A resource that an API made, as the emulator's CloudFormation wants to see it."""

    def __init__(self, physical_id: str, arn: str = "") -> None:
        self.physical_resource_id = physical_id
        self._arn = arn

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr == "Arn"

    def get_cfn_attribute(self, attribute_name: str) -> str:
        if attribute_name != "Arn" or not self._arn:
            raise LookupError(f"no attribute {attribute_name} of {self.physical_resource_id}")
        return self._arn

    def is_created(self) -> bool:
        return True


@dataclass(frozen=True)
class Bridge:
    """Makes resources of one type."""

    make: Callable[[str, Properties, str], Made]

    def has_cfn_attr(self, attr: str) -> bool:
        return Made.has_cfn_attr(attr)

    def create_from_cloudformation_json(
        self, resource_name: str, resource: dict[str, Any], account_id: str, region_name: str, **_: Any
    ) -> Made:
        del account_id
        return self.make(resource_name, resource["Properties"], region_name)


def _group(name: str, properties: Properties, region: str) -> Made:
    iam = boto3.client("iam", region_name=region)
    arn = iam.create_group(GroupName=name)["Group"]["Arn"]
    for policy in properties.get("ManagedPolicyArns", []):
        iam.attach_group_policy(GroupName=name, PolicyArn=policy)
    return Made(name, arn)


def _role(name: str, properties: Properties, region: str) -> Made:
    iam, name = boto3.client("iam", region_name=region), properties.get("RoleName", name)
    trust = json.dumps(properties["AssumeRolePolicyDocument"])
    tags = properties.get("Tags", [])
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, Tags=tags)["Role"]["Arn"]
    for policy in properties.get("ManagedPolicyArns", []):
        iam.attach_role_policy(RoleName=name, PolicyArn=policy)
    for policy in properties.get("Policies", []):
        # The translator gives the schedule's role a policy without a version. The emulator wants one.
        document = json.dumps({"Version": "2012-10-17", **policy["PolicyDocument"]})
        iam.put_role_policy(RoleName=name, PolicyName=policy["PolicyName"], PolicyDocument=document)
    return Made(name, arn)


def _subscription(name: str, properties: Properties, region: str) -> Made:
    boto3.client("sns", region_name=region).subscribe(**properties)
    return Made(name)


def _topic_policy(name: str, properties: Properties, region: str) -> Made:
    sns, document = boto3.client("sns", region_name=region), json.dumps(properties["PolicyDocument"])
    for topic in properties["Topics"]:
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=document)
    return Made(name)


def _queue_policy(name: str, properties: Properties, region: str) -> Made:
    sqs, document = boto3.client("sqs", region_name=region), json.dumps(properties["PolicyDocument"])
    for queue in properties["Queues"]:
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": document})
    return Made(name)


def _event_invoke_config(name: str, properties: Properties, region: str) -> Made:
    # `$LATEST` is what the API means where no version is named.
    asked = {key: value for key, value in properties.items() if (key, value) != ("Qualifier", "$LATEST")}
    boto3.client("lambda", region_name=region).put_function_event_invoke_config(**asked)
    return Made(name)


def _alarm(name: str, properties: Properties, region: str) -> Made:
    cloudwatch, name = boto3.client("cloudwatch", region_name=region), properties["AlarmName"]
    cloudwatch.put_metric_alarm(**properties)
    [alarm] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return Made(name, alarm["AlarmArn"])


def _schedule(name: str, properties: Properties, region: str) -> Made:
    asked = {"Name": name, **properties}
    arn = boto3.client("scheduler", region_name=region).create_schedule(**asked)["ScheduleArn"]
    return Made(asked["Name"], arn)


def _stack_set(name: str, properties: Properties, region: str) -> Made:
    cloudformation = boto3.client("cloudformation", region_name=region)
    asked, name = dict(properties), properties["StackSetName"]
    groups = asked.pop("StackInstancesGroup")
    # How many regions at once makes no difference where all are made at once.
    asked.pop("OperationPreferences")
    # The emulator takes a template's text only.
    assert asked.pop("TemplateURL").endswith(f"{BUCKET}.s3.amazonaws.com/{FORWARD_KEY}")
    stored = boto3.client("s3", region_name=region).get_object(Bucket=BUCKET, Key=FORWARD_KEY)
    cloudformation.create_stack_set(TemplateBody=stored["Body"].read().decode("utf-8"), **asked)
    for group in groups:
        cloudformation.create_stack_instances(
            StackSetName=name, Accounts=group["DeploymentTargets"]["Accounts"], Regions=group["Regions"]
        )
    return Made(name)


# Types that the emulator's CloudFormation had before there were bridges.
_SUPPORTED = frozenset(parsing.get_model_map())
# Types that it has, and makes only half.
HALF_SUPPORTED: dict[str, str] = {"AWS::IAM::Role": "it forgets to attach the managed policies"}

# Types that the emulator's services have and its CloudFormation has not, or not whole.
BRIDGES: dict[str, Bridge] = {
    "AWS::IAM::Role": Bridge(_role),
    "AWS::IAM::Group": Bridge(_group),
    "AWS::SNS::Subscription": Bridge(_subscription),
    "AWS::SNS::TopicPolicy": Bridge(_topic_policy),
    "AWS::SQS::QueuePolicy": Bridge(_queue_policy),
    "AWS::Lambda::EventInvokeConfig": Bridge(_event_invoke_config),
    "AWS::CloudWatch::Alarm": Bridge(_alarm),
    "AWS::Scheduler::Schedule": Bridge(_schedule),
    "AWS::CloudFormation::StackSet": Bridge(_stack_set),
}


def supported_types() -> frozenset[str]:
    """What the emulator's CloudFormation makes by itself."""
    return _SUPPORTED


def build_bridges() -> None:
    """Makes the emulator's CloudFormation use the bridges. It has one map of types for the whole process."""
    models: dict[str, Any] = parsing.get_model_map()
    models.update(BRIDGES)


def without_what_is_left_out(template: Template) -> Template:
    """The template as far as the emulator can take it."""
    template.pop("Rules", None)
    template["Resources"]["AlertsKey"]["Properties"].pop("Tags")
    return template
