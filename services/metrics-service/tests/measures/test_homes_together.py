"""The care homes of a network counted together: with the same figures as each home by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from random import Random
from typing import Any

from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.domain.measures.figure import Figure, nothing_of
from metrics_service.domain.measures.span import Span
from metrics_service.facts.fold import fold
from metrics_service.measures.area import Area
from metrics_service.measures.evaluation import figures
from metrics_service.measures.narrowed import Narrowed
from metrics_service.measures.shipped import definitions
from tandem.identity.organisations import NETWORK

YEAR = (date(2020, 4, 1).toordinal(), date(2021, 3, 31).toordinal())
FOREVER = 2**62
PRACTICES = ("A81001", "A81002")
HOMES = ("VH1", "VH2", "VH3", "V'H4", "VH5")
"""Nobody lives in the last."""
AREA = Area("U1", NETWORK, PRACTICES, ("U1", *PRACTICES, *HOMES))
_KINDS = (
    Fact("encounter", 0, category="ambulance"), Fact("encounter", 0, category="emergency-admission"),
    Fact("encounter", 0, category="urgent-care-attendance"), Fact("plan", 0, status="active"),
    Fact("medication-review", 0, status="completed", group="a"), Fact("review-outcome", 0, status="found", group="a"),
    Fact("action", 0, status="completed", category="round-review"), Fact("assessment", 0, category="delirium"),
    Fact("clock", 0, status="met", category="two-hour-response", organisation="RX1"),
    Fact("clock", 0, status="late", category="two-hour-response", organisation="RX1"),
    Fact("clock", 0, status="met", category="two-day-reablement", organisation="RX1"),
    Fact("place-of-death", 0, category="actual", detail="care-home"),
    Fact("place-of-death", 0, category="preferred", detail="care-home"),
    Fact("prescription", 0, category="issue", value=12.0), Fact("referral", 0, category="social-prescribing"),
)  # fmt: skip


async def test_counted_together_and_home_by_home_is_the_same(metrics: Any) -> None:
    await _residents(metrics)
    # Those of care homes, and once all others that could be asked of one: the same statements count them.
    every = [each for each in definitions().values() if each.denominator not in ("list-size", "weighted-list")]
    of_homes = [each for each in every if each.of_one_home]
    month, then = Span(YEAR[0] + 60, YEAR[0] + 89), Span(*YEAR, FOREVER - 1)
    for span, wanted in ((Span(*YEAR), every), (month, of_homes), (then, of_homes)):
        async with metrics.database.read() as connection:
            together = await figures(connection, wanted, _narrowed(homes=HOMES), span)
            alone = {home: await figures(connection, wanted, _narrowed(home=home), span) for home in HOMES}
        for place, figure in enumerate(together):
            by_itself = {home: each[place].whole for home, each in alone.items()}
            assert _of_each(figure) == by_itself, figure.definition.id
    counted = {each.definition.id for each in together if any(part.numerator for part in each.by_practice.values())}
    assert counted == {each.id for each in of_homes}, "there is something to count"


async def test_a_fact_at_the_home_of_somebody_who_lives_there_counts_once(metrics: Any) -> None:
    day = YEAR[0] + 10
    await _person(metrics, "p1", PRACTICES[0])
    facts = (
        Fact("care-home-stay", day - 50, place="VH1"), Fact("care-home-stay", day - 90, place="VH1"),
        Fact("list-stay", day - 50, category="care-home-residents"),
        Fact("encounter", day, category="ambulance", place="VH1"),
        Fact("encounter", day, category="ambulance", place="VH2"),
    )  # fmt: skip
    async with metrics.database.transaction() as connection:
        await fold(connection, [_told("p1", fact) for fact in facts])
    journeys = definitions()["resident-ambulance-journeys"]
    async with metrics.database.read() as connection:
        [figure] = await figures(connection, [journeys], _narrowed(homes=HOMES), Span(*YEAR))
        [alone] = await figures(connection, [journeys], _narrowed(home="VH1"), Span(*YEAR))
    found = {home: (part.numerator, part.denominator) for home, part in _of_each(figure).items()}
    assert found["VH1"] == (2, 1) == (alone.whole.numerator, alone.whole.denominator)
    assert found["VH2"] == (1, 0), "it happened there to somebody who lives elsewhere"


def _narrowed(**narrowed: Any) -> Area:
    return replace(AREA, narrowed=Narrowed(**narrowed))


def _of_each(figure: Figure) -> dict[str, Any]:
    assert set(figure.by_practice) <= set(HOMES)
    return {home: figure.by_practice.get(home, nothing_of(figure.definition)) for home in HOMES}


async def _residents(metrics: Any) -> None:
    """People who live in a home, in two at a time, one after the other, or in none; some move from one practice to the
    other, some die. And what others say of the homes."""
    draw = Random(5)
    told = []

    def tell(patient: str | None, fact: Fact) -> None:
        told.append(_told(patient, fact))

    for number in range(60):
        patient = f"p{number}"
        await _person(metrics, patient, PRACTICES[number % 2], moves=number % 5 == 0, dies=number % 9 == 0)
        home = HOMES[number % 4]
        if number % 6:
            tell(patient, Fact("care-home-stay", YEAR[0] - 50, YEAR[0] + 20 + 40 * (number % 4), place=home))
        if number % 4 == 1:
            tell(patient, Fact("care-home-stay", YEAR[0] + 70, place=HOMES[number % 3]))
        tell(patient, Fact("list-stay", YEAR[0] - 30 + number, category="care-home-residents"))
        for fact in _KINDS:
            for _ in range(draw.randrange(3)):
                happened = draw.choice((None, None, None, *HOMES[:2]))
                day = YEAR[0] + draw.randrange(365)
                tell(patient, replace(fact, first=day, place=happened))
    for number, home in enumerate(HOMES[:4]):
        for detail in ("experience", "quality", "safety"):
            said = Fact("survey-answer", YEAR[0] + 70 + number, category="care-home-experience", detail=detail,
                        value=3.0 + number % 2, organisation=home, place=home)  # fmt: skip
            tell(None, said)
    async with metrics.database.transaction() as connection:
        await fold(connection, told)


async def _person(metrics: Any, patient: str, practice: str, *, moves: bool = False, dies: bool = False) -> None:
    moved = YEAR[0] + 100
    other = PRACTICES[1] if practice == PRACTICES[0] else PRACTICES[0]
    spans = [(0, moved, practice), (moved, 4_000_000, other)] if moves else [(0, 4_000_000, practice)]
    for version, (starts, ends, where) in enumerate(spans, 1):
        last = version == len(spans)
        await metrics.execute(
            "INSERT INTO told_person (patient, version, practice, born, died, sex, starts, ends, known_from,"
            " known_until) VALUES ($1, $2, $3, $4, $5, 'female', $6, $7, 0, $8)",
            patient, version, where, date(1935, 1, 1).toordinal(), YEAR[0] + 200 if dies and last else None, starts,
            ends, FOREVER if last else 1,
        )  # fmt: skip


_SOURCES = count(1)


def _told(patient: str | None, fact: Fact) -> Told:
    return Told(f"Record/{next(_SOURCES)}", 1, datetime(2020, 4, 2, tzinfo=UTC), patient, (fact,))
