"""`make demo-org`: a hub at work in an organization, each step told and checked.

Ends with exit status 1 if anything came out differently, and says what.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from moto.iam.models import iam_backends
from moto.organizations.models import organizations_backends

from . import functions, mailbox
from .checked_members import Checked
from .deployment import ACCOUNT
from .emulator import emulator
from .functions import Answer
from .gaps import utc_now
from .hub_events import by_bob, by_user, lifted
from .hubs import BUCKET, Hub, hub
from .member_stacks import MemberStacks
from .organizations import Member, organized
from .story import Story, run

MEMBERS = (
    Member("web", "Production"),
    Member("billing", "Production"),
    Member("legacy", "Production"),
    Member("play", "Sandbox"),
    Member("former", "Sandbox"),
)
SETTINGS = """\
defaults: {mode: observe, grace_period: 0s, release_after: 0s}
units:
  Root/Production: {mode: enforce, max_quarantines: 1}
"""
BRAKES, HOUR = "organization/brakes/", "%Y-%m-%dT%H"
STOPPED = f"mode: observe\n{SETTINGS}"


@dataclass(frozen=True)
class Step:
    """What is done, and what is true afterwards."""

    words: str
    act: Callable[[Hub], list[str]]
    # Who is in quarantine in which account.
    contained: Set[str] = frozenset()
    # What was published, as `bob quarantined`.
    messages: tuple[str, ...] = ()
    # What is in the text that is printed.
    says: tuple[str, ...] = ()


def _answered(answer: Answer) -> str:
    return str(answer) if answer.error_type else f"{answer.outcome}: {answer.report['why']}"


def sign_in(name: str) -> Callable[[Hub], list[str]]:
    def act(central: Hub) -> list[str]:
        event = by_bob(central, "ConsoleLogin/alice-in-grace-without-mfa.json", name)
        return [_answered(answer) for answer in central.invoke("sign-in", event)]

    return act


def keep_place(central: Hub) -> list[str]:
    """Bob's quarantine counts in the next hour, too: it may begin while this runs."""
    s3 = central.client("s3")
    for found in s3.list_objects_v2(Bucket=BUCKET, Prefix=BRAKES)["Contents"]:
        hour, place = found["Key"].removeprefix(BRAKES).split("/", 1)
        following = datetime.fromisoformat(f"{hour}:00:00+00:00") + timedelta(hours=1)
        key = f"{BRAKES}{following.strftime(HOUR)}/{place}"
        s3.copy_object(Bucket=BUCKET, Key=key, CopySource={"Bucket": BUCKET, "Key": found["Key"]})
    return []


def enrol(central: Hub) -> list[str]:
    iam = iam_backends[central.account("web")]["aws"]
    device = iam.create_virtual_mfa_device("bob-phone", "/")
    iam.enable_mfa_device("bob", device.serial_number, "123456", "654321")
    event = by_bob(central, "EnableMFADevice/heidi-contained-by-herself.json", "web")
    event["detail"]["requestParameters"]["serialNumber"] = device.serial_number
    return [_answered(answer) for answer in central.invoke("mfa-device", event)]


def lift(central: Hub) -> list[str]:
    return [_answered(answer) for answer in central.invoke("guard", lifted(central, "web"))]


def remove(central: Hub) -> list[str]:
    iam = iam_backends[central.account("web")]["aws"]
    (serial,) = iam.users["bob"].mfa_devices
    iam.deactivate_mfa_device("bob", serial)
    event = by_bob(central, "DeactivateMFADevice/judy-last-device-by-herself.json", "web")
    event["detail"]["requestParameters"]["serialNumber"] = serial
    return [_answered(answer) for answer in central.invoke("mfa-device", event)]


def sign_in_of_carol(central: Hub) -> list[str]:
    """Carol comes to the account in which bob's quarantine began within the hour."""
    iam = iam_backends[central.account("web")]["aws"]
    iam.create_user("aws", "carol", "/", [])
    iam.create_login_profile("carol", "password")
    user = iam.users["carol"]
    vars(user)["create_date"] = vars(user)["password_created"] = utc_now() - timedelta(days=30)
    event = by_user(central, "ConsoleLogin/alice-in-grace-without-mfa.json", "web", "carol")
    said = [_answered(answer) for answer in central.invoke("sign-in", event)]
    return [*said, f"policies of carol: {central.policies_of('web', 'carol')}"]


