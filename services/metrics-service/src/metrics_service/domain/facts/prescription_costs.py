"""What prescriptions cost (004 §30, PCN-107)."""

from __future__ import annotations

from collections.abc import Iterable

from metrics_service.domain.facts.codings import coding_texts
from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.london_days import given_day
from tandem.canonical import NET_INGREDIENT_COST
from tandem.events.event import Event
from tandem.fhir.body import Resource


def read_prescription_cost(request: Resource, event: Event) -> Iterable[Fact]:
    """`value` is pounds: the net ingredient cost that stands on the prescription. Other currencies are left out."""
    for extension in request.get("extension") or ():
        money = extension.get("valueMoney") or {}
        if extension.get("url") != NET_INGREDIENT_COST or money.get("currency") != "GBP":
            continue
        yield Fact(
            "prescription-cost", given_day(request.get("authoredOn")), status=request.get("status"),
            codings=coding_texts(request.get("medicationCodeableConcept")), value=float(money.get("value") or 0),
        )  # fmt: skip
