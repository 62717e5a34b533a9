"""When a resident came back to the home after a hospital episode (EHCH-040, EHCH-047).

Inpatient Encounters that overlap, or of which one begins on the London day on which another ends, are one episode: a
transfer is no return. The person is back on the day on which the last of them ends, if it ended towards home, and if
the stay in the home began no later than the episode and had not ended by then. Attendances at an emergency department
without admission are no episode (000 §3.16 r7 b1).

An Encounter that has no end yet keeps the person in hospital until a later one begins; a record that nobody closed
would otherwise hide every later return.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from careplan_service.domain.clocks.facts import HospitalStay, Stay
from tandem.london_days import london_date


@dataclass(frozen=True, slots=True)
class Readmission:
    """`source` is the Encounter that ended last; `stay` is the stay in the home that went on."""

    source: str
    at: datetime
    stay: Stay


@dataclass(slots=True)
class _Episode:
    first: date
    last: HospitalStay
    open: bool


def readmissions(stays: Sequence[Stay], hospital: Sequence[HospitalStay]) -> list[Readmission]:
    """Every return to one of these stays, in the order of time; any order of the arguments gives the same."""
    found = []
    for episode in _episodes(hospital):
        if episode.open or not episode.last.home or episode.last.ends is None:
            continue
        back = london_date(episode.last.ends)
        for stay in stays:
            if stay.since <= episode.first and stay.covers(back):
                found.append(Readmission(episode.last.source, episode.last.ends, stay))
                break
    return found


def _episodes(hospital: Sequence[HospitalStay]) -> list[_Episode]:
    ordered = sorted(hospital, key=lambda each: (each.starts, each.ends is None, each.source))
    episodes: list[_Episode] = []
    for place, each in enumerate(ordered):
        if each.ends is None and place + 1 < len(ordered):
            # What came after it tells where the person was; of this one only the day it began is known.
            each = HospitalStay(each.source, each.starts, each.starts, home=False)
        held = episodes[-1] if episodes else None
        if held is None or not _goes_on(held, each):
            episodes.append(_Episode(london_date(each.starts), each, each.ends is None))
        else:
            held.open = held.open or each.ends is None
            held.last = max(held.last, each, key=_end)
    return episodes


def _goes_on(episode: _Episode, stay: HospitalStay) -> bool:
    ends = episode.last.ends
    return episode.open or ends is None or london_date(stay.starts) <= london_date(ends)


def _end(stay: HospitalStay) -> tuple[bool, datetime, bool, str]:
    return stay.ends is None, stay.ends or stay.starts, not stay.home, stay.source
