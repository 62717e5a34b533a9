"""A support service as a part of an answer: what, who, when and how to reach it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cohort_service.domain.support_offers.opening_hours import hours_in_words, is_open
from cohort_service.domain.support_offers.support_service import contacts_of
from cohort_service.support_offers.service_rows import SupportService
from tandem.clock import to_micros
from tandem.fhir.parameters_answer import Parameter, coded, reference, text, yes


def told_service(service: SupportService, at: datetime) -> list[Parameter]:
    """Parts `service`, `name`, `provider` with its name, `sector`, `available`, `contact`s, `hours` and `referral`s."""
    resource = service.resource
    told = [reference("service", f"HealthcareService/{resource['id']}")]
    if resource.get("name"):
        told.append(text("name", str(resource["name"])))
    told.append({"name": "provider", "valueReference": _named(resource["providedBy"], service.provider.name)})
    told += [coded("sector", service.sector), yes("available", is_open(resource, at))]
    told += [{"name": "contact", "valueContactPoint": each} for each in contacts_of(resource, to_micros(at))]
    told += [text("hours", each) for each in hours_in_words(resource)]
    told += [text("notAvailable", str(each["description"])) for each in resource.get("notAvailable") or ()
             if each.get("description")]  # fmt: skip
    if resource.get("availabilityExceptions"):
        told.append(text("availabilityExceptions", str(resource["availabilityExceptions"])))
    ways = [{"name": "referralMethod", "valueCodeableConcept": each} for each in resource.get("referralMethod") or ()]
    return told + ways


def _named(provider: dict[str, Any], name: str | None) -> dict[str, Any]:
    return provider if name is None else {**provider, "display": name}
