"""Who wrote each version of a shared plan and of what belongs to it: a Provenance, in the transaction of the write.

Also for what the service writes on behalf of an organisation: an operation that it called, a Task of its that the plan
shows. What the service does of itself, or an operator enters, is told by the history alone.
"""

from __future__ import annotations

from typing import Any

from careplan_service.contributions.contribution_rows import author_of_version, has_open_plan, plans_with_response
from careplan_service.domain.contributions.plan_elements import PlanElement, PlanVersion
from careplan_service.domain.shared_plan import is_shared_plan
from tandem.fhir.body import Resource
from tandem.fhir.provenance import WrittenVersion, provenance_of
from tandem.identity.claims import OWN_SYSTEM
from tandem.service import Change, Work

_SERVICE = "careplan-service"


async def tell_who_wrote_plan(
    change: Change, work: Work, before: PlanVersion | None, after: PlanVersion | None
) -> None:
    """For a version of a shared plan, with what it brought."""
    if is_shared_plan(change.after) or is_shared_plan(change.before):
        had, has = before.elements if before else {}, after.elements if after else {}
        new = [{"role": "source", "what": _what(each)} for key, each in has.items() if key not in had]
        await _tell(change, work, new)


async def tell_who_wrote_record(change: Change, work: Work) -> None:
    """For a version of a Goal or CareTeam of somebody with a shared plan."""
    if change.patient is not None and await has_open_plan(work.connection, change.patient):
        await _tell(change, work, [])


async def tell_who_wrote_response(change: Change, work: Work) -> None:
    """For a version of a response that belongs to a shared plan."""
    if change.patient is not None and await plans_with_response(work.connection, change.id, change.patient):
        await _tell(change, work, [])


async def _tell(change: Change, work: Work, entities: list[dict[str, Any]]) -> None:
    before = _number(change.before)
    number = _number(change.after) if change.after is not None else before + 1
    author = await author_of_version(work.connection, change, number)
    if author.startswith(OWN_SYSTEM) or change.caller.operator:
        return
    if change.before is not None:
        revised = {"role": "revision", "what": {"reference": f"{change.type}/{change.id}/_history/{before}"}}
        entities = [revised, *entities]
    target, user = f"{change.type}/{change.id}/_history/{number}", change.caller.user
    version = WrittenVersion(target, change.action, change.now, author, user, _SERVICE)
    await work.put(provenance_of(version, entities))


def _what(element: PlanElement) -> dict[str, str]:
    # What is contained in the plan can be named from nowhere else.
    if element.reference is None or element.reference.startswith("#"):
        return {"display": f"CarePlan.{element.path}"}
    return {"reference": element.reference}


def _number(resource: Resource | None) -> int:
    return int(((resource or {}).get("meta") or {}).get("versionId") or 0)
