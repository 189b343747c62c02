"""Sample events with one field changed at a time, to values that real records have and to others."""

import copy
from collections.abc import Iterator
from typing import Any

from .contract import Event
from .resolved_stack import ACCOUNT

ABSENT = object()
OTHER_ACCOUNT = "210987654321"
OWN_ROLE = "mfa-enforcer-mfa-device"
HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
QUARANTINE = "mfa-enforcer-quarantine"
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/{QUARANTINE}"


def tag(key: str) -> Event:
    """A tag in a record."""
    return {"key": key, "value": "any"}


# Values that count as absent.
NOTHING: tuple[Any, ...] = (ABSENT, None, "", "null")
PARENT: tuple[Any, ...] = (*NOTHING, {})

# Fields of a record of IAM or of the sign-in service, with the values to try.
FIELDS: dict[str, tuple[Any, ...]] = {
    "eventSource": ("iam.amazonaws.com", "signin.amazonaws.com", "transfer.amazonaws.com"),
    "eventName": ("ConsoleLogin", "CheckMfa", "SwitchRole", "PasswordUpdated", "CreateUser", "TagRole"),
    "eventType": (*NOTHING, "AwsApiCall", "AwsConsoleSignIn", "AwsConsoleSignin", "AwsServiceEvent"),
    "errorCode": (*NOTHING, "AccessDenied", "NoSuchEntityException"),
    "recipientAccountId": (*NOTHING, ACCOUNT, OTHER_ACCOUNT),
    "userIdentity": PARENT,
    "userIdentity.type": (
        *(*NOTHING, "IAMUser", "Root", "AssumedRole", "Role", "SAMLUser", "WebIdentityUser", "FederatedUser"),
        *("IdentityCenterUser", "Directory", "AWSAccount", "AWSService", "Unknown"),
    ),
    "userIdentity.userName": (*NOTHING, "alice", "my-company", HIDDEN),
    "userIdentity.invokedBy": (
        *(*NOTHING, "signin.amazonaws.com", "aws-mcp.amazonaws.com"),
        *("cloudformation.amazonaws.com", "AWS Internal"),
    ),
    "userIdentity.accountId": (*NOTHING, OTHER_ACCOUNT),
    "userIdentity.accessKeyId": NOTHING,
    "userIdentity.sessionContext": PARENT,
    "userIdentity.sessionContext.sessionIssuer": PARENT,
    "requestParameters": PARENT,
    "requestParameters.userName": (*NOTHING, "alice", "AWS ROOT USER", HIDDEN),
    "requestParameters.policyArn": (
        *(*NOTHING, f"{POLICY}-console", f"{POLICY}-strict-everything", f"{POLICY}-everything-spare"),
        *(f"{POLICY}-consolex", f"{POLICY}-", f"arn:aws:iam::{ACCOUNT}:policy/x/{QUARANTINE}-console"),
        *(
            f"arn:aws:iam::{OTHER_ACCOUNT}:policy/{QUARANTINE}-console",
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
        ),
    ),
    "requestParameters.groupName": (
        *(
            *NOTHING,
            f"{QUARANTINE}-console",
            f"{QUARANTINE}-strict-console",
            f"{QUARANTINE}-Everything".upper(),
        ),
        *(f"{QUARANTINE}-consolex", f"x{QUARANTINE}-console", "engineers"),
    ),
    "requestParameters.tags": (
        *(*NOTHING, [], [{}], [tag("team")], [tag("team"), tag("mfa-enforcer:exempt-until")]),
        *(
            [tag("MFA-Enforcer:Undone")],
            [tag("mfa-enforcer:of-the-future")],
            [tag("my-mfa-enforcer:notified")],
        ),
        [tag("mfa-enforcer")],
    ),
    "requestParameters.tagKeys": (
        *(
            *NOTHING,
            [],
            ["team"],
            ["team", "mfa-enforcer:exempt-until"],
            ["MFA-ENFORCER:ALERTED"],
            ["mfa-enforcer"],
        ),
        ["my-mfa-enforcer:notified"],
    ),
    "requestParameters.newUserName": (*NOTHING, "alice2"),
    "requestParameters.permissionsBoundary": (*NOTHING, "arn:aws:iam::aws:policy/ReadOnlyAccess"),
    "responseElements": PARENT,
    "responseElements.ConsoleLogin": (*NOTHING, "Success", "Failure", "success"),
    "additionalEventData": PARENT,
    "additionalEventData.MFAUsed": (
        *(*NOTHING, "Yes", "YES", "yes", "yEs", "No", "no", "NO", "true", "True", "false", "maybe"),
        *(True, False),
    ),
}


def _session(role: str, account: str = ACCOUNT, issuer: bool = True) -> Event:
    arn = f"arn:aws:iam::{account}:role/{role}"
    return {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{role}",
        "accountId": account,
        "sessionContext": {
            "sessionIssuer": {"type": "Role", "arn": arn, "accountId": account, "userName": role}
            if issuer
            else {}
        },
    }


# Callers that are the enforcer, or look like it.
CALLERS: dict[str, Event] = {
    "the enforcer": _session(OWN_ROLE),
    "the enforcer, without an issuer": _session(OWN_ROLE, issuer=False),
    "a role of another account with our name": _session(OWN_ROLE, OTHER_ACCOUNT),
    "a role whose name begins like ours": _session(f"{OWN_ROLE}-admin"),
    "a federated session of a user with our name": {
        "type": "FederatedUser",
        "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/anybody",
        "accountId": ACCOUNT,
        "sessionContext": {
            "sessionIssuer": {
                "type": "IAMUser",
                "arn": f"arn:aws:iam::{ACCOUNT}:user/{OWN_ROLE}",
                "accountId": ACCOUNT,
                "userName": OWN_ROLE,
            }
        },
    },
}


def changed(event: Event) -> Iterator[tuple[str, Event]]:
    """The event with each field in turn set to each of its values. Each comes with what was changed."""
    for path, values in FIELDS.items():
        for value in values:
            other = copy.deepcopy(event)
            if _set(other["detail"], path.split("."), value):
                yield f"{path}={'(absent)' if value is ABSENT else repr(value)}", other
    for name, caller in CALLERS.items():
        yield f"userIdentity={name}", {**event, "detail": {**event["detail"], "userIdentity": caller}}
    foreign = copy.deepcopy(event)
    foreign["account"] = OTHER_ACCOUNT
    foreign["detail"].pop("recipientAccountId", None)
    yield "account=another, in the envelope only", foreign


def _set(detail: Event, path: list[str], value: Any) -> bool:
    """Sets a field if its parents exist, and returns whether it did."""
    *parents, name = path
    for parent in parents:
        detail = detail.get(parent)  # type: ignore[assignment]
        if not isinstance(detail, dict):
            return False
    if value is ABSENT:
        detail.pop(name, None)
    else:
        detail[name] = value
    return True
