"""The monitoring steps of a net as they are shown: the same in every practice of a network (ECD-048, ECD-041)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from referral_service.domain.safety_nets.codes import (
    ACTED,
    APPOINTMENT,
    ATTENDED,
    BOOKED,
    CALLED_OFF,
    CAME,
    COMMUNICATED,
    INFORMED,
    RECEIVED,
    REPORT,
    RESULT,
    REVIEWED,
    TOLD,
)
from referral_service.domain.safety_nets.fact import Fact
from referral_service.domain.safety_nets.net_policy import due_after
from referral_service.domain.safety_nets.net_terms import NetTerms
from tandem.london_days import london_date


@dataclass(frozen=True, slots=True)
class MonitoringStep:
    """`done` is when it was first done. `skipped`: a later step is done and this one is not. `due` is the last moment
    in time, as far as it is known yet."""

    name: str
    days: int
    done: datetime | None
    due: datetime | None
    skipped: bool

    @property
    def late(self) -> bool:
        """Whether it was done, but not in time."""
        return self.done is not None and self.due is not None and london_date(self.done) > london_date(self.due)


def monitoring_steps(terms: NetTerms, known: Sequence[Fact]) -> list[MonitoringStep]:
    """The steps of the net in order."""
    done = {name: _done(name, known) for name in terms.steps}
    found = []
    for place, name in enumerate(terms.steps):
        later = any(done[each] is not None for each in terms.steps[place + 1 :])
        due = _due(terms, name, done, known)
        found.append(MonitoringStep(name, terms.days[name], done[name], due, done[name] is None and later))
    return found


def _done(name: str, known: Sequence[Fact]) -> datetime | None:
    match name:
        case "told":
            told = [each for each in known if each.kind == TOLD or (each.kind, each.says) == (INFORMED, "complete")]
        case "appointment-made":
            told = [each for each in known if each.kind == APPOINTMENT and each.says != CALLED_OFF]
            return min((each.at for each in told), default=None)
        case "attended":
            told = [each for each in known if each.kind == ATTENDED or (each.kind, each.says) == (APPOINTMENT, CAME)]
        case "result-received":
            told = [each for each in known if (each.kind, each.says) == (REPORT, RECEIVED)]
            return min((each.at for each in told), default=None)
        case _:
            told = [each for each in known if each.kind == name]
    return min((each.happened for each in told), default=None)


def _due(
    terms: NetTerms, name: str, done: dict[str, datetime | None], known: Sequence[Fact]
) -> datetime | None:  # fmt: skip
    day = _counted_from(terms, name, done, known)
    return None if day is None else due_after(day, terms.days[name])


def _counted_from(
    terms: NetTerms, name: str, done: dict[str, datetime | None], known: Sequence[Fact]
) -> date | None:  # fmt: skip
    if name in (TOLD, BOOKED) or (name == RESULT and terms.is_investigation):
        return terms.day
    before: datetime | None = None
    if name == ATTENDED:
        starts = [each.happened for each in known if each.kind == APPOINTMENT and each.says != CALLED_OFF]
        before = min(starts, default=None)
    elif name in (RESULT, ACTED, COMMUNICATED):
        before = done.get({RESULT: ATTENDED, ACTED: RESULT, COMMUNICATED: ACTED}[name])
    elif name == REVIEWED:
        return None
    return None if before is None else london_date(before)
