"""A figure of an indicator as a report shows it, and as it is kept when the report is submitted."""

from __future__ import annotations

from dataclasses import dataclass
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


def disclosed(figure: ReportFigure) -> ReportFigure:
    """As somebody sees it who cares for none of the people: small numbers hidden, others rounded."""
    if figure.people is None or not figure.known:
        return figure
    numerator = disclosed_number(round(figure.numerator or 0))
    denominator = disclosed_number(round(figure.denominator)) if figure.denominator is not None else None
    small = numerator is None or disclosed_number(figure.people) is None
    if small or (figure.denominator is not None and denominator is None):
        return ReportFigure(
            figure.measure, figure.version, figure.first, figure.last, None, None, None, figure.unit, None,
            figure.dates, masked=True,
        )  # fmt: skip
    if figure.denominator is None:
        value: float | None = float(numerator) if numerator is not None else None
    else:
        value = figure.value if not denominator else _scaled(figure, numerator, denominator)
    return ReportFigure(
        figure.measure, figure.version, figure.first, figure.last, numerator, denominator, value, figure.unit,
        disclosed_number(figure.people), figure.dates,
    )  # fmt: skip


def _scaled(figure: ReportFigure, numerator: int | None, denominator: int) -> float | None:
    """The value again, from the rounded numbers: the exact one would give them away."""
    if not figure.numerator or not figure.denominator or figure.value is None or numerator is None:
        return 0.0
    scale = figure.value / (figure.numerator / figure.denominator)
    return round(scale * numerator / denominator, 1)


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
