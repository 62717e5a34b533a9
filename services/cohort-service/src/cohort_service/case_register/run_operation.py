"""`POST Organization/{practice}/$case-register-run`: looks through the sources for candidates (PCPC-045)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cohort_service.case_register.access import Seen, register_to_change
from cohort_service.case_register.entry_rows import (
    Found,
    NewEntry,
    forget_lapsed,
    keep_entries,
    keep_sources,
    standing_of,
)
from cohort_service.case_register.identification import Looking, found_by
from cohort_service.case_register.run_rows import RegisterRun, keep_run
from cohort_service.domain.case_register.sources import PROFILE, RUN_SOURCES
from cohort_service.networks.profile_rows import newest_profile
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_entry
from tandem.fhir.operation_parameters import only, texts, whole_number
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.london_days import london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_KEPT_OFF = ("declined", "removed")


async def case_register_run(call: OperationCall) -> FhirResponse:
    """Parameters `source` (repeated; all by default) and `profileCharacteristics`: how many of the characteristics in
    the practice profile a person has to have (1).

    Answers the run, how many people each source found, and how many candidates await the review of the
    multidisciplinary team. Without a profile that source is not run, and told as `not-run`. Raises FhirError 400, 403,
    404, and 422 when only the profile is asked for and there is none.
    """
    only(call, ("source", "profileCharacteristics"))
    asked, characteristics = _sources(call), whole_number(call, "profileCharacteristics", 1)
    if not characteristics:
        raise FhirError(Kind.BAD_REQUEST, "profileCharacteristics is 1 or more", expression="profileCharacteristics")
    now = call.kernel.clock.now()
    async with call.kernel.database.transaction() as connection:
        seen = await register_to_change(call, connection)
        profile = await newest_profile(connection, seen.practice.code, seen.day)
        looking = Looking(seen.practice.code, london_date(now), profile, characteristics)
        possible = [each for each in asked if each != PROFILE or profile is not None]
        if not possible:
            raise FhirError(Kind.UNPROCESSABLE, "No profile of this practice is recorded")
        found = {each: await found_by(connection, looking, each) for each in possible}
        run = RegisterRun(
            call.kernel.ids.new(), seen.day, {each: len(these) for each, these in found.items()},
            call.request.caller.organisation,
        )  # fmt: skip
        await keep_run(connection, seen.practice.code, run, to_micros(now))
        await _propose(connection, seen, run, [each for these in found.values() for each in these], to_micros(now))
        waiting = await connection.fetchval(
            "SELECT COUNT(*) FROM register_entry WHERE practice = $1 AND status = 'candidate'", seen.practice.code
        )
        entry = audit_entry(
            call.request, "$case-register-run", to_micros(now), resource_type="Organization", resource_id=call.id
        )
        await record(connection, [entry])
    shown: list[dict[str, Any]] = [{"name": "run", "valueId": run.id}]
    shown += [
        {"name": "source", "part": [{"name": "source", "valueCode": each}, {"name": "count", "valueInteger": count}]}
        for each, count in run.found.items()
    ]  # fmt: skip
    shown += [{"name": "not-run", "valueCode": each} for each in asked if each not in possible]
    return answer([*shown, {"name": "candidates", "valueInteger": waiting}])


async def _propose(connection: Connection, seen: Seen, run: RegisterRun, found: list[Found], at: int) -> None:
    """Who was kept off the register is not proposed again by a run."""
    practice = seen.practice.code
    standing = await standing_of(connection, practice, {each.patient for each in found})
    found = [each for each in found if standing.get(each.patient) not in _KEPT_OFF]
    new = sorted({each.patient for each in found} - standing.keys())
    await keep_entries(connection, practice, [NewEntry(each, "candidate", seen.day) for each in new], at)
    await keep_sources(connection, practice, found, seen.day, run.asked_by, run.id)
    await forget_lapsed(connection, practice, list(run.found), run.id)


def _sources(call: OperationCall) -> list[str]:
    asked = texts(call, "source")
    if any(each not in RUN_SOURCES for each in asked):
        raise FhirError(Kind.BAD_REQUEST, f"source is one of {', '.join(RUN_SOURCES)}", expression="source")
    return [each for each in RUN_SOURCES if not asked or each in asked]
