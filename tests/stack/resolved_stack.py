"""A translated template with its references resolved, as in one account and region.

Names and ARNs are invented, but follow AWS's rules. CloudFormation shortens generated names that would be too
long, so a policy that relies on the beginning of a name is tried on a shortened one.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

# The account of the sample events.
ACCOUNT = "123456789012"
# Stands for the twelve random letters and digits at the end of a generated name.
RANDOM = "1ABCDEF2GHIJ"
UUID = "1234abcd-12ab-34cd-56ef-1234567890ab"
NO_VALUE = object()


@dataclass(frozen=True)
class Naming:
    """How resources of one type are named."""

    arn: str
    # What `Ref` returns. The default is the ARN.
    ref: str = ""
    # The property that sets the name. Where it is absent, CloudFormation generates a name.
    name: str = ""
    # The longest name that AWS accepts.
    limit: int = 128


_SCHEDULE = "scheduler:{region}:{account}:schedule/default/{name}"
_STACK_SET = "cloudformation:{region}:{account}:stackset/{name}:{uuid}"
_QUEUE_URL = "https://sqs.{region}.amazonaws.com/{account}/{name}"
NAMING = {
    "AWS::CloudWatch::Alarm": Naming(
        "cloudwatch:{region}:{account}:alarm:{name}", "{name}", "AlarmName", 255
    ),
    "AWS::CloudFormation::StackSet": Naming(_STACK_SET, "{name}:{uuid}", "StackSetName"),
    "AWS::Events::Rule": Naming("events:{region}:{account}:rule/{name}", "{name}", "Name", 64),
    "AWS::IAM::Group": Naming("iam::{account}:group/{name}", "{name}", "GroupName"),
    "AWS::IAM::ManagedPolicy": Naming("iam::{account}:policy/{name}", name="ManagedPolicyName"),
    "AWS::IAM::Role": Naming("iam::{account}:role/{name}", "{name}", "RoleName", 64),
    "AWS::KMS::Key": Naming("kms:{region}:{account}:key/{uuid}", "{uuid}"),
    "AWS::Lambda::Function": Naming(
        "lambda:{region}:{account}:function:{name}", "{name}", "FunctionName", 64
    ),
    # AWS ends the ARN of a log group like this, to cover its streams.
    "AWS::Logs::LogGroup": Naming(
        "logs:{region}:{account}:log-group:{name}:*", "{name}", "LogGroupName", 512
    ),
    "AWS::Scheduler::Schedule": Naming(_SCHEDULE, "{name}", "Name", 64),
    "AWS::SNS::Topic": Naming("sns:{region}:{account}:{name}", name="TopicName", limit=256),
    "AWS::SQS::Queue": Naming("sqs:{region}:{account}:{name}", _QUEUE_URL, "QueueName", 80),
}


@dataclass(frozen=True)
class Location:
    """A partition and a region in it."""

    partition: str = "aws"
    region: str = "us-east-1"
    url_suffix: str = "amazonaws.com"


@dataclass(frozen=True)
class ResolvedStack:
    """A stack made from a translated template. Parameters that are not given have their defaults."""

    template: dict[str, Any]
    name: str = "mfa-enforcer"
    location: Location = Location()
    parameters: dict[str, str] = field(default_factory=dict)

    @cached_property
    def values(self) -> dict[str, Any]:
        """Pseudo parameters and parameters."""
        values: dict[str, Any] = {
            "AWS::AccountId": ACCOUNT,
            "AWS::NoValue": NO_VALUE,
            "AWS::Partition": self.location.partition,
            "AWS::Region": self.location.region,
            "AWS::StackName": self.name,
            "AWS::URLSuffix": self.location.url_suffix,
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
        """The resources whose conditions hold, resolved."""
        return {
            name: self.resolve(resource)
            for name, resource in self.template["Resources"].items()
            if "Condition" not in resource or self.condition(resource["Condition"])
        }

    @cached_property
    def outputs(self) -> dict[str, Any]:
        """The value of each output."""
        return {name: self.resolve(output["Value"]) for name, output in self.template["Outputs"].items()}

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """The properties of the resources of a type, by logical ID."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.resources.items()
            if resource["Type"] == kind
        }

    def functions(self) -> dict[str, str]:
        """The binary of each function, by logical ID."""
        return {
            name: self.template["Resources"][name]["Metadata"]["BuildProperties"]["Binary"]
            for name in self.of_type("AWS::Lambda::Function")
        }

    def condition(self, name: str) -> bool:
        """Whether a condition holds."""
        value = self.resolve(self.template["Conditions"][name])
        if not isinstance(value, bool):
            raise LookupError(f"{name} is not a condition")
        return value

    def arn(self, logical_id: str) -> str:
        """The ARN of a resource."""
        naming = NAMING[self.template["Resources"][logical_id]["Type"]]
        return f"arn:{self.location.partition}:{self._filled(naming.arn, logical_id)}"

    def physical_name(self, logical_id: str) -> str:
        """The name of a resource: its own, or the one that CloudFormation generates."""
        resource = self.template["Resources"][logical_id]
        naming = NAMING[resource["Type"]]
        given = resource.get("Properties", {}).get(naming.name)
        if given is not None:
            name = str(self.resolve(given))
            if len(name) > naming.limit:
                raise ValueError(f"{name} is longer than {naming.limit}")
            return name
        ending = f"-{logical_id[: naming.limit // 2 - len(RANDOM)]}-{RANDOM}"
        return self.name[: max(naming.limit - len(ending), 0)] + ending

    def _filled(self, pattern: str, logical_id: str) -> str:
        name = self.physical_name(logical_id)
        return pattern.format(region=self.location.region, account=ACCOUNT, name=name, uuid=UUID)

    def _ref(self, name: str) -> Any:
        if name in self.values:
            return self.values[name]
        naming = NAMING[self.template["Resources"][name]["Type"]]
        return self._filled(naming.ref, name) if naming.ref else self.arn(name)

    def _attribute(self, logical_id: str, attribute: str) -> str:
        attributes = {"Arn": self.arn, "QueueName": self.physical_name, "TopicArn": self.arn}
        return attributes[attribute](logical_id)

    def _substituted(self, text: str, given: dict[str, str]) -> str:
        def value(match: re.Match[str]) -> str:
            name, _, attribute = match[1].partition(".")
            if name in given:
                return given[name]
            return str(self._attribute(name, attribute) if attribute else self._ref(name))

        # `${!Name}` stands for a literal `${Name}`.
        return re.sub(r"\$\{([\w:.]+)\}", value, text).replace("${!", "${")

    def resolve(self, part: Any) -> Any:
        """The same part with every reference and function replaced by its value."""
        if isinstance(part, list):
            return [each for each in map(self.resolve, part) if each is not NO_VALUE]
        if not isinstance(part, dict):
            return part
        if len(part) == 1:
            ((function, argument),) = part.items()
            # `Condition` is also a key of policies; there it holds an object.
            if function == "Condition" and isinstance(argument, str):
                return self.condition(argument)
            if function == "Ref" or function.startswith("Fn::"):
                return self._call(function, argument)
        resolved = {key: self.resolve(value) for key, value in part.items()}
        return {key: value for key, value in resolved.items() if value is not NO_VALUE}

    def _call(self, function: str, argument: Any) -> Any:
        if function == "Fn::If":
            condition, then, otherwise = argument
            return self.resolve(then if self.condition(condition) else otherwise)
        if function == "Ref":
            return self._ref(argument)
        match function, self.resolve(argument):
            case "Fn::GetAtt", [logical_id, attribute]:
                return self._attribute(logical_id, attribute)
            case "Fn::Sub", str(text):
                return self._substituted(text, {})
            case "Fn::Sub", [text, given]:
                return self._substituted(text, given)
            case "Fn::Join", [separator, parts]:
                return separator.join(parts)
            case "Fn::Equals", [left, right]:
                return left == right
            case "Fn::Not", [value]:
                return not value
        raise LookupError(f"`{function}` of {argument} is not supported")
