"""Orders and statements whose medicine is a Medication of its own, as GP Connect writes them.

http://hl7.org/fhir/R4/medicationrequest.html: `medicationReference`; http://hl7.org/fhir/R4/medication.html
"""

from __future__ import annotations

from dataclasses import dataclass

from tandem.fhir.body import Resource
from tandem.fhir.literal_reference import target_id
from tandem.record_facts.codings import facts_with
from tandem.record_facts.fact import Fact
from tandem.record_facts.medicines import in_use


@dataclass(frozen=True, slots=True)
class ReferringOrder:
    """What an order says besides its medicine: the id of the Medication, and its days as in Fact."""

    medication: str
    starts: int
    ends: int | None


def referring_order(resource: Resource) -> ReferringOrder | None:
    """What a MedicationRequest or MedicationStatement says that refers to a Medication here (`Medication/id`).

    None for one that names its medicine itself, for one that says nothing (not an order, not taken), and for every
    other type. A version behind the id is not looked at: what the Medication says now counts.
    """
    medication = target_id(resource.get("medicationReference"), "Medication")
    days = in_use(resource) if medication is not None else None
    return ReferringOrder(medication, *days) if medication is not None and days is not None else None


def facts_of_order(order: ReferringOrder, medication: Resource | None) -> list[Fact]:
    """The medicine for the days of the order, each coding once.

    None, a Medication that was deleted or has not come yet, gives nothing; nor does one that was entered in error. One
    that is inactive is no longer prescribed, but it was what the order is for.
    """
    if medication is None or medication.get("status") == "entered-in-error":
        return []
    return list(dict.fromkeys(facts_with([medication.get("code")], order.starts, order.ends, medicine=True)))
