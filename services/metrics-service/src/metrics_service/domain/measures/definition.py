"""A measure as its definition says it (docs/measure-language.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from metrics_service.domain.measures.clause import Condition, Population

ServiceCode = Literal["SMR", "EHCH", "AC", "PC", "ECD", "PCPC", "PCN"]
Denominator = Population | Literal["list-size", "weighted-list"] | float | None

PER: Mapping[str, float] = {
    "percent": 100.0, "per-100": 100.0, "per-1000": 1_000.0, "per-1000-weighted": 1_000.0, "per-100000": 100_000.0,
    "per-50000": 50_000.0,
    "per-person": 1.0, "per-weighted": 1.0, "ratio": 1.0,
}  # fmt: skip
"""Units that are a ratio, with what it is multiplied by; all others are the numerator itself."""
UNITS = frozenset((*PER, "people", "things", "hours", "minutes", "pounds", "days", "score"))
AVERAGES: Final = ("average", "median", "interval")
"""What is counted by itself for each organisation, and is not the sum of its parts."""
NETWORK_AND_PRACTICES: Final = ("practice", "network")
"""Who answers for what a network is judged by; primary care is not held to account for others (002 concerns)."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is aimed at in a financial year such as 2020/21, in the unit of the measure."""

    year: str
    minimum: float | None
    maximum: float | None
    source: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """The days that a figure is compared with; without days, the same days a year before.

    With `days_before` it is as many days right before the period. `known` freezes it: only what was known at the end of
    that day counts.
    """

    first: date | None
    last: date | None
    source: str
    days_before: bool = False
    known: date | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """What a service is to be from a day on, such as delivered in full."""

    name: str
    first: date
    source: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A number to read a figure by that nobody aims at."""

    number: float
    source: str


@dataclass(frozen=True, slots=True)
class Workload:
    """What one thing that is counted takes in minutes, and the roles of the staff who do it."""

    minutes: float
    roles: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Definition:
    """One version of a measure. `responsible` is who answers for it; not `attributable`: never anybody's position.

    `groups` are the lists of people to whom it applies, which an organisation may set for itself. `watch` is the change
    since the baseline that is flagged. `targets_recorded` is the category of targets that an area recorded for itself,
    which go before those listed here.
    """

    id: str
    version: str
    title: str
    description: str
    service: ServiceCode
    source: str
    requirements: tuple[str, ...]
    responsible: str
    unit: str
    numerator: Population
    denominator: Denominator = None
    direction: Literal["up", "down", "none"] = "none"
    attributable: bool = True
    purpose: Literal["performance", "improvement"] = "performance"
    stage: Literal["setup", "delivery", "quality", "outcome"] = "delivery"
    starts: date | None = None
    ends: date | None = None
    headline: bool = False
    suppressed: bool = True
    data: str = ""
    frequency: str = ""
    consequence: str = ""
    stratifiers: tuple[str, ...] = ()
    targets: tuple[Target, ...] = ()
    targets_recorded: str | None = None
    baseline: Baseline | None = None
    watch: Literal["fall", "rise", "added-load"] | None = None
    phases: tuple[Phase, ...] = ()
    reference: Reference | None = None
    parameters: Mapping[str, float] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    workload: Workload | None = None
    exclusions: tuple[Condition, ...] = ()
    populations: Mapping[str, Population] = field(default_factory=dict)

    def target(self, year: str) -> Target | None:
        """What the definition aims at in a financial year such as 2020/21."""
        return next((each for each in self.targets if each.year == year), None)

    def due(self, day: date) -> bool:
        """Whether the measure is asked for on that day: not before its service has begun, nor after it has ended."""
        return (self.starts is None or self.starts <= day) and (self.ends is None or day <= self.ends)

    def phase(self, day: date) -> Phase | None:
        """The last phase that had begun by that day."""
        begun = [each for each in self.phases if each.first <= day]
        return max(begun, key=lambda each: each.first) if begun else None

    @property
    def network_position(self) -> bool:
        """Whether it counts towards how a network stands: neither what others answer for nor what nobody does."""
        return self.attributable and self.responsible in NETWORK_AND_PRACTICES

    @property
    def of_one_home(self) -> bool:
        """Whether it can be told of one care home: of the service of care homes, over no list of a practice."""
        return self.service == "EHCH" and self.denominator not in ("list-size", "weighted-list")

    @property
    def by_size(self) -> bool:
        """Whether figures of organisations of unlike size can be set beside each other: rates, averages and medians."""
        return self.unit in PER or self.numerator.count in AVERAGES

    @property
    def is_share(self) -> bool:
        """Whether it is the share of some people among others: then who is counted above is among those below."""
        return (
            isinstance(self.denominator, Population)
            and self.denominator.count == self.numerator.count == "people"
            and self.unit in PER
        )
