"""Time passes in the emulated account: all in it is moved into the past, for the functions' clock is real."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from datetime import date, datetime, timedelta
from typing import Any

from .aws_xml import moment
from .deployment import ALERTS_TOPIC_ARN
from .emulator import Emulator

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_SHORT_MOMENT = re.compile(r"\b\d{8}T\d{6}Z\b")
_DATE = re.compile(r"\b\d{4}-\d\d-\d\d(?![\dT-])")
_SWEEP_OF_A_DAY = re.compile(r"(?<=\bsweep-)\d{8}\b")
_SHORT_FORM = "%Y%m%dT%H%M%SZ"


def carry_back(emulator: Emulator, by: timedelta) -> None:
    """Makes everything in the account older."""
    iam, census = emulator.iam, emulator.census
    for user in iam.users.values():
        user.create_date -= by
        for device in user.mfa_devices.values():
            device.enable_date -= by
        for key in user.access_keys:
            key.create_date -= by
        _rewrite(iam.tagger.tags.get(user.arn, {}), by)
    for password in census.passwords.values():
        password.created -= by
        password.changed -= by
        password.last_used = _before(password.last_used, by)
    census.root.created -= by
    census.root.last_used = _before(census.root.last_used, by)
    if census.report is not None:
        census.report.made -= by
    _rewrite(emulator.sns.topics[ALERTS_TOPIC_ARN]._tags, by)


def _before(time: datetime | None, by: timedelta) -> datetime | None:
    return None if time is None else time - by


def _rewrite(tags: MutableMapping[str, Any], by: timedelta) -> None:
    """Moves every time and date in the values of tags."""
    for key, value in tags.items():
        value = _MOMENT.sub(lambda found: _moment(found[0], by), value)
        value = _SHORT_MOMENT.sub(lambda found: _short_moment(found[0], by), value)
        value = _SWEEP_OF_A_DAY.sub(lambda found: _short_moment(found[0] + "T000000Z", by)[:8], value)
        tags[key] = _DATE.sub(lambda found: _date(found[0], by), value)


def _moment(text: str, by: timedelta) -> str:
    return moment(datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ") - by)


def _short_moment(text: str, by: timedelta) -> str:
    return (datetime.strptime(text, _SHORT_FORM) - by).strftime(_SHORT_FORM)


def _date(text: str, by: timedelta) -> str:
    return (date.fromisoformat(text) - by).isoformat()
