"""From the phase of a requirement to the days of its duty: when it begins, and by when it is to be met.

| phase | begins | due | until |
|---|---|---|---|
| `2020/21` | 1 April 2020 | 31 March 2021 | |
| `2020/21 to 2023/24` | 1 April 2020 | 31 March 2021, and each year | 31 March 2024 |
| `2016-18` (a specification over two years) | 1 April 2016 | 31 March 2018 | |
| `2020-06-30` | 1 April of that financial year | that day | |
| `2020-04` | the first of the month | its last day | |
| `2020` (a question put to be answered that year) | 1 January | 31 December | |
| `yearly` (of the specification of 2016 to 2018) | 1 April 2016 | 31 March 2017, and each year | 31 March 2018 |
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from tandem.nhs.financial_year import first_day, last_day, year_of

_YEARLY = ("2016/17", "2017/18")
"""`yearly` stands in one specification only, 003 of Doncaster, which was for these years."""


@dataclass(frozen=True, slots=True)
class Phase:
    """`due` is the (first) day a duty is to be met by; one that returns every year does so up to `until`."""

    begins: date
    due: date
    until: date | None = None


def days_of_phase(phase: str) -> Phase:
    """The days of a phase. Raises ValueError for a phase that the table above does not have."""
    text = phase.strip()
    if text == "yearly":
        return _years(*_YEARLY)
    if match := re.fullmatch(r"(\d{4}/\d\d) to (\d{4}/\d\d)", text):
        return _years(match[1], match[2])
    if re.fullmatch(r"\d{4}/\d\d", text):
        return Phase(first_day(text), last_day(text))
    if match := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text):
        day = date(int(match[1]), int(match[2]), int(match[3]))
        return Phase(first_day(year_of(day)), day)
    if match := re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", text):
        begins = date(int(match[1]), int(match[2]), 1)
        return Phase(begins, (begins + timedelta(days=31)).replace(day=1) - timedelta(days=1))
    if match := re.fullmatch(r"(\d\d)(\d\d)-(\d\d)", text):
        return Phase(date(int(match[1] + match[2]), 4, 1), date(int(match[1] + match[3]), 3, 31))
    if re.fullmatch(r"\d{4}", text):
        return Phase(date(int(text), 1, 1), date(int(text), 12, 31))
    raise ValueError(f"the days of the phase {text[:40]} are not laid down")


def _years(first: str, last: str) -> Phase:
    return Phase(first_day(first), last_day(first), last_day(last))
