"""What somebody who cares for none of the people is shown of a table of figures: practices, strata or months.

The rule of NHS England's hospital statistics (`tandem.small_numbers`), and secondary suppression on top, as the
Government Statistical Service's guidance on tables of health statistics asks for:

1. a cell in which one to seven people are counted, or are left over, is hidden;
2. one hidden cell alone could be had from the total less the others, so the smallest other cell is hidden with it;
3. what is shown, totals included, is rounded to the nearest five.

Nothing, 0, is shown: it tells that nobody is counted, and so nothing about anybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from metrics_service.domain.measures.figure import Part
from metrics_service.domain.small_numbers import Count, disclosed
from tandem.small_numbers import LARGEST_SMALL, disclosed_number


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: its size (people), and every number in it that must not be small."""

    size: int
    numbers: tuple[int, ...]


def is_small(number: int) -> bool:
    """Whether a number of people is too small to be shown."""
    return 0 < number <= LARGEST_SMALL


def hidden(cells: Sequence[Cell]) -> list[bool]:
    """Which cells of a table with a total are not shown."""
    small = [any(map(is_small, cell.numbers)) for cell in cells]
    if sum(small) != 1:
        return small
    others = [(cell.size, place) for place, cell in enumerate(cells) if not small[place] and cell.size > 0]
    if others:
        small[min(others)[1]] = True
    return small


def shown_part(part: Part, *, share: bool) -> Part | None:
    """One figure by itself; None when it is hidden. Of a `share`, those not counted must not be few either."""
    return None if any(map(is_small, _numbers(part, share=share))) else _rounded(part)


def shown_parts(parts: Mapping[str, Part], *, share: bool) -> dict[str, Part | None]:
    """The figures of a table whose total is shown too, each as it is shown; None for what is hidden.

    Of two of one size the first by name is hidden, so that every page that shows the table hides the same.
    """
    names = sorted(parts, key=str)
    away = hidden([Cell(_size(parts[name]), _numbers(parts[name], share=share)) for name in names])
    gone = dict(zip(names, away, strict=True))
    return {name: None if gone[name] else _rounded(part) for name, part in parts.items()}


def _size(part: Part) -> int:
    return round(part.denominator if part.denominator is not None else max(part.people, part.numerator))


def _numbers(part: Part, *, share: bool) -> tuple[int, ...]:
    counted = (part.people, round(part.numerator))
    if part.denominator is None:
        return counted
    below = round(part.denominator)
    return (*counted, below, below - round(part.numerator)) if share else (*counted, below)


def _rounded(part: Part) -> Part | None:
    """The part with its numbers rounded."""
    counted = disclosed(Count(round(part.numerator), part.people))
    if counted is None:
        return None
    below = None if part.denominator is None else float(disclosed_number(round(part.denominator)) or 0)
    return Part(float(counted.count), below, counted.people)
