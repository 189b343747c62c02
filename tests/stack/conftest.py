"""What several of the tests about the stack look at."""

from __future__ import annotations

import pytest

from .deployment import Deployment
from .templates import MAIN, translated


@pytest.fixture(scope="session", name="stack")
def _stack() -> Deployment:
    """The main stack, with the parameters as they are by default."""
    return Deployment(translated(MAIN))
