"""What writing an episode of medication review asks for and changes besides, in the same transaction.

Plain FHIR and the operations come through here alike: a Composition of type 1239511000000100 that begins `preliminary`
is an episode; it may be completed when nothing is missing.
"""

from __future__ import annotations

from collections.abc import Iterator

from careplan_service.domain.medication_review.codes import coded_reasons, is_process, is_review
from careplan_service.domain.medication_review.completion import NO_REASON, completion_faults, decision_faults
from careplan_service.domain.medication_review.episode import episode_of
from careplan_service.domain.medication_review.process import new_process, with_episode
from careplan_service.domain.medication_review.review_transitions import TRANSITIONS
from careplan_service.medication_review.clinician_check import eligible_role
from careplan_service.medication_review.completion_effects import complete, record_signposting, withdraw
from careplan_service.medication_review.episode_rows import EpisodeRow, episode_row, kind_of_next, open_process
from careplan_service.medication_review.policies import inhalers_on
from careplan_service.medication_review.review_facts import facts_of
from tandem.clock import to_micros
from tandem.database.connection import UniqueViolation
from tandem.fhir.body import Resource
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.ids import deterministic_id
from tandem.london_days import london_date
from tandem.service import Change, Work

_COMPLETED = ("final", "amended")
_CONTENT = ("section", "event", "author", "type", "subject", "date")
_UNDER_WAY = Issue(
    "Another episode of this process is not completed: go on with it, or withdraw it (000 §2.12, SMR-026)",
    "Composition.status",
)  # fmt: skip
_ALREADY_DONE = Issue(
    "A review that names its process is opened `preliminary` and completed when nothing is missing (000 §2.12)",
    "Composition.status",
)  # fmt: skip
_AMEND = Issue("A completed review is corrected with status amended", "Composition.status")
_NOT_LOOKED_UP = Issue(
    "What is prescribed was not looked up today: complete it by Composition/[id]/$complete, or look it up by"
    " CarePlan/$start-medication-review (000 §2.1, SMR-001)", "Composition.section",
)  # fmt: skip
_MOVED = Issue("An episode stays with its person and its process", "Composition.section")


def review_has_a_coded_reason(change: Change) -> Iterator[Issue]:
    """Refuses to save a review without a reason in SNOMED CT (SMR-039)."""
    if is_review(change.after) and change.after is not None and change.after.get("status") != "entered-in-error":
        reasons = [code for event in change.after.get("event") or () for code in event.get("code") or ()]
        if not coded_reasons(reasons):
            yield NO_REASON


def review_moves_by_the_table(change: Change) -> Iterator[Issue]:
    """Refuses a status that may not follow, and a change of what was completed that does not say so."""
    if not is_review(change.before):
        return
    yield from TRANSITIONS.moves_by_the_table(change)
    before, after = change.before or {}, change.after or {}
    if before.get("status") == after.get("status") == "final" and any(
        before.get(name) != after.get(name) for name in _CONTENT
    ):
        yield _AMEND


async def keep_review(change: Change, work: Work) -> None:
    """Open, keep, complete or withdraw the episode. Raises FhirError 422 with everything that is missing."""
    if not is_review(change.before) and not is_review(change.after):
        return
    row = await episode_row(work.connection, change.id)
    if row is None:
        await _maybe_open(change, work)
    elif change.after is None or not is_review(change.after):
        await _withdraw(change, work, row)
    else:
        await _go_on(change, work, row, change.after)


async def _maybe_open(change: Change, work: Work) -> None:
    composition = change.after
    if composition is None or change.patient is None or change.before is not None:
        return
    named = episode_of(composition).process
    if composition.get("status") == "preliminary":
        await _open(change, work, composition, change.patient, named)
    elif named is not None and is_process(await work.read("CarePlan", named)):
        raise FhirError(Kind.BUSINESS_RULE, issues=[_ALREADY_DONE])


