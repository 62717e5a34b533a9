"""A practice that enters what is known of its people and reads its lists, through the API alone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx

from tandem.canonical import BASE, DMD, NHS_NUMBER, SNOMED_CT
from tandem.demo.client import FhirClient
from tandem.fhir.body import Resource
from tandem_tests.list_reasons import Why, reasons_in, value_of, why_of
from tandem_tests.neighbourhood import Neighbourhood, free_nhs_number, settle_in
from tandem_tests.running import EmbeddedTandem

RESIDENCE = f"{BASE}/CodeSystem/residence"
CARE_ACTIVITY = f"{BASE}/CodeSystem/care-activity"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"


def coded(code: str, display: str, system: str = SNOMED_CT) -> dict[str, Any]:
    """A CodeableConcept of one coding."""
    return {"coding": [{"system": system, "code": code, "display": display}]}


class PracticeLists:
    """One practice of a neighbourhood; days are dates such as `2020-06-01`."""

    def __init__(self, here: Neighbourhood, client: FhirClient) -> None:
        self.here, self.client = here, client

    async def register(self, born: str = "1950-01-01", gender: str = "female") -> str:
        """A new person of the practice: the Patient's id."""
        made = await self.client.create({
            "resourceType": "Patient", "identifier": [{"system": NHS_NUMBER, "value": free_nhs_number()}],
            "name": [{"family": "Listed", "given": ["Ada"]}], "birthDate": born, "gender": gender,
            "generalPractitioner": [{"reference": f"Organization/{self.here.organizations['practice']}"}],
        })  # fmt: skip
        return str(made["id"])

    async def diagnose(self, patient: str, *codes: tuple[str, str], onset: str = "2015-03-01") -> list[str]:
        """A confirmed and active Condition for each code: references."""
        return [
            await self._kept({
                "resourceType": "Condition", "subject": _patient(patient), "code": coded(*code), "onsetDateTime": onset,
                "clinicalStatus": coded("active", "Active", f"{_TERMINOLOGY}/condition-clinical"),
                "verificationStatus": coded("confirmed", "Confirmed", f"{_TERMINOLOGY}/condition-ver-status"),
            })
            for code in codes
        ]  # fmt: skip

    async def observe(
        self, patient: str, code: tuple[str, str], day: str = "2020-06-01", *, system: str = SNOMED_CT, **value: Any
    ) -> str:
        """A final Observation: its reference. `value` holds `valueQuantity` and the like."""
        return await self._kept({
            "resourceType": "Observation", "status": "final", "subject": _patient(patient),
            "code": coded(*code, system), "effectiveDateTime": day, **value,
        })  # fmt: skip

    async def measure(self, patient: str, code: tuple[str, str], value: str, unit: str, day: str) -> str:
        """An Observation with a number: its reference."""
        quantity = {"value": Decimal(value), "unit": unit}
        return await self.observe(patient, code, day, valueQuantity=quantity)

    async def prescribe(self, patient: str, *products: tuple[str, str], on: str = "2020-05-01") -> list[str]:
        """An active repeat order for each product of dm+d: references."""
        return [
            await self._kept({
                "resourceType": "MedicationRequest", "status": "active", "intent": "order",
                "medicationCodeableConcept": coded(*product, DMD), "subject": _patient(patient), "authoredOn": on,
                "courseOfTherapyType": coded(
                    "continuous", "Continuous long term therapy", f"{_TERMINOLOGY}/medicationrequest-course-of-therapy"
                ),
            })
            for product in products
        ]  # fmt: skip

    async def admit_to_hospital(self, patient: str, day: str) -> str:
        """An emergency admission that began on the day and ended on the next: its reference."""
        return await self._kept({
            "resourceType": "Encounter", "status": "finished", "subject": _patient(patient),
            "class": {"system": f"{_TERMINOLOGY}/v3-ActCode", "code": "IMP"},
            "type": [coded("183452005", "Emergency hospital admission")],
            "period": {"start": f"{day}T02:00:00+01:00", "end": f"{day}T20:00:00+01:00"},
        })  # fmt: skip

    async def do(self, patient: str, code: tuple[str, str], day: str, *, system: str = SNOMED_CT) -> str:
        """A completed Procedure: its reference."""
        return await self._kept({
            "resourceType": "Procedure", "status": "completed", "subject": _patient(patient),
            "code": coded(*code, system), "performedDateTime": day,
        })  # fmt: skip

    async def identify(self, *cohorts: str, service: str | None = None, **asked: Any) -> dict[str, int]:
        """Run the identification once everything is known: how many of the practice's people each cohort has."""
        await self.client.caught_up()
        parameters: list[dict[str, Any]] = [{"name": "cohort", "valueString": each} for each in cohorts]
        if service is not None:
            parameters.append({"name": "service", "valueString": service})
        parameters += [{"name": name, "valueString": str(value)} for name, value in asked.items()]
        body = {"resourceType": "Parameters", "parameter": parameters}
        run = await self.client.call("POST", "Group/$identify", body)
        await self.client.caught_up()
        counted = [
            {part["name"]: value_of(part) for part in each["part"]} for each in run["parameter"]
            if each["name"] == "cohort"
        ]  # fmt: skip
        return {str(each["cohort"]): int(each["count"]) for each in counted}

    async def listed(self, cohort: str) -> list[str]:
        """The ids of those on the practice's list, in the order of offer."""
        return list(await self.reasons(cohort))

    async def reasons(self, cohort: str) -> dict[str, set[str]]:
        """The same with the codes of the records that the list gives as the reason of each."""
        await self.client.caught_up()
        group = await self.client.call("GET", f"Group/{await self._group(cohort)}/$members?_count=1000")
        entries = group.get("member") or []
        people = [each["entity"]["reference"].removeprefix("Patient/") for each in entries]
        assert len(set(people)) == len(people), "each person stands once"
        return {person: set(reasons_in(each["extension"])) for person, each in zip(people, entries, strict=True)}

    async def why(self, cohort: str, patient: str) -> Why:
        """Whether the person is on the list, and why or why not."""
        await self.client.caught_up()
        path = f"Group/{await self._group(cohort)}/$explain?patient=Patient/{patient}"
        return why_of(await self.client.call("GET", path))

    async def _group(self, cohort: str) -> str:
        [group] = await self.client.search(f"Group?code={cohort}")
        return str(group["id"])

    async def _kept(self, resource: Resource) -> str:
        made = await self.client.create(resource)
        return f"{made['resourceType']}/{made['id']}"


async def practice_lists(http: httpx.AsyncClient, system: EmbeddedTandem) -> PracticeLists:
    """A practice in a neighbourhood of its own."""
    here = await settle_in(http, system)
    return PracticeLists(here, here.client(http, "practice"))


def _patient(patient: str) -> dict[str, str]:
    return {"reference": f"Patient/{patient}"}
