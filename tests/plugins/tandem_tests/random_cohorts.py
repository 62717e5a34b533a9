"""Random definitions over random people, for properties of the selection (hypothesis strategies).

Few codes, few people and few spans, and most days beside the edges of these, so that criteria meet and differ often.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from hypothesis import strategies as st

from cohort_service.domain.definition_language.days import back
from cohort_service.domain.definition_language.nodes import (
    Age,
    All,
    AnyOf,
    AtLeast,
    Because,
    Bounds,
    Categories,
    CohortDefinition,
    Criterion,
    InCohort,
    LastSaid,
    Latest,
    Medicine,
    Medicines,
    Not,
    Parameter,
    Recorded,
    Sex,
    Span,
    Together,
)
from cohort_service.selection.selection import Selection, Variant
from tandem.london_days import day_number
from tandem_tests.reference_selection import UNKNOWN, Row, Somebody

CONCEPTS = tuple(range(1, 6))
SUBSTANCES = {1: 1, 2: 1, 3: 3, 4: 4, 5: 4}
RECORDS = tuple(range(1, 4))
VALUE_SETS = ("one", "two", "three", "none")
PRACTICES = ("A81001", "A81002", "it's $1")
VALUES = (1.0, 2.5, 58.0)
CROWD = 40
SPANS = (Span(10, "days"), Span(4, "weeks"), Span(3, "months"), Span(6, "months"), Span(1, "years"))

_AS_OF = st.sampled_from((date(2020, 7, 1), date(2020, 2, 29), date(2021, 2, 28), date(2020, 3, 31), date(2021, 3, 1)))


@dataclass(frozen=True)
class Example:
    """One selection over one population on one day."""

    selection: Selection
    people: list[Somebody]
    as_of: date


_NAMES = st.lists(st.sampled_from(VALUE_SETS), min_size=1, max_size=2, unique=True).map(tuple)
_VALUES = st.sampled_from(VALUES)
_BOUNDS = st.one_of(
    st.builds(Bounds, from_=_VALUES), st.builds(Bounds, above=_VALUES), st.builds(Bounds, up_to=_VALUES),
    st.builds(Bounds, under=_VALUES), st.builds(Bounds, from_=st.just(1.0), under=st.just(58.0)),
)  # fmt: skip
_SPANS = st.sampled_from(SPANS)
_MAYBE_SPAN = st.none() | _SPANS
_FEW = st.sampled_from((1, 2, 2, Parameter("few")))
_MAYBE_BOUNDS = st.none() | _BOUNDS
_RECORDED = st.one_of(
    st.builds(Recorded, _NAMES, times=_FEW, ever=st.booleans(), value=_MAYBE_BOUNDS),
    st.builds(Recorded, _NAMES, times=_FEW, within=_MAYBE_SPAN, older_than=_MAYBE_SPAN, value=_MAYBE_BOUNDS),
)


@st.composite
def _last_said(draw: st.DrawFn) -> LastSaid:
    among = draw(st.lists(st.sampled_from(VALUE_SETS), min_size=1, max_size=3, unique=True))
    return LastSaid(tuple(among), tuple(among[: draw(st.integers(1, len(among)))]), draw(_MAYBE_SPAN))


_LEAVES: st.SearchStrategy[Criterion] = st.one_of(
    _RECORDED,
    st.builds(Latest, _NAMES, _BOUNDS, _MAYBE_SPAN),
    _last_said(),
    st.builds(Medicine, _NAMES, within=_MAYBE_SPAN, started_before=_MAYBE_SPAN),
    st.builds(Medicine, _NAMES, between=st.just((SPANS[3], SPANS[1])), started_before=_MAYBE_SPAN),
    st.builds(Medicines, _FEW, st.just(()) | _NAMES, st.just(()) | _NAMES, _MAYBE_SPAN),
    st.builds(Together, _NAMES, _NAMES, st.integers(0, 28), _SPANS),
    st.builds(Age, from_=st.sampled_from((0, 18, 65)) | st.just(Parameter("old"))),
    st.builds(Age, from_=st.none() | st.just(18), under=st.sampled_from((19, 65))),
    st.builds(Sex, st.sampled_from(("female", "male"))),
    st.builds(Categories, st.sampled_from(("all", "empty")), st.integers(0, 2), st.none() | st.just(2)),
)


def _grown(inner: st.SearchStrategy[Criterion]) -> st.SearchStrategy[Criterion]:
    some = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        st.builds(All, some), st.builds(AnyOf, some), st.builds(Not, inner),
        st.builds(AtLeast, st.integers(1, 2), st.lists(inner, min_size=2, max_size=4).map(tuple)),
        st.builds(Categories, st.just("all"), st.integers(0, 3), st.none() | st.just(3), some),
    )  # fmt: skip


_CRITERIA: st.SearchStrategy[Criterion] = _LEAVES | st.recursive(_LEAVES, _grown, max_leaves=4)
_REASONS = st.lists(st.builds(Because, st.just("why"), _CRITERIA, st.integers(1, 3)), max_size=2).map(tuple)


@st.composite
def _definition(draw: st.DrawFn, place: int, cohort: str | None = None) -> CohortDefinition:
    members = draw(_CRITERIA)
    if place and draw(st.booleans()):
        other = InCohort(f"cohort-{draw(st.integers(0, place - 1))}")
        mixed: list[Criterion] = [All((members, other)), All((members, Not(other))), AnyOf((other, members))]
        members = draw(st.sampled_from(mixed))
    whenever = (None, None)
    applies = draw(st.sampled_from((*[whenever] * 6, (date(2020, 4, 1), None), (None, date(2020, 3, 31)))))
    return CohortDefinition(
        id=cohort or f"cohort-{place}", version="1", title="", description="", service="AC", source="",
        status=draw(st.sampled_from(("mandatory", "local", "local", "optional"))), members=members,
        applies_from=applies[0], applies_until=applies[1], parameters={"few": draw(st.integers(1, 3)), "old": 65},
        exclude=draw(_REASONS), rank=draw(_REASONS), since=draw(st.just(()) | _NAMES),
    )  # fmt: skip


@st.composite
def _selection(draw: st.DrawFn) -> Selection:
    definitions = [draw(_definition(place)) for place in range(draw(st.integers(2, 6)))]
    some = st.sets(st.sampled_from(CONCEPTS), min_size=1, max_size=3)
    value_sets = {name: tuple(draw(some)) for name in VALUE_SETS[:3]}
    practices = st.lists(st.sampled_from(PRACTICES), max_size=2, unique=True).map(tuple)
    variants = tuple(
        Variant(f"cohort-{place}", draw(_definition(place, f"cohort-{place}")), draw(practices))
        for place in draw(st.lists(st.integers(0, len(definitions) - 1), max_size=1))
    )
    return Selection(
        {definition.id: definition for definition in definitions}, {**value_sets, "none": ()},
        {"all": VALUE_SETS, "empty": ()}, variants, {"cohort-0": draw(practices), "cohort-1": draw(practices)},
    )  # fmt: skip


def _rows(random: Random, as_of: date, with_values: bool) -> tuple[Row, ...]:
    edges = [day_number(as_of), *(day_number(back(as_of, span)) for span in SPANS)]
    days = [edge + by for edge in edges for by in (-1, 0, 0, 1)]
    found = []
    for _ in range(random.randint(0, 6)):
        starts = random.choice([*days, UNKNOWN])
        ends = random.choice([None, starts + random.choice((0, 1, 10, 28, 60, 200)), max(starts, random.choice(days))])
        value = random.choice((None, *VALUES)) if with_values else None
        product = None if with_values else random.choice((None, *CONCEPTS))
        found.append(Row(random.choice(CONCEPTS), starts, ends, random.choice(RECORDS), value, product))
    return tuple(found)


def _somebody(random: Random, number: int, as_of: date) -> Somebody:
    today = day_number(as_of)
    births = [_years_before(as_of, years) + by for years in (18, 19, 65) for by in (-1, 0, 1)]
    died, left = (random.choice((*[None] * 12, today - 1, today, today + 1)) for _ in range(2))
    return Somebody(
        number, random.choice((None, *births, today + 3)), random.choice((None, "female", "male")), died, left,
        random.choice((None, *PRACTICES)), _rows(random, as_of, True), _rows(random, as_of, False),
    )  # fmt: skip


def _years_before(day: date, years: int) -> int:
    earlier = day - timedelta(days=1) if (day.month, day.day) == (2, 29) else day
    return day_number(earlier.replace(year=day.year - years))


@st.composite
def examples(draw: st.DrawFn) -> Example:
    """A few definitions, which shrink, over a crowd of people, which is drawn from a seed and does not."""
    as_of, random = draw(_AS_OF), Random(draw(st.integers(0, 10_000)))
    people = [_somebody(random, number, as_of) for number in range(1, CROWD + 1)]
    return Example(draw(_selection()), people, as_of)
