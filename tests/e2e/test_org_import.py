"""`org import` puts what a stack recorded into the bucket of a hub, with its policy alone, or none of it."""

import base64
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from .deployment import ACCOUNT, ALERTS_TOPIC_ARN, IMPORTER, REGION, ROOT, policy
from .faults import Fault, denied
from .gaps import SNS
from .harness import Harness
from .people import Person
from .test_bucket import BACKEND, PLACE, Done, Run, empty, kept, run
from .test_plan import binary

__all__ = ["binary", "run"]

# As the test's stack is called, so that policies/org-import.json is about it.
HUB = "mfa-enforcer-of-hub"
TREE = "organization/tree.json"
ACTIONS = {action for statement in policy("org-import")["Statement"] for action in statement["Action"]}
SCHEMA = json.loads((ROOT / "docs" / "import.schema.json").read_text(encoding="utf-8"))
MEMBER = "222233334444"


def tree(*accounts: str) -> bytes:
    """The list of the accounts of an organization, as the hub keeps it."""
    listed = [
        {"units": ["Root"], "unitIds": ["r-ab12"], "name": "member", "id": account, "state": "ACTIVE"}
        for account in accounts
    ]
    at = "2026-11-24T09:05:00Z"
    found = {"form": 1, "organization": "o-exampleorgid", "at": at, "units": [], "accounts": listed}
    return json.dumps(found).encode()


