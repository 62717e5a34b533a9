"""A figure of an indicator as a report shows it, and as it is kept when the report is submitted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from tandem.small_numbers import disclosed_number


@dataclass(frozen=True, slots=True)
class ReportFigure:
    """`value` is in `unit`; None for a numerator alone whose denominator is nought. `people` is whom it is about."""

    measure: str
    version: str
    first: str
    last: str
    numerator: float | None
    denominator: float | None
    value: float | None
    unit: str
    people: int | None
    dates: tuple[str, ...] = ()
    masked: bool = False

    @property
    def known(self) -> bool:
        """Whether there is a figure at all."""
        return self.value is not None


_COUNTS = ("people", "things")
"""Units whose value is the number itself; an average or a sum of money is shown when enough people stand behind it."""


def disclosed(figure: ReportFigure) -> ReportFigure:
    """As somebody sees it who cares for none of the people: small numbers hidden, others rounded."""
    if figure.people is None or figure.value is None:
        return figure
    people = disclosed_number(figure.people)
    if figure.denominator is None and figure.unit not in _COUNTS:
        return replace(figure, people=people) if people is not None else _hidden(figure)
    above = disclosed_number(round(figure.numerator or 0))
    below = disclosed_number(round(figure.denominator)) if figure.denominator is not None else None
    if people is None or above is None or (figure.denominator is not None and below is None):
        return _hidden(figure)
    value = float(above) if below is None else _again(figure, above, below)
    return replace(figure, numerator=above, denominator=below, value=value, people=people)


def _hidden(figure: ReportFigure) -> ReportFigure:
    return replace(figure, numerator=None, denominator=None, value=None, people=None, masked=True)


def _again(figure: ReportFigure, above: int, below: int) -> float:
    """The value from the rounded numbers: the exact one would give them away."""
    if not figure.numerator or not figure.denominator or not figure.value or not below:
        return 0.0
    return round(figure.value / (figure.numerator / figure.denominator) * above / below, 1)


def kept(figure: ReportFigure) -> dict[str, Any]:
    """The figure as it is kept with a submitted report."""
    return {
        "measure": figure.measure, "version": figure.version, "first": figure.first, "last": figure.last,
        "numerator": figure.numerator, "denominator": figure.denominator, "value": figure.value, "unit": figure.unit,
        "people": figure.people, "dates": list(figure.dates),
    }  # fmt: skip


def read_figure(held: dict[str, Any]) -> ReportFigure:
    """The figure of what `kept` made."""
    return ReportFigure(**{**held, "dates": tuple(held["dates"])})
