"""The Investment and Impact Fund: points for achievement, and what they come to (PCN-071, PCN-108).

The national rules of a year say for each element which value earns nothing and which earns all its points, and what a
point is worth. Funding is pre-identified and capped, "with the exception of prescribing costs" (004 §31).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from metrics_service.domain.network_funding.entitlements import listed
from metrics_service.domain.payments.money import PENNY

_HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Element:
    """An element of the fund (004 §30). One that is not `capped` earns for more than full achievement too."""

    name: str
    title: str
    capped: bool
    source: str


@dataclass(frozen=True, slots=True)
class ElementRule:
    """`nothing` is the value that earns no points, `full` the one that earns all; they may rise or fall."""

    element: str
    points: Decimal
    nothing: Decimal
    full: Decimal
    measure: str | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """The national rules of a financial year; `point_value` in pounds."""

    year: str
    version: int
    point_value: Decimal
    elements: tuple[ElementRule, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Earned:
    """What a value earned, with how it was worked out."""

    element: Element
    rule: ElementRule
    value: Decimal
    share: Decimal
    points: Decimal
    amount: Decimal
    capped: bool

    @property
    def calculation(self) -> str:
        """The calculation in words."""
        rule = self.rule
        said = (
            f"({self.value} - {rule.nothing}) / ({rule.full} - {rule.nothing}) = {self.share} of {rule.points} points"
            f" = {self.points} points"
        )
        if self.capped:
            said += f", held at its cap of {rule.points} points"
        return f"{said}, £{self.amount}"


def elements() -> list[Element]:
    """The five elements."""
    return [Element(each["name"], each["title"], each["capped"], each["source"]) for each in listed("impact-elements")]


def earned(rules: Rules, element: str, value: Decimal) -> Earned | None:
    """What a value of an element earns; None for an element without a rule."""
    rule = next((each for each in rules.elements if each.element == element), None)
    found = next((each for each in elements() if each.name == element), None)
    if rule is None or found is None:
        return None
    exact = max(Decimal(0), (value - rule.nothing) / (rule.full - rule.nothing))
    points = rule.points * exact
    capped = found.capped and points > rule.points
    points = min(points, rule.points) if found.capped else points
    return Earned(
        found, rule, value, exact.quantize(_HUNDREDTH, ROUND_HALF_UP), points.quantize(_HUNDREDTH, ROUND_HALF_UP),
        (points * rules.point_value).quantize(PENNY, ROUND_HALF_UP), capped,
    )  # fmt: skip


def faults_of_rules(rules: Sequence[ElementRule]) -> list[str]:
    """Why rules cannot be published."""
    names = {each.name for each in elements()}
    found = [f"{each.element[:64]} is no element; there are {', '.join(sorted(names))} (004 §30)"
             for each in rules if each.element not in names]  # fmt: skip
    found += [f"{each.element}: the values that earn nothing and all are not the same"
              for each in rules if each.nothing == each.full]  # fmt: skip
    if len({each.element for each in rules}) < len(rules):
        found.append("An element has one rule")
    return found
