"""What the words of a definition count, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.domain.measures.faults import DefinitionFault
from metrics_service.domain.measures.figure import Figure
from metrics_service.domain.measures.reading import Reading
from metrics_service.domain.measures.span import Span
from metrics_service.facts.fold import fold
from metrics_service.measures.area import Area
from metrics_service.measures.evaluation import figures
from tandem.identity.organisations import NETWORK

APRIL = Span(date(2020, 4, 1).toordinal(), date(2020, 4, 30).toordinal())
AREA = Area("U1", NETWORK, ("A81001", "A81002"), ("U1", "A81001", "A81002"))
FOREVER = 2**62


def day(number: int, month: int = 4) -> int:
    return date(2020, month, number).toordinal()


class Counting:
    """Facts put in by hand, and a measure counted over April 2020."""

    def __init__(self, metrics: Any) -> None:
        self._metrics = metrics
        self._number = 0

    async def person(self, patient: str, practice: str, born: date = date(1940, 1, 1), sex: str = "female") -> None:
        await self._metrics.execute(
            "INSERT INTO told_person (patient, version, practice, born, sex, starts, ends, known_from, known_until)"
            " VALUES ($1, 1, $2, $3, $4, 0, 4000000, 0, $5)",
            patient, practice, born.toordinal(), sex, FOREVER,
        )  # fmt: skip

    async def tell(self, patient: str | None, *facts: Fact, source: str | None = None, number: int = 1) -> None:
        self._number += 1
        told = Told(
            source or f"Record/{self._number}", number, datetime(2020, 4, 2, tzinfo=UTC), patient, facts
        )  # fmt: skip
        async with self._metrics.database.transaction() as connection:
            await fold(connection, [told])

    async def figure(self, span: Span = APRIL, *, strata: bool = False, **words: Any) -> Figure:
        shape = {
            "id": "probe", "version": "1", "title": "Probe", "description": "Probe", "service": "PCN",
            "source": "none", "requirements": ["PCN-000"], "responsible": "network", "unit": "people", **words,
        }  # fmt: skip
        async with self._metrics.database.read() as connection:
            return (await figures(connection, [Reading(shape).definition()], AREA, span, strata=strata))[0]


@pytest.fixture
async def counting(metrics: Any) -> Counting:
    return Counting(metrics)


async def test_a_share_counts_those_above_who_are_below(counting: Counting) -> None:
    for patient in ("1", "2", "3", "4", "5"):
        await counting.person(patient, "A81001" if patient < "3" else "A81002")
    for patient in ("1", "2", "3", "4"):
        await counting.tell(patient, Fact("list-stay", day(1), category="care-home-residents"))
    for patient in ("1", "2", "3", "5"):
        await counting.tell(patient, Fact("plan", day(2), status="active"))
    await counting.tell("4", Fact("plan", day(2), status="revoked"))
    figure = await counting.figure(
        unit="percent",
        numerator={"fact": "plan", "status": "active", "when": "at-end"},
        denominator={
            "fact": "person",
            "when": "at-end",
            "people": [{"on-list": "care-home-residents", "when": "at-end"}],
        },
    )
    assert figure.value == 75
    assert (figure.whole.numerator, figure.whole.denominator) == (3, 4)
    assert {name: part.numerator for name, part in figure.by_practice.items()} == {"A81001": 2, "A81002": 1}


async def test_who_left_before_the_end_is_not_counted_then(counting: Counting) -> None:
    await counting.person("1", "A81001")
    await counting.tell("1", Fact("plan", day(2), last=day(30), status="active"))
    of = {"fact": "plan"}
    assert (await counting.figure(numerator={**of, "when": "at-end"})).value == 0
    assert (await counting.figure(numerator={**of, "when": "during"})).value == 1
    assert (await counting.figure(numerator={**of, "when": "ended"})).value == 1
    assert (await counting.figure(numerator={**of, "when": "before"})).value == 0


async def test_things_people_sums_and_averages(counting: Counting) -> None:
    await counting.person("1", "A81001")
    await counting.tell("1", Fact("score", day(2), value=10), Fact("score", day(3), value=20))
    values = {
        count: (await counting.figure(numerator={"fact": "score", "count": count})).value
        for count in ("people", "things", "sum", "average", "median")
    }
    assert values == {"people": 1, "things": 2, "sum": 30, "average": 15, "median": 15}


async def test_nothing_to_divide_by_is_no_figure(counting: Counting) -> None:
    figure = await counting.figure(
        unit="percent", numerator={"fact": "plan"}, denominator={"fact": "person", "when": "at-end"}
    )
    assert figure.value is None


async def test_rates_over_the_list_at_the_start_of_the_period(counting: Counting) -> None:
    await counting.person("1", "A81001")
    await counting.tell("1", Fact("referral", day(2)))
    measure: dict[str, Any] = {"unit": "per-1000", "numerator": {"fact": "referral"}, "denominator": "list-size"}
    assert (await counting.figure(**measure)).without_list_size == ("A81001", "A81002")
    for practice in ("A81001", "A81002"):
        for first, size in ((day(1, 1), 400), (day(1), 500), (day(15), 9_000)):
            size_told = Fact("list-size", first, category="registered", value=size, organisation=practice)
            await counting.tell(None, size_told, source=f"list-size/{practice}/{first}")
    assert (await counting.figure(**measure)).value == 1


async def test_exclusions_are_taken_out_of_both_and_shown(counting: Counting) -> None:
    for patient in ("1", "2", "3"):
        await counting.person(patient, "A81001")
        await counting.tell(patient, Fact("prescription", day(2)))
    await counting.tell("1", Fact("list-stay", day(1), category="last-12-months-of-life"))
    figure = await counting.figure(
        numerator={"fact": "prescription"}, exclusions=[{"on-list": "last-12-months-of-life"}]
    )
    assert (figure.value, figure.excluded) == (2, 1)
    assert figure.included is not None
    assert figure.included.numerator == 3


async def test_ages_within_and_groups(counting: Counting) -> None:
    await counting.person("1", "A81001", born=date(1955, 4, 30))
    await counting.person("2", "A81001", born=date(1955, 5, 1))
    for patient in ("1", "2"):
        await counting.tell(patient, Fact("referral", day(10), group=None), source=f"ServiceRequest/{patient}")
    await counting.tell("1", Fact("safety-net", day(12), group="ServiceRequest/1"))
    aged = await counting.figure(numerator={"fact": "referral", "people": [{"age": {"from": 65}}]})
    assert aged.value == 1
    younger = await counting.figure(numerator={"fact": "referral", "people": [{"age": {"to": 64}}]})
    assert younger.value == 1
    netted = {"has": {"fact": "safety-net"}, "same-group": True}
    assert (await counting.figure(numerator={"fact": "referral", "people": [netted]})).value == 1
    soon = {"has": {"fact": "safety-net"}, "within": {"after": 1}}
    assert (await counting.figure(numerator={"fact": "referral", "people": [soon]})).value == 0
    lacking = {"lacks": {"fact": "safety-net"}}
    assert (await counting.figure(numerator={"fact": "referral", "people": [lacking]})).value == 1


async def test_strata_add_up_to_the_whole(counting: Counting) -> None:
    for number, (born, sex) in enumerate(
        ((date(1930, 1, 1), "female"), (date(1950, 1, 1), "male"), (date(2000, 1, 1), "male"))
    ):
        await counting.person(str(number), "A81001", born=born, sex=sex)
        await counting.tell(str(number), Fact("referral", day(2), category="falls" if number else "carers"))
    figure = await counting.figure(strata=True, numerator={"fact": "referral"}, stratifiers=["age", "sex", "category"])
    shown = {name: {value: part.numerator for value, part in strata.items()} for name, strata in figure.strata.items()}
    assert shown == {
        "age": {"85+": 1, "65-74": 1, "18-39": 1},
        "sex": {"female": 1, "male": 2},
        "category": {"carers": 1, "falls": 2},
    }


async def test_what_a_network_did_without_a_person_is_its_own(counting: Counting) -> None:
    await counting.tell(None, Fact("home-round", day(2), value=90, organisation="U1"))
    await counting.tell(None, Fact("home-round", day(2), value=45, organisation="U9"))
    assert (await counting.figure(unit="minutes", numerator={"fact": "home-round", "count": "sum"})).value == 90


async def test_an_undated_record_is_of_the_day_of_its_first_version(counting: Counting) -> None:
    await counting.person("1", "A81001")
    await counting.tell("1", Fact("plan", None), source="CarePlan/1", number=2)
    assert (await counting.figure(numerator={"fact": "plan"})).value == 1


async def test_of_several_answers_the_newest_by_the_end_of_the_period_counts(counting: Counting) -> None:
    await counting.person("1", "A81001")
    await counting.tell("1", Fact("consent", day(10), status="permit"))
    await counting.tell("1", Fact("consent", day(10, 5), status="deny"))
    denied: dict[str, Any] = {"fact": "consent", "status": "deny", "when": "ever"}
    newest = {"lacks": denied, "within": {"after": 3650}}
    permitted = {"fact": "consent", "status": "permit", "when": "at-end", "people": [newest]}
    people = {"fact": "person", "when": "at-end", "people": [{"has": permitted}]}
    may = Span(date(2020, 5, 1).toordinal(), date(2020, 5, 31).toordinal())
    assert (await counting.figure(numerator=people)).value == 1, "it was denied only in May"
    assert (await counting.figure(may, numerator=people)).value == 0


async def test_whenever_a_thing_was_the_person_is_asked_about_on_its_day(counting: Counting) -> None:
    await counting.person("1", "A81001")
    await counting.tell("1", Fact("encounter", day(1, 1)), Fact("encounter", day(1, 3)))
    await counting.tell("1", Fact("list-stay", day(1, 2), category="anticipatory-care"))
    listed: dict[str, Any] = {"fact": "list-stay", "category": "anticipatory-care", "when": "ever"}
    things: dict[str, Any] = {"count": "things", "fact": "encounter", "when": "ever"}
    before = {**things, "people": [{"has": listed, "within": {"after": 60}}]}
    assert (await counting.figure(numerator=before)).value == 1
    on_list = {**things, "people": [{"on-list": "anticipatory-care"}]}
    assert (await counting.figure(numerator=on_list)).value == 1, "the later one"


async def test_groups_are_lists_that_a_definition_names_once(counting: Counting) -> None:
    for patient, cohort in (("1", "frailty-severe"), ("2", "multimorbidity")):
        await counting.person(patient, "A81001")
        await counting.tell(patient, Fact("list-stay", day(1), category=cohort))
    people = {"fact": "person", "when": "at-end", "people": [{"on-list": "$groups", "when": "at-end"}]}
    assert (await counting.figure(numerator=people, groups=["frailty-severe"])).value == 1
    assert (await counting.figure(numerator=people, groups=["frailty-severe", "multimorbidity"])).value == 2
    with pytest.raises(DefinitionFault):
        await counting.figure(numerator=people)


@pytest.mark.parametrize("count", ["average", "median", "interval"])
async def test_an_average_of_nothing_is_no_figure(counting: Counting, count: str) -> None:
    figure = await counting.figure(unit="score", numerator={"fact": "score", "count": count})
    assert figure.value is None


async def test_nothing_recorded_has_the_codes_that_are_left_out(counting: Counting) -> None:
    await counting.person("1", "A81001")
    antibiotic = "https://www.nhsbsa.nhs.uk/bnf|0501013B0AAABAB"
    await counting.tell("1", Fact("prescription", day(5), category="issue", codings=(antibiotic,)))
    counted = {"fact": "prescription", "not-codes": ["high-carbon-inhaler"]}
    assert (await counting.figure(numerator=counted)).whole.numerator == 1
    only = {"fact": "prescription", "codes": ["high-carbon-inhaler"]}
    assert (await counting.figure(numerator=only)).whole.numerator == 0
