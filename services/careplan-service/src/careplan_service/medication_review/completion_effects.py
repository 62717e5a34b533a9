"""What follows when an episode is completed, and when a completed one is withdrawn; all in the same transaction."""

from __future__ import annotations

from careplan_service.domain.medication_review.codes import is_process
from careplan_service.domain.medication_review.episode import episode_of
from careplan_service.domain.medication_review.medicines import last_discharge
from careplan_service.domain.medication_review.outcomes import Completed, procedure_of, statements_of, told
from careplan_service.domain.medication_review.process import ended, with_episode, with_follow_up_planned
from careplan_service.domain.medication_review.review_process_transitions import OPEN
from careplan_service.domain.medication_review.signposting import signposting_procedure, signposts_of
from careplan_service.medication_review.episode_rows import (
    EpisodeRow,
    keep_decisions,
    keep_references,
    statements_made,
)
from careplan_service.medication_review.policies import clinician_policy
from careplan_service.medication_review.review_facts import ReviewFacts
from tandem.clock import from_micros
from tandem.fhir.body import Resource
from tandem.london_days import london_date
from tandem.service import Work

COMPLETED = "tandem.medication-review.completed"
WITHDRAWN = "tandem.medication-review.withdrawn"
PROCEDURE = "tandem.procedure.requested"


async def complete(work: Work, row: EpisodeRow, composition: Resource, facts: ReviewFacts) -> None:
    """State what the person takes, plan the follow-up, show it on the plans, and tell the record and everybody else."""
    done = _completed(work, row, composition)
    await _state_medicines(work, row, done, facts)
    references = [
        *(each.reference for each in facts.standing.shared_decisions if each.finished),
        *(each.reference for each in facts.referrals),
    ]
    await keep_references(work.connection, row.id, references)
    await _go_on_with_process(work, done)
    procedure = procedure_of(done, await _role_coding(work, row), "completed")
    key = f"{row.id}/{composition['meta']['versionId']}"
    await work.emit(PROCEDURE, {"procedure": procedure}, key=key, patient=row.patient)
    data = told(done, row.kind, procedure, [each.reference for each in facts.referrals])
    if signposted := [each.service for each in signposts_of(composition)]:
        data["signposted"] = signposted
    await work.emit(COMPLETED, data, key=key, patient=row.patient)


async def record_signposting(work: Work, row: EpisodeRow, before: Resource | None, after: Resource) -> None:
    """Ask for a Procedure for each service that a completed episode signposts to, and take back what it did before."""
    done = _completed(work, row, after)
    now = {each.service: each for each in signposts_of(after)}
    gone = {each.service: each for each in signposts_of(before) if each.service not in now}
    for status, signposts in (("completed", now), ("entered-in-error", gone)):
        for each in signposts.values():
            procedure = signposting_procedure(done, each, status)
            key = f"{row.id}/{after['meta']['versionId']}/{each.service}"
            await work.emit(PROCEDURE, {"procedure": procedure}, key=key, patient=row.patient)


async def withdraw(work: Work, row: EpisodeRow, composition: Resource) -> None:
    """Take back what followed: statements, decisions, and the Procedure in the record."""
    for statement in await statements_made(work.connection, row.id):
        held = await work.read("MedicationStatement", statement)
        if held is not None:
            await work.put({**held, "status": "entered-in-error"})
    await keep_decisions(work.connection, row, (), ())
    await keep_references(work.connection, row.id, ())
    version = int(composition["meta"]["versionId"]) + 1
    following = {**composition, "meta": {**composition["meta"], "versionId": str(version)}}
    done = _completed(work, row, following)
    procedure = procedure_of(done, await _role_coding(work, row), "entered-in-error")
    await work.emit(PROCEDURE, {"procedure": procedure}, key=f"{row.id}/{version}", patient=row.patient)
    unsaid = {name: value for name, value in following.items() if name != "section"}
    await record_signposting(work, row, composition, unsaid)
    await work.emit(WITHDRAWN, {"review": done.review}, key=f"{row.id}/{version}", patient=row.patient)


def _completed(work: Work, row: EpisodeRow, composition: Resource) -> Completed:
    periods = [each.get("period") or {} for each in composition.get("event") or ()]
    held = next((each["start"] for each in periods if each.get("start")), composition["date"])
    return Completed(
        row.id, f"Composition/{row.id}/_history/{composition['meta']['versionId']}", row.process, row.patient,
        composition["author"][0], episode_of(composition), held, work.now,
    )  # fmt: skip


async def _state_medicines(work: Work, row: EpisodeRow, done: Completed, facts: ReviewFacts) -> None:
    kept = []
    for decision in done.episode.decisions:
        if decision.decision is None:
            continue
        statements = statements_of(done, decision, facts.medicine(decision.key))
        for each in statements:
            await work.put(each)
        kept.append((decision.key, decision.decision, " ".join(each["id"] for each in statements) or None))
    # Two sections about one medicine: the last one counts.
    rows = list({key: (key, said, made) for key, said, made in kept}.values())
    await keep_decisions(work.connection, row, rows, {each.version for each in last_discharge(facts.records)})


async def _go_on_with_process(work: Work, done: Completed) -> None:
    process = await work.read("CarePlan", done.process)
    if process is None or not is_process(process):
        return
    process = with_episode(process, done.id, "completed")
    if process["status"] in OPEN:
        if done.episode.follow_up is not None:
            process = with_follow_up_planned(process, done.episode.follow_up)
        elif done.episode.end is not None:
            process = ended(process, done.now)
    await work.put(process)


async def _role_coding(work: Work, row: EpisodeRow) -> dict[str, str] | None:
    # The role was judged when the episode was opened, and the policy may have changed since.
    _, policy = await clinician_policy(work.connection, london_date(from_micros(row.opened)))
    return next((each.procedure for each in policy.roles if each.kind == row.role), None)
