"""Each parameter changes what depends on it, and nothing else."""

from collections.abc import Iterator
from typing import Any

import pytest

from . import evidence, quarantines
from .resolved_stack import ACCOUNT, ResolvedStack
from .roles import STACK
from .templates import MAIL, MAIN, source, translated

FUNCTIONS = ("SignIn", "UserLifecycle", "MfaDevice", "Guard", "Sweep")
BODY = STACK.resources["Dashboard"]["Properties"]["DashboardBody"]
WITH_LINKS = BODY.replace("docs/RUNBOOK.md", "https://example.com")
VARIABLES = STACK.of_type("AWS::Lambda::Function")["SweepFunction"]["Environment"]["Variables"]
GROUP = f"{STACK.name}-quarantine"
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/{GROUP}"
STATEMENTS = STACK.resources["ReadAndNotifyPolicy"]["Properties"]["PolicyDocument"]["Statement"]
BREAK_GLASS = {
    "Sid": "AttachNothingToBreakGlassUsers",
    "Effect": "Deny",
    "Action": "iam:AttachUserPolicy",
    "Resource": f"arn:aws:iam::{ACCOUNT}:user/emergency/*",
}
FORMER = f"arn:aws:iam::{ACCOUNT}:policy/old,arn:aws:iam::{ACCOUNT}:policy/older"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
RELEASED = STACK.resources["ReleasePolicy"]["Properties"]["PolicyDocument"]["Statement"][0]["Condition"][
    "ArnEquals"
]["iam:PolicyARN"]
GROUPS = [STACK.arn(name) for name in quarantines.GROUPS]
FORMER_GROUPS = [f"arn:*:iam::*:group/{name}" for name in ("old", "older")]
OTHER_BUS = f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/security"
ROLES = list(STACK.of_type("AWS::IAM::Role"))
REGIONS = STACK.resources["ForwardStackSet"]["Properties"]["StackInstancesGroup"][0]["Regions"]
SUBSCRIPTION = {"TopicArn": STACK.arn("AlertsTopic"), "Protocol": "email", "Endpoint": "it@example.com"}


def of_functions(path: str, value: Any) -> dict[str, Any]:
    """The same change for each function, or for another resource of each."""
    return {f"{function}{path}": value for function in FUNCTIONS}


REVIEW = STACK.resources["ReviewPolicy"]["Properties"]["PolicyDocument"]["Statement"]
RULES = STACK.resources["DeadLettersPolicy"]["Properties"]["PolicyDocument"]["Statement"][0]["Condition"][
    "ArnEquals"
]["aws:SourceArn"]
# Where the permission to send mail stands, if there is one.
SENDING = [statement["Sid"] for statement in STATEMENTS].index("EncryptForAdmins")


def sending(
    address: str, recipients: list[str], region: str = "us-east-1", *, here: bool = True
) -> dict[str, Any]:
    """The permission to send mail from this address to these."""
    ses = f"arn:aws:ses:{region}:{ACCOUNT}"
    identities = [f"{ses}:identity/{address.split('@')[1]}", f"{ses}:identity/{address}"]
    return {
        "Sid": "SendMailToUsers",
        "Effect": "Allow",
        "Action": "ses:SendEmail",
        "Resource": identities + [f"{ses}:configuration-set/{STACK.name}-mail"] * here,
        "Condition": {
            "StringEquals": {"ses:FromAddress": address},
            "ForAllValues:StringLike": {"ses:Recipients": recipients},
            "Null": {"ses:Recipients": "false"},
        },
    }


def properties(**parameters: str) -> dict[str, Any]:
    """The properties of each resource."""
    stack = ResolvedStack(translated(MAIN), parameters=parameters)
    return {name: each["Properties"] for name, each in stack.resources.items()}


MAILING = properties(MailFrom="mfa@example.com")


def variable(name: str, value: str) -> dict[str, Any]:
    return of_functions(f"Function.Environment.Variables.{name}", value)


def with_role_path(path: str) -> dict[str, Any]:
    """The path of each role, and whatever names a role by its ARN."""
    pathless = "ForwardExecutionRole"
    own = {
        STACK.arn(role): STACK.arn(role).replace(":role/", f":role{path}")
        for role in ROLES
        if role != pathless
    }
    paths = {f"{role}.Path": path for role in ROLES if role != pathless}
    return paths | {
        where: own[value]
        for name, each in STACK.resources.items()
        for where, value in leaves(each["Properties"], name)
        if value in own
    }


