"""A figure beside those of others: what is hidden on the page of one is what their table hides."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from metrics_service.dashboard.beside import Beside, rest_of
from metrics_service.domain.measures.definition import Definition
from metrics_service.domain.measures.figure import Figure, Part
from metrics_service.domain.measures.span import Span
from metrics_service.domain.suppression import shown_parts
from metrics_service.measures.shipped import definitions

SHARE = definitions()["residents-with-a-medication-review"]
RESIDENTS = definitions()["care-home-residents"]
SPAN = Span(1, 2)


def figure(numerator: float, denominator: float | None = 100, definition: Definition = SHARE) -> Figure:
    return Figure(definition, SPAN, Part(numerator, denominator, int(numerator)))


def beside(own: float, **others: float) -> Beside:
    parts = {name: Part(number, 100, int(number)) for name, number in others.items()}
    return Beside(figure(own), "own", "networks of the area", parts, known=True)


@pytest.mark.parametrize("numbers", list(product((0, 3, 20, 40), repeat=3)))
def test_each_page_hides_what_the_table_of_all_hides(numbers: tuple[int, ...]) -> None:
    parts = {str(place): Part(number, 100, number) for place, number in enumerate(numbers)}
    table = shown_parts(parts, share=True)
    for name, part in parts.items():
        others = {other: each for other, each in parts.items() if other != name}
        page = Beside(Figure(SHARE, SPAN, part), name, "others", others, known=True)
        assert page.own_part(exact=False) == table[name]
        assert page.other_parts(exact=False) == {other: table[other] for other in others if table[other] is not None}


def test_who_cares_for_the_people_sees_the_own_number_and_not_those_of_unnamed_peers() -> None:
    each = beside(3, a=4, b=30, c=50)
    assert each.own_part(exact=True) == Part(3, 100, 3)
    assert set(each.other_parts(exact=True)) == {"c"}, "a is small, and b the smallest beside it"
    assert set(replace(each, cared_for=True).other_parts(exact=True)) == {"a", "b", "c"}


def test_quartiles_of_those_that_are_alike_are_of_them_alone() -> None:
    others = {"a": 10, "b": 20, "c": 30, "d": 40, "e": 50, "far": 90, "farther": 92}
    each = replace(beside(35, **others), alike=("a", "b", "c", "d", "e"))
    matched = each.comparison_with_alike(35.0, exact=True)
    assert matched is not None
    assert matched.own == "in the second highest quarter of 5 other networks most like it"
    assert each.comparison(35.0, exact=True)[0].own == "in the second lowest quarter of 7 other networks of the area"
    assert beside(35, **others).comparison_with_alike(35.0, exact=True) is None


def test_whose_list_was_not_told_is_hidden_like_others_and_not_compared_with() -> None:
    each = beside(35, a=10, b=20, c=30, d=40, e=50, f=90)
    without = replace(each, incomparable=frozenset({"f"}), alike=("a", "b", "c", "d", "f"))
    comparison, points = without.comparison(35.0, exact=True)
    assert comparison.own == "in the second highest quarter of 5 other networks of the area"
    assert (100, 90.0) not in points
    assert without.other_parts(exact=True) == each.other_parts(exact=True)
    matched = without.comparison_with_alike(35.0, exact=True)
    assert matched is not None
    assert matched.quartiles is None, "four are too few"


def test_where_most_have_the_same_no_quarter_is_named() -> None:
    each = replace(beside(0, a=0, b=0, c=0, d=0, e=0, f=40), cared_for=True)
    assert each.comparison(0.0, exact=True)[0].own == "the same as most of 6 other networks of the area"


def test_a_number_of_people_is_not_compared_between_homes() -> None:
    each = Beside(figure(12, None, RESIDENTS), "own", "care homes", {"a": Part(3, None, 3)}, cared_for=True, known=True)
    comparison, points = each.comparison(12.0, exact=True)
    assert "says more of the size of a home" in comparison.texts[0]
    assert (comparison.own, points) == ("", ())


def test_the_rest_is_what_belongs_to_none_and_never_less_than_nothing() -> None:
    parts = [Part(10, 20, 10), Part(5, 10, 5)]
    assert rest_of(figure(20, 40), parts) == Part(5, 10, 5)
    assert rest_of(figure(12, 25), parts) == Part(0, 0, 0), "somebody lived in two homes"
    assert rest_of(figure(7, None, definitions()["care-home-experience"]), parts) is None


def test_a_rest_of_few_people_hides_a_home_with_it() -> None:
    """Of 23 people 20 live in the one home: without the three elsewhere its figure would give them away."""
    own = figure(20, None, RESIDENTS)
    homes = Beside(own, "own", "care homes", {"b": Part(0, None, 0)}, rest=Part(3, None, 3))
    assert homes.own_part(exact=False) is None
    assert replace(homes, others={}).own_part(exact=False) is None, "the only home there is"


def test_of_a_hidden_total_no_home_is_shown_but_to_who_cares_for_the_people() -> None:
    each = replace(beside(30, a=40, b=50), cared_for=True, total_hidden=True)
    assert (each.own_part(exact=False), each.other_parts(exact=False)) == (None, {})
    assert each.own_part(exact=True) == Part(30, 100, 30)
    assert set(each.other_parts(exact=True)) == {"a", "b"}
