"""The stacks in the accounts of an organization, with the hub that they are for.

As a program it prints, as JSON, what the policy evaluator needs to know of them.
"""

import json
import sys
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .contract import CONTRACT
from .resolved_stack import ACCOUNT, UUID, Location, ResolvedStack
from .roles import CHINA, GOVCLOUD, arns, resource_policies
from .templates import MAIN, MEMBER, MEMBER_REGION, translated

ORGANIZATION = "o-a1b2c3d4e5"
HUB_ACCOUNT = "111122223333"
LONGEST_NAME = "security-baseline-of-the-payments-x1"


@dataclass(frozen=True)
class Member:
    """What the stack sets make in one account: a stack in its home region, and one in another."""

    location: Location
    region: str
    parameters: tuple[tuple[str, str], ...] = ()

    @cached_property
    def home(self) -> ResolvedStack:
        return self._stack("mfa-enforcer-member", MEMBER, self.location)

    @cached_property
    def elsewhere(self) -> ResolvedStack:
        location = Location(self.location.partition, self.region, self.location.url_suffix)
        return self._stack("mfa-enforcer-member-region", MEMBER_REGION, location)

    @cached_property
    def hub(self) -> ResolvedStack:
        """The hub, as if in this account."""
        given = {"Hub": "yes", "OrganizationId": ORGANIZATION, "Evidence": "create"}
        return ResolvedStack(translated(MAIN), self.parameter("HubStack"), self.location, given)

    def _stack(self, stack_set: str, path: Any, location: Location) -> ResolvedStack:
        template = translated(path)
        needed = {"OrganizationId": ORGANIZATION, "HubAccount": HUB_ACCOUNT} | dict(self.parameters)
        given = {name: value for name, value in needed.items() if name in template["Parameters"]}
        # CloudFormation names the stacks of a stack set like this.
        return ResolvedStack(template, f"StackSet-{stack_set}-{UUID}", location, given)

    def parameter(self, name: str) -> str:
        return str(self.home.references[name])

    @property
    def bus(self) -> str:
        """The hub's bus. The hub is where IAM's events are."""
        here = f"{self.location.partition}:events:{self.location.region}:{HUB_ACCOUNT}"
        return f"arn:{here}:event-bus/{self.parameter('HubStack')}"


# With default parameters.
PLAIN = Member(Location(), "eu-north-1")
# Members that differ in everything a policy could depend on by mistake.
MEMBERS = {
    "with approval and a break-glass path": Member(
        Location(),
        "eu-north-1",
        (("Release", "approval"), ("BreakGlassPath", "/break-glass/")),
    ),
    "in China, with long names": Member(
        CHINA,
        "cn-northwest-1",
        (
            ("Name", LONGEST_NAME),
            ("HubStack", "security-baseline-of-the-payments-organisation-x2"),
            ("HubRolePath", "/security/iam/"),
            ("BreakGlassPath", "/emergency/admins/"),
            ("PermissionsBoundary", "security/boundary"),
        ),
    ),
    "in GovCloud": Member(GOVCLOUD, "us-gov-east-1", (("HubStack", "mfa"), ("BreakGlassPath", "/glass/"))),
}
# The roles that the hub's functions assume.
ROLES = ("contain", "release", "review", "guard")


def roles(member: Member) -> dict[str, Any]:
    """Each role that the hub assumes, by the last part of its name, with its policies."""
    stack, found = member.home, {}
    for logical, role in stack.of_type("AWS::IAM::Role").items():
        short = role["RoleName"].removeprefix(f"{member.parameter('Name')}-")
        if short not in ROLES:
            continue
        policies = [
            {"name": name, "policy": policy["PolicyDocument"]}
            for name, policy in stack.of_type("AWS::IAM::Policy").items()
            if role["RoleName"] in policy["Roles"]
        ] + [
            {"name": name, "policy": policy["PolicyDocument"]}
            for name, policy in stack.of_type("AWS::IAM::ManagedPolicy").items()
            if stack.arn(name) in role.get("ManagedPolicyArns", [])
        ]
        found[short] = {
            "arn": stack.arn(logical),
            "trust": role["AssumeRolePolicyDocument"],
            "policies": policies,
        }
    return found


def forwarding_roles(member: Member) -> dict[str, Any]:
    """The roles of the rules, by region."""
    found = {}
    for stack in (member.home, member.elsewhere):
        role = stack.of_type("AWS::IAM::Role")["ForwardRole"]
        found[stack.location.region] = {
            "arn": stack.arn("ForwardRole"),
            "trust": role["AssumeRolePolicyDocument"],
            "policies": [
                {"name": each["PolicyName"], "policy": each["PolicyDocument"]} for each in role["Policies"]
            ],
            "rules": [stack.arn(rule) for rule in stack.of_type("AWS::Events::Rule")],
        }
    return found


def hub(member: Member) -> dict[str, Any]:
    """The roles of the hub's functions, by function."""
    path = f"role{member.parameter('HubRolePath')}{member.parameter('HubStack')}"
    arn = f"arn:{member.location.partition}:iam::{HUB_ACCOUNT}:{path}"
    (bus_policy,) = member.hub.of_type("AWS::Events::EventBusPolicy").values()
    # It stands in the hub's account.
    statement = json.loads(json.dumps(bus_policy["Statement"]).replace(f":{ACCOUNT}:", f":{HUB_ACCOUNT}:"))
    return {
        "account": HUB_ACCOUNT,
        "bus": member.bus,
        "busPolicy": {
            "Version": "2012-10-17",
            "Statement": [{"Sid": bus_policy["StatementId"], **statement}],
        },
        "roles": {function: f"{arn}-{function}" for function in CONTRACT["functions"]},
    }


def described(title: str, member: Member) -> dict[str, Any]:
    """One member, as the policy evaluator wants it."""
    return {
        "title": title,
        "organization": ORGANIZATION,
        "account": ACCOUNT,
        "partition": member.location.partition,
        "region": member.location.region,
        "name": member.parameter("Name"),
        "release": member.parameter("Release"),
        "breakGlassPath": member.parameter("BreakGlassPath"),
        "hub": hub(member),
        "roles": roles(member),
        "forwarding": forwarding_roles(member),
        "arns": arns(member.home),
        "resourcePolicies": resource_policies(member.home) | resource_policies(member.elsewhere),
        "elsewhere": {"region": member.region, "arns": arns(member.elsewhere)},
    }


if __name__ == "__main__":
    json.dump([described(title, member) for title, member in MEMBERS.items()], sys.stdout, indent=1)
