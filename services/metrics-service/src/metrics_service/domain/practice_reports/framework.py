"""The key reporting indicators and the outcomes that they speak for (PCPC-008 to PCPC-013, PCPC-074 to PCPC-092).

Shipped in `indicators.json` and `outcomes.json`; each names the measures that its figure comes from.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from tandem.fhir.body import decode


@dataclass(frozen=True, slots=True)
class Indicator:
    """`place` is the row of the table in 003 §3, or `system` for what is followed at the level of the commissioner.

    A system indicator is shown apart: no figure of it is attributed to a practice (PCPC-092).
    """

    name: str
    place: str
    text: str
    measures: tuple[str, ...]

    @property
    def attributable(self) -> bool:
        """Whether a practice answers for it."""
        return self.place != "system"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the scheme wants for people; `indicators` are names of key indicators, `measures` others' ids."""

    name: str
    place: str
    text: str
    indicators: tuple[str, ...]
    measures: tuple[str, ...]

    @property
    def all_measures(self) -> tuple[str, ...]:
        """Ids of every measure whose figure stands under the outcome, each once."""
        by_name = {each.name: each for each in key_indicators()}
        of_indicators = [measure for name in self.indicators for measure in by_name[name].measures]
        return tuple(dict.fromkeys([*of_indicators, *self.measures]))


@cache
def key_indicators() -> tuple[Indicator, ...]:
    """Those that every report has to have."""
    return _indicators("key")


@cache
def system_indicators() -> tuple[Indicator, ...]:
    """Those that nobody's report answers for."""
    return _indicators("system")


@cache
def outcomes() -> tuple[Outcome, ...]:
    """The outcomes, the two overarching ones first."""
    return tuple(
        Outcome(each["name"], each["place"], each["text"], tuple(each["indicators"]), tuple(each["measures"]))
        for each in _file("outcomes.json")
    )


def _indicators(kind: str) -> tuple[Indicator, ...]:
    return tuple(
        Indicator(each["name"], each["place"], each["text"], tuple(each["measures"]))
        for each in _file("indicators.json")[kind]
    )


def _file(name: str) -> Any:
    return decode((files("metrics_service.domain.practice_reports") / name).read_bytes())
