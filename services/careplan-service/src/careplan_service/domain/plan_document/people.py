"""Who is who: names instead of references, what somebody does, and how to reach them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from careplan_service.domain.plan_document.plain_words import concept_in_words
from tandem.fhir.body import Resource
from tandem.fhir.human_name import name_in_use
from tandem.fhir.literal_reference import target_id

UNKNOWN: Final = "somebody whose name is not known here"
_CALLED: Final = ("phone", "sms")


@dataclass(frozen=True, slots=True)
class People:
    """`names` are by reference and by organisation code, `records` (people, roles, organisations) by reference."""

    names: Mapping[str, str] = field(default_factory=dict)
    records: Mapping[str, Resource] = field(default_factory=dict)

    def name(self, reference: Any) -> str:
        """The name alone."""
        if not isinstance(reference, dict):
            return UNKNOWN
        key = plain_key(reference)
        record = self.records.get(key)
        if record is not None and (found := self._of_record(record)):
            return found
        return self.names.get(key) or str(reference.get("display") or "") or UNKNOWN

    def name_and_work(self, reference: Any) -> str:
        """`Ann Bell, District nurse, Leeds Community Trust`: as much of it as is known."""
        record = self.records.get(plain_key(reference)) if isinstance(reference, dict) else None
        name = self.name(reference)
        if record is None or record["resourceType"] != "PractitionerRole":
            return name
        parts = [name, *[concept_in_words(each) for each in record.get("code") or ()][:1]]
        organisation = record.get("organization")
        if organisation:
            parts.append(self.name(organisation))
        return ", ".join(each for each in parts if each and each != UNKNOWN) or UNKNOWN

    def telephone(self, reference: Any) -> str:
        """The number to call: of the role, else of the person, else of the organisation; empty when none is known."""
        record = self.records.get(plain_key(reference)) if isinstance(reference, dict) else None
        if record is None:
            return ""
        found = telephone_of(record)
        if not found and record["resourceType"] == "PractitionerRole":
            found = self.telephone(record.get("practitioner")) or self.telephone(record.get("organization"))
        return found

    def _of_record(self, record: Resource) -> str:
        match record["resourceType"]:
            case "PractitionerRole":
                practitioner = record.get("practitioner")
                known = self.name(practitioner) if practitioner else ""
                return "" if known == UNKNOWN else known
            case "Organization" | "Location" | "HealthcareService" | "CareTeam":
                return str(record.get("name") or "")
        return name_in_use(record)


def plain_key(reference: Mapping[str, Any]) -> str:
    """`Type/id` without a version; a reference by identifier is its value."""
    text = str(reference.get("reference") or "").partition("/_history/")[0]
    return text or str((reference.get("identifier") or {}).get("value") or "")


def telephone_of(record: Resource) -> str:
    """The first telephone number of a record."""
    return next(
        (str(each["value"]) for each in record.get("telecom") or ()
         if each.get("system") in _CALLED and each.get("value") and each.get("use") != "old"), "",
    )  # fmt: skip


def is_patient(reference: Any, patient: str) -> bool:
    """Whether a Reference names this person (Patient.id)."""
    return target_id(reference, "Patient") == patient
