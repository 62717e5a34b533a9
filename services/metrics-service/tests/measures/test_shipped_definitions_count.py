"""What shipped definitions count at their edges: who died, what was said last, what was declined."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import pytest

from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.domain.measures.figure import Figure
from metrics_service.domain.measures.span import Span
from metrics_service.facts.fold import fold
from metrics_service.measures.area import Area
from metrics_service.measures.evaluation import figures
from metrics_service.measures.shipped import definitions
from tandem.identity.organisations import PRACTICE

JUNE = Span(date(2020, 6, 1).toordinal(), date(2020, 6, 30).toordinal())
AREA = Area("A81001", PRACTICE, ("A81001",), ("A81001",))
FOREVER = 2**62
HOMES = "care-home-residents"


def day(number: int, month: int = 6) -> int:
    return date(2020, month, number).toordinal()


class Shipped:
    """Facts put in by hand, and shipped measures counted over June 2020."""

    def __init__(self, metrics: Any) -> None:
        self._metrics = metrics
        self._records = count(1)

    async def person(self, patient: str, *facts: Fact, died: int | None = None) -> None:
        """Somebody registered, and what is told of them, each by a record of its own."""
        await self._metrics.execute(
            "INSERT INTO told_person (patient, version, practice, born, died, sex, starts, ends, known_from,"
            " known_until) VALUES ($1, 1, 'A81001', $2, $3, 'female', 0, 4000000, 0, $4)",
            patient, date(1940, 1, 1).toordinal(), died, FOREVER,
        )  # fmt: skip
        written = datetime(2020, 6, 2, tzinfo=UTC)
        told = [Told(f"Record/{next(self._records)}", 1, written, patient, (fact,)) for fact in facts]
        async with self._metrics.database.transaction() as connection:
            await fold(connection, told)

    async def figure(self, measure: str) -> Figure:
        async with self._metrics.database.read() as connection:
            return (await figures(connection, [definitions()[measure]], AREA, JUNE))[0]


@pytest.fixture
async def shipped(metrics: Any) -> Shipped:
    return Shipped(metrics)


@pytest.mark.parametrize(
    ("measure", "fact"),
    [
        ("resident-emergency-admissions", Fact("encounter", day(5), category="emergency-admission")),
        ("resident-urgent-care-attendances", Fact("encounter", day(5), category="urgent-care-attendance")),
        ("resident-ambulance-journeys", Fact("encounter", day(5), category="ambulance")),
        ("residents-with-a-medication-review", Fact("medication-review", day(5), category="initial")),
        ("residents-with-a-delirium-assessment", Fact("assessment", day(5), category="delirium")),
        ("resident-regimes-put-right", Fact("review-outcome", day(5), status="found", category="stopped")),
    ],
)
async def test_who_died_in_the_period_lived_in_the_home_in_it(shipped: Shipped, measure: str, fact: Fact) -> None:
    await shipped.person("1", Fact("list-stay", day(1), last=day(20), category=HOMES), fact, died=day(20))
    await shipped.person("2", Fact("list-stay", day(1), category=HOMES))
    await shipped.person("3", Fact("list-stay", day(1, 4), last=day(1, 5), category=HOMES), fact)
    figure = await shipped.figure(measure)
    assert (figure.whole.numerator, figure.whole.denominator) == (1, 2)


async def test_who_was_identified_and_reviewed_and_died_is_counted(shipped: Shipped) -> None:
    stay = Fact("list-stay", day(1), last=day(20), category="smr-polypharmacy")
    other = Fact("list-stay", day(1), category="smr-multimorbidity")
    await shipped.person("1", stay, other, Fact("medication-review", day(5), category="initial"), died=day(20))
    await shipped.person("2", other)
    figure = await shipped.figure("smr-reviews-per-thousand-identified")
    assert (figure.whole.numerator, figure.whole.denominator) == (1, 2), "on two lists, and one person"


@pytest.mark.parametrize(
    ("said", "permitted", "declined"),
    [
        ((("permit", 1),), 1, 0),
        ((("permit", 1), ("deny", 9)), 0, 1),
        ((("permit", 1), ("withdrawn", 9)), 0, 0),
        ((("deny", 1), ("permit", 9)), 1, 0),
    ],
)
async def test_of_several_consents_the_last_counts(
    shipped: Shipped, said: tuple[tuple[str, int], ...], permitted: int, declined: int
) -> None:
    consents = [Fact("consent", day(when), status=status, category="enriched-summary") for status, when in said]
    await shipped.person("1", Fact("list-stay", day(1, 1), category="case-register"), *consents)
    figure = await shipped.figure("register-summary-consents")
    assert (figure.whole.numerator, figure.others["declined"].numerator) == (permitted, declined)


@pytest.mark.parametrize("measure", ["died-where-they-chose", "residents-dying-where-they-chose"])
@pytest.mark.parametrize(("first", "last", "chosen"), [("hospital", "hospice", 0), ("hospice", "hospital", 1)])
async def test_of_several_wishes_where_to_die_the_last_counts(
    shipped: Shipped, measure: str, first: str, last: str, chosen: int
) -> None:
    wishes = [
        Fact("place-of-death", day(1, month), category="preferred", detail=place)
        for month, place in ((3, first), (5, last))
    ]
    actual = Fact("place-of-death", day(10), category="actual", detail="hospital")
    stay = Fact("list-stay", day(1, 1), last=day(10), category=HOMES)
    await shipped.person("1", stay, *wishes, actual, died=day(10))
    figure = await shipped.figure(measure)
    assert (figure.whole.numerator, figure.whole.denominator) == (chosen, 1)


@pytest.mark.parametrize(("status", "counted"), [("accepted", 1), ("declined", 0), ("considering", 0)])
async def test_a_budget_that_was_not_accepted_is_no_personalised_care(
    shipped: Shipped, status: str, counted: int
) -> None:
    await shipped.person("1", Fact("budget", day(5), status=status))
    figure = await shipped.figure("prevention-and-personalised-care")
    assert (figure.whole.numerator, figure.others["personalised-care"].numerator) == (counted, counted)
