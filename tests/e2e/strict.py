"""The rules that make the emulator as strict as AWS, and what a scenario can set of them.

A new account begins with AWS's own quotas, no service control policy, nothing in the event history, and reads
that do not lag.
"""

import json
from dataclasses import dataclass
from datetime import timedelta

from . import samples
from .deployment import ROOT
from .event_history import EventHistory, moment
from .gaps import Gaps, user_ids, utc_now
from .iam_rules import IamRules
from .invocations import Invocations
from .judge import Judge
from .lag import NONE, Lag
from .ses import SES, Ses
from .trails import Trail, Trails

# Quotas of a user, as the account summary calls them.
SUMMARY = {"policies": "AttachedPoliciesPerUserQuota", "groups": "GroupsPerUserQuota"}


@dataclass(frozen=True)
class Strict:
    judge: Judge
    iam_rules: IamRules
    lag: Lag
    history: EventHistory
    gaps: Gaps
    trails: Trails
    ses: Ses
    invocations: Invocations

    def clear(self) -> None:
        """Makes the account new."""
        self.judge.controls = []
        for rule in (self.iam_rules, self.lag, self.history, self.gaps, self.trails, self.ses):
            rule.clear()

    def time_passes(self, by: timedelta) -> None:
        """What lagged behind has caught up, and what waits or is remembered is older."""
        self.catch_up()
        self.gaps.age(by)
        self.history.age(by)

    def lay_over(self, document: str) -> None:
        """Lays a service control policy of policies/ over the account."""
        self.judge.controls.append(json.loads((ROOT / "policies" / document).read_text(encoding="utf-8")))

    def forbid(self, *actions: str) -> None:
        """A service control policy that lets nobody in the account call these."""
        statement = {"Effect": "Deny", "Action": list(actions), "Resource": "*"}
        self.judge.controls.append({"Version": "2012-10-17", "Statement": [statement]})

    def lag_behind(self, span: timedelta) -> None:
        """From now on, reads of a user answer for so long what was true before a write."""
        self.lag.span = span

    def catch_up(self) -> None:
        """Reads see everything at once again."""
        self.lag.clear()

    def history_is_late(self, span: timedelta) -> None:
        """Events appear in the event history so long after they happened."""
        self.history.late = span

    def verify(self, *identities: str) -> None:
        """Somebody verifies domains or addresses in SES."""
        for identity in identities:
            SES.create_email_identity_v2(identity, None, None, None)

    def enter_sandbox(self) -> None:
        """SES sends to verified recipients alone, as in a new account."""
        self.ses.in_sandbox = True

    def stop_trails(self) -> None:
        """Somebody stops every trail."""
        for trail in self.trails.all:
            trail.logging = False

    def trails_are(self, *trails: Trail) -> None:
        """These are the account's trails from now on."""
        self.trails.all = list(trails)

    def happened(self, sample: str, ago: timedelta = NONE) -> None:
        """A sample's event happened a while ago. The event history has it, and nobody delivered it."""
        event = samples.fresh(sample, user_ids())
        event["detail"]["eventTime"] = moment(utc_now() - ago)
        self.history.add(event)

    def allow(self, **quotas: int) -> None:
        """Other quotas: `policies`, `groups` or `tags` a user."""
        vars(self.iam_rules.quotas).update(quotas)
        named = {SUMMARY[name]: count for name, count in quotas.items() if name in SUMMARY}
        self.gaps.quotas.update(named)
