"""CloudTrail's event history: it records IAM's writes as they pass the proxy, and answers LookupEvents.

As CloudTrail's user guide and API reference have it: the newest event first, those of the last 90 days, some
minutes late, refused calls too, 50 a page, one attribute to look up by. moto has no such call.
"""

import json
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from werkzeug.wrappers import Response

from .deployment import ACCOUNT, ADMIN_KEY, REGION, Role, there
from .gaps import IAM
from .proxy import Call, Forward, answer, error_code, refuse

Detail = dict[str, Any]

LOOK_UP = "cloudtrail:LookupEvents"
KEPT = timedelta(days=90)
# CloudTrail's guide: typically within an average of about five minutes.
LATE = timedelta(minutes=5)
LARGEST_PAGE = 50


def moment(time: datetime) -> str:
    """A time as CloudTrail writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def user_name(detail: Detail) -> str:
    """Of a user the name, of a role the name of the session."""
    identity = detail["userIdentity"]
    return str(identity.get("userName") or identity.get("arn", "").rpartition("/")[2])


# What an event can be looked up by.
ATTRIBUTES: dict[str, Callable[[Detail], Any]] = {
    "AccessKeyId": lambda detail: detail["userIdentity"].get("accessKeyId"),
    "EventId": lambda detail: detail["eventID"],
    "EventName": lambda detail: detail["eventName"],
    "EventSource": lambda detail: detail["eventSource"],
    "ReadOnly": lambda detail: str(bool(detail.get("readOnly"))).lower(),
    "Username": user_name,
}
_LIST = re.compile(r"(\w+)\.member\.(\d+)(?:\.(\w+))?")


class EventHistory:
    """`record` stands before all other rules, `look_up` among them."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._details: list[Detail] = []
        self._undelivered: list[Detail] = []
        self.late = LATE

    def record(self, call: Call, forward: Forward) -> Response:
        """Lets a call pass, and records IAM's writes. One whose answer gets lost was done all the same."""
        if call.service != "iam" or not call.writes:
            return forward(call)
        detail = _detail(call)
        try:
            response = forward(call)
            if code := error_code(response):
                detail["errorCode"] = code if code.startswith("AccessDenied") else f"{code}Exception"
                if code.startswith("AccessDenied"):
                    detail["requestParameters"] = None
        finally:
            self._details.append(detail)
            self._undelivered.append(detail)
        return response

    def undelivered(self) -> list[Detail]:
        """The records of calls since the last time, the oldest first."""
        found, self._undelivered = self._undelivered, []
        return found

    def add(self, event: Mapping[str, Any]) -> None:
        """Adds the record of an event that EventBridge may deliver too, if it is a record of IAM."""
        detail = event.get("detail")
        if (
            isinstance(detail, dict)
            and detail.get("eventSource") == "iam.amazonaws.com"
            and "eventID" in detail
        ):
            self._details.append(dict(detail))

    def know(self, event: Mapping[str, Any]) -> None:
        """Adds the record of an event of any source, as CloudTrail has all of them."""
        self._details.append(dict(event["detail"]))

    def age(self, by: timedelta) -> None:
        """Makes every event older."""
        for detail in self._details:
            detail["eventTime"] = moment(_time(detail) - by)

    def look_up(self, call: Call, forward: Forward) -> Response:
        return self._page(call) if call.name == LOOK_UP else forward(call)

    def _page(self, call: Call) -> Response:
        asked, now = call.parameters, datetime.now(timezone.utc)
        size = asked.get("MaxResults", LARGEST_PAGE)
        if not 1 <= size <= LARGEST_PAGE:
            return refuse(call, "InvalidMaxResultsException", f"MaxResults is from 1 to {LARGEST_PAGE}.")
        attributes = asked.get("LookupAttributes", [])
        if len(attributes) > 1 or any(each["AttributeKey"] not in ATTRIBUTES for each in attributes):
            return refuse(call, "InvalidLookupAttributesException", "Only one known attribute is allowed.")
        start, end = (_moment(asked.get(name)) for name in ("StartTime", "EndTime"))
        if start and end and start > end:
            return refuse(call, "InvalidTimeRangeException", "The start is after the end.")
        found = [
            detail
            for detail in sorted(self._details, key=_time, reverse=True)
            if max(start or now - KEPT, now - KEPT) <= _time(detail) <= min(end or now, now - self.late)
            and all(ATTRIBUTES[each["AttributeKey"]](detail) == each["AttributeValue"] for each in attributes)
        ]
        if token := asked.get("NextToken"):
            ids = [detail["eventID"] for detail in found]
            if token not in ids:
                return refuse(call, "InvalidNextTokenException", "The token is not of this request.")
            found = found[ids.index(token) + 1 :]
        page = found[:size]
        more = {"NextToken": page[-1]["eventID"]} if len(found) > size else {}
        return answer(call, {"Events": [_event(detail) for detail in page], **more})


