"""The rules that make the emulator as strict as AWS, and what a scenario can set of them."""

import json
from dataclasses import dataclass

from .deployment import ROOT
from .gaps import Gaps
from .iam_rules import IamRules
from .judge import Judge


@dataclass(frozen=True)
class Strict:
    judge: Judge
    iam_rules: IamRules
    gaps: Gaps

    def clear(self) -> None:
        """Makes the account new."""
        self.judge.controls = []
        for rule in (self.iam_rules, self.gaps):
            rule.clear()

    def lay_over(self, document: str) -> None:
        """Lays a service control policy of policies/ over the account."""
        self.judge.controls.append(json.loads((ROOT / "policies" / document).read_text(encoding="utf-8")))

    def allow(self, **quotas: int) -> None:
        """Other quotas: `policies`, `groups` or `tags` a user."""
        vars(self.iam_rules.quotas).update(quotas)
