"""`Group/$invitation-sequence`: by which steps the people of a list are invited, by practice, and what is otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cohort_service.catalogue.current import current_selection
from cohort_service.domain.engagement.sequence import Made, Progress, ScreeningProcess, process_on, progress
from cohort_service.engagement.contact_rows import KeptContact, Outcome, contacts_with, outcomes_of
from cohort_service.engagement.process_rows import processes_of
from cohort_service.lists.group_access import is_in_view, seen_people
from cohort_service.lists.groups import group_id
from cohort_service.runs.scope import networks_of
from tandem.clock import to_micros
from tandem.database.connection import Connection, Row
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import optional_text, page, required_text
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer
from tandem.fhir.request import FhirResponse
from tandem.london_days import date_of, day_at, day_number, london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_NO_PROCESS = "No network of this practice has published a process for this list"


@dataclass(frozen=True, slots=True)
class _Known:
    """What stands about the people of a page, and the processes by practice."""

    cohort: str
    day: int
    processes: Mapping[str, ScreeningProcess | None]
    begun: Mapping[str, int]
    contacts: Mapping[tuple[str, str], Sequence[KeptContact]]
    outcomes: Mapping[tuple[str, str], Sequence[Outcome]]


async def invitation_sequence(call: OperationCall) -> FhirResponse:
    """For the list of `cohort`: a `practice` each with the process it follows, and a `person` each with its steps.

    A `step` has `channel`, `due` and `done`. What is not as the process has it stands as `exception`, with the practice
    or the person. Parameters `practice`, `_count` (500, at most 1000), `_offset`. Raises FhirError 400, and 404 for a
    list that there is not.
    """
    cohort, practice = required_text(call, "cohort"), optional_text(call, "practice")
    count, offset = page(call, 500)
    now = call.kernel.clock.now()
    async with call.kernel.database.read() as connection:
        selection = await current_selection(connection, london_date(now))
        if cohort not in selection.definitions or not await is_in_view(call, connection, cohort):
            raise FhirError(Kind.NOT_FOUND, "There is no such list")
        params: list[Any] = [cohort, practice or ""]
        rows = await connection.fetch(
            "SELECT m.patient, m.since, m.definition, p.practice FROM group_member m"
            " JOIN patient p ON p.id = m.patient AND p.deleted = 0 WHERE m.cohort = $1 AND m.until IS NULL"
            f" AND (CAST($2 AS TEXT) = '' OR p.practice = $2) AND {seen_people(call, 'm', params)}"
            f" ORDER BY p.practice, m.since, m.patient LIMIT {count} OFFSET {offset}",
            *params,
        )  # fmt: skip
        known = await _known(connection, cohort, rows, day_number(london_date(now)), to_micros(now))
    people = {row["patient"] for row in rows}
    await audit_reads(call.kernel.database, call.request, "$invitation-sequence", "Group", people, to_micros(now))
    by_practice: dict[str, list[Row]] = {}
    for row in rows:
        by_practice.setdefault(row["practice"] or "", []).append(row)
    return answer([
        *(_practice(each, those, known) for each, those in by_practice.items()),
        *(_person(row, known) for row in rows),
    ])  # fmt: skip


async def _known(connection: Connection, cohort: str, rows: Sequence[Row], day: int, now: int) -> _Known:
    processes: dict[str, ScreeningProcess | None] = {}
    begun: dict[str, int] = {}
    for practice in sorted({row["practice"] or "" for row in rows}):
        held = await processes_of(connection, await networks_of(connection, practice, now))
        processes[practice] = process_on(held, cohort, day)
        begun[practice] = min((each.from_day for each in held if cohort in each.cohorts), default=day)
    patients = [row["patient"] for row in rows]
    return _Known(
        cohort, day, processes, begun, await contacts_with(connection, patients),
        await outcomes_of(connection, patients),
    )  # fmt: skip


def _practice(practice: str, rows: Sequence[Row], known: _Known) -> Parameter:
    process = known.processes[practice]
    parts: list[Parameter] = [
        {"name": "practice", "valueString": practice},
        {"name": "group", "valueReference": {"reference": f"Group/{group_id(known.cohort, practice)}"}},
        *({"name": "definition", "valueString": each} for each in sorted({row["definition"] for row in rows})),
    ]
    if process is None:
        parts.append({"name": "exception", "valueString": _NO_PROCESS})
    else:
        parts += [
            {"name": "organisation", "valueString": process.network},
            {"name": "version", "valueString": process.version},
        ]
    return {"name": "practice", "part": parts}


def _person(row: Row, known: _Known) -> Parameter:
    patient, practice = row["patient"], row["practice"] or ""
    parts: list[Parameter] = [
        {"name": "patient", "valueReference": {"reference": f"Patient/{patient}"}},
        {"name": "practice", "valueString": practice},
    ]
    process = known.processes[practice]
    if process is None:
        return {"name": "person", "part": parts}
    contacts = known.contacts.get((group_id(known.cohort, practice), patient), ())
    outcomes = known.outcomes.get((known.cohort, patient), ())
    # Whoever was on the list before there was any process begins with its first day.
    begins = max(day_at(row["since"]), known.begun[practice])
    stands = progress(
        process.steps, begins, [Made(each.channel, each.day) for each in contacts],
        outcomes[-1].outcome if outcomes else None, known.day,
    )  # fmt: skip
    parts += [_step(process, stands, place) for place in range(len(process.steps))]
    parts += [{"name": "exception", "valueString": each} for each in stands.exceptions]
    return {"name": "person", "part": parts}


def _step(process: ScreeningProcess, stands: Progress, place: int) -> Parameter:
    parts: list[Parameter] = [{"name": "channel", "valueCode": process.steps[place].channel}]
    for name, day in (("due", stands.due[place]), ("done", stands.done[place])):
        if day is not None:
            parts.append({"name": name, "valueDate": date_of(day).isoformat()})
    return {"name": "step", "part": parts}
