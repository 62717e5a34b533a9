"""Nothing that is hidden can be worked out from totals and from what is shown, even by one who knows the rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics_service.domain.measures.figure import Part
from metrics_service.domain.suppression import Cell, hidden, shown_part, shown_parts
from tandem.small_numbers import disclosed_number

CELLS = st.lists(st.integers(0, 60), min_size=1, max_size=8)


def shown_numbers(numbers: Sequence[int]) -> list[float | None]:
    """A table of numbers of people as it is shown."""
    parts = {str(place): Part(float(number), None, number) for place, number in enumerate(numbers)}
    return [part and part.numerator for part in shown_parts(parts, share=False).values()]


def published(numbers: tuple[int, ...]) -> tuple[object, ...]:
    """All that is shown of a table: its cells and its total."""
    return (*shown_numbers(numbers), disclosed_number(sum(numbers)))


@pytest.mark.parametrize(("cells", "largest"), [(2, 40), (3, 22), (4, 12)])
def test_every_hidden_number_could_have_been_another(cells: int, largest: int) -> None:
    """Every table there can be, put together with those that look the same once published."""
    alike: dict[tuple[object, ...], list[tuple[int, ...]]] = defaultdict(list)
    for numbers in product(range(largest + 1), repeat=cells):
        alike[published(numbers)].append(numbers)
    inner = largest - 8
    for shown, tables in alike.items():
        # Tables at the edge of what was tried have look-alikes that were not.
        if max(max(numbers) for numbers in tables) > inner:
            continue
        for place in range(cells):
            if shown[place] is None:
                assert len({numbers[place] for numbers in tables}) > 1, (shown, tables)


@given(CELLS)
def test_what_is_small_is_hidden_and_never_alone(numbers: list[int]) -> None:
    shown = shown_numbers(numbers)
    gone = [number for number, each in zip(numbers, shown, strict=True) if each is None]
    assert all(each is None for number, each in zip(numbers, shown, strict=True) if 0 < number <= 7)
    if gone:
        others = [each for each in shown if each]
        assert len(gone) > 1 or not others, "alone only where nothing else is counted: then the total is hidden too"
        if len(gone) == 1:
            assert disclosed_number(sum(numbers)) is None


@given(CELLS)
def test_no_more_is_hidden_than_has_to_be(numbers: list[int]) -> None:
    small = sum(0 < number <= 7 for number in numbers)
    gone = sum(each is None for each in shown_numbers(numbers))
    assert gone <= max(small, 2)
    if small == 0:
        assert gone == 0


@given(CELLS)
def test_what_is_shown_is_rounded(numbers: list[int]) -> None:
    assert all(each is None or (each % 5 == 0 and abs(each - number) <= 2)
               for number, each in zip(numbers, shown_numbers(numbers), strict=True))  # fmt: skip


def test_the_smallest_other_cell_goes_with_a_small_one() -> None:
    assert hidden([Cell(3, (3,)), Cell(90, (90,)), Cell(20, (20,)), Cell(0, (0,))]) == [True, False, True, False]


def test_of_a_share_those_who_are_left_over_must_not_be_few() -> None:
    nearly_all = Part(97.0, 100.0, 97)
    assert shown_part(nearly_all, share=True) is None
    assert shown_part(nearly_all, share=False) == Part(95.0, 100.0, 95)
    assert shown_part(Part(100.0, 100.0, 100), share=True) == Part(100.0, 100.0, 100)


def test_many_things_about_few_people_are_hidden() -> None:
    parts = {"a": Part(40.0, None, 3), "b": Part(50.0, None, 30), "c": Part(60.0, None, 40)}
    assert shown_parts(parts, share=False) == {"a": None, "b": None, "c": Part(60.0, None, 40)}
