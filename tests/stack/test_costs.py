"""What a hub costs is computed as docs/COST.md computes it for one account, and is what the page says."""

import re

import pytest

from . import costs
from .costs import Made, People
from .hubs import HUB
from .members import PLAIN
from .roles import STACK
from .templates import ROOT

COST = (ROOT / "docs" / "COST.md").read_text("utf-8")
# The columns of docs/COST.md: 100, 1,000 and 5,000 users in a quiet month.
SIZES = [
    costs.PEOPLE,
    People(1300, 20, 2000, 500, 2500, 1000, 459, 30, 0.007, 0.03),
    People(6500, 20, 10_000, 2500, 12_500, 5000, 699, 120, 0.023, 0.15),
]


def sums() -> list[float]:
    """The sums of a quiet month in docs/COST.md."""
    (quiet,) = re.findall(r"\| \*\*sum\*\* \| \| \| \*\*(.+?)\*\* \|", COST)
    return [float(each) for each in quiet.split(" / ")]


@pytest.mark.parametrize("size", range(3))
def test_one_account_costs_what_its_page_says(size: int) -> None:
    # The page adds what it has rounded.
    assert costs.single(SIZES[size]) == pytest.approx(sums()[size], abs=0.03)


def test_page_counts_what_the_template_makes() -> None:
    made = Made.by(STACK)
    alarms = len(STACK.of_type("AWS::CloudWatch::Alarm"))
    assert f"| {alarms} alarms on {made.alarm_metrics} metrics |" in COST
    assert (made.keys, made.dashboards, made.sources) == (1, 1, 1)


def test_hub_makes_a_queue_of_accounts_with_three_alarms_and_nothing_else_that_costs() -> None:
    usual, made = Made.by(STACK), Made.by(HUB)
    assert (made.keys, made.dashboards) == (usual.keys, usual.dashboards)
    assert (made.sources, made.alarm_metrics) == (usual.sources + 1, usual.alarm_metrics + 3)


def test_member_makes_nothing_that_costs_by_the_month() -> None:
    kinds = {each["Type"] for stack in (PLAIN.home, PLAIN.elsewhere) for each in stack.resources.values()}
    assert {kind for kind in kinds if not kind.startswith("AWS::IAM::")} == {
        *("AWS::Events::Rule", "AWS::SQS::Queue", "AWS::SQS::QueuePolicy")
    }


def test_what_grows_with_the_accounts_is_a_small_part_of_a_stack_in_each() -> None:
    for accounts in (60, 998):
        more = sum(costs.hub(accounts + 1).values()) - sum(costs.hub(accounts).values())
        assert 0 < more < costs.single() / 10


def test_page_says_what_is_computed() -> None:
    """`make costs` writes it."""
    page = costs.PAGE.read_text("utf-8")
    assert costs.written(page) == page
    assert costs.written(page.replace("| **sum** |", "| sum |", 1)) == page
    with pytest.raises(SystemExit, match="no table of costs"):
        costs.written(page.replace("<!-- costs -->", ""))
