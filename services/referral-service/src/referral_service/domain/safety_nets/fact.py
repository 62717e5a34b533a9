"""What is known of a safety net: facts in whatever order they were heard, and what they say at a moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Fact:
    """One version of what one source says of a net.

    `source` is `Appointment/1`, `DiagnosticReport/1`, `ServiceRequest/1#...` or `step/[id]`; its versions replace one
    another. `at` is from when on it was known (the commit of the version), `happened` the clinical time. `detail`
    holds JSON values.
    """

    source: str
    version: int
    kind: str
    at: datetime
    happened: datetime
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def says(self) -> str | None:
        """What an Appointment, a report or the request says: its word in `detail.says`."""
        found = self.detail.get("says")
        return found if isinstance(found, str) else None


def known_at(facts: Iterable[Fact], moment: datetime) -> list[Fact]:
    """What each source said last at a moment, in order of time.

    A version that says the same as the one before it says nothing new: the time of the first counts.
    """
    versions: dict[str, list[Fact]] = {}
    for each in facts:
        if each.at <= moment:
            versions.setdefault(each.source, []).append(each)
    return sorted((_last_said(each) for each in versions.values()), key=order)


def order(fact: Fact) -> tuple[datetime, str, int]:
    """Facts by the time from which they were known; among those of one moment in an order that never changes."""
    return fact.at, fact.source, fact.version


def _last_said(versions: list[Fact]) -> Fact:
    ordered = sorted(versions, key=lambda each: each.version)
    said = ordered[0]
    for each in ordered[1:]:
        same = (each.kind, each.detail) == (said.kind, said.detail)
        said = replace(each, at=said.at) if same else each
    return said
