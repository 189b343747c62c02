"""Removes a deployed stack, and leaves nobody contained.

CloudFormation deletes neither a policy that is attached nor a group that has members, so users are released
first. Without `--yes` it only says what it would do. Every part can be run again.

The users of an organization's hub are in other accounts. The hub is removed first, so that nobody is
contained again. Then this program gets the stack of member.yaml in each account, and releases everyone there.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

ROOT = Path(__file__).resolve().parents[1]
# A person sets the other tags of a user, and keeps them. An approval means nothing without the enforcer.
TAG_NAMES = ("quarantined", "notified", "alerted", "undone", "exempt-by", "mail", "approved")
TAGS = tuple(
    tag["key"]
    for tag in json.loads((ROOT / "contract" / "contract.json").read_text(encoding="utf-8"))["tags"]
    if tag["name"] in TAG_NAMES
)
FUNCTIONS = (
    "SignInFunction",
    "UserLifecycleFunction",
    "MfaDeviceFunction",
    "GuardFunction",
    "SweepFunction",
)
POLICIES = (
    "ConsoleQuarantinePolicy",
    "EverythingQuarantinePolicy",
    "StrictConsoleQuarantinePolicy",
    "StrictEverythingQuarantinePolicy",
    "ConsoleQuarantinePolicySpare",
    "EverythingQuarantinePolicySpare",
    "StrictConsoleQuarantinePolicySpare",
    "StrictEverythingQuarantinePolicySpare",
)
SPARES = tuple(name for name in POLICIES if name.endswith("Spare"))
GROUPS = (
    "QuarantineGroup",
    "EverythingQuarantineGroup",
    "StrictConsoleQuarantineGroup",
    "StrictEverythingQuarantineGroup",
)
# What only the hub of an organization has, and what only the stack in one of its accounts has.
OF_HUB, OF_MEMBER = "AccountQueue", "ReviewRole"
# Quarantines in an account of an organization are found by their paths. They outlive their stacks.
SCOPES = ("console", "everything", "strict-console", "strict-everything")
PATHS = tuple(f"/mfa-enforcer/{kind}{scope}/" for scope in SCOPES for kind in ("", "spare/"))
# A function that was started before is ended after this time, by Lambda.
LONGEST_RUN = 900


class CannotContinue(Exception):
    """Something that a person has to fix first."""


@dataclass(frozen=True)
class Stack:
    """A deployed stack, with the physical IDs of its resources."""

    name: str
    resources: dict[str, str]
    # Quarantine policies and groups of earlier versions, which users can still have.
    former_policies: tuple[str, ...] = ()
    former_groups: tuple[str, ...] = ()

    def ids(self, *logical: str) -> list[str]:
        """The IDs of the resources that are left: an interrupted removal may have deleted some."""
        return [self.resources[name] for name in logical if name in self.resources]

    @property
    def is_hub(self) -> bool:
        """Whether its users are in other accounts."""
        return OF_HUB in self.resources

    @property
    def is_member(self) -> bool:
        """Whether a stack set made it, for a hub."""
        return OF_MEMBER in self.resources

    @property
    def policies(self) -> list[str]:
        """The quarantine policies, by ARN."""
        return [*self.ids(*POLICIES), *self.former_policies]

    @property
    def groups(self) -> list[str]:
        """The quarantine groups, by name."""
        return [*self.ids(*GROUPS), *self.former_groups]

    @property
    def topic_prefix(self) -> str:
        """How the names of the users' own topics begin."""
        return f"{self.name}-user-"


