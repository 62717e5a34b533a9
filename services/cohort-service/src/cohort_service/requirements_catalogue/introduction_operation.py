"""`PlanDefinition/$introduction`: how far each requirement is introduced in a network on a day (PCN-052)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from cohort_service.domain.requirements.introduction import Introduction
from cohort_service.domain.requirements.plan_definition import plan_definition
from cohort_service.domain.requirements.requirement import Requirement
from cohort_service.requirements_catalogue.in_force import introductions
from cohort_service.requirements_catalogue.visible_requirements import in_catalogue_of
from tandem.canonical import REQUIREMENT_INTRODUCTION
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.body import Resource, encode
from tandem.fhir.operation_parameters import only, optional_day, optional_text, page, today
from tandem.fhir.organisation_parameter import resolved
from tandem.fhir.request import FhirResponse
from tandem.london_days import date_of, day_number

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_ACTION: Final = "$introduction"
_PAGE: Final = 500


async def introduction_of(call: OperationCall) -> FhirResponse:
    """A Bundle of the requirements in the catalogue of `network` (default: the caller) on `date` (default: today).

    Each in the version of that time, or of its first day when it is upcoming, with the extension
    `requirement-introduction`. `service` narrows; `_count` (500 at most) and `_offset` page. Raises FhirError 400, 422.
    """
    only(call, ("network", "date", "service", "_count", "_offset"))
    day, service = day_number(optional_day(call, "date") or today(call)), optional_text(call, "service")
    count, offset = page(call, _PAGE, _PAGE)
    caller = call.request.caller
    async with call.kernel.database.read() as connection:
        named = call.one("network")
        network = await resolved(connection, named, "network") if named is not None else caller.organisation
        held = await in_catalogue_of(connection, network, caller, day)
        found = await introductions(
            connection, [versions for versions in held if service in (None, versions[0].service)], network, day
        )
    now = to_micros(call.kernel.clock.now())
    await audit_reads(call.kernel.database, call.request, _ACTION, "PlanDefinition", set(), now)
    bundle: Resource = {"resourceType": "Bundle", "type": "searchset", "total": len(found)}
    if 0 < count < len(found) - offset:
        asked = {"network": network, "date": date_of(day).isoformat(), "_count": count, "_offset": offset + count}
        query = urlencode(asked | ({"service": service} if service is not None else {}))
        bundle["link"] = [{"relation": "next", "url": f"{call.kernel.base}/PlanDefinition/$introduction?{query}"}]
    plans = [{"resource": _plan(*each), "search": {"mode": "match"}} for each in found[offset : offset + count]]
    return FhirResponse(200, encode(bundle | ({"entry": plans} if plans else {})))


def _plan(requirement: Requirement, how: Introduction) -> Resource:
    said: list[dict[str, Any]] = [{"url": "state", "valueCode": how.state}]
    days = (("from", how.first), ("until", how.last))
    said += [{"url": name, "valueDate": day.isoformat()} for name, day in days if day is not None]
    said.append({"url": "switched", "valueBoolean": how.switched})
    plan = plan_definition(requirement)
    return plan | {"extension": [*plan["extension"], {"url": REQUIREMENT_INTRODUCTION, "extension": said}]}
