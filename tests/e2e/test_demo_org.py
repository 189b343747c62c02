"""The demonstration of an organization comes out as it says."""

import pytest

from .demo_org import STEPS, tell
from .story import Story


def test_demonstration_comes_out_as_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    status = tell(Story())
    told = capsys.readouterr().out
    assert status == 0, told
    assert all(step.words in told for step in STEPS)
