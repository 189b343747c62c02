"""Evidence in an emulated bucket, written with the permissions of the template's own roles."""

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from moto.s3.models import s3_backends
from werkzeug.wrappers import Response

from .deployment import ACCOUNT, ALERTS_TOPIC_ARN, REGION
from .gaps import SNS
from .harness import Harness
from .people import Person, phone
from .proxy import Call, Forward, deny

BUCKET = "mfa-evidence"
BACKEND = s3_backends[ACCOUNT]["aws"]
# A bucket of another account, which would let every account in.
HUB = "999988887777"
OF_HUB = "hub-evidence"
BACKEND_OF_HUB = s3_backends[HUB]["aws"]


@pytest.fixture
def keeping(enforcer: Harness) -> Iterator[Harness]:
    """An enforcer that keeps evidence in a bucket."""
    BACKEND.create_bucket(BUCKET, REGION)
    with enforcer.deployed(Evidence=BUCKET):
        yield enforcer
    for key in list(kept()):
        BACKEND.delete_object(BUCKET, key)
    BACKEND.delete_bucket(BUCKET)


@pytest.fixture
def bucket_of_hub() -> Iterator[None]:
    BACKEND_OF_HUB.create_bucket(OF_HUB, REGION)
    yield
    for key in BACKEND_OF_HUB.head_bucket(OF_HUB).keys.copy():
        BACKEND_OF_HUB.delete_object(OF_HUB, key)
    BACKEND_OF_HUB.delete_bucket(OF_HUB)


def kept() -> dict[str, bytes]:
    """The objects, by key."""
    objects = BACKEND.head_bucket(BUCKET).keys.values()
    return {each.name: each.value for each in objects}


def kept_in_hub() -> list[str]:
    return sorted(BACKEND_OF_HUB.head_bucket(OF_HUB).keys)


def records() -> dict[str, Any]:
    return {key: json.loads(value) for key, value in kept().items() if key.endswith("/record.json")}


def test_quarantine_and_its_record_are_kept(keeping: Harness) -> None:
    keeping.account.fill(
        [Person(name="ruth", password_age=timedelta(days=400), devices=(phone("ruth"),)), Person(name="bob")]
    )
    keeping.deliver("ConsoleLogin/bob-overdue-without-mfa.json")
    # They are written at the same time. Their keys have the order in which it was done.
    acts = [json.loads(value) for key, value in sorted(kept().items()) if "/acts/" in key]
    assert [act["act"] for act in acts if act["user"]["name"] == "bob"] == ["containment", "notice"]
    seen = keeping.sweep()
    ((key, record),) = records().items()
    (digest,) = seen.digests
    assert digest.body["evidence"] == {
        "key": key,
        "sha256": hashlib.sha256(kept()[key]).hexdigest(),
    }
    assert record["figures"]["users"] == len(seen.after)
    for file in record["files"]:
        content = kept()[key.replace("record.json", file["name"])]
        assert hashlib.sha256(content).hexdigest() == file["sha256"]
    assert {link["key"] for link in record["acts"]} == {key for key in kept() if "/acts/" in key}
    keeping.sweep()
    (later,) = (each for name, each in records().items() if name != key)
    assert later["chain"]["before"]["key"] == key


def test_objects_are_written_with_their_hash_and_never_twice(keeping: Harness) -> None:
    keeping.account.fill([Person(name="bob")])
    seen = keeping.deliver("ConsoleLogin/bob-overdue-without-mfa.json")
    puts = [call for call in seen.calls if call.name == "s3:PutObject"]
    assert puts
    for call in puts:
        content = kept()[call.parameters["Key"]]
        expected = base64.b64encode(hashlib.sha256(content).digest()).decode()
        assert call.environ["HTTP_X_AMZ_CHECKSUM_SHA256"] == expected
        assert call.environ["HTTP_IF_NONE_MATCH"] == "*"


@pytest.mark.usefixtures("bucket_of_hub")
def test_evidence_is_kept_in_the_bucket_of_another_account(enforcer: Harness) -> None:
    enforcer.account.fill([Person(name="bob")])
    with enforcer.deployed(Evidence=OF_HUB, EvidenceAccount=HUB):
        seen = [enforcer.deliver("ConsoleLogin/bob-overdue-without-mfa.json"), enforcer.sweep()]
        assert "evidence" in seen[1].digests[0].body
        # The second record follows the first: it was found there.
        del SNS.topics[ALERTS_TOPIC_ARN]._tags["mfa-enforcer:last-sweep"]
        seen.append(enforcer.sweep())
    assert not [each for each in seen if "evidence-unwritten" in str([one.body for one in each.digests])]
    calls = [call for each in seen for call in each.calls if call.service == "s3"]
    assert {call.name for call in calls} == {"s3:PutObject", "s3:GetObject", "s3:ListBucket"}
    assert {call.environ["HTTP_X_AMZ_EXPECTED_BUCKET_OWNER"] for call in calls} == {HUB}
    assert len([key for key in kept_in_hub() if key.endswith("/record.json")]) == 2
    assert all(key.startswith(f"evidence/{ACCOUNT}/2") for key in kept_in_hub())


@pytest.mark.usefixtures("bucket_of_hub")
def test_nothing_is_kept_in_the_bucket_of_an_account_that_is_not_named(enforcer: Harness) -> None:
    enforcer.account.fill([Person(name="bob")])
    with enforcer.deployed(Evidence=OF_HUB):
        seen = enforcer.sweep()
    assert "evidence-unwritten" in str(seen.digests[0].body)
    assert kept_in_hub() == []


def test_bucket_that_refuses_everything_stops_nothing(keeping: Harness) -> None:
    def refusing(call: Call, forward: Forward) -> Response:
        return deny(call, "no") if call.service == "s3" else forward(call)

    keeping.account.fill([Person(name="bob")])
    with keeping.proxy.rule(refusing):
        seen = keeping.deliver("ConsoleLogin/bob-overdue-without-mfa.json")
        assert seen.user.contained_by
        swept = keeping.sweep()
    (digest,) = swept.digests
    findings = [each["finding"] for each in digest.body["accountFindings"]["findings"]]
    assert "evidence-unwritten" in findings
    assert kept() == {}
