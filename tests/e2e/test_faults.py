"""Whichever call fails, and however it fails: the same event or sweep, run again, ends as if it had not.

The calls are those of a good run, so a call that is added later is tried as well.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from werkzeug.wrappers import Response

from .account import Account
from .deployment import APPROVED_TAG, POLICY_ARN, STRICT_POLICY_ARN, USER_TOPIC_PREFIX
from .faults import ATTEMPTS, Fault, denied, lost, over_quota, throttled, undone
from .gaps import IAM
from .harness import SUNDAY, SWEEP, Harness, Observation
from .people import CAST, PEOPLE, Person, named, phone
from .proxy import Call, Forward, Rule

# A notice whose delivery is uncertain is sent again, but never a third time.
AT_MOST_TOLD = 2
CAROL = "carol@example.com"
ROOT_ALERT = "admins critical root-alert"


@dataclass(frozen=True, kw_only=True)
class Case:
    """An event or a sweep, and the account in which it happens."""

    name: str
    sample: str
    prepare: Callable[[Account], object] = lambda _account: None
    people: tuple[Person, ...] = CAST
    # Parameters of the stack.
    parameters: dict[str, str] = field(default_factory=dict)

    def begin(self, enforcer: Harness) -> None:
        enforcer.account.fill(self.people)
        self.prepare(enforcer.account)

    def deployed(self, enforcer: Harness) -> AbstractContextManager[None]:
        """The stack with the parameters of the case. An update takes some seconds."""
        return enforcer.deployed(**self.parameters) if self.parameters else nullcontext()

    def run(self, enforcer: Harness, again: bool = False) -> Observation:
        return enforcer.deliver(self.sample, again, SUNDAY if self.sample == SWEEP else None)


def prepare_sweep(account: Account) -> None:
    """Somebody to contain, to release, to remind; a release that ends; root without MFA; a stale topic."""
    account.enrol("heidi", phone("heidi"))
    account.contain("peggy", timedelta(hours=20))
    account.enrol("peggy", phone("peggy"), timedelta(hours=13))
    account.note("peggy", "released", timedelta(hours=13))
    account.give_topic("quentin")
    account.delete("quentin")
    account.change_root(has_mfa=False)


def detach(account: Account) -> None:
    """Somebody has undone the quarantine of a user who is on record."""
    account.contain("heidi", timedelta(days=3))
    IAM.detach_user_policy(POLICY_ARN, "heidi")


def approve(account: Account) -> None:
    """Somebody has approved the device of a user who waits for that under the strict policy."""
    account.contain(CAROL, timedelta(days=3))
    IAM.detach_user_policy(POLICY_ARN, CAROL)
    IAM.attach_user_policy(STRICT_POLICY_ARN, CAROL)
    account.enrol(CAROL, phone("carol"), timedelta(hours=2))
    account.note(CAROL, "awaiting-approval", timedelta(hours=2))
    account.tag(CAROL, APPROVED_TAG, "INC-4722")


BOB_SIGNS_IN = Case(name="sign-in", sample="ConsoleLogin/bob-overdue-without-mfa.json")
ACCOUNT_IS_SWEPT = Case(
    name="sweep",
    sample=SWEEP,
    prepare=prepare_sweep,
    people=(*named("bob", "heidi", "wendy", "quentin"), Person(name="peggy")),
)
CASES = (
    BOB_SIGNS_IN,
    Case(
        name="enrolment",
        sample="EnableMFADevice/heidi-contained-by-herself.json",
        prepare=lambda account: account.enrol("heidi", phone("heidi")),
    ),
    Case(
        name="new password",
        sample="CreateLoginProfile/newhire-by-an-admin.json",
        prepare=lambda account: account.add(PEOPLE["newhire"]),
    ),
    Case(
        name="quarantine undone",
        sample="DetachUserPolicy/heidi-by-an-admin.json",
        prepare=detach,
        people=(PEOPLE["heidi"],),
    ),
    Case(
        name="approval",
        sample="TagUser/carol-approved-by-an-admin.json",
        prepare=approve,
        people=(Person(name=CAROL),),
        parameters={"Release": "approval"},
    ),
    Case(name="root", sample="ConsoleLogin/root-without-mfa.json"),
    ACCOUNT_IS_SWEPT,
)


def end(seen: Observation) -> object:
    """The final state: each user's containment, its end, tag and last notice, and root's events on record."""
    users = {
        name: (user.contained_by, user.tagged, user.is_ending, user.said) for name, user in seen.after.items()
    }
    return users, len(seen.root_ledger)


def assert_finished(runs: list[Observation], good: Observation, refused: bool = False) -> None:
    """After these runs, everything is as after one good run. A call may have been refused for good."""
    assert runs[-1].answer.outcome != "error", runs[-1].answer
    assert end(runs[-1]) == end(good)
    told = Counter(label for run in runs for label in run.told)
    # A text message that is refused for good is left out. Where one was taken and the mail refused, the tag
    # says that the mail is owed. What could not be done is reported besides.
    owed = {f"{name} {user.said}" for name, user in runs[-1].after.items() if user.is_owed and "sms" in told}
    # A copy that is refused for good is no reason to tell the user again.
    kinds = {label.rpartition(" ")[2] for label in told if not label.startswith("admins ")}
    copies = {
        label for label in good.told if label.startswith("admins ") and label.rpartition(" ")[2] in kinds
    }
    assert told.keys() | {"sms"} | owed | (copies if refused else set()) >= set(good.told)
    reported = ("-failed", " no-digest")
    assert all(label in good.told or label.endswith(reported) for label in told), told
    assert max(told.values()) <= AT_MOST_TOLD, told
    digests = sum(len(run.digests) for run in runs)
    assert len(good.digests) <= digests <= AT_MOST_TOLD * len(good.digests)
    assert sum(len(run.topics_gone) for run in runs) == len(good.topics_gone)
    assert all(len(message.recipients) == 1 for run in runs for message in run.messages)


def good_run(case: Case, enforcer: Harness) -> Observation:
    case.begin(enforcer)
    seen = case.run(enforcer)
    assert seen.answer.outcome == "acted", seen.answer
    assert seen.told
    return seen


@pytest.mark.parametrize("kind", [denied, lost])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_call_may_fail_once(
    case: Case, kind: Rule, enforcer: Harness, subtests: pytest.Subtests
) -> None:
    with case.deployed(enforcer):
        every_call_may_fail_once(case, kind, enforcer, subtests)


def every_call_may_fail_once(case: Case, kind: Rule, enforcer: Harness, subtests: pytest.Subtests) -> None:
    good, nth = good_run(case, enforcer), Counter[str]()
    assert len(good.calls) >= (20 if case is ACCOUNT_IS_SWEPT else 3)
    for call in good.calls:
        nth[call.name] += 1
        # A read that got lost is made again; a write that got lost was done all the same.
        if kind is lost and not call.writes:
            continue
        fault = Fault(call.name, kind, nth[call.name])
        with subtests.test(str(fault)):
            case.begin(enforcer)
            with enforcer.proxy.rule(fault):
                first = case.run(enforcer)
            assert fault.struck == 1
            assert_finished([first, case.run(enforcer, again=True)], good, refused=kind is denied)
            last = case.run(enforcer, again=True)
            assert (last.answer.outcome, last.iam_writes) == ("nothing", {})
            assert (last.messages, last.texts) == ((), ())


def mail_denied(call: Call, forward: Forward) -> Response:
    """Nothing may be published to the topic of a user. A text message goes out at the same moment."""
    is_mail = call.name == "sns:Publish" and f":{USER_TOPIC_PREFIX}" in call.parameters.get("TopicArn", "")
    return denied(call, forward) if is_mail else forward(call)


def test_owed_mail_is_sent_the_next_day(enforcer: Harness) -> None:
    BOB_SIGNS_IN.begin(enforcer)
    with enforcer.proxy.rule(mail_denied):
        first = BOB_SIGNS_IN.run(enforcer)
    assert (first.told, first.user.is_owed) == (["admins warning quarantined", "sms"], True)
    enforcer.account.days_pass()
    seen = enforcer.sweep()
    assert "bob quarantined" in seen.told or "bob quarantine-reminder" in seen.told
    assert not seen.after["bob"].is_owed


def test_containment_comes_before_notice(enforcer: Harness) -> None:
    good = good_run(BOB_SIGNS_IN, enforcer)
    BOB_SIGNS_IN.begin(enforcer)
    with enforcer.proxy.rule(Fault("iam:AttachUserPolicy", throttled, times=ATTEMPTS)):
        seen = BOB_SIGNS_IN.run(enforcer)
    assert (seen.answer.outcome, seen.answer.error_type, seen.told) == ("error", "Throttled", [])
    # The tag goes first, so that no quarantine is without a record.
    before = seen.before["bob"]
    assert (seen.user.contained_by, seen.user.tagged, seen.user.said) == (None, True, before.said)
    assert_finished([BOB_SIGNS_IN.run(enforcer, again=True)], good)


def test_short_throttling_is_not_noticed(enforcer: Harness) -> None:
    good = good_run(BOB_SIGNS_IN, enforcer)
    BOB_SIGNS_IN.begin(enforcer)
    with enforcer.proxy.rule(Fault("iam:GetUser", throttled)):
        seen = BOB_SIGNS_IN.run(enforcer)
    assert seen.answer.outcome == "acted"
    assert_finished([seen], good)


def test_refused_containment_alarms_the_admins(enforcer: Harness) -> None:
    BOB_SIGNS_IN.begin(enforcer)
    with enforcer.proxy.rule(Fault("iam:AttachUserPolicy", denied)):
        seen = BOB_SIGNS_IN.run(enforcer)
    assert (seen.answer.error_type, seen.told) == ("AccessDenied", ["admins critical containment-failed"])
    assert "could NOT be quarantined" in seen.messages[0].email


def test_quota_leads_to_the_group_in_the_same_run(enforcer: Harness) -> None:
    good = good_run(BOB_SIGNS_IN, enforcer)
    BOB_SIGNS_IN.begin(enforcer)
    with enforcer.proxy.rule(Fault("iam:AttachUserPolicy", over_quota)):
        seen = BOB_SIGNS_IN.run(enforcer)
    assert (seen.answer.outcome, seen.user.contained_by, seen.told) == ("acted", "group", good.told)


def test_containment_undone_at_once_is_not_announced(enforcer: Harness) -> None:
    good = good_run(BOB_SIGNS_IN, enforcer)
    BOB_SIGNS_IN.begin(enforcer)
    with enforcer.proxy.rule(Fault("iam:AttachUserPolicy", undone)):
        seen = BOB_SIGNS_IN.run(enforcer)
    assert (seen.answer.error_type, seen.told, seen.user.contained_by) == ("NotYetVisible", [], None)
    assert_finished([seen, BOB_SIGNS_IN.run(enforcer, again=True)], good)


def sweep_without(call: str, enforcer: Harness) -> Observation:
    ACCOUNT_IS_SWEPT.begin(enforcer)
    with enforcer.proxy.rule(Fault(call, denied)):
        return ACCOUNT_IS_SWEPT.run(enforcer)


def test_user_who_cannot_be_contained_keeps_nobody_else(enforcer: Harness) -> None:
    seen = sweep_without("iam:AttachUserPolicy", enforcer)
    # What is refused for good would be refused again.
    assert (seen.answer.outcome, seen.figures["refused"]) == ("acted", 1), seen.answer
    assert set(seen.told) == {"heidi released", "wendy final-notice", ROOT_ALERT}
    (digest,) = seen.digests
    assert "bob" in digest.email
    assert "iam:AttachUserPolicy" in digest.email


@pytest.mark.parametrize("action", ["GetAccountAuthorizationDetails", "ListVirtualMFADevices"])
def test_without_bulk_answers_nothing_is_done(action: str, enforcer: Harness) -> None:
    seen = sweep_without(f"iam:{action}", enforcer)
    assert seen.answer.error_type == "AccessDenied", seen.answer
    assert action in seen.answer.error_message
    assert (seen.iam_writes, seen.topics_gone) == ({}, frozenset())
    assert seen.told == ["admins critical no-digest"]


def test_sweep_does_without_the_report(enforcer: Harness) -> None:
    seen = sweep_without("iam:GetCredentialReport", enforcer)
    assert seen.answer.error_type == "AccessDenied", seen.answer
    assert {"bob quarantined", "heidi released", "wendy final-notice"} <= set(seen.told)
    assert len(seen.digests) == 1


def test_what_only_root_needs_keeps_nobody_else(enforcer: Harness) -> None:
    seen = sweep_without("iam:GetAccountSummary", enforcer)
    assert seen.answer.outcome == "acted", seen.answer
    assert set(seen.told) == {"bob quarantined", "sms", "heidi released", "wendy final-notice"}
    (digest,) = seen.digests
    assert digest.body["root"]["mfa"] == "unknown"
