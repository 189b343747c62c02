"""`upload.sh` puts a release into a bucket, from which CloudFormation makes the stack."""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from moto import mock_aws
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from deploy.release.compiled import FUNCTIONS
from deploy.release.plain_templates import TEMPLATES
from tests.e2e.emulator import serving
from tests.stack.members import HUB_ACCOUNT, ORGANIZATION
from tests.stack.resolved_stack import ResolvedStack

from .deployable import SKIPPED, deployable
from .sample import VERSION
from .test_plain_templates import read

TOOLS = Path(sys.executable).parent
BUCKET = "code-of-kim"
UPLOADED = {*(f"{function}.zip" for function in FUNCTIONS), *TEMPLATES}


@dataclass(frozen=True)
class Cloud:
    """An emulated AWS, and how a person's shell is set up for it."""

    url: str

    @property
    def environment(self) -> dict[str, str]:
        credentials = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"}
        path = f"{TOOLS}{os.pathsep}{os.environ['PATH']}"
        # No settings of the person who runs the tests.
        nobody = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
        return {"PATH": path, "AWS_ENDPOINT_URL": self.url, **credentials, **nobody}

    def client(self, service: str, region: str = "us-east-1") -> Any:
        session = boto3.Session("any", "any", region_name=region)
        return session.client(service, endpoint_url=self.url)  # type: ignore[call-overload]

    def upload(self, folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [str(folder / "upload.sh"), *arguments]
        place = self.environment | environment
        return subprocess.run(command, env=place, capture_output=True, text=True, check=False, cwd="/")

    def keys(self) -> set[str]:
        listed = self.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return {each["Key"] for each in listed}


@pytest.fixture(name="cloud")
def _cloud() -> Iterator[Cloud]:
    with mock_aws(), serving(DomainDispatcherApplication(create_backend_app)) as address:
        cloud = Cloud(f"http://{address}")
        cloud.client("s3").create_bucket(Bucket=BUCKET)
        yield cloud


@pytest.fixture(name="copy")
def _copy(released: Path, tmp_path: Path) -> Path:
    """A release that a test may spoil."""
    return Path(shutil.copytree(released, tmp_path / "copy with a space"))


def test_stack_is_made_from_what_was_uploaded(released: Path, cloud: Cloud) -> None:
    done = cloud.upload(released, BUCKET)
    assert (done.returncode, done.stderr) == (0, "")
    assert cloud.keys() == {f"mfa-enforcer/{VERSION}/{name}" for name in UPLOADED}
    (url,) = re.findall(r"--template-url (\S+)", done.stdout)
    assert url == f"https://{BUCKET}.s3.us-east-1.amazonaws.com/mfa-enforcer/{VERSION}/single-account.yaml"
    parameters = dict(re.findall(r"ParameterKey=(\w+),ParameterValue=(\S+)", done.stdout))
    assert parameters["CodeBucket"] == BUCKET
    assert make(released, cloud, url, "single-account.yaml", parameters)["Version"] == VERSION


def test_hub_is_made_from_what_was_uploaded(released: Path, cloud: Cloud) -> None:
    assert cloud.upload(released, BUCKET).returncode == 0
    url = f"https://{BUCKET}.s3.us-east-1.amazonaws.com/mfa-enforcer/{VERSION}/hub.yaml"
    parameters = {"CodeBucket": BUCKET, "OrganizationId": ORGANIZATION}
    outputs = make(released, cloud, url, "hub.yaml", parameters)
    events = cloud.client("events")
    policy = json.loads(events.describe_event_bus(Name="mfa-enforcer")["Policy"])
    (statement,) = policy["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("events:PutEvents", outputs["BusArn"])
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}
    names = {rule["Name"] for rule in events.list_rules(EventBusName="mfa-enforcer")["Rules"]}
    assert {"mfa-enforcer-sign-ins", "mfa-enforcer-members"} <= names
    assert len(names) == 9
    for name in names:
        (target,) = events.list_targets_by_rule(Rule=name, EventBusName="mfa-enforcer")["Targets"]
        assert ":function:" in target["Arn"]
    variables = cloud.client("lambda").get_function_configuration(FunctionName=outputs["SweepFunctionName"])
    found = variables["Environment"]["Variables"]
    assert (found["ORGANIZATION_ID"], found["EVIDENCE_BUCKET"]) == (
        ORGANIZATION,
        outputs["EvidenceBucketName"],
    )
    assert found["ACCOUNT_QUEUE_URL"] != outputs["AccountDeadLettersUrl"]


def test_members_are_made_from_what_was_uploaded(released: Path, cloud: Cloud) -> None:
    assert cloud.upload(released, BUCKET).returncode == 0
    given = {"OrganizationId": ORGANIZATION, "HubAccount": HUB_ACCOUNT}
    for name, region in (("member.yaml", "us-east-1"), ("member-region.yaml", "eu-west-1")):
        uploaded = cloud.client("s3").get_object(Bucket=BUCKET, Key=f"mfa-enforcer/{VERSION}/{name}")
        template = yaml.safe_load(uploaded["Body"].read())
        cloudformation = cloud.client("cloudformation", region)
        with deployable():
            cloudformation.create_stack(
                StackName="StackSet-mfa",
                # moto knows one way only to keep a resource.
                TemplateBody=json.dumps(template).replace("RetainExceptOnCreate", "Retain"),
                Capabilities=["CAPABILITY_NAMED_IAM"],
                Parameters=[
                    {"ParameterKey": key, "ParameterValue": value}
                    for key, value in given.items()
                    if key in template["Parameters"]
                ],
            )
        (described,) = cloudformation.describe_stacks(StackName="StackSet-mfa")["Stacks"]
        assert described["StackStatus"] == "CREATE_COMPLETE"
        kinds = {each["Type"] for each in template["Resources"].values()}
        assert not {kind for kind in kinds if kind.startswith(("AWS::Lambda", "AWS::SNS"))}
    roles = cloud.client("iam").list_roles(PathPrefix="/mfa-enforcer/")["Roles"]
    names = {role["RoleName"].rpartition("-")[2] for role in roles}
    assert {"contain", "release", "review", "guard"} <= names
    bus = f":{HUB_ACCOUNT}:event-bus/mfa-enforcer"
    for region in ("us-east-1", "eu-west-1"):
        events = cloud.client("events", region)
        rules = events.list_rules()["Rules"]
        assert rules
        for rule in rules:
            (target,) = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
            assert target["Arn"].endswith(bus)


def make(released: Path, cloud: Cloud, url: str, name: str, parameters: dict[str, str]) -> dict[str, str]:
    """Makes the stack of a template, with all of its resources, and returns its outputs."""
    cloudformation = cloud.client("cloudformation")
    with deployable():
        cloudformation.create_stack(
            StackName="mfa-enforcer",
            TemplateURL=url,
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        )
    (described,) = cloudformation.describe_stacks(StackName="mfa-enforcer")["Stacks"]
    assert described["StackStatus"] == "CREATE_COMPLETE"
    functions = cloud.client("lambda").list_functions()["Functions"]
    codes = {function["CodeSha256"] for function in functions}
    assert codes == {digest(released / f"{function}.zip") for function in FUNCTIONS}
    stack = ResolvedStack(read(released, name), parameters=parameters)
    wanted = Counter(each["Type"] for each in stack.resources.values() if each["Type"] not in SKIPPED)
    made = Counter(resource_types(cloudformation))
    assert {kind: made[kind] for kind in wanted} == wanted
    return {each["OutputKey"]: each["OutputValue"] for each in described["Outputs"]}


def digest(file: Path) -> str:
    return base64.b64encode(hashlib.sha256(file.read_bytes()).digest()).decode()


def resource_types(cloudformation: Any) -> list[str]:
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName="mfa-enforcer")
    return [each["ResourceType"] for page in pages for each in page["StackResourceSummaries"]]


