"""Targets for early diagnosis that Cancer Alliances and places set, as cohort-service tells of them (ECD-017)."""

from __future__ import annotations

from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.domain.london_days import given_day
from tandem.events.event import Event


def told_cancer_target(event: Event) -> Told | None:
    """`category` is early-diagnosis, `detail` the year by which (2023/24, 2028), `value` percent."""
    data = event.data or {}
    day, organisation = given_day(data.get("from")), data.get("organisation")
    if day is None or not organisation or event.position is None or data.get("percent") is None:
        return None
    fact = Fact(
        "target", day, category="early-diagnosis", detail=str(data.get("by")), value=float(data["percent"]),
        organisation=str(organisation),
    )  # fmt: skip
    return Told(f"cancer-target/{organisation}/{data['from']}", event.position, event.time, None, (fact,))
