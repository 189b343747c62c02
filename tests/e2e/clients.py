"""Calls that tests make with boto3, with the key of a function's role or as an administrator."""

import json
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from .deployment import ADMIN_KEY, REGION, ROLES, SECRET
from .emulator import Emulator

_KEYS = {role.function: key for key, role in ROLES.items()}


class Clients:
    """Makes clients of a service."""

    def __init__(self, aws: Emulator) -> None:
        self._url = aws.url

    def __call__(self, service: str, function: str = "", region: str = REGION) -> Any:
        """For a function, or for an administrator."""
        return boto3.client(  # type: ignore[call-overload]
            service,
            region_name=region,
            endpoint_url=self._url,
            aws_access_key_id=_KEYS.get(function, ADMIN_KEY),
            aws_secret_access_key=SECRET,
            config=Config(proxies={}, retries={"total_max_attempts": 1}),
        )


def tags(**values: str) -> list[dict[str, str]]:
    return [
        {"Key": key.replace("__", ":").replace("_", "-"), "Value": value} for key, value in values.items()
    ]


def code(make: Callable[[], object]) -> str:
    """The code of the error that a call meets; empty for none."""
    try:
        make()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def events(cloudtrail: Any, name: str = "", **more: Any) -> list[dict[str, Any]]:
    """The records of one page."""
    attributes = [{"AttributeKey": "EventName", "AttributeValue": name}] if name else []
    page = cloudtrail.lookup_events(LookupAttributes=attributes, **more)
    return [json.loads(event["CloudTrailEvent"]) for event in page["Events"]]
