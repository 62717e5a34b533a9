"""`GET Appointment/[id]/$round-list`: whom a round sees, in order, with every reason.

EHCH-032 to EHCH-034, EHCH-036. Worked out when it is asked for: from open flags and their triage, the list of people
in their last year of life, and NEWS2 scores, which are read from cohort-service with the caller's token.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from mdt_service.domain.home_rounds.acuity import LOOKED_BACK_DAYS, NEWS2_TOTAL, Acuity, acuity_of, is_score
from mdt_service.domain.home_rounds.round_list import Flag, ListedResident, ranked
from mdt_service.home_rounds.answers import round_asked
from mdt_service.home_rounds.flag_rows import open_flags
from mdt_service.home_rounds.homes import numbers_of, seen_residents
from tandem.canonical import SNOMED_CT
from tandem.clock import from_micros, to_micros
from tandem.cohort_membership.queries import lists_of
from tandem.fhir.auditing import audit_reads
from tandem.fhir.body import Resource
from tandem.fhir.neighbours import if_it_answers
from tandem.fhir.operation_parameters import only
from tandem.fhir.parameters_answer import Parameter, answer, instant, number, on_day, parts, reference, text, yes
from tandem.fhir.request import FhirResponse
from tandem.london_days import date_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_LAST_YEAR = "last-12-months-of-life"
_AT_ONCE = 50
_END_OF_LIFE = "Is on the list of people in the last 12 months of life"


async def round_list(call: OperationCall) -> FhirResponse:
    """One `resident` each, first who is to be seen first: `patient`, `reason` (kind, text, Task), `acuity`, `triage`.

    Those of the home's residents whom the caller may see. `untriaged` are flags that nobody triaged yet;
    `acuity-available` is false when cohort-service cannot be asked just now. Raises FhirError 404, 422.
    """
    only(call, ())
    now = to_micros(call.kernel.clock.now())
    async with call.kernel.database.read() as connection:
        _, row, series = await round_asked(call, connection)
        residents = await seen_residents(call, connection, series.home, row.day)
        flags = await open_flags(connection, residents, series.home)
        day = date_of(row.day)
        numbers = await numbers_of(connection, residents)
        last_year = {each for each in residents if _LAST_YEAR in await lists_of(connection, each, day)}
    # Outside the transaction: another service may take its time.
    since = (day - timedelta(days=LOOKED_BACK_DAYS)).isoformat()
    scores = await if_it_answers(_scores(call, residents, numbers, since))
    known = scores or {}
    found = ranked([
        ListedResident(each, tuple(flags.get(each, ())), known.get(each), each in last_year) for each in residents
    ])  # fmt: skip
    await audit_reads(
        call.kernel.database, call.request, "$round-list", "Appointment", {each.patient for each in found} or {None},
        now, resource_id=call.id,
    )  # fmt: skip
    untriaged = [each.task for resident in found for each in resident.flags if each.triage is None]
    return answer([
        on_day("date", day), number("residents", len(residents)),
        yes("acuity-available", scores is not None), *(_resident(each) for each in found),
        *(reference("untriaged", f"Task/{each}") for each in untriaged),
    ])  # fmt: skip


async def _scores(
    call: OperationCall, residents: Sequence[str], numbers: Mapping[str, str], since: str
) -> dict[str, Acuity]:  # fmt: skip
    by_person: dict[str, list[Resource]] = {}
    for first in range(0, len(residents), _AT_ONCE):
        people = ",".join(f"Patient/{each}" for each in residents[first : first + _AT_ONCE])
        path = f"Observation?patient={people}&code={SNOMED_CT}%7C{NEWS2_TOTAL}&date=ge{since}"
        for each in await call.kernel.neighbours.searchset("cohort-service", path, call.request):
            if is_score(each):
                by_person.setdefault(_subject(each, numbers), []).append(each)
    found = {patient: acuity_of(observations) for patient, observations in by_person.items()}
    return {patient: acuity for patient, acuity in found.items() if acuity is not None}


def _subject(observation: Resource, numbers: Mapping[str, str]) -> str:
    """Patient.id of whom a score is about, who may be named by NHS number alone."""
    subject = observation.get("subject") or {}
    literal = str(subject.get("reference") or "").removeprefix("Patient/").partition("/")[0]
    return literal or numbers.get(str((subject.get("identifier") or {}).get("value")), "")


def _resident(resident: ListedResident) -> Parameter:
    told = [reference("patient", f"Patient/{resident.patient}"), *(_flag(each) for each in resident.flags)]
    if resident.last_year_of_life:
        told.append(parts("reason", [text("kind", _LAST_YEAR), text("text", _END_OF_LIFE)]))
    if resident.acuity is not None:
        told.append(_acuity(resident.acuity))
    return parts("resident", told)


def _flag(flag: Flag) -> Parameter:
    told = [
        text("kind", flag.code or "review"), reference("task", f"Task/{flag.task}"), text("by", flag.by),
        instant("since", from_micros(flag.since)),
    ]  # fmt: skip
    if flag.text is not None:
        told.append(text("text", flag.text))
    if flag.triage is not None:
        told.append(parts("triage", [
            reference("task", f"Task/{flag.triage.task}"), text("priority", flag.triage.priority),
            text("outcome", flag.triage.outcome),
        ]))  # fmt: skip
    return parts("reason", told)


def _acuity(acuity: Acuity) -> Parameter:
    told = [number("score", acuity.score), text("taken", acuity.taken), yes("rising", acuity.rising)]
    if acuity.before is not None:
        told.append(number("before", acuity.before))
    return parts("acuity", told)
