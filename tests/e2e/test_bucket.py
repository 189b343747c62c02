"""What the command line reads in buckets, and the sign-off that it writes."""

import gzip
import json
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from moto.s3.models import s3_backends

from .deployment import ACCOUNT, ALERTS_TOPIC_ARN, REGION, REVIEWER, ROOT, environment
from .gaps import SNS
from .harness import Harness
from .people import Person
from .test_plan import binary

__all__ = ["binary"]

BUCKET = "mfa-enforcer-records"
PLACE = f"s3://{BUCKET}"
TRAIL = "mfa-enforcer-trail"
BACKEND = s3_backends[ACCOUNT]["aws"]
Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]


@pytest.fixture
def run(binary: str, enforcer: Harness) -> Run:
    """The command line, with policies/review.json alone."""

    def run(*arguments: str, caller: str = "review") -> Done:
        given = environment(enforcer.emulator.url, caller)
        return subprocess.run(
            [binary, *arguments], env=given, capture_output=True, text=True, check=False, timeout=120
        )

    return run


@pytest.fixture
def bucket() -> Iterator[str]:
    BACKEND.create_bucket(BUCKET, REGION)
    yield BUCKET
    empty(BUCKET)


@pytest.fixture
def review(run: Run, bucket: str, enforcer: Harness) -> Iterator[Run]:
    """The same, and a record of an exempt user."""
    enforcer.account.fill([Person(name="dave", exempt_for=timedelta(days=90)), Person(name="bob")])
    with enforcer.deployed(Evidence=bucket, ReviewPeriod="month"):
        enforcer.sweep()
        yield run


def empty(bucket: str) -> None:
    for key in list(kept(bucket)):
        BACKEND.delete_object(bucket, key)
    BACKEND.delete_bucket(bucket)


def kept(bucket: str = BUCKET) -> dict[str, bytes]:
    return {each.name: each.value for each in BACKEND.head_bucket(bucket).keys.values()}


def reviews(run: Run) -> tuple[int, str]:
    """Where they stand by a report."""
    done = run("report", "--records", PLACE, "--review-period", "month", "--format", "json", caller="")
    return done.returncode, json.loads(done.stdout)["reviews"]["says"]


def sign_off(review: Run, folder: Path, decision: str = "keep") -> str:
    """A draft, filled in."""
    draft = json.loads(
        review("review", "draft", PLACE, "--period", "2026-11", "--by", "Carol Example").stdout
    )
    (decided,) = draft["decisions"]
    assert decided["user"] == "dave"
    decided |= {"decision": decision, "until": draft["signed"][:10], "reason": "TICKET-7 token ordered"}
    path = folder / "sign-off.json"
    path.write_text(json.dumps(draft))
    return str(path)


def test_records_are_verified_where_they_are(review: Run, enforcer: Harness) -> None:
    mark = len(enforcer.proxy.calls)
    done = review("verify", PLACE)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Account {ACCOUNT}: 1 record from" in done.stdout
    calls = [call for call in enforcer.proxy.calls[mark:] if call.role == REVIEWER]
    assert {call.name for call in calls} - {"sts:GetCallerIdentity", "s3:HeadBucket"} == {
        "s3:ListBucket",
        "s3:GetObject",
    }


def test_changed_object_is_named(review: Run) -> None:
    key = next(key for key in kept() if key.endswith("users.jsonl"))
    BACKEND.put_object(BUCKET, key, kept()[key].replace(b"dave", b"eve!"))
    done = review("verify", PLACE, "--account", ACCOUNT)
    assert done.returncode == 1
    assert "WRONG: users.jsonl was changed" in done.stdout


def test_signed_review_is_closed(review: Run, enforcer: Harness, tmp_path: Path) -> None:
    assert reviews(review) == (1, "no review of the records was signed yet")
    path = sign_off(review, tmp_path)
    before = kept()
    rehearsed = review("review", "sign", path, PLACE, "--dry-run")
    assert (rehearsed.returncode, rehearsed.stderr, kept()) == (0, "", before)
    assert "Decided   keep dave until" in rehearsed.stdout
    assert review("review", "sign", path, PLACE).returncode == 2
    assert kept() == before
    done = review("review", "sign", path, PLACE, "--yes")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    (key,) = set(kept()) - set(before)
    assert key.startswith(f"evidence/{ACCOUNT}/reviews/2026-11/")
    copy = tmp_path / key
    copy.parent.mkdir(parents=True)
    copy.write_bytes(kept()[key])
    assert review("review", "check", str(copy), PLACE).returncode == 0
    assert reviews(review) == (0, "the last period that is over was signed")
    # There is a digest each day.
    del SNS.topics[ALERTS_TOPIC_ARN]._tags["mfa-enforcer:last-sweep"]
    (digest,) = enforcer.sweep().digests
    assert "review-open" not in json.dumps(digest.body["accountFindings"])
    assert review("verify", PLACE).returncode == 0


