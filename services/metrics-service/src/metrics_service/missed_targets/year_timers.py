"""A month after each financial year its targets are judged, and a missed one opens what the measure says (PCN-070).

A month is ours: records of the year come late. What is opened is a duty of the network, asked for of mdt-service, with
no figure in it: a commissioner reads duties too.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, Final

from metrics_service.domain.measures.definition import Definition
from metrics_service.domain.measures.figure import Figure
from metrics_service.domain.measures.span import Span
from metrics_service.measures.area import area_of
from metrics_service.measures.evaluation import figures
from metrics_service.measures.shipped import definitions
from tandem.clock import LONDON, to_micros
from tandem.events.event import Event
from tandem.identity.organisations import NETWORK
from tandem.ids import deterministic_id
from tandem.london_days import london_date
from tandem.nhs.financial_year import first_day, following, last_day, year_of
from tandem.service import Work

YEAR_ENDED: Final = "tandem.targets.year-ended"
NETWORK_JUDGED: Final = "tandem.targets.network-judged"
DUTY_REQUESTED: Final = "tandem.duty.requested"
_TO_ANSWER: Final = timedelta(days=28)
"""Ours: how long a network has for what follows."""


async def expect_year(work: Work) -> None:
    """At a start: the judgement of this financial year is expected, unless one is expected or overdue already."""
    expected = await work.connection.fetchval("SELECT 1 FROM due WHERE kind = $1 AND fired_at IS NULL", YEAR_ENDED)
    if expected is None:
        await _expect(work, year_of(london_date(work.now)))


async def year_ended(event: Event, work: Work) -> None:
    """Judge every network, each in a transaction of its own, and expect the year after."""
    year = str((event.data or {})["year"])
    rows = await work.connection.fetch(
        "SELECT DISTINCT code FROM organisation WHERE kind = $1 AND active = 1 AND code IS NOT NULL ORDER BY code",
        NETWORK,
    )
    for row in rows:
        await work.schedule(
            NETWORK_JUDGED, f"{year}/{row['code']}", work.now, {"year": year, "network": row["code"]}
        )  # fmt: skip
    await _expect(work, following(year))


async def judge_network(event: Event, work: Work) -> None:
    """Ask for a duty for each target that the network missed. Done again, it asks for the same."""
    asked = event.data or {}
    year, network = str(asked["year"]), str(asked["network"])
    wanted = [each for each in definitions().values() if is_judged(each, year)]
    span = Span(first_day(year).toordinal(), last_day(year).toordinal())
    at_the_end = to_micros(datetime.combine(last_day(year), time(12), LONDON))
    area = await area_of(work.connection, network, NETWORK, at_the_end)
    if not area.practices:
        return
    for figure in await figures(work.connection, wanted, area, span):
        if is_missed(figure):
            data = _duty(figure.definition, network, year, london_date(work.now))
            await work.emit(DUTY_REQUESTED, data, key=f"{figure.definition.id}/{network}/{year}")


def is_judged(definition: Definition, year: str) -> bool:
    """Whether the measure aims at something in the year, the network answers for it, and it says what follows."""
    target = definition.target(year)
    asks = target is not None and target.minimum is not None and bool(definition.consequence)
    return asks and definition.attributable and definition.responsible == "network"


def is_missed(figure: Figure) -> bool:
    """Whether the figure is below the least that is aimed at; one that cannot be told misses nothing."""
    least = figure.target.minimum if figure.target is not None else None
    return least is not None and figure.value is not None and figure.value < least


def _duty(definition: Definition, network: str, year: str, today: date) -> dict[str, Any]:
    text = f"The target of {year} was missed: {definition.title}. {definition.consequence} ({definition.source})"
    return {
        "task": deterministic_id("missed-target", definition.id, network, year), "organisation": network,
        "network": network, "service": definition.service, "due": (today + _TO_ANSWER).isoformat(), "text": text,
    }  # fmt: skip


async def _expect(work: Work, year: str) -> None:
    day = last_day(year) + timedelta(days=31)
    await work.schedule(YEAR_ENDED, year, datetime.combine(day, time(6), LONDON), {"year": year})
