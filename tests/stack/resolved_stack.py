"""A translated template with its references resolved, as in one account and region.

moto resolves it. Names and ARNs are invented, but follow AWS's rules. CloudFormation shortens generated names
that would be too long, so a policy that relies on the beginning of a name is tried on a shortened one.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from moto.cloudformation.parsing import ResourceMap, clean_json

# The account of the sample events.
ACCOUNT = "123456789012"
# Stands for the twelve random letters and digits at the end of a generated name.
RANDOM = "1ABCDEF2GHIJ"
UUID = "1234abcd-12ab-34cd-56ef-1234567890ab"


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


# In an ARN, `here` stands for the region and the account.
_QUEUE_URL = "https://sqs.{region}.amazonaws.com/{account}/{name}"
NAMING = {
    "AWS::CloudWatch::Alarm": Naming("cloudwatch:{here}:alarm:{name}", "{name}", "AlarmName", 255),
    "AWS::CloudFormation::StackSet": Naming(
        "cloudformation:{here}:stackset/{name}:{uuid}", "{name}:{uuid}", "StackSetName"
    ),
    "AWS::Events::EventBus": Naming("events:{here}:event-bus/{name}", "{name}", "Name", 256),
    "AWS::Events::Rule": Naming("events:{here}:rule/{bus}{name}", "{name}", "Name", 64),
    "AWS::IAM::Group": Naming("iam::{account}:group{path}{name}", "{name}", "GroupName"),
    "AWS::IAM::ManagedPolicy": Naming("iam::{account}:policy{path}{name}", name="ManagedPolicyName"),
    "AWS::IAM::Role": Naming("iam::{account}:role{path}{name}", "{name}", "RoleName", 64),
    "AWS::KMS::Key": Naming("kms:{here}:key/{uuid}", "{uuid}"),
    "AWS::Lambda::Function": Naming("lambda:{here}:function:{name}", "{name}", "FunctionName", 64),
    # AWS ends the ARN of a log group like this, to cover its streams.
    "AWS::Logs::LogGroup": Naming("logs:{here}:log-group:{name}:*", "{name}", "LogGroupName", 512),
    "AWS::S3::Bucket": Naming("s3:::{name}", "{name}", "BucketName", 63),
    "AWS::Scheduler::Schedule": Naming("scheduler:{here}:schedule/default/{name}", "{name}", "Name", 64),
    "AWS::SES::ConfigurationSet": Naming("ses:{here}:configuration-set/{name}", "{name}", "Name", 64),
    "AWS::SNS::Topic": Naming("sns:{here}:{name}", name="TopicName", limit=256),
    "AWS::SQS::Queue": Naming("sqs:{here}:{name}", _QUEUE_URL, "QueueName", 80),
}


@dataclass(frozen=True)
class Location:
    """A partition and a region in it."""

    partition: str = "aws"
    region: str = "us-east-1"
    url_suffix: str = "amazonaws.com"


@dataclass(frozen=True)
class Resource:
    """What moto asks of a resource that another refers to."""

    name: str
    arn: str
    physical_resource_id: str

    def get_cfn_attribute(self, attribute: str) -> str:
        return {"Arn": self.arn, "QueueName": self.name, "TopicArn": self.arn}[attribute]


class References(ResourceMap):
    """The parameters and resources of a template. Unlike moto's own, it makes no resources."""

    def __init__(self, template: dict[str, Any], name: str, location: Location, parameters: dict[str, str]):
        declared = template.get("Parameters", {})
        unknown = set(parameters) - set(declared)
        if unknown:
            raise LookupError(f"no such parameters: {unknown}")
        # moto makes no list of a default.
        defaults = {key: str(each["Default"]) for key, each in declared.items() if "Default" in each}
        super().__init__("", name, defaults | parameters, {}, location.region, ACCOUNT, template, {})
        self._parsed_resources["AWS::Partition"] = location.partition
        here = f"{location.region}:{ACCOUNT}"
        stack_id = f"arn:{location.partition}:cloudformation:{here}:stack/{name}/{UUID}"
        self._parsed_resources["AWS::StackId"] = stack_id
        self._parsed_resources["AWS::URLSuffix"] = location.url_suffix
        self.load_mapping()
        self.load_parameters()
        self.load_conditions()

    def __getitem__(self, key: str) -> Any:
        if key not in self._parsed_resources:
            self._parsed_resources[key] = self._resource(key)
        return self._parsed_resources[key]

    def _resource(self, logical_id: str) -> Resource:
        resource = self._template["Resources"][logical_id]
        naming = NAMING[resource["Type"]]
        ending = f"-{logical_id[: naming.limit // 2 - len(RANDOM)]}-{RANDOM}"
        generated = self["AWS::StackName"][: max(naming.limit - len(ending), 0)] + ending
        if naming.name == "BucketName":
            generated = generated.lower()
        name = clean_json(resource.get("Properties", {}).get(naming.name, generated), self)
        if resource.get("Properties", {}).get("FifoQueue") and naming.name == "QueueName":
            # SQS asks for this ending, and CloudFormation adds it to a name that it generates.
            name = name.removesuffix(".fifo")[: naming.limit - len(".fifo")] + ".fifo"
        if len(name) > naming.limit:
            raise ValueError(f"{name} is longer than {naming.limit}")
        region = self["AWS::Region"]
        # Only the ARN of a rule on the default bus does not name the bus.
        bus = clean_json(resource.get("Properties", {}).get("EventBusName"), self)
        parts = {
            "bus": f"{bus}/" if bus else "",
            "region": region,
            "account": ACCOUNT,
            "here": f"{region}:{ACCOUNT}",
            "name": name,
            "path": clean_json(resource.get("Properties", {}).get("Path", "/"), self),
            "uuid": UUID,
        }
        arn = f"arn:{self['AWS::Partition']}:{naming.arn.format_map(parts)}"
        return Resource(name, arn, naming.ref.format_map(parts) or arn)


