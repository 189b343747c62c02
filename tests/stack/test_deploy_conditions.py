"""The template, deployed with one parameter changed at a time: it changes what hangs on it, and no more."""

from __future__ import annotations

import pytest

from . import read_back as made
from .emulated import Deployment, deployed
from .templates import translated

FORWARDING = {"ForwardStackSet", "ForwardAdministrationRole", "ForwardExecutionRole"}
NOBODY = {"AdminSubscription"}


def missing(stack: Deployment) -> set[str]:
    return set(translated()["Resources"]) - stack.made


@pytest.mark.parametrize(
    ("parameter", "value", "left_out", "reserves", "scope"),
    [
        ("AdminEmail", "aws-admins@example.com", set(), True, "Console"),
        ("SignInRegions", "", NOBODY | FORWARDING, True, "Console"),
        ("SignInRegions", "eu-north-1", NOBODY, True, "Console"),
        ("ReserveConcurrency", "no", NOBODY, False, "Console"),
        ("QuarantineScope", "everything", NOBODY, True, "Everything"),
        ("ExemptPaths", "/robots/", NOBODY, True, "Console"),
    ],
)
def test_one_parameter_changes_what_hangs_on_it(
    parameter: str, value: str, left_out: set[str], reserves: bool, scope: str
) -> None:
    with deployed({parameter: value}) as stack:
        assert missing(stack) == left_out
        assert (None not in made.concurrency(stack).values()) == reserves
        assert made.policies_of_group(stack) == [stack.physical(f"{scope}QuarantinePolicy")]
        exempt = made.environment(stack, "SweepFunction")["EXEMPT_PATHS"]
        assert exempt == ("/break-glass/,/robots/" if parameter == "ExemptPaths" else "/break-glass/")
