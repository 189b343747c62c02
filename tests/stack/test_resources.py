"""What the stack makes with its default parameters."""

import json
from typing import Any

from .resolved_stack import ResolvedStack
from .templates import translated

RULES = {
    "SignInFunctionSignIns": "sign-in",
    "UserLifecycleFunctionUsers": "user-lifecycle",
    "MfaDeviceFunctionDevices": "mfa-device",
}
ALARMS = {
    *("sign-in-errors", "user-lifecycle-errors", "mfa-device-errors", "sweep-errors"),
    *("sweep-missed", "dead-letters", "throttles", "malformed"),
}


def test_everything_is_made_but_the_subscription_of_nobody(stack: ResolvedStack) -> None:
    assert set(translated()["Resources"]) - set(stack.resources) == {"AdminSubscription"}


def test_functions_have_the_right_runtime_and_size(stack: ResolvedStack) -> None:
    for name, binary in stack.functions().items():
        function = stack.of_type("AWS::Lambda::Function")[name]
        assert (function["Runtime"], function["Handler"]) == ("provided.al2023", "bootstrap")
        assert function["Architectures"] == ["x86_64"]
        size = (function["MemorySize"], function["Timeout"], function["ReservedConcurrentExecutions"])
        assert size == ((256, 900, 1) if binary == "sweep" else (128, 90, 5)), binary


def test_each_function_has_its_own_role_and_log(stack: ResolvedStack) -> None:
    for name, binary in stack.functions().items():
        function = stack.of_type("AWS::Lambda::Function")[name]
        assert function["Role"].endswith(f":role/{stack.name}-{binary}")
        logs = stack.physical_name(name.replace("Function", "Logs"))
        assert function["LoggingConfig"] == {"LogFormat": "JSON", "LogGroup": logs}


def test_logs_outlast_the_stack_and_are_kept_ninety_days(stack: ResolvedStack) -> None:
    logs = [each for each in stack.resources.values() if each["Type"] == "AWS::Logs::LogGroup"]
    assert len(logs) == 4
    for each in logs:
        assert each["Properties"]["RetentionInDays"] == 90
        assert (each["DeletionPolicy"], each["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_failed_events_go_to_the_dead_letter_queue(stack: ResolvedStack) -> None:
    configured = {
        each["FunctionName"]: each for each in stack.of_type("AWS::Lambda::EventInvokeConfig").values()
    }
    assert set(configured) == {stack.physical_name(name) for name in stack.functions()}
    for each in configured.values():
        assert each["DestinationConfig"]["OnFailure"]["Destination"] == stack.arn("DeadLetters")
        assert (each["MaximumRetryAttempts"], each["MaximumEventAgeInSeconds"]) == (2, 21600)


def test_undelivered_events_go_to_the_dead_letter_queue(stack: ResolvedStack) -> None:
    (schedule,) = stack.of_type("AWS::Scheduler::Schedule").values()
    targets = {name: target(rule) for name, rule in stack.of_type("AWS::Events::Rule").items()}
    assert set(targets) == set(RULES)
    for each in targets.values():
        assert each["RetryPolicy"] == {"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 86400}
    retry = schedule["Target"]["RetryPolicy"]
    assert retry == {"MaximumRetryAttempts": 10, "MaximumEventAgeInSeconds": 21600}
    for each in (*targets.values(), schedule["Target"]):
        assert each["DeadLetterConfig"] == {"Arn": stack.arn("DeadLetters")}


def target(rule: dict[str, Any]) -> dict[str, Any]:
    """The only target of a rule."""
    (only,) = rule["Targets"]
    found: dict[str, Any] = only
    return found


def test_dead_letter_queue_is_encrypted_and_keeps_two_weeks(stack: ResolvedStack) -> None:
    queue = stack.resources["DeadLetters"]
    assert queue["Properties"]["SqsManagedSseEnabled"]
    assert queue["Properties"]["MessageRetentionPeriod"] == 14 * 24 * 60 * 60
    assert (queue["DeletionPolicy"], queue["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_only_its_rule_may_invoke_a_function(stack: ResolvedStack) -> None:
    names = {stack.arn(name): name for name in stack.functions()}
    rules = stack.of_type("AWS::Events::Rule")
    assert {name: stack.functions()[names[target(rule)["Arn"]]] for name, rule in rules.items()} == RULES
    assert list(stack.of_type("AWS::Lambda::Permission").values()) == [
        {
            "Action": "lambda:InvokeFunction",
            "FunctionName": stack.physical_name(names[target(rule)["Arn"]]),
            "Principal": "events.amazonaws.com",
            "SourceArn": stack.arn(name),
        }
        for name, rule in rules.items()
    ]


def test_schedule_starts_a_sweep_a_day(stack: ResolvedStack) -> None:
    (schedule,) = stack.of_type("AWS::Scheduler::Schedule").values()
    assert schedule["Name"] == f"{stack.name}-sweep"
    assert (schedule["ScheduleExpression"], schedule["ScheduleExpressionTimezone"]) == (
        "cron(0 6 * * ? *)",
        "UTC",
    )
    assert schedule["Target"]["Arn"] == stack.arn("SweepFunction")
    assert schedule["Target"]["RoleArn"] == stack.arn("SweepFunctionDailyRole")
    assert json.loads(schedule["Target"]["Input"]) == {"scheduledTime": "<aws.scheduler.scheduled-time>"}


def test_alerts_topic_uses_its_own_key(stack: ResolvedStack) -> None:
    assert stack.of_type("AWS::SNS::Topic")["AlertsTopic"]["KmsMasterKeyId"] == stack.resolve(
        {"Ref": "AlertsKey"}
    )


def test_every_alarm_tells_the_administrators(stack: ResolvedStack) -> None:
    alarms = stack.of_type("AWS::CloudWatch::Alarm").values()
    assert {alarm["AlarmName"].removeprefix(f"{stack.name}-") for alarm in alarms} == ALARMS
    for alarm in alarms:
        assert alarm["AlarmActions"] == alarm["OKActions"] == [stack.arn("AlertsTopic")]


def test_every_alarm_watches_something_of_the_stack(stack: ResolvedStack) -> None:
    known = {stack.physical_name(name) for name in (*stack.functions(), "DeadLetters")}
    known |= set(stack.functions().values())
    for alarm in stack.of_type("AWS::CloudWatch::Alarm").values():
        parts = [part["MetricStat"]["Metric"] for part in alarm.get("Metrics", []) if "MetricStat" in part]
        for metric in parts or [alarm]:
            assert metric["Dimensions"]
            assert {dimension["Value"] for dimension in metric["Dimensions"]} <= known, alarm["AlarmName"]


def test_only_a_missed_sweep_alarms_on_missing_data(stack: ResolvedStack) -> None:
    alarms = stack.of_type("AWS::CloudWatch::Alarm").items()
    assert [name for name, alarm in alarms if alarm["TreatMissingData"] == "breaching"] == [
        "SweepMissedAlarm"
    ]


def test_outputs_name_what_was_made(stack: ResolvedStack) -> None:
    assert stack.outputs["AlertsTopicArn"] == stack.arn("AlertsTopic")
    assert stack.outputs["DeadLettersUrl"] == stack.resolve({"Ref": "DeadLetters"})
    assert stack.outputs["SweepFunctionName"] == stack.physical_name("SweepFunction")