def settle(text: str) -> Callable[[Hub], list[str]]:
    def act(central: Hub) -> list[str]:
        central.put(text)
        return []

    return act


def check(central: Hub) -> list[str]:
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(SETTINGS)
        file.flush()
        done = central.organization.run("org", "check", file.name)
    return (done.stdout + done.stderr).splitlines()


def both(*acts: Callable[[Hub], list[str]]) -> Callable[[Hub], list[str]]:
    return lambda central: [line for act in acts for line in act(central)]


def sweep(kind: str, hours: int) -> Callable[[Hub], list[str]]:
    """A sweep that was due some hours from now: the plan, and then each order as the queue gives it."""
    due = f"{utc_now() + timedelta(hours=hours):%Y-%m-%dT%H:00:00Z}"
    return lambda central: swept(central, {"sweep": kind, "scheduledTime": due})


def swept(central: Hub, schedule: dict[str, str]) -> list[str]:
    with central.running("sweep") as running:
        plan = running.invoke("sweep", json.dumps(schedule).encode())
        said = [json.dumps(plan.report) if plan.report else str(plan)]
        for order in orders(central):
            record = {"messageId": order["account"], "body": json.dumps(order)}
            answer = running.invoke("sweep", json.dumps({"Records": [record]}).encode())
            failed = bool(answer.report.get("batchItemFailures", [answer]))
            said.append(f"{name_of(central, order['account'])}: {'to be tried again' if failed else 'done'}")
    return said


def orders(central: Hub) -> Iterator[dict[str, Any]]:
    """What waits in the queue of accounts, taken from it."""
    queue = central.client("sqs")
    while batch := queue.receive_message(QueueUrl=central.queue, MaxNumberOfMessages=10).get("Messages"):
        for message in batch:
            queue.delete_message(QueueUrl=central.queue, ReceiptHandle=message["ReceiptHandle"])
            yield json.loads(message["Body"])


def name_of(central: Hub, account: str) -> str:
    names = {number: name for name, number in central.organization.accounts.items()}
    return names.get(account, "the hub's own account")


def report(central: Hub) -> list[str]:
    done = central.organization.run("report", "--org")
    return (done.stdout + done.stderr).splitlines()


def doctor(central: Hub) -> list[str]:
    checked = Checked(central.organization, of_hub={"Mode": "enforce"}, in_account=ACCOUNT)
    with checked.watched():
        done = checked.run()
    return (done.stdout + done.stderr).splitlines()


OPENING = """
An organization, emulated: the units Production and Sandbox, and five accounts with a bob who has no MFA.
One of them does not let the hub in, and one is suspended. The functions run in the hub alone.
"""
WEB = "bob of web"
DIGEST, ROOT_ALERT = "admins critical organization-digest", "admins critical root-alert"
STEPS = (
    Step(
        "One document has the settings of all accounts. Is it right, and what holds where?",
        check,
        says=("enforce (Root/Production)", "observe (defaults)", "Nothing is wrong."),
    ),
    Step(
        "The document goes into the hub's bucket, at first with `mode: observe`. A daily sweep runs.",
        both(settle(STOPPED), sweep("daily", -2)),
        messages=(DIGEST,),
    ),
    Step("In production, where `enforce` was to hold, bob signs in without MFA.", sign_in("web")),
    Step(
        "The `mode` above all is taken away, so that production enforces. Bob signs in again.",
        both(settle(SETTINGS), sign_in("web"), keep_place),
        {WEB},
        ("bob quarantined", "admins warning quarantined"),
    ),
    Step(
        "Carol of the same account signs in. The document allows one quarantine an hour, so she waits.",
        sign_in_of_carol,
        {WEB},
        ("admins critical quarantines-held",),
        says=("policies of carol: []",),
    ),
    Step("A bob of the sandbox, which only observes, signs in.", sign_in("play"), {WEB}),
    Step(
        "A bob signs in to an account that does not let the hub in. The event will be tried again.",
        sign_in("legacy"),
        {WEB},
        says=("error AccessDenied (sts:AssumeRole failed",),
    ),
    Step(
        "An administrator of the account lifts the quarantine, and the guard puts it back.",
        lift,
        {WEB},
        ("admins critical quarantine-undone",),
    ),
    Step(
        "The first bob enrols a device.",
        enrol,
        messages=("bob released", "admins info released"),
    ),
    Step(
        "A daily sweep. The bob of billing never signed in, and gets a notice before a quarantine. "
        "Root has no MFA.",
        sweep("daily", -1),
        messages=("bob final-notice", ROOT_ALERT, ROOT_ALERT),
    ),
    Step(
        "An hourly sweep. Does everything work, in each account?",
        both(sweep("hourly", 0), doctor),
        says=("nothing of member.yaml is there", "Accounts: 1 broken, 0 unknown, 0 warning, 5 ok"),
    ),
    Step("Who has MFA in which account?", report, says=("16.6%", "the account is suspended")),
    Step(
        "The device of the first bob is removed. This never waits.",
        remove,
        {WEB},
        ("bob quarantined", "admins warning quarantined"),
    ),
)


