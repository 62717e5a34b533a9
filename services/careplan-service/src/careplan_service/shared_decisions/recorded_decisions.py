"""Decisions as they were recorded: from the answers of a response to what the rules ask about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from careplan_service.domain.shared_decisions.decision import TRAINING, Conversation, Lead
from careplan_service.domain.shared_decisions.situations import Code
from careplan_service.questionnaires.answers import CONTENT, Answer, AnsweredResponse, answers_of_person
from tandem.canonical import PRACTITIONER_QUALIFICATION
from tandem.database.connection import Connection
from tandem.directory.queries import staff_member
from tandem.london_days import london_date
from tandem.nhs.staff_kinds import staff_kinds

SHARED_DECISION = "shared-decision"


@dataclass(frozen=True, slots=True)
class Decision:
    """One response to Questionnaire/shared-decision with its answers by linkId."""

    response: AnsweredResponse
    answers: dict[str, Any]

    @property
    def day(self) -> date:
        """The day of the conversation, in London."""
        return london_date(self.response.authored)

    @property
    def situation(self) -> dict[str, Any]:
        """The Coding of what it is about."""
        coding: dict[str, Any] = self.answers.get("situation", {})
        return coding

    @property
    def code(self) -> Code:
        """System and code of the situation."""
        return str(self.situation.get("system")), str(self.situation.get("code"))


def decisions_in(answers: Iterable[Answer]) -> list[Decision]:
    """The decisions of answers that stand together by response."""
    return [
        Decision(held[0].response, {each.link_id: each.value for each in held})
        for _, group in groupby(answers, key=lambda each: each.response.id) if (held := list(group))
    ]  # fmt: skip


async def conversation(connection: Connection, decision: Decision) -> Conversation:
    """What is known of the conversation, on its day."""
    asked = decision.answers.get("involvement-wanted")
    if asked is None:
        told = await answers_of_person(connection, decision.response.patient, CONTENT, "involvement-wanted")
        asked = _last_before(told, decision)
    view = decision.answers.get("person-view")
    return Conversation(
        decision.answers.get("tool-name"), bool(view and str(view).strip()), (asked or {}).get("code"),
        await _lead(connection, decision),
    )  # fmt: skip


def _last_before(told: Sequence[Answer], decision: Decision) -> Any:
    return next((each.value for each in reversed(told) if london_date(each.response.authored) <= decision.day), None)


async def _lead(connection: Connection, decision: Decision) -> Lead | None:
    """Who led it: whom `led-by` names, else the author of the response."""
    named = decision.answers.get("led-by") or decision.response.author or {}
    member = await staff_member(connection, str(named.get("reference") or ""), decision.day)
    if member is None:
        return None
    trained = any(
        (each.coded.system, each.coded.code) == (PRACTITIONER_QUALIFICATION, TRAINING) and each.holds_on(decision.day)
        for each in member.qualifications
    )
    return Lead(frozenset(kind for role in member.roles for kind in staff_kinds(role.codes)), trained)
