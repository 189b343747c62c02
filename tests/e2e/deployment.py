"""What a deployment gives the functions: the stack of the template, their roles, and their environment.

Names, ARNs, settings and policies are those of the template, in force from the first day. The functions know
nothing of the emulator but its address, in `AWS_ENDPOINT_URL`.
"""

import json
import os
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from tests.stack import resolved_stack, roles
from tests.stack.resolved_stack import Location, ResolvedStack
from tests.stack.templates import translated

ROOT = Path(__file__).resolve().parents[2]
EVENTS = ROOT / "events"
NOTICE_SCHEMA = ROOT / "docs" / "notice.schema.json"
DIGEST_SCHEMA = ROOT / "docs" / "digest.schema.json"
CONTRACT: dict[str, Any] = json.loads((ROOT / "contract" / "contract.json").read_text(encoding="utf-8"))

ACCOUNT = resolved_stack.ACCOUNT
# Where the stack can be, and what the console is called there. SES, by which scenarios send, is in both.
_PLACES: dict[str, tuple[Location, dict[str, str]]] = {
    "aws": (Location(), {}),
    "aws-us-gov": (
        roles.GOVCLOUD,
        {
            "signin.aws.amazon.com": "signin.amazonaws-us-gov.com",
            "console.aws.amazon.com": "console.amazonaws-us-gov.com",
        },
    ),
}
PARTITION = os.environ.get("PARTITION", "aws")
LOCATION, _HOSTS = _PLACES[PARTITION]


def there(text: str) -> str:
    """A text about a stack in the partition `aws`, as if about one in the partition of the tests."""
    here = Location()
    names = {f"arn:{here.partition}:": f"arn:{LOCATION.partition}:", here.region: LOCATION.region, **_HOSTS}
    for name, other in names.items():
        text = text.replace(name, other)
    return text


def _stack(**parameters: str) -> ResolvedStack:
    given = {"Mode": "enforce", "BreakGlassPath": "/break-glass/", **parameters}
    return ResolvedStack(translated(), "mfa-enforcer", LOCATION, given)


STACK = _stack()
REGION = STACK.location.region
FUNCTIONS: tuple[str, ...] = tuple(CONTRACT["functions"])


def policy(name: str) -> dict[str, Any]:
    """A policy for people, in policies/."""
    document: dict[str, Any] = json.loads((ROOT / "policies" / f"{name}.json").read_text(encoding="utf-8"))
    return document


@dataclass(frozen=True)
class Deployment:
    """What a stack makes of its parameters, by function. Names and ARNs are the same with any."""

    variables: dict[str, dict[str, str]]
    policies: dict[str, list[dict[str, Any]]]

    @classmethod
    def of(cls, stack: ResolvedStack) -> "Deployment":
        lambdas = stack.of_type("AWS::Lambda::Function")
        return cls(
            variables={
                binary: lambdas[name]["Environment"]["Variables"]
                for name, binary in stack.functions().items()
            },
            policies={
                each["function"]: [policy["policy"] for policy in each["policies"]]
                for each in roles.roles(stack).values()
                if each["function"]
            }
            | {
                name: [policy(name)]
                for name in ("plan", "doctor", "operate", "redrive", "notify", "review", "org-import")
            }
            | {"doctor-live": [policy("doctor"), policy("doctor-live")]}
            | {"redrive-organization": [policy("redrive"), policy("redrive-organization")]}
            | {"operate-organization": [policy("operate"), policy("operate-organization")]}
            | {
                "organization": [policy("plan"), policy("organization")],
                "doctor-organization": [policy("organization"), policy("doctor-organization")],
            },
        )


@cache
def deployed(*parameters: tuple[str, str]) -> Deployment:
    """The deployment with these parameters instead of the template's own."""
    return Deployment.of(_stack(**dict(parameters)))


DEFAULT = deployed()
# A setting that the template does not name has its default, as in AWS. The functions share most of them.
SETTINGS: dict[str, str] = {
    setting["name"]: setting["default"] for setting in CONTRACT["settings"] if setting["default"] is not None
} | DEFAULT.variables["sweep"]

# What the enforcer attaches, and what it recognises besides, in words.
QUARANTINES = {
    (STACK.physical_name(name) if name.endswith("Group") else STACK.arn(name)): words
    for name, words in (
        ("ConsoleQuarantinePolicy", "policy"),
        ("QuarantineGroup", "group"),
        ("EverythingQuarantinePolicy", "everything policy"),
        ("EverythingQuarantineGroup", "everything group"),
        ("StrictConsoleQuarantinePolicy", "strict policy"),
        ("StrictConsoleQuarantineGroup", "strict group"),
        ("StrictEverythingQuarantinePolicy", "strict everything policy"),
        ("StrictEverythingQuarantineGroup", "strict everything group"),
        ("ConsoleQuarantinePolicySpare", "spare policy"),
        ("EverythingQuarantinePolicySpare", "spare everything policy"),
        ("StrictConsoleQuarantinePolicySpare", "spare strict policy"),
        ("StrictEverythingQuarantinePolicySpare", "spare strict everything policy"),
    )
}
POLICY_ARN: str = there(CONTRACT["quarantines"][SETTINGS["QUARANTINE_SCOPE"]]["policy"])
GROUP_NAME: str = CONTRACT["quarantines"][SETTINGS["QUARANTINE_SCOPE"]]["group"]
# With the parameter Release=approval.
STRICT_POLICY_ARN = STACK.arn("StrictConsoleQuarantinePolicy")
ALERTS_TOPIC_ARN = SETTINGS["ALERTS_TOPIC_ARN"]
USER_TOPIC_PREFIX = SETTINGS["USER_TOPIC_PREFIX"]
GRACE_PERIOD = timedelta(days=int(SETTINGS["GRACE_PERIOD"].removesuffix("d")))

