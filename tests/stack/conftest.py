"""Fixtures that several tests share."""

import pytest

from .resolved_stack import ResolvedStack
from .templates import MAIN, translated


@pytest.fixture(scope="session", name="stack")
def _stack() -> ResolvedStack:
    """The main stack with default parameters."""
    return ResolvedStack(translated(MAIN))
