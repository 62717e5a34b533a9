"""A HealthcareService as an entry of the directory of support offers: what, by whom, for whom, how it is reached.

It claims the directory by a `type` of CodeSystem/support-offer (PCN-078). Every other HealthcareService is a record.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cohort_service.domain.support_offers.catalogue import Catalogue
from cohort_service.domain.support_offers.opening_hours import hours_faults
from tandem.canonical import SERVES_NETWORK, SUPPORT_OFFER, SUPPORT_SECTOR
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue
from tandem.identity.organisations import reference_code
from tandem.identity.periods import period_of

STATUTORY: Final = "statutory"
VOLUNTARY: Final = "voluntary"
SECTORS: Final = (STATUTORY, VOLUNTARY)
_SOURCE: Final = "HealthcareService/$support-catalogue lists them (000 §3.16 r8, §4.12 r6)"


def offers_of(service: Resource | None) -> list[str]:
    """The codes of what it offers, each once; [] when it is no entry of the directory."""
    return _codes((service or {}).get("type"), SUPPORT_OFFER)


def is_active(service: Resource) -> bool:
    """Whether it is offered now; one that does not say so is."""
    return service.get("active") is not False


def provider_of(service: Resource) -> str | None:
    """The code of the organisation that provides it, or `Organization/id`."""
    return reference_code(service.get("providedBy"))


def areas_of(service: Resource) -> list[str]:
    """The networks and commissioners that it names as served, by code or `Organization/id`; [] when it names none."""
    named = (reference_code(each.get("valueReference")) for each in _served(service))
    return list(dict.fromkeys(code for code in named if code is not None))


def sector_of(service: Resource, provider_kind: str | None) -> str:
    """`statutory` or `voluntary`: by what its provider is, else by its category; statutory when nothing says so."""
    if provider_kind is not None:
        return VOLUNTARY if provider_kind == "voluntary" else STATUTORY
    said = [each for each in _codes(service.get("category"), SUPPORT_SECTOR) if each in SECTORS]
    return said[0] if said else STATUTORY


def contacts_of(service: Resource, at: int) -> list[dict[str, Any]]:
    """The ContactPoints by which it is reached at a moment (microseconds)."""
    return [
        each for each in service.get("telecom") or ()
        if each.get("value") and each.get("use") != "old" and _holds(each.get("period"), at)
    ]  # fmt: skip


def support_service_faults(service: Resource, catalogue: Catalogue) -> Iterator[Issue]:
    """What is wrong with an entry of the directory, everything at once."""
    if not (offers := offers_of(service)):
        return
    for code in offers:
        if code not in catalogue.offers:
            text = f"type names a support offer that version {catalogue.version} of the catalogue does not have"
            yield Issue(f"{text}; {_SOURCE}", "HealthcareService.type", "code-invalid")
    if provider_of(service) is None:
        text = "A support offer names the Organization that provides it (004 §11, PCN-078)"
        yield Issue(text, "HealthcareService.providedBy", "required")
    for each in _served(service):
        if reference_code(each.get("valueReference")) is None:
            text = "serves-network is a Reference to the Organization of a network or commissioner"
            yield Issue(text, f"HealthcareService.extension('{SERVES_NETWORK}')", "value")
    if any(each not in SECTORS for each in _codes(service.get("category"), SUPPORT_SECTOR)):
        yield Issue(f"category of {SUPPORT_SECTOR} is one of {', '.join(SECTORS)}", "HealthcareService.category")
    yield from hours_faults(service)


def _served(service: Resource) -> list[dict[str, Any]]:
    return [each for each in service.get("extension") or () if each.get("url") == SERVES_NETWORK]


def _codes(concepts: Any, system: str) -> list[str]:
    codings = [coding for concept in concepts or () for coding in concept.get("coding") or ()]
    return list(dict.fromkeys(str(each.get("code")) for each in codings if each.get("system") == system))


def _holds(period: Any, at: int) -> bool:
    try:
        first, last = period_of(period)
    except (ValueError, OverflowError):
        return False
    return first <= at < last
