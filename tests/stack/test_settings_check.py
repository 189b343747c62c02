"""What `settings check` knows of the template's parameters is what the template says."""

import json
import re
from typing import Any

import pytest

from deploy.release.plain_templates import CODE_PARAMETERS

from .contract import CONTRACT, run_example
from .drawn import drawn
from .test_accepted_values import LIMIT, VARIABLES, variables
from .test_accepted_values import PARAMETERS as OF_TEMPLATE

# A release has two more, which say where the code is.
PARAMETERS = OF_TEMPLATE | CODE_PARAMETERS
KNOWN: dict[str, dict[str, Any]] = CONTRACT["parameters"]
OF_FUNCTIONS = [name for name, known in KNOWN.items() if known["setting"]]
OF_STACK = [name for name, known in KNOWN.items() if not known["setting"]]
# CloudFormation ends the name of a bucket that it makes with letters of its own.
MADE_BUCKET = "mfa-enforcer-evidencebucket"
DRAWS = 40
ARN = "arn:aws:iam::123456789012:policy/"

# Values around the limits of each parameter that is about the stack alone.
TRIED = {
    "AdminEmail": ["", "a", "a@b", "a@b.c", "a@.c", "a@b.", "a b@c.d", "a@b@c.d", "@b.c", "a@..c"],
    "DailyAt": ["00:00", "23:45", "24:00", "6:00", "06:10", "06:00:00", "", "06.00", "006:00"],
    "SignInRegions": [
        "",
        "default",
        "us-east-2",
        "us-east-1",
        "us-east-2,eu-west-3",
        "us-east-2, eu-west-3",
        "x",
    ],
    "OptInRegions": [
        *(
            "",
            "af-south-1",
            "eu-south-2,ap-east-2",
            "eu-west-1",
            "il-central-1",
            "me-x-1",
            "mx-centralcent-1",
        ),
        *(
            "sa-east-1",
            "sa-east-2",
            "us-east-3",
            "ap-southeast-5",
            "eu-south-10",
            "eu-south-0",
            "eu-south",
            ",",
        ),
    ],
    "EvidenceDays": ["29", "30", "731", "36500", "36501", "", "x"],
    "EvidenceLockDays": ["0", "3650", "3651", "-1", "x"],
    "EvidenceKeyArn": [
        *("", "arn:aws:kms:us-east-1:123456789012:key/1-a", "arn:aws:kms:us-east-1:123456789012:alias/x"),
        *("arn:aws:kms:us-east-1:123456789012:key/a/b", "arn:aws:kms::123456789012:key/1"),
        *("arn:aws:kms:us-east-1:123456789012:key/a_b", "arn:aws:kms:us-east-1:123456789012:key/"),
    ],
    "ReserveConcurrency": ["yes", "no", "", "true", "Yes"],
    "LogRetentionDays": ["30", "731", "31", "", "0"],
    "PermissionsBoundary": ["", f"{ARN}x", f"{ARN}path/x", "arn:aws:iam::aws:policy/x", ARN, "x"],
    "RolePath": ["/", "/security/", "/a/b/", "", "//", "/a", "a/", "/a b/"],
    "Hub": ["yes", "no", "", "true", "Yes"],
    "OrganizationId": [
        *("", "o-a1b2c3d4e5", "o-" + "x" * 32, "o-" + "x" * 33, "o-" + "x" * 9, "o-A1B2C3D4E5", "a1b2c3d4e5"),
        *("o-a1b2c3d4e-", "o-a1b2c3d4e5 ", "r-a1b2c3d4e5"),
    ],
    "MemberNames": [
        *(
            "a",
            "first second",
            "x" * 36,
            "x" * 37,
            "",
            " ",
            "a ",
            " a",
            "a  b",
            "-a",
            "1a",
            "a-",
            "a_b",
            "\u00e4",
        ),
        *("a,b", "x" * 36 + (" " + "y" * 36) * 2, "x" * 36 + (" " + "y" * 36) * 2 + " z"),
    ],
    "AccountsAtOnce": ["2", "100", "1", "101", "", "x"],
    "EvidenceFrom": [
        *("", "111122223333", "111122223333,444455556666", "111122223333, 444455556666", "11112222333", ","),
        *("111122223333,", "1111222233334444", "11112222333x"),
        *(",".join(["1" * 12] * count) for count in (50, 51)),
    ],
    "CodeBucket": ["abc", "a.b-c.1", "x" * 63, "x" * 64, "", "ab", "-bc", "ab-", "Abc", "a_b", "s3://abc"],
    "CodeKeyPrefix": ["", "a/", "a/b-1/", "!_.*'()-/", "a", "/", "/a/", "a//", "a b/", "${x}/"],
}


