"""What member.yaml and member-region.yaml make in an account, in the emulator."""

import json
from dataclasses import dataclass, field
from typing import Any

from moto.events.models import events_backends
from moto.iam.models import iam_backends
from moto.sqs.models import sqs_backends

from tests.stack.members import HUB_ACCOUNT, ORGANIZATION, Member
from tests.stack.resolved_stack import Location, ResolvedStack

from . import judge
from .deployment import ACCOUNT, REGION

ELSEWHERE = "eu-north-1"


@dataclass(frozen=True)
class MemberStacks:
    """The stacks of this hub's members."""

    hub: str
    member: Member = field(default_factory=lambda: Member(Location(), ELSEWHERE))

    def of(self, account: str, value: Any) -> Any:
        """What a template says, in this account of the emulated organization."""
        told = json.dumps(value).replace(ACCOUNT, account).replace(HUB_ACCOUNT, self.hub)
        return json.loads(told.replace(ORGANIZATION, judge.ORGANIZATION))

    def fill_iam(self, account: str) -> None:
        """The policies, groups and roles of both stacks."""
        iam = iam_backends[account]["aws"]
        for stack in (self.member.home, self.member.elsewhere):
            roles = stack.of_type("AWS::IAM::Role").values()
            for role in roles:
                trust = json.dumps(self.of(account, role["AssumeRolePolicyDocument"]))
                iam.create_role(role["RoleName"], trust, role["Path"], None, "", role["Tags"], None)
                for inline in role.get("Policies", []):
                    self._put(account, role["RoleName"], inline["PolicyName"], inline["PolicyDocument"])
            for inline in stack.of_type("AWS::IAM::Policy").values():
                for role in inline["Roles"]:
                    self._put(account, role, inline["PolicyName"], inline["PolicyDocument"])
            for logical, policy in stack.of_type("AWS::IAM::ManagedPolicy").items():
                document = json.dumps(self.of(account, policy["PolicyDocument"]))
                iam.create_policy("", policy["Path"], document, generated(stack, logical), [])
            for role in roles:
                for arn in role.get("ManagedPolicyArns", []):
                    iam.attach_role_policy(self.of(account, arn), role["RoleName"])
            for logical, group in stack.of_type("AWS::IAM::Group").items():
                name = stack.physical_name(logical)
                iam.create_group(name, group["Path"])
                for arn in group["ManagedPolicyArns"]:
                    iam.attach_group_policy(self.of(account, arn), name)

    def _put(self, account: str, role: str, name: str, document: dict[str, Any]) -> None:
        iam_backends[account]["aws"].put_role_policy(role, name, json.dumps(self.of(account, document)))

    def fill_rules(self, account: str) -> None:
        """The rules of both stacks, and the queues of what they could not deliver."""
        for stack, region in ((self.member.home, REGION), (self.member.elsewhere, ELSEWHERE)):
            events = events_backends[account][region]
            for logical, rule in stack.of_type("AWS::Events::Rule").items():
                name = stack.physical_name(logical)
                events.put_rule(name, event_pattern=json.dumps(self.of(account, rule["EventPattern"])))
                targets = [{"Id": each["Id"], "Arn": each["Arn"]} for each in rule["Targets"]]
                events.put_targets(name, None, self.of(account, targets))
            sqs_backends[account][region].create_queue(stack.physical_name("DeadLetters"))

    @staticmethod
    def reset_rules(account: str) -> None:
        """Removes the rules and queues of both stacks."""
        for backends in (events_backends, sqs_backends):
            for region in (REGION, ELSEWHERE):
                backends[account][region].reset()


def generated(stack: ResolvedStack, logical: str) -> str:
    """The name of a policy or a group, as CloudFormation would generate it."""
    return str(stack.arn(logical).rpartition("/")[2])
