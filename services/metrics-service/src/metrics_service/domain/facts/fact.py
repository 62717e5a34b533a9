"""A fact: one thing that a version of a record says and a measure counts (docs/decisions/0013-measures.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from metrics_service.domain.london_days import Day
from tandem.events.event import Event
from tandem.fhir.body import Resource


@dataclass(frozen=True, slots=True)
class Fact:
    """Days are London's (`metrics_service.domain.london_days`).

    `first` is the day on which it happened or began; None when the record does not say: then it is the day of the first
    version that was written. `last` is the first day on which it holds no more. `codings` are `system|code`, each that
    a value set may ask for. `organisation` is a code, or `Organization/id`, of who did it or answers for it; `place`
    likewise, where it happened. Facts with one `group` (`CarePlan/1`) belong together.
    """

    kind: str
    first: Day | None
    last: Day | None = None
    status: str | None = None
    category: str | None = None
    detail: str | None = None
    codings: tuple[str, ...] = ()
    value: float | None = None
    organisation: str | None = None
    place: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """All that one version of a source says. `number` orders the versions; a newer one takes the place of an older.

    `at` is when it was written: from then on it was known. A version that is `deleted` says nothing any more.
    """

    source: str
    number: int
    at: datetime
    patient: str | None
    facts: tuple[Fact, ...] = ()
    deleted: bool = False


Reader = Callable[[Resource, Event], Iterable[Fact]]
"""What a version of a resource says. Never raises for odd data: it leaves out what is not certain."""
EventReader = Callable[[Event], Told | None]
"""What a domain event says; None when it says nothing that is counted."""
