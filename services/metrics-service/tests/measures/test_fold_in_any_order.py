"""Facts are the same whatever the order and repetition of what is told, and equal a recount from the versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.domain.london_days import day_at
from metrics_service.domain.measures.reading import Reading
from metrics_service.domain.measures.span import Span
from metrics_service.facts.fold import fold
from metrics_service.measures.area import Area
from metrics_service.measures.evaluation import figures
from tandem.clock import to_micros
from tandem.identity.organisations import NETWORK

START = datetime(2020, 4, 1, 12, tzinfo=UTC)
FIRST = day_at(START)
PRACTICES = ("A81001", "A81002")
NETWORK_AREA = Area("U1", NETWORK, PRACTICES, ("U1", *PRACTICES))
HOME = {"P1": "A81001", "P2": "A81001", "P3": "A81002", "P4": "A81002"}


@dataclass(frozen=True)
class Version:
    """A version of a record as a plain reference keeps it."""

    source: str
    number: int
    patient: str
    hour: int
    days: tuple[int, ...]
    deleted: bool


@st.composite
def histories(draw: st.DrawFn) -> list[Version]:
    found = []
    for record in range(draw(st.integers(1, 4))):
        patient = draw(st.sampled_from(sorted(HOME)))
        hours = sorted(draw(st.lists(st.integers(0, 900), min_size=1, max_size=4, unique=True)))
        for number, hour in enumerate(hours, 1):
            days = tuple(draw(st.lists(st.integers(0, 30), max_size=2)))
            deleted = number > 1 and draw(st.booleans())
            found.append(Version(f"Encounter/{record}", number, patient, hour, () if deleted else days, deleted))
    return found


def told(version: Version) -> Told:
    facts = tuple(Fact("probe", FIRST + day, category="seen") for day in version.days)
    at = START + timedelta(hours=version.hour)
    return Told(version.source, version.number, at, version.patient, facts, version.deleted)


def recount(versions: Sequence[Version], first: int, last: int, hour: int) -> tuple[int, int]:
    """People and things in the days, by the newest version of each record that was written by that hour."""
    newest: dict[str, Version] = {}
    for each in sorted(versions, key=lambda version: version.number):
        if each.hour <= hour:
            newest[each.source] = each
    counted = [(each.patient, day) for each in newest.values() for day in each.days if first <= day <= last]
    return len({patient for patient, _ in counted}), len(counted)


def definition(count: str) -> Any:
    return Reading(
        {
            "id": "probe", "version": "1", "title": "Probe", "description": "Probe", "service": "PCN",
            "source": "none", "requirements": ["PCN-000"], "responsible": "network", "unit": count,
            "numerator": {"fact": "probe", "count": count},
        }
    ).definition()  # fmt: skip


async def people(metrics: Any) -> None:
    for patient, practice in HOME.items():
        await metrics.execute(
            "INSERT INTO told_person (patient, version, practice, starts, ends, known_from, known_until)"
            " VALUES ($1, 1, $2, 0, 4000000, 0, 4611686018427387904)",
            patient, practice,
        )  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
async def test_any_order_and_repetition_gives_the_recount(metrics: Any, seed: int) -> None:
    await people(metrics)

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def examples(data: st.DataObject) -> None:
        versions = data.draw(histories())
        batches = data.draw(
            st.lists(st.lists(st.sampled_from(versions), min_size=1, max_size=5), max_size=4).map(
                lambda drawn: [*drawn, *([each] for each in versions)]
            )
        )
        order = data.draw(st.permutations(batches))
        hour = data.draw(st.integers(0, 1000))
        first = data.draw(st.integers(0, 30))
        last = data.draw(st.integers(first, 30))
        collected.append((versions, order, hour, first, last))

    collected: list[tuple[list[Version], list[list[Version]], int, int, int]] = []
    examples()
    for versions, order, hour, first, last in collected[seed * 8 : seed * 8 + 8]:
        await metrics.execute("DELETE FROM told_fact")
        await metrics.execute("DELETE FROM told_version")
        for batch in order:
            async with metrics.database.transaction() as connection:
                await fold(connection, map(told, batch))
        known = to_micros(START + timedelta(hours=hour))
        for moment, expected in (
            (None, recount(versions, first, last, 10_000)),
            (known, recount(versions, first, last, hour)),
        ):
            span = Span(FIRST + first, FIRST + last, moment)
            async with metrics.database.read() as connection:
                counted = await figures(connection, [definition("people"), definition("things")], NETWORK_AREA, span)
            assert (counted[0].whole.numerator, counted[1].whole.numerator) == expected
