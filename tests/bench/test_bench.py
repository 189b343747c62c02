"""What the benchmarks compute from what they measure. What they measure is not judged here."""

import json

import pytest

from .compare import NUMBERS, Measured, place
from .core import Timed, Unreadable, timed
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


PRINTED = """
Timer precision: 20 ns
events              fastest  │ slowest  │ median   │ mean     │ samples │ iters
├─ decide                    │          │          │          │         │
│  ╰─ sign-in of root  835 ns  │ 3.117 µs │ 904.4 ns │ 971.6 ns │ 100     │ 100
│                    max alloc: │       │          │          │         │
│                      48      │ 48     │ 48       │ 48       │         │
│                    alloc:    │        │          │          │         │
│                      49      │ 49     │ 50       │ 49       │         │
│                      3.1 KB  │ 3.1 KB │ 3.1 KB   │ 3.1 KB   │         │
╰─ render                    │          │          │          │         │
   ├─ new password   135.2 µs │ 16.33 ms │ 1.5 ms   │ 757.3 µs │ 100     │ 100
   │                 alloc:   │          │          │          │         │
   │                   1160   │ 1160     │ 1160     │ 1160     │         │
"""


def test_core_is_read_from_what_the_benchmark_prints() -> None:
    assert timed(PRINTED) == [
        Timed("decide", "sign-in of root", 0.9044, 49),
        Timed("render", "new password", 1500.0, 1160),
    ]


@pytest.mark.parametrize(
    ("old", "new"), [("904.4 ns", "904.4 days"), (" alloc:", " dealloc:"), ("  835 ns  ", " " * 10)]
)
def test_what_the_benchmark_prints_is_not_guessed(old: str, new: str) -> None:
    """Of the first event, whatever the next one has."""
    with pytest.raises(Unreadable):
        timed(PRINTED.replace(old, new, 2 if old == " alloc:" else 1))


def test_benchmark_that_prints_nothing() -> None:
    with pytest.raises(Unreadable):
        timed("")


def test_pages_have_the_numbers_of_the_file() -> None:
    """`make bench` writes both."""
    for (page, name), text in Measured.of(json.loads(NUMBERS.read_text("utf-8"))).parts().items():
        assert place(name).findall(page.read_text("utf-8")) == [text]
