"""The stack, deployed to an emulated AWS in this process, and what was made of it.

The emulator knows nothing of permissions and time: what is looked at here is what was made, and where events
arrive.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest import mock

import boto3
from moto import mock_aws

from . import gaps
from .templates import BUCKET, CODE_KEY, FORWARD, FORWARD_KEY, Template, translated

ACCOUNT = "123456789012"
REGION = "us-east-1"
STACK = "mfa-enforcer"

# Sample values: nothing of the caller's own AWS set-up may come through.
_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "sample-secret-that-signs-nothing",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


class Deployment:
    """A stack that was made, by the names that its template gives its parts."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self._clients: dict[tuple[str, str], Any] = {}
        found = self.client("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
        # The emulator lists a part whose condition does not hold too, without its name.
        named = [part for part in found if "LogicalResourceId" in part]
        self._made: dict[str, str] = {
            part["LogicalResourceId"]: part.get("PhysicalResourceId", "") for part in named
        }
        stack = self.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
        self.outputs: dict[str, str] = {out["OutputKey"]: out["OutputValue"] for out in stack["Outputs"]}

    def client(self, service: str, region: str = REGION) -> Any:
        """A client of one of the emulated services."""
        if (service, region) not in self._clients:
            made: Any = boto3.client(service, region_name=region)  # type: ignore[call-overload]
            self._clients[service, region] = made
        return self._clients[service, region]

    def physical(self, logical_id: str) -> str:
        """The name, ARN, URL or id that a part has got."""
        return self._made[logical_id]

    @property
    def made(self) -> set[str]:
        """The parts that were made."""
        return set(self._made)

    def of_type(self, kind: str) -> list[str]:
        """The parts of one type that were made."""
        resources = self.template["Resources"]
        return sorted(name for name in self._made if resources[name]["Type"] == kind)


@contextmanager
def deployed(parameters: Mapping[str, str] | None = None) -> Iterator[Deployment]:
    """The stack in an account of its own, with its defaults but for `parameters`."""
    # With the defaults sent as well, as the console does: the emulator makes no list of a default.
    values = {**defaults(), **(parameters or {})}
    template = gaps.without_what_is_left_out(translated())
    with mock.patch.dict(os.environ, _ENVIRONMENT), mock_aws(config={"lambda": {"use_docker": False}}):
        os.environ.pop("AWS_PROFILE", None)
        gaps.build_bridges()
        _upload()
        boto3.client("cloudformation", region_name=REGION).create_stack(
            StackName=STACK,
            TemplateBody=json.dumps(template),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
        )
        yield Deployment(template)


def defaults() -> dict[str, str]:
    """The parameters as the template sets them."""
    return {name: str(parameter["Default"]) for name, parameter in translated()["Parameters"].items()}


def _upload() -> None:
    """What `sam deploy` uploads. The code is no program; nothing here runs it."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("bootstrap", "")
    s3 = boto3.client("s3", region_name=REGION)
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key=CODE_KEY, Body=archive.getvalue())
    s3.put_object(Bucket=BUCKET, Key=FORWARD_KEY, Body=FORWARD.read_bytes())
