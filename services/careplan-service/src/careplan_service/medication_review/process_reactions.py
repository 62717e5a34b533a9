"""What writing the CarePlan of a medication review asks for, in the same transaction (SMR-026)."""

from __future__ import annotations

from collections.abc import Iterator

from careplan_service.domain.medication_review.codes import is_process
from careplan_service.domain.medication_review.process import with_review_shown
from careplan_service.domain.medication_review.review_process_transitions import OPEN, TRANSITIONS
from careplan_service.domain.shared_plan import is_shared_plan
from careplan_service.medication_review.episode_rows import episodes_of, open_episode
from tandem.database.connection import UniqueViolation
from tandem.fhir.body import Resource
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.service import Change, Work

_SECOND = Issue(
    "The person has an open process of structured medication review already; a further appointment is an episode of it"
    " (000 §2.12, SMR-026)", "CarePlan.status",
)  # fmt: skip
_ACTIVITY = {"active": "in-progress", "draft": "scheduled", "on-hold": "on-hold", "unknown": "unknown"}


def process_moves_by_the_table(change: Change) -> Iterator[Issue]:
    """Refuses a status of the process that may not follow."""
    if is_process(change.before) and is_process(change.after):
        yield from TRANSITIONS.moves_by_the_table(change)


async def keep_process(change: Change, work: Work) -> None:
    """Keep where the process stands. Raises FhirError 422 for a second open one, and for closing it too early."""
    if not is_process(change.before) and not is_process(change.after):
        return
    status = str((change.after or {}).get("status"))
    is_open = is_process(change.after) and status in OPEN
    if not is_open and (unfinished := await open_episode(work.connection, change.id)) is not None:
        text = f"Composition/{unfinished.id} of this process is not completed: complete it, or withdraw it"
        raise FhirError(Kind.BUSINESS_RULE, f"{text} (000 §2.12, SMR-026)", expression="CarePlan.status")
    if not is_process(change.after) or change.patient is None:
        await work.connection.execute("DELETE FROM medication_review_process WHERE id = $1", change.id)
        return
    try:
        await work.connection.execute(
            "INSERT INTO medication_review_process (id, patient, status, open) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT (id) DO UPDATE SET patient = excluded.patient, status = excluded.status,"
            " open = excluded.open",
            change.id, change.patient, status, int(is_open),
        )  # fmt: skip
    except UniqueViolation:
        raise FhirError(Kind.BUSINESS_RULE, issues=[_SECOND]) from None
    assert change.after is not None
    await show_on_shared_plan(work, change.patient, change.after)


async def show_review_on_new_plan(change: Change, work: Work) -> None:
    """A shared plan that comes after the review began shows it too (EHCH-050)."""
    if change.action != "create" or change.patient is None or not is_shared_plan(change.after):
        return
    process = await work.connection.fetchval(
        "SELECT id FROM medication_review_process WHERE patient = $1 AND open = 1", change.patient
    )
    held = await work.read("CarePlan", process) if process is not None else None
    if held is not None:
        await show_on_shared_plan(work, change.patient, held)


async def show_on_shared_plan(work: Work, patient: str, process: Resource) -> None:
    """Show the review among the activities of the person's shared plans that are worked with (EHCH-050)."""
    rows = await work.connection.fetch(
        "SELECT id FROM shared_plan WHERE patient = $1 AND status IN ('draft', 'active', 'on-hold')", patient
    )
    status = str(process["status"])
    shown = _ACTIVITY.get(status, "completed" if status == "completed" else "cancelled")
    episodes = [
        each.id for each in await episodes_of(work.connection, str(process["id"])) if each.status != "entered-in-error"
    ]
    for row in rows:
        plan = await work.read("CarePlan", row["id"])
        if plan is not None:
            with_review = with_review_shown(plan, str(process["id"]), episodes, shown)
            if with_review != plan:
                await work.put(with_review)
