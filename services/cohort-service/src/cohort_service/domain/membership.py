"""Who is on a list, from what the definition selected and what was judged, and what changes against what stands.

A death or a deregistration ends every membership (AC-017); a judgement goes before the definition (AC-039); the
definition goes before nothing. Days are as in Fact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cohort_service.domain.judgement import InForce
from tandem.record_facts.fact import UNDATED

Origin = Literal["rule", "judgement"]
EndedBy = Literal["rule", "judgement", "died", "left", "definition"]


@dataclass(frozen=True, slots=True)
class Selected:
    """What a definition says of a person it selects. `since` is None where the definition dates no membership."""

    since: int | None
    rank: int


@dataclass(frozen=True, slots=True)
class Gone:
    """Why a person is on no list: died or left on a day, or the record itself was deleted (then `day` is None)."""

    by: Literal["died", "left"]
    day: int | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """The membership that ought to stand."""

    origin: Origin
    definition: str
    since: int | None
    rank: int
    priority: int


@dataclass(frozen=True, slots=True)
class Standing:
    """The membership that stands."""

    origin: str
    definition: str
    since: int
    rank: int
    priority: int


@dataclass(frozen=True, slots=True)
class Stay:
    """A fact that dates memberships, such as a stay in a care home: `ends` is None while it goes on."""

    starts: int
    ends: int | None


@dataclass(frozen=True, slots=True)
class Ending:
    """`until` is the first day off the list; `reason` is what the event says, and finer than `by`."""

    until: int
    by: EndedBy
    reason: str


def gone(died: int | None, left: int | None, deleted: bool, day: int) -> Gone | None:
    """Whether a person is on no list any more on `day`."""
    if deleted:
        return Gone("left", None)
    if died is not None and died <= day:
        return Gone("died", died)
    return Gone("left", left) if left is not None and left <= day else None


def wanted(selected: Selected | None, judged: InForce, definition: str) -> Wanted | None:
    """The membership of somebody who is not gone."""
    if judged.removes:
        return None
    if selected is not None:
        dated = selected.since if selected.since is not None and selected.since > UNDATED else None
        return Wanted("rule", definition, dated, selected.rank, judged.order)
    return Wanted("judgement", definition, None, 0, judged.order) if judged.adds else None


def has_ended_between(standing: Standing, wants: Wanted, stays: Sequence[Stay]) -> bool:
    """Whether the stay that stands is over and the wanted one is another: then there are two memberships."""
    moved = wants.since is not None and wants.since > standing.since
    return moved and any(stay.starts == standing.since and stay.ends is not None for stay in stays)


def ending(
    standing: Standing, day: int, *, left: Gone | None, judged: InForce, definition: str | None, dated: bool,
    stays: Sequence[Stay] = (),
) -> Ending:  # fmt: skip
    """How a membership ends that is no longer wanted.

    `definition` is the name of what is in force now, None when nothing is. `dated` says that it dates memberships;
    `stays` are then the facts that do. Evidence that was taken back leaves a membership that ends where it began.
    """
    if left is not None:
        if left.day is None:
            return Ending(standing.since, left.by, "evidence-withdrawn")
        return Ending(max(standing.since, left.day), left.by, left.by)
    today = max(standing.since, day)
    if judged.removes or standing.origin == "judgement":
        return Ending(today, "judgement", "judgement")
    if definition is None:
        return Ending(today, "definition", "definition")
    if dated:
        over = [
            stay.ends for stay in stays
            if stay.ends is not None and stay.ends <= day
            and (stay.starts == standing.since or stay.ends > standing.since)
        ]  # fmt: skip
        if over:
            return Ending(max(standing.since, min(over)), "rule", "ended")
        if not any(stay.starts <= standing.since and stay.ends is None for stay in stays):
            return Ending(standing.since, "rule", "evidence-withdrawn")
    if definition != standing.definition:
        return Ending(today, "definition", "definition")
    return Ending(today, "rule", "no-longer-selected")