def test_prefix_is_where_the_stack_looks(released: Path, cloud: Cloud) -> None:
    done = cloud.upload(released, BUCKET, "security/mfa/")
    assert done.returncode == 0, done.stderr
    assert cloud.keys() == {f"security/mfa/{VERSION}/{name}" for name in UPLOADED}
    assert "ParameterKey=CodeKeyPrefix,ParameterValue=security/mfa/ " in done.stdout


def test_second_upload_is_as_good_as_the_first(released: Path, cloud: Cloud) -> None:
    first, second = (cloud.upload(released, BUCKET) for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 0)
    # Several files at a time are uploaded, in any order.
    assert sorted(first.stdout.splitlines()) == sorted(second.stdout.splitlines())


@pytest.mark.parametrize(
    ("region", "template", "host"),
    [
        ("cn-north-1", "single-account-china.yaml", "s3.cn-north-1.amazonaws.com.cn"),
        ("us-gov-west-1", "single-account.yaml", "s3.us-gov-west-1.amazonaws.com"),
        ("eusc-de-east-1", "single-account.yaml", "s3.eusc-de-east-1.amazonaws.eu"),
    ],
)
def test_other_partitions_have_their_template_and_host(
    released: Path, cloud: Cloud, region: str, template: str, host: str
) -> None:
    cloud.client("s3").delete_bucket(Bucket=BUCKET)
    made = {"LocationConstraint": region}
    cloud.client("s3", region).create_bucket(Bucket=BUCKET, CreateBucketConfiguration=made)
    done = cloud.upload(released, BUCKET)
    assert done.returncode == 0, done.stderr
    assert f" --template-url https://{BUCKET}.{host}/mfa-enforcer/{VERSION}/{template} " in done.stdout
    hub = template.replace("single-account", "hub")
    uploaded = cloud.keys()
    assert f"mfa-enforcer/{VERSION}/{hub}" in uploaded
    assert f"For the hub of an organization, take {hub} in place of {template}, " in done.stdout
    assert f"--region {region} " in done.stdout


