"""The timeline of a network's five services as a page: what is in force, what comes when, and the hours by year."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from metrics_service.dashboard.asking import Asked
from metrics_service.dashboard.numbers import plain
from metrics_service.dashboard.page import Setting
from metrics_service.dashboard.periods import written
from metrics_service.dashboard.titles import SERVICES
from metrics_service.domain.phase_review.workload import Load
from metrics_service.service_timeline.requirements_asked import Asked as Requirement
from metrics_service.service_timeline.timeline import FIVE, ServiceTimeline, timeline_of
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.organisations import NETWORK

NOT_KNOWN: Final = "not known"
STATES: Final = {
    "upcoming": "Upcoming", "in-force": "In force", "announced": "Announced, without a day", "ended": "Ended",
}  # fmt: skip
COLUMNS: Final = (
    "service", "service_name", "row", "requirement", "text", "state", "from", "until", "local", "national_from", "year",
    "begun", "in_force", "beginning", "measure", "measure_title", "definition", "basis", "minutes_source", "needed",
    "hours_needed", "hours_available", "hours_short",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RequirementRow:
    """A requirement in words; `national` is filled where the network has a day of its own."""

    text: str
    first: str
    last: str
    local: bool
    national: str


@dataclass(frozen=True, slots=True)
class YearRow:
    """A financial year in words; `hours` and `available` are the numbers for the chart."""

    year: str
    in_force: int
    beginning: int
    needed: str
    on_hand: str
    short: str
    hours: float | None
    available: float | None


@dataclass(frozen=True, slots=True)
class ServiceOnPage:
    """A service: its requirements by state, those to come by day; its years; and the hours of its measures by year."""

    code: str
    name: str
    requirements: tuple[tuple[str, tuple[RequirementRow, ...]], ...]
    years: tuple[YearRow, ...]
    work: tuple[tuple[str, str, tuple[str, ...]], ...]

    @property
    def known(self) -> bool:
        """Whether the hours of any year are."""
        return any(year.hours is not None for year in self.years)


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """All five services."""

    setting: Setting
    services: tuple[ServiceOnPage, ...]


async def timeline_asked(asked: Asked) -> list[ServiceTimeline]:
    """The five services of the network. Raises FhirError 400 for another organisation, 503 without the catalogue."""
    if asked.area.kind != NETWORK or asked.home is not None:
        raise FhirError(Kind.BAD_REQUEST, "The timeline is of a network; name one", expression="organisation")
    return await timeline_of(asked.call, asked.area.code, FIVE, asked.day, exact=asked.exact)


def service_on_page(told: ServiceTimeline) -> ServiceOnPage:
    """The service in words."""
    groups: dict[str, list[RequirementRow]] = {}
    for state in STATES:
        for each in told.asked:
            if each.state == state:
                groups.setdefault(_group(each), []).append(_requirement(each))
    years = tuple(
        YearRow(
            each.work.year, each.in_force, each.beginning, *_hours(each.work.whole), each.work.whole.hours,
            each.work.whole.available,
        )
        for each in told.years
    )  # fmt: skip
    requirements = tuple((name, tuple(rows)) for name, rows in groups.items())
    return ServiceOnPage(told.service, SERVICES[told.service], requirements, years, tuple(_work(told)))


def _group(each: Requirement) -> str:
    """Those to come stand by the day from which they are asked for."""
    return f"Upcoming from {_day(each.first)}" if each.state == "upcoming" else STATES[each.state]


def _requirement(each: Requirement) -> RequirementRow:
    return RequirementRow(
        each.text, _day(each.first), _day(each.last), each.switched, _day(each.national) if each.switched else ""
    )


def _work(told: ServiceTimeline) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Of each measure: its title, what its hours rest on, and the hours of each year."""
    for place, work in enumerate(told.years[0].work.work):
        hours = tuple(_hours(year.work.work[place].load)[0] for year in told.years)
        yield work.definition.title, work.definition.workload.source if work.definition.workload else "", hours


def _hours(load: Load) -> tuple[str, str, str]:
    """Hours that are not known, because numbers are hidden or nobody recorded them, are said to be so."""
    needed, available, short = (
        NOT_KNOWN if hours is None else plain(hours) for hours in (load.hours, load.available, load.short)
    )
    return needed, available, short


def _day(day: date | None) -> str:
    return written(day) if day is not None else ""


def timeline_rows(services: Iterable[ServiceTimeline]) -> Iterator[dict[str, Any]]:
    """A row for each requirement, for each year, and for each measure in each year, by COLUMNS."""
    for told in services:
        service = {"service": told.service, "service_name": SERVICES[told.service]}
        for each in told.asked:
            yield _row(
                service, row="requirement", requirement=each.canonical, text=each.text, state=each.state,
                **{"from": _iso(each.first)}, until=_iso(each.last), local=each.switched,
                national_from=_iso(each.national) if each.switched else None,
            )  # fmt: skip
        for year in told.years:
            dated = service | {"year": year.work.year, "begun": year.work.begun}
            yield _row(
                dated, row="year", in_force=year.in_force, beginning=year.beginning, **_numbers(year.work.whole)
            )  # fmt: skip
            for work in year.work.work:
                definition, basis = work.definition, "target" if work.aimed else "everybody"
                yield _row(
                    dated, row="work", measure=definition.id, measure_title=definition.title,
                    definition=definition.description, basis=basis, needed=work.load.needed,
                    minutes_source=definition.workload.source if definition.workload else None,
                    **_numbers(work.load),
                )  # fmt: skip


def _row(known: dict[str, Any], **more: Any) -> dict[str, Any]:
    return dict.fromkeys(COLUMNS) | known | more


def _numbers(load: Load) -> dict[str, float | None]:
    named = {"hours_needed": load.hours, "hours_available": load.available, "hours_short": load.short}
    return {name: None if hours is None else round(hours, 1) for name, hours in named.items()}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
