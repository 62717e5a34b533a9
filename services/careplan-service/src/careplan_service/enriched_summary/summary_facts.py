"""Gathering what an enriched summary is made of, in the name of the service: the right to it was checked before.

No more is read than the summary holds. What its owner cannot give just now is said in the document.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from careplan_service.domain.enriched_summary.known import SummaryFacts, Told
from careplan_service.domain.enriched_summary.sensitive import is_sensitive
from careplan_service.enriched_summary.shipped_policies import sensitive
from careplan_service.questionnaires.answers import CONTENT, answers_of_plan
from careplan_service.questionnaires.shipped_questionnaires import shipped_questionnaires
from tandem.clock import to_micros
from tandem.fhir.body import Resource
from tandem.fhir.neighbours import if_it_answers
from tandem.fhir.timeline_records import records_of_person
from tandem.identity.caller import service_caller

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_OWN: Final = ("CarePlan", "DocumentReference", "Goal", "MedicationStatement")
_THEIRS: Final = ("AllergyIntolerance", "Condition", "Flag", "Immunization", "MedicationRequest")


async def summary_facts(call: OperationCall, patient: str) -> SummaryFacts:
    """What is known of the person (Patient.id), without what is sensitive."""
    asked = {name: f"{name}?patient=Patient/{patient}" for name in _THEIRS} | {"Patient": f"Patient?_id={patient}"}
    neighbours = call.kernel.neighbours
    answers = await asyncio.gather(*(
        if_it_answers(neighbours.searchset_as_service("cohort-service", path, call.request)) for path in asked.values()
    ))  # fmt: skip
    records = {name: _plain(found) for name, found in zip(asked, answers, strict=True) if found is not None}
    away = frozenset(asked) - records.keys()
    now = to_micros(call.kernel.clock.now())
    service = service_caller(call.kernel.service.name)
    async with call.kernel.database.read() as connection:
        plan_id = await connection.fetchval(
            "SELECT id FROM shared_plan WHERE patient = $1 AND status = 'active'", patient
        )
        held = [
            each.resource
            async for each in records_of_person(call.kernel, connection, service, patient, now, _OWN, None)
        ]
        told = await answers_of_plan(connection, plan_id, CONTENT) if plan_id is not None else []
    for name in _OWN:
        records[name] = _plain(each for each in held if each["resourceType"] == name)
    plan = next((each for each in records["CarePlan"] if each["id"] == plan_id), None)
    links = shipped_questionnaires()[CONTENT].links
    said = [Told(each.link_id, links[each.link_id].text, each.text) for each in told]
    return SummaryFacts(now, records, away, plan, said)


def _plain(records: Iterable[Resource]) -> list[Resource]:
    return [each for each in records if not is_sensitive(each, sensitive())]
