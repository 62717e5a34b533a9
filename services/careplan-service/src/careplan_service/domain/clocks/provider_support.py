"""Who is actively supported: a person in whose care a community provider has a part (AC-070, 000 §4.12 r6 community).

A CareTeam that the provider, or somebody who works for it, is a participant of; a Task that it owns; a ServiceRequest
that it performs. Not proposed and not ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tandem.fhir.body import Resource
from tandem.identity.periods import BEGINNING, FOREVER, Period, bounds, overlap, period_of

_BEGUN = {
    "Task": ("accepted", "ready", "in-progress", "on-hold"), "ServiceRequest": ("active", "on-hold"),
    "CareTeam": ("active",),
}  # fmt: skip
_OVER = {"Task": ("completed",), "ServiceRequest": ("completed",), "CareTeam": ("inactive", "suspended")}


@dataclass(frozen=True, slots=True)
class Supporter:
    """Somebody with a part in the person's care: a Reference to an organisation or to one of its staff."""

    reference: dict[str, Any]
    span: Period


def supporters(resource: Resource, now: int) -> list[Supporter]:
    """Who has a part in care by a CareTeam, Task or ServiceRequest, and when; `now` in microseconds.

    What is over ended when it says so, else when it was last written. What begins nowhere began when it was authored.
    """
    span = _span(resource, now)
    return [] if span is None else [each for each in _named(resource, span) if each.span[0] < each.span[1]]


def _span(resource: Resource, now: int) -> Period | None:
    kind, status = str(resource["resourceType"]), resource.get("status")
    if status not in (*_BEGUN[kind], *_OVER[kind]):
        return None
    own = period_of(resource.get("period" if kind == "CareTeam" else "executionPeriod"))
    starts = own[0] if own[0] != BEGINNING else _authored(resource, now)
    if status in _BEGUN[kind]:
        # The end of work that goes on is only expected; a team's period says until when it is one.
        return starts, own[1] if kind == "CareTeam" else FOREVER
    return starts, min(own[1], _written(resource, now))


def _named(resource: Resource, span: Period) -> Iterator[Supporter]:
    match resource["resourceType"]:
        case "CareTeam":
            for each in resource.get("participant") or ():
                limited = overlap(span, period_of(each.get("period")))
                yield from (Supporter(each[name], limited) for name in ("onBehalfOf", "member") if name in each)
        case "Task":
            yield from (Supporter(resource[name], span) for name in ("owner",) if name in resource)
        case _:
            yield from (Supporter(each, span) for each in resource.get("performer") or ())


def _authored(resource: Resource, now: int) -> int:
    text = resource.get("authoredOn")
    return min(now, bounds(text)[0]) if isinstance(text, str) else now


def _written(resource: Resource, now: int) -> int:
    text = (resource.get("meta") or {}).get("lastUpdated")
    return bounds(text)[0] if isinstance(text, str) else now
