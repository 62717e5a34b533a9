"""How suspected cancer referrals were judged, as referral-service tells of them (docs/suspected-cancer.md)."""

from __future__ import annotations

from metrics_service.domain.facts.fact import Fact, Told
from tandem.events.event import Event


def told_cancer_judgement(event: Event) -> Told | None:
    """`category` is the type of cancer or non-specific, `detail` the urgency, `group` the request.

    The place of the event in the log says which judgement of a request is the last.
    """
    data = event.data or {}
    request = data.get("request")
    if not request or event.position is None:
        return None
    fact = Fact(
        "cancer-judgement", None, category=data.get("type"), detail=data.get("urgency"), group=str(request)
    )  # fmt: skip
    return Told(f"cancer-judgement/{request}", event.position, event.time, event.patient, (fact,))
