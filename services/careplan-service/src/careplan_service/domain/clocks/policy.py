"""What a clock asks for: what starts it, how long it may take, what stops it. Read from `clocks/policies.yaml`."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime
from enum import Enum
from typing import Any

from tandem.nhs.working_days import add_days, add_working_days, end_of_london_day, start_of_london_day


class Begins(Enum):
    """What starts a clock.

    A `stay` on a list and a `readmission` start one each. While a `plan` is in force, a person is on a `list` or has
    `support`, there is always one: what stops it starts the next.
    """

    STAY = "stay"
    READMISSION = "readmission"
    PLAN = "plan"
    LIST = "list"
    SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class Policy:
    """One row of the file. `list` is a cohort of cohort-service; people on the list `first` come first.

    `stops` are kinds of Happening. `warn` is how many days before the last day the warning is. It governs what starts
    from its first day on, up to its last.
    """

    kind: str
    version: str
    begins: Begins
    stops: frozenset[str]
    amount: int
    unit: str
    warn: int
    requirements: tuple[str, ...]
    source: str
    first_day: date
    last_day: date | None = None
    list: str | None = None
    first: str | None = None

    @property
    def name(self) -> str:
        """Kind, what starts it, and version: what is kept beside a clock."""
        return f"{self.kind}/{self.begins.value}@{self.version}"

    def last(self, day: date) -> date:
        """The last day for what began on `day`, which is day 0."""
        match self.unit:
            case "working_days":
                return add_working_days(day, self.amount)
            case "months":
                return add_months(day, self.amount)
        return add_days(day, self.amount)

    def due(self, day: date) -> datetime:
        """The last instant, in UTC, of that day."""
        return end_of_london_day(self.last(day))

    def warning(self, last: date) -> datetime:
        """The beginning of the day on which the warning is, so many days before the last day."""
        return start_of_london_day(add_days(last, -self.warn))

    def governs(self, day: date) -> bool:
        """Whether it holds for what begins on this day."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


def policies_of(raw: Mapping[str, Any]) -> tuple[Policy, ...]:
    """The policies of the file. Raises KeyError, ValueError for a file that is not one."""
    return tuple(_policy(each) for each in raw["policies"])


def _policy(raw: Mapping[str, Any]) -> Policy:
    ((unit, amount),) = raw["within"].items()
    if unit not in ("days", "working_days", "months") or int(amount) < 1:
        raise ValueError("within is a number of days, working_days or months")
    begins = Begins(raw["begins"])
    if (begins in (Begins.STAY, Begins.READMISSION, Begins.LIST)) != ("list" in raw):
        raise ValueError(f"{raw['kind']}: a stay, a readmission and a list need `list`, nothing else has one")
    return Policy(
        str(raw["kind"]), str(raw["version"]), begins, frozenset(raw["stops"]), int(amount), str(unit),
        int(raw["warn_days_before"]), tuple(raw["requirements"]), str(raw["source"]), raw["from"], raw.get("until"),
        raw.get("list"), raw.get("first"),
    )  # fmt: skip


def add_months(day: date, months: int) -> date:
    """The same day so many months later; the last day of a month that is too short for it, or of the calendar."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    if year > MAXYEAR:
        return date.max
    return date(year, month, min(day.day, monthrange(year, month)[1]))
