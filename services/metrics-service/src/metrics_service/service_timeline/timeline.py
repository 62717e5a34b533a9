"""The timeline of a network, service by service: what is asked of it from when, and the work of each year (PCN-052)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from metrics_service.domain.london_days import day_at
from metrics_service.service_timeline.requirements_asked import Asked, requirements_asked
from metrics_service.service_timeline.work_of_years import YearOfWork, work_of_year
from tandem.clock import to_micros
from tandem.nhs.financial_year import last_day

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

FIVE: Final = ("SMR", "EHCH", "AC", "PC", "ECD")
YEARS: Final = ("2020/21", "2021/22", "2022/23", "2023/24")
"""Over which the five services are introduced (000 §1.8, PCN-031)."""


@dataclass(frozen=True, slots=True)
class TimelineYear:
    """A financial year: the work, the requirements in force at its end, and those that begin in it."""

    work: YearOfWork
    in_force: int
    beginning: int


@dataclass(frozen=True, slots=True)
class ServiceTimeline:
    """A service by its code. `asked` are its requirements, the first to begin first."""

    service: str
    asked: tuple[Asked, ...]
    years: tuple[TimelineYear, ...]


async def timeline_of(
    call: OperationCall, network: str, services: Iterable[str], day: date, *, exact: bool
) -> list[ServiceTimeline]:
    """Requirements as of the day, hours as of now; `exact` for who sees every number.

    Raises FhirError 503 when cohort-service, which keeps the catalogue, cannot be asked.
    """
    now = call.kernel.clock.now()
    requirements = {each: await requirements_asked(call, network, each, day) for each in services}
    found = []
    async with call.kernel.database.read() as connection:
        for service, asked in requirements.items():
            years = [
                await work_of_year(connection, network, service, year, day_at(now), to_micros(now), exact=exact)
                for year in YEARS
            ]
            found.append(ServiceTimeline(service, tuple(asked), tuple(_year(each, asked) for each in years)))
    return found


def _year(work: YearOfWork, asked: Iterable[Asked]) -> TimelineYear:
    end = last_day(work.year)
    asked = list(asked)
    return TimelineYear(
        work, sum(each.holds_on(end) for each in asked), sum(_begins_in(each, end) for each in asked)
    )  # fmt: skip


def _begins_in(asked: Asked, end: date) -> bool:
    return asked.first is not None and end.replace(year=end.year - 1) < asked.first <= end
