"""Facts: what is kept of each plan, action, referral, medicine, clock and stay so that it can be counted.

A fact is folded from sightings, which may come late, twice and in any order; the fact is the same in the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

GOOD: Final[Mapping[str, frozenset[str]]] = {
    "plan": frozenset({"active", "completed"}),
    "goal": frozenset({"active", "completed"}),
    "action": frozenset({"completed"}),
    "referral": frozenset({"completed"}),
    "medicine": frozenset({"active"}),
}
"""By kind, the statuses by which a thing has reached what is counted: agreed, done, taken."""

OVER: Final[Mapping[str, frozenset[str]]] = {
    "plan": frozenset({"completed", "revoked", "entered-in-error"}),
    "goal": frozenset({"completed", "cancelled", "rejected", "entered-in-error"}),
    "action": frozenset({"rejected", "cancelled", "failed", "entered-in-error"}),
    "referral": frozenset({"revoked", "entered-in-error"}),
    "medicine": frozenset({"completed", "entered-in-error", "intended", "stopped", "on-hold", "unknown", "not-taken"}),
}
"""By kind, the statuses by which it is no longer what is counted."""

VOID: Final = frozenset({"entered-in-error", "deleted"})
"""Statuses of what never was: counted nowhere."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one event says. Times are microseconds; `version` orders what is said of one thing.

    A sighting with version 0 orders nothing: it only adds a time. `opened` of the newest version counts where
    `latest_opening` is set, else the earliest.
    """

    kind: str
    id: str
    patient: str
    version: int
    status: str | None = None
    code: str | None = None
    opened: int | None = None
    due: int | None = None
    reached: int | None = None
    ended: int | None = None
    latest_opening: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """Where a thing stands: `status` of its newest version, and when it was opened, first reached and first ended."""

    kind: str
    id: str
    patient: str
    version: int = 0
    status: str | None = None
    code: str | None = None
    opened: int | None = None
    due: int | None = None
    reached: int | None = None
    ended: int | None = None


def fold(fact: Fact | None, seen: Sighting) -> Fact:
    """The fact with one more sighting. Order and repeats of sightings make no difference to the last fact."""
    held = fact or Fact(seen.kind, seen.id, seen.patient)
    newer = seen.version > held.version
    opened = seen.opened if newer and seen.latest_opening else _earliest(held.opened, seen.opened, seen.latest_opening)
    return replace(
        held,
        patient=seen.patient if newer else held.patient,
        version=max(held.version, seen.version),
        status=seen.status if newer else held.status,
        code=seen.code if newer else held.code,
        due=seen.due if newer else held.due,
        opened=opened,
        reached=_earliest(held.reached, seen.reached),
        ended=_earliest(held.ended, seen.ended),
    )


def resource_sighting(
    kind: str, identity: str, patient: str, version: int, status: str, at: int, code: str | None = None
) -> Sighting:
    """What a version of a resource says: it was there then, and has reached or ended by its status."""
    return Sighting(
        kind, identity, patient, version, status, code, opened=at,
        reached=at if status in GOOD[kind] else None,
        ended=at if status in OVER[kind] else None,
    )  # fmt: skip


def _earliest(one: int | None, other: int | None, keep: bool = False) -> int | None:
    if one is None or other is None:
        return one if other is None or (keep and one is not None) else other
    return one if keep else min(one, other)
