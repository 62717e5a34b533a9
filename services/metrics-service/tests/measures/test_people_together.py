"""What is asked about everybody is counted by one reading of the people: with the same figures as one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.domain.measures.figure import Figure
from metrics_service.domain.measures.span import Span
from metrics_service.facts.fold import fold
from metrics_service.measures.area import Area
from metrics_service.measures.evaluation import figures
from metrics_service.measures.people_together import asked_of_people, put_together
from metrics_service.measures.shipped import definitions
from tandem.identity.organisations import NETWORK

YEAR = (date(2020, 4, 1).toordinal(), date(2021, 3, 31).toordinal())
MOVED = date(2020, 9, 1).toordinal()
FOREVER = 2**62
AREA = Area("U1", NETWORK, ("A81001", "A81002"), ("U1", "A81001", "A81002"))
FACTS = (
    Fact("list-stay", YEAR[0] + 5, category="care-home-residents"),
    Fact("list-stay", YEAR[0] - 5, YEAR[0] + 50, category="anticipatory-care"),
    Fact("list-stay", YEAR[0] + 5, category="anticipatory-care"),
    Fact("list-stay", YEAR[0] + 5, category="case-register"),
    Fact("plan", YEAR[0] + 30, status="active"),
    Fact("assessment", YEAR[0] + 40, category="falls"),
    Fact("assessment", YEAR[0] + 40, category="delirium"),
    Fact("named-professional", YEAR[0] + 10),
    Fact("register-review", YEAR[0] + 20, status="complete"),
    Fact("consent", YEAR[0] + 10, status="permit", category="enriched-summary"),
)


async def test_counted_together_and_one_by_one_is_the_same(metrics: Any) -> None:
    for number in range(60):
        await _person(metrics, f"p{number}", number)
    now, then = Span(*YEAR), Span(*YEAR, FOREVER - 1)
    wanted = [each for each in definitions().values() if list(asked_of_people(each)) and each.baseline is None]
    async with metrics.database.read() as connection:
        together = await figures(connection, wanted, AREA, now, strata=False)
        # As it was known at the end of time: asked one by one.
        alone = [(await figures(connection, [each], AREA, then))[0] for each in wanted]
    assert [_counted(each) for each in together] == [_counted(each) for each in alone]
    assert sum(1 for each in together if each.whole.numerator) > 5, "there is something to count"


def test_questions_of_one_day_are_one_statement() -> None:
    asked = [each for definition in definitions().values() for each in asked_of_people(definition)]
    assert list(put_together(asked[:1])) == [], "one alone is asked by itself"
    days = [{each[0].when == "at-start" for each in these} for these in put_together(asked)]
    assert days
    assert all(len(each) == 1 for each in days)
    together = {each for these in put_together(asked) for each in these}
    assert len(set(asked) - together) < len(days), "all but one that may be left over of each day"


async def _person(metrics: Any, patient: str, number: int) -> None:
    """Every third moves in mid-period, every seventh dies in it, every eleventh before it; facts by their number."""
    practices = ("A81001", "A81002")
    spans = [(0, MOVED, practices[0]), (MOVED, 4_000_000, practices[1])] if number % 3 == 0 else [
        (0, 4_000_000, practices[number % 2])
    ]  # fmt: skip
    died = YEAR[0] + 100 if number % 7 == 0 else YEAR[0] - 100 if number % 11 == 0 else None
    for version, (starts, ends, practice) in enumerate(spans, 1):
        last = version == len(spans)
        await metrics.execute(
            "INSERT INTO told_person (patient, version, practice, born, died, sex, starts, ends, known_from,"
            " known_until) VALUES ($1, $2, $3, $4, $5, 'female', $6, $7, 0, $8)",
            patient, version, practice, date(1930 + number, 1, 1).toordinal(), died if last else None, starts, ends,
            FOREVER if last else 1,
        )  # fmt: skip
    written = datetime(2020, 4, 2, tzinfo=UTC)
    told = [
        Told(f"Record/{patient}-{place}", 1, written, patient, (fact,))
        for place, fact in enumerate(FACTS) if (number + place) % (place % 4 + 1) == 0
    ]  # fmt: skip
    async with metrics.database.transaction() as connection:
        await fold(connection, told)


def _counted(figure: Figure) -> tuple[Any, ...]:
    return (
        figure.definition.id, figure.whole, figure.by_practice, figure.others, figure.excluded, figure.included,
    )  # fmt: skip
