"""What many sign-ins, users and accounts need is computed, and is what the page says."""

import pytest

from . import costs, scale
from .scale import LIMITS, LOADS
from .templates import ROOT


def test_page_says_what_is_computed() -> None:
    """`make costs` writes it."""
    page = scale.PAGE.read_text("utf-8")
    assert scale.written(page) == page
    with pytest.raises(SystemExit, match="no tables of scale"):
        scale.written(page.replace("<!-- scale -->", ""))


def test_quiet_month_costs_about_what_the_page_of_hubs_says() -> None:
    quiet = LOADS[-1]
    assert quiet.dollars == pytest.approx(sum(costs.hub(quiet.accounts).values()), rel=0.5)


def test_sign_ins_with_mfa_start_nothing() -> None:
    assert scale.Load("", 1000, 0, 0).events == 0


def test_calls_of_a_sign_in_are_read_from_the_snapshot() -> None:
    reminded, contained = scale.calls_of_a_sign_in()
    assert 5 < reminded < contained


def test_calls_of_sweeps_grow_with_pages_alone() -> None:
    daily, hourly = scale.calls_of_an_account(1)
    assert daily > hourly > 10
    assert scale.calls_of_an_account(1000) == (daily, hourly)
    assert scale.calls_of_an_account(1001) == (daily + 2, hourly + 2)


def test_files_in_which_limits_are_tried_are_there() -> None:
    for limit in LIMITS:
        named = limit.tried_in.strip("`")
        assert named.startswith("make ") or (ROOT / named).exists(), named