@dataclass
class Import:
    """The command, the folder that it takes, and the bucket that it fills."""

    run: Run
    enforcer: Harness
    folder: Path

    def __call__(self, *arguments: str, caller: str = "org-import") -> Done:
        return self.run("org", "import", str(self.folder), "--bucket", HUB, *arguments, caller=caller)

    def report(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        """The exit status, and what is said of the only account."""
        done = self("--format", "json", *arguments)
        report = json.loads(done.stdout)
        Draft202012Validator(SCHEMA).validate(report)
        (account,) = report["accounts"]
        return done.returncode, account

    def copy(self) -> dict[str, bytes]:
        """Copies what the stack recorded, and returns it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        found = kept()
        for key, value in found.items():
            path = self.folder / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(value)
        return found

    def verified(self) -> str:
        done = self.run("verify", f"s3://{HUB}", "--account", ACCOUNT)
        assert done.returncode == 0, done.stdout
        return done.stdout


def sweep(enforcer: Harness) -> None:
    """A daily sweep, of which there is one each day."""
    SNS.topics[ALERTS_TOPIC_ARN]._tags.pop("mfa-enforcer:last-sweep", None)
    enforcer.sweep()


def in_hub() -> dict[str, bytes]:
    found = kept(HUB)
    del found[TREE]
    return found


@pytest.fixture(name="imports")
def _imports(run: Run, enforcer: Harness, tmp_path: Path) -> Iterator[Import]:
    """Three records and acts in a folder, and the bucket of a hub that does not cover the account."""
    for bucket in (PLACE.removeprefix("s3://"), HUB):
        BACKEND.create_bucket(bucket, REGION)
    BACKEND.put_object(HUB, TREE, tree(MEMBER))
    enforcer.account.fill([Person(name="bob"), Person(name="dave", exempt_for=timedelta(days=90))])
    with enforcer.deployed(Evidence=PLACE.removeprefix("s3://")):
        sweep(enforcer)
        enforcer.deliver("ConsoleLogin/bob-overdue-without-mfa.json")
        sweep(enforcer)
        sweep(enforcer)
        imports = Import(run, enforcer, tmp_path / "copy")
        imports.copy()
        yield imports
    for bucket in (PLACE.removeprefix("s3://"), HUB):
        empty(bucket)


def test_records_of_a_stack_are_whole_in_the_bucket_of_a_hub(imports: Import) -> None:
    mark = len(imports.enforcer.proxy.calls)
    done = imports("--yes", "--by", "TICKET-7")
    assert done.returncode == 0, done.stdout + done.stderr
    assert in_hub() == kept()
    assert f"Account {ACCOUNT}: wrote {len(kept())} objects." in done.stdout
    assert f"Account {ACCOUNT}: 3 records from" in imports.verified()
    calls = [call for call in imports.enforcer.proxy.calls[mark:] if call.role == IMPORTER]
    assert {call.name for call in calls} - {"sts:GetCallerIdentity", "s3:HeadBucket"} == ACTIONS
    puts = [call for call in calls if call.name == "s3:PutObject"]
    for call in puts:
        content = in_hub()[call.parameters["Key"]]
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        assert call.environ["HTTP_X_AMZ_CHECKSUM_SHA256"] == digest
        assert call.environ["HTTP_IF_NONE_MATCH"] == "*"
        assert call.environ["HTTP_X_AMZ_EXPECTED_BUCKET_OWNER"] == ACCOUNT
    # Each record after its files, the oldest first.
    written = [call.parameters["Key"] for call in puts]
    records = [key for key in written if key.endswith("/record.json")]
    assert records == sorted(records)
    for record in records:
        folder = record.removesuffix("record.json")
        assert max(at for at, key in enumerate(written) if key.startswith(folder)) == written.index(record)
    (line,) = [each for each in done.stderr.splitlines() if each.startswith("audit: ")]
    audited = json.loads(line.removeprefix("audit: "))
    head = {"key": records[-1], "sha256": hashlib.sha256(in_hub()[records[-1]]).hexdigest()}
    assert (audited["by"], audited["of"], audited["head"]) == ("TICKET-7", ACCOUNT, head)


def test_dry_run_says_the_same_and_writes_nothing(imports: Import) -> None:
    status, planned = imports.report("--dry-run")
    assert (status, planned["state"], planned["records"], in_hub()) == (0, "waiting", 3, {})
    assert planned["bytes"] == sum(map(len, kept().values()))
    assert imports().returncode == 2
    assert in_hub() == {}
    status, done = imports.report("--yes")
    assert (status, done | {"state": "waiting", "written": 0}) == (0, planned)
    status, again = imports.report("--yes")
    assert (status, again["state"], again["there"]) == (0, "there", len(kept()))


def test_later_copy_adds_what_is_new(imports: Import) -> None:
    assert imports("--yes").returncode == 0
    before = in_hub()
    # The act is in no record yet, and stays out.
    imports.enforcer.account.fill([Person(name="bob")])
    imports.enforcer.deliver("ConsoleLogin/bob-overdue-without-mfa.json")
    acts = {key for key in imports.copy() if "/acts/" in key}.difference(before)
    status, planned = imports.report("--yes")
    assert (status, planned["leftOut"]["acts"], in_hub()) == (0, len(acts), before)
    assert acts
    sweep(imports.enforcer)
    whole = imports.copy()
    status, done = imports.report("--yes")
    assert (status, done["records"], in_hub()) == (0, 1, whole)
    assert f"Account {ACCOUNT}: 4 records from" in imports.verified()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_import_that_is_cut_off_is_finished_by_the_next(imports: Import, share: float) -> None:
    fault = Fault("s3:PutObject", denied, nth=1 + int(len(kept()) * share))
    with imports.enforcer.proxy.rule(fault):
        status, cut = imports.report("--yes")
    assert fault.struck
    assert (status, cut["state"]) == (1, "failed")
    # Of some nobody may have heard any more.
    assert 0 < cut["written"] <= len(in_hub()) < len(kept())
    assert "policies/org-import.json" in cut["problems"][0]["says"]
    found = json.loads(imports.run("verify", f"s3://{HUB}", "--format", "json").stdout)
    assert found["accounts"][0]["faults"] == []
    assert imports("--yes").returncode == 0
    assert in_hub() == kept()
    assert imports.verified()


def change_rows(imports: Import) -> str:
    key = min(key for key in kept() if key.endswith("users.jsonl"))
    path = imports.folder / key
    path.write_bytes(path.read_bytes().replace(b"dave", b"eve!"))
    return "users.jsonl was changed"


def lose_record(imports: Import) -> str:
    key = sorted(key for key in kept() if key.endswith("record.json"))[1]
    (imports.folder / key).unlink()
    return f"{key} is gone"


def add_stray(imports: Import) -> str:
    (imports.folder / f"evidence/{ACCOUNT}/notes.txt").write_text("x")
    return "notes.txt is in no record"


def cover(_: Import) -> str:
    BACKEND.put_object(HUB, TREE, tree(MEMBER, ACCOUNT))
    return "it is in the organization o-exampleorgid, in which the hub writes the records itself"


def put_another(_: Import) -> str:
    key = min(key for key in kept() if key.endswith("report.html"))
    BACKEND.put_object(HUB, key, b"another")
    return f"{key} is in the bucket already, and is another one there"


def part(imports: Import) -> str:
    """The bucket has what was recorded, and the folder another record after the first."""
    for key, value in kept().items():
        BACKEND.put_object(HUB, key, value)
    first = min(key for key in kept() if key.endswith("record.json"))
    stays = {link["key"] for link in json.loads(kept()[first])["acts"]}
    for key in kept():
        if key not in stays and not key.startswith(first.removesuffix("record.json")):
            BACKEND.delete_object(PLACE.removeprefix("s3://"), key)
    sweep(imports.enforcer)
    # The enforcer itself notices; its own chain has to look whole for this.
    imports.copy()
    (second,) = (key for key in kept() if key.endswith("record.json") and key != first)
    record = json.loads(kept()[second])
    record["chain"]["remembered"] = None
    (imports.folder / second).write_text(json.dumps(record))
    return "it does not continue the chain in the bucket"


@pytest.mark.parametrize("spoil", [change_rows, lose_record, add_stray, cover, put_another, part])
def test_nothing_is_imported_of_what_is_not_right(imports: Import, spoil: Callable[[Import], str]) -> None:
    says = spoil(imports)
    before = kept(HUB)
    status, refused = imports.report("--yes")
    assert (status, refused["state"], kept(HUB)) == (1, "refused", before)
    assert any(says in problem["says"] for problem in refused["problems"]), refused["problems"]
    shown = imports("--yes")
    assert shown.returncode == 1
    assert says in shown.stdout
    assert "-> " in shown.stdout
    assert shown.stdout.endswith("Nothing was written.\n")


def test_refused_account_costs_no_other_anything(imports: Import) -> None:
    other = imports.folder / "evidence" / MEMBER
    shutil.copytree(imports.folder / "evidence" / ACCOUNT, other)
    done = imports("--yes")
    assert (done.returncode, in_hub()) == (1, kept())
    assert f"{MEMBER}: it is in the organization" in done.stdout
    assert imports("--yes", "--account", ACCOUNT).returncode == 0


def test_reviews_come_with_the_permission_to_sign(imports: Import, tmp_path: Path) -> None:
    draft = json.loads(
        imports.run("review", "draft", PLACE, "--period", "2026-11", "--by", "Carol Example").stdout
    )
    for decided in draft["decisions"]:
        decided |= {"decision": "remove", "reason": "TICKET-7"}
    path = tmp_path / "sign-off.json"
    path.write_text(json.dumps(draft))
    assert imports.run("review", "sign", str(path), PLACE, "--yes").returncode == 0
    (review,) = (key for key in imports.copy() if "/reviews/" in key)
    status, without = imports.report("--yes")
    assert (status, without["leftOut"]["reviews"], review in in_hub()) == (0, 1, False)
    refused = imports("--yes", "--reviews")
    assert refused.returncode == 2
    assert "nothing was written" in refused.stderr
    assert imports("--yes", "--reviews", caller="").returncode == 0
    assert in_hub() == kept()


@pytest.mark.parametrize(
    ("bucket", "says"),
    [
        ("mfa-enforcer-nowhere", "there is no bucket `mfa-enforcer-nowhere`"),
        (PLACE, f"has no {TREE}, so it is none of a hub"),
    ],
)
def test_bucket_that_is_none_of_a_hub_is_refused(imports: Import, bucket: str, says: str) -> None:
    done = imports.run("org", "import", str(imports.folder), "--bucket", bucket, "--yes", caller="org-import")
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr


def test_missing_permission_is_named(imports: Import) -> None:
    done = imports("--dry-run", caller="plan")
    assert (done.returncode, done.stdout) == (2, "")
    assert "s3:ListBucket failed" in done.stderr
    assert "policies/org-import.json is all that has to be allowed" in done.stderr
