"""Whatever the template accepts starts every function, and what the functions accept can be deployed."""

import json
import re
from itertools import product
from typing import Any

import pytest

from .contract import run_example
from .drawn import drawn
from .mail_regions import refusals
from .resolved_stack import Location, ResolvedStack
from .roles import GOVCLOUD, LONG_NAME, STACK
from .templates import MAIN, source, translated

PARAMETERS: dict[str, dict[str, Any]] = source(MAIN)["Parameters"]
VARIABLES: dict[str, str] = STACK.of_type("AWS::Lambda::Function")["SweepFunction"]["Environment"][
    "Variables"
]
# What Lambda takes: names and values of all variables, in bytes. It writes them as JSON.
LIMIT = 4096
UNKNOWN_ZONE = "which is no time zone of the IANA database"
OTHER_PARTITION = "which is in another partition than the enforcer"
DRAWS = 300


def variables(**parameters: str) -> dict[str, str]:
    """The variables of the functions, with these parameters."""
    lambdas = ResolvedStack(translated(MAIN), parameters=parameters).of_type("AWS::Lambda::Function")
    (found, *others) = (each["Environment"]["Variables"] for each in lambdas.values())
    assert others == [found] * len(others)
    given: dict[str, str] = found
    return given


# The parameters that the functions get, each with its variable.
SETTINGS = {
    "GracePeriod": "GRACE_PERIOD",
    "EnforceFrom": "ENFORCE_FROM",
    "ReleaseAfter": "RELEASE_AFTER",
    "MaxQuarantines": "MAX_QUARANTINES",
    "ContactTagKey": "CONTACT_TAG_KEY",
    "OrganizationName": "ORGANIZATION_NAME",
    "AccountName": "ACCOUNT_NAME",
    "Contact": "CONTACT",
    "HelpUrl": "HELP_URL",
    "RunbookUrl": "RUNBOOK_URL",
    "TimeZone": "TIME_ZONE",
    "MailFrom": "MAIL_FROM",
    "MailReplyTo": "MAIL_REPLY_TO",
    "MailDomains": "MAIL_DOMAINS",
    "DigestTo": "DIGEST_TO",
    "RemindBefore": "REMIND_BEFORE",
    "BreakGlassPath": "BREAK_GLASS_PATH",
    "ExemptPaths": "EXEMPT_PATHS",
    "ExemptUsers": "EXEMPT_USERS",
    "FormerPolicyArns": "QUARANTINE_POLICY_ARN",
    "FormerGroupNames": "QUARANTINE_GROUP_NAME",
    "Evidence": "EVIDENCE_BUCKET",
    "EvidenceAccount": "EVIDENCE_ACCOUNT",
    "OutputBusArn": "OUTPUT_BUS_ARN",
}
# A rule of the template refuses one without the other.
BESIDE = {
    "DigestTo": {"MAIL_FROM": "mfa@example.com"},
    "EvidenceAccount": {"EVIDENCE_BUCKET": "mfa-evidence"},
}
CHOICES = {
    "Mode": "MODE",
    "QuarantineScope": "QUARANTINE_SCOPE",
    "Release": "RELEASE",
    "AdminCopies": "ADMIN_COPIES",
    "Digest": "DIGEST",
    "RecommendedDevice": "RECOMMENDED_DEVICE",
    "NoticeLinks": "NOTICE_LINKS",
    "MailRegion": "MAIL_REGION",
    "ReviewPeriod": "REVIEW_PERIOD",
}


def accepts(parameter: str, value: str) -> bool:
    """Whether CloudFormation would take a value."""
    declared = PARAMETERS[parameter]
    fits = len(value) <= declared.get("MaxLength", LIMIT)
    return fits and re.search(declared["AllowedPattern"], value) is not None


def with_value(parameter: str, value: str) -> dict[str, str]:
    """The variables with a value of a parameter. Former policies and groups come after the stack's own."""
    name = SETTINGS[parameter]
    separator = {"FormerPolicyArns": ",", "FormerGroupNames": " "}.get(parameter)
    if separator and value:
        value = f"{VARIABLES[name]}{separator}{value}"
    elif separator:
        value = VARIABLES[name]
    return VARIABLES | {name: value} | BESIDE.get(parameter, {})


def problems(settings: list[dict[str, str]]) -> list[list[str]]:
    """What the code says to each set of variables; nothing if a function would start."""
    lines = "".join(json.dumps(each) + "\n" for each in settings)
    return [json.loads(line) for line in run_example("settings", lines).splitlines()]


def test_every_parameter_of_the_functions_is_drawn() -> None:
    """A parameter with a pattern of its own is tried below if the functions get it."""
    changed = {
        name
        for name, declared in PARAMETERS.items()
        if "AllowedPattern" in declared
        and any(variables(**{name: value}) != VARIABLES for value in drawn(declared["AllowedPattern"], 3))
    }
    assert changed == set(SETTINGS)


