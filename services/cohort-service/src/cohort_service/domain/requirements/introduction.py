"""When a requirement comes into force for one network: by its phase, or as it was switched there (PCN-004, PCN-052)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal

from cohort_service.domain.requirements.phase import NEVER

State = Literal["in-force", "upcoming", "ended", "announced"]


@dataclass(frozen=True, slots=True)
class Introduction:
    """How it stands on a day. `first` and `last` are the days, both included, that it is in force: those that hold the
    day, else those that come next, else those that are over; None where it has no such end. `switched` says that a
    decision for this network set one of them, and not the phase alone.
    """

    state: State
    first: date | None = None
    last: date | None = None
    switched: bool = False


@dataclass(frozen=True, slots=True)
class _Change:
    first: date
    on: bool
    switched: bool


def introduction(starts: date | None, switches: Sequence[tuple[date, bool]], day: date) -> Introduction:
    """`starts` is the first day of the phase, None is always; `switches` those of the network in the order of their
    days, of which the last that has begun goes before the phase.
    """
    changes = _changes(starts, switches)
    spans = [(each, after) for each, after in pairwise([*changes, None]) if each is not None and each.on]
    begun = [span for span in spans if span[0].first <= day]
    if begun and (begun[-1][1] is None or begun[-1][1].first > day):
        return _introduction("in-force", *begun[-1])
    coming = [span for span in spans if span[0].first > day]
    if coming:
        return _introduction("upcoming", *coming[0])
    return _introduction("ended", *begun[-1]) if begun else Introduction("announced", switched=bool(switches))


def _changes(starts: date | None, switches: Sequence[tuple[date, bool]]) -> list[_Change]:
    """When it turns on and off, in order; one that was always in force turns on on the first day there is."""
    begins = date.min if starts is None else starts
    phase = [_Change(begins, True, False)] if begins != NEVER and (not switches or begins < switches[0][0]) else []
    found: list[_Change] = []
    for each in (*phase, *(_Change(first, on, True) for first, on in switches)):
        if each.on != (found[-1].on if found else False):
            found.append(each)
    return found


def _introduction(state: State, begins: _Change, ends: _Change | None) -> Introduction:
    return Introduction(
        state, None if begins.first == date.min else begins.first,
        None if ends is None else ends.first - timedelta(days=1), begins.switched or ends is not None,
    )  # fmt: skip
