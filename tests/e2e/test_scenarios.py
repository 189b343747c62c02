"""Every scenario comes out as recorded. `pytest tests/e2e/test_scenarios.py --record` records a change."""

from __future__ import annotations

import pytest

from .harness import Harness
from .scenario import OUTCOMES, SCENARIOS, Scenario, play


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_scenario(scenario: Scenario, enforcer: Harness, record: bool) -> None:
    steps = list(play(scenario, enforcer))
    if record:
        outcomes = (played.outcome for played in steps if played.outcome)
        scenario.recorded.write_text("\n\n".join(outcomes) + "\n", encoding="utf-8")
        return
    differences = [
        f"{played.step.words}: {difference}" for played in steps for difference in played.differences
    ]
    assert not differences, "\n".join(differences)


def test_every_record_has_a_scenario() -> None:
    assert sorted(OUTCOMES.iterdir()) == sorted(scenario.recorded for scenario in SCENARIOS)
