"""A function that grew is noticed before it is released."""

from pathlib import Path

import pytest

from deploy.release import __main__ as release
from deploy.release.compiled import FUNCTIONS, ROOT
from deploy.release.plain_templates import version_of
from deploy.release.sizes import budget, outside
from deploy.release.translation import source


def test_each_function_has_a_budget() -> None:
    assert sorted(budget()) == sorted(FUNCTIONS)


@pytest.mark.parametrize("bytes_", [9_500, 10_000, 10_500])
def test_within_five_percent(bytes_: int) -> None:
    assert outside({"guard": bytes_}, {"guard": 10_000}) == []


@pytest.mark.parametrize(("bytes_", "said"), [(9_499, "-5.0%"), (10_501, "+5.0%"), (20_000, "+100.0%")])
def test_beyond_five_percent(bytes_: int, said: str) -> None:
    [wrong] = outside({"guard": bytes_}, {"guard": 10_000})
    assert wrong == f"guard has {bytes_:,} bytes, {said} of its budget of 10,000"


def test_functions_are_those_of_the_budget() -> None:
    assert outside({"guard": 1}, {"sweep": 1}) == [
        "guard has no budget",
        "sweep has a budget, but does not exist",
    ]


def test_nothing_is_made_of_a_function_that_grew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    grown = dict(budget())
    grown["sign-in"] *= 2
    for name, bytes_ in grown.items():
        with (tmp_path / name).open("wb") as file:
            file.truncate(bytes_)
    monkeypatch.setattr(release, "functions", lambda _: {name: tmp_path / name for name in grown})
    folder = tmp_path / "dist"
    version = version_of(source(ROOT / "template.yaml"))
    assert release.main([version, "--unreleased", "--folder", str(folder)]) == 2
    assert "sign-in has " in (said := capsys.readouterr().err)
    assert "`make sizes`" in said
    assert not folder.exists()
