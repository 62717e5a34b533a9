"""ServiceRequest: what a person was referred for (http://hl7.org/fhir/R4/servicerequest.html)."""

from __future__ import annotations

from tandem.fhir.body import Resource
from tandem.record_facts.codings import facts_with
from tandem.record_facts.days import first_given
from tandem.record_facts.fact import UNDATED, Fact

_MADE = {"active", "on-hold", "completed"}
_NO_ORDER = {"proposal", "option"}


def service_request_facts(resource: Resource) -> list[Fact]:
    """The code from the day it was asked for. That it was asked for stays true when it is completed."""
    if resource.get("status") not in _MADE or resource.get("intent") in _NO_ORDER or resource.get("doNotPerform"):
        return []
    period = resource.get("occurrencePeriod") or {}
    starts = first_given(resource.get("authoredOn"), resource.get("occurrenceDateTime"), period.get("start"))
    return facts_with([resource.get("code")], UNDATED if starts is None else starts, None)
