"""Versioned assumptions about work by type of provider, and what a network says of itself instead (AC-079).

A figure is called `service.provider.what.unit`, such as `SMR.pcn.review.minutes`. Versions and a network's own figures
hold from a day on; on a day the newest counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

UNITS: Final = ("minutes", "per-year", "hours", "weeks", "percent", "pounds")
"""The last part of a figure's name."""
_LARGEST: Final = {
    "minutes": 1440.0, "per-year": 366.0, "hours": 168.0, "weeks": 52.0, "percent": 100.0, "pounds": 100_000.0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """`source` is where it comes from: a paragraph, or `ours` where nobody has set it."""

    value: float
    source: str


@dataclass(frozen=True, slots=True)
class Version:
    """A published set of assumptions. `roles` gives the roles of staff that deliver a `service.provider`."""

    version: str
    from_day: int
    figures: Mapping[str, Figure]
    roles: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class OwnFigure:
    """What a network (or its commissioner) says instead, from a day on; `number` counts the network's changes."""

    name: str
    value: float
    from_day: int
    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What holds for an organisation on a day. `version` names both: `2020.1`, or `2020.1+3` with three own changes."""

    version: str
    figures: Mapping[str, Figure]
    roles: Mapping[str, tuple[str, ...]]

    def value(self, name: str) -> float:
        """Raises KeyError for a figure that there is none of."""
        return self.figures[name].value

    def providers(self, service: str) -> list[str]:
        """The types of provider with work for a service."""
        return sorted({name.split(".")[1] for name in self.figures
                       if name.startswith(f"{service}.") and name.endswith(".minutes")})  # fmt: skip

    def minutes_per_person(self, service: str, provider: str) -> float:
        """Minutes of work for one person in a year: every contact, as often as it is needed."""
        prefix = f"{service}.{provider}."
        contacts = [name.removesuffix(".minutes") for name in self.figures
                    if name.startswith(prefix) and name.endswith(".minutes")]  # fmt: skip
        return sum(self.value(f"{each}.minutes") * self.value(f"{each}.per-year") for each in contacts)


def assumptions_on(versions: Sequence[Version], own: Iterable[OwnFigure], day: int) -> Assumptions | None:
    """What holds on a day; None before the first version. A figure of the network's own outlives a new version."""
    begun = [each for each in versions if each.from_day <= day]
    if not begun:
        return None
    newest = max(begun, key=lambda each: each.from_day)
    figures = dict(newest.figures)
    known = [each for each in own if each.from_day <= day and each.name in figures]
    for each in sorted(known, key=lambda own: (own.from_day, own.number)):
        figures[each.name] = Figure(each.value, f"the network's own: {each.reason}")
    changes = max((each.number for each in known), default=0)
    return Assumptions(f"{newest.version}+{changes}" if changes else newest.version, figures, newest.roles)


def fault_of_value(name: str, value: float) -> str | None:
    """Why a figure cannot have this value; None when it can."""
    unit = name.rsplit(".", 1)[-1]
    most = _LARGEST[unit]
    return None if 0 <= value <= most else f"{name} is a number from 0 to {most:g}"


def versions_of(told: Sequence[dict[str, Any]], day_number: Any) -> tuple[Version, ...]:
    """The versions of the file. Raises ValueError for a figure that cannot be read or has no source."""
    found = []
    for each in told:
        figures = {name: Figure(float(one["value"]), one["source"]) for name, one in each["figures"].items()}
        for name, figure in figures.items():
            if name.rsplit(".", 1)[-1] not in UNITS or len(name.split(".")) != 4 or not figure.source:
                raise ValueError(f"{each['version']}: {name} is service.provider.what.unit with a source")
            if name.endswith(".minutes") and name.removesuffix("minutes") + "per-year" not in figures:
                raise ValueError(f"{each['version']}: {name} needs the same with per-year")
            if (fault := fault_of_value(name, figure.value)) is not None:
                raise ValueError(f"{each['version']}: {fault}")
        roles = {name: tuple(listed) for name, listed in each["roles"].items()}
        found.append(Version(str(each["version"]), day_number(each["from"]), figures, roles))
    return tuple(found)
