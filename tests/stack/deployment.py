"""A template with its references resolved, as in one account and region.

The names and ARNs are made up, but made up as AWS makes them: also that CloudFormation shortens a name that
would be too long, so that a policy that counts on the beginning of a name is tried on a shortened one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

ACCOUNT = "111122223333"
# In place of the twelve random letters and digits at the end of a name.
RANDOM = "1ABCDEF2GHIJ"
UUID = "1234abcd-12ab-34cd-56ef-1234567890ab"
NO_VALUE = object()


@dataclass(frozen=True)
class Kind:
    """How resources of a type are named."""

    # Which property names it; without, or where the property is not set, CloudFormation makes a name.
    name: str = ""
    # The longest name that AWS takes.
    limit: int = 128
    arn: str = ""
    # What `Ref` gives; without, the ARN.
    ref: str = ""


KINDS = {
    "AWS::CloudWatch::Alarm": Kind("AlarmName", 255, "cloudwatch:{region}:{account}:alarm:{name}", "{name}"),
    "AWS::CloudFormation::StackSet": Kind(
        "StackSetName", 128, "cloudformation:{region}:{account}:stackset/{name}:{uuid}", "{name}:{uuid}"
    ),
    "AWS::Events::Rule": Kind("Name", 64, "events:{region}:{account}:rule/{name}", "{name}"),
    "AWS::IAM::Group": Kind("GroupName", 128, "iam::{account}:group/{name}", "{name}"),
    "AWS::IAM::ManagedPolicy": Kind("ManagedPolicyName", 128, "iam::{account}:policy/{name}"),
    "AWS::IAM::Role": Kind("RoleName", 64, "iam::{account}:role/{name}", "{name}"),
    "AWS::KMS::Key": Kind(arn="kms:{region}:{account}:key/{uuid}", ref="{uuid}"),
    "AWS::Lambda::Function": Kind("FunctionName", 64, "lambda:{region}:{account}:function:{name}", "{name}"),
    # AWS gives the ARN of a log group with this ending, for the streams in it.
    "AWS::Logs::LogGroup": Kind("LogGroupName", 512, "logs:{region}:{account}:log-group:{name}:*", "{name}"),
    "AWS::Scheduler::Schedule": Kind(
        "Name", 64, "scheduler:{region}:{account}:schedule/default/{name}", "{name}"
    ),
    "AWS::SNS::Topic": Kind("TopicName", 256, "sns:{region}:{account}:{name}"),
    "AWS::SQS::Queue": Kind(
        "QueueName",
        80,
        "sqs:{region}:{account}:{name}",
        "https://sqs.{region}.amazonaws.com/{account}/{name}",
    ),
}


@dataclass(frozen=True)
class Place:
    """A partition and a region in it."""

    partition: str = "aws"
    region: str = "us-east-1"
    url_suffix: str = "amazonaws.com"


@dataclass(frozen=True)
class Deployment:
    """A translated template, deployed as `stack` with these parameters, the others as by default."""

    template: dict[str, Any]
    stack: str = "mfa-enforcer"
    place: Place = Place()
    parameters: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def values(self) -> dict[str, Any]:
        """Pseudo-parameters and parameters."""
        values: dict[str, Any] = {
            "AWS::AccountId": ACCOUNT,
            "AWS::NoValue": NO_VALUE,
            "AWS::Partition": self.place.partition,
            "AWS::Region": self.place.region,
            "AWS::StackName": self.stack,
            "AWS::URLSuffix": self.place.url_suffix,
        }
        declared = self.template.get("Parameters", {})
        unknown = set(self.parameters) - set(declared)
        if unknown:
            raise LookupError(f"no such parameters: {unknown}")
        for name, parameter in declared.items():
            value = self.parameters[name] if name in self.parameters else parameter["Default"]
            if parameter["Type"] == "CommaDelimitedList":
                value = [each.strip() for each in value.split(",")]
            values[name] = value
        return values

    @cached_property
    def resources(self) -> dict[str, dict[str, Any]]:
        """The resources that are made, with everything in them resolved."""
        return {
            name: self.resolve(resource)
            for name, resource in self.template["Resources"].items()
            if "Condition" not in resource or self.condition(resource["Condition"])
        }

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """The properties of the resources of a type, by logical id."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.resources.items()
            if resource["Type"] == kind
        }

    def condition(self, name: str) -> bool:
        value = self.resolve(self.template["Conditions"][name])
        if not isinstance(value, bool):
            raise LookupError(f"{name} is no condition")
        return value

    def arn(self, logical_id: str) -> str:
        """The ARN of a resource."""
        kind = KINDS[self.template["Resources"][logical_id]["Type"]]
        return f"arn:{self.place.partition}:{self._filled(kind.arn, logical_id)}"

    def name(self, logical_id: str) -> str:
        """The name of a resource: the given one, or one that CloudFormation makes."""
        resource = self.template["Resources"][logical_id]
        kind = KINDS[resource["Type"]]
        given = resource.get("Properties", {}).get(kind.name)
        if given is not None:
            name = str(self.resolve(given))
            if len(name) > kind.limit:
                raise ValueError(f"{name} is longer than {kind.limit}")
            return name
        ending = f"-{logical_id[: kind.limit // 2 - len(RANDOM)]}-{RANDOM}"
        return self.stack[: max(kind.limit - len(ending), 0)] + ending

    def _filled(self, pattern: str, logical_id: str) -> str:
        return pattern.format(
            region=self.place.region, account=ACCOUNT, name=self.name(logical_id), uuid=UUID
        )

    def _ref(self, name: str) -> Any:
        if name in self.values:
            return self.values[name]
        kind = KINDS[self.template["Resources"][name]["Type"]]
        return self._filled(kind.ref, name) if kind.ref else self.arn(name)

    def _attribute(self, logical_id: str, attribute: str) -> str:
        named = {"Arn": self.arn, "QueueName": self.name, "TopicArn": self.arn}
        return named[attribute](logical_id)

    def _substituted(self, text: str, given: dict[str, str]) -> str:
        def value(match: re.Match[str]) -> str:
            name, _, attribute = match[1].partition(".")
            if name in given:
                return given[name]
            return str(self._attribute(name, attribute) if attribute else self._ref(name))

        # `${!Name}` stands for `${Name}` as it is.
        return re.sub(r"\$\{([\w:.]+)\}", value, text).replace("${!", "${")

    def resolve(self, part: Any) -> Any:
        """The same with every reference and function replaced by its value."""
        if isinstance(part, list):
            return [each for each in map(self.resolve, part) if each is not NO_VALUE]
        if not isinstance(part, dict):
            return part
        if len(part) == 1:
            ((function, argument),) = part.items()
            if function in ("Ref", "Condition") or function.startswith("Fn::"):
                return self._call(function, argument)
        resolved = {key: self.resolve(value) for key, value in part.items()}
        return {key: value for key, value in resolved.items() if value is not NO_VALUE}

    def _call(self, function: str, argument: Any) -> Any:
        if function == "Fn::If":
            condition, then, otherwise = argument
            return self.resolve(then if self.condition(condition) else otherwise)
        if function == "Ref":
            return self._ref(argument)
        # Of a condition; in a policy it is a word like any other, and then no text.
        if function == "Condition":
            return (
                self.condition(argument) if isinstance(argument, str) else {function: self.resolve(argument)}
            )
        value = self.resolve(argument)
        match function, value:
            case "Fn::GetAtt", [logical_id, attribute]:
                return self._attribute(logical_id, attribute)
            case "Fn::Sub", str(text):
                return self._substituted(text, {})
            case "Fn::Sub", [text, given]:
                return self._substituted(text, given)
            case "Fn::Join", [separator, parts]:
                return separator.join(parts)
            case "Fn::Split", [separator, text]:
                return text.split(separator)
            case "Fn::Select", [index, parts]:
                return parts[int(index)]
            case "Fn::Equals", [left, right]:
                return left == right
            case "Fn::Not", [value]:
                return not value
            case "Fn::And", parts:
                return all(parts)
            case "Fn::Or", parts:
                return any(parts)
        raise LookupError(f"`{function}` of {argument} is not understood")
