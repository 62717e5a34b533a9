"""Stays on the lists of cohort-service, as it tells of entering and leaving."""

from __future__ import annotations

from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.domain.london_days import first_day
from tandem.events.event import Event


def told_list_stay(event: Event) -> Told | None:
    """A stay: `category` is the cohort, `detail` the version of its definition. Both events of a revision say all."""
    data = event.data or {}
    if not data.get("residency") or not data.get("cohort"):
        return None
    since, until = data.get("since"), data.get("until")
    fact = Fact(
        "list-stay",
        first_day(since) if since else None,
        # Whoever left on a day is not on the list at its end.
        last=first_day(until) if until else None,
        category=str(data["cohort"]),
        detail=str(data["definition"]) if data.get("definition") else None,
    )
    return Told(f"list-stay/{data['residency']}", int(data["revision"]), event.time, event.patient, (fact,))
