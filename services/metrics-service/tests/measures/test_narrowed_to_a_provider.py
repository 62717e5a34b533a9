"""Figures narrowed to a provider: what it answers for, and nobody of whom nothing says so."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.domain.measures.span import Span
from metrics_service.facts.fold import fold
from metrics_service.measures.area import Area
from metrics_service.measures.evaluation import figures
from metrics_service.measures.narrowed import Narrowed
from metrics_service.measures.shipped import definitions
from tandem.identity.organisations import PRACTICE

YEAR = Span(date(2020, 4, 1).toordinal(), date(2021, 3, 31).toordinal())
CLOCKS = (("RX1", "met"), ("RX1", "late"), ("RX2", "met"))


async def test_its_clocks_count_and_those_of_others_do_not(metrics: Any) -> None:
    await metrics.execute(
        "INSERT INTO told_person (patient, version, practice, starts, ends, known_from, known_until)"
        " VALUES ('p1', 1, 'A81001', 0, 4000000, 0, $1)", 2**62,
    )  # fmt: skip
    told = [
        Told(f"Task/{number}", 1, datetime(2020, 4, 2, tzinfo=UTC), "p1",
             (Fact("clock", YEAR.first + 5, category="two-hour-response", status=status, organisation=provider),))
        for number, (provider, status) in enumerate(CLOCKS)
    ]  # fmt: skip
    async with metrics.database.transaction() as connection:
        await fold(connection, told)
    wanted = [definitions()[name] for name in ("crisis-response-within-two-hours", "people-aged-75-and-over")]
    found = {}
    for provider in (None, "RX1", "RX2"):
        area = Area("A81001", PRACTICE, ("A81001",), ("A81001",), Narrowed(provider=provider))
        async with metrics.database.read() as connection:
            response, people = await figures(connection, wanted, area, YEAR)
        found[provider] = (response.whole.numerator, response.whole.denominator, people.whole.denominator)
    assert found == {None: (2, 3, 1), "RX1": (1, 2, 0), "RX2": (1, 1, 0)}
