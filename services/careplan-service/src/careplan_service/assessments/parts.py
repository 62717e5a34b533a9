"""The whole of an assessment, its parts and its assignments, out of what is kept of each."""

from __future__ import annotations

from datetime import datetime

from careplan_service.domain.assessments.completeness import ENDED_WITHOUT, Assignment, Contribution
from careplan_service.questionnaires.answers import Answer, AnsweredResponse, response_answers, whole_and_parts
from tandem.database.connection import Connection
from tandem.directory.queries import organisation_named, staff_member
from tandem.fhir.body import decode
from tandem.identity.organisations import reference_code
from tandem.london_days import london_date


async def contributions_to(
    connection: Connection, whole: str
) -> tuple[list[AnsweredResponse], list[Contribution], list[Answer]]:
    """The whole first, then its parts in the order of authoring; with every answer of all of them."""
    responses = await whole_and_parts(connection, whole)
    answers = await response_answers(connection, whole)
    found = [
        Contribution(
            each.id, each.organisation, each.finished, each.id == whole,
            frozenset(answer.link_id for answer in answers if answer.response.id == each.id),
        )
        for each in responses if each.status != "stopped" or each.id == whole
    ]  # fmt: skip
    return responses, found, answers


async def assignments_of(connection: Connection, whole: str, patient: str, now: datetime) -> list[Assignment]:
    """What was assigned and not taken back, with the organisation that is to do it."""
    rows = await connection.fetch(
        "SELECT task, owner, sections, status FROM assessment_assignment WHERE whole = $1 AND patient = $2"
        " ORDER BY task", whole, patient,
    )  # fmt: skip
    return [
        Assignment(
            row["task"], await _organisation(connection, decode(row["owner"].encode()), now),
            tuple(decode(row["sections"].encode())),
        )
        for row in rows if row["status"] not in ENDED_WITHOUT
    ]  # fmt: skip


async def _organisation(connection: Connection, owner: dict[str, object], now: datetime) -> str | None:
    code = reference_code(owner)
    if code is not None:
        known = await organisation_named(connection, code)
        return known.code if known is not None else code
    member = await staff_member(connection, str(owner.get("reference") or ""), london_date(now))
    employers = [role.organisation.code for role in member.roles if role.organisation is not None] if member else []
    return employers[0] if len(employers) == 1 else None
