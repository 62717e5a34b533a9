"""The situations in which a shared decision is required, by year (000 §5.6).

2020/21: pain of back, hip, knee or shoulder, led by physiotherapists (PC-011, PC-043). 2021/22 adds reducing the risk
of stroke in atrial fibrillation (PC-021). Later years add situations to be confirmed, which are published (PC-027).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

Code = tuple[str, str]
"""System and code of a coding."""


@dataclass(frozen=True, slots=True)
class Situation:
    """One version of a situation. `lead` is the kind of staff that leads it; None: whoever is competent.

    `trained` says that the lead's training in shared decisions must be recorded. It is required from `first` to `last`
    (inclusive; None: no end).
    """

    id: str
    version: int
    title: str
    codes: frozenset[Code]
    lead: str | None
    trained: bool
    first: date
    last: date | None
    source: str

    @property
    def name(self) -> str:
        """Such as `back-pain@1`."""
        return f"{self.id}@{self.version}"

    def holds_on(self, day: date) -> bool:
        """Whether it is required on a day."""
        return self.first <= day and (self.last is None or day <= self.last)


def situations_on(versions: Iterable[Situation], day: date) -> list[Situation]:
    """The version of each situation that holds on a day: of those that have begun the newest, unless it has ended."""
    begun: dict[str, Situation] = {}
    for each in sorted(versions, key=lambda situation: situation.version):
        if each.first <= day:
            begun[each.id] = each
    return [each for each in begun.values() if each.holds_on(day)]


def required_situation(versions: Iterable[Situation], code: Code, day: date) -> Situation | None:
    """The situation required on a day that a coded decision is about; None when it is about none of them."""
    return next((each for each in situations_on(versions, day) if code in each.codes), None)