@dataclass(frozen=True)
class ResolvedStack:
    """A stack made from a translated template. Parameters that are not given have their defaults."""

    template: dict[str, Any]
    name: str = "mfa-enforcer"
    location: Location = Location()
    parameters: dict[str, str] = field(default_factory=dict)

    @cached_property
    def references(self) -> References:
        return References(self.template, self.name, self.location, self.parameters)

    @cached_property
    def resources(self) -> dict[str, dict[str, Any]]:
        """The resources whose conditions hold, resolved."""
        return {
            name: self.resolve(resource)
            for name, resource in self.template["Resources"].items()
            if self._is_made(resource)
        }

    @cached_property
    def outputs(self) -> dict[str, Any]:
        """The value of each output whose condition holds."""
        outputs = self.template["Outputs"].items()
        return {name: self.resolve(output["Value"]) for name, output in outputs if self._is_made(output)}

    def _is_made(self, part: dict[str, Any]) -> bool:
        return "Condition" not in part or bool(self.references.lazy_condition_map[part["Condition"]])

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

    def arn(self, logical_id: str) -> str:
        """The ARN of a resource."""
        return str(self.references[logical_id].arn)

    def physical_name(self, logical_id: str) -> str:
        """The name of a resource: its own, or the one that CloudFormation generates."""
        return str(self.references[logical_id].name)

    def physical_id(self, logical_id: str) -> str:
        """What CloudFormation lists a resource by."""
        return str(self.references[logical_id].physical_resource_id)

    def resolve(self, part: Any) -> Any:
        """The same part with every reference and function replaced by its value."""
        return without_nothing(clean_json(part, self.references))


def without_nothing(part: Any) -> Any:
    """The same part without list entries that are no value. moto drops only properties."""
    if isinstance(part, dict):
        return {key: without_nothing(value) for key, value in part.items()}
    if isinstance(part, list):
        return [without_nothing(each) for each in part if each is not None]
    return part
