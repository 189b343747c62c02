"""The template, deployed to an emulated account with its defaults, and read back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from . import gaps
from . import read_back as made
from .emulated import ACCOUNT, REGION, STACK, Deployment, defaults, deployed
from .read_back import FUNCTIONS
from .templates import FORWARD, ROOT, source, translated

# The names of the roles are part of what the functions know.
ROLES = {name.replace("Function", "Role"): role for name, role in FUNCTIONS.items()}
EVERY_EVENT = {"ReadAndNotifyPolicy", "AlertPolicy", "ContainPolicy"}
ATTACHED = {
    "SignInRole": EVERY_EVENT,
    "UserLifecycleRole": {*EVERY_EVENT, "ReleasePolicy"},
    "MfaDeviceRole": {*EVERY_EVENT, "ReleasePolicy"},
    # A sweep alerts nobody about single users; its digest does.
    "SweepRole": {*EVERY_EVENT - {"AlertPolicy"}, "ReleasePolicy", "ReviewPolicy"},
}
RULES = {
    "SignInFunction": "SignInFunctionSignIns",
    "UserLifecycleFunction": "UserLifecycleFunctionUsers",
    "MfaDeviceFunction": "MfaDeviceFunctionDevices",
}


@pytest.fixture(scope="module", name="stack")
def _stack() -> Iterator[Deployment]:
    with deployed() as deployment:
        yield deployment


def name_of_the_queue(stack: Deployment) -> str:
    return made.queue(stack)["QueueArn"].rsplit(":", maxsplit=1)[-1]


def arn(service: str, rest: str, region: str = REGION) -> str:
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{rest}"


def test_everything_is_made_but_the_subscription_of_nobody(stack: Deployment) -> None:
    assert set(translated()["Resources"]) - stack.made == {"AdminSubscription"}


def test_there_is_no_bridge_that_the_emulator_does_not_need() -> None:
    kinds = {resource["Type"] for resource in translated()["Resources"].values()}
    assert set(gaps.BRIDGES) <= kinds
    assert set(gaps.BRIDGES) & gaps.supported_types() == set(gaps.HALF_SUPPORTED)
    assert kinds <= set(gaps.BRIDGES) | gaps.supported_types()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_set_up_as_the_parameters_say(name: str, stack: Deployment) -> None:
    assert made.environment(stack, name) == {
        "MODE": "observe",
        "GRACE_PERIOD": "7d",
        "ENFORCE_FROM": "",
        "REMIND_BEFORE": "7d,3d,1d",
        "DIGEST": "daily",
        "QUARANTINE_SCOPE": "console",
        "QUARANTINE_POLICY_ARN": ",".join(
            (stack.physical("ConsoleQuarantinePolicy"), stack.physical("EverythingQuarantinePolicy"))
        ),
        "QUARANTINE_GROUP_NAME": stack.physical("QuarantineGroup"),
        "ALERTS_TOPIC_ARN": stack.physical("AlertsTopic"),
        "USER_TOPIC_PREFIX": f"{STACK}-user-",
        "CONTACT_TAG_KEY": "email",
        "EXEMPT_USERS": "",
        "EXEMPT_PATHS": "/break-glass/",
        "ENFORCER_ROLES": ",".join(f"{STACK}-{role}" for role in ROLES.values()),
    }


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_runs_as_its_own_role(name: str, stack: Deployment) -> None:
    read = made.function(stack, name)
    assert read["Role"] == f"arn:aws:iam::{ACCOUNT}:role/{STACK}-{FUNCTIONS[name]}"
    assert (read["Runtime"], read["Handler"], read["Architectures"]) == (
        "provided.al2023",
        "bootstrap",
        ["x86_64"],
    )
    sizes = (read["MemorySize"], read["Timeout"])
    assert sizes == ((256, 900) if name == "SweepFunction" else (128, 90))


def test_few_events_are_handled_at_once_and_one_sweep(stack: Deployment) -> None:
    expected = {"SignInFunction": 5, "UserLifecycleFunction": 5, "MfaDeviceFunction": 5, "SweepFunction": 1}
    assert made.concurrency(stack) == expected


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_event_that_fails_for_good_ends_in_the_dead_letter_queue(name: str, stack: Deployment) -> None:
    read = stack.client("lambda").get_function_event_invoke_config(FunctionName=stack.physical(name))
    assert (read["MaximumRetryAttempts"], read["MaximumEventAgeInSeconds"]) == (2, 21600)
    assert read["DestinationConfig"]["OnFailure"] == {"Destination": made.queue(stack)["QueueArn"]}
    assert made.statement(stack, "ReadAndNotifyPolicy", "KeepFailedEvents") == {
        "Sid": "KeepFailedEvents",
        "Effect": "Allow",
        "Action": "sqs:SendMessage",
        "Resource": made.queue(stack)["QueueArn"],
    }


@pytest.mark.parametrize("role", ROLES)
def test_a_role_has_the_policies_of_its_function_and_its_own_log(role: str, stack: Deployment) -> None:
    assert stack.physical(role) == f"{STACK}-{ROLES[role]}"
    assert made.attached(stack, role) == ATTACHED[role]
    [logs] = made.inline(stack, stack.physical(role))
    group = stack.physical(role.replace("Role", "Logs"))
    assert logs["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert logs["Resource"].startswith(arn("logs", f"log-group:{group}"))
    [trust] = made.trusted(stack, role)
    assert trust == {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }


@pytest.mark.parametrize("scope", ["console", "everything"])
def test_a_quarantine_policy_is_the_document_in_the_repository(scope: str, stack: Deployment) -> None:
    written = json.loads((ROOT / "policies" / f"quarantine-{scope}.json").read_text(encoding="utf-8"))
    assert made.document(stack, f"{scope.capitalize()}QuarantinePolicy") == written


def test_group_and_roles_contain_by_the_policy_of_the_scope(stack: Deployment) -> None:
    policy = stack.physical("ConsoleQuarantinePolicy")
    assert made.policies_of_group(stack) == [policy]
    condition = made.statement(stack, "ContainPolicy", "AttachOnlyTheQuarantine")["Condition"]
    assert condition == {"ArnEquals": {"iam:PolicyARN": policy}}


def test_break_glass_users_are_out_of_reach(stack: Deployment) -> None:
    denied = made.statement(stack, "ReadAndNotifyPolicy", "LeaveBreakGlassUsersAlone")
    assert (denied["Effect"], denied["Resource"]) == ("Deny", f"arn:aws:iam::{ACCOUNT}:user/break-glass/*")


@pytest.mark.parametrize("name", RULES)
def test_a_rule_calls_its_function_and_keeps_what_it_cannot_deliver(name: str, stack: Deployment) -> None:
    rule = stack.physical(RULES[name])
    [target] = made.rules(stack, REGION)[rule]["targets"]
    assert target["Arn"] == made.function(stack, name)["FunctionArn"]
    assert target["DeadLetterConfig"] == {"Arn": made.queue(stack)["QueueArn"]}
    assert target["RetryPolicy"] == {"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 86400}
    policy = json.loads(stack.client("lambda").get_policy(FunctionName=stack.physical(name))["Policy"])
    [allowed] = policy["Statement"]
    assert allowed["Principal"] == {"Service": "events.amazonaws.com"}
    assert allowed["Condition"] == {"ArnLike": {"AWS:SourceArn": arn("events", f"rule/{rule}")}}


@pytest.mark.parametrize("name", RULES)
def test_a_pattern_is_the_one_in_the_template(name: str, stack: Deployment) -> None:
    [event] = source()["Resources"][name]["Properties"]["Events"].values()
    assert made.rules(stack, REGION)[stack.physical(RULES[name])]["pattern"] == resolved(
        event["Properties"]["Pattern"]
    )


def resolved(node: Any) -> Any:
    """A pattern of the template with the account and the roles' ARNs in it, found without CloudFormation."""
    if isinstance(node, list):
        return [resolved(part) for part in node]
    if not isinstance(node, dict):
        return node
    if node == {"Ref": "AWS::AccountId"}:
        return ACCOUNT
    if "Fn::GetAtt" in node:
        role, attribute = node["Fn::GetAtt"]
        assert attribute == "Arn"
        return f"arn:aws:iam::{ACCOUNT}:role/{STACK}-{ROLES[role]}"
    return {key: resolved(part) for key, part in node.items()}


