"""From figures to what a page shows of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from metrics_service.dashboard.numbers import HIDDEN, counted, in_unit, plain
from metrics_service.dashboard.page import Band, Shown
from metrics_service.domain.comparison import Place
from metrics_service.domain.measures.definition import PER, Definition, Target
from metrics_service.domain.measures.figure import Part, value_of
from metrics_service.domain.suppression import shown_part, shown_parts

PLACES: Final[Mapping[Place, str]] = {
    "within": "within the limits of chance",
    "high": "above the 95% limit", "far-high": "above the 99.8% limit",
    "low": "below the 95% limit", "far-low": "below the 99.8% limit",
}  # fmt: skip
_POINTS: Final = {"percent": "percentage points"}


def shown(definition: Definition, part: Part | None, *, known: bool = True) -> Shown:
    """A part as it may be seen; None is one that is hidden. Not `known`: there is nothing to divide by yet."""
    if part is None:
        return Shown(HIDDEN, "fewer than 8 people, or the only other figure beside such a one", hidden=True)
    value = value_of(definition, part) if known else None
    divided = definition.unit in PER
    return Shown(
        in_unit(value, definition.unit), counted(part.numerator, part.denominator) if divided else "", value,
        part.denominator,
    )  # fmt: skip


def seen(definition: Definition, part: Part, *, exact: bool) -> Part | None:
    """One part by itself, for those who see every number (`exact`) and for all others."""
    return part if exact or not definition.suppressed else shown_part(part, share=definition.is_share)


def seen_together(definition: Definition, parts: Mapping[str, Part], *, exact: bool) -> dict[str, Part | None]:
    """The parts of a table."""
    if exact or not definition.suppressed:
        return dict(parts)
    return shown_parts(parts, share=definition.is_share)


def seen_within(
    definition: Definition, parts: Mapping[str, Part], *, exact: bool, total_hidden: bool
) -> dict[str, Part | None]:
    """The parts of a table whose total is hidden or not: of a hidden one they would give it away."""
    return dict.fromkeys(parts) if total_hidden else seen_together(definition, parts, exact=exact)


def band(definition: Definition, target: Target | None, value: float | None) -> Band | None:
    """The target of the year beside a figure."""
    if target is None:
        return None
    low, high = target.minimum, target.maximum
    ends = [in_unit(end, definition.unit) for end in (low, high) if end is not None]
    text = " to ".join(ends) if len(ends) == 2 else f"{'at least' if low is not None else 'at most'} {ends[0]}"
    position = ""
    if value is not None:
        below, above = low is not None and value < low, high is not None and value > high
        position = "below the target" if below else "above the target" if above else "within the target"
    return Band(low, high, f"{text} in {target.year}", position, target.source)


def change(definition: Definition, now: Shown, before: Shown, when: str) -> str:
    """What changed since another figure, in words; empty where one of the two is no figure."""
    if now.number is None or before.number is None:
        return ""
    difference = now.number - before.number
    if abs(difference) < 0.005:
        return f"as on {when}"
    word = "up" if difference > 0 else "down"
    better = {"up": difference > 0, "down": difference < 0}.get(definition.direction)
    judged = "" if better is None else ", better" if better else ", worse"
    unit = _POINTS.get(definition.unit)
    size = f"{plain(abs(difference))} {unit}" if unit else in_unit(abs(difference), definition.unit)
    return f"{word} {size} on {when}{judged}"


def not_due(definition: Definition, day: date) -> str:
    """Why a measure is not asked for on the day; empty when it is."""
    if definition.starts is not None and day < definition.starts:
        return f"Not due before {definition.starts.day} {definition.starts:%B %Y}"
    if definition.ends is not None and day > definition.ends:
        return f"Not asked for after {definition.ends.day} {definition.ends:%B %Y}"
    return ""
