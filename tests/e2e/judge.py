"""The rule that judges the functions' calls, as IAM does before a service does anything.

Each call is judged by the policies of the role that signed it, exactly as the template has them, in the
evaluator of tests/policy. AWS's Service Authorization Reference says which resource and which condition keys
a call has. The calls of everybody else are an administrator's, and are not judged.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any, Protocol

from moto.s3.models import s3_backends
from werkzeug.wrappers import Response

from .deployment import ACCOUNT, DEFAULT, REGION, RESOURCE_POLICIES, STACK, Role
from .evaluator import NotEvaluated
from .gaps import IAM
from .proxy import Call, Forward, deny, refuse

EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
# Group membership is authorized on the group alone, whoever joins or leaves.
OF_GROUPS = ("AddUserToGroup", "RemoveUserFromGroup")
# IAM takes no resource for these, though they may name one.
OF_THE_ACCOUNT = (
    "ListVirtualMFADevices",
    "LookupEvents",
    "DescribeTrails",
    "ListTopics",
    "DescribeOrganization",
    "ListAccounts",
    "ListRoots",
    "ListRules",
    "ListRuleNamesByTarget",
)
# The key that encrypts a topic, by the topic's ARN.
KEYS: dict[str, str] = {
    STACK.arn(name): f"arn:{STACK.location.partition}:kms:{REGION}:{ACCOUNT}:key/{topic['KmsMasterKeyId']}"
    for name, topic in STACK.of_type("AWS::SNS::Topic").items()
    if "KmsMasterKeyId" in topic
}
# Of the account, if it is in one.
ORGANIZATION = "o-exampleorgid"
STACK_ARN: str = DEFAULT.variables["sweep"]["STACK_ID"]
# What SNS does with that key for whoever publishes.
ENCRYPTION = ("kms:GenerateDataKey", "kms:Decrypt")


@dataclass(frozen=True)
class Question:
    """What is asked of a role's policies."""

    action: str
    resource: str
    context: dict[str, Any]


class Evaluating(Protocol):
    """Whoever knows what policies say about a request."""

    def verdict(self, policies: dict[str, Any], request: dict[str, Any]) -> str: ...


class Judge:
    """The rule. `controls` are service control policies, of which an account has none at first."""

    def __init__(self, evaluator: Evaluating) -> None:
        self.evaluator = evaluator
        self.controls: list[dict[str, Any]] = []
        self.deployment = DEFAULT

    def __call__(self, call: Call, forward: Forward) -> Response:
        if not call.role:
            return forward(call)
        asked = Question(call.name, resource_of(call), context_of(call))
        try:
            verdict = self._verdict(call.role, asked)
            encrypts = all(self._verdict(call.role, also) == "Allowed" for also in _encryption(call))
            also_of_set = [self._verdict(call.role, also) for also in _configuration_set(call)]
            verdict = next((each for each in (verdict, *also_of_set) if each != "Allowed"), verdict)
        except NotEvaluated as error:
            # No code of AWS's, and nothing that is tried again.
            return refuse(call, "NotEvaluated", str(error))
        if verdict != "Allowed":
            return deny(call, _message(call.role, asked, verdict))
        if not encrypts:
            return refuse(call, "KMSAccessDenied", f"{call.role.session} may not use the key")
        answer = forward(call)
        is_missing = call.name == "s3:GetObject" and answer.status_code == 404
        # S3 says so only to those who may list the bucket, whatever the prefix.
        if is_missing and self._verdict(call.role, _listing(call)) != "Allowed":
            return deny(call, _message(call.role, asked, "ImplicitlyDenied"))
        return answer

    def verdict(self, identity: Sequence[dict[str, Any]], request: dict[str, Any]) -> str:
        """What these policies of a caller say about a request, in an account with these controls."""
        policies = {
            "identity": identity,
            "controls": [EVERYTHING, *self.controls] if self.controls else [],
            "resource": RESOURCE_POLICIES.get(request["resource"]),
        }
        return self.evaluator.verdict(policies, request)

    def _verdict(self, role: Role, asked: Question) -> str:
        request = {
            "principal": role.session,
            "account": ACCOUNT,
            "action": asked.action,
            "resource": asked.resource,
            "context": {
                "aws:SecureTransport": "true",
                # For a session it is the role's own ARN.
                "aws:PrincipalArn": role.arn,
                "aws:PrincipalAccount": ACCOUNT,
                "aws:ViaAWSService": "false",
                **asked.context,
            },
        }
        return self.verdict(self.deployment.policies[role.function], request)


