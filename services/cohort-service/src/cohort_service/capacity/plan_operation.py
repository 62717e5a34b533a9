"""`Organization/{id}/$capacity-plan`: the people of cohorts against the hours of a network (SMR-055, AC-079)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cohort_service.capacity.planning import Asked, CapacityPlan, capacity_plan
from cohort_service.domain.capacity.financial_year import first_day, year_of
from cohort_service.domain.capacity.plan import Candidate
from cohort_service.lists.group_access import seen_people
from cohort_service.networks.organisations import organisation_with_id
from cohort_service.networks.rights import must_read
from tandem.clock import to_micros
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import optional_text, page, texts, today_number
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.london_days import london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_TRIED = re.compile(r"([a-z0-9-]+\.[a-z0-9_-]+)=(-?\d{1,9})")


async def plan_of_organisation(call: OperationCall) -> FhirResponse:
    """The plan for the rest of a financial `year` (this one unless given), of a `service` (SMR unless given).

    `cohort`, repeated, takes some of its lists only; `parameter` (`cohort.parameter=12`, repeated) tries a threshold;
    `_count` (up to 1000) and `_offset` page through the people in the order of offer, as far as the caller may see
    them. Read by the organisation, its network and its commissioner. Raises FhirError 400, 404, 422.
    """
    asked = plan_asked(call)
    count, offset = page(call, 0)
    now = call.kernel.clock.now()
    async with call.kernel.database.read() as connection:
        about = await organisation_with_id(connection, call.id)
        await must_read(call, connection, about, today_number(call))
        planned = await capacity_plan(connection, about, asked, london_date(now))
        people = await _seen(call, connection, planned, count, offset)
    patients: set[str | None] = {candidate.patient for candidate, _ in people}
    await audit_reads(call.kernel.database, call.request, "$capacity-plan", "Organization", patients, to_micros(now))
    return answer([*figures(asked, planned), *(_person(candidate, month) for candidate, month in people)])


def plan_asked(call: OperationCall) -> Asked:
    """Which plan is asked for. Raises FhirError 400."""
    year = optional_text(call, "year") or year_of(today_number(call))
    try:
        first_day(year)
    except ValueError:
        raise FhirError(Kind.BAD_REQUEST, "year is a financial year such as 2020/21", expression="year") from None
    tried: dict[str, int] = {}
    for each in texts(call, "parameter"):
        match = _TRIED.fullmatch(each)
        if match is None or match[1] in tried:
            raise FhirError(
                Kind.BAD_REQUEST, "parameter is cohort.parameter=whole number, each once", expression="parameter"
            )
        tried[match[1]] = int(match[2])
    return Asked(year, optional_text(call, "service") or "SMR", tuple(sorted({*texts(call, "cohort")})), tried)


def figures(asked: Asked, planned: CapacityPlan) -> list[dict[str, Any]]:
    """The figures of a plan as parameters; hours to a tenth."""
    plan = planned.plan
    shown: list[dict[str, Any]] = [
        {"name": "year", "valueString": asked.year},
        {"name": "service", "valueCode": asked.service},
        {"name": "assumptions", "valueString": planned.assumptions.version},
        *({"name": "definition", "valueString": each} for each in planned.definitions),
        {"name": "people", "valueInteger": plan.people},
        {"name": "offered", "valueInteger": plan.offered},
        {"name": "minutes-per-person", "valueDecimal": planned.minutes},
        {"name": "hours-needed", "valueDecimal": round(plan.hours_needed, 1)},
        {"name": "hours-available", "valueDecimal": round(plan.hours_available, 1)},
        {"name": "achievable-offers", "valueInteger": plan.offered + plan.reached},
    ]
    if plan.rate is not None:
        shown.append({"name": "achievable-offer-rate", "valueDecimal": plan.rate})
    shown += [
        {"name": "cohort", "part": [
            {"name": "cohort", "valueCode": cohort}, {"name": "people", "valueInteger": people},
        ]}
        for cohort, people in planned.demand.by_cohort.items()
    ]  # fmt: skip
    shown += [_hours("role", role, hours) for role, hours in planned.roles.items()]
    shown += [_hours("provider", provider, hours) for provider, hours in planned.providers.items()]
    for each in plan.months:
        part: list[dict[str, Any]] = [
            {"name": "month", "valueString": each.month},
            {"name": "hours", "valueDecimal": round(each.hours, 1)},
            {"name": "people", "valueInteger": each.people},
        ]
        if each.highest is not None and each.lowest is not None:
            part += [{"name": "highest-points", "valueInteger": each.highest},
                     {"name": "lowest-points", "valueInteger": each.lowest}]  # fmt: skip
        shown.append({"name": "month", "part": part})
    return shown


def _hours(name: str, code: str, hours: float) -> dict[str, Any]:
    return {"name": name, "part": [
        {"name": "code", "valueCode": code}, {"name": "hours", "valueDecimal": round(hours, 1)},
    ]}  # fmt: skip


async def _seen(
    call: OperationCall, connection: Connection, planned: CapacityPlan, count: int, offset: int
) -> list[tuple[Candidate, str | None]]:
    """A page of the order of offer, of those only whose records the caller may see."""
    if count == 0:
        return []
    params: list[Any] = [array(connection.dialect, [each.patient for each, _ in planned.plan.order])]
    condition = seen_people(call, "q", params)
    rows = await connection.fetch(
        "SELECT q.patient FROM (SELECT p.id AS patient FROM patient p"
        f" WHERE p.id {among(connection.dialect, '$1', 'text')}) q WHERE {condition}",
        *params,
    )
    visible = {row["patient"] for row in rows}
    return [each for each in planned.plan.order if each[0].patient in visible][offset : offset + count]


def _person(candidate: Candidate, month: str | None) -> dict[str, Any]:
    part: list[dict[str, Any]] = [
        {"name": "patient", "valueReference": {"reference": f"Patient/{candidate.patient}"}},
        {"name": "points", "valueInteger": candidate.points},
    ]
    if month is not None:
        part.append({"name": "month", "valueString": month})
    return {"name": "person", "part": part}