def fits(parameter: str, value: str) -> bool:
    """Whether CloudFormation would take a value."""
    declared = PARAMETERS[parameter]
    if declared["Type"] == "Number" and "AllowedValues" not in declared:
        return value.isdigit() and declared["MinValue"] <= int(value) <= declared["MaxValue"]
    if "AllowedValues" in declared:
        return value in map(str, declared["AllowedValues"])
    is_short = len(value) <= declared.get("MaxLength", LIMIT)
    return is_short and re.search(declared["AllowedPattern"], value) is not None


def some(parameter: str) -> list[str]:
    """Values that the template takes."""
    declared = PARAMETERS[parameter]
    if "AllowedValues" in declared:
        return [str(value) for value in declared["AllowedValues"]]
    if "AllowedPattern" not in declared:
        return [str(declared["MinValue"]), str(declared["MaxValue"])]
    values = [value for value in drawn(declared["AllowedPattern"], DRAWS) if fits(parameter, value)]
    return sorted({*values, declared.get("Default", values[0])})


def read(parameters: list[dict[str, str]]) -> list[dict[str, Any]]:
    """The variables that the code says these parameters set, and what it says is wrong with them."""
    lines = "".join(json.dumps(each) + "\n" for each in parameters)
    return [json.loads(line) for line in run_example("parameters", lines).splitlines()]


def test_every_parameter_is_known_with_its_length() -> None:
    lengths = {name: declared.get("MaxLength") for name, declared in PARAMETERS.items()}
    assert {name: known["limit"] for name, known in KNOWN.items()} == lengths


@pytest.mark.parametrize("parameter", OF_FUNCTIONS)
def test_parameter_sets_what_the_template_sets(parameter: str) -> None:
    """Where mail is sent from depends on two parameters, so one is tried with the other."""
    mailing = {"MailFrom": "mfa@example.com"} if parameter == "MailRegion" else {}
    tried = [{parameter: value} | more for value in some(parameter) for more in ({}, mailing)]
    for given, found in zip(tried, read(tried), strict=True):
        expected = variables(**given)
        if given.get("Evidence") == "create":
            assert expected["EVIDENCE_BUCKET"].startswith(MADE_BUCKET)
            expected |= {"EVIDENCE_BUCKET": MADE_BUCKET}
        assert VARIABLES | found["variables"] == expected
        assert found["faults"] == []


# What a hub gets is in test_hub.py.
@pytest.mark.parametrize("parameter", [name for name in OF_STACK if name not in {*CODE_PARAMETERS, "Hub"}])
def test_parameter_of_the_stack_sets_nothing(parameter: str) -> None:
    assert all(variables(**{parameter: value}) == VARIABLES for value in some(parameter)[:5])


@pytest.mark.parametrize("parameter", OF_STACK)
def test_value_is_refused_if_the_template_refuses_it(parameter: str) -> None:
    values = some(parameter) + TRIED[parameter]
    found = read([{parameter: value} for value in values])
    taken = {value: not each["faults"] for value, each in zip(values, found, strict=True)}
    assert taken == {value: fits(parameter, value) for value in values}
    assert not all(taken.values())
