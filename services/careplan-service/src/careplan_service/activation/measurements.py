"""What was measured of a person: activation by the licensed measure, and confidence by the survey question.

Completed responses only, with a plan or without, the oldest first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from careplan_service.domain.activation.trend import CONFIDENCE, Point
from careplan_service.questionnaires.answers import Answer, answers_of_person
from tandem.database.connection import Connection

PAM = "patient-activation-measure"
GP_SURVEY = "gp-survey-confidence"


@dataclass(frozen=True, slots=True)
class Activation:
    """One result of the measure: `score` from 0 to 100, `level` from 1 to 4."""

    at: datetime
    score: Decimal
    level: int
    response: str


@dataclass(frozen=True, slots=True)
class Confidence:
    """One answer to the survey question, as a point, with its `code` and in words."""

    point: Point
    code: str
    text: str


async def activations_of(connection: Connection, patient: str) -> list[Activation]:
    """Every result of the measure; the last one holds (AC-054, PC-046)."""
    answers = await answers_of_person(connection, patient, PAM, finished_only=True)
    by_response: dict[str, dict[str, Answer]] = {}
    for answer in answers:
        by_response.setdefault(answer.response.id, {})[answer.link_id] = answer
    return [
        Activation(
            found["score"].response.authored, Decimal(found["score"].value), int(found["level"].value), response
        )
        for response, found in by_response.items()
    ]  # fmt: skip


async def confidence_of(connection: Connection, patient: str) -> list[Confidence]:
    """Every answer to the survey question (PCPC-056)."""
    answers = await answers_of_person(connection, patient, GP_SURVEY, "confidence", finished_only=True)
    return [
        Confidence(
            Point(each.response.authored, _step(each.value["code"]), each.response.id), each.value["code"], each.text
        )
        for each in answers
    ]


def _step(code: str) -> Decimal | None:
    return Decimal(CONFIDENCE[code]) if code in CONFIDENCE else None
