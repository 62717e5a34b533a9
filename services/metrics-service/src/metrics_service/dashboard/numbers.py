"""Numbers in words that a page shows."""

from __future__ import annotations

from typing import Final

_AFTER: Final = {
    "percent": "%", "per-100": " per 100", "per-1000": " per 1,000", "per-1000-weighted": " per 1,000 weighted",
    "per-100000": " per 100,000", "per-50000": " per 50,000", "per-person": " per person",
    "per-weighted": " per weighted person", "hours": " hours", "minutes": " minutes", "days": " days",
    "people": "", "things": "", "score": "", "ratio": "",
}  # fmt: skip
HIDDEN: Final = "hidden"
NO_FIGURE: Final = "no figure"


def in_unit(value: float | None, unit: str) -> str:
    """Such as 45.2%, 3.1 per 1,000 or £1,200."""
    if value is None:
        return NO_FIGURE
    if unit == "pounds":
        return f"£{value:,.2f}".removesuffix(".00")
    return f"{plain(value)}{_AFTER.get(unit, f' {unit}')}"


def plain(value: float) -> str:
    """With at most two digits after the point, and commas between thousands."""
    text = f"{value:,.2f}" if abs(value) < 10 else f"{value:,.1f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def counted(numerator: float, denominator: float | None) -> str:
    """Such as 45 of 120; without a denominator, 45 counted."""
    return f"{plain(numerator)} counted" if denominator is None else f"{plain(numerator)} of {plain(denominator)}"


def unit_named(unit: str) -> str:
    """The unit by itself."""
    return "£" if unit == "pounds" else _AFTER.get(unit, unit).strip() or unit