def _event(detail: Detail) -> dict[str, Any]:
    """An event as LookupEvents answers it: a few fields, and the whole record as a text."""
    return {
        "EventId": detail["eventID"],
        "EventName": detail["eventName"],
        "ReadOnly": ATTRIBUTES["ReadOnly"](detail),
        "EventTime": _time(detail).timestamp(),
        "EventSource": detail["eventSource"],
        "Username": user_name(detail),
        "Resources": [],
        "CloudTrailEvent": json.dumps(detail),
    }


def _time(detail: Detail) -> datetime:
    return datetime.strptime(detail["eventTime"], "%Y-%m-%dT%H:%M:%S%z")


def _moment(seconds: float | None) -> datetime | None:
    """JSON says times as seconds since 1970."""
    return None if seconds is None else datetime.fromtimestamp(seconds, timezone.utc)


def _detail(call: Call) -> Detail:
    """A call as CloudTrail records it."""
    return {
        "eventVersion": "1.11",
        "userIdentity": _role(call.role, call.time) if call.role else _person(call.caller, call.time),
        "eventTime": moment(call.time),
        "eventSource": f"{call.service}.amazonaws.com",
        "eventName": call.action,
        "awsRegion": REGION,
        "sourceIPAddress": "203.0.113.200",
        "userAgent": call.environ.get("HTTP_USER_AGENT", ""),
        "requestParameters": _request_parameters(call),
        "responseElements": None,
        "requestID": str(uuid.uuid4()),
        "eventID": str(uuid.uuid4()),
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    }


def _role(role: Role, time: datetime) -> Detail:
    principal = f"AROA{role.access_key[4:]}"
    return {
        "type": "AssumedRole",
        "principalId": f"{principal}:{role.function}",
        "arn": role.session,
        "accountId": ACCOUNT,
        "accessKeyId": role.access_key,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": principal,
                "arn": role.arn,
                "accountId": ACCOUNT,
                "userName": role.name,
            },
            "attributes": {"creationDate": moment(time), "mfaAuthenticated": "false"},
        },
    }


def session_key(name: str) -> str:
    """The access key of a user's session."""
    return f"ASIA{name.encode().hex().upper()}"


def _person(access_key: str, time: datetime) -> Detail:
    """An administrator, or the user whose session it is."""
    hidden = access_key.removeprefix("ASIA")
    if hidden == access_key:
        return {
            "type": "IAMUser",
            "principalId": "AIDAADMINISTRATOR1234",
            "arn": there(f"arn:aws:iam::{ACCOUNT}:user/admin"),
            "accountId": ACCOUNT,
            "accessKeyId": access_key or ADMIN_KEY,
            "userName": "admin",
        }
    user = IAM.get_user(bytes.fromhex(hidden).decode())
    return {
        "type": "IAMUser",
        "principalId": user.id,
        "arn": user.arn,
        "accountId": ACCOUNT,
        "accessKeyId": access_key,
        "userName": user.name,
        "sessionContext": {"attributes": {"creationDate": moment(time), "mfaAuthenticated": "true"}},
    }


def _request_parameters(call: Call) -> Detail:
    """A form's fields as CloudTrail writes them: `Tags.member.1.Key` is in the list `tags`."""
    parameters, lists = Detail(), dict[str, dict[int, Any]]()
    for name, value in call.parameters.items():
        if found := _LIST.fullmatch(name):
            entries = lists.setdefault(_lower(found[1]), {})
            if found[3]:
                entries.setdefault(int(found[2]), {})[_lower(found[3])] = value
            else:
                entries[int(found[2])] = value
        elif name not in ("Action", "Version"):
            parameters[_lower(name)] = value
    return parameters | {
        name: [entries[number] for number in sorted(entries)] for name, entries in lists.items()
    }


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]
