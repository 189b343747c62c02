"""The templates of a release are plain, within the limits, and make the same as `make deploy` does."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.release import plain_templates
from deploy.release.compiled import FUNCTIONS
from deploy.release.plain_templates import CODE_PARAMETERS, SIZE_LIMIT, TEMPLATES
from tests.stack.hubs import HUBS, NEEDED
from tests.stack.members import MEMBERS
from tests.stack.resolved_stack import Location, ResolvedStack
from tests.stack.roles import CHINA, GOVCLOUD, STACKS
from tests.stack.templates import FORWARD, MAIL, MEMBER, MEMBER_REGION, source, translated
from tests.stack.test_lint import remarks

from .sample import VERSION

SIZE_OF_A_CALL = 51_200
REGIONS = {
    "single-account.yaml": ["us-east-1", "us-gov-west-1", "eusc-de-east-1"],
    "single-account-china.yaml": ["cn-north-1"],
    "hub.yaml": ["us-east-1", "us-gov-west-1", "eusc-de-east-1"],
    "hub-china.yaml": ["cn-north-1"],
}
ANYWHERE = ["us-east-1", "us-gov-west-1", "eusc-de-east-1", "cn-north-1"]
LINTED = REGIONS | dict.fromkeys(("forward.yaml", "member.yaml", "member-region.yaml"), ANYWHERE)
CODE = {"CodeBucket": "code-of-ours", "CodeKeyPrefix": "security/mfa/"}
each_template = pytest.mark.parametrize("name", TEMPLATES)


@cache
def read(released: Path, name: str) -> dict[str, Any]:
    template: dict[str, Any] = yaml.safe_load((released / name).read_text(encoding="utf-8"))
    return template


def within(part: Any) -> Iterator[tuple[str, Any]]:
    """Every key in a template, and what it has."""
    if isinstance(part, dict):
        yield from part.items()
    for each in part.values() if isinstance(part, dict) else part if isinstance(part, list) else []:
        yield from within(each)


def not_plain(template: dict[str, Any]) -> set[str]:
    """What not every tool takes, or what is not in the template itself."""
    found = {key for key, _ in within(template) if key in ("Transform", "Fn::Transform", "Hooks")}
    found |= {key for key, _ in within(template) if key.startswith("Fn::ForEach")}
    found |= {"TemplateURL" for key, _ in within(template) if key in ("TemplateURL", "CodeUri", "Location")}
    kinds = {resource["Type"] for resource in template["Resources"].values()}
    found |= {
        kind
        for kind in kinds
        if re.match(r"AWS::Serverless|AWS::CloudFormation::(Stack|Macro)$|Custom::", kind)
    }
    return found


@each_template
def test_template_has_no_transform_and_no_other_file(released: Path, name: str) -> None:
    template = read(released, name)
    assert not_plain(template) == set()
    for stack_set in (each for each in template["Resources"].values() if each["Type"].endswith("::StackSet")):
        assert not_plain(json.loads(stack_set["Properties"]["TemplateBody"])) == set()


def test_what_is_not_plain_is_noticed() -> None:
    """The templates here are not: they are translated, and have files beside them."""
    assert not_plain(source()) >= {"Transform", "Fn::Transform", "AWS::Serverless::Function", "TemplateURL"}
    assert not_plain({"Resources": {"Each": {"Type": "Custom::Thing"}}, "Fn::ForEach::Region": []}) == {
        *("Custom::Thing", "Fn::ForEach::Region")
    }


@each_template
def test_template_is_clean(released: Path, name: str) -> None:
    assert remarks(released / name, LINTED[name]) == []


@each_template
def test_template_fits_the_limits_of_cloudformation(released: Path, name: str) -> None:
    """From a bucket. What the stack set has is passed in a call."""
    assert len((released / name).read_bytes()) <= SIZE_LIMIT
    template = read(released, name)
    assert len(template["Resources"]) <= 500
    assert len(template["Parameters"]) <= 200
    assert len(template["Outputs"]) <= 200
    bodies = [text for key, text in within(template) if key == "TemplateBody"]
    assert all(len(body) <= SIZE_OF_A_CALL for body in bodies)


def test_size_that_cloudformation_refuses_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_templates, "SIZE_LIMIT", 1000)
    with pytest.raises(ValueError, match="CloudFormation takes 1000"):
        plain_templates.written(plain_templates.forward())


# What is made in each of these stacks is compared. The first has all of SES.
PLACES: dict[str, tuple[Location, dict[str, str]]] = {
    title: (stack.location, dict(stack.parameters)) for title, (_, stack) in STACKS.items()
}
PLACES["with nothing but the defaults"] = (Location(), {})
PLACES["with mail from another region"] = (
    GOVCLOUD,
    {"MailFrom": "mfa@example.com", "MailRegion": "us-gov-east-1"},
)
PLACES |= {f"as a hub, {title}": (hub.location, dict(hub.parameters)) for title, hub in HUBS.items()}
PLACES["as a hub with nothing but the defaults"] = (Location(), NEEDED)


@pytest.mark.parametrize("title", PLACES)
def test_same_is_made_as_by_make_deploy(released: Path, title: str) -> None:
    location, parameters = PLACES[title]
    kind = "hub" if "Hub" in parameters else "single-account"
    template = read(released, f"{kind}-china.yaml" if location == CHINA else f"{kind}.yaml")
    # It has no parameter that would change nothing there.
    given = {name: value for name, value in parameters.items() if name in template["Parameters"]}
    plain = ResolvedStack(template, location=location, parameters=given | CODE)
    deployed = ResolvedStack(translated(), location=location, parameters=parameters)
    ours, theirs = dict(plain.resources), dict(deployed.resources)
    if "MailStack" in theirs:
        nested = theirs.pop("MailStack")["Properties"]["Parameters"]
        mail = ResolvedStack(translated(MAIL), location=location, parameters=nested)
        for part, resource in mail.resources.items():
            assert ours.pop(f"Mail{part}") | {"Condition": None} == resource | {"Condition": None}
    assert set(ours) == set(theirs)
    for part, resource in theirs.items():
        # A condition that always holds is left out.
        made = (
            {"Condition": resource.get("Condition")} | ours[part] if "Condition" in resource else ours[part]
        )
        assert made == expected(part, resource, translated()["Resources"][part]), part
    assert plain.outputs == deployed.outputs


def expected(part: str, resource: dict[str, Any], written: dict[str, Any]) -> dict[str, Any]:
    """A resource of `make deploy`, with the place of its code or of its template changed."""
    resource = {key: value for key, value in resource.items() if key != "Metadata"}
    properties = dict(resource.get("Properties", {}))
    if resource["Type"] == "AWS::Lambda::Function":
        binary = written["Metadata"]["BuildProperties"]["Binary"]
        assert binary in FUNCTIONS
        properties["Code"] = {"S3Bucket": "code-of-ours", "S3Key": f"security/mfa/{VERSION}/{binary}.zip"}
        properties["Tags"] = [tag for tag in properties["Tags"] if tag["Value"] != "SAM"]
    if part == "ForwardStackSet":
        del properties["TemplateURL"]
        properties["TemplateBody"] = json.dumps(source(FORWARD), separators=(",", ":"))
    return resource | ({"Properties": properties} if properties else {})


# The parameters that only the other kind of stack has.
LEFT_OUT = {
    "single-account": {"Hub", "OrganizationId", "MemberNames", "AccountsAtOnce", "EvidenceFrom"},
    "hub": {
        "Hub",
        "SignInRegions",
        "OptInRegions",
        "FormerPolicyArns",
        "FormerGroupNames",
        "EvidenceAccount",
    },
}


@pytest.mark.parametrize("name", REGIONS)
def test_everything_but_the_resources_is_as_written(released: Path, name: str) -> None:
    plain, written = read(released, name), json.loads(json.dumps(translated()))
    kind = name.removesuffix(".yaml").removesuffix("-china")
    assert set(plain) == set(written) - {"Transform"}
    used = {"Software"} if kind == "hub" else {"Software", "RegionsWithSignIns"}
    assert plain["Mappings"] == {name: written["Mappings"][name] for name in used}
    assert {**plain["Outputs"], **written["Outputs"]}.keys() == written["Outputs"].keys()
    # What is there in any case has no condition that the other kind of stack would have.
    text = json.dumps(plain)
    assert not re.search(r'"Is(Hub|Single)"|"Ref": "Hub"|IsHub', text)
    for condition, says in plain["Conditions"].items():
        if condition not in (
            "Forwards",
            "ProtectsBreakGlassUsers",
            "KeepsEvidenceElsewhere",
            "TakesEvidence",
        ):
            assert says == written["Conditions"][condition]
    assert set(CODE_PARAMETERS | written["Parameters"]) - set(plain["Parameters"]) == LEFT_OUT[kind]
    changed = {
        parameter
        for parameter, declared in plain["Parameters"].items()
        if declared != (CODE_PARAMETERS | written["Parameters"])[parameter]
    }
    assert changed == ({"OrganizationId", "Evidence"} if kind == "hub" else set())
    interface = plain["Metadata"]["AWS::CloudFormation::Interface"]
    grouped = [parameter for group in interface["ParameterGroups"] for parameter in group["Parameters"]]
    assert sorted(grouped) == sorted(plain["Parameters"])
    assert set(interface["ParameterLabels"]) == set(plain["Parameters"])


def test_hub_asks_for_its_organization_and_makes_its_bucket(released: Path) -> None:
    parameters = read(released, "hub.yaml")["Parameters"]
    needed = {name for name, declared in parameters.items() if "Default" not in declared}
    assert needed == {"CodeBucket", "OrganizationId"}
    assert parameters["Evidence"]["Default"] == "create"
    assert "HubHasWhatItNeeds" in read(released, "hub.yaml")["Rules"]
    assert "HubHasWhatItNeeds" not in read(released, "single-account.yaml")["Rules"]


@pytest.mark.parametrize("title", MEMBERS)
def test_members_are_made_as_they_are_written(released: Path, title: str) -> None:
    member = MEMBERS[title]
    for name, path, stack in (
        ("member.yaml", MEMBER, member.home),
        ("member-region.yaml", MEMBER_REGION, member.elsewhere),
    ):
        plain = ResolvedStack(read(released, name), stack.name, stack.location, stack.parameters)
        assert (plain.resources, plain.outputs) == (stack.resources, stack.outputs)
        assert set(read(released, name)) == set(source(path))


def test_new_version_never_runs_old_code(released: Path) -> None:
    """The version is in the template and not in a parameter, whose old value CloudFormation would keep."""
    functions = read(released, "single-account.yaml")["Resources"].values()
    keys = [
        each["Properties"]["Code"]["S3Key"] for each in functions if each["Type"] == "AWS::Lambda::Function"
    ]
    assert len(keys) == len(FUNCTIONS)
    assert all(f"/{VERSION}/" in key["Fn::Sub"].replace("}", "}/") for key in keys)


@pytest.mark.parametrize(
    ("parameter", "good", "bad"),
    [
        ("CodeBucket", ["my-bucket", "my.bucket.1"], ["", "My-Bucket", "-bucket", "s3://bucket", "bucket/"]),
        ("CodeKeyPrefix", ["", "a/", "a/b-1/"], ["a", "/", "/a/", "a//", "a b/", "${AWS::Region}/"]),
    ],
)
def test_parameter_of_the_code_takes_what_it_says(parameter: str, good: list[str], bad: list[str]) -> None:
    pattern = CODE_PARAMETERS[parameter]["AllowedPattern"]
    assert all(re.search(pattern, value) for value in good)
    assert not any(re.search(pattern, value) for value in bad)