def test_sign_off_without_a_decision_is_not_stored(review: Run, tmp_path: Path) -> None:
    before = kept()
    done = review("review", "sign", sign_off(review, tmp_path, decision=""), PLACE, "--yes")
    assert (done.returncode, kept()) == (1, before)
    assert "WRONG: " in done.stdout
    assert done.stdout.endswith("Nothing was stored.\n")


def test_object_that_stands_in_for_another_is_passed_over(review: Run) -> None:
    """A reviewer may write below reviews/, and nothing there counts as a record."""
    key = next(key for key in kept() if key.endswith("users.jsonl"))
    BACKEND.put_object(BUCKET, f"evidence/aaaaaaaaaaaa/reviews/{key}", b"{}")
    done = review("verify", PLACE)
    assert (done.returncode, done.stderr) == (0, "")


def test_sign_off_belongs_at_the_top(review: Run, tmp_path: Path) -> None:
    done = review("review", "sign", sign_off(review, tmp_path), f"{PLACE}/copies/", "--yes")
    assert (done.returncode, "expected s3://mfa-enforcer-records" in done.stderr) == (2, True)


def test_refused_sign_off_is_told(review: Run, enforcer: Harness, tmp_path: Path) -> None:
    path, before = sign_off(review, tmp_path), kept()
    enforcer.strict.forbid("s3:PutObject")
    done = review("review", "sign", path, PLACE, "--yes")
    assert (done.returncode, kept()) == (2, before)
    assert "nothing was stored: the bucket `mfa-enforcer-records`: s3:PutObject failed" in done.stderr


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize(
    ("place", "caller", "says"),
    [
        ("s3://mfa-enforcer-nowhere", "review", "there is no bucket `mfa-enforcer-nowhere`"),
        ("s3:///evidence", "review", "names no bucket"),
        (f"{PLACE}/elsewhere/", "", "has nothing below elsewhere/"),
        (PLACE, "plan", "s3:ListBucket failed"),
    ],
)
def test_bucket_that_cannot_be_read_is_named(place: str, caller: str, says: str, run: Run) -> None:
    done = run("verify", place, caller=caller)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr


def test_user_is_told_from_the_records(review: Run) -> None:
    done = review("user", "bob", "--records", PLACE, "--format", "json", caller="")
    happened: Any = json.loads(done.stdout)["happened"]
    assert any(each["what"].startswith("the user told `final-notice`") for each in happened), happened


def test_archive_is_replayed_where_it_is(run: Run) -> None:
    """As from a folder. Digests of the trail are passed over, and a damaged object is named."""
    folder = ROOT / "events" / "ConsoleLogin"
    BACKEND.create_bucket(TRAIL, REGION)
    prefix = f"AWSLogs/{ACCOUNT}/CloudTrail"
    for sample in folder.iterdir():
        BACKEND.put_object(TRAIL, f"{prefix}/{sample.name}.gz", gzip.compress(sample.read_bytes()))
    BACKEND.put_object(TRAIL, f"{prefix}-Digest/a.json.gz", b"no record")
    place = f"s3://{TRAIL}/AWSLogs/"
    done, expected = run("replay", place, caller=""), run("replay", str(folder))
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line for line in expected.stdout.splitlines() if not line.startswith("Read ")]
    assert [line for line in done.stdout.splitlines() if not line.startswith("Read ")] == lines
    assert [json.loads(line) for line in run("read", place, caller="").stdout.splitlines()] == [
        json.loads(line) for line in run("read", str(folder)).stdout.splitlines()
    ]
    BACKEND.put_object(TRAIL, f"{prefix}/cut.json.gz", gzip.compress(b'{"Records": [')[:-9])
    cut = run("replay", place, caller="")
    assert cut.returncode == 1
    assert f"s3://{TRAIL}/{prefix}/cut.json.gz" in cut.stdout
    empty(TRAIL)
