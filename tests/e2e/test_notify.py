"""A mail to try: with the settings that are deployed, to one address, and to nobody else."""

import json
from collections.abc import Iterator

import pytest

from .deployment import ACCOUNT, NOTIFIER, STACK, policy
from .desk import CommandLine
from .harness import Harness
from .people import named
from .test_plan import binary

__all__ = ["binary"]

ACTIONS = sorted(action for statement in policy("notify")["Statement"] for action in statement["Action"])
TO = ("--to", "carol@example.com")


class Desk(CommandLine):
    """A person with policies/notify.json, in a deployment that sends mail itself."""

    def __init__(self, binary: str, enforcer: Harness) -> None:
        super().__init__(binary, enforcer, NOTIFIER, "notify", "--test")


@pytest.fixture
def desk(binary: str, enforcer: Harness) -> Iterator[Desk]:
    enforcer.account.fill(named("alice"))
    with enforcer.deployed(MailFrom="MFA <mfa@example.com>", OrganizationName="Example Corp"):
        enforcer.strict.verify("example.com")
        enforcer.strict.ses.take()
        yield Desk(binary, enforcer)
    enforcer.strict.clear()


def test_mail_goes_to_this_address_and_to_nobody_else(desk: Desk, enforcer: Harness) -> None:
    done = desk(*TO, "--by", "carol")
    assert done.returncode == 0, done.stderr
    (mail,) = enforcer.strict.ses.take()
    assert mail.recipients == ("carol@example.com",)
    assert (mail.sender, mail.configuration_set) == ('"MFA" <mfa@example.com>', f"{STACK.name}-mail")
    assert mail.subject.startswith("TEST: Example Corp: Reminder: please set up MFA for AWS account ")
    assert mail.text.startswith("This is a test: you do not have to do anything.")
    assert (mail.user, list(mail.flaws())) == ("", [])
    assert "SES has taken it" in done.stdout
    writes = [call.name for call in desk.calls() if call.writes]
    assert writes == ["ses:SendEmail", "events:PutEvents"]
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("audit: ")]
    audit = json.loads(line.removeprefix("audit: "))
    assert (audit["command"], audit["account"], audit["by"]) == ("notify", ACCOUNT, "carol")
    (entry,) = desk.calls()[-1].parameters["Entries"]
    for said in (line, entry["Detail"]):
        assert "carol@example.com" not in said
    assert audit["caller"] in entry["Detail"]


def test_policy_is_all_that_is_needed_and_no_more(desk: Desk) -> None:
    assert desk(*TO, "--message", "quarantined").returncode == 0
    assert {call.name for call in desk.calls()} == {*ACTIONS, "sts:GetCallerIdentity"}


@pytest.mark.parametrize(
    ("to", "says"),
    [
        ("carol@example.net", "it has to be one address in MAIL_DOMAINS, which is example.com"),
        ("carol@example.com,alice@example.com", "it has to be one address"),
    ],
)
def test_other_address_gets_nothing(to: str, says: str, desk: Desk, enforcer: Harness) -> None:
    done = desk("--to", to)
    assert (done.returncode, says in done.stderr) == (2, True), done.stderr
    assert enforcer.strict.ses.take() == ()


def test_nothing_is_sent_through_topics(desk: Desk, enforcer: Harness) -> None:
    with enforcer.deployed():
        done = desk(*TO)
    assert (done.returncode, "MAIL_FROM is empty" in done.stderr) == (2, True), done.stderr
    assert not any(call.writes for call in desk.calls())


def test_dry_run_shows_the_mail_and_sends_nothing(desk: Desk, enforcer: Harness) -> None:
    done = desk(*TO, "--dry-run", sure=False)
    assert (done.returncode, "Nothing was sent." in done.stdout) == (0, True), done.stderr
    assert "To       carol@example.com" in done.stdout
    assert enforcer.strict.ses.take() == ()
    assert not any(call.writes for call in desk.calls())


@pytest.mark.parametrize(
    ("action", "status", "says"),
    [
        ("cloudformation:DescribeStacks", 2, "cannot be read"),
        ("ses:SendEmail", 2, "policies/notify.json"),
        ("events:PutEvents", 1, "It is not on the event bus"),
        ("iam:ListAccountAliases", 0, "SES has taken it"),
    ],
)
def test_denied_call_is_told(action: str, status: int, says: str, desk: Desk, enforcer: Harness) -> None:
    enforcer.strict.forbid(action)
    done = desk(*TO)
    assert (done.returncode, says in done.stdout + done.stderr) == (status, True), done.stderr


def test_refusal_of_ses_is_told(desk: Desk, enforcer: Harness) -> None:
    # Nothing is verified any more.
    enforcer.strict.ses.clear()
    done = desk(*TO)
    assert (done.returncode, "When SES refuses" in done.stderr) == (2, True), done.stderr
    assert "audit: " not in done.stderr
