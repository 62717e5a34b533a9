"""Financial years of the NHS: 1 April to 31 March, written `2020/21`."""

from __future__ import annotations

import re
from datetime import date

_YEAR = re.compile(r"(\d{4})/(\d\d)")


def year_of(day: date) -> str:
    """The financial year in which a day is."""
    return _written(day.year if day.month >= 4 else day.year - 1)


def first_day(year: str) -> date:
    """1 April. Raises ValueError for a text that is no financial year."""
    return date(_begins(year), 4, 1)


def last_day(year: str) -> date:
    """31 March. Raises ValueError for a text that is no financial year."""
    return date(_begins(year) + 1, 3, 31)


def following(year: str) -> str:
    """The next one. Raises ValueError for a text that is no financial year."""
    return _written(_begins(year) + 1)


def _written(begins: int) -> str:
    return f"{begins}/{(begins + 1) % 100:02}"


def _begins(year: str) -> int:
    match = _YEAR.fullmatch(year)
    if match is None or (int(match[1]) + 1) % 100 != int(match[2]) or not 1970 <= int(match[1]) < 9000:
        raise ValueError("a financial year is written such as 2020/21")
    return int(match[1])
