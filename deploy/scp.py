"""Writes the service control policy that protects a stack, or what an organization's accounts have.

For a stack with default parameters it writes `policies/protect-quarantine.scp.json`, and with `--members`
`policies/protect-members.scp.json`. For another stack, give the values of its parameters, and say which of
your roles decide on exemptions and deploy it.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

_ON_USERS = ["iam:CreateUser", "iam:TagUser", "iam:UntagUser"]
# The tags of a user that only the enforcer writes.
OWN_TAGS = ("alerted", "exempt-by", "mail", "notified", "quarantined", "undone")
# AWS Organizations counts white space too, unless its console saves the policy.
QUOTA = 10_240
# CloudFormation shortens names that it makes for functions and queues. This much of a stack's name it keeps.
KEPT = 24

_CHANGES = {
    "cloudformation": "Cancel* Continue* Create* Delete* Execute* Rollback* Set* Update*",
    "cloudwatch": "Delete* Disable* Put*",
    "events": "Delete* Disable* Put* Remove*",
    "iam": "AttachRolePolicy Create* Delete* Detach* PassRole Put* Update*",
    "lambda": "Add* Create* Delete* Put* Remove* Update*",
    "logs": "Delete* PutRetentionPolicy",
    "s3": "BypassGovernanceRetention Delete* PutBucket* Put*Configuration PutObjectRetention",
    "scheduler": "Delete* Update*",
    "sns": "AddPermission Delete* Put* Remove* Set* Unsubscribe",
    "sqs": "AddPermission DeleteQueue PurgeQueue RemovePermission SetQueueAttributes",
}


@dataclass(frozen=True)
class Names:
    """What the policy has to know of a stack.

    Roles are written as in an ARN after `role/`, and can have wildcards.
    """

    stack: str = "mfa-enforcer"
    role_path: str = "/"
    exempt_paths: Sequence[str] = ("/break-glass/",)
    exempt_users: Sequence[str] = ()
    former_policies: Sequence[str] = ()
    former_groups: Sequence[str] = ()
    exemption_roles: Sequence[str] = ()
    deployment_roles: Sequence[str] = ()
    break_glass_roles: Sequence[str] = ("break-glass",)

    @property
    def made(self) -> str:
        """How the names of functions and queues begin."""
        return f"{self.stack}-" if len(self.stack) <= KEPT else f"{self.stack[:KEPT]}*-"

    @property
    def own(self) -> list[str]:
        """The roles of the stack. StackSets knows the last one by its name, so it has no path."""
        return [f"{self.role_path[1:]}{self.stack}-*", self.forward]

    @property
    def forward(self) -> str:
        return f"{self.stack}-forward-exec"

    @property
    def restoring(self) -> list[str]:
        """Puts a quarantine back into force whose text or group somebody changed."""
        return [*self.deploying, *(f"{self.role_path[1:]}{self.stack}-{name}" for name in ("guard", "sweep"))]

    @property
    def exempting(self) -> list[str]:
        return [*self.break_glass_roles, *(self.exemption_roles or [f"{self.stack}-exemptions"])]

    @property
    def deploying(self) -> list[str]:
        return [*self.break_glass_roles, *(self.deployment_roles or [f"{self.stack}-deploy"]), self.forward]

    @property
    def lifting(self) -> list[str]:
        """Whoever decides on exemptions or deploys can release by hand."""
        return [*self.own, *self.exempting, *self.deploying]

    @property
    def policies(self) -> list[str]:
        return [f"arn:*:iam::*:policy/{name}" for name in (f"{self.stack}-*", *self.former_policies)]

    @property
    def groups(self) -> list[str]:
        return [f"arn:*:iam::*:group/{name}" for name in (f"{self.stack}-*", *self.former_groups)]


@dataclass(frozen=True)
class MemberNames(Names):
    """The same of what a stack set deploys to the accounts of an organization."""

    stack: str = "mfa-enforcer-member"

    @property
    def own(self) -> list[str]:
        """The roles that the hub assumes, and those of the rules."""
        return [f"mfa-enforcer/{self.stack}-*"]

    @property
    def restoring(self) -> list[str]:
        return [*self.deploying, f"mfa-enforcer/{self.stack}-guard"]

    @property
    def exempting(self) -> list[str]:
        return [*self.break_glass_roles, *(self.exemption_roles or ["mfa-enforcer-exemptions"])]

    @property
    def deploying(self) -> list[str]:
        """StackSets makes the role that deploys service-managed sets. Nobody else may make one like it."""
        return [*self.break_glass_roles, "stacksets-exec-*", *self.deployment_roles]

    @property
    def policies(self) -> list[str]:
        return [f"arn:*:iam::*:policy/{name}" for name in ("mfa-enforcer/*", *self.former_policies)]

    @property
    def groups(self) -> list[str]:
        return [f"arn:*:iam::*:group/{name}" for name in ("mfa-enforcer/*", *self.former_groups)]


def document(names: Names) -> dict[str, Any]:
    """The policy for the account of a stack."""
    stack = names.stack
    topic = f"arn:*:sns:*:*:{stack}-AlertsTopic-*"
    functions = f"arn:*:lambda:*:*:function:{names.made}*"
    return _policy(
        _detaching(names),
        _deny(
            "OnlyEnforcerEmptiesGroupsAndTagsTopic",
            names.lifting,
            ["iam:RemoveUserFromGroup", "sns:TagResource", "sns:UntagResource"],
            [*names.groups, topic],
        ),
        *_marking(names),
        _deny(
            "OnlyEnforcerCallsFunctionsAndOrdersSweeps",
            names.lifting,
            [
                "lambda:Invoke*",
                "sqs:ChangeMessageVisibility",
                "sqs:DeleteMessage",
                "sqs:ReceiveMessage",
                "sqs:SendMessage",
            ],
            [functions, f"arn:*:sqs:*:*:{names.made}SweepQueue-*"],
        ),
        *_exempting(names),
        _restoring(names),
        _changing(
            names,
            _CHANGES,
            [
                f"arn:*:cloudformation:*:*:stack/{stack}/*",
                f"arn:*:cloudformation:*:*:stack/StackSet-{stack}-*",
                f"arn:*:cloudformation:*:*:stackset/{stack}-*",
                f"arn:*:cloudwatch:*:*:alarm:{stack}-*",
                f"arn:*:cloudwatch::*:dashboard/{stack}",
                f"arn:*:events:*:*:rule/{stack}-*",
            ],
            [
                functions,
                f"arn:*:logs:*:*:log-group:{stack}-*",
                # Names of buckets are in lower case. A star at the end is for their objects, too.
                f"arn:*:s3:::{names.made.lower()}evidencebucket-*",
                f"arn:*:scheduler:*:*:schedule/*/{stack}-*",
                topic,
                f"arn:*:sqs:*:*:{names.made}*",
            ],
        ),
        # The link between the queue of sweeps and the function. Its ARN has no name.
        _deny(
            "OnlyDeployersChangeWhatStartsFunctions",
            names.deploying,
            [f"lambda:{verb}EventSourceMapping" for verb in ("Create", "Delete", "Update")],
            condition={"ArnLike": {"lambda:FunctionArn": functions}},
        ),
    )


def members_document(names: Names) -> dict[str, Any]:
    """The policy for the accounts of an organization, where there are no functions."""
    stack = names.stack
    return _policy(
        _detaching(names),
        _deny("OnlyEnforcerEmptiesGroups", names.lifting, ["iam:RemoveUserFromGroup"], names.groups),
        *_marking(names),
        *_exempting(names),
        _restoring(names),
        _changing(
            names,
            {service: _CHANGES[service] for service in ("cloudformation", "events", "iam", "sqs")},
            # The stack sets have this name, or names that begin with it.
            [f"arn:*:cloudformation:*:*:stack/StackSet-{stack}-*", f"arn:*:events:*:*:rule/{stack}-*"],
            [f"arn:*:sqs:*:*:{stack}-*"],
        ),
    )


def _policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _detaching(names: Names) -> dict[str, Any]:
    return _deny(
        "OnlyEnforcerDetachesQuarantine",
        names.lifting,
        ["iam:DetachUserPolicy"],
        condition={"ArnLike": {"iam:PolicyARN": _one_or_more(names.policies)}},
    )


def _marking(names: Names) -> list[dict[str, Any]]:
    return [
        _deny(
            "OnlyEnforcerMarksUsers",
            names.lifting,
            _ON_USERS,
            condition=_tags([f"mfa-enforcer:{tag}" for tag in OWN_TAGS]),
        ),
        # The enforcer removes an approval that was used. It never sets one.
        _deny(
            "OnlyExemptersApprove",
            names.exempting,
            ["iam:CreateUser", "iam:TagUser"],
            condition=_tags(["mfa-enforcer:approved"]),
        ),
        _deny(
            "OnlyEnforcerRemovesApprovals",
            names.lifting,
            ["iam:UntagUser"],
            condition=_tags(["mfa-enforcer:approved"]),
        ),
    ]


def _exempting(names: Names) -> list[dict[str, Any]]:
    return [
        _deny(
            "OnlyExemptersExemptByTag",
            names.exempting,
            _ON_USERS,
            condition=_tags(["mfa-enforcer:exempt-until"]),
        ),
        _deny(
            "OnlyExemptersExemptByPathOrName",
            names.exempting,
            ["iam:CreateUser", "iam:UpdateUser"],
            [
                *(f"arn:*:iam::*:user{path}*" for path in names.exempt_paths),
                # Anywhere: no two users have one name.
                *(f"arn:*:iam::*:user/{path}{name}" for name in names.exempt_users for path in ("", "*/")),
            ],
        ),
    ]


def _restoring(names: Names) -> dict[str, Any]:
    return _deny(
        "OnlyEnforcerRestoresQuarantine",
        names.restoring,
        ["iam:AttachGroupPolicy", "iam:SetDefaultPolicyVersion"],
        [*names.groups, *names.policies],
    )


def _changing(
    names: Names, changes: Mapping[str, str], before: list[str], after: list[str]
) -> dict[str, Any]:
    """Nobody else changes the enforcer, or makes or changes a role that is spared."""
    spared = {*names.lifting, *names.exempting, *names.deploying}
    return _deny(
        "OnlyDeployersChangeEnforcer",
        names.deploying,
        [f"{service}:{action}" for service, actions in changes.items() for action in actions.split()],
        [*before, *names.groups, *names.policies, *_roles(spared), *after],
    )


def _deny(
    sid: str,
    spared: Iterable[str],
    actions: list[str],
    resources: list[str] | None = None,
    condition: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A statement that denies to everyone but some roles."""
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Action": _one_or_more(actions),
        "Resource": _one_or_more(resources or ["*"]),
        "Condition": {**(condition or {}), "ArnNotLike": {"aws:PrincipalArn": _one_or_more(_roles(spared))}},
    }