def contained(central: Hub) -> set[str]:
    return {f"bob of {name}" for name in central.organization.accounts if central.policies_of(name, "bob")}


def differences(step: Step, central: Hub, said: list[str], messages: list[str]) -> Iterator[str]:
    """What came out differently."""
    if (now := contained(central)) != step.contained:
        yield f"in quarantine: {sorted(now)}, and should be {sorted(step.contained)}"
    if sorted(messages) != sorted(step.messages):
        yield f"messages: {messages}, and should be {list(step.messages)}"
    yield from (f"is not said: {text}" for text in step.says if text not in "\n".join(said))
    if central.refused:
        yield f"refused: {central.refused}"


@contextmanager
def central() -> Iterator[Hub]:
    """Two units, five accounts; one has no role for the hub, and one is suspended."""
    binary = str(functions.binary("mfa-enforcer"))
    with (
        tempfile.TemporaryDirectory() as folder,
        emulator() as aws,
        organized(aws, binary, MEMBERS) as organization,
        hub(organization, Path(folder) / "log", without={"legacy"}) as running,
    ):
        organizations_backends[ACCOUNT]["aws"].close_account(AccountId=organization.accounts["former"])
        for name, number in organization.accounts.items():
            address = [{"Key": "email", "Value": f"bob@{name}.example.com"}]
            iam_backends[number]["aws"].tag_user("bob", address)
        stacks = MemberStacks(ACCOUNT)
        covered = [number for name, number in organization.accounts.items() if name != "legacy"]
        for number in covered:
            stacks.fill_rules(number)
        yield running
        for number in covered:
            stacks.reset_rules(number)


def tell(story: Story) -> int:
    """Does all steps; the exit status."""
    story.say("Building the functions and the command line (the first time takes a few minutes)...", "dim")
    functions.build(True, "mfa-enforcer")
    wrong = 0
    with central() as running:
        story.say(OPENING)
        for number, step in enumerate(STEPS, 1):
            story.say(f"\n{number:2}. {step.words}", "bold")
            wrong += _take(step, running, story)
    verdict = f"{wrong} difference(s), marked DIFFERS above" if wrong else "all as they should be"
    story.say(f"\n{len(STEPS)} steps: {verdict}.", "bold red" if wrong else "bold green")
    story.say("Functions and emulator have ended, and no file is left.", "dim")
    return 1 if wrong else 0


def _take(step: Step, central: Hub, story: Story) -> int:
    """Does a step, and says what came of it; the number of differences."""
    said = step.act(central)
    messages = mailbox.collect()
    for line in said:
        story.say(f"      {line}".rstrip(), "dim")
    for message in messages:
        story.row("mail", f"{', '.join(message.recipients)}: {message.label}", "magenta")
    story.show_once(messages)
    found = list(differences(step, central, said, [message.label for message in messages]))
    for difference in found:
        story.row("DIFFERS", difference, "bold red")
    return len(found)


if __name__ == "__main__":
    sys.exit(run(tell))
