"""Everything about an episode that stands outside its Composition, gathered in one connection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from careplan_service.domain.current_medicines import medicine as medicine_key
from careplan_service.domain.medication_review.codes import SHARED_DECISION
from careplan_service.domain.medication_review.completion import SharedDecision, Standing
from careplan_service.domain.medication_review.episode import episode_of
from careplan_service.domain.medication_review.medicine_records import prescription_record, statement_record
from careplan_service.domain.medication_review.medicines import Key, Medicine, Record, medicines_to_review
from careplan_service.domain.medication_review.products import Products
from careplan_service.domain.plans.goal_activities import Work as Referral
from careplan_service.medication_review.areas import commissioners_of
from careplan_service.medication_review.episode_rows import EpisodeRow, known_when_decided, references_of_others
from careplan_service.medication_review.policies import Version, formulary_on, guidance_on, inhalers_on
from careplan_service.medication_review.prescriptions import kept_prescriptions, statements_of
from careplan_service.plans.activity_rows import work_of_plan
from careplan_service.questionnaires.answers import (
    Answer,
    AnsweredResponse,
    answers_of_person,
    response_answers,
    responses_of_plan,
)
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.body import Resource
from tandem.london_days import london_date

NEW_MEDICINE_SERVICE = "new-medicine-service"


@dataclass(frozen=True, slots=True)
class Conversation:
    """A response to Questionnaire/shared-decision with its answers."""

    response: AnsweredResponse
    answers: tuple[Answer, ...]

    def text(self, link_id: str) -> str | None:
        """The last answer to a question."""
        return next((each.text for each in reversed(self.answers) if each.link_id == link_id), None)


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """`contacts` are the responses of the New Medicine Service by medicine; `formulary` is the commissioner's."""

    standing: Standing
    records: tuple[Record, ...]
    conversations: tuple[Conversation, ...]
    referrals: tuple[Referral, ...]
    contacts: dict[Key, list[AnsweredResponse]]
    guidance: Version
    formulary: tuple[Version, Products] | None

    @property
    def high_carbon(self) -> list[Key]:
        """The medicines that are inhalers with a high carbon footprint."""
        return [each.key for each in self.standing.medicines if self.standing.inhalers.hold(each.concept)]

    def medicine(self, key: Key) -> Medicine | None:
        """A medicine to be looked at."""
        return next((each for each in self.standing.medicines if each.key == key), None)


async def facts_of(connection: Connection, row: EpisodeRow, composition: Resource, now: datetime) -> ReviewFacts:
    """Gather them as of now. Raises FhirError 422 for a day without guidance."""
    day = london_date(now)
    records = await records_of(connection, row, now)
    conversations = await _conversations(connection, row)
    guidance, steps = await guidance_on(connection, day)
    standing = Standing(
        episode_of(composition), row.kind,
        medicines_to_review(records, await known_when_decided(connection, row.patient)),
        tuple(map(_shared, conversations)), steps, await inhalers_on(connection, day),
    )  # fmt: skip
    formulary = await formulary_on(connection, await commissioners_of(connection, row.patient, now), day)
    return ReviewFacts(
        standing, tuple(records), tuple(conversations), tuple(await _referrals(connection, row)),
        await contacts_of(connection, row.patient), guidance, formulary,
    )  # fmt: skip


async def records_of(connection: Connection, row: EpisodeRow, now: datetime) -> list[Record]:
    """All records about the person's medicines: those prescribed when they were last looked up, and statements."""
    kept = await kept_prescriptions(connection, row.id)
    medications = {f"Medication/{each['id']}": each for each in kept if each["resourceType"] == "Medication"}
    statements = await statements_of(connection, row.patient)
    at = to_micros(now)
    return [
        *(prescription_record(each, medications) for each in kept if each["resourceType"] == "MedicationRequest"),
        *(statement_record(each, medications, at) for each in statements
          if each.get("status") != "entered-in-error"),
    ]  # fmt: skip


async def contacts_of(connection: Connection, patient: str) -> dict[Key, list[AnsweredResponse]]:
    """The contacts of the New Medicine Service by the medicine that they are about (SMR-044)."""
    found: dict[Key, list[AnsweredResponse]] = {}
    for answer in await answers_of_person(connection, patient, NEW_MEDICINE_SERVICE, "medicine", finished_only=True):
        key = medicine_key({"medicationCodeableConcept": {"coding": [answer.value]}})
        found.setdefault(key, []).append(answer.response)
    return found


async def _conversations(connection: Connection, row: EpisodeRow) -> list[Conversation]:
    taken = await references_of_others(connection, row)
    return [
        Conversation(each, tuple(await response_answers(connection, each.id)))
        for each in await responses_of_plan(connection, row.process, SHARED_DECISION)
        if f"QuestionnaireResponse/{each.id}" not in taken and each.status != "stopped"
    ]  # fmt: skip


async def _referrals(connection: Connection, row: EpisodeRow) -> list[Referral]:
    taken = await references_of_others(connection, row)
    return [
        each for each in await work_of_plan(connection, row.process, row.patient)
        if each.reference.startswith("ServiceRequest/") and each.reference not in taken
    ]  # fmt: skip


def _shared(conversation: Conversation) -> SharedDecision:
    response = conversation.response
    return SharedDecision(
        f"QuestionnaireResponse/{response.id}", response.finished, conversation.text("tool-name"),
        conversation.text("no-tool-reason"),
    )  # fmt: skip