def _tags(keys: list[str]) -> dict[str, Any]:
    # IAM keeps one tag of a user for `Team` and `team`, so a change with other capitals would replace ours.
    return {"ForAnyValue:StringEqualsIgnoreCase": {"aws:TagKeys": _one_or_more(keys)}}


def _roles(names: Iterable[str]) -> list[str]:
    """The ARNs of roles, without those that a wildcard among them covers."""
    wanted = sorted(set(names))
    return [f"arn:*:iam::*:role/{one}" for one in wanted if not any(_covers(other, one) for other in wanted)]


def _covers(pattern: str, name: str) -> bool:
    return pattern != name and "*" in pattern and fnmatchcase(name, pattern)


def _one_or_more(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values


def _form(pattern: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise argparse.ArgumentTypeError(f"`{text}` is not possible here")
        return text

    return read


def _policy_name(text: str) -> str:
    """The name of a policy, also from its ARN: the control policy is for many accounts."""
    return _form(r"[\w+=,.@/-]+")(text.rsplit(":policy/", maxsplit=1)[-1])


def _parser() -> argparse.ArgumentParser:
    stack = _form(r"[A-Za-z][A-Za-z0-9-]{0,48}")
    path = _form(r"/([\w+=,.@-]+/)+")
    role_path = _form(r"/([\w+=,.@-]+/)*")
    # Not a wildcard alone: that would spare everybody.
    role = _form(r"[\w+=,.@*?/-]*\w[\w+=,.@*?/-]*")
    group = _form(r"[\w+=,.@-]+")
    user = group
    parser = argparse.ArgumentParser(prog="python -m deploy.scp", description=__doc__)
    add = parser.add_argument
    add("--members", action="store_true", help="for the accounts to which member.yaml is deployed")
    add("--stack", type=stack, help="the name of the stack; for members, their parameter Name")
    add("--role-path", type=role_path, default=Names.role_path, help="its parameter RolePath")
    add("--break-glass-path", type=path, default=Names.exempt_paths[0], help="its parameter BreakGlassPath")
    add("--exempt-paths", type=path, nargs="*", default=[], help="its parameter ExemptPaths")
    add("--exempt-users", type=user, nargs="*", default=[], help="its parameter ExemptUsers")
    add("--former-policies", type=_policy_name, nargs="*", default=[], help="its parameter FormerPolicyArns")
    add("--former-groups", type=group, nargs="*", default=[], help="its parameter FormerGroupNames")
    add("--exemption-roles", type=role, nargs="+", default=[], help="instead of STACK-exemptions")
    add("--deployment-roles", type=role, nargs="+", default=[], help="instead of STACK-deploy")
    add("--break-glass-roles", type=role, nargs="+", default=Names.break_glass_roles, help="not break-glass")
    return parser


def main() -> None:
    given = _parser().parse_args()
    kind = MemberNames if given.members else Names
    names = kind(
        stack=given.stack or kind.stack,
        role_path=given.role_path,
        exempt_paths=[given.break_glass_path, *given.exempt_paths],
        exempt_users=given.exempt_users,
        former_policies=given.former_policies,
        former_groups=given.former_groups,
        exemption_roles=given.exemption_roles,
        deployment_roles=given.deployment_roles,
        break_glass_roles=given.break_glass_roles,
    )
    made = members_document(names) if given.members else document(names)
    text = json.dumps(made, indent=2)
    if len(text) + 1 > QUOTA:
        raise SystemExit(f"The policy would have {len(text) + 1} characters. AWS takes {QUOTA}.")
    print(text)


if __name__ == "__main__":
    main()
