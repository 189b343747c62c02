"""What the main template makes as the hub of an organization, and what it does not make there."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from .contract import CONTRACT
from .hubs import HUB, HUBS, NEEDED, bus_policy, hub
from .mail_regions import RULES, value
from .members import LONGEST_NAME, MEMBERS, ORGANIZATION
from .resolved_stack import ACCOUNT, ResolvedStack
from .roles import GOVCLOUD, LONG_NAME, STACK, roles
from .templates import MEMBER, ROOT, source, translated
from .test_accepted_values import CHOICES, LIMIT, PARAMETERS, SETTINGS
from .test_translation import TAGGED

RULE, LAMBDA, QUEUE = "AWS::Events::Rule", "AWS::Lambda::Function", "AWS::SQS::Queue"
# The roles of an account that each function may assume. The trust of member.yaml says the same.
ASSUMED = {
    "sign-in": ["contain"],
    "user-lifecycle": ["contain", "release"],
    "mfa-device": ["contain", "release"],
    "guard": ["guard"],
    "sweep": ["review", "contain", "release", "guard"],
}
# What is on the bus of the hub. The others watch over the stack itself.
ON_BUS = {"sign-ins", "users", "devices", "policies", "groups", "tags", "names", "test", "members"}

each_hub = pytest.mark.parametrize("title", HUBS)


def statements(stack: ResolvedStack, role: str) -> Iterator[dict[str, Any]]:
    """What a role may do."""
    for each in roles(stack)[role]["policies"]:
        yield from each["policy"]["Statement"]


def actions(statement: dict[str, Any]) -> list[str]:
    listed = statement["Action"]
    return [listed] if isinstance(listed, str) else listed


def variables(stack: ResolvedStack, function: str = "SweepFunction") -> dict[str, str]:
    found: dict[str, str] = stack.of_type(LAMBDA)[function]["Environment"]["Variables"]
    return found


def test_single_account_has_nothing_of_a_hub() -> None:
    given = {"OrganizationId": ORGANIZATION, "MemberNames": "first second"}
    stack = ResolvedStack(translated(), parameters=given)
    assert (stack.resources, stack.outputs) == (STACK.resources, STACK.outputs)
    assert "rganization" not in json.dumps([list(STACK.resources), STACK.outputs, roles(STACK)])
    assert not {"ORGANIZATION_ID", "MEMBER_NAMES", "ACCOUNT_QUEUE_URL", "SWEEP_QUEUE_URL"} & set(
        variables(STACK)
    )


def test_hub_has_no_quarantine_and_forwards_nothing() -> None:
    made, usual = (
        set(HUB.resources),
        set(ResolvedStack(translated(), parameters={"Evidence": "create"}).resources),
    )
    names = [re.escape(name) for name in usual - made]
    kinds = {HUB.template["Resources"][name]["Type"] for name in usual - made}
    assert len(names) == 12 + 4 + 7
    assert kinds == {
        *("AWS::IAM::ManagedPolicy", "AWS::IAM::Group", "AWS::IAM::Role"),
        "AWS::CloudFormation::StackSet",
    }
    assert made - usual == {
        *("Bus", "BusPolicy", "MembersRule", "MembersPermission", "OrganizationPolicy", "BrakesPolicy"),
        *("AccountQueue", "AccountQueuePolicy", "AccountDeadLetters", "AccountDeadLettersPolicy"),
        *("AccountSource", "AccountDeadLettersAlarm", "AccountQueueAgeAlarm"),
        "AccountsNoLongerCoveredAlarm",
    }
    assert set(usual - made) >= {"ForwardRole", "ForwardStackSet", "ForwardExecutionRole"}
    # Nothing that is made refers to what is not.
    assert not re.search(rf"-({'|'.join(names)})-1ABCDEF2GHIJ", json.dumps([HUB.resources, HUB.outputs]))


@each_hub
def test_functions_do_nothing_in_iam_but_with_the_roles_of_members(title: str) -> None:
    stack = HUBS[title]
    assert {role["function"] for role in roles(stack).values()} == {*ASSUMED, None}
    for name, role in roles(stack).items():
        allowed = [action for each in statements(stack, name) for action in actions(each)]
        services = {action.split(":")[0] for action in allowed}
        assert not services & {"iam", "cloudtrail", "*"}, name
        assert "NotAction" not in json.dumps(role["policies"])
        assumptions = [each for each in statements(stack, name) if "sts" in json.dumps(each["Action"])]
        if role["function"] is None:
            assert assumptions == []
            continue
        (statement,) = assumptions
        members = stack.references["MemberNames"].split(" ")
        assert statement["Action"] == "sts:AssumeRole"
        assert sorted(statement["Resource"]) == sorted(
            f"arn:*:iam::*:role/mfa-enforcer/{member}-{each}" for member in members for each in ASSUMED[name]
        )
        assert statement["Condition"] == {"StringEquals": {"aws:ResourceOrgID": ORGANIZATION}}


@pytest.mark.parametrize("title", MEMBERS)
def test_members_trust_whom_the_hub_lets_assume_their_roles(title: str) -> None:
    member = MEMBERS[title]
    hub_path = f"role{member.parameter('HubRolePath')}{member.parameter('HubStack')}"
    for name, role in member.home.of_type("AWS::IAM::Role").items():
        if name == "ForwardRole":
            continue
        (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
        trusted = {
            arn.split(f"{hub_path}-")[1] for arn in trust["Condition"]["ArnEquals"]["aws:PrincipalArn"]
        }
        end = role["RoleName"].removeprefix(f"{member.parameter('Name')}-")
        assert trusted == {function for function, assumed in ASSUMED.items() if end in assumed}
    # The names of the roles begin with what the hub is told.
    assert source(MEMBER)["Parameters"]["Name"]["Default"] == PARAMETERS["MemberNames"]["Default"]


@each_hub
def test_rules_about_people_are_on_the_bus_without_an_account(title: str) -> None:
    stack = HUBS[title]
    functions = set(map(stack.arn, stack.functions()))
    on_bus = set()
    for name, rule in stack.of_type(RULE).items():
        short = rule["Name"].removeprefix(f"{stack.name}-")
        # No third hop: EventBridge passes no event on that came from another bus.
        assert {target["Arn"] for target in rule["Targets"]} <= functions, name
        if short == "mail":
            # SES reports to the default bus.
            assert "EventBusName" not in rule
        elif short in ON_BUS:
            on_bus.add(short)
            assert rule["EventBusName"] == stack.name
            assert ACCOUNT not in json.dumps(rule["EventPattern"])
            assert not {"account", "recipientAccountId"} & set(keys(rule["EventPattern"]))
        else:
            assert short.startswith("watch-")
            assert "EventBusName" not in rule
            assert ACCOUNT in rule["EventPattern"]["detail"]["recipientAccountId"]
        assert len(json.dumps(rule["EventPattern"], separators=(",", ":"))) < 2048, name
    assert on_bus == ON_BUS


def keys(part: Any) -> Iterator[str]:
    """Every key in a part."""
    if isinstance(part, dict):
        yield from part
    for each in part.values() if isinstance(part, dict) else part if isinstance(part, list) else []:
        yield from keys(each)


@each_hub
def test_bus_takes_events_of_the_organization_and_nothing_else(title: str) -> None:
    stack = HUBS[title]
    (bus,) = stack.of_type("AWS::Events::EventBus").values()
    assert bus["Name"] == stack.name
    assert bus_policy(stack)["Statement"] == [
        {
            "Sid": "OnlyTheOrganizationPutsEvents",
            "Effect": "Allow",
            "Principal": "*",
            "Action": "events:PutEvents",
            "Resource": stack.arn("Bus"),
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}},
        }
    ]
    assert stack.outputs["BusArn"] == stack.arn("Bus")


@each_hub
def test_each_rule_may_invoke_its_function_and_leave_what_failed(title: str) -> None:
    stack = HUBS[title]
    rules = stack.of_type(RULE)
    allowed = {
        (each["SourceArn"], each["FunctionName"])
        for each in stack.of_type("AWS::Lambda::Permission").values()
    }
    targets = {
        (stack.arn(name), target["Arn"].rpartition(":")[2])
        for name, rule in rules.items()
        for target in rule["Targets"]
    }
    assert allowed == targets
    (sending, _) = stack.resources["DeadLettersPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert sorted(sending["Condition"]["ArnEquals"]["aws:SourceArn"]) == sorted(map(stack.arn, rules))


def test_account_is_swept_by_one_message() -> None:
    """One that fails holds up no other, and is not lost."""
    queue, function = HUB.of_type(QUEUE)["AccountQueue"], HUB.of_type(LAMBDA)["SweepFunction"]
    assert queue["VisibilityTimeout"] > function["Timeout"]
    redrive = queue["RedrivePolicy"]
    assert redrive["deadLetterTargetArn"] == HUB.arn("AccountDeadLetters")
    # What is in flight does not expire before it has come back as often as it may.
    assert queue["VisibilityTimeout"] * (redrive["maxReceiveCount"] + 1) < queue["MessageRetentionPeriod"]
    assert HUB.of_type(QUEUE)["AccountDeadLetters"]["MessageRetentionPeriod"] == 14 * 24 * 60 * 60
    # Each account is a group of its own, so that no two sweeps of one run at once.
    assert all(HUB.of_type(QUEUE)[name]["FifoQueue"] for name in ("AccountQueue", "AccountDeadLetters"))
    assert HUB.of_type("AWS::Lambda::EventSourceMapping")["AccountSource"] == {
        "EventSourceArn": HUB.arn("AccountQueue"),
        "FunctionName": HUB.physical_name("SweepFunction"),
        "BatchSize": 1,
        "ScalingConfig": {"MaximumConcurrency": 5},
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "Tags": [{"Key": "application", "Value": "mfa-enforcer"}],
    }
    assert HUB.outputs["AccountDeadLettersUrl"] == HUB.resolve({"Ref": "AccountDeadLetters"})


@pytest.mark.parametrize(
    ("alarm", "queue", "metric"),
    [
        ("AccountDeadLettersAlarm", "AccountDeadLetters", "ApproximateNumberOfMessagesVisible"),
        ("AccountQueueAgeAlarm", "AccountQueue", "ApproximateAgeOfOldestMessage"),
    ],
)
def test_queue_of_accounts_has_an_alarm(alarm: str, queue: str, metric: str) -> None:
    made = HUB.of_type("AWS::CloudWatch::Alarm")[alarm]
    assert made["MetricName"] == metric
    assert made["Dimensions"] == [{"Name": "QueueName", "Value": HUB.physical_name(queue)}]


@pytest.mark.parametrize(
    "alarm", sorted({*HUB.of_type("AWS::CloudWatch::Alarm")} - {*STACK.of_type("AWS::CloudWatch::Alarm")})
)
def test_alarm_of_a_hub_alone_is_told_and_in_the_runbook(alarm: str) -> None:
    made = HUB.of_type("AWS::CloudWatch::Alarm")[alarm]
    assert made["AlarmActions"] == made["OKActions"] == [HUB.resolve({"Ref": "AlertsTopic"})]
    runbook = (ROOT / "docs" / "RUNBOOK.md").read_text(encoding="utf-8")
    assert f"`{made['AlarmName'].removeprefix(f'{HUB.name}-')}`" in runbook
    (section,) = re.findall(r"See the runbook, (.*)\.$", made["AlarmDescription"])
    assert f"\n## {section}\n" in runbook


def test_account_that_waits_raises_the_alarm_before_its_message_expires() -> None:
    """And not before one that fails has come back as often as it may."""
    queue = HUB.of_type(QUEUE)["AccountQueue"]
    threshold = HUB.of_type("AWS::CloudWatch::Alarm")["AccountQueueAgeAlarm"]["Threshold"]
    attempts = queue["VisibilityTimeout"] * queue["RedrivePolicy"]["maxReceiveCount"]
    assert attempts < threshold <= queue["MessageRetentionPeriod"] / 2


def test_dashboard_shows_the_queues_and_alarms_of_the_hub() -> None:
    (dashboard,) = HUB.of_type("AWS::CloudWatch::Dashboard").values()
    widgets = json.loads(dashboard["DashboardBody"])["widgets"]
    (alarms,) = [each["properties"]["alarms"] for each in widgets if each["type"] == "alarm"]
    assert sorted(alarms) == sorted(map(HUB.arn, HUB.of_type("AWS::CloudWatch::Alarm")))
    graphs = {each["properties"]["title"]: each for each in widgets if each["type"] == "metric"}
    lines = [line[:-1] for line in graphs["Dead letters"]["properties"]["metrics"]]
    assert lines[-2:] == [
        ["AWS/SQS", metric, "QueueName", HUB.physical_name(queue)]
        for queue, metric in (
            ("AccountDeadLetters", "ApproximateNumberOfMessagesVisible"),
            ("AccountQueue", "ApproximateAgeOfOldestMessage"),
        )
    ]
    shown = [line[:-1] for line in graphs["At the last sweep"]["properties"]["metrics"]]
    of_hub = [each["name"] for each in CONTRACT["metrics"] if each["of_hub"]]
    assert shown[-3:] == [["MfaEnforcer", name, "Function", "sweep"] for name in of_hub]


def test_account_that_is_no_longer_covered_raises_an_alarm_until_the_next_digest() -> None:
    made = HUB.of_type("AWS::CloudWatch::Alarm")["AccountsNoLongerCoveredAlarm"]
    metric = {"name": "AccountsNoLongerCovered", "unit": "Count", "dimension": None, "of_hub": True}
    assert metric in CONTRACT["metrics"]
    assert (made["Namespace"], made["MetricName"]) == ("MfaEnforcer", metric["name"])
    assert made["Dimensions"] == [{"Name": "Function", "Value": "sweep"}]
    assert (made["Statistic"], made["Threshold"]) == ("Maximum", 1)
    assert made["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    # The metric comes once a day.
    assert made["TreatMissingData"] == "ignore"


@pytest.mark.parametrize("accounts", ["2", "100"])
def test_so_many_accounts_are_swept_at_once_as_is_said(accounts: str) -> None:
    source = hub(AccountsAtOnce=accounts).of_type("AWS::Lambda::EventSourceMapping")["AccountSource"]
    # Lambda takes no less than 2, and no more than 1,000.
    assert str(source["ScalingConfig"]["MaximumConcurrency"]) == accounts
    limits = PARAMETERS["AccountsAtOnce"]
    assert (limits["MinValue"], limits["MaxValue"]) == (2, 100)


def test_functions_know_that_they_are_of_a_hub() -> None:
    # By the stack's name, these would be policies and groups of the hub's own account.
    assert not {"QUARANTINE_POLICY_ARN", "QUARANTINE_GROUP_NAME", "SPARE_POLICY_ARN"} & set(variables(HUB))
    for name in HUB.functions():
        found = variables(HUB, name)
        assert (found["ORGANIZATION_ID"], found["MEMBER_NAMES"]) == (ORGANIZATION, "mfa-enforcer-member")
        assert found["EVIDENCE_BUCKET"] == HUB.physical_name("EvidenceBucket")
        # Only the sweep orders others.
        queue = HUB.resolve({"Ref": "AccountQueue"}) if name == "SweepFunction" else None
        assert found.get("ACCOUNT_QUEUE_URL") == queue
        assert found["SWEEP_QUEUE_URL"] == HUB.resolve({"Ref": "SweepQueue"})


def test_longest_values_together_fit_a_function() -> None:
    wide = {"OrganizationName", "AccountName", "Contact"}
    longest = {
        name: ("\u20ac" if name in wide else "x") * PARAMETERS[name]["MaxLength"]
        for name in {*SETTINGS, "OrganizationId", "MemberNames"} - {"EvidenceAccount"}
    }
    address = "x" * (PARAMETERS["MailFrom"]["MaxLength"] - 55) + "@example.com"
    longest["MailFrom"] = "\u20ac" * 40 + f" <{address}>"
    choices = {name: max(PARAMETERS[name]["AllowedValues"], key=len) for name in CHOICES}
    found = variables(hub(LONG_NAME, GOVCLOUD, **longest | choices))
    assert {"ORGANIZATION_ID", "ACCOUNT_QUEUE_URL"} <= set(found)
    assert len(json.dumps(found, separators=(",", ":"), ensure_ascii=False).encode()) <= LIMIT


@each_hub
def test_policies_fit_the_quotas_of_iam(title: str) -> None:
    def size(document: dict[str, Any]) -> int:
        return len(json.dumps(document, separators=(",", ":")))

    stack = HUBS[title]
    for name, each in stack.of_type("AWS::IAM::ManagedPolicy").items():
        assert each["PolicyDocument"]["Statement"], name
        assert size(each["PolicyDocument"]) <= 6144, name
    for name, role in stack.of_type("AWS::IAM::Role").items():
        assert sum(size(policy["PolicyDocument"]) for policy in role["Policies"]) <= 10240, name
        assert len(role.get("ManagedPolicyArns", [])) <= 10, name


def test_longest_names_of_members_fit_a_role() -> None:
    names = f"{LONGEST_NAME} {LONGEST_NAME} {LONGEST_NAME}"
    assert len(names) == PARAMETERS["MemberNames"]["MaxLength"]
    assert re.search(PARAMETERS["MemberNames"]["AllowedPattern"], names)
    stack = hub(LONG_NAME, GOVCLOUD, MemberNames=names, Evidence="x" * 63)
    for role in stack.of_type("AWS::IAM::Role").values():
        whole = [json.dumps(each["PolicyDocument"], separators=(",", ":")) for each in role["Policies"]]
        assert sum(map(len, whole)) <= 10240


def test_every_resource_that_takes_tags_has_ours() -> None:
    tag = {"Key": "application", "Value": "mfa-enforcer"}
    kinds = {*TAGGED, "AWS::Events::EventBus", "AWS::Lambda::EventSourceMapping", "AWS::S3::Bucket"}
    added = set(HUB.resources) - set(STACK.resources)
    tagged = {name for name in added if HUB.resources[name]["Type"] in kinds}
    assert tagged == {"Bus", "AccountQueue", "AccountDeadLetters", "AccountSource", "EvidenceBucket"}
    assert all(tag in HUB.resources[name]["Properties"]["Tags"] for name in tagged)


def test_settings_and_notes_of_a_hub_do_not_expire() -> None:
    """The evidence does, and so does what only the next runs need."""
    rules = HUB.of_type("AWS::S3::Bucket")["EvidenceBucket"]["LifecycleConfiguration"]["Rules"]
    expiring = {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule}
    assert expiring == {"evidence/": 731, "organization/runs/": 30, "organization/brakes/": 30}
    older = [rule["Prefix"] for rule in rules if "NoncurrentVersionExpiration" in rule]
    # Earlier settings are there for when the newest cannot be read.
    assert not [prefix for prefix in older if "organization/settings.yaml".startswith(prefix)]
    assert set(older) == {*expiring, "organization/ledger/", "organization/tree.json"}
    assert [rule["Id"] for rule in rules if "Prefix" not in rule] == ["markers"]
    usual = ResolvedStack(translated(), parameters={"Evidence": "create"}).of_type("AWS::S3::Bucket")
    assert not [
        rule for rule in usual["EvidenceBucket"]["LifecycleConfiguration"]["Rules"] if "Prefix" in rule
    ]


def refusals(**parameters: str) -> list[str]:
    """What CloudFormation would say of these parameters."""
    names = {name: str(each.get("Default", "")) for name, each in PARAMETERS.items()} | parameters
    names["AWS::Region"] = "us-east-1"
    return [
        assertion["AssertDescription"]
        for rule in RULES.values()
        if value(rule.get("RuleCondition", True), names)
        for assertion in rule["Assertions"]
        if not value(assertion["Assert"], names)
    ]


def test_hub_without_an_organization_or_a_bucket_is_refused() -> None:
    assert refusals() == refusals(**NEEDED) == refusals(**NEEDED | {"Evidence": "an-own-bucket"}) == []
    (no_organization,) = refusals(Hub="yes", Evidence="create")
    (no_bucket,) = refusals(Hub="yes", OrganizationId=ORGANIZATION)
    assert "OrganizationId" in no_organization
    assert "Evidence" in no_bucket


def test_evidence_elsewhere_needs_a_bucket_with_a_name_and_no_hub() -> None:
    elsewhere = {"EvidenceAccount": ACCOUNT}
    assert refusals(Evidence="hub-evidence", **elsewhere) == []
    for evidence in ("none", "create"):
        (refused,) = refusals(Evidence=evidence, **elsewhere)
        assert "Set Evidence to the bucket's name" in refused
    (in_hub,) = refusals(**NEEDED | {"Evidence": "an-own-bucket"} | elsewhere)
    assert "Leave EvidenceAccount empty" in in_hub


def test_evidence_from_elsewhere_needs_a_bucket_that_the_hub_makes() -> None:
    given = {"EvidenceFrom": "111122223333"}
    assert refusals(**NEEDED | given) == []
    (own_bucket,) = refusals(**NEEDED | {"Evidence": "an-own-bucket"} | given)
    assert "Give a bucket of your own its policy yourself" in own_bucket


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("OrganizationId", ["", "o-a1b2c3d4e5"], ["*", "o-A1B2C3D4E5", "o-a1b2c3d4e5/r-1", "o-*", "o-short"]),
        ("MemberNames", ["a", f"first {LONGEST_NAME}"], ["", "*", "a*", "a/b", "a,b", "a  b", " a", "a "]),
    ],
)
def test_value_is_checked(name: str, good: list[str], bad: list[str]) -> None:
    pattern = PARAMETERS[name]["AllowedPattern"]
    assert [each for each in good if not re.search(pattern, each)] == []
    assert [each for each in bad if re.search(pattern, each)] == []