def leaves(part: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The values in a resolved part, each with its path."""
    if isinstance(part, dict | list):
        for key, value in part.items() if isinstance(part, dict) else enumerate(part):
            yield from leaves(value, f"{path}.{key}")
    else:
        yield path, part


# By parameter: another value, and everything that it changes, by path, with the new value, or none.
CHANGES: dict[str, tuple[str, dict[str, Any]]] = {
    "Mode": ("enforce", variable("MODE", "enforce")),
    "GracePeriod": ("36h", variable("GRACE_PERIOD", "36h")),
    "EnforceFrom": ("2026-12-01", variable("ENFORCE_FROM", "2026-12-01")),
    # The names of policies and groups follow from it in the code.
    "QuarantineScope": ("everything", variable("QUARANTINE_SCOPE", "everything")),
    "Release": (
        "approval",
        {
            **variable("RELEASE", "approval"),
            # Only then may anybody be put under a strict policy.
            "ContainPolicy.PolicyDocument.Statement.0.Condition.ArnEquals.iam:PolicyARN": [
                f"{POLICY}-{name}{ending}"
                for names in (("console", "everything"), ("strict-console", "strict-everything"))
                for ending in ("", "-spare")
                for name in names
            ],
            "ContainPolicy.PolicyDocument.Statement.1.Resource": GROUPS,
        },
    ),
    "ReleaseAfter": ("0s", variable("RELEASE_AFTER", "0s")),
    "MaxQuarantines": ("0", variable("MAX_QUARANTINES", "0")),
    "AdminCopies": ("important", variable("ADMIN_COPIES", "important")),
    "AdminEmail": ("it@example.com", {"AdminSubscription": SUBSCRIPTION}),
    "ContactTagKey": ("mail", variable("CONTACT_TAG_KEY", "mail")),
    "RemindBefore": ("2d", variable("REMIND_BEFORE", "2d")),
    "Digest": ("weekly:mon", variable("DIGEST", "weekly:mon")),
    "BreakGlassPath": (
        "/emergency/",
        {
            **variable("BREAK_GLASS_PATH", "/emergency/"),
            "ReadAndNotifyPolicy.PolicyDocument.Statement": [*STATEMENTS[:-1], BREAK_GLASS, STATEMENTS[-1]],
        },
    ),
    "ExemptPaths": ("/robots/ /eu/", variable("EXEMPT_PATHS", "/robots/ /eu/")),
    "ExemptUsers": ("grace pilot", variable("EXEMPT_USERS", "grace pilot")),
    "DailyAt": ("17:45", {"DailySchedule.ScheduleExpression": "cron(45 17 * * ? *)"}),
    "MailFrom": (
        "mfa@example.com",
        {
            **variable("MAIL_FROM", "mfa@example.com"),
            **variable("MAIL_CONFIGURATION_SET", "stack"),
            "ReadAndNotifyPolicy.PolicyDocument.Statement": [
                *STATEMENTS[:SENDING],
                sending("mfa@example.com", ["*@example.com"]),
                *STATEMENTS[SENDING:],
            ],
            "ReviewPolicy.PolicyDocument.Statement": [
                *REVIEW[:-1],
                {
                    "Sid": "SeeWhetherSesSends",
                    "Effect": "Allow",
                    "Action": "ses:GetAccount",
                    "Resource": "*",
                },
                {
                    "Sid": "SeeWhetherTheSenderIsVerified",
                    "Effect": "Allow",
                    "Action": "ses:GetEmailIdentity",
                    "Resource": sending("mfa@example.com", [], here=False)["Resource"],
                },
                REVIEW[-1],
            ],
            **{name: MAILING[name] for name in ("MailRule", "MailPermission", "MailNotePolicy")},
            "DeadLettersPolicy.PolicyDocument.Statement.0.Condition.ArnEquals.aws:SourceArn": [
                *RULES,
                f"arn:aws:events:us-east-1:{ACCOUNT}:rule/{STACK.name}-mail",
            ],
            "UserLifecycleRole.ManagedPolicyArns": MAILING["UserLifecycleRole"]["ManagedPolicyArns"],
            "MailStack": {
                "TemplateURL": "https://artifacts.s3.amazonaws.com/mail.yaml",
                "Parameters": {"Name": f"{STACK.name}-mail"},
                "Tags": [{"Key": "application", "Value": "mfa-enforcer"}],
            },
        },
    ),
    "MailReplyTo": ("help@example.com", variable("MAIL_REPLY_TO", "help@example.com")),
    # Only with an address do they change a role.
    "MailDomains": ("example.org", variable("MAIL_DOMAINS", "example.org")),
    "DigestTo": ("security@example.com", variable("DIGEST_TO", "security@example.com")),
    "MailRegion": ("eu-west-1", variable("MAIL_REGION", "eu-west-1")),
    "OrganizationName": ("Example", variable("ORGANIZATION_NAME", "Example")),
    "AccountName": ("Production", variable("ACCOUNT_NAME", "Production")),
    "Contact": ("help@example.com", variable("CONTACT", "help@example.com")),
    "HelpUrl": ("https://example.com/mfa", variable("HELP_URL", "https://example.com/mfa")),
    "RecommendedDevice": ("passkey", variable("RECOMMENDED_DEVICE", "passkey")),
    "NoticeLinks": ("none", variable("NOTICE_LINKS", "none")),
    "TimeZone": (
        "Asia/Tokyo",
        {"DailySchedule.ScheduleExpressionTimezone": "Asia/Tokyo", **variable("TIME_ZONE", "Asia/Tokyo")},
    ),
    "SignInRegions": (
        "",
        {f"Forward{name}": None for name in ("StackSet", "AdministrationRole", "ExecutionRole")},
    ),
    "OptInRegions": (
        "eu-south-1,ap-east-2",
        {
            "ForwardStackSet.StackInstancesGroup.0.Regions": [*REGIONS, "eu-south-1", "ap-east-2"],
            "ForwardAdministrationRole.AssumeRolePolicyDocument.Statement.0.Principal.Service": [
                "cloudformation.amazonaws.com",
                "cloudformation.eu-south-1.amazonaws.com",
                "cloudformation.ap-east-2.amazonaws.com",
            ],
        },
    ),
    "PermissionsBoundary": (BOUNDARY, {f"{role}.PermissionsBoundary": BOUNDARY for role in ROLES}),
    "RolePath": ("/security/", with_role_path("/security/")),
    "FormerPolicyArns": (
        FORMER,
        {
            **variable("QUARANTINE_POLICY_ARN", f"{VARIABLES['QUARANTINE_POLICY_ARN']},{FORMER}"),
            "ReleasePolicy.PolicyDocument.Statement.0.Condition.ArnEquals.iam:PolicyARN": [
                *RELEASED,
                *FORMER.split(","),
            ],
            "GuardFunctionPolicies.EventPattern.detail.requestParameters.$or.1.policyArn": FORMER.split(","),
        },
    ),
    "FormerGroupNames": (
        "old older",
        {
            **variable("QUARANTINE_GROUP_NAME", f"{VARIABLES['QUARANTINE_GROUP_NAME']} old older"),
            "ReleasePolicy.PolicyDocument.Statement.1.Resource": GROUPS + FORMER_GROUPS,
            "RestorePolicy.PolicyDocument.Statement.2.Resource": GROUPS + FORMER_GROUPS,
            "GuardFunctionGroups.EventPattern.detail.requestParameters.$or.1.groupName": ["old", "older"],
        },
    ),
    "Evidence": ("an-own-bucket", evidence.in_bucket("an-own-bucket")),
    # These need `create`: see test_evidence.py.
    "EvidenceDays": ("90", {}),
    "EvidenceLockDays": ("90", {}),
    # With the name of a bucket it also changes who owns that bucket in the policies: see test_evidence.py.
    "EvidenceAccount": ("999988887777", variable("EVIDENCE_ACCOUNT", "999988887777")),
    "EvidenceKeyArn": (f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd", {}),
    "ReviewPeriod": ("quarter", variable("REVIEW_PERIOD", "quarter")),
    "OutputBusArn": (
        OTHER_BUS,
        {
            **variable("OUTPUT_BUS_ARN", OTHER_BUS),
            "ReadAndNotifyPolicy.PolicyDocument.Statement.4.Resource": OTHER_BUS,
        },
    ),
    "ReserveConcurrency": (
        "yes",
        {
            f"{function}Function.ReservedConcurrentExecutions": 5
            for function in FUNCTIONS
            if function != "Sweep"
        },
    ),
    "LogRetentionDays": ("365", of_functions("Logs.RetentionInDays", 365)),
    # These need `Hub`: see test_hub.py, which has what that changes as well.
    "OrganizationId": ("o-a1b2c3d4e5", {}),
    "MemberNames": ("first second", {}),
    "AccountsAtOnce": ("20", {}),
    "EvidenceFrom": ("111122223333", {}),
    "RunbookUrl": (
        "https://example.com",
        {"Dashboard.DashboardBody": WITH_LINKS, **variable("RUNBOOK_URL", "https://example.com")},
    ),
}


def differences(left: Any, right: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Where two resolved parts differ, and what the second has there."""
    if isinstance(left, dict) and isinstance(right, dict):
        for key in left.keys() | right.keys():
            yield from differences(left.get(key), right.get(key), f"{path}.{key}")
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for index, (one, other) in enumerate(zip(left, right, strict=True)):
            yield from differences(one, other, f"{path}.{index}")
    elif left != right:
        yield path.removeprefix("."), right


def test_every_parameter_is_tried() -> None:
    assert {*CHANGES, "Hub"} == set(source(MAIN)["Parameters"])


@pytest.mark.parametrize("parameter", CHANGES)
def test_parameter_changes_what_depends_on_it(parameter: str) -> None:
    value, changed = CHANGES[parameter]
    assert dict(differences(properties(), properties(**{parameter: value}))) == changed


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        (
            {"MailFrom": "M\u00fcller <MFA@it.example.com>", "MailDomains": "example.com,example.org"},
            sending("MFA@it.example.com", ["*@example.com", "*@example.org"]),
        ),
        (
            {"MailFrom": "mfa@example.com", "MailRegion": "eu-west-1"},
            sending("mfa@example.com", ["*@example.com"], "eu-west-1", here=False),
        ),
    ],
)
def test_role_may_send_from_the_one_address_to_the_domains(
    parameters: dict[str, str], expected: dict[str, Any]
) -> None:
    made = properties(**parameters)
    assert made["ReadAndNotifyPolicy"]["PolicyDocument"]["Statement"][SENDING] == expected
    assert ("MailStack" in made) == ("MailRegion" not in parameters)


