"""Characteristics of the people of practices, as their commissioner records them at cohort-service (PCN-058)."""

from __future__ import annotations

from itertools import pairwise

from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.domain.london_days import given_day
from tandem.events.event import Event


def told_practice_profile(event: Event) -> Told | None:
    """All profiles of a practice, each until the next: `category` is the code of a characteristic, else its name.

    `value` is the percent, else the count; `detail` says which.
    """
    data = event.data or {}
    practice = data.get("practice")
    if not practice or event.position is None:
        return None
    profiles = sorted(data.get("profiles") or (), key=lambda each: str(each.get("from")))
    facts = []
    for profile, following in pairwise([*profiles, {}]):
        first, last = given_day(profile.get("from")), given_day(following.get("from"))
        for each in profile.get("characteristics") or ():
            unit = next((name for name in ("percent", "count") if each.get(name) is not None), None)
            category = each.get("code") or each.get("name")
            if first is not None and unit is not None and category:
                facts.append(Fact(
                    "practice-characteristic", first, last, category=str(category), detail=unit,
                    value=float(each[unit]), organisation=str(practice),
                ))  # fmt: skip
    return Told(f"practice-profile/{practice}", event.position, event.time, None, tuple(facts))