def test_the_schedule_orders_a_sweep_a_day(stack: Deployment) -> None:
    read = made.schedule(stack)
    assert read["Name"] == f"{STACK}-sweep"
    assert (read["ScheduleExpression"], read["ScheduleExpressionTimezone"]) == ("cron(0 6 * * ? *)", "UTC")
    assert read["Target"]["Arn"] == made.function(stack, "SweepFunction")["FunctionArn"]
    assert read["Target"]["DeadLetterConfig"] == {"Arn": made.queue(stack)["QueueArn"]}
    assert json.loads(read["Target"]["Input"]) == {"scheduledTime": "<aws.scheduler.scheduled-time>"}
    role = read["Target"]["RoleArn"].rsplit("/", maxsplit=1)[-1]
    assert {(part["Action"], part["Resource"]) for part in made.inline(stack, role)} == {
        ("lambda:InvokeFunction", read["Target"]["Arn"]),
        ("sqs:SendMessage", made.queue(stack)["QueueArn"]),
    }


def test_the_dead_letter_queue_is_encrypted_keeps_two_weeks_and_takes_from_our_rules_only(
    stack: Deployment,
) -> None:
    read = made.queue(stack)
    assert (read["SqsManagedSseEnabled"], read["MessageRetentionPeriod"]) == ("true", str(14 * 24 * 60 * 60))
    allow, deny = json.loads(read["Policy"])["Statement"]
    assert allow["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnEquals": {"aws:SourceArn": [arn("events", f"rule/{stack.physical(rule)}") for rule in RULES.values()]},
    }
    assert (deny["Effect"], deny["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_the_alerts_topic_has_a_key_that_alarms_may_use(stack: Deployment) -> None:
    key, kms = stack.physical("AlertsKey"), stack.client("kms")
    read = made.topic(stack)
    assert read["KmsMasterKeyId"] == key
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]
    # The emulator gives the policy as CloudFormation has it, which is no text.
    policy = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    may = {part["Sid"]: part for part in policy["Statement"]}
    assert may["AlarmsOfThisAccountMayBeEncrypted"]["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    deny, publish = json.loads(read["Policy"])["Statement"]
    assert (deny["Effect"], deny["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert publish["Condition"]["ArnLike"] == {"aws:SourceArn": arn("cloudwatch", f"alarm:{STACK}-*")}


def test_nobody_is_subscribed_without_an_address(stack: Deployment) -> None:
    sns = stack.client("sns")
    assert sns.list_subscriptions_by_topic(TopicArn=stack.physical("AlertsTopic"))["Subscriptions"] == []


def test_every_alarm_tells_the_administrators_and_watches_something_of_the_stack(stack: Deployment) -> None:
    alarms = made.alarms(stack)
    names = ("sign-in-errors", "user-lifecycle-errors", "mfa-device-errors", "sweep-errors", "sweep-missed")
    assert set(alarms) == {f"{STACK}-{name}" for name in (*names, "dead-letters", "throttles", "malformed")}
    functions = {stack.physical(name) for name in FUNCTIONS}
    known = {*functions, *FUNCTIONS.values(), name_of_the_queue(stack)}
    for alarm in alarms.values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [stack.physical("AlertsTopic")]
        metrics = [
            part["MetricStat"]["Metric"] for part in alarm.get("Metrics", []) if "MetricStat" in part
        ] or [alarm]
        assert {dimension["Value"] for metric in metrics for dimension in metric["Dimensions"]} <= known
        assert all(metric["Dimensions"] for metric in metrics)


def test_a_missed_sweep_is_the_only_silence_that_raises_an_alarm(stack: Deployment) -> None:
    loud = {name for name, alarm in made.alarms(stack).items() if alarm["TreatMissingData"] == "breaching"}
    assert loud == {f"{STACK}-sweep-missed"}


def test_logs_are_kept_for_ninety_days(stack: Deployment) -> None:
    groups = stack.of_type("AWS::Logs::LogGroup")
    assert len(groups) == len(FUNCTIONS)
    assert made.retention(stack) == {(stack.physical(group), 90) for group in groups}


@pytest.mark.parametrize("region", defaults()["SignInRegions"].split(","))
def test_a_region_forwards_its_sign_ins(region: str, stack: Deployment) -> None:
    rules = made.rules(stack, region)
    assert set(rules) == {f"{STACK}-forward"}
    [rule] = rules.values()
    assert rule["pattern"] == made.rules(stack, REGION)[stack.physical("SignInFunctionSignIns")]["pattern"]
    [target] = rule["targets"]
    assert target["Arn"] == arn("events", "event-bus/default") == stack.outputs["ForwardTargetBusArn"]
    assert (
        target["RoleArn"] == f"arn:aws:iam::{ACCOUNT}:role/{STACK}-forward" == stack.outputs["ForwardRoleArn"]
    )
    assert target["DeadLetterConfig"] == {"Arn": arn("sqs", f"{STACK}-forward-dead-letters", region)}


def test_the_role_that_deploys_a_region_fits_the_names_of_what_it_makes(stack: Deployment) -> None:
    may = {part["Sid"]: part["Resource"] for part in made.inline(stack, f"{STACK}-forward-exec")}
    assert may["RuleOfTheStack"] == f"arn:aws:events:*:{ACCOUNT}:rule/{STACK}-forward"
    assert may["QueueOfTheStack"] == f"arn:aws:sqs:*:{ACCOUNT}:{STACK}-forward-dead-letters"
    resources = source(FORWARD)["Resources"]
    assert {resource["Type"] for resource in resources.values()} == {
        "AWS::Events::Rule",
        "AWS::SQS::Queue",
        "AWS::SQS::QueuePolicy",
    }


def test_the_dashboard_is_valid_and_knows_the_functions_and_the_queue(stack: Deployment) -> None:
    read = stack.client("cloudwatch").get_dashboard(DashboardName=STACK)["DashboardBody"]
    assert json.loads(read)["widgets"]
    for name in FUNCTIONS:
        assert f'"{stack.physical(name)}"' in read
        assert f"SOURCE '{stack.physical(name.replace('Function', 'Logs'))}'" in read
    for alarm in made.alarms(stack).values():
        assert f'"{alarm["AlarmArn"]}"' in read
    assert f'"{name_of_the_queue(stack)}"' in read


def test_the_outputs_name_what_was_made(stack: Deployment) -> None:
    assert stack.outputs["AlertsTopicArn"] == stack.physical("AlertsTopic")
    assert stack.outputs["DeadLettersUrl"] == stack.physical("DeadLetters")
    assert stack.outputs["SweepFunctionName"] == stack.physical("SweepFunction")
