"""Whom a team looks after, as far as the caller may see them, and who of them should be discussed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mdt_service.domain.meetings.agenda_item import Reason
from mdt_service.domain.meetings.codes import ON_THE_LIST, REASONS
from mdt_service.home_rounds.homes import seen_residents
from mdt_service.meetings.agenda_rows import discussed_by, reasons_of
from mdt_service.meetings.meeting_rights import now_of
from mdt_service.multidisciplinary_teams.team_rows import TeamRow
from tandem.cohort_membership.queries import members_of
from tandem.database.connection import Connection, Row
from tandem.identity.access import visible_of_person
from tandem.identity.agreement_terms import ANY_RECORD
from tandem.london_days import date_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


@dataclass(frozen=True, slots=True)
class ToDiscuss:
    """Somebody the team looks after: `discussed` is the last meeting that did (a row of `discussed_by`)."""

    patient: str
    reasons: tuple[Reason, ...]
    since: int
    discussed: Row | None


async def people_of(call: OperationCall, connection: Connection, team: TeamRow, day: int) -> list[ToDiscuss]:
    """Everybody on the team's list or in its homes on a day (a number), the most pressing first.

    A reason counts when it is newer than the last discussion.
    """
    people = await _looked_after(call, connection, team, day)
    discussed, found = await discussed_by(connection, team.team), []
    by_person: dict[str, list[Row]] = {}
    for row in await reasons_of(connection, people):
        by_person.setdefault(row["patient"], []).append(row)
    for patient in people:
        last = discussed.get(patient)
        rows = [row for row in by_person.get(patient, ()) if last is None or row["since"] > last["starts"]]
        since = min((int(row["since"]) for row in rows), default=0)
        reasons = [_reason(row) for row in rows]
        if last is None:
            reasons.append(Reason(ON_THE_LIST, REASONS[ON_THE_LIST]))
        found.append(ToDiscuss(patient, tuple(reasons), since, last))
    return sorted(found, key=lambda each: (_pressing(each.reasons), each.since, each.patient))


def _pressing(reasons: Sequence[Reason]) -> int:
    order = list(REASONS)
    return min((order.index(each.code) for each in reasons), default=len(order))


async def _looked_after(call: OperationCall, connection: Connection, team: TeamRow, day: int) -> Sequence[str]:
    arrangement, people = team.arrangement, set[str]()
    for home in arrangement.homes:
        people |= set(await seen_residents(call, connection, home, day))
    if arrangement.cohort is not None:
        listed = await _seen_members(call, connection, arrangement.cohort, day)
        # A team of homes with a list looks after those of the list who live there.
        people = people & listed if arrangement.homes else listed
    return sorted(people)


async def _seen_members(call: OperationCall, connection: Connection, cohort: str, day: int) -> set[str]:
    params: list[Any] = []
    here = members_of("m", params, cohort, date_of(day))
    seen = visible_of_person(
        call.request.caller, "m", params, now_of(call), resource_type=ANY_RECORD,
        registered_only=call.kernel.registered_only(),
    )  # fmt: skip
    rows = await connection.fetch(f"SELECT DISTINCT m.patient FROM cohort_member m WHERE {here} AND {seen}", *params)
    return {row["patient"] for row in rows}


def _reason(row: Row) -> Reason:
    source = str(row["source"])
    return Reason(row["code"], row["text"], source.removeprefix("Task/") if source.startswith("Task/") else None)
