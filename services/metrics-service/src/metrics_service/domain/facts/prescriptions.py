"""Prescriptions: one for each order of a medicine (http://hl7.org/fhir/R4/medicationrequest.html).

Measures of prescribing count items as OpenPrescribing does (https://openprescribing.net/about/): an order that was
issued is an item, a repeat template (intent `plan`) is none.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from metrics_service.domain.facts.codings import coding_texts
from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.facts.recorded import ordinal
from tandem.canonical import SNOMED_CT
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.fhir.codings import codings_of
from tandem.record_facts.medicines import in_use, medicine_named
from tandem.record_facts.numbers import number_given

_ROUTES: Final = {
    "26643006": "oral", "37839007": "oral", "18679011000001101": "inhalation", "447694001": "inhalation",
    "47625008": "injection", "78421000": "injection", "34206005": "injection", "37161004": "rectal",
    "6064005": "topical", "45890007": "transdermal", "46713006": "nasal", "54485002": "eye", "16857009": "vaginal",
}  # fmt: skip
UNSTATED: Final = "unstated"


def read_prescription(order: Resource, event: Event) -> Iterable[Fact]:
    """`category` is issue or plan, `value` the quantity of one supply, `detail` the route (`unstated` without one).

    `first` is the day it was written, `last` the first day on which the medicine is no longer in use by it.
    `organisation` is who wrote it, where the order names an organisation.
    """
    days = in_use(order)
    if days is None:
        return
    starts, ends = days
    yield Fact(
        "prescription", ordinal(starts), ordinal(ends), status=order.get("status"),
        category="issue" if is_issue(order) else "plan", detail=_route(order),
        codings=coding_texts(*medicine_named(order)), value=_quantity(order),
    )  # fmt: skip


def is_issue(order: Resource) -> bool:
    """Whether an order was issued: then it is an item, and has a cost."""
    return in_use(order) is not None and order.get("intent") != "plan"


def _route(order: Resource) -> str:
    routes = [each.get("route") for each in order.get("dosageInstruction") or ()]
    found = (_ROUTES.get(code) for system, code, _ in codings_of(*routes) if system == SNOMED_CT)
    return next((route for route in found if route is not None), UNSTATED)


def _quantity(order: Resource) -> float | None:
    dispense: dict[str, Any] = order.get("dispenseRequest") or {}
    return number_given((dispense.get("quantity") or {}).get("value"))
