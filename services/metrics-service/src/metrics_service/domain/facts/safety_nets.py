"""Safety nets of requests, as referral-service tells of them (docs/safety-nets.md)."""

from __future__ import annotations

from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.domain.london_days import given_day
from tandem.events.event import Event


def told_safety_net(event: Event) -> Told | None:
    """A net: `category` the kind of its request, `first` the day of the referral, `status` open or closed.

    The place of the event in the log orders what is said of a net; `group` is the request.
    """
    data = event.data or {}
    request = data.get("request")
    if not request or event.position is None:
        return None
    fact = Fact(
        "safety-net", given_day(data.get("day")), status="closed" if event.action == "closed" else "open",
        category=data.get("kind"), detail=data.get("state"), group=str(request),
    )  # fmt: skip
    return Told(f"safety-net/{request}", event.position, event.time, event.patient, (fact,))