_TAGS: dict[str, str] = {tag["name"]: tag["key"] for tag in CONTRACT["tags"]}
QUARANTINED_TAG, NOTIFIED_TAG = _TAGS["quarantined"], _TAGS["notified"]
APPROVED_TAG = _TAGS["approved"]
EXEMPT_TAG, ROOT_LEDGER_TAG = _TAGS["exempt-until"], _TAGS["root-notified"]

# The key of an administrator, and a secret: both are AWS's own samples.
ADMIN_KEY = "AKIAI44QH8DHBEXAMPLE"
SECRET = "sample-secret-that-signs-nothing"


@dataclass(frozen=True)
class Role:
    """The role of a function. A signature names the access key, and so which function calls."""

    function: str
    arn: str
    access_key: str

    @property
    def name(self) -> str:
        return self.arn.rpartition("/")[2]

    @property
    def session(self) -> str:
        """The ARN of the session, which Lambda names after the function."""
        return f"arn:{STACK.location.partition}:sts::{ACCOUNT}:assumed-role/{self.name}/{self.function}"


# By access key: `ASIA`, and sixteen letters and digits.
ROLES = {
    role.access_key: role
    for role in (
        Role(
            function=each["function"],
            arn=each["arn"],
            access_key=f"ASIA{each['function'].upper().replace('-', ''):X<9.9}EXAMPLE",
        )
        for each in roles.roles(STACK).values()
        if each["function"]
    )
}
# Of people, each with the policy of that name in policies/ and nothing else.
PLANNER = Role(
    function="plan",
    arn=f"arn:{STACK.location.partition}:iam::{ACCOUNT}:role/planner",
    access_key="ASIAPLANXXXXXEXAMPLE",
)
DOCTOR = Role(
    function="doctor",
    arn=f"arn:{STACK.location.partition}:iam::{ACCOUNT}:role/doctor",
    access_key="ASIADOCTORXXXEXAMPLE",
)
# The same with policies/doctor-live.json besides.
LIVE_DOCTOR = Role(
    function="doctor-live",
    arn=f"arn:{STACK.location.partition}:iam::{ACCOUNT}:role/live-doctor",
    access_key="ASIALIVEDOCTEXAMPLE2",
)
# The same with policies/operate.json, under the name that the service control policy leaves the decisions to.
OPERATOR = Role(
    function="operate",
    arn=f"arn:{STACK.location.partition}:iam::{ACCOUNT}:role/mfa-enforcer-exemptions",
    access_key="ASIAOPERATEXEXAMPLE2",
)
# Of the same name, with policies/redrive.json.
REDRIVER = Role(function="redrive", arn=OPERATOR.arn, access_key="ASIAREDRIVEXEXAMPLE2")
# The same with policies/redrive-organization.json.
HUB_REDRIVER = Role(function="redrive-organization", arn=OPERATOR.arn, access_key="ASIAREDRIVEHUBXMPLE2")
# With policies/operate.json and operate-organization.json.
HUB_OPERATOR = Role(function="operate-organization", arn=OPERATOR.arn, access_key="ASIAOPERATEHUBXMPLE2")
REVIEWER = Role(
    function="review",
    arn=f"arn:{STACK.location.partition}:iam::{ACCOUNT}:role/reviewer",
    access_key="ASIAREVIEWXXEXAMPLE2",
)
NOTIFIER = Role(
    function="notify",
    arn=f"arn:{STACK.location.partition}:iam::{ACCOUNT}:role/notifier",
    access_key="ASIANOTIFYXXEXAMPLE2",
)
IMPORTER = Role(
    function="org-import",
    arn=f"arn:{STACK.location.partition}:iam::{ACCOUNT}:role/importer",
    access_key="ASIAIMPORTXXEXAMPLE2",
)
# The same with policies/organization.json and plan.json.
ORGANIZER = Role(
    function="organization",
    arn=f"arn:{STACK.location.partition}:iam::{ACCOUNT}:role/organizer",
    access_key="ASIAORGANIZEEXAMPLE2",
)
# The same with policies/organization.json and doctor-organization.json.
ORGANIZATION_DOCTOR = Role(
    function="doctor-organization",
    arn=f"arn:{STACK.location.partition}:iam::{ACCOUNT}:role/organization-doctor",
    access_key="ASIADOCTOROREXAMPLE2",
)
PEOPLE = (
    *(PLANNER, ORGANIZER, DOCTOR, LIVE_DOCTOR, ORGANIZATION_DOCTOR),
    *(OPERATOR, HUB_OPERATOR, REDRIVER, HUB_REDRIVER, REVIEWER, NOTIFIER, IMPORTER),
)
CALLERS = {role.access_key: role for role in (*ROLES.values(), *PEOPLE)}
_KEYS = {role.function: key for key, role in CALLERS.items()}
RESOURCE_POLICIES = roles.resource_policies(STACK)


def environment(endpoint_url: str, function: str = "") -> dict[str, str]:
    """The environment of a function, or of a tool: nothing of the caller's own AWS set-up comes through."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "CARGO_LAMBDA_")) and name not in SETTINGS
    }
    return {
        **kept,
        **DEFAULT.variables.get(function, {}),
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": _KEYS.get(function, ADMIN_KEY),
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        "NO_COLOR": "1",
        "CARGO_TERM_COLOR": "never",
    }


def function_environment(endpoint_url: str, function: str, runtime_api: str) -> dict[str, str]:
    """The environment of a function's process, with what Lambda sets."""
    return environment(endpoint_url, function) | {
        "AWS_SESSION_TOKEN": SECRET,
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "AWS_LAMBDA_FUNCTION_NAME": function,
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
    }
