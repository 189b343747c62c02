"""Prints, as JSON, what the policy evaluator asks about: roles, their policies, and the ARNs of the stack.

For several deployments, which differ in everything that a policy could depend on by mistake: partition,
region, length of the stack's name, scope, path of the break-glass users.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from .deployment import ACCOUNT, KINDS, UUID, Deployment, Place
from .templates import FORWARD, MAIN, translated

CHINA = Place("aws-cn", "cn-north-1", "amazonaws.com.cn")
GOVCLOUD = Place("aws-us-gov", "us-gov-west-1")
# As long as the names of the roles, of 64 characters at the most, leave room for.
LONG_NAME = "security-baseline-of-the-payments-organisation-x2"

# Name of the deployment, and another region of its partition, with the deployment.
DEPLOYMENTS = {
    "as by default": ("eu-west-1", Deployment(translated(MAIN))),
    "in China, with a long name and the other scope": (
        "cn-northwest-1",
        Deployment(
            translated(MAIN),
            LONG_NAME,
            CHINA,
            {
                "QuarantineScope": "everything",
                "SignInRegions": "cn-northwest-1",
                "BreakGlassPath": "/emergency/admins/",
            },
        ),
    ),
    "in GovCloud, with exempt paths": (
        "us-gov-east-1",
        Deployment(
            translated(MAIN),
            "mfa",
            GOVCLOUD,
            {"ExemptPaths": "/robots/,/partners/eu/", "SignInRegions": "us-gov-east-1"},
        ),
    ),
}


def forwarded(main: Deployment, region: str) -> Deployment:
    """What the stack set of `main` makes in a region."""
    (stack_set,) = main.of("AWS::CloudFormation::StackSet").values()
    parameters = {each["ParameterKey"]: each["ParameterValue"] for each in stack_set["Parameters"]}
    place = Place(main.place.partition, region, main.place.url_suffix)
    # CloudFormation names the stacks of a stack set so.
    return Deployment(translated(FORWARD), f"StackSet-{stack_set['StackSetName']}-{UUID}", place, parameters)


def roles(deployment: Deployment) -> dict[str, Any]:
    """Each role, by the last part of its name, with everything that is attached to it."""
    managed = {
        deployment.arn(name): {"name": name, "policy": policy["PolicyDocument"]}
        for name, policy in deployment.of("AWS::IAM::ManagedPolicy").items()
    }
    functions = {
        function["Role"]: deployment.template["Resources"][name]["Metadata"]["BuildProperties"]["Binary"]
        for name, function in deployment.of("AWS::Lambda::Function").items()
    }
    found = {}
    for name, role in deployment.of("AWS::IAM::Role").items():
        inline = [
            {"name": policy["PolicyName"], "policy": policy["PolicyDocument"]}
            for policy in role.get("Policies", [])
        ]
        arn = deployment.arn(name)
        short = role["RoleName"].removeprefix(f"{deployment.stack}-") if "RoleName" in role else name
        found[short] = {
            "arn": arn,
            # The function that runs under it, if one does.
            "function": functions.get(arn),
            "trust": role["AssumeRolePolicyDocument"],
            # A policy that is none of the stack's own is not known here, and an error.
            "policies": [managed[attached] for attached in role.get("ManagedPolicyArns", [])] + inline,
        }
    return found


def resource_policies(deployment: Deployment) -> dict[str, Any]:
    """The policies that resources have themselves, by the ARN of the resource."""
    policies = {}
    for policy in deployment.of("AWS::SNS::TopicPolicy").values():
        policies |= {topic: policy["PolicyDocument"] for topic in policy["Topics"]}
    queues = {
        deployment.resolve({"Ref": name}): deployment.arn(name) for name in deployment.of("AWS::SQS::Queue")
    }
    for policy in deployment.of("AWS::SQS::QueuePolicy").values():
        policies |= {queues[queue]: policy["PolicyDocument"] for queue in policy["Queues"]}
    for name, key in deployment.of("AWS::KMS::Key").items():
        policies[deployment.arn(name)] = key["KeyPolicy"]
    return policies


def arns(deployment: Deployment) -> dict[str, str]:
    """The ARN of everything that has one, by logical id."""
    return {
        name: deployment.arn(name) for name, each in deployment.resources.items() if each["Type"] in KINDS
    }


def described(title: str, region: str, main: Deployment) -> dict[str, Any]:
    there = forwarded(main, region)
    return {
        "title": title,
        "account": ACCOUNT,
        "partition": main.place.partition,
        "region": main.place.region,
        "urlSuffix": main.place.url_suffix,
        "stack": main.stack,
        "scope": main.values["QuarantineScope"],
        "breakGlassPath": main.values["BreakGlassPath"],
        "roles": roles(main),
        "arns": arns(main),
        "resourcePolicies": resource_policies(main) | resource_policies(there),
        "elsewhere": {"region": region, "stack": there.stack, "arns": arns(there)},
    }


def everything() -> list[dict[str, Any]]:
    return [described(title, region, main) for title, (region, main) in DEPLOYMENTS.items()]


if __name__ == "__main__":
    json.dump(everything(), sys.stdout, indent=1)
