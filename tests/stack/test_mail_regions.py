"""From which regions SES may send: what the template's rules let through, in the region of each partition."""

import pytest

from .mail_regions import refusals
from .templates import MAIN, source


@pytest.mark.parametrize(
    ("region", "mail_region"),
    [
        ("us-east-1", ""),
        ("us-east-1", "eu-west-1"),
        ("us-gov-west-1", ""),
        ("us-gov-west-1", "us-gov-east-1"),
        ("eusc-de-east-1", ""),
        ("cn-north-1", ""),
    ],
)
def test_every_region_of_the_partition_may_send(region: str, mail_region: str) -> None:
    assert refusals(region, mail_region) == []
    assert mail_region in source(MAIN)["Parameters"]["MailRegion"]["AllowedValues"]


@pytest.mark.parametrize(
    ("region", "mail_region", "says"),
    [
        ("us-east-1", "us-gov-east-1", "another partition"),
        ("us-gov-west-1", "eu-west-1", "us-gov-east-1, or empty"),
        ("eusc-de-east-1", "eu-west-1", "Leave MailRegion empty"),
        ("cn-north-1", "us-gov-east-1", "Leave MailRegion empty"),
    ],
)
def test_region_of_another_partition_is_refused(region: str, mail_region: str, says: str) -> None:
    (refusal,) = refusals(region, mail_region)
    assert says in refusal
