"""Every scenario comes out as recorded. `pytest tests/e2e/test_scenarios.py --record` records a change."""

import pytest

from .deployment import PARTITION
from .harness import Harness
from .scenario import OUTCOMES, SCENARIOS, Scenario, play


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_scenario(scenario: Scenario, enforcer: Harness, pytestconfig: pytest.Config) -> None:
    if scenario.partition != PARTITION:
        pytest.skip(f"only in {scenario.partition}")
    steps = list(play(scenario, enforcer))
    if pytestconfig.getoption("--record", default=False):
        outcomes = (played.outcome for played in steps if played.outcome)
        scenario.recorded.write_text("\n\n".join(outcomes) + "\n", encoding="utf-8")
        return
    assert not [(played.step.words, played.differences) for played in steps if played.differences]


def test_every_record_has_a_scenario() -> None:
    assert sorted(OUTCOMES.iterdir()) == sorted(scenario.recorded for scenario in SCENARIOS)
