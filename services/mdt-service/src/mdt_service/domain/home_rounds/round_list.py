"""Whom a round sees first (EHCH-032, EHCH-033, EHCH-034, EHCH-036; 000 §3.16 requirement 6 b3).

Rising scores first, the highest before others; then urgent ones; then by the priority of triage; then possible
end-of-life care; then what the home flagged, the oldest first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mdt_service.domain.home_rounds.acuity import Acuity
from mdt_service.domain.home_rounds.codes import END_OF_LIFE, NO_REVIEW

_PRIORITIES: Final = ("stat", "asap", "urgent", "routine")


@dataclass(frozen=True, slots=True)
class Triage:
    """What a triage came to: Task.priority, and a code of TRIAGE_OUTCOME."""

    task: str
    priority: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Flag:
    """An open flag (id of its Task), since microseconds, with its reason and its triage, if it was triaged."""

    task: str
    since: int
    code: str | None
    text: str | None
    by: str
    triage: Triage | None

    @property
    def waits(self) -> bool:
        """Whether it brings the resident onto the list: not when triage found that no review is needed."""
        return self.triage is None or self.triage.outcome != NO_REVIEW


@dataclass(frozen=True, slots=True)
class ListedResident:
    """A resident with every reason to be seen."""

    patient: str
    flags: tuple[Flag, ...]
    acuity: Acuity | None
    last_year_of_life: bool

    @property
    def is_listed(self) -> bool:
        """Whether there is any reason."""
        acute = self.acuity is not None and self.acuity.acute
        return acute or self.last_year_of_life or any(each.waits for each in self.flags)

    @property
    def end_of_life(self) -> bool:
        """Whether possible end-of-life care is a reason."""
        return self.last_year_of_life or any(each.code == END_OF_LIFE for each in self.flags if each.waits)


def ranked(residents: Sequence[ListedResident]) -> list[ListedResident]:
    """Those who are to be seen, in order."""
    return sorted((each for each in residents if each.is_listed), key=_place)


def _place(resident: ListedResident) -> tuple[int, int, int, int, int, str]:
    acuity, waiting = resident.acuity, [each for each in resident.flags if each.waits]
    level = 2 if acuity is None or not acuity.acute else 0 if acuity.rising else 1
    score = acuity.score if acuity is not None and acuity.acute else 0
    priority = min((_priority(each) for each in waiting), default=len(_PRIORITIES))
    since = min((each.since for each in waiting), default=2**62)
    return level, -score, priority, 0 if resident.end_of_life else 1, since, resident.patient


def _priority(flag: Flag) -> int:
    # Untriaged flags stand as routine ones: how urgent they are nobody has said.
    named = flag.triage.priority if flag.triage is not None else _PRIORITIES[-1]
    return _PRIORITIES.index(named) if named in _PRIORITIES else len(_PRIORITIES) - 1
