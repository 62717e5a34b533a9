"""A draft that was opened here begins with what is there: its owner, and the assessments already made (EHCH-038)."""

from __future__ import annotations

from careplan_service.domain.assessments.kinds import ASSESSMENTS
from careplan_service.domain.shared_plan import is_shared_plan
from careplan_service.plans.owner import owner_of
from careplan_service.questionnaires.answers import responses_of_person
from tandem.service import Change, Work


async def begin_draft(change: Change, work: Work) -> None:
    """Name the network as the owner of a draft of ours, and link the person's completed assessments."""
    if change.action != "create" or change.caller.service is None or change.patient is None:
        return
    plan = change.after
    if plan is None or not is_shared_plan(plan) or plan.get("status") != "draft":
        return
    begun = {**plan, "id": change.id}
    owner = await owner_of(work.connection, plan, change.patient, change.now)
    if owner is not None:
        begun["author"] = owner
    made = [
        {"reference": f"QuestionnaireResponse/{each.id}"}
        for each in await responses_of_person(work.connection, change.patient)
        if each.questionnaire in ASSESSMENTS and each.finished and each.whole is None
    ]
    linked = plan.get("supportingInfo") or []
    if new := [each for each in made if each not in linked]:
        begun["supportingInfo"] = [*linked, *new]
    if begun != plan:
        await work.put(begun)