@pytest.mark.parametrize("parameter", SETTINGS)
def test_accepted_value_starts_a_function(parameter: str) -> None:
    values = {
        value for value in drawn(PARAMETERS[parameter]["AllowedPattern"], DRAWS) if accepts(parameter, value)
    }
    assert values
    found = problems([with_value(parameter, value) for value in sorted(values)])
    # A pattern cannot know the names of time zones. EventBridge Scheduler, which gets the same value, refuses
    # others while the stack is deployed. Nor can it know in which partition that is.
    unknowable = (UNKNOWN_ZONE, OTHER_PARTITION)
    wrong = [[each for each in several if not any(text in each for text in unknowable)] for several in found]
    assert [pair for pair in zip(sorted(values), wrong, strict=True) if pair[1]] == []


@pytest.mark.parametrize("location", [Location(), GOVCLOUD], ids=lambda location: location.partition)
@pytest.mark.parametrize("parameter", CHOICES)
def test_every_choice_starts_a_function(parameter: str, location: Location) -> None:
    choices = PARAMETERS[parameter]["AllowedValues"]
    if parameter == "MailRegion":
        choices = [choice for choice in choices if not refusals(location.region, choice)]
    # A region counts only where mail is sent.
    mailing = VARIABLES | {"MAIL_FROM": "mfa@example.com"}
    here = {
        name: value.replace("arn:aws:", f"arn:{location.partition}:").replace("us-east-1", location.region)
        for name, value in mailing.items()
    }
    assert problems([here | {CHOICES[parameter]: value} for value in choices]) == [[]] * len(choices)


# What people call things, in any script, and with characters that nobody sees or that turn others around.
NAMES = [
    *("", "Example Corp", "M\u00fcller & S\u00f6hne <GmbH>", "\u682a\u5f0f\u4f1a\u793e", "x" * 30, "x" * 31),
    *("a\u200bb", "a\u202eb", "a\u2066b", "a\tb", "a\nb", "a\x7fb", "a\ufeffb", "a\U0001f600b"),
]

