"""Who stands behind a figure: a worklist, for those who care for the people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from metrics_service.dashboard.asking import Asked
from metrics_service.dashboard.periods import Period, year_so_far
from metrics_service.domain.measures.definition import Definition
from metrics_service.measures.people_counted import Records, people_counted
from tandem.fhir.body import Resource
from tandem.fhir.human_name import name_in_use
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.registrations import nhs_number_of
from tandem.identity.scopes import require_scope

PAGE: Final = 50
_AT_ONCE: Final = 15
"""Ids in one search: with the longest ids that FHIR allows it takes no more."""
NOT_COUNTED: Final = "not-counted"
POPULATIONS: Final = {
    NOT_COUNTED: "Not counted yet", "numerator": "Counted", "denominator": "All who could be",
    "denominator-exclusion": "Left out",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person of the worklist: as cohort-service knows them, and the records that counted."""

    id: str
    name: str
    nhs_number: str
    born: str
    records: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Worklist:
    """One page of people. `choices` are the other lists: name, link, how many, and whether it is this one."""

    title: str
    period: str
    choices: tuple[tuple[str, str, int, bool], ...]
    people: tuple[PersonLine, ...]
    number: int
    pages: int
    earlier: str
    later: str


async def worklist(
    asked: Asked, definition: Definition, population: str | None, number: int
) -> tuple[Worklist, set[str]]:  # fmt: skip
    """The page, and everybody on it. Raises FhirError 403 for those who may not see people, 400, 404."""
    if not asked.exact:
        raise FhirError(Kind.FORBIDDEN, "Who is counted is for those who care for them")
    require_scope(asked.call.request.caller, "Patient", "r")
    period = year_so_far(asked.day)
    lists = await _lists(asked, definition, period)
    chosen = population or next(iter(lists))
    if chosen not in lists:
        raise FhirError(Kind.BAD_REQUEST, f"population is one of {', '.join(lists)}", expression="population")
    records = lists[chosen]
    pages = max(1, -(-len(records) // PAGE))
    if not 1 <= number <= pages:
        raise FhirError(Kind.NOT_FOUND, "There is no such page", expression="page")
    ids = list(records)[(number - 1) * PAGE : number * PAGE]
    people = await _people(asked, ids, records)

    def link(name: str, page: int) -> str:
        separator = "&" if asked.query else "?"
        return f"/dashboard/measures/{definition.id}/people{asked.query}{separator}population={name}&page={page}"

    choices = tuple((POPULATIONS[name], link(name, 1), len(each), name == chosen) for name, each in lists.items())
    page = Worklist(
        definition.title, period.name, choices, people, number, pages,
        link(chosen, number - 1) if number > 1 else "", link(chosen, number + 1) if number < pages else "",
    )  # fmt: skip
    return page, set(ids)


async def _lists(asked: Asked, definition: Definition, period: Period) -> dict[str, Records]:
    async with asked.kernel.database.read() as connection:
        found = await people_counted(asked.call, connection, definition, asked.area, period.span)
    if not definition.is_share:
        return {name: found[name] for name in POPULATIONS if name in found}
    left = {who: each for who, each in found["denominator"].items() if who not in found["numerator"]}
    return {name: each for name in POPULATIONS if (each := {NOT_COUNTED: left, **found}.get(name)) is not None}


async def _people(asked: Asked, ids: Sequence[str], records: Records) -> tuple[PersonLine, ...]:
    if not ids:
        return ()
    call = asked.call
    asked_for = [",".join(ids[start : start + _AT_ONCE]) for start in range(0, len(ids), _AT_ONCE)]
    known: dict[str, Resource] = {}
    for each in asked_for:
        found = await call.kernel.neighbours.searchset("cohort-service", f"Patient?_id={each}", call.request)
        known |= {patient["id"]: patient for patient in found}
    lines = [_line(each, known.get(each, {}), records[each]) for each in ids]
    return tuple(sorted(lines, key=lambda line: (line.name, line.id)))


def _line(identity: str, patient: Resource, records: Sequence[str]) -> PersonLine:
    return PersonLine(
        identity, name_in_use(patient) or f"Patient/{identity}", nhs_number_of(patient) or "",
        str(patient.get("birthDate") or ""), tuple(records),
    )  # fmt: skip
