"""Prints, as JSON, what the policy evaluator needs: the roles, their policies, and the ARNs of the stack.

It does so for several stacks, which differ in everything a policy could depend on by mistake: partition,
region, length of the stack's name, quarantine scope, paths of the break-glass users and of the roles.
"""

import json
import sys
from typing import Any

from .resolved_stack import ACCOUNT, NAMING, RANDOM, UUID, Location, ResolvedStack
from .templates import FORWARD, MAIN, translated

CHINA = Location("aws-cn", "cn-north-1", "amazonaws.com.cn")
GOVCLOUD = Location("aws-us-gov", "us-gov-west-1")
SOVEREIGN = Location("aws-eusc", "eusc-de-east-1", "amazonaws.eu")
# The longest name that leaves room for the names of the roles, which have 64 characters at most.
LONG_NAME = "security-baseline-of-the-payments-organisation-x2"


def _main(name: str, location: Location, **parameters: str) -> ResolvedStack:
    return ResolvedStack(translated(MAIN), name, location, parameters)


# The main stack with default parameters.
STACK = _main("mfa-enforcer", Location())
FORMER_POLICY = f"arn:aws-us-gov:iam::{ACCOUNT}:policy/mfa-ConsoleQuarantinePolicy-{RANDOM}"
FORMER_GROUP = f"mfa-QuarantineGroup-{RANDOM}"
# Each stack by a title, with another region of its partition.
STACKS = {
    "with a break-glass path and approval": (
        "eu-west-1",
        _main(
            "mfa-enforcer",
            Location(),
            BreakGlassPath="/break-glass/",
            Release="approval",
            MailFrom="mfa@example.com",
            Evidence="create",
            OutputBusArn=f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/security",
        ),
    ),
    "in China, with a long name and the other scope": (
        "cn-northwest-1",
        _main(
            LONG_NAME,
            CHINA,
            QuarantineScope="everything",
            Release="approval",
            BreakGlassPath="/emergency/admins/",
            Evidence="create",
            OutputBusArn=f"arn:aws-cn:events:{CHINA.region}:{ACCOUNT}:event-bus/security",
        ),
    ),
    "in GovCloud, with a path of its roles and a past": (
        "us-gov-east-1",
        _main(
            "mfa",
            GOVCLOUD,
            BreakGlassPath="/glass/",
            ExemptPaths="/robots/ /partners/eu/",
            RolePath="/security/iam/",
            PermissionsBoundary=f"arn:aws-us-gov:iam::{ACCOUNT}:policy/boundary",
            FormerPolicyArns=FORMER_POLICY,
            FormerGroupNames=FORMER_GROUP,
            MailFrom="MFA Service <MFA@it.example.com>",
            MailDomains="example.com,example.org",
            Evidence="create",
            OutputBusArn=f"arn:aws-us-gov:events:{GOVCLOUD.region}:{ACCOUNT}:event-bus/security",
        ),
    ),
}


def forwarding(main: ResolvedStack, region: str) -> ResolvedStack:
    """The stack that the stack set of `main` makes in another region."""
    (stack_set,) = main.of_type("AWS::CloudFormation::StackSet").values()
    parameters = {each["ParameterKey"]: each["ParameterValue"] for each in stack_set["Parameters"]}
    location = Location(main.location.partition, region, main.location.url_suffix)
    # CloudFormation names the stacks of a stack set like this.
    name = f"StackSet-{stack_set['StackSetName']}-{UUID}"
    return ResolvedStack(translated(FORWARD), name, location, parameters)


def roles(stack: ResolvedStack) -> dict[str, Any]:
    """Each role, by the last part of its name, with all its policies."""
    managed = {
        stack.arn(name): {"name": name, "policy": policy["PolicyDocument"]}
        for name, policy in stack.of_type("AWS::IAM::ManagedPolicy").items()
    }
    lambdas = stack.of_type("AWS::Lambda::Function")
    functions = {lambdas[name]["Role"]: binary for name, binary in stack.functions().items()}
    found = {}
    for name, role in stack.of_type("AWS::IAM::Role").items():
        own = role.get("Policies", [])
        inline = [{"name": each["PolicyName"], "policy": each["PolicyDocument"]} for each in own]
        arn = stack.arn(name)
        short = role["RoleName"].removeprefix(f"{stack.name}-") if "RoleName" in role else name
        found[short] = {
            "arn": arn,
            # The function that runs with this role, if any.
            "function": functions.get(arn),
            "trust": role["AssumeRolePolicyDocument"],
            # A managed policy from outside the stack is an error here.
            "policies": [managed[attached] for attached in role.get("ManagedPolicyArns", [])] + inline,
        }
    return found


def resource_policies(stack: ResolvedStack) -> dict[str, Any]:
    """The policies of resources, by the resource's ARN."""
    policies: dict[str, Any] = {}
    for policy in stack.of_type("AWS::SNS::TopicPolicy").values():
        policies |= dict.fromkeys(policy["Topics"], policy["PolicyDocument"])
    queues = {stack.resolve({"Ref": name}): stack.arn(name) for name in stack.of_type("AWS::SQS::Queue")}
    for policy in stack.of_type("AWS::SQS::QueuePolicy").values():
        policies |= {queues[queue]: policy["PolicyDocument"] for queue in policy["Queues"]}
    for policy in stack.of_type("AWS::S3::BucketPolicy").values():
        policies[f"arn:{stack.location.partition}:s3:::{policy['Bucket']}"] = policy["PolicyDocument"]
    for name, key in stack.of_type("AWS::KMS::Key").items():
        policies[stack.arn(name)] = key["KeyPolicy"]
    return policies


def arns(stack: ResolvedStack) -> dict[str, str]:
    """The ARN of every resource that has one, by logical ID."""
    return {name: stack.arn(name) for name, each in stack.resources.items() if each["Type"] in NAMING}


def _mail(main: ResolvedStack) -> dict[str, Any]:
    """Who sends mail, and to whom. Where SES sends none, any address will do."""
    given = main.references["MailFrom"].rpartition("<")[2].rstrip(">")
    address = given or "mfa@example.com"
    domain = address.rpartition("@")[2]
    domains = (main.references["MailDomains"] or domain).split(",")
    return {"mail": bool(given), "mailFrom": address, "mailDomain": domain, "mailDomains": domains}


def described(title: str, region: str, main: ResolvedStack) -> dict[str, Any]:
    """One stack, as the policy evaluator wants it."""
    there = forwarding(main, region)
    return {
        "title": title,
        "account": ACCOUNT,
        "partition": main.location.partition,
        "region": main.location.region,
        "urlSuffix": main.location.url_suffix,
        "stack": main.name,
        # The end of the stack's ARN.
        "uuid": UUID,
        "scope": main.references["QuarantineScope"],
        "release": main.references["Release"],
        **_mail(main),
        "breakGlassPath": main.references["BreakGlassPath"],
        "roles": roles(main),
        "arns": arns(main),
        "resourcePolicies": resource_policies(main) | resource_policies(there),
        "elsewhere": {"region": region, "stack": there.name, "arns": arns(there)},
    }


if __name__ == "__main__":
    stacks = [described(title, region, main) for title, (region, main) in STACKS.items()]
    json.dump(stacks, sys.stdout, indent=1)
