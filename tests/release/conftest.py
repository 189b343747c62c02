"""One release for all the tests."""

from pathlib import Path

import pytest

from tests.e2e import functions

from .sample import make_sample


@pytest.fixture(scope="session", name="released")
def _released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a release. No test changes it."""
    functions.build(False, "mfa-enforcer", "bare")
    folder = tmp_path_factory.mktemp("release") / "released"
    make_sample(folder)
    return folder
