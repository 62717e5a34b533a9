"""How many people are registered with a practice by a day, raw and weighted, as cohort-service is told."""

from __future__ import annotations

from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.domain.london_days import first_day
from tandem.events.event import Event


def told_list_size(event: Event) -> Told | None:
    """`category` is registered or weighted, `value` the number of people, `first` the day it was counted for."""
    data = event.data or {}
    if not data.get("practice") or not data.get("date") or event.position is None:
        return None
    practice, day = str(data["practice"]), first_day(str(data["date"]))
    sizes = [("registered", data.get("registered")), ("weighted", data.get("weighted"))]
    facts = tuple(
        Fact("list-size", day, category=name, value=float(size), organisation=practice)
        for name, size in sizes if size is not None
    )  # fmt: skip
    return Told(f"list-size/{practice}/{data['date']}", event.position, event.time, None, facts)
