"""`Composition/[id]/$medication-review`: an episode as it stands, with what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careplan_service.domain.medication_review.codes import CHANGE, START, SWITCH_INHALER
from careplan_service.domain.medication_review.completion import completion_faults, is_done
from careplan_service.domain.medication_review.composition import HIGH_CARBON
from careplan_service.domain.medication_review.episode import Decision
from careplan_service.domain.medication_review.medicines import DIFFERENCES, Key, Medicine
from careplan_service.domain.medication_review.process import planned_follow_up
from careplan_service.domain.medication_review.products import formulary_standing
from careplan_service.domain.medication_review.signposting import signposts_of
from careplan_service.medication_review.request_handler import open_requests
from careplan_service.medication_review.review_asked import AskedReview, asked_review
from careplan_service.medication_review.review_facts import Conversation, ReviewFacts, facts_of
from careplan_service.questionnaires.answers import Answer, response_answers
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.body import Resource, decode
from tandem.fhir.operation_parameters import only
from tandem.fhir.parameters_answer import Parameter, answer, coded, instant, number, parts, reference, text, yes
from tandem.fhir.request import FhirResponse
from tandem.fhir.store import load

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_TOLD = {
    "situation": "situation", "options": "option", "preferences": "preference", "decision": "decision",
    "advice": "advice", "onward-referral": "referral", "tool-name": "tool", "tool-version": "toolVersion",
    "tool-result": "toolResult", "no-tool-reason": "noToolReason",
}  # fmt: skip


async def medication_review(call: OperationCall) -> FhirResponse:
    """`process`, `status`, `kind`, `medicine`s, `sharedDecision`s, `referral`s, `signpost`s, `step`s and what is
    `missing`.

    What is prescribed is as it was last looked up. Raises FhirError 404, 422 for a Composition that is no episode.
    """
    only(call, ())
    now = call.kernel.clock.now()
    async with call.kernel.database.read() as connection:
        asked = await asked_review(call, connection)
        facts = await facts_of(connection, asked.row, asked.composition, now)
        requests = await open_requests(connection, asked.row.patient)
        said = {
            each.id: await response_answers(connection, each.id) for held in facts.contacts.values() for each in held
        }
        stored = await load(connection, "CarePlan", asked.row.process)
    process: Resource = decode(stored.body) if stored is not None and stored.body is not None else {}
    await audit_reads(
        call.kernel.database, call.request, "$medication-review", "Composition", {asked.row.patient}, to_micros(now)
    )
    under_way = asked.row.status == "preliminary"
    shown = [
        *_head(asked, facts, process), *[reference("request", each.reference) for each in requests],
        *_medicines(facts, said, under_way), *map(_conversation, facts.conversations),
        *[parts("referral", [
            reference("reference", each.reference), coded("status", each.status),
            *([text("what", each.description)] if each.description else []),
        ]) for each in facts.referrals],
        *[parts("signpost", [
            reference("service", each.service), text("name", each.name),
            *([coded("offer", each.offer)] if each.offer is not None else []),
        ]) for each in signposts_of(asked.composition)],
        number("guidanceVersion", facts.guidance.version), *_steps(facts),
    ]  # fmt: skip
    if under_way:
        names = {each.place: each.name for each in facts.standing.episode.decisions}
        for fault in completion_faults(facts.standing):
            name = names.get(fault.expression or "")
            shown.append(text("missing", f"{name}: {fault.text}" if name is not None else fault.text))
    return answer(shown)


def _head(asked: AskedReview, facts: ReviewFacts, process: Resource) -> list[Parameter]:
    row, episode = asked.row, facts.standing.episode
    shown: list[Parameter] = [
        reference("process", f"CarePlan/{row.process}"), coded("status", row.status),
        coded("kind", row.kind), coded("role", row.role),
        *[{"name": "reason", "valueCodeableConcept": each} for each in episode.reasons],
    ]  # fmt: skip
    if process.get("status") is not None:
        shown.append(coded("processStatus", process["status"]))
    if (day := planned_follow_up(process)) is not None:
        shown.append({"name": "followUp", "valueDate": day})
    if row.looked_up is not None:
        shown.append({"name": "lookedUp", "valueDate": row.looked_up})
    return shown


def _medicines(facts: ReviewFacts, said: dict[str, list[Answer]], under_way: bool) -> list[Parameter]:
    """Those to be looked at, and those decided that are taken no more; of a completed episode those it holds."""
    held = {each.key: each for each in facts.standing.episode.decisions}
    looked_at = {each.key: each for each in facts.standing.medicines if under_way or each.key in held}
    keys = list(dict.fromkeys([*looked_at, *held]))
    return [_medicine(key, looked_at.get(key), held.get(key), facts, said) for key in keys]


def _medicine(
    key: Key, medicine: Medicine | None, decision: Decision | None, facts: ReviewFacts, said: dict[str, list[Answer]]
) -> Parameter:
    known = medicine or decision
    assert known is not None, "the key is of one of the two"
    inner: list[Parameter] = [{"name": "medicine", "valueCodeableConcept": known.concept}, text("name", known.name)]
    if medicine is not None:
        inner += [coded("source", each) for each in medicine.sources]
        inner += [
            parts("record", [
                reference("reference", each.reference), coded("source", each.source),
                yes("current", each.current), *([text("dosage", each.dosage)] if each.dosage else []),
            ]) for each in medicine.records
        ]  # fmt: skip
        if medicine.difference is not None:
            inner += [
                coded("difference", medicine.difference),
                text("differenceText", DIFFERENCES[medicine.difference]),
            ]
    if facts.standing.inhalers.hold(known.concept):
        inner.append(text("prompt", HIGH_CARBON))
    for response in facts.contacts.get(key, ()):
        answers = [each for each in said[response.id] if each.link_id != "medicine"]
        inner.append(parts("contact", [
            reference("response", f"QuestionnaireResponse/{response.id}"), text("organisation", response.organisation),
            instant("authored", response.authored),
            *[text(each.link_id, each.text) for each in answers],
        ]))  # fmt: skip
    return parts("medicine", [*inner, *_decided(decision, facts)])


def _decided(decision: Decision | None, facts: ReviewFacts) -> list[Parameter]:
    if decision is None or decision.decision is None:
        return []
    shown: list[Parameter] = [coded("decision", decision.decision)]
    if decision.reason is not None:
        shown.append({"name": "reason", "valueCodeableConcept": decision.reason})
    if decision.medicine is not None:
        shown.append({"name": "new", "valueCodeableConcept": decision.medicine})
    if decision.dosage is not None:
        shown.append(text("dosage", decision.dosage))
    if decision.decision in (START, CHANGE, SWITCH_INHALER):
        version, products = facts.formulary if facts.formulary is not None else (None, None)
        shown.append(coded("formulary", formulary_standing(products, decision.taken)))
        if version is not None:
            shown += [text("commissioner", version.scope), number("formularyVersion", version.version)]
    return shown


def _conversation(conversation: Conversation) -> Parameter:
    response = conversation.response
    return parts("sharedDecision", [
        reference("response", f"QuestionnaireResponse/{response.id}"),
        coded("status", response.status),
        *[text(_TOLD[each.link_id], each.text) for each in conversation.answers if each.link_id in _TOLD],
    ])  # fmt: skip


def _steps(facts: ReviewFacts) -> list[Parameter]:
    standing = facts.standing
    return [
        parts("step", [
            coded("code", each.code), text("text", each.text),
            yes("mandatory", standing.kind in each.mandatory), yes("done", is_done(each, standing)),
        ]) for each in standing.guidance.steps
    ]  # fmt: skip
