"""What was made of the stack, as the services themselves show it."""

from __future__ import annotations

import json
from typing import Any

from .emulated import Deployment

FUNCTIONS = {
    "SignInFunction": "sign-in",
    "UserLifecycleFunction": "user-lifecycle",
    "MfaDeviceFunction": "mfa-device",
    "SweepFunction": "sweep",
}


def function(stack: Deployment, name: str) -> dict[str, Any]:
    """The configuration of a function."""
    made = stack.client("lambda").get_function(FunctionName=stack.physical(name))["Configuration"]
    found: dict[str, Any] = made
    return found


def environment(stack: Deployment, name: str) -> dict[str, str]:
    """The environment of a function."""
    found: dict[str, str] = function(stack, name)["Environment"]["Variables"]
    return found


def concurrency(stack: Deployment) -> dict[str, int | None]:
    """How many of each function may run at once, where that is set."""
    functions = stack.client("lambda")
    return {
        name: functions.get_function_concurrency(FunctionName=stack.physical(name)).get(
            "ReservedConcurrentExecutions"
        )
        for name in FUNCTIONS
    }


def attached(stack: Deployment, role: str) -> set[str]:
    """The managed policies of a role, by the names that the template has for them."""
    iam = stack.client("iam")
    listed = iam.list_attached_role_policies(RoleName=stack.physical(role))["AttachedPolicies"]
    arns = {policy["PolicyArn"] for policy in listed}
    return {name for name in stack.of_type("AWS::IAM::ManagedPolicy") if stack.physical(name) in arns}


def inline(stack: Deployment, role: str) -> list[dict[str, Any]]:
    """All statements in a role's own policies. `role` is the role's name in IAM."""
    iam = stack.client("iam")
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    documents = [iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names]
    return [statement for document in documents for statement in document["Statement"]]


def trusted(stack: Deployment, role: str) -> list[dict[str, Any]]:
    """Who may assume a role."""
    found: list[dict[str, Any]] = stack.client("iam").get_role(RoleName=stack.physical(role))["Role"][
        "AssumeRolePolicyDocument"
    ]["Statement"]
    return found


def document(stack: Deployment, policy: str) -> dict[str, Any]:
    """A managed policy as IAM has it."""
    iam, arn = stack.client("iam"), stack.physical(policy)
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    found: dict[str, Any] = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"][
        "Document"
    ]
    return found


def statement(stack: Deployment, policy: str, sid: str) -> dict[str, Any]:
    """One statement of a managed policy."""
    [found] = [part for part in document(stack, policy)["Statement"] if part["Sid"] == sid]
    chosen: dict[str, Any] = found
    return chosen


def policies_of_group(stack: Deployment) -> list[str]:
    """What the quarantine group has attached."""
    listed = stack.client("iam").list_attached_group_policies(GroupName=stack.physical("QuarantineGroup"))
    return [policy["PolicyArn"] for policy in listed["AttachedPolicies"]]


def queue(stack: Deployment, name: str = "DeadLetters") -> dict[str, str]:
    """The attributes of a queue."""
    url = stack.physical(name)
    read = stack.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    found: dict[str, str] = read["Attributes"]
    return found


def topic(stack: Deployment) -> dict[str, str]:
    """The attributes of the alerts topic."""
    sns = stack.client("sns")
    found: dict[str, str] = sns.get_topic_attributes(TopicArn=stack.physical("AlertsTopic"))["Attributes"]
    return found


def alarms(stack: Deployment) -> dict[str, dict[str, Any]]:
    """All alarms, by name."""
    return {
        alarm["AlarmName"]: alarm for alarm in stack.client("cloudwatch").describe_alarms()["MetricAlarms"]
    }


def schedule(stack: Deployment) -> dict[str, Any]:
    """The schedule of the sweep."""
    found: dict[str, Any] = stack.client("scheduler").get_schedule(Name=stack.physical("SweepFunctionDaily"))
    return found


def retention(stack: Deployment) -> set[tuple[str, int]]:
    """Every log group with the days that it keeps logs for."""
    groups = stack.client("logs").describe_log_groups()["logGroups"]
    return {(group["logGroupName"], group["retentionInDays"]) for group in groups}


def rules(stack: Deployment, region: str) -> dict[str, dict[str, Any]]:
    """The rules of a region, each with its pattern read and its targets."""
    events = stack.client("events", region)
    return {
        rule["Name"]: {
            "pattern": json.loads(rule["EventPattern"]),
            "targets": events.list_targets_by_rule(Rule=rule["Name"])["Targets"],
        }
        for rule in events.list_rules()["Rules"]
    }
