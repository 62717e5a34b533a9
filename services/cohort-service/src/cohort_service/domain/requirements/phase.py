"""From which day a requirement of the specifications is in force, by the phase its row gives (PCN-004)."""

from __future__ import annotations

import re
from datetime import date

_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_FINANCIAL_YEAR = re.compile(r"(\d{4})[/-]\d\d")
_YEAR = re.compile(r"\d{4}")
NEVER = date.max
"""The first day of what is announced without a date: only a switch brings it into force."""


def first_day(phase: str) -> date | None:
    """The first day of a phase: of its financial year (1 April), year, month or day; None is always.

    `2020/21 to 2023/24` begins with its first year; `baseline 2019/20` is of that year; `future` is NEVER. A phase
    that says how often, and not from when (`yearly`, `all`), is always.
    """
    text = phase.removeprefix("baseline ").strip()
    if text == "future":
        return NEVER
    if match := _DAY.match(text):
        return date(int(match[1]), int(match[2]), int(match[3]))
    if match := _MONTH.match(text):
        return date(int(match[1]), int(match[2]), 1)
    if match := _FINANCIAL_YEAR.match(text):
        return date(int(match[1]), 4, 1)
    if match := _YEAR.match(text):
        return date(int(match[0]), 1, 1)
    return None
