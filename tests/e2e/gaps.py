"""What AWS answers and moto does not: rules for the proxy that are always in force, and the state they need.

The dates of passwords, the root user, a credential report that is a snapshot of up to four hours ago, pages
of account details, addresses that nobody has confirmed, the stack, and the queue of the sweeps. Everything
else is moto's.
"""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import uuid4

from moto.core.utils import utcnow
from moto.iam.models import iam_backends
from moto.sns.models import sns_backends
from werkzeug.wrappers import Response

from tests.stack.resolved_stack import NAMING

from .deployment import ACCOUNT, DEFAULT, REGION, STACK, there
from .proxy import Call, Forward, answer, refuse

T = TypeVar("T")

# moto's own record of the account, which stays the same object when it is reset.
IAM, SNS = iam_backends[ACCOUNT][STACK.location.partition], sns_backends[ACCOUNT][REGION]

STACK_ID = DEFAULT.variables["sweep"]["STACK_ID"]
ROOT_ARN = there(f"arn:aws:iam::{ACCOUNT}:root")
# IAM makes a new report only when the last one is this old.
REPORT_EXPIRES_AFTER = timedelta(hours=4)
# A subscription that nobody confirms is deleted after this time.
UNCONFIRMED_FOR = timedelta(hours=48)
# Stands in lists for the ARN of a subscription whose address has not been confirmed.
PENDING = "PendingConfirmation"
# Not every test that orders a sweep has the queue.
SWEEP_QUEUE = STACK.physical_name("SweepQueue")
REPORT_TIME = "%Y-%m-%dT%H:%M:%S+00:00"


def utc_now() -> datetime:
    """Now to the second, in UTC without saying so, as moto keeps times."""
    return utcnow().replace(microsecond=0)


@dataclass
class Root:
    has_mfa: bool = True
    access_keys: int = 0


@dataclass
class Report:
    content: str
    made: datetime
    # How often it is still to be answered that the report is being made.
    polls_left: int

    @property
    def expired(self) -> bool:
        return utc_now() - self.made >= REPORT_EXPIRES_AFTER


def _own_policies() -> list[Any]:
    """The policies of the account, not those of AWS."""
    return [policy for policy in IAM.managed_policies.values() if ":iam::aws:" not in policy.arn]


def _managed(policy: Any) -> dict[str, Any]:
    """A policy with its versions, whose documents IAM writes with percent signs."""
    versions = [
        {
            "Document": quote(version.document),
            "VersionId": version.version_id,
            "IsDefaultVersion": version.is_default,
        }
        for version in policy.versions
    ]
    return {"PolicyName": policy.name, "Arn": policy.arn, "PolicyVersionList": versions}


