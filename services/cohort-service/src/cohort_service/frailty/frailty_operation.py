"""`Patient/{id}/$frailty` and `Patient/$frailty`: the index with its deficits, and a clinician's word beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cohort_service.catalogue.current import current_selection
from cohort_service.domain.frailty_index import BANDS, DEFICITS, DEGREES, band_cohort, degree_cohort
from cohort_service.domain.judgement import Judgement, in_force
from cohort_service.frailty.banded_people import people_with_a_band
from cohort_service.frailty.index_rows import Frailty, frailty_of
from cohort_service.lists.group_access import NO_PERSON, may_see
from cohort_service.lists.judgement_rows import judgements_of
from cohort_service.lists.membership_extension import as_parameter, evidence_parts, judgement_parts
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import optional_text
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer
from tandem.fhir.request import FhirResponse
from tandem.london_days import day_number, london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_LISTS = (*map(band_cohort, BANDS), *map(degree_cohort, DEGREES))


async def frailty(call: OperationCall) -> FhirResponse:
    """Parameters of one person: `count`, `outOf`, `score`, `band`, a `deficit` each with its evidence, `confirmed`, and
    every `judgement` in force about a list of frailty. Raises FhirError 404.
    """
    assert call.id is not None, "declared on the instance"
    async with call.kernel.database.read() as connection:
        known = await connection.fetchval("SELECT 1 FROM patient WHERE id = $1 AND deleted = 0", call.id)
        if known is None or not await may_see(call, connection, call.id):
            raise FhirError(Kind.NOT_FOUND, NO_PERSON)
        [(_, found)] = await _shown(call, connection, [call.id])
    return await _answer(call, [call.id], found)


async def everybodys_frailty(call: OperationCall) -> FhirResponse:
    """Parameters with a `person` each: everybody of the caller's who has a band, with the same parts.

    Parameters `band`, `practice`, `_count` (100, at most 1000) and `_offset`. Raises FhirError 400.
    """
    band, practice = optional_text(call, "band"), optional_text(call, "practice")
    if band not in (None, *BANDS):
        raise FhirError(Kind.BAD_REQUEST, f"band is one of {', '.join(BANDS)}", expression="band")
    async with call.kernel.database.read() as connection:
        bands = [each for each in BANDS if band in (None, each)]
        patients = await people_with_a_band(call, connection, bands, practice)
        shown = await _shown(call, connection, patients) if patients else []
    return await _answer(call, patients, [{"name": "person", "part": parts} for _, parts in shown])


async def _shown(
    call: OperationCall, connection: Connection, patients: Sequence[str]
) -> list[tuple[str, list[Parameter]]]:
    as_of = london_date(call.kernel.clock.now())
    selection = await current_selection(connection, as_of)
    if any(cohort not in selection.definitions for cohort in _LISTS):
        raise FhirError(Kind.BUSINESS_RULE, "The definitions of frailty are not installed")
    found = await frailty_of(connection, selection, as_of, patients)
    judged = await judgements_of(connection, patients)
    return [(each, _parameters(each, found[each], judged, day_number(as_of))) for each in patients]


def _parameters(
    patient: str, found: Frailty, judged: Mapping[tuple[str, str], Sequence[Judgement]], day: int
) -> list[Parameter]:
    index = found.index
    parts: list[Parameter] = [
        {"name": "patient", "valueReference": {"reference": f"Patient/{patient}"}},
        {"name": "count", "valueInteger": index.count},
        {"name": "outOf", "valueInteger": DEFICITS},
        {"name": "score", "valueDecimal": index.score},
    ]
    if index.band is not None:
        parts.append({"name": "band", "valueCode": index.band})
    parts += [
        {"name": "deficit", "part": [{"name": "name", "valueCode": name}, *_evidence(found.records[name])]}
        for name in index.deficits
    ]
    if index.confirmed is not None:
        degree = {"name": "degree", "valueCode": index.confirmed}
        parts.append({"name": "confirmed", "part": [degree, *_evidence(found.confirmed)]})
    for cohort in _LISTS:
        for word in in_force(judged.get((cohort, patient), ()), day).all:
            parts.append(as_parameter("judgement", [{"url": "cohort", "valueCode": cohort}, *judgement_parts(word)]))
    return parts


def _evidence(records: Iterable[dict[str, Any]]) -> list[Parameter]:
    return [as_parameter("evidence", evidence_parts(each)) for each in records]


async def _answer(call: OperationCall, patients: Sequence[str], parameters: list[Parameter]) -> FhirResponse:
    now = to_micros(call.kernel.clock.now())
    await audit_reads(
        call.kernel.database, call.request, "$frailty", "Patient", set(patients), now, resource_id=call.id
    )
    return answer(parameters)
