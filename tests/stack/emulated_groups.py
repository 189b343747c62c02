"""IAM groups for the CloudFormation of moto, which makes none."""

from typing import Any

from moto.cloudformation import parsing
from moto.core.common_models import CloudFormationModel
from moto.iam.models import iam_backends
from moto.utilities.utils import get_partition


class EmulatedGroup(CloudFormationModel):
    """A group that a stack has."""

    def __init__(self, group: Any) -> None:
        self.name = group.name
        self.physical_resource_id = group.name
        self.arn = group.arn

    @staticmethod
    def cloudformation_name_type() -> str:
        return "GroupName"

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::IAM::Group"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr == "Arn"

    def get_cfn_attribute(self, attribute_name: str) -> str:
        return {"Arn": str(self.arn)}[attribute_name]

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> "EmulatedGroup":
        properties = cloudformation_json["Properties"]
        iam = iam_backends[account_id][get_partition(region_name)]
        group = iam.create_group(resource_name, properties.get("Path", "/"))
        for arn in properties.get("ManagedPolicyArns", []):
            iam.attach_group_policy(arn, resource_name)
        return cls(group)

    @classmethod
    def update_from_cloudformation_json(cls, *_: Any, **__: Any) -> Any:
        raise NotImplementedError

    @classmethod
    def delete_from_cloudformation_json(cls, *_: Any, **__: Any) -> None:
        raise NotImplementedError


def make_groups() -> None:
    """Lets moto's CloudFormation make groups."""
    for cached in (parsing.get_model_list, parsing.get_model_map, parsing.get_name_type_map):
        cached.cache_clear()
