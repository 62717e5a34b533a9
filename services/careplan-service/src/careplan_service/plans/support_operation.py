"""`CarePlan/{id}/$support`: what is done for the person, and what of it is no activity of the plan (AC-020)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from careplan_service.domain.plans.support import Traced, is_support, traced
from careplan_service.plans.plan_asked import asked_plan
from careplan_service.plans.programmes import ANTICIPATORY_CARE
from tandem.clock import to_micros
from tandem.cohort_membership.queries import on_list
from tandem.fhir.auditing import audit_reads
from tandem.fhir.body import Resource
from tandem.fhir.operation_parameters import only, today
from tandem.fhir.parameters_answer import Parameter, answer, coded, number, parts, reference, text, yes
from tandem.fhir.request import FhirResponse

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_OPEN_TASKS = "requested,received,accepted,ready,in-progress,on-hold"


async def support(call: OperationCall) -> FhirResponse:
    """An `item` for each open ServiceRequest and Task for the person that the caller may see.

    Each has `reference`, `status`, `text`, `performer`, and `activity` (true) with `by`: named in the plan's
    `activity`, `based-on` the plan, or `through` another item; else `gap` (true). `listed` says whether the person is
    on the anticipatory care list, `gaps` counts. Raises FhirError 404, 422, and 503 while the services that hold them
    cannot be asked.
    """
    only(call, ())
    kernel = call.kernel
    async with kernel.database.read() as connection:
        asked = await asked_plan(call, connection)
        listed = await on_list(connection, ANTICIPATORY_CARE, asked.patient, today(call))
    person = quote(f"Patient/{asked.patient}", safe="")
    requests = await kernel.neighbours.searchset(
        "referral-service", f"ServiceRequest?patient={person}&status=draft,active,on-hold", call.request
    )
    open_tasks = f"Task?patient={person}&status={_OPEN_TASKS}"
    tasks = await kernel.neighbours.searchset("mdt-service", open_tasks, call.request)
    items = traced(asked.plan, [each for each in (*requests, *tasks) if is_support(each)])
    now = to_micros(kernel.clock.now())
    await audit_reads(kernel.database, call.request, "$support", "CarePlan", {asked.patient}, now)
    return answer([
        yes("listed", listed), number("total", len(items)), number("gaps", sum(each.by is None for each in items)),
        *map(_item, items),
    ])  # fmt: skip


def _item(each: Traced) -> Parameter:
    item = each.item
    inner: list[Parameter] = [
        reference("reference", f"{item['resourceType']}/{item['id']}"),
        coded("status", str(item.get("status"))), text("text", _words(item)),
    ]  # fmt: skip
    performers = [item.get("owner")] if item["resourceType"] == "Task" else item.get("performer") or []
    inner += [{"name": "performer", "valueReference": one} for one in performers if one]
    if each.by is None:
        return parts("item", [*inner, yes("gap", True)])
    inner += [yes("activity", True), coded("by", each.by)]
    if each.through is not None:
        inner.append(reference("through", each.through))
    return parts("item", inner)


def _words(item: Resource) -> str:
    code = item.get("code") or {}
    display = next((one["display"] for one in code.get("coding") or () if one.get("display")), None)
    return str(item.get("description") or code.get("text") or display or "Not described")