class Gaps:
    """The rule that answers where moto does not."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Makes the account new."""
        IAM.reset()
        SNS.reset()
        self.root = Root()
        self.report: Report | None = None
        # How often the next report answers that it is still being made.
        self.report_polls = 0
        # Empty if there is no stack.
        self.stack_status = "CREATE_COMPLETE"
        self.stack_drift: dict[str, Any] = {"StackDriftStatus": "NOT_CHECKED"}
        # Of functions, at the same time.
        self.executions = 1000
        # Quotas of the account summary that are not AWS's own.
        self.quotas: dict[str, int] = {}
        # Those that are enabled.
        self.regions = [REGION]
        # The names that AWS gave to resources which have none of their own, by logical ID.
        self.given_names: dict[str, str] = {}
        # What the stack was deployed with besides.
        self.parameters: dict[str, str] = {}
        # The sweeps that the guard ordered.
        self.orders: list[dict[str, str]] = []
        # Addresses whose owners have not followed the link. All others follow it at once.
        self.unconfirmed: set[str] = set()
        # How long each subscription has waited for that, by its id.
        self._waiting: dict[str, timedelta] = {}

    def __call__(self, call: Call, forward: Forward) -> Response:
        match call.name:
            case "iam:GenerateCredentialReport":
                return answer(call, {"State": self._generate_report()})
            case "iam:GetCredentialReport":
                return self._get_report(call)
            case "iam:GetAccountAuthorizationDetails":
                return self._census(call)
            case "iam:GetAccountSummary":
                return answer(call, {"SummaryMap": self._summary()})
            case "iam:GetLoginProfile" if created := password_created(call.parameters["UserName"]):
                profile = {"UserName": call.parameters["UserName"], "CreateDate": created}
                return answer(call, {"LoginProfile": profile})
            case "iam:UpdateUser" if call.parameters["UserName"] in IAM.users:
                return update_user(call.parameters["UserName"], lambda: forward(call))
            case "cloudformation:DescribeStacks" | "cloudformation:DescribeStackEvents" if call.role:
                return self._describe_stack(call)
            case "account:ListRegions" | "lambda:GetAccountSettings":
                return self._of_account(call)
            case "cloudformation:ListStackResources" if call.role:
                return self._list_resources(call)
            case "sqs:SendMessage" if call.role and SWEEP_QUEUE in call.parameters["QueueUrl"]:
                self.orders.append(json.loads(call.parameters["MessageBody"]))
                return answer(call, {"MessageId": str(uuid4()), "MD5OfMessageBody": ""})
            case "events:PutEvents" if call.parameters["Entries"][0]["Source"] == "mfa-enforcer.test":
                # moto's rules reach no function, and fail.
                return answer(call, {"FailedEntryCount": 0, "Entries": [{"EventId": str(uuid4())}]})
            case "sns:Subscribe":
                return self._subscribe(call, forward)
        return forward(call)

    def _of_account(self, call: Call) -> Response:
        if call.action == "ListRegions":
            named = [{"RegionName": region, "RegionOptStatus": "ENABLED"} for region in self.regions]
            return answer(call, {"Regions": named})
        names = ("ConcurrentExecutions", "UnreservedConcurrentExecutions")
        return answer(call, {"AccountLimit": dict.fromkeys(names, self.executions)})

    def _describe_stack(self, call: Call) -> Response:
        if call.action == "DescribeStackEvents":
            return answer(call, {"StackEvents": [self._last_event(call.parameters["StackName"])]})
        if not self.stack_status:
            return refuse(call, "ValidationError", "Stack with this id does not exist")
        return answer(call, {"Stacks": [self._stack(call.parameters["StackName"])]})

    def _stack(self, arn: str) -> dict[str, Any]:
        """The stack of the template, which this emulator does not deploy."""
        declared = STACK.template["Parameters"]
        values = {name: str(each.get("Default", "")) for name, each in declared.items()}
        values |= {"Mode": "enforce", "BreakGlassPath": "/break-glass/"} | self.parameters
        outputs = [{"OutputKey": key, "OutputValue": value} for key, value in STACK.outputs.items()]
        return {
            "StackId": STACK_ID if arn == STACK.name else arn,
            "StackName": STACK.name,
            "CreationTime": utc_now(),
            "StackStatus": self.stack_status,
            "DriftInformation": self.stack_drift,
            "Outputs": outputs,
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
        }

    def _list_resources(self, call: Call) -> Response:
        if not self.stack_status:
            return refuse(call, "ValidationError", "Stack with this id does not exist")
        return answer(call, {"StackResourceSummaries": self._resources()})

    def _resources(self) -> list[dict[str, Any]]:
        """What the stack consists of, as far as it can be looked up by its name."""
        return [
            {
                "LogicalResourceId": name,
                "PhysicalResourceId": self.given_names.get(name) or STACK.physical_id(name),
                "ResourceType": resource["Type"],
                "LastUpdatedTimestamp": utc_now(),
                "ResourceStatus": "CREATE_COMPLETE",
            }
            for name, resource in STACK.resources.items()
            if name in self.given_names or resource["Type"] in NAMING
        ]

    def _last_event(self, arn: str) -> dict[str, Any]:
        """The newest event of a stack is about the stack itself."""
        return {
            "StackId": arn,
            "EventId": str(uuid4()),
            "StackName": STACK.name,
            "PhysicalResourceId": arn,
            "ResourceStatus": self.stack_status,
            "Timestamp": utc_now(),
        }

    def _generate_report(self) -> str:
        if self.report is None or self.report.expired:
            self.report = Report(self._render_report(), utc_now(), self.report_polls)
            return "STARTED"
        return "INPROGRESS" if self.report.polls_left else "COMPLETE"

    def _get_report(self, call: Call) -> Response:
        if self.report is None:
            return refuse(call, "ReportNotPresent", "No report exists.", 410)
        if self.report.expired:
            return refuse(call, "ReportExpired", "The report has expired.", 410)
        if self.report.polls_left:
            self.report.polls_left -= 1
            return refuse(call, "ReportInProgress", "Report generation in progress", 404)
        return answer(call, {"Content": self.report.content, "GeneratedTime": self.report.made})

    def _render_report(self) -> str:
        """moto's report, with the dates of the passwords, and root's row before the others."""
        IAM.generate_report()
        moto_report = csv.DictReader(io.StringIO(IAM.get_credential_report()))
        text = io.StringIO()
        writer = csv.DictWriter(text, moto_report.fieldnames or (), restval="N/A")
        writer.writeheader()
        writer.writerow(self._root_row())
        for row, user in zip(moto_report, IAM.users.values(), strict=True):
            if user.password:
                row["password_last_changed"] = vars(user)["password_changed"].strftime(REPORT_TIME)
            else:
                row.update(dict.fromkeys(("password_last_changed", "password_last_used"), "N/A"))
            writer.writerow(row)
        return text.getvalue()

    def _root_row(self) -> dict[str, str]:
        return {
            "user": "<root_account>",
            "arn": ROOT_ARN,
            "user_creation_time": "2020-01-01T00:00:00+00:00",
            "password_enabled": "not_supported",
            "password_last_used": "no_information",
            "password_last_changed": "not_supported",
            "mfa_active": str(self.root.has_mfa).lower(),
            "access_key_1_active": str(self.root.access_keys > 0).lower(),
            "access_key_2_active": str(self.root.access_keys > 1).lower(),
        }

    def _census(self, call: Call) -> Response:
        """A page of users, groups and policies. moto has no pages, and answers with everything."""
        first, size = int(call.parameters.get("Marker", 0)), int(call.parameters.get("MaxItems", 100))
        asked = {value for name, value in call.parameters.items() if name.startswith("Filter.member.")}
        everything = [
            *(("UserDetailList", user) for user in IAM.users.values() if "User" in asked),
            *(("GroupDetailList", group) for group in IAM.groups.values() if "Group" in asked),
            *(("Policies", _managed(policy)) for policy in _own_policies() if "LocalManagedPolicy" in asked),
        ]
        end = first + size
        more = {"IsTruncated": True, "Marker": str(end)} if end < len(everything) else {"IsTruncated": False}
        page: dict[str, list[Any]] = {"UserDetailList": [], "GroupDetailList": [], "Policies": []}
        for kind, item in everything[first:end]:
            page[kind].append(item)
        return answer(call, {**page, **more})

    def _summary(self) -> dict[str, int]:
        return {
            **IAM.get_account_summary().summary_map,
            "AccountMFAEnabled": int(self.root.has_mfa),
            "AccountAccessKeysPresent": int(self.root.access_keys > 0),
            "AccountPasswordPresent": 1,
            **self.quotas,
        }

    def _subscribe(self, call: Call, forward: Forward) -> Response:
        response = forward(call)
        if call.parameters["Endpoint"].lower() not in self.unconfirmed:
            return response
        self.hide_unconfirmed()
        return answer(call, {"SubscriptionArn": "pending confirmation"})

    def hide_unconfirmed(self) -> None:
        """A subscription has no ARN that is shown before its address is confirmed."""
        for arn, subscription in SNS.subscriptions.items():
            if subscription.endpoint.lower() in self.unconfirmed:
                subscription.arn = PENDING
                self._waiting.setdefault(arn, timedelta(0))
            else:
                subscription.arn = arn
                self._waiting.pop(arn, None)

    def age(self, by: timedelta) -> None:
        """Time passes for the subscriptions that wait to be confirmed."""
        for arn in list(self._waiting):
            self._waiting[arn] += by
            if self._waiting[arn] >= UNCONFIRMED_FOR:
                del self._waiting[arn]
                SNS.subscriptions.pop(arn, None)


def update_user(name: str, update: Callable[[], T], iam: Any = IAM) -> T:
    """Moves or renames a user, who keeps the tags. moto keeps them under the ARN, which changes."""
    user = iam.users[name]
    tags, old = user.tags or [], user.arn
    result = update()
    if user.arn != old:
        iam.tagger.delete_all_tags_for_resource(old)
        iam.tagger.tag_resource(user.arn, tags)
    return result


def user_ids() -> dict[str, str]:
    """The id of each user, by name."""
    return {name: user.id for name, user in IAM.users.items()}


def password_created(name: str) -> datetime | None:
    """When a user's password was created, which moto has no place for: it is kept beside what moto knows."""
    user = IAM.users.get(name)
    created: datetime | None = vars(user)["password_created"] if user and user.password else None
    return created