async def _open(change: Change, work: Work, composition: Resource, patient: str, named: str | None) -> None:
    role = await eligible_role(work.connection, episode_of(composition).clinician, patient, change.now)
    process = await open_process(work.connection, patient)
    if named is not None and named != process:
        raise FhirError(Kind.BUSINESS_RULE, "The process that is named is not the person's open one")
    if process is None:
        process = deterministic_id("medication-review-process", change.id)
        await work.put(new_process(process, patient, change.now))
    kind = await kind_of_next(work.connection, process)
    try:
        await work.connection.execute(
            "INSERT INTO medication_review_episode (id, process, patient, kind, status, role, opened)"
            " VALUES ($1, $2, $3, $4, 'preliminary', $5, $6)",
            change.id, process, patient, kind, role, to_micros(change.now),
        )  # fmt: skip
    except UniqueViolation:
        raise FhirError(Kind.BUSINESS_RULE, issues=[_UNDER_WAY]) from None
    await _show(work, process, change.id, "in-progress")


async def _go_on(change: Change, work: Work, row: EpisodeRow, composition: Resource) -> None:
    said, status = episode_of(composition), str(composition.get("status"))
    if change.patient != row.patient or said.process not in (None, row.process):
        raise FhirError(Kind.BUSINESS_RULE, issues=[_MOVED])
    if status == "entered-in-error":
        await _withdraw(change, work, row)
        return
    if said.clinician != episode_of(change.before or {}).clinician:
        role = await eligible_role(work.connection, said.clinician, row.patient, change.now)
        await work.connection.execute("UPDATE medication_review_episode SET role = $1 WHERE id = $2", role, row.id)
    if status in _COMPLETED and (row.status != status or status == "amended"):
        await _complete(change, work, row, composition)
    elif status not in _COMPLETED:
        await _refuse_wrong_decisions(change, work, composition)


async def _complete(change: Change, work: Work, row: EpisodeRow, composition: Resource) -> None:
    facts = await facts_of(work.connection, row, composition, change.now)
    faults = []
    if row.status == "preliminary":
        faults = list(completion_faults(facts.standing))
        if row.looked_up != london_date(change.now).isoformat():
            faults.insert(0, _NOT_LOOKED_UP)
    else:
        for each in facts.standing.episode.decisions:
            faults += decision_faults(each, facts.standing.inhalers)
    if faults:
        raise FhirError(Kind.BUSINESS_RULE, issues=faults)
    await work.connection.execute(
        "UPDATE medication_review_episode SET status = $1, completed = $2 WHERE id = $3",
        composition["status"], to_micros(change.now), row.id,
    )  # fmt: skip
    await complete(work, row, composition, facts)
    await record_signposting(work, row, change.before if row.status in _COMPLETED else None, composition)


async def _refuse_wrong_decisions(change: Change, work: Work, composition: Resource) -> None:
    inhalers = await inhalers_on(work.connection, london_date(change.now))
    faults = [
        fault for each in episode_of(composition).decisions for fault in decision_faults(each, inhalers)
        if fault.code == "code-invalid"
    ]  # fmt: skip
    if faults:
        raise FhirError(Kind.BUSINESS_RULE, issues=faults)


async def _withdraw(change: Change, work: Work, row: EpisodeRow) -> None:
    if row.status in _COMPLETED and change.before is not None:
        await withdraw(work, row, change.before)
    if change.after is None:
        await work.connection.execute("DELETE FROM medication_review_episode WHERE id = $1", row.id)
    else:
        sql = "UPDATE medication_review_episode SET status = 'entered-in-error' WHERE id = $1"
        await work.connection.execute(sql, row.id)
    await _show(work, row.process, row.id, "cancelled")


async def _show(work: Work, process: str, episode: str, status: str) -> None:
    held = await work.read("CarePlan", process)
    if held is not None:
        await work.put(with_episode(held, episode, status))
