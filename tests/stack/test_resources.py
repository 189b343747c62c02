"""What the stack makes with its default parameters, and forward.yaml in another region."""

from functools import reduce
from typing import Any

import pytest

from .resolved_stack import ResolvedStack
from .roles import STACK, forwarding
from .templates import translated

FORWARD = forwarding(STACK, "eu-west-1")
RULES = {
    "SignInFunctionSignIns": "sign-in",
    "UserLifecycleFunctionUsers": "user-lifecycle",
    "MfaDeviceFunctionDevices": "mfa-device",
}
ALARMS = {
    *("sign-in-errors", "user-lifecycle-errors", "mfa-device-errors", "sweep-errors"),
    *("sweep-missed", "dead-letters", "throttles", "malformed"),
}
LAMBDA, INVOCATION, RULE = "AWS::Lambda::Function", "AWS::Lambda::EventInvokeConfig", "AWS::Events::Rule"
LOG, SCHEDULE, QUEUE = "AWS::Logs::LogGroup", "AWS::Scheduler::Schedule", "AWS::SQS::Queue"
ALARM, TOPIC = "AWS::CloudWatch::Alarm", "AWS::SNS::Topic"
DEAD_LETTERS, ALERTS = STACK.arn("DeadLetters"), STACK.arn("AlertsTopic")
SWEEP_INPUT = '{"scheduledTime": "<aws.scheduler.scheduled-time>"}'
RETRIES_OF_RULE = {"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 86400}
RETRIES_OF_SCHEDULE = {"MaximumRetryAttempts": 10, "MaximumEventAgeInSeconds": 21600}

# A type, how many resources it has, and what each of them has at a path.
EXPECTED: list[tuple[ResolvedStack, str, int, str, Any]] = [
    (STACK, LAMBDA, 4, "Properties.Runtime", "provided.al2023"),
    (STACK, LAMBDA, 4, "Properties.Handler", "bootstrap"),
    (STACK, LAMBDA, 4, "Properties.Architectures", ["x86_64"]),
    (STACK, INVOCATION, 4, "Properties.DestinationConfig.OnFailure.Destination", DEAD_LETTERS),
    (STACK, INVOCATION, 4, "Properties.MaximumRetryAttempts", 2),
    (STACK, INVOCATION, 4, "Properties.MaximumEventAgeInSeconds", 21600),
    (STACK, RULE, 3, "Properties.Targets.0.DeadLetterConfig.Arn", DEAD_LETTERS),
    (STACK, RULE, 3, "Properties.Targets.0.RetryPolicy", RETRIES_OF_RULE),
    (STACK, SCHEDULE, 1, "Properties.Name", "mfa-enforcer-sweep"),
    (STACK, SCHEDULE, 1, "Properties.ScheduleExpression", "cron(0 6 * * ? *)"),
    (STACK, SCHEDULE, 1, "Properties.ScheduleExpressionTimezone", "UTC"),
    (STACK, SCHEDULE, 1, "Properties.Target.Arn", STACK.arn("SweepFunction")),
    (STACK, SCHEDULE, 1, "Properties.Target.RoleArn", STACK.arn("SweepFunctionDailyRole")),
    (STACK, SCHEDULE, 1, "Properties.Target.Input", SWEEP_INPUT),
    (STACK, SCHEDULE, 1, "Properties.Target.DeadLetterConfig.Arn", DEAD_LETTERS),
    (STACK, SCHEDULE, 1, "Properties.Target.RetryPolicy", RETRIES_OF_SCHEDULE),
    (STACK, LOG, 4, "Properties.RetentionInDays", 90),
    (STACK, LOG, 4, "DeletionPolicy", "RetainExceptOnCreate"),
    (STACK, LOG, 4, "UpdateReplacePolicy", "Retain"),
    (STACK, QUEUE, 1, "Properties.SqsManagedSseEnabled", True),
    (STACK, QUEUE, 1, "Properties.MessageRetentionPeriod", 14 * 24 * 60 * 60),
    (STACK, QUEUE, 1, "DeletionPolicy", "Retain"),
    (STACK, QUEUE, 1, "UpdateReplacePolicy", "Retain"),
    (STACK, TOPIC, 1, "Properties.KmsMasterKeyId", STACK.resolve({"Ref": "AlertsKey"})),
    (STACK, ALARM, len(ALARMS), "Properties.AlarmActions", [ALERTS]),
    (STACK, ALARM, len(ALARMS), "Properties.OKActions", [ALERTS]),
    (FORWARD, RULE, 1, "Properties.Targets.0.DeadLetterConfig.Arn", FORWARD.arn("DeadLetters")),
    (FORWARD, RULE, 1, "Properties.Targets.0.RetryPolicy", RETRIES_OF_RULE),
    (FORWARD, QUEUE, 1, "Properties.SqsManagedSseEnabled", True),
]


@pytest.mark.parametrize(("stack", "kind", "count", "path", "value"), EXPECTED)
def test_property_has_its_value(stack: ResolvedStack, kind: str, count: int, path: str, value: Any) -> None:
    found = [each for each in stack.resources.values() if each["Type"] == kind]
    assert [reduce(at, path.split("."), each) for each in found] == [value] * count


def at(part: Any, step: str) -> Any:
    return part[int(step) if isinstance(part, list) else step]


def test_everything_is_made_but_the_subscription_of_nobody() -> None:
    assert set(translated()["Resources"]) - set(STACK.resources) == {"AdminSubscription"}


def test_each_function_has_its_own_size_role_and_log() -> None:
    for name, binary in STACK.functions().items():
        function = STACK.of_type(LAMBDA)[name]
        size = (function["MemorySize"], function["Timeout"], function["ReservedConcurrentExecutions"])
        assert size == ((256, 900, 1) if binary == "sweep" else (128, 90, 5)), binary
        assert function["Role"].endswith(f":role/{STACK.name}-{binary}")
        logs = STACK.physical_name(name.replace("Function", "Logs"))
        assert function["LoggingConfig"] == {"LogFormat": "JSON", "LogGroup": logs}


def test_only_its_rule_may_invoke_a_function() -> None:
    functions = {STACK.arn(name): name for name in STACK.functions()}
    permissions = list(STACK.of_type("AWS::Lambda::Permission").values())
    for name, rule in STACK.of_type(RULE).items():
        (target,) = rule["Targets"]
        function = functions[target["Arn"]]
        assert STACK.functions()[function] == RULES[name]
        permission = {
            "Action": "lambda:InvokeFunction",
            "FunctionName": STACK.physical_name(function),
            "Principal": "events.amazonaws.com",
            "SourceArn": STACK.arn(name),
        }
        permissions.remove(permission)
    assert permissions == []


def test_alarms_watch_the_stack_and_only_a_missed_sweep_needs_no_data() -> None:
    known = {STACK.physical_name(name) for name in (*STACK.functions(), "DeadLetters")}
    known |= set(STACK.functions().values())
    alarms = STACK.of_type(ALARM).values()
    assert {alarm["AlarmName"].removeprefix(f"{STACK.name}-") for alarm in alarms} == ALARMS
    for alarm in alarms:
        assert (alarm["TreatMissingData"] == "breaching") == alarm["AlarmName"].endswith("-sweep-missed")
        parts = [part["MetricStat"]["Metric"] for part in alarm.get("Metrics", []) if "MetricStat" in part]
        for metric in parts or [alarm]:
            assert metric["Dimensions"]
            assert {dimension["Value"] for dimension in metric["Dimensions"]} <= known, alarm["AlarmName"]


def test_outputs_name_what_was_made() -> None:
    assert STACK.outputs["AlertsTopicArn"] == STACK.arn("AlertsTopic")
    assert STACK.outputs["DeadLettersUrl"] == STACK.resolve({"Ref": "DeadLetters"})
    assert STACK.outputs["SweepFunctionName"] == STACK.physical_name("SweepFunction")
