"""Additional staff of networks, as cohort-service tells of them (002 concerns b3, PCN-053)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.domain.london_days import given_day
from tandem.events.event import Event


def told_staff(event: Event) -> Told | None:
    """All that is recorded of a role of a network, which the event repeats as a whole."""
    data = event.data or {}
    network, role = data.get("network"), data.get("role")
    if not network or not role or event.position is None:
        return None
    posts = sorted(data.get("posts") or (), key=lambda each: str(each.get("from")))
    facts = tuple(
        fact for post, following in pairwise([*posts, {}])
        for fact in _facts(str(network), str(role), post, following.get("from"))
    )  # fmt: skip
    return Told(f"staff/{network}/{role}", event.position, event.time, None, facts)


def _facts(network: str, role: str, post: dict[str, Any], until: str | None) -> Iterator[Fact]:
    """From a day until the next: `value` is whole-time equivalents of a staff-role, pounds a year of a staff-cost."""
    first, last = given_day(post.get("from")), given_day(until)
    for kind, value in (("staff-role", post.get("wte")), ("staff-cost", post.get("cost"))):
        if first is not None and value:
            yield Fact(kind, first, last=last, category=role, value=float(value), organisation=network)
