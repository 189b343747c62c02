"""Every scenario comes out as written."""

from __future__ import annotations

import pytest

from .harness import Harness
from .scenario import Scenario, play
from .scenarios import SCENARIOS
from .sweep_scenarios import SWEEPS


@pytest.mark.parametrize("scenario", [*SCENARIOS, *SWEEPS], ids=lambda scenario: scenario.name)
def test_scenario(scenario: Scenario, enforcer: Harness) -> None:
    differences = [
        f"{played.step.words}: {difference}"
        for played in play(scenario, enforcer)
        for difference in played.differences
    ]
    assert not differences, "\n".join(differences)