def test_no_statement_is_about_mail_without_an_address() -> None:
    assert "ses:" not in str(
        [each for each in STACK.resources.values() if each["Type"].startswith("AWS::IAM")]
    )


def test_bounces_of_the_configuration_set_come_to_the_default_bus() -> None:
    stack = ResolvedStack(translated(MAIL), parameters={"Name": f"{STACK.name}-mail"})
    destination = stack.resources["Events"]["Properties"]
    assert destination["ConfigurationSetName"] == f"{STACK.name}-mail"
    assert destination["EventDestination"] == {
        "Name": "event-bus",
        "Enabled": True,
        "MatchingEventTypes": ["bounce", "complaint"],
        "EventBridgeDestination": {"EventBusArn": f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default"},
    }


def test_bounces_of_the_stack_reach_the_function_that_notes_them() -> None:
    rule, permission = MAILING["MailRule"], MAILING["MailPermission"]
    function = STACK.arn("UserLifecycleFunction")
    (target,) = rule["Targets"]
    assert (target["Arn"], target["DeadLetterConfig"]) == (function, {"Arn": STACK.arn("DeadLetters")})
    assert permission["FunctionName"] == STACK.physical_name("UserLifecycleFunction")
    assert permission["SourceArn"].endswith(f":rule/{STACK.name}-mail")
    assert rule["EventPattern"] == {
        "source": ["aws.ses"],
        "detail-type": ["Email Bounced", "Email Complaint Received"],
        "detail": {"mail": {"tags": {"ses:configuration-set": [f"{STACK.name}-mail"]}}},
    }
    (added,) = set(MAILING["UserLifecycleRole"]["ManagedPolicyArns"]) - set(
        STACK.resources["UserLifecycleRole"]["Properties"]["ManagedPolicyArns"]
    )
    assert "MailNotePolicy" in added


def test_main_template_names_nothing_of_ses() -> None:
    """CloudFormation would refuse it in China, whatever the conditions say."""
    kinds = {each["Type"] for each in translated(MAIN)["Resources"].values()}
    assert not [kind for kind in kinds if kind.startswith("AWS::SES::")]
