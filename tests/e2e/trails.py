"""The account's trails, as CloudTrail describes them. moto has trails too, but knows no shadows.

A new account has one trail that logs every region.
"""

from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Response

from .deployment import ACCOUNT, REGION, STACK
from .proxy import Call, Forward, answer, refuse

EVERYTHING = [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}]


@dataclass
class Trail:
    """A trail, logging all management events in every region unless it is said otherwise."""

    name: str = "all-regions"
    region: str = REGION
    every_region: bool = True
    logging: bool = True
    # As GetEventSelectors answers them; none for a trail that nobody gave any.
    selectors: list[dict[str, Any]] = field(default_factory=list)

    @property
    def arn(self) -> str:
        return f"arn:{STACK.location.partition}:cloudtrail:{self.region}:{ACCOUNT}:trail/{self.name}"

    @property
    def described(self) -> dict[str, Any]:
        return {
            "Name": self.name,
            "TrailARN": self.arn,
            "HomeRegion": self.region,
            "IsMultiRegionTrail": self.every_region,
            "IncludeGlobalServiceEvents": True,
            "IsOrganizationTrail": False,
            "HasCustomEventSelectors": bool(self.selectors),
        }


class Trails:
    """The rule. Tests change the list of trails."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.all = [Trail()]

    def __call__(self, call: Call, forward: Forward) -> Response:
        if call.name == "cloudtrail:DescribeTrails":
            seen = filter(self._is_seen, self.all)
            return answer(call, {"trailList": [trail.described for trail in seen]})
        if call.name == "cloudtrail:GetTrailStatus":
            return self._of(call, "Name", lambda trail: {"IsLogging": trail.logging})
        if call.name == "cloudtrail:GetEventSelectors":
            return self._of(
                call,
                "TrailName",
                lambda trail: {"TrailARN": trail.arn, "EventSelectors": trail.selectors or EVERYTHING},
            )
        return forward(call)

    def _is_seen(self, trail: Trail) -> bool:
        """Of a trail in another region the shadow is seen, if it logs here too."""
        return trail.every_region or trail.region == REGION

    def _of(self, call: Call, parameter: str, answered: Any) -> Response:
        for trail in filter(self._is_seen, self.all):
            if call.parameters[parameter] == trail.arn:
                return answer(call, answered(trail))
        return refuse(call, "TrailNotFoundException", "There is no such trail.")
