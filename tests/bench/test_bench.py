"""What the benchmarks compute from what they measure. What they measure is not judged here."""

import json

from .compare import MARKED, NUMBERS, PAGE
from .rows import Row, ratios
from .runtime import _split
from .subjects import BARE, BOTO3, OURS
from .wire import CONTAINMENT, Seen, depths, round_trips


def test_round_trips_are_answers_that_are_awaited_one_after_the_other() -> None:
    seen = [
        Seen("iam:GetUser", 0, 10),
        Seen("iam:ListMFADevices", 1, 12),
        Seen("iam:TagUser", 13, 20),
        Seen("iam:ListAccessKeys", 13, 30),
        Seen(CONTAINMENT, 21, 28),
        Seen("sns:Publish", 31, 40),
    ]
    assert [depth for depth, _ in depths(seen)] == [1, 1, 2, 2, 3, 4]
    assert round_trips(seen) == (3, 4)


def test_request_is_read_once_all_of_it_is_there() -> None:
    head = b"POST /x/response HTTP/1.1\r\nContent-Length: 4\r\n\r\n"
    assert _split(head + b"bo") is None
    assert _split(head + b"bodyGET") == (head[:-4], b"body", b"GET")
    chunked = b"POST /x/response HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert _split(chunked + b"4\r\nbo") is None
    assert _split(chunked + b"4\r\nbody\r\n0\r\n\r\nGET") == (chunked[:-4], b"body", b"GET")


def test_ratio_is_of_the_same_run() -> None:
    found = {OURS: [2.0, 20.0, 3.0], BARE: [1.0, 10.0, 1.0], BOTO3: [3.0, 30.0, 3.0]}
    assert ratios(found) == {OURS: 2.0, BARE: 1.0, BOTO3: 3.0}


def test_target_is_met_by_the_number_that_is_shown() -> None:
    assert Row("start", "times bare", {OURS: 1.504}, 1.5, 2).met is True
    assert Row("start", "times bare", {OURS: 1.506}, 1.5, 2).met is False
    assert Row("start", "ms", {OURS: 2}).met is None


def test_page_has_the_numbers_of_the_file() -> None:
    """`make bench` writes both."""
    (part,) = MARKED.findall(PAGE.read_text("utf-8"))
    lines = [line.strip("| \n").split(" | ") for line in part.splitlines() if line.startswith("|")]
    for row in json.loads(NUMBERS.read_text("utf-8"))["functions"]:
        unit = f", {row['unit']}" if row["unit"] else ""
        (cells,) = [cells for cells in lines if cells[0] == row["what"] + unit]
        assert cells[1] == f"{row['values'][OURS]:,.{row['digits']}f}"
        assert (cells[-1] == "yes") == (row["met"] is True)
