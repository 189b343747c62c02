"""The templates of a release: plain CloudFormation, without transforms, macros and files beside them.

So they go through every tool that takes a template. The code of the functions is in a bucket that the
parameters name, below a folder with the version, so that a new template never runs old code.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import yaml

from .chosen import chosen
from .translation import FORWARD, MAIL, MAIN, MEMBER, MEMBER_REGION, Template, source, translation

# CloudFormation takes a template of this size from a bucket, and a twentieth of it in a call.
SIZE_LIMIT = 1_000_000
CODE_PARAMETERS: Template = {
    "CodeBucket": {
        "Type": "String",
        "AllowedPattern": r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
        "ConstraintDescription": "The name of a bucket.",
        "Description": "The bucket with the functions, in the region of this stack. See upload.sh.",
    },
    "CodeKeyPrefix": {
        "Type": "String",
        "Default": "mfa-enforcer/",
        "MaxLength": 200,
        "AllowedPattern": r"^([A-Za-z0-9!_.*'()-]+/)*$",
        "ConstraintDescription": "Folders such as mfa-enforcer/, each with a slash at its end, or nothing.",
        "Description": "What the names of the functions in the bucket begin with, before the version.",
    },
}
CODE_GROUP = {"Label": {"default": "Where the code is"}, "Parameters": list(CODE_PARAMETERS)}
CODE_LABELS = {
    "CodeBucket": {"default": "Bucket with the functions"},
    "CodeKeyPrefix": {"default": "Folder in that bucket"},
}


def single_account() -> Template:
    """The stack of one account, wherever there is SES."""
    return _with_mail(single_account_without_ses())


def single_account_without_ses() -> Template:
    """The same without the resources of SES, which CloudFormation in China does not know even if unused."""
    return chosen(_main(), "Hub", "no")


def hub() -> Template:
    """The hub of an organization, wherever there is SES."""
    return _with_mail(hub_without_ses())


def hub_without_ses() -> Template:
    """The same without the resources of SES."""
    main = _main()
    # It refuses a parameter that only the stack of one account needs, and this template does not have.
    del main["Rules"]["HubKeepsEvidenceItself"]
    template = chosen(main, "Hub", "yes")
    template["Description"] = (
        "mfa-enforcer for an organization: the functions, which act in each account that has the stacks of "
        "member.yaml and member-region.yaml."
    )
    parameters = template["Parameters"]
    # Without one, CloudFormation asks for it.
    del parameters["OrganizationId"]["Default"]
    parameters["Evidence"]["Default"] = "create"
    return template


def _with_mail(template: Template) -> Template:
    template["Resources"].update(_mail())
    return template


def _main() -> Template:
    """The main template, without SAM and without the nested stack."""
    template = translation(MAIN, _place)
    del template["Resources"]["MailStack"]
    interface = template["Metadata"]["AWS::CloudFormation::Interface"]
    interface["ParameterGroups"].insert(0, CODE_GROUP)
    interface["ParameterLabels"] |= CODE_LABELS
    template["Parameters"] = CODE_PARAMETERS | template["Parameters"]
    for resource in template["Resources"].values():
        # How SAM builds a function, and that it made one.
        resource.pop("Metadata", None)
        if resource["Type"] == "AWS::Lambda::Function":
            resource["Properties"]["Tags"].remove({"Key": "lambda:createdBy", "Value": "SAM"})
    return template


def forward() -> Template:
    """What forwards from a region where the stack is not to do it itself."""
    return translation(FORWARD, _place)


def member() -> Template:
    """What an account of an organization gets where IAM's events arrive."""
    return translation(MEMBER, _place)


def member_region() -> Template:
    """What it gets in each other region with sign-ins."""
    return translation(MEMBER_REGION, _place)


# Every template of a release, by the name of its file.
TEMPLATES: dict[str, Callable[[], Template]] = {
    "single-account.yaml": single_account,
    "single-account-china.yaml": single_account_without_ses,
    "forward.yaml": forward,
    "hub.yaml": hub,
    "hub-china.yaml": hub_without_ses,
    "member.yaml": member,
    "member-region.yaml": member_region,
}


def version_of(template: Template) -> str:
    """The version that a template says."""
    return str(template["Mappings"]["Software"]["Release"]["Version"])


def written(template: Template) -> str:
    """A template as text, the same each time."""
    text: str = yaml.dump(
        template, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120, default_flow_style=False
    )
    if len(text.encode()) > SIZE_LIMIT:
        raise ValueError(f"a template has {len(text.encode())} bytes, and CloudFormation takes {SIZE_LIMIT}")
    return text


class _Dumper(yaml.SafeDumper):
    """Writes every part out where it stands, and texts of several lines as they are read."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def _place(resource: dict[str, Any]) -> None:
    """Puts a place in the bucket, or the text itself, where a resource names a file."""
    properties = resource.get("Properties", {})
    if resource["Type"] == "AWS::Serverless::Function":
        binary = resource["Metadata"]["BuildProperties"]["Binary"]
        version = version_of(source(MAIN))
        key = {"Fn::Sub": f"${{CodeKeyPrefix}}{version}/{binary}.zip"}
        properties["CodeUri"] = {"Bucket": {"Ref": "CodeBucket"}, "Key": key}
    if resource["Type"] == "AWS::CloudFormation::StackSet":
        if properties.pop("TemplateURL") != FORWARD.name:
            raise LookupError("a stack set of another template")
        properties["TemplateBody"] = json.dumps(source(FORWARD), separators=(",", ":"))


def _mail() -> Template:
    """The resources of the nested stack, as parts of the main one."""
    stack = source(MAIN)["Resources"]["MailStack"]
    if stack["Properties"]["TemplateURL"] != MAIL.name:
        raise LookupError("MailStack is of another template")
    resources = source(MAIL)["Resources"]
    named = stack["Properties"]["Parameters"] | {name: {"Ref": f"Mail{name}"} for name in resources}
    return {
        f"Mail{name}": {
            "Type": resource["Type"],
            "Condition": stack["Condition"],
            "Properties": _renamed(resource["Properties"], named),
        }
        for name, resource in resources.items()
    }


def _renamed(part: Any, named: dict[str, Any]) -> Any:
    """The same part, with each reference to something of the nested stack replaced."""
    if isinstance(part, list):
        return [_renamed(each, named) for each in part]
    if not isinstance(part, dict):
        return part
    if set(part) == {"Ref"} and part["Ref"] in named:
        return named[part["Ref"]]
    if "Fn::GetAtt" in part or ("Fn::Sub" in part and any(f"${{{name}" in str(part) for name in named)):
        raise LookupError(f"a reference that cannot be renamed: {part}")
    return {key: _renamed(value, named) for key, value in part.items()}
