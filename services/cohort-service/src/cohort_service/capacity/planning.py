"""The capacity plan of a network, or of a practice with its part of the network's hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from cohort_service.capacity.assumption_rows import assumptions_of
from cohort_service.capacity.demand import Demand, Trial, demand
from cohort_service.capacity.staff_hours import staff_hours
from cohort_service.catalogue.current import current_selection, selection_with
from cohort_service.domain.capacity.assumptions import Assumptions
from cohort_service.domain.capacity.financial_year import first_day, last_day
from cohort_service.domain.capacity.plan import Plan, plan
from cohort_service.networks.organisations import Organisation, networks_of, practices_of
from tandem.database.connection import Connection
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.organisations import NETWORK, PRACTICE
from tandem.london_days import day_number


@dataclass(frozen=True, slots=True)
class Asked:
    """What is planned: a financial year (`2020/21`), a service, some of its cohorts (empty: all), thresholds to try."""

    year: str
    service: str
    cohorts: tuple[str, ...] = ()
    tried: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class CapacityPlan:
    """The plan with what it rests on. `providers` gives hours in a year by type of provider; roles in hours."""

    plan: Plan
    assumptions: Assumptions
    demand: Demand
    definitions: tuple[str, ...]
    minutes: float
    roles: Mapping[str, float]
    providers: Mapping[str, float]


async def capacity_plan(connection: Connection, about: Organisation, asked: Asked, today: date) -> CapacityPlan:
    """Plan the offers of the rest of the year. Raises FhirError 422 for what cannot be planned."""
    day = day_number(today)
    if about.kind not in (NETWORK, PRACTICE):
        raise FhirError(Kind.UNPROCESSABLE, "Capacity is planned for a network or one of its practices")
    if last_day(asked.year) < day:
        raise FhirError(
            Kind.UNPROCESSABLE, "year has ended; a plan is made for this year or a later one", expression="year"
        )
    holder = about.code if about.kind == NETWORK else next(iter(await networks_of(connection, about.code, day)), None)
    network_practices = await practices_of(connection, holder, day) if holder is not None else [about.code]
    practices = [about.code] if about.kind == PRACTICE else network_practices
    assumptions = await assumptions_of(connection, holder, max(day, first_day(asked.year)))
    providers = assumptions.providers(asked.service)
    if "pcn" not in providers:
        raise FhirError(
            Kind.UNPROCESSABLE,
            f"There are no assumptions about capacity for {asked.service[:20]}",
            expression="service",
        )
    selection = await (
        selection_with(connection, today, asked.tried) if asked.tried else current_selection(connection, today)
    )
    known = {each.id for each in selection.definitions.values() if each.listed and each.service == asked.service}
    cohorts = sorted(asked.cohorts or known)
    if not cohorts or any(each not in known for each in cohorts):
        raise FhirError(Kind.UNPROCESSABLE, f"cohort is one of the lists of {asked.service[:20]}", expression="cohort")
    trial = Trial(selection, cohorts, practices, today, asked.service, first_day(asked.year))
    people = await demand(connection, trial)
    months: list[tuple[str, float]] = []
    roles: dict[str, float] = {}
    if holder is not None:
        months, roles = await staff_hours(connection, holder, asked.service, asked.year, assumptions, day)
    share = await _share(connection, practices, network_practices)
    minutes = assumptions.minutes_per_person(asked.service, "pcn")
    uptake = assumptions.value(f"{asked.service}.pcn.take-up.percent")
    return CapacityPlan(
        plan(people.candidates, minutes, uptake, [(month, hours * share) for month, hours in months]),
        assumptions, people, tuple(selection.definitions[each].name for each in cohorts), minutes,
        {role: hours * share for role, hours in roles.items()},
        {each: assumptions.minutes_per_person(asked.service, each) * len(people.candidates) / 60 for each in providers},
    )  # fmt: skip


async def _share(connection: Connection, practices: Sequence[str], of: Sequence[str]) -> float:
    """The part of a network's hours that falls to some of its practices: by how many people are registered there."""
    if list(practices) == list(of):
        return 1.0
    counted = {
        practice: int(await connection.fetchval(
            "SELECT COUNT(*) FROM patient WHERE practice = $1 AND deleted = 0", practice
        ))
        for practice in of
    }  # fmt: skip
    everybody = sum(counted.values())
    return sum(counted.get(each, 0) for each in practices) / everybody if everybody else 0.0
