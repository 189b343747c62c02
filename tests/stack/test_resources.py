"""What the stack makes with its default parameters, and forward.yaml in another region."""

import json
import re
from functools import reduce
from typing import Any

import pytest

from .members import PLAIN
from .resolved_stack import ResolvedStack
from .roles import STACK, forwarding
from .templates import ROOT, source, translated

FORWARD = forwarding(STACK, "eu-west-1")
RULES = {
    "SignInFunctionSignIns": "sign-in",
    "UserLifecycleFunctionUsers": "user-lifecycle",
    "UserLifecycleFunctionTests": "user-lifecycle",
    "MfaDeviceFunctionDevices": "mfa-device",
    "GuardFunctionPolicies": "guard",
    "GuardFunctionGroups": "guard",
    "GuardFunctionTags": "guard",
    "GuardFunctionNames": "guard",
    "GuardFunctionTrails": "guard",
    "GuardFunctionRecordsAndMail": "guard",
    "GuardFunctionRulesAndSchedules": "guard",
    "GuardFunctionFunctions": "guard",
    "GuardFunctionRoles": "guard",
    "GuardFunctionAlerts": "guard",
    "GuardFunctionQueues": "guard",
    "GuardFunctionLogsAndAlarms": "guard",
    "GuardFunctionStacks": "guard",
}
ALARMS = {
    *("sign-in-errors", "user-lifecycle-errors", "mfa-device-errors", "guard-errors", "sweep-errors"),
    *("sweep-missed", "alerts-subscribers", "dead-letters", "throttles", "malformed"),
}
LAMBDA, INVOCATION, RULE = "AWS::Lambda::Function", "AWS::Lambda::EventInvokeConfig", "AWS::Events::Rule"
LOG, SCHEDULE, QUEUE = "AWS::Logs::LogGroup", "AWS::Scheduler::Schedule", "AWS::SQS::Queue"
SOURCE = "AWS::Lambda::EventSourceMapping"
ALARM, TOPIC = "AWS::CloudWatch::Alarm", "AWS::SNS::Topic"
DEAD_LETTERS, ALERTS = STACK.arn("DeadLetters"), STACK.arn("AlertsTopic")
SWEEPS = STACK.arn("SweepQueue")
DUE = "<aws.scheduler.scheduled-time>"
RETRIES_OF_RULE = {"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 86400}
RETRIES_OF_SCHEDULE = {"MaximumRetryAttempts": 10, "MaximumEventAgeInSeconds": 3600}
RUNS_OF_A_SWEEP = 3

# A type, how many resources it has, and what each of them has at a path.
EXPECTED: list[tuple[ResolvedStack, str, int, str, Any]] = [
    (STACK, LAMBDA, 5, "Properties.Runtime", "provided.al2023"),
    (STACK, LAMBDA, 5, "Properties.Handler", "bootstrap"),
    (STACK, LAMBDA, 5, "Properties.Architectures", ["x86_64"]),
    (STACK, INVOCATION, 5, "Properties.DestinationConfig.OnFailure.Destination", DEAD_LETTERS),
    (STACK, INVOCATION, 5, "Properties.MaximumRetryAttempts", 2),
    (STACK, INVOCATION, 5, "Properties.MaximumEventAgeInSeconds", 21600),
    (STACK, RULE, len(RULES), "Properties.Targets.0.DeadLetterConfig.Arn", DEAD_LETTERS),
    (STACK, RULE, len(RULES), "Properties.Targets.0.RetryPolicy", RETRIES_OF_RULE),
    (STACK, SCHEDULE, 2, "Properties.Target.Arn", SWEEPS),
    (STACK, SCHEDULE, 2, "Properties.Target.RoleArn", STACK.arn("ScheduleRole")),
    (STACK, SCHEDULE, 2, "Properties.Target.SqsParameters", {"MessageGroupId": "sweep"}),
    (STACK, SCHEDULE, 2, "Properties.Target.DeadLetterConfig.Arn", DEAD_LETTERS),
    (STACK, SCHEDULE, 2, "Properties.Target.RetryPolicy", RETRIES_OF_SCHEDULE),
    (STACK, SOURCE, 1, "Properties.EventSourceArn", SWEEPS),
    (STACK, SOURCE, 1, "Properties.FunctionName", STACK.physical_name("SweepFunction")),
    (STACK, SOURCE, 1, "Properties.BatchSize", 1),
    (STACK, LOG, 5, "Properties.RetentionInDays", 90),
    (STACK, LOG, 5, "DeletionPolicy", "RetainExceptOnCreate"),
    (STACK, LOG, 5, "UpdateReplacePolicy", "Retain"),
    (STACK, QUEUE, 3, "Properties.SqsManagedSseEnabled", True),
    (STACK, TOPIC, 1, "Properties.KmsMasterKeyId", STACK.resolve({"Ref": "AlertsKey"})),
    (STACK, ALARM, len(ALARMS), "Properties.AlarmActions", [ALERTS]),
    (STACK, ALARM, len(ALARMS), "Properties.OKActions", [ALERTS]),
    (FORWARD, RULE, 2, "Properties.Targets.0.DeadLetterConfig.Arn", FORWARD.arn("DeadLetters")),
    (FORWARD, RULE, 2, "Properties.Targets.0.RetryPolicy", RETRIES_OF_RULE),
    (FORWARD, QUEUE, 1, "Properties.SqsManagedSseEnabled", True),
]


@pytest.mark.parametrize(("stack", "kind", "count", "path", "value"), EXPECTED)
def test_property_has_its_value(stack: ResolvedStack, kind: str, count: int, path: str, value: Any) -> None:
    found = [each for each in stack.resources.values() if each["Type"] == kind]
    assert [reduce(at, path.split("."), each) for each in found] == [value] * count


def at(part: Any, step: str) -> Any:
    return part[int(step) if isinstance(part, list) else step]


def test_everything_is_made_but_what_is_not_asked_for() -> None:
    assert set(translated()["Resources"]) - set(STACK.resources) == {
        "AdminSubscription",
        *("MailStack", "MailRule", "MailPermission", "MailNotePolicy"),
        *("EvidenceBucket", "EvidenceBucketPolicy", "EvidencePolicy"),
        # Only a hub has these.
        *("Bus", "BusPolicy", "MembersRule", "MembersPermission", "OrganizationPolicy", "BrakesPolicy"),
        *("AccountQueue", "AccountQueuePolicy", "AccountDeadLetters", "AccountDeadLettersPolicy"),
        *("AccountSource", "AccountDeadLettersAlarm", "AccountQueueAgeAlarm"),
        "AccountsNoLongerCoveredAlarm",
    }


def test_each_function_has_its_own_size_role_and_log() -> None:
    for name, binary in STACK.functions().items():
        function = STACK.of_type(LAMBDA)[name]
        size = (function["MemorySize"], function["Timeout"])
        assert size == ((256, 900) if binary == "sweep" else (128, 90)), binary
        # A new account has no concurrency to spare.
        assert "ReservedConcurrentExecutions" not in function
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


def test_sweeps_are_ordered_hourly_and_daily() -> None:
    orders = {
        each["Name"].removeprefix(f"{STACK.name}-"): (
            each["ScheduleExpression"],
            each.get("ScheduleExpressionTimezone"),
            json.loads(each["Target"]["Input"]),
        )
        for each in STACK.of_type(SCHEDULE).values()
    }
    assert orders == {
        "hourly": ("cron(7 * * * ? *)", None, {"sweep": "hourly", "scheduledTime": DUE}),
        "daily": ("cron(00 06 * * ? *)", "UTC", {"sweep": "daily", "scheduledTime": DUE}),
    }


def test_runs_of_a_sweep_end_before_the_next_order() -> None:
    """Orders are in one group, so that the next has to wait for the last."""
    queue, function = STACK.of_type(QUEUE)["SweepQueue"], STACK.of_type(LAMBDA)["SweepFunction"]
    assert queue["FifoQueue"]
    # Two deliveries of one order are one sweep.
    assert queue["ContentBasedDeduplication"]
    # Lambda refuses a queue that gives out an order again while the function may still run.
    assert queue["VisibilityTimeout"] >= function["Timeout"]
    assert queue["VisibilityTimeout"] * RUNS_OF_A_SWEEP < 60 * 60
    redrive = {"deadLetterTargetArn": STACK.arn("SweepDeadLetters"), "maxReceiveCount": RUNS_OF_A_SWEEP}
    assert queue["RedrivePolicy"] == redrive
    assert STACK.of_type(QUEUE)["SweepDeadLetters"]["FifoQueue"]


def test_hourly_and_daily_orders_are_minutes_apart() -> None:
    """The offsets of time zones are quarter hours, and so are the times of daily sweeps."""
    daily = re.compile(source()["Parameters"]["DailyAt"]["AllowedPattern"])
    minutes = {minute for minute in range(60) if daily.search(f"06:{minute:02}")}
    (hourly,) = re.findall(r"cron\((\d+) \*", STACK.of_type(SCHEDULE)["HourlySchedule"]["ScheduleExpression"])
    assert minutes == {0, 15, 30, 45}
    assert min(abs(int(hourly) - minute) for minute in minutes) >= 7


def test_only_what_people_need_outlives_the_stack() -> None:
    """Dead letters hold events that nothing else has. A queue or log of a failed creation holds nothing."""
    resources = STACK.resources
    kept = {
        name: each.get("DeletionPolicy") for name, each in resources.items() if each["Type"] in (LOG, QUEUE)
    }
    assert kept == {
        **dict.fromkeys(STACK.of_type(LOG), "RetainExceptOnCreate"),
        "DeadLetters": "RetainExceptOnCreate",
        "SweepQueue": "Delete",
        "SweepDeadLetters": "Delete",
    }
    for name in ("DeadLetters", "SweepDeadLetters"):
        assert resources[name]["Properties"]["MessageRetentionPeriod"] == 14 * 24 * 60 * 60
    assert "Retain" not in [each.get("DeletionPolicy") for each in resources.values()]


def test_missed_sweep_is_noticed_in_hours_and_new_stack_is_quiet() -> None:
    """A queue that Lambda reads reports zeros from the first minute. No data means that the stack is new."""
    alarm = STACK.of_type(ALARM)["SweepMissedAlarm"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SQS", "NumberOfMessagesDeleted")
    assert (alarm["Statistic"], alarm["ComparisonOperator"], alarm["Threshold"]) == (
        "Sum",
        "LessThanThreshold",
        1,
    )
    assert alarm["Period"] * alarm["EvaluationPeriods"] == 3 * 60 * 60
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": STACK.physical_name("SweepQueue")}]


def test_alarms_watch_the_stack_and_are_quiet_without_data() -> None:
    queues = ("DeadLetters", "SweepDeadLetters", "SweepQueue")
    known = {STACK.physical_name(name) for name in (*STACK.functions(), *queues)}
    known |= set(STACK.functions().values())
    alarms = STACK.of_type(ALARM).values()
    assert {alarm["AlarmName"].removeprefix(f"{STACK.name}-") for alarm in alarms} == ALARMS
    for alarm in alarms:
        # The subscribers are counted once a day; in between, that alarm keeps its state.
        daily = alarm["AlarmName"].endswith("-alerts-subscribers")
        assert alarm["TreatMissingData"] == ("ignore" if daily else "notBreaching")
        parts = [part["MetricStat"]["Metric"] for part in alarm.get("Metrics", []) if "MetricStat" in part]
        for metric in parts or [alarm]:
            assert metric["Dimensions"]
            assert {dimension["Value"] for dimension in metric["Dimensions"]} <= known, alarm["AlarmName"]


def test_runbook_explains_every_alarm() -> None:
    runbook = (ROOT / "docs" / "RUNBOOK.md").read_text(encoding="utf-8")
    assert [name for name in sorted(ALARMS) if f"`{name}`" not in runbook] == []


def test_version_is_in_an_output_and_on_every_function() -> None:
    (version,) = re.findall(r'^version = "(.+)"$', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)
    assert STACK.outputs["Version"] == version
    for function in STACK.of_type(LAMBDA).values():
        assert {"Key": "version", "Value": version} in function["Tags"]


@pytest.mark.parametrize("stack", [PLAIN.home, PLAIN.elsewhere], ids=["member", "member-region"])
def test_version_is_on_every_role_in_an_account_of_the_organization(stack: ResolvedStack) -> None:
    for role in stack.of_type("AWS::IAM::Role").values():
        assert {"Key": "version", "Value": STACK.outputs["Version"]} in role["Tags"]


def test_outputs_name_what_was_made() -> None:
    assert STACK.outputs["AlertsTopicArn"] == STACK.arn("AlertsTopic")
    assert STACK.outputs["DeadLettersUrl"] == STACK.resolve({"Ref": "DeadLetters"})
    assert STACK.outputs["SweepFunctionName"] == STACK.physical_name("SweepFunction")
    assert STACK.outputs["SweepDeadLettersUrl"] == STACK.resolve({"Ref": "SweepDeadLetters"})