def find(name: str, session: boto3.Session) -> Stack:
    """The stack with this name."""
    cloudformation = session.client("cloudformation")
    pages = cloudformation.get_paginator("list_stack_resources")
    try:
        found = [item for page in pages.paginate(StackName=name) for item in page["StackResourceSummaries"]]
        (described,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        raise CannotContinue(f"There is no stack `{name}` in this account and region: {error}") from error
    ids = {item["LogicalResourceId"]: item.get("PhysicalResourceId", "") for item in found}
    values = {item["ParameterKey"]: item["ParameterValue"] for item in described.get("Parameters", [])}
    stack = Stack(
        name,
        {logical: physical for logical, physical in ids.items() if physical},
        tuple(filter(None, values.get("FormerPolicyArns", "").split(","))),
        tuple(values.get("FormerGroupNames", "").split()),
    )
    if stack.is_member:
        return with_what_is_kept(stack, session.client("iam"))
    if not stack.is_hub and not stack.ids(*POLICIES, *GROUPS):
        raise CannotContinue(
            f"The stack `{name}` has no quarantine policy and no quarantine group: it is something else."
        )
    return stack


def with_what_is_kept(stack: Stack, iam: Any) -> Stack:
    """The stack with the quarantines of earlier ones in the account."""
    policies = [each for page in _pages(iam, "list_policies", Scope="Local") for each in page["Policies"]]
    groups = [each for page in _pages(iam, "list_groups") for each in page["Groups"]]
    arns = {each["Arn"] for each in policies if each["Path"] in PATHS}
    names = {each["GroupName"] for each in groups if each["Path"] in PATHS}
    own = {*stack.policies, *stack.groups}
    return replace(stack, former_policies=tuple(sorted(arns - own)), former_groups=tuple(sorted(names - own)))


def attached(stack: Stack, iam: Any) -> Iterator[tuple[str, str]]:
    """Users with a quarantine policy, each with the policy."""
    for arn in stack.policies:
        pages = _pages(iam, "list_entities_for_policy", PolicyArn=arn, EntityFilter="User")
        yield from ((user["UserName"], arn) for page in pages for user in page["PolicyUsers"])


def members(stack: Stack, iam: Any) -> Iterator[tuple[str, str]]:
    """Users in the quarantine group, each with the group."""
    for group in stack.groups:
        pages = _pages(iam, "get_group", GroupName=group)
        yield from ((user["UserName"], group) for page in pages for user in page["Users"])


def spares(stack: Stack, iam: Any) -> Iterator[tuple[str, str]]:
    """Groups that got a spare, because the text of their policy was lost, each with the spare."""
    for arn in stack.ids(*SPARES):
        pages = _pages(iam, "list_entities_for_policy", PolicyArn=arn, EntityFilter="Group")
        yield from ((group["GroupName"], arn) for page in pages for group in page["PolicyGroups"])


def _pages(iam: Any, call: str, **asked: str) -> Iterator[dict[str, Any]]:
    """The pages of a list; none if somebody has deleted the policy or the group."""
    with suppress(iam.exceptions.NoSuchEntityException):
        yield from iam.get_paginator(call).paginate(**asked)


def tagged(iam: Any) -> Iterator[tuple[str, list[str]]]:
    """Users with our tags, in any case, each with the keys. An exemption is not ours: a person set it."""
    pages = iam.get_paginator("get_account_authorization_details").paginate(Filter=["User"])
    for user in (user for page in pages for user in page["UserDetailList"]):
        keys = [tag["Key"] for tag in user.get("Tags", []) if tag["Key"].lower() in TAGS]
        if keys:
            yield user["UserName"], keys


def topics(stack: Stack, sns: Any) -> Iterator[str]:
    """The users' own topics."""
    pages = sns.get_paginator("list_topics").paginate()
    arns = (topic["TopicArn"] for page in pages for topic in page["Topics"])
    yield from (arn for arn in arns if arn.rsplit(":", 1)[-1].startswith(stack.topic_prefix))


def steps(
    stack: Stack, session: boto3.Session, wait: Callable[[float], Any]
) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Everything to do, in order, each step with its description."""
    iam, sns = session.client("iam"), session.client("sns")
    stop = partial(session.client("lambda").put_function_concurrency, ReservedConcurrentExecutions=0)
    for function in stack.ids(*FUNCTIONS):
        # Nobody is contained again during the removal.
        yield f"stop the function {function}", partial(stop, FunctionName=function)
    # What is running goes on, and could contain users behind our back. That may be in the hub.
    if stack.ids(*FUNCTIONS) or stack.is_member:
        yield f"wait {LONGEST_RUN // 60} minutes for runs under way to end", partial(wait, LONGEST_RUN)
    # Each list is read to its end before anything changes: pages of a list that shrinks would skip users.
    for user, arn in list(attached(stack, iam)):
        detach = partial(iam.detach_user_policy, UserName=user, PolicyArn=arn)
        yield f"release {user}: detach the quarantine policy", detach
    for user, group in list(members(stack, iam)):
        leave = partial(iam.remove_user_from_group, UserName=user, GroupName=group)
        yield f"release {user}: leave the quarantine group", leave
    for group, arn in list(spares(stack, iam)):
        take = partial(iam.detach_group_policy, GroupName=group, PolicyArn=arn)
        yield f"take the spare policy from the group {group}", take
    # The hub's own users have no tags of a hub.
    for user, keys in [] if stack.is_hub else list(tagged(iam)):
        yield (
            f"remove the tags of {user}: {', '.join(keys)}",
            partial(iam.untag_user, UserName=user, TagKeys=keys),
        )
    for arn in list(topics(stack, sns)):
        yield f"delete the topic {arn.rsplit(':', 1)[-1]}", partial(sns.delete_topic, TopicArn=arn)
    yield "check that nobody is contained any more", partial(require_nobody_contained, stack, iam)
    if stack.is_member:
        return
    delete = session.client("cloudformation").delete_stack
    yield f"delete the stack {stack.name}", partial(delete, StackName=stack.name)


def require_nobody_contained(stack: Stack, iam: Any) -> None:
    """Stops the removal if anyone is contained, since the stack could not be deleted."""
    left = sorted({user for user, _ in [*attached(stack, iam), *members(stack, iam)]})
    if left:
        raise CannotContinue(
            f"Still contained, so the stack must not be deleted: {', '.join(left)}. Run this again."
        )


def remove(
    stack: Stack,
    session: boto3.Session,
    certain: bool,
    say: Callable[[str], None],
    wait: Callable[[float], Any] = time.sleep,
) -> None:
    """Carries out the steps, or only describes them."""
    for description, step in steps(stack, session, wait):
        say(description if certain else f"would {description}")
        if certain:
            step()


def left_to_do(stack: Stack) -> str:
    """What the removal does not do."""
    if stack.is_member:
        return "Delete the stack by its stack set. Quarantine policies and groups stay, and contain nobody."
    if stack.is_hub:
        return "The dead-letter queue and the bucket are kept: look into them, then delete them."
    return "The dead-letter queue is kept: look into it, then delete it. Exemptions are kept, too."


def main(arguments: list[str] | None = None) -> int:
    """The command. Returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.remove", description=str(__doc__).split("\n", 1)[0]
    )
    parser.add_argument("--stack", required=True, help="name of the stack")
    parser.add_argument("--region", default="us-east-1", help="its region (default: us-east-1)")
    parser.add_argument("--yes", action="store_true", help="do it, instead of saying what would be done")
    chosen = parser.parse_args(arguments)
    session = boto3.Session(region_name=chosen.region)
    try:
        stack = find(chosen.stack, session)
        remove(stack, session, chosen.yes, print)
    except CannotContinue as problem:
        print(problem, file=sys.stderr)
        return 2
    except (BotoCoreError, ClientError) as error:
        print(f"AWS refused, and nothing after the last line was done: {error}", file=sys.stderr)
        return 1
    print(left_to_do(stack) if chosen.yes else "Nothing was done. Run it with --yes to do it.")
    if stack.is_hub:
        print("Users stay contained in the accounts. Run this there, too, for each stack of member.yaml.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
