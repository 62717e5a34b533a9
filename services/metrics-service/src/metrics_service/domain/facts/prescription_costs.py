"""What prescriptions cost (004 §30, PCN-107)."""

from __future__ import annotations

from collections.abc import Iterable

from metrics_service.domain.facts.codings import coding_texts
from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.facts.prescriptions import is_issue
from metrics_service.domain.london_days import given_day
from tandem.canonical import NET_INGREDIENT_COST
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.record_facts.medicines import medicine_named
from tandem.record_facts.numbers import number_given


def read_prescription_cost(request: Resource, event: Event) -> Iterable[Fact]:
    """`value` is pounds: the net ingredient cost that stands on an order that was issued.

    Other currencies are left out; so is what was drafted, cancelled or only proposed, and a repeat template.
    """
    if not is_issue(request):
        return
    for extension in request.get("extension") or ():
        money = extension.get("valueMoney") or {}
        if extension.get("url") != NET_INGREDIENT_COST or money.get("currency") != "GBP":
            continue
        yield Fact(
            "prescription-cost", given_day(request.get("authoredOn")), status=request.get("status"),
            codings=coding_texts(*medicine_named(request)), value=number_given(money.get("value") or 0),
        )  # fmt: skip