# Values around the limits of each setting, and the forms that the documents show.
TRIED: dict[str, list[str]] = {
    "GracePeriod": [
        *(f"{number}{unit}" for unit in "dhms" for number in (0, 1, 23, 36, 365, 366, 367, 400, 8784, 8785)),
        *("1d 12h", "7d12h", "365d 23h", "366d 1h", "12h 7d", "7d7d", "d", "", "-1d", "7", "7 d"),
    ],
    "ReleaseAfter": [
        *(f"{number}{unit}" for unit in "hms" for number in (0, 1, 12, 35, 36, 37, 2159, 2160, 2161)),
        *("", "12", "-1h", "36h 1m"),
    ],
    "MaxQuarantines": ["0", "25", "5000", "5001", "", "-1", "2.5", "x"],
    "EnforceFrom": [
        *(
            f"{year}-{month:02}-{day:02}"
            for year, month in product((2024, 2026, 2100), range(1, 14))
            for day in (0, 28, 29, 30, 31, 32)
        ),
        *(
            f"2026-12-01T{time}"
            for time in (
                "08:00:00Z",
                "08:00Z",
                "23:59:59+01:00",
                "24:00:00Z",
                "25:00Z",
                "08:60Z",
                "08:00",
                "08:00:00-05:30",
            )
        ),
        *("", "tomorrow", "2026-1-1"),
    ],
    "RemindBefore": ["", "7d", "7d,3d,1d", "7d, 3d", "0d", "1d", "366d", "367d", "12h", "7", "7d,,1d", ","],
    "ContactTagKey": ["", "email", "team:e-mail", "Größe", "a,b", "a" * 128, "a" * 129],
    "OrganizationName": NAMES,
    "AccountName": NAMES,
    "Contact": [*NAMES, "help@example.com, or extension 42", "x" * 60, "x" * 61],
    "HelpUrl": [
        *("", "https://wiki.example.com/mfa?from=mail#steps", "http://example.com", "https://", "wiki"),
        *(
            "https://example.com/a b",
            "https://example.com/<b>",
            "https://ex\u00e4mple.com",
            "https://x/" + "y" * 111,
        ),
    ],
    "MailFrom": [
        *("", "mfa@example.com", "MFA Service <mfa@example.com>", "<mfa@example.com>", " <mfa@example.com>"),
        *("M\u00fcller <mfa@it.example.com>", "\u3000 <mfa@example.com>", "x" * 40 + " <a@b.example>"),
        *("x" * 41 + " <a@b.example>", '"x" <a@b.example>', "a@b <a@b.example>", "x\ny <a@b.example>"),
        *("mfa@Example.com", "mfa@localhost", "mfa@-a.example", "a b@example.com", "a,b@example.com"),
        *("a" * 64 + "@example.com", "a" * 65 + "@example.com", "mfa@" + ("d" * 30 + ".") * 3 + "d" * 23),
        *("mfa@" + ("d" * 28 + ".") * 4, "a" * 4 + "@" + ("d" * 31 + ".") * 3 + "d" * 20),
    ],
    "MailReplyTo": [
        "",
        "help@example.com",
        "Help <help@example.com>",
        "a" * 64 + "@" + "d" * 7 + ".example",
        "x@y",
    ],
    "MailDomains": [
        *("", "example.com", "example.com,example.org", "Example.com", "*.example.com", "*", "example"),
        *("a..b", "-a.example", "d" * 63 + ".example", "d" * 64 + ".example"),
    ],
    "DigestTo": [
        *(
            "",
            "security@example.com",
            "Security <a@example.com>",
            "a@Example.com",
            "a@example.com,b@example.com",
        ),
        *("a" * 52 + "@example.com", "a" * 53 + "@example.com", "@example.com", "x@y"),
    ],
    "RunbookUrl": [
        *("docs/RUNBOOK.md", "docs/OTHER.md", "", "https://wiki.example.com/runbook", "http://example.com"),
        *("https://example.com/<b>", "https://ex\u00e4mple.com", "https://x/" + "y" * 111),
    ],
    "TimeZone": [
        "UTC",
        "Europe/Berlin",
        "America/Argentina/Buenos_Aires",
        "Etc/GMT+5",
        "Nowhere/At_All",
        "Europe//Berlin",
        "europe/berlin",
        "",
        "+01:00",
    ],
    "BreakGlassPath": ["", "/", "/break-glass/", "/a,b/c/", "/a b/", "break-glass/", "/break-glass", "//"],
    "ExemptPaths": ["", "/", "/robots/", "/robots/ /eu/", "/a,b/ /c/", "/robots/,/eu/", "robots"],
    "ExemptUsers": ["", "kim", "kim lee", "a,b", "kim@example.com", "é", "x" * 64, "x" * 65],
    "FormerPolicyArns": ["", "arn:aws:iam::123456789012:policy/old", "arn:aws:iam::aws:policy/x", "old"],
    # An empty value is `none` there.
    "Evidence": [
        *("mfa-evidence", "abc", "ab", "a.b-c.d1", "a..b", "-abc", "abc-", "Evidence", "bucket/prefix"),
        *("x" * 63, "x" * 64),
    ],
    "EvidenceAccount": ["", "123456789012", "12345678901", "1234567890123", "12345678901x", "hub"],
    "OutputBusArn": [
        *("default", "none", "", "events", "arn:aws:events:us-east-1:123456789012:event-bus/default"),
        "arn:aws:events:eu-west-1:999988887777:event-bus/security.main_bus-1",
        "arn:aws:events:us-east-1:123456789012:event-bus/aws.partner/example.com/1",
        "arn:aws:events:us-east-1:123456789012:rule/default",
        *(f"arn:aws:events:us-east-1:123456789012:event-bus/{'x' * length}" for length in (36, 37)),
    ],
    "FormerGroupNames": ["", "old", "old older", "a,b", "x" * 129, "ü"],
}
# What the code takes and the template does not, each for a reason.
REFUSED = {
    # One way to write a value is enough.
    ("GracePeriod", "7 d"),
    # The years that a pattern can check end with the century.
    *(("EnforceFrom", f"2100-{month:02}-{day:02}") for month in range(1, 13) for day in (28, 29, 30, 31)),
    # A path has a name between two slashes.
    *(("BreakGlassPath", "//"), ("ExemptPaths", "/robots/,/eu/")),
    *(("RemindBefore", value) for value in ("7d,,1d", ",")),
}
# What the template takes and the code does not: a name that is no time zone's.
UNKNOWN = {("TimeZone", "Nowhere/At_All")}


@pytest.mark.parametrize("parameter", SETTINGS)
def test_value_that_a_function_takes_can_be_deployed(parameter: str) -> None:
    values = TRIED[parameter]
    taken = [not found for found in problems([with_value(parameter, value) for value in values])]
    different = {
        (parameter, value)
        for value, starts in zip(values, taken, strict=True)
        if starts != accepts(parameter, value)
    }
    assert different <= REFUSED | UNKNOWN
    assert any(taken)


def test_longest_values_together_fit_a_function() -> None:
    # A character takes up to three bytes where people write what they like.
    wide = {"OrganizationName", "AccountName", "Contact"}
    longest = {name: ("\u20ac" if name in wide else "x") * PARAMETERS[name]["MaxLength"] for name in SETTINGS}
    address = "x" * (PARAMETERS["MailFrom"]["MaxLength"] - 55) + "@example.com"
    longest["MailFrom"] = "\u20ac" * 40 + f" <{address}>"
    choices = {name: max(PARAMETERS[name]["AllowedValues"], key=len) for name in CHOICES}
    stack = ResolvedStack(translated(MAIN), LONG_NAME, GOVCLOUD, longest | choices)
    found = stack.of_type("AWS::Lambda::Function")["SweepFunction"]["Environment"]["Variables"]
    assert len(json.dumps(found, separators=(",", ":"), ensure_ascii=False).encode()) <= LIMIT
