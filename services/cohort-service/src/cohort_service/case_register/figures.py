"""The figures of a register: how many people, by what sources, and against which floor; nobody is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from cohort_service.case_register.entry_rows import (
    members_here,
    people_on_register,
    sources_by_lists,
    sources_of,
)
from cohort_service.case_register.run_rows import runs_of
from cohort_service.domain.case_register.floor import Check, Floor, check, register_floor, unplanned_admissions_floor
from cohort_service.domain.case_register.sources import REGISTER, UNPLANNED_ADMISSIONS_REGISTER
from cohort_service.domain.networks.list_sizes import ListSize
from cohort_service.networks.list_size_rows import newest_size
from tandem.database.connection import Connection
from tandem.london_days import date_of


@dataclass(frozen=True, slots=True)
class Figures:
    """People on the register with the sources of each, and every source that was run, with the last day."""

    people: Mapping[str, tuple[str, ...]]
    runs: Mapping[str, int]
    size: ListSize | None

    @property
    def by_source(self) -> dict[str, int]:
        return dict(sorted(Counter(each for sources in self.people.values() for each in sources).items()))

    @property
    def sources(self) -> set[str]:
        """What was used to compile the register: sources that were run, and those that entries name."""
        return {*self.by_source, *self.runs}


async def figures_of(connection: Connection, practice: str, day: int) -> Figures:
    """The figures of the register of a practice (a code) as it stands."""
    people = await people_on_register(connection, practice, day)
    kept = await sources_of(connection, practice, people)
    by_lists = await sources_by_lists(connection, people)
    sources = {
        patient: tuple(sorted({row["source"] for row in kept.get(patient, ())}
                              | ({UNPLANNED_ADMISSIONS_REGISTER} & by_lists[patient].keys())))
        for patient in people
    }  # fmt: skip
    runs: dict[str, int] = {}
    for run in await runs_of(connection, practice):
        for source in run.found:
            runs[source] = max(run.day, runs.get(source, run.day))
    return Figures(sources, runs, await newest_size(connection, practice, day))


def register_check(figures: Figures, day: date) -> dict[str, Any]:
    """How the register stands against its floor (PCPC-016)."""
    return _check(REGISTER, len(figures.people), figures.size, register_floor(day))


async def unplanned_admissions_check(
    connection: Connection, practice: str, day: int, size: ListSize | None
) -> dict[str, Any]:
    """How the other register stands against a floor of its own (PCPC-028)."""
    count = await members_here(connection, UNPLANNED_ADMISSIONS_REGISTER, practice, day)
    return _check(UNPLANNED_ADMISSIONS_REGISTER, count, size, unplanned_admissions_floor(date_of(day)))


def source_parts(figures: Figures) -> list[dict[str, Any]]:
    """A `source` for each that was run or named: how many people on the register have it, and the last run."""
    shown = []
    for each in sorted(figures.sources):
        parts: list[dict[str, Any]] = [
            {"name": "source", "valueCode": each}, {"name": "count", "valueInteger": figures.by_source.get(each, 0)},
        ]  # fmt: skip
        if each in figures.runs:
            parts.append({"name": "run", "valueDate": date_of(figures.runs[each]).isoformat()})
        shown.append({"name": "source", "part": parts})
    return shown


def _check(register: str, count: int, size: ListSize | None, floor: Floor | None) -> dict[str, Any]:
    found: Check = check(count, size.registered if size is not None else None, floor)
    parts: list[dict[str, Any]] = [
        {"name": "register", "valueCode": register},
        {"name": "state", "valueCode": found.state},
        {"name": "count", "valueInteger": count},
    ]
    if size is not None:
        parts += [
            {"name": "listSize", "valueInteger": size.registered},
            {"name": "listDate", "valueDate": date_of(size.day).isoformat()},
        ]
    if found.percent is not None:
        parts.append({"name": "percent", "valueDecimal": _number(found.percent)})
    if floor is not None:
        parts += [
            {"name": "floor", "valueDecimal": _number(floor.percent)},
            {"name": "shortfall", "valueInteger": found.shortfall},
            {"name": "paragraph", "valueString": floor.source},
        ]
    return {"name": "check", "part": parts}


def _number(value: Decimal) -> Decimal:
    """Without noughts behind the point, which say nothing."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()
