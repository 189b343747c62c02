"""The rules that make the emulator as strict as AWS, and what a scenario can set of them."""

import json
from dataclasses import dataclass

from .deployment import ROOT
from .gaps import Gaps
from .judge import Judge


@dataclass(frozen=True)
class Strict:
    judge: Judge
    gaps: Gaps

    def clear(self) -> None:
        """Makes the account new."""
        self.judge.controls = []
        self.gaps.clear()

    def lay_over(self, document: str) -> None:
        """Lays a service control policy of policies/ over the account."""
        self.judge.controls.append(json.loads((ROOT / "policies" / document).read_text(encoding="utf-8")))
