"""`make bench-hub`: a daily run of a hub in the accounts of an emulated organization, with faults.

The function runs by itself, as Lambda runs it, and this program stands for the event source mapping. One
account refuses, one is throttled, one order is delivered twice, and whoever collects the results is ended.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from moto.s3.models import s3_backends
from moto.sns.models import sns_backends
from werkzeug.wrappers import Response

from tests.e2e import functions
from tests.e2e.deployment import ACCOUNT, REGION
from tests.e2e.emulator import emulator
from tests.e2e.functions import FunctionsFailed
from tests.e2e.gaps import utc_now
from tests.e2e.hubs import BUCKET, Hub, hub
from tests.e2e.organizations import Member, organized
from tests.e2e.proxy import Call, Forward
from tests.e2e.runtime_api import Bootstrap

from .sweep import TokenBucket, listed, peak_memory_kib, say

# As in template.yaml: after so many deliveries an order is a dead letter.
DELIVERIES = 3
# A claim of a collector holds for twenty minutes. Instead of waiting, it is made older by more.
CLAIM_LASTS = timedelta(minutes=21)
PER_SECOND = 2
SETTINGS = "defaults: {mode: enforce, grace_period: 0s}"


class Bench:
    """The functions of the hub at work, and what became of the orders."""

    def __init__(self, central: Hub, workers: int) -> None:
        self.central, self.workers = central, workers
        self.delivered, self.dead, self.killed = Counter[str](), list[str](), 0
        self.peak_kib = 0
        self.busy = dict[int, Bootstrap]()
        self.twice = central.account("account-4")
        self._lock = threading.Lock()
        self._throttle = TokenBucket(PER_SECOND)
        self.sqs = central.client("sqs")

    def interfere(self, call: Call, forward: Forward) -> Response:
        """One account is throttled, and whoever claims the run is ended once."""
        session = self.central.sessions.get(call.caller)
        if session and session.account == self.central.account("account-3") and call.service == "iam":
            return self._throttle(call, forward)
        answered = forward(call)
        if call.name == "s3:PutObject" and call.parameters["Key"].endswith("told.json"):
            with self._lock:
                if not self.killed:
                    self.killed = len(self.busy)
                    for running in self.busy.values():
                        running.process.kill()
        return answered

    @property
    def throttled(self) -> tuple[int, int]:
        return self._throttle.passed, self._throttle.refused

    def invoke(self, payload: dict[str, Any]) -> dict[str, Any]:
        """One invocation in a process of its own."""
        with self.central.running("sweep") as running:
            return self._answer(running, payload)

    def _answer(self, running: Bootstrap, payload: dict[str, Any]) -> dict[str, Any]:
        answered = running.invoke("sweep", json.dumps(payload).encode())
        peak = peak_memory_kib(running.process.pid) or 0
        with self._lock:
            self.peak_kib = max(self.peak_kib, peak)
        if answered.error_type:
            raise RuntimeError(str(answered))
        return answered.report

    def work(self) -> None:
        """Handles what is in the queue, as the event source mapping does."""
        with ThreadPoolExecutor(self.workers) as pool:
            for each in [pool.submit(self._worker, number) for number in range(self.workers)]:
                each.result()

    def _worker(self, number: int) -> None:
        with ExitStack() as stack:
            running = stack.enter_context(self.central.running("sweep"))
            while message := self._receive():
                record = {"messageId": message["MessageId"], "body": message["Body"]}
                account = json.loads(message["Body"])["account"]
                with self._lock:
                    self.delivered[account] += 1
                    self.busy[number] = running
                try:
                    failed = self._answer(running, {"Records": [record]})["batchItemFailures"]
                except FunctionsFailed:
                    failed = [record]
                    running = stack.enter_context(self.central.running("sweep"))
                finally:
                    with self._lock:
                        del self.busy[number]
                self._settle(message, account, bool(failed))

    def _receive(self) -> dict[str, Any] | None:
        found = self.sqs.receive_message(QueueUrl=self.central.queue, MaxNumberOfMessages=1).get("Messages")
        return dict(found[0]) if found else None

    def _settle(self, message: dict[str, Any], account: str, has_failed: bool) -> None:
        # The removal of one order is lost, so it comes again.
        is_again = has_failed or (account == self.twice and self.delivered[account] == 1)
        if is_again and self.delivered[account] < DELIVERIES:
            self.sqs.change_message_visibility(
                QueueUrl=self.central.queue, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
            )
            return
        if has_failed:
            self.dead.append(account)
        self.sqs.delete_message(QueueUrl=self.central.queue, ReceiptHandle=message["ReceiptHandle"])

    def age_claim(self, run: str) -> None:
        """The time of whoever claimed the run is up."""
        key = f"organization/runs/{run}/told.json"
        claim = json.loads(self.central.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read())
        at = datetime.fromisoformat(claim["at"].partition(".")[0].removesuffix("Z") + "+00:00")
        claim["at"] = f"{at - CLAIM_LASTS:%Y-%m-%dT%H:%M:%SZ}"
        s3_backends[ACCOUNT]["aws"].put_object(BUCKET, key, json.dumps(claim).encode())

    def digests(self) -> list[str]:
        topic = sns_backends[ACCOUNT][REGION].topics[self.central.stack.arn("AlertsTopic")]
        texts = [json.loads(str(message))["default"] for _, message, *_ in topic.sent_notifications]
        return [text for text in texts if " asked: " in text]


def measure(count: int, workers: int) -> bool:
    """Returns whether every account was handled once, and one digest has all of them."""
    members = [Member(f"account-{number}", f"Unit-{number % 5}") for number in range(1, count + 1)]
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="mfa-enforcer-"))
        organization = stack.enter_context(organized(stack.enter_context(emulator()), "", members))
        central = stack.enter_context(hub(organization, Path(folder) / "log"))
        central.put(SETTINGS)
        organization.refused.add(central.account("account-2"))
        bench = Bench(central, workers)
        proxy = organization.aws.proxy
        before = proxy._witness
        proxy._witness = lambda call, forward: bench.interfere(call, lambda passed: before(passed, forward))
        started, now = time.monotonic(), utc_now()
        # It was due an hour ago, since the next sweep looks for what is left of the hours before.
        hour = now - timedelta(hours=1)
        due, run = f"{hour:%Y-%m-%dT%H:00:00Z}", f"{hour:%Y-%m-%dT%H}-daily"
        ordered = bench.invoke({"sweep": "daily", "scheduledTime": due})["ordered"]
        planned = time.monotonic() - started
        bench.work()
        swept, told = time.monotonic() - started, len(bench.digests())
        bench.age_claim(run)
        # The next sweep tells what a collector left untold.
        bench.invoke({"sweep": "hourly", "scheduledTime": f"{now:%Y-%m-%dT%H:07:00Z}"})
        keys = central.client("s3").list_objects_v2(
            Bucket=BUCKET, Prefix=f"organization/runs/{run}/accounts/"
        )
        own = Counter(call.name for call in proxy.calls if call.role and call.role.function == "sweep")
        sessions = Counter(name for _, _, name in central.called)
        digests = bench.digests()
        say("orders, deliveries", f"{ordered}, {bench.delivered.total()}; dead letters {len(bench.dead)}")
        say("digests", f"{told} before the collector was replaced, {len(digests)} in the end")
        say("until all is ordered", f"{planned:.0f} s; until all are swept {swept:.0f} s")
        say("calls of the hub", f"{own.total()}: {listed(own)}")
        say("calls in accounts", f"{sessions.total()}: {listed(sessions)}")
        say("throttled account", "{} let through, {} refused".format(*bench.throttled))
        say("peak memory", f"{bench.peak_kib / 1024:.1f} MiB in one process")
        say("ended while at work", f"{bench.killed} processes")
        covered = f"{count} asked: {count - 1} covered, 1 not covered"
        checks = {
            "one order an account": ordered == count,
            "one account came twice": bench.delivered[bench.twice] == 2,
            "a result of each account": keys["KeyCount"] == count,
            "no dead letters": not bench.dead,
            "the collector was ended": bench.killed > 0 and told == 0,
            "one digest, of all accounts": len(digests) == 1 and covered in digests[0],
            "the throttle refused": bench.throttled[1] > 0,
        }
        for what, is_so in checks.items():
            say("as it should be" if is_so else "WRONG", what)
        proxy._witness = before
    return all(checks.values())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=50, help="how many accounts are swept")
    parser.add_argument("--workers", type=int, default=2, help="how many are swept at once")
    options = parser.parse_args()
    functions.build(show=False)
    print(f"{options.accounts} accounts of a user each, {options.workers} at once, debug builds.")
    return 0 if measure(options.accounts, options.workers) else 1


if __name__ == "__main__":
    sys.exit(main())
