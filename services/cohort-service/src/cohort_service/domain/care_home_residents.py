"""Who lives in a care home, from everything that was recorded of it (EHCH-012, EHCH-013, EHCH-014).

The newest statement by its date wins: whoever was last said to live in a care home is a resident until a later
statement says otherwise. A death ends it whatever the date. Visits by or calls from a care home are no statements.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cohort_service.domain.residency_codes import Meaning
from cohort_service.domain.residency_statements import Statement

_ORDER = list(Meaning)
_AFTER_ALL = 2**62


@dataclass(frozen=True, slots=True)
class Residency:
    """Where a person stands: `since` is the first statement of the stay, `ended` what ended it, if it did.

    `evidence` are the statements of the stay, oldest first.
    """

    since: Statement
    evidence: tuple[Statement, ...]
    ended: Statement | None

    @property
    def current(self) -> bool:
        return self.ended is None

    @property
    def until(self) -> int | None:
        """When the stay ended, in microseconds."""
        if self.ended is None:
            return None
        own_end = self.ended.ends if self.ended.meaning is Meaning.RESIDENT else None
        return max(self.since.starts, own_end if own_end is not None else self.ended.starts)


def stays(statements: Iterable[Statement]) -> list[Residency]:
    """All stays of a person in care homes, oldest first; all but the last have ended. Any order gives the same."""
    found: list[Residency] = []
    stay: list[Statement] = []
    for _, _, _, leaves, statement in _marks(statements):
        if not leaves:
            stay.append(statement)
        elif stay:
            found.append(Residency(stay[0], tuple(stay), statement))
            stay = []
    return [*found, Residency(stay[0], tuple(stay), None)] if stay else found


def residency(statements: Iterable[Statement]) -> Residency | None:
    """The person's newest stay in a care home, or None when nothing was ever said of one."""
    return next(reversed(stays(statements)), None)


def _marks(statements: Iterable[Statement]) -> list[tuple[int, int, str, bool, Statement]]:
    """Beginnings and ends on one line of time: when, rank, reference, whether it is an end, whose word it is."""
    marks: list[tuple[int, int, str, bool, Statement]] = []
    for each in statements:
        rank = _ORDER.index(each.meaning)
        if each.meaning is Meaning.RESIDENT:
            marks.append((each.starts, rank, each.reference, False, each))
            if each.ends is not None:
                # A record of a single day begins before it ends; of two homes on one day, the first is left first.
                marks.append((max(each.ends, each.starts + 1), 0, each.reference, True, each))
        else:
            starts = _AFTER_ALL if each.meaning is Meaning.DIED else each.starts
            marks.append((starts, rank, each.reference, True, each))
    return sorted(marks, key=lambda mark: mark[:4])
