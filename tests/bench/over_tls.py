"""What TLS costs the sign-in function: handshakes that an event waits for, and time of the CPU."""

import statistics
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.emulator import Emulator
from tests.e2e.tls import Distance, Root, endpoint

from .containments import Overdue, acted
from .subjects import OURS, Bench

# As many connections as the function opens ahead.
IAM, SNS = 7, 2
WARM = 8


@dataclass(frozen=True)
class OverTls:
    """What was measured at endpoints that end TLS."""

    # Beyond those that were made before there was an event.
    handshakes: int
    # Of a warm containment.
    cpu_seconds: float


def over_tls(running: Emulator, bench: Bench, folder: Path) -> OverTls:
    """Measures one process: its first containment, and warm ones."""
    running.account.fill([])
    overdue, root = Overdue(running), Root(folder)
    with ExitStack() as stack:
        iam, sns = (stack.enter_context(endpoint(running.url, root, Distance(0.01, 0.002))) for _ in range(2))
        iam.gathers, sns.gathers = IAM, SNS
        variables = {**root.trusted(), **iam.named("IAM"), **sns.named("SNS")}
        function = stack.enter_context(bench.running(OURS, **variables))
        iam.wait_for(unsigned=IAM)
        sns.wait_for(unsigned=SNS)
        acted(function, overdue.sign_in())
        handshakes = iam.handshakes + sns.handshakes - IAM - SNS
        spent = []
        for _ in range(WARM):
            before = function.cpu_seconds
            acted(function, overdue.sign_in())
            spent.append(function.cpu_seconds - before)
    return OverTls(handshakes, statistics.median(spent))
