"""The emulated trails, and what a sweep makes of them."""

import pytest

from .harness import Harness
from .people import named
from .trails import EVERYTHING, Trail

READS = [{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True, "DataResources": []}]
NONE = "no trail logs the management events"
ONE_REGION = "sign-ins in other regions are not seen"


@pytest.mark.parametrize(
    ("trails", "finding"),
    [
        ([], NONE),
        ([Trail(logging=False)], NONE),
        ([Trail(selectors=READS)], NONE),
        ([Trail(region="eu-west-1", every_region=False)], NONE),
        ([Trail(every_region=False)], ONE_REGION),
        ([Trail(region="eu-west-1")], ""),
        ([Trail(selectors=EVERYTHING)], ""),
    ],
)
def test_sweep_finds_out_whether_a_trail_logs(trails: list[Trail], finding: str, enforcer: Harness) -> None:
    enforcer.account.fill(named("dave"))
    enforcer.strict.trails_are(*trails)
    seen = enforcer.sweep()
    found = [text for text in seen.answer.report["findings"] if "trail" in text]
    assert len(found) == bool(finding)
    assert all(finding in text for text in found)


def test_trail_that_may_not_be_read_is_a_finding(enforcer: Harness) -> None:
    enforcer.account.fill(named("dave"))
    enforcer.strict.forbid("cloudtrail:GetTrailStatus")
    seen = enforcer.sweep()
    assert seen.answer.report["sweep"]["failed"] == 0
    assert any("unknown whether a trail logs" in text for text in seen.answer.report["findings"])
