"""Where a suspected cancer referral goes: pathways of an area by day, and why a referral took the one it took.

000 §6.6 (ECD-015, ECD-071): serious but non-specific symptoms go to a rapid diagnostic centre as those become
available. A pathway is open for its area (a network or a commissioner) from its first day to its last.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from referral_service.domain.suspected_cancer.claim import RAPID_DIAGNOSTIC_CENTRE, URGENT

SOURCE: Final = "000 §6.6, ECD-015"


@dataclass(frozen=True, slots=True)
class Pathway:
    """`pathway` is `rapid-diagnostic-centre` or a cancer site, `performer` the code of who takes its referrals."""

    area: str
    pathway: str
    first: date
    last: date | None
    performer: str

    def is_open(self, day: date) -> bool:
        """Whether it takes referrals of this day."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Routing:
    """The kind that a referral becomes, who takes it by the area's pathways (None: nobody is set), and why."""

    kind: str
    performer: str | None
    explanation: str


def rapid_diagnostic_centre(pathways: Sequence[Pathway], day: date) -> Pathway | None:
    """The one that is open on a day; of several the first in the order given (the network's own first)."""
    return _open(pathways, RAPID_DIAGNOSTIC_CENTRE, day)


def route(non_specific: bool, site: str | None, pathways: Sequence[Pathway], day: date) -> Routing:
    """Where a referral of a day goes, by what its symptoms point to; `site` is None when that is not known."""
    if non_specific:
        centre = rapid_diagnostic_centre(pathways, day)
        if centre is not None:
            text = f"Serious non-specific symptoms: the rapid diagnostic centre {_told(centre)} ({SOURCE})"
            return Routing(RAPID_DIAGNOSTIC_CENTRE, centre.performer, text)
        text = f"Serious non-specific symptoms, {_closed(pathways, day)}, so the referral goes elsewhere ({SOURCE})"
        other = _open(pathways, "non-specific", day)
        return Routing(URGENT, other.performer if other else None, text)
    own = _open(pathways, site, day) if site is not None else None
    if own is not None:
        return Routing(URGENT, own.performer, f"Pathway for {site}: {_told(own)}")
    named = f"No pathway for {site} is set" if site is not None else "The symptoms name no pathway"
    return Routing(URGENT, None, f"{named} for this area on {day.isoformat()}: the referrer chooses who is asked")


def misrouted(
    routing: Routing, kind: str, performers: Collection[str], pathways: Sequence[Pathway], day: date
) -> str | None:
    """Why a referral of this kind to these organisations (codes) goes the wrong way; None when it does not."""
    if routing.kind == RAPID_DIAGNOSTIC_CENTRE:
        if kind != RAPID_DIAGNOSTIC_CENTRE or routing.performer not in performers:
            return (
                f"{routing.explanation}: refer to {routing.performer} as {RAPID_DIAGNOSTIC_CENTRE}, or say in"
                " 'elsewhere' of the extension suspected-cancer why not"
            )
        return None
    if kind == RAPID_DIAGNOSTIC_CENTRE:
        centre = rapid_diagnostic_centre(pathways, day)
        if centre is None:
            return f"A referral to a rapid diagnostic centre, but {_closed(pathways, day)} ({SOURCE})"
        if centre.performer not in performers:
            return f"The rapid diagnostic centre of this area is {_told(centre)} ({SOURCE})"
    return None


def _open(pathways: Sequence[Pathway], pathway: str | None, day: date) -> Pathway | None:
    return next((each for each in pathways if each.pathway == pathway and each.is_open(day)), None)


def _told(pathway: Pathway) -> str:
    return f"{pathway.performer}, open for {pathway.area} since {pathway.first.isoformat()}"


def _closed(pathways: Sequence[Pathway], day: date) -> str:
    """That no rapid diagnostic centre is open, and when the next one opens."""
    firsts = [each.first for each in pathways if each.pathway == RAPID_DIAGNOSTIC_CENTRE and each.first > day]
    later = f"; one opens on {min(firsts).isoformat()}" if firsts else ""
    return f"no rapid diagnostic centre is open for this area on {day.isoformat()}{later}"
