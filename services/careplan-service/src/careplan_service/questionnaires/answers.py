"""What was answered to the shipped Questionnaires, by person or by plan: for every part of the service that asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from careplan_service.domain.questionnaires.response_faults import FINISHED
from careplan_service.questionnaires.shipped_questionnaires import shipped_questionnaires
from tandem.clock import from_micros
from tandem.database.connection import Connection, Row
from tandem.fhir.body import decode

CONTENT = "personalised-care-and-support-plan"
"""The Questionnaire of what the shared plan says of the person."""
_STOPPED = ("stopped",)


@dataclass(frozen=True, slots=True)
class AnsweredResponse:
    """A response that counts: not deleted, not entered in error.

    `author` and `source` are References as they were sent, `author_kind` and `source_kind` the types they name
    (Patient, RelatedPerson, Practitioner, PractitionerRole, Organization), `organisation` the code of who wrote it
    first, `whole` the id of the response it is a part of.
    """

    id: str
    questionnaire: str
    patient: str
    status: str
    authored: datetime
    author: dict[str, Any] | None
    author_kind: str | None
    source: dict[str, Any] | None
    source_kind: str | None
    organisation: str
    whole: str | None

    @property
    def finished(self) -> bool:
        """Whether all that is required was answered."""
        return self.status in FINISHED


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `section` is the linkId of the outermost item; `kind` the name of the value[x], `value` its content:
    a str, bool, int, Decimal, Coding or Reference."""

    response: AnsweredResponse
    section: str
    link_id: str
    kind: str
    value: Any

    @property
    def text(self) -> str:
        """The answer in words, as the Questionnaire has them; a Reference that has no display is its reference."""
        if self.kind == "valueBoolean":
            return "Yes" if self.value else "No"
        if self.kind == "valueCoding":
            item = shipped_questionnaires()[self.response.questionnaire].links[self.link_id]
            code = self.value.get("code")
            return str(item.options.get(code) or self.value.get("display") or code)
        if isinstance(self.value, dict):
            return str(self.value.get("display") or self.value.get("reference") or self.value.get("value"))
        return str(self.value)


async def answers_of_plan(
    connection: Connection, plan: str, questionnaire: str = CONTENT, link_id: str | None = None, *,
    finished_only: bool = False,
) -> list[Answer]:  # fmt: skip
    """Answers of the responses that belong to a plan (their basedOn, or its supportingInfo), the oldest first.

    Responses in progress count too, unless `finished_only`; what was stopped does not.
    """
    return await _answers(connection, _OF_PLAN, plan, questionnaire, link_id, finished_only)


async def answers_of_person(
    connection: Connection, patient: str, questionnaire: str, link_id: str | None = None, *,
    finished_only: bool = False,
) -> list[Answer]:  # fmt: skip
    """Answers of a person's responses, with a plan or without, the oldest first; as `answers_of_plan` otherwise."""
    return await _answers(connection, _OF_PERSON, patient, questionnaire, link_id, finished_only)


async def sections_of_plan(connection: Connection, plan: str, questionnaire: str = CONTENT) -> set[str]:
    """The sections of the plan that anybody has answered."""
    return {answer.section for answer in await answers_of_plan(connection, plan, questionnaire)}


async def responses_of_plan(
    connection: Connection, plan: str, questionnaire: str | None = None
) -> list[AnsweredResponse]:
    """The responses that belong to a plan, the oldest first; all statuses but entered-in-error."""
    return await _responses(connection, _OF_PLAN, plan, questionnaire)


async def responses_of_person(
    connection: Connection, patient: str, questionnaire: str | None = None
) -> list[AnsweredResponse]:
    """A person's responses, the oldest first; all statuses but entered-in-error."""
    return await _responses(connection, _OF_PERSON, patient, questionnaire)


async def response_named(connection: Connection, response: str) -> AnsweredResponse | None:
    """One response by its id."""
    row = await connection.fetchrow("SELECT * FROM questionnaire_response WHERE id = $1", response)
    return _response(row) if row is not None else None


async def whole_and_parts(connection: Connection, whole: str) -> list[AnsweredResponse]:
    """A response and the parts of it that are about the same person and answer the same Questionnaire; itself first."""
    sql = f"SELECT q.* FROM questionnaire_response q WHERE q.id = $1 OR {_PART_OF} {_ORDER}"
    rows = await connection.fetch(sql, whole)
    return sorted(map(_response, rows), key=lambda each: each.id != whole)


async def response_answers(connection: Connection, response: str) -> list[Answer]:
    """The answers of one response and of its parts (see `whole_and_parts`), in the order of authoring."""
    return await _rows_of_answers(connection, f"(q.id = $1 OR {_PART_OF})", [response])


_OF_PERSON = "q.patient = $1"
# What a record says of a plan counts only when response and plan are about one person.
_OF_PLAN = (
    "EXISTS (SELECT 1 FROM response_plan p JOIN resource r ON r.type = 'CarePlan' AND r.id = p.plan"
    " WHERE p.response = q.id AND p.plan = $1 AND p.patient = q.patient AND r.patient = q.patient)"
)
# The whole may have come after what says it is a part of it, and be about somebody else.
_PART_OF = (
    "(q.whole = $1 AND EXISTS (SELECT 1 FROM questionnaire_response w WHERE w.id = $1 AND w.patient = q.patient"
    " AND w.questionnaire = q.questionnaire))"
)
_ORDER = "ORDER BY q.authored, q.id"


async def _answers(
    connection: Connection, where: str, key: str, questionnaire: str, link_id: str | None, finished_only: bool
) -> list[Answer]:
    conditions, params = [where, "q.questionnaire = $2"], [key, questionnaire]
    if link_id is not None:
        params.append(link_id)
        conditions.append("a.link_id = $3")
    found = await _rows_of_answers(connection, " AND ".join(conditions), params)
    return [
        answer for answer in found
        if (answer.response.finished if finished_only else answer.response.status not in _STOPPED)
    ]  # fmt: skip


async def _rows_of_answers(connection: Connection, where: str, params: list[str]) -> list[Answer]:
    rows = await connection.fetch(
        "SELECT q.*, a.section, a.link_id, a.value FROM questionnaire_response q"
        f" JOIN response_answer a ON a.response = q.id WHERE {where} {_ORDER}, a.position", *params,
    )  # fmt: skip
    return [_answer(row) for row in rows]


async def _responses(connection: Connection, where: str, key: str, questionnaire: str | None) -> list[AnsweredResponse]:
    named, params = ("", [key]) if questionnaire is None else (" AND q.questionnaire = $2", [key, questionnaire])
    sql = f"SELECT q.* FROM questionnaire_response q WHERE {where}{named} {_ORDER}"
    return [_response(row) for row in await connection.fetch(sql, *params)]


def _answer(row: Row) -> Answer:
    ((kind, value),) = decode(row["value"].encode()).items()
    return Answer(_response(row), row["section"], row["link_id"], kind, value)


def _response(row: Row) -> AnsweredResponse:
    author, source = (decode(row[name].encode()) if row[name] is not None else None for name in ("author", "source"))
    return AnsweredResponse(
        row["id"], row["questionnaire"], row["patient"], row["status"], from_micros(row["authored"]), author,
        row["author_kind"], source, row["source_kind"], row["organisation"], row["whole"],
    )  # fmt: skip
