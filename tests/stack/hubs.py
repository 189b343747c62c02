"""The main stack as the hub of an organization.

As a program it prints, as JSON, what the policy evaluator needs to know of it.
"""

import json
import sys
from typing import Any

from .members import HUB_ACCOUNT, LONGEST_NAME, ORGANIZATION
from .resolved_stack import ACCOUNT, Location, ResolvedStack
from .roles import CHINA, GOVCLOUD, LONG_NAME, arns, resource_policies, roles
from .templates import MAIN, translated

# What a hub cannot do without.
NEEDED = {"Hub": "yes", "OrganizationId": ORGANIZATION, "Evidence": "create"}
PLACE = Location()
# An account with a stack of its own that keeps its evidence in the hub's bucket, and one more that may.
GUEST_ACCOUNT = "777788889999"
GUESTS = f"{GUEST_ACCOUNT},555566667777"
KEY = "0a1b2c3d-12ab-34cd-56ef-1234567890ab"


def hub(name: str = "mfa-enforcer", location: Location = PLACE, **parameters: str) -> ResolvedStack:
    """A hub, with defaults for what is not given."""
    return ResolvedStack(translated(MAIN), name, location, NEEDED | parameters)


def key(location: Location = PLACE) -> str:
    """The KMS key of the evidence."""
    return f"arn:{location.partition}:kms:{location.region}:{ACCOUNT}:key/{KEY}"


# With no parameters but those.
HUB = hub()
# Hubs that differ in everything a policy could depend on by mistake.
HUBS = {
    "with a break-glass path and approval": hub(
        BreakGlassPath="/break-glass/",
        Release="approval",
        MailFrom="mfa@example.com",
        Evidence="an-own-bucket",
        EvidenceKeyArn=key(),
    ),
    "in China, with long names": hub(
        LONG_NAME,
        CHINA,
        MemberNames=f"{LONGEST_NAME} mfa",
        RolePath="/security/iam/",
        EvidenceKeyArn=key(CHINA),
        EvidenceFrom=GUESTS,
    ),
    "in GovCloud": hub(
        "mfa",
        GOVCLOUD,
        MemberNames="mfa-enforcer-member second",
        FormerGroupNames="old",
        MailRegion="us-gov-east-1",
        EvidenceKeyArn=key(GOVCLOUD),
        EvidenceFrom=GUESTS,
    ),
}


def bus_policy(stack: ResolvedStack) -> dict[str, Any]:
    """The policy of the bus, as EventBridge makes it of its statements."""
    statements = [
        {"Sid": each["StatementId"], **each["Statement"]}
        for each in stack.of_type("AWS::Events::EventBusPolicy").values()
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def guest(stack: ResolvedStack, bucket: str) -> dict[str, Any]:
    """The stack of an account that keeps its evidence in the bucket of this hub."""
    given = {"Evidence": bucket, "EvidenceAccount": HUB_ACCOUNT}
    own = ResolvedStack(translated(MAIN), "mfa-enforcer", stack.location, given)
    found = {"account": ACCOUNT, "partition": stack.location.partition, "roles": roles(own)}
    moved: dict[str, Any] = json.loads(json.dumps(found).replace(ACCOUNT, GUEST_ACCOUNT))
    return moved


def described(title: str, stack: ResolvedStack) -> dict[str, Any]:
    """One hub, as the policy evaluator wants it."""
    variables = stack.of_type("AWS::Lambda::Function")["SweepFunction"]["Environment"]["Variables"]
    names = stack.references["MemberNames"].split(" ")
    found = {
        "title": title,
        "organization": ORGANIZATION,
        "account": ACCOUNT,
        "partition": stack.location.partition,
        "region": stack.location.region,
        "urlSuffix": stack.location.url_suffix,
        "stack": stack.name,
        "breakGlassPath": stack.references["BreakGlassPath"] or "/break-glass/",
        "memberName": names[0],
        "lastMemberName": names[-1],
        "bucket": variables["EVIDENCE_BUCKET"],
        "roles": roles(stack),
        "arns": arns(stack),
        "resourcePolicies": resource_policies(stack),
        "busPolicy": bus_policy(stack),
    }
    # It is in an account of its own, and what is evaluated with it is in others.
    moved: dict[str, Any] = json.loads(json.dumps(found).replace(ACCOUNT, HUB_ACCOUNT))
    if stack.references["EvidenceFrom"]:
        moved["guest"] = guest(stack, moved["bucket"])
    return moved


if __name__ == "__main__":
    json.dump([described(title, stack) for title, stack in HUBS.items()], sys.stdout, indent=1)
