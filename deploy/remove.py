"""Takes a deployed enforcer out of an account, and leaves nobody contained.

CloudFormation does not delete a policy that is attached or a group that has members, so the users have to be
released first. Without `--yes` it only says what it would do. Every part can be run again.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

QUARANTINED_TAG = "mfa-enforcer:quarantined"
NOTES = (QUARANTINED_TAG, "mfa-enforcer:notified", "mfa-enforcer:alerted")
FUNCTIONS = ("SignInFunction", "UserLifecycleFunction", "MfaDeviceFunction", "SweepFunction")
POLICIES = ("ConsoleQuarantinePolicy", "EverythingQuarantinePolicy")
GROUP = "QuarantineGroup"
ALERTS = "AlertsTopic"


class CannotGoOn(Exception):
    """Something that a person has to mend first."""


@dataclass(frozen=True)
class Stack:
    """A deployed stack, by the physical ids of its resources."""

    name: str
    resources: dict[str, str]

    def ids(self, *logical: str) -> list[str]:
        """Of those that are there: a removal that was broken off may have taken some."""
        return [self.resources[name] for name in logical if name in self.resources]

    @property
    def topic_prefix(self) -> str:
        return f"{self.name}-user-"


def find(name: str, session: boto3.Session) -> Stack:
    """The stack of this name."""
    pages = session.client("cloudformation").get_paginator("list_stack_resources")
    try:
        found = [item for page in pages.paginate(StackName=name) for item in page["StackResourceSummaries"]]
    except ClientError as error:
        raise CannotGoOn(f"There is no stack `{name}` in this account and region: {error}") from error
    ids = {item["LogicalResourceId"]: item.get("PhysicalResourceId", "") for item in found}
    stack = Stack(name, {logical: physical for logical, physical in ids.items() if physical})
    if not stack.ids(*POLICIES, GROUP):
        raise CannotGoOn(f"The stack `{name}` has no quarantine policy and no quarantine group: it is another one.")
    return stack


def attached(stack: Stack, iam: Any) -> Iterator[tuple[str, str]]:
    """Users with a quarantine policy, and which."""
    for arn in stack.ids(*POLICIES):
        pages = iam.get_paginator("list_entities_for_policy").paginate(PolicyArn=arn, EntityFilter="User")
        yield from ((user["UserName"], arn) for page in pages for user in page["PolicyUsers"])


def members(stack: Stack, iam: Any) -> Iterator[tuple[str, str]]:
    """Users in the quarantine group, and its name."""
    for group in stack.ids(GROUP):
        pages = iam.get_paginator("get_group").paginate(GroupName=group)
        yield from ((user["UserName"], group) for page in pages for user in page["Users"])


def tagged(iam: Any) -> Iterator[tuple[str, list[str]]]:
    """Users with notes of an enforcer, and the keys."""
    pages = iam.get_paginator("get_account_authorization_details").paginate(Filter=["User"])
    for user in (user for page in pages for user in page["UserDetailList"]):
        keys = [tag["Key"] for tag in user.get("Tags", []) if tag["Key"] in NOTES]
        if keys:
            yield user["UserName"], keys


def topics(stack: Stack, sns: Any) -> Iterator[str]:
    """The users' own topics."""
    pages = sns.get_paginator("list_topics").paginate()
    arns = (topic["TopicArn"] for page in pages for topic in page["Topics"])
    yield from (arn for arn in arns if arn.rsplit(":", 1)[-1].startswith(stack.topic_prefix))


def steps(stack: Stack, session: boto3.Session) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Everything to do, in this order, each with its words."""
    iam, sns = session.client("iam"), session.client("sns")
    functions = session.client("lambda")
    for name in stack.ids(*FUNCTIONS):
        # Nobody is contained again while the rest goes on.
        yield f"stop the function {name}", lambda name=name: functions.put_function_concurrency(
            FunctionName=name, ReservedConcurrentExecutions=0
        )
    # Lists are read to their end before anything changes: pages of a list that shrinks would skip users.
    for user, arn in list(attached(stack, iam)):
        yield f"release {user}: detach the quarantine policy", lambda user=user, arn=arn: iam.detach_user_policy(
            UserName=user, PolicyArn=arn
        )
    for user, group in list(members(stack, iam)):
        yield f"release {user}: leave the quarantine group", lambda user=user, group=group: (
            iam.remove_user_from_group(UserName=user, GroupName=group)
        )
    for user, keys in list(tagged(iam)):
        yield f"remove the notes on {user}: {', '.join(keys)}", lambda user=user, keys=keys: iam.untag_user(
            UserName=user, TagKeys=keys
        )
    for arn in list(topics(stack, sns)):
        yield f"delete the topic {arn.rsplit(':', 1)[-1]}", lambda arn=arn: sns.delete_topic(TopicArn=arn)
    yield "check that nobody is contained any more", lambda: nobody_is_contained(stack, iam)
    yield f"delete the stack {stack.name}", lambda: session.client("cloudformation").delete_stack(
        StackName=stack.name
    )


def nobody_is_contained(stack: Stack, iam: Any) -> None:
    """Ends the removal where somebody is, by whatever means: the stack could not be deleted."""
    left = sorted({user for user, _ in [*attached(stack, iam), *members(stack, iam)]})
    if left:
        raise CannotGoOn(f"Still contained, so the stack is not deleted: {', '.join(left)}. Run this again.")


def remove(stack: Stack, session: boto3.Session, certain: bool, say: Callable[[str], None]) -> int:
    """Does the steps, or says them; how many there are."""
    count = 0
    for count, (words, step) in enumerate(steps(stack, session), 1):
        say(f"{'' if certain else 'would '}{words}")
        if certain:
            step()
    return count


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.remove", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--stack", required=True, help="name of the stack")
    parser.add_argument("--region", default="us-east-1", help="its region (default: us-east-1)")
    parser.add_argument("--yes", action="store_true", help="do it, instead of saying what would be done")
    chosen = parser.parse_args(arguments)
    session = boto3.Session(region_name=chosen.region)
    try:
        stack = find(chosen.stack, session)
        remove(stack, session, chosen.yes, print)
    except CannotGoOn as problem:
        print(problem, file=sys.stderr)
        return 2
    except (BotoCoreError, ClientError) as error:
        print(f"AWS refused, and nothing after the last line was done: {error}", file=sys.stderr)
        return 1
    if chosen.yes:
        print("The dead-letter queue is kept: look into it, then delete it by hand. Exemptions on users are kept too.")
    else:
        print("Nothing was done. Run it with --yes to do it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