def resource_of(call: Call) -> str:
    """The ARN on which a call is authorized, or `*`."""
    parameters, partition = call.parameters, STACK.location.partition
    if call.action in OF_THE_ACCOUNT:
        return "*"
    if call.service == "cloudtrail":
        return str(parameters.get("Name") or parameters["TrailName"])
    if call.service == "cloudformation":
        # By its name, a stack of that name has to be allowed, whatever the end of its ARN.
        named = str(parameters["StackName"])
        return named if named.startswith("arn:") else STACK_ARN.replace(STACK.name, named)
    if call.service in OF_SERVICE:
        return OF_SERVICE[call.service](call)
    if call.service == "sns":
        if "PhoneNumber" in parameters:
            return str(parameters["PhoneNumber"])
        # A subscription's ARN is its topic's, and an id.
        named = parameters.get("SubscriptionArn", "").rpartition(":")[0]
        topic = parameters.get("TopicArn") or parameters.get("ResourceArn") or named
        return str(topic or f"arn:{partition}:sns:{REGION}:{ACCOUNT}:{parameters['Name']}")
    if call.action == "GetAccessKeyLastUsed":
        return _owner_of(parameters["AccessKeyId"])
    if call.action in OF_GROUPS or "UserName" not in parameters:
        if "GroupName" in parameters:
            group = IAM.groups.get(parameters["GroupName"])
            return str(group.arn) if group else _arn("group", parameters["GroupName"])
        return str(parameters.get("PolicyArn", "*"))
    user = IAM.users.get(parameters["UserName"])
    return str(user.arn) if user else _arn(f"user{parameters.get('Path', '/')}"[:-1], parameters["UserName"])


def _of_events(call: Call) -> str:
    if call.action == "PutEvents":
        return _bus_of(call)
    return _here("events", f"rule/{call.parameters.get('Rule') or call.parameters['Name']}")


def _of_lambda(call: Call) -> str:
    if call.action == "GetAccountSettings":
        return "*"
    if "UUID" in call.parameters:
        return _here("lambda", f"event-source-mapping:{call.parameters['UUID']}")
    return str(
        call.parameters.get("Resource") or _here("lambda", f"function:{call.parameters['FunctionName']}")
    )


def _queue_of(call: Call) -> str:
    url = str(call.parameters.get("QueueUrl") or call.parameters["QueueName"])
    return _here("sqs", url.rpartition("/")[2])


def _bus_of(call: Call) -> str:
    """The bus, which a request can name by its name. One that names several is none that we make."""
    buses = {str(entry["EventBusName"]) for entry in call.parameters["Entries"]}
    if len(buses) > 1:
        return "*"
    bus = buses.pop()
    return bus if bus.startswith("arn:") else _here("events", f"event-bus/{bus}")


def _object_of(call: Call) -> str:
    """The object, or the bucket."""
    path = "/".join(filter(None, (call.parameters["Bucket"], call.parameters["Key"])))
    return f"arn:{STACK.location.partition}:s3:::{path}"


def _listing(call: Call) -> Question:
    """The permission to list a bucket."""
    bucket = f"arn:{STACK.location.partition}:s3:::{call.parameters['Bucket']}"
    return Question("s3:ListBucket", bucket, {"s3:ResourceAccount": _owner_of_bucket(call)})


def _owner_of_bucket(call: Call) -> str:
    """The account that owns the bucket of a call, wherever the caller is."""
    _, account = s3_backends.bucket_accounts.get(call.parameters["Bucket"], ("", ACCOUNT))
    return account


def _owner_of(key: str) -> str:
    """The ARN of the user to whom an access key belongs: the call names only the key."""
    owners = (
        user.arn for user in IAM.users.values() if key in (own.access_key_id for own in user.access_keys)
    )
    return str(next(owners, "*"))


def _of_mail(call: Call) -> str:
    match call.action:
        case "SendEmail":
            return _of_ses(f"identity/{_sender(call).rpartition('@')[2]}")
        case "GetEmailIdentity":
            return _of_ses(f"identity/{call.parameters['EmailIdentity']}")
        case "GetSuppressedDestination":
            # The list may be a tenant's, so the evaluator asks for one.
            return _of_ses("tenant/any/tn-1")
    return "*"