def test_bucket_of_another_region_is_refused(released: Path, cloud: Cloud) -> None:
    cloud.client("s3").delete_bucket(Bucket=BUCKET)
    made = {"LocationConstraint": "eu-west-1"}
    cloud.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=made)
    done = cloud.upload(released, BUCKET)
    assert done.returncode == 2
    assert f"error: the bucket {BUCKET} is in eu-west-1." in done.stderr
    assert cloud.keys() == set()


def test_bucket_that_is_not_there_is_named(released: Path, cloud: Cloud) -> None:
    done = cloud.upload(released, "bucket-of-nobody")
    assert done.returncode == 2
    assert "NoSuchBucket" in done.stderr
    assert "error: the bucket bucket-of-nobody cannot be read, see above" in done.stderr


def test_other_files_stay_where_they_are(copy: Path, cloud: Cloud, tmp_path: Path) -> None:
    """A release may be in a folder with much else."""
    (copy / "below").mkdir()
    for stray in ("private.zip", "-r.zip", "salaries.yaml", "below/guard.zip", "below/private.yaml"):
        (copy / stray).write_text("private")
    (copy / "link.zip").symlink_to("/dev/zero")
    temporary = tmp_path / "temporary [files]"
    temporary.mkdir()
    done = cloud.upload(copy, BUCKET, TMPDIR=str(temporary))
    assert done.returncode == 0, done.stderr
    assert cloud.keys() == {f"mfa-enforcer/{VERSION}/{name}" for name in UPLOADED}
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("spoilt", ["sign-in.zip", "single-account.yaml", "upload.sh"])
def test_file_that_was_changed_is_not_uploaded(copy: Path, cloud: Cloud, spoilt: str) -> None:
    with (copy / spoilt).open("a") as file:
        file.write("\n")
    done = cloud.upload(copy, BUCKET)
    assert done.returncode == 2
    assert f"{spoilt}: FAILED" in done.stdout
    assert "error: a file is missing, or is not the one that was released" in done.stderr
    assert cloud.keys() == set()


def test_file_that_is_missing_is_noticed(copy: Path, cloud: Cloud) -> None:
    (copy / "guard.zip").unlink()
    done = cloud.upload(copy, BUCKET)
    assert done.returncode == 2
    assert "guard.zip" in done.stderr
    assert "error: a file is missing, or is not the one that was released" in done.stderr
    assert cloud.keys() == set()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Usage: ./upload.sh BUCKET [PREFIX]"),
        (["a-bucket", "mfa/", "more"], "Usage: ./upload.sh BUCKET [PREFIX]"),
        (["s3://a-bucket"], "error: not the name of a bucket: s3://a-bucket"),
        (["A-Bucket"], "error: not the name of a bucket: A-Bucket"),
        (["a-bucket", "/mfa"], "error: not a prefix such as mfa-enforcer/: /mfa"),
        (["a-bucket", "$(id)/"], "error: not a prefix such as mfa-enforcer/: $(id)/"),
    ],
)
def test_bad_arguments_are_refused(released: Path, arguments: list[str], message: str) -> None:
    done = Cloud("http://127.0.0.1:1").upload(released, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_help_is_no_error(released: Path) -> None:
    done = Cloud("http://127.0.0.1:1").upload(released, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: ")


def test_missing_aws_cli_is_named(released: Path, tmp_path: Path) -> None:
    for tool in ("bash", "env", "dirname", "cat"):
        (tmp_path / tool).symlink_to(shutil.which(tool) or "")
    done = Cloud("http://127.0.0.1:1").upload(released, BUCKET, PATH=str(tmp_path))
    assert (done.returncode, done.stderr) == (2, "error: the AWS CLI is not installed, or not on the PATH\n")


def test_aws_cli_of_some_years_ago_knows_each_option(released: Path) -> None:
    """`s3 cp` takes `--checksum-algorithm` since the end of 2024."""
    script = (released / "upload.sh").read_text(encoding="utf-8")
    (command,) = re.findall(r"^aws s3 cp .*$", script, re.MULTILINE)
    assert set(re.findall(r" (--[\w-]+)", command)) == {"--region", "--recursive", "--no-progress"}


def test_shellcheck_has_no_remarks(released: Path) -> None:
    # But for braces around every variable.
    options = ["--enable", "all", "--exclude", "SC2250"]
    subprocess.run([TOOLS / "shellcheck", *options, released / "upload.sh"], check=True)