# How calls of these services name what they are about.
OF_SERVICE: dict[str, Callable[[Call], str]] = {
    "ses": _of_mail,
    "s3": _object_of,
    "sqs": _queue_of,
    "events": _of_events,
    "lambda": _of_lambda,
    "logs": lambda call: _here("logs", f"log-group:{call.parameters['logGroupName']}:log-stream:"),
    "account": lambda _: f"arn:{STACK.location.partition}:account::{ACCOUNT}:account",
    "scheduler": lambda call: _here("scheduler", f"schedule/default/{call.parameters['Name']}"),
    "organizations": lambda call: _of_organization(call.parameters),
    "sts": lambda call: str(call.parameters.get("RoleArn", "*")),
}


def context_of(call: Call) -> dict[str, Any]:
    """The condition keys that a call brings along, beside those that every call has."""
    parameters, context = call.parameters, dict[str, Any]()
    if call.service == "iam" and "PolicyArn" in parameters and parameters.keys() & {"UserName", "GroupName"}:
        context["iam:PolicyARN"] = parameters["PolicyArn"]
    if call.action == "Subscribe":
        context["sns:Protocol"] = parameters["Protocol"]
        context["sns:Endpoint"] = parameters["Endpoint"]
    if call.name == "events:PutEvents":
        entries = call.parameters["Entries"]
        context["events:source"] = sorted({entry["Source"] for entry in entries})
        context["events:detail-type"] = sorted({entry["DetailType"] for entry in entries})
    if call.service == "s3":
        context["s3:ResourceAccount"] = _owner_of_bucket(call)
    if given := call.environ.get("HTTP_IF_NONE_MATCH"):
        context["s3:if-none-match"] = given
    if call.name in ("s3:ListBucket", "s3:ListBucketVersions"):
        context["s3:prefix"] = parameters["Prefix"]
    if call.name == "ses:SendEmail":
        context["ses:FromAddress"] = _sender(call)
        context["ses:Recipients"] = parameters["Destination"]["ToAddresses"]
    if call.name == "sts:AssumeRole":
        # The caller's, and the role's.
        context |= {"aws:PrincipalOrgID": ORGANIZATION, "aws:ResourceOrgID": ORGANIZATION}
    if call.tag_keys:
        context["aws:TagKeys"] = call.tag_keys
    context |= {f"aws:RequestTag/{key}": value for key, value in call.tags.items()}
    return context


def _arn(kind: str, name: str) -> str:
    return f"arn:{STACK.location.partition}:iam::{ACCOUNT}:{kind}/{name}"


def _here(service: str, name: str) -> str:
    return f"arn:{STACK.location.partition}:{service}:{REGION}:{ACCOUNT}:{name}"


def _of_organization(parameters: Mapping[str, Any]) -> str:
    parent = parameters.get("ParentId") or parameters["ResourceId"]
    kind = "root" if parent.startswith("r-") else "ou" if parent.startswith("ou-") else "account"
    return f"arn:{STACK.location.partition}:organizations::{ACCOUNT}:{kind}/{ORGANIZATION}/{parent}"


def _of_ses(name: str) -> str:
    return _here("ses", name)


def _sender(call: Call) -> str:
    """The address without a name. In production, its domain is the identity."""
    return parseaddr(call.parameters["FromEmailAddress"])[1]


def _configuration_set(call: Call) -> list[Question]:
    """A mail needs the permission for its configuration set as well."""
    name = call.parameters.get("ConfigurationSetName") if call.name == "ses:SendEmail" else None
    return [Question(call.name, _of_ses(f"configuration-set/{name}"), context_of(call))] if name else []


def _encryption(call: Call) -> list[Question]:
    """What a publication on an encrypted topic needs besides: SNS uses the key for the caller."""
    key = KEYS.get(call.parameters.get("TopicArn", "")) if call.name == "sns:Publish" else None
    via = {"kms:ViaService": f"sns.{REGION}.{STACK.location.url_suffix}"}
    return [Question(action, key, via) for action in ENCRYPTION] if key else []


def _message(role: Role, asked: Question, verdict: str) -> str:
    because = f"because no identity-based policy allows the {asked.action} action"
    if verdict == "ExplicitlyDenied":
        because = "with an explicit deny"
    about = "" if asked.resource == "*" else f" on resource: {asked.resource}"
    return f"User: {role.session} is not authorized to perform: {asked.action}{about} {because}"
