"""How a multidisciplinary team works: its rhythm, its quorum, whose care it looks after (PCN-066).

The team is a CareTeam without subject, of category `mdt` or `neighbourhood-team`; the rest is its extension
`tandem.canonical.MDT_ARRANGEMENT`. Two services read it, so it is the kernel's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from tandem.canonical import CARE_TEAM_CATEGORY, MDT_ARRANGEMENT
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue
from tandem.identity.organisations import reference_code

MDT: Final = "mdt"
NEIGHBOURHOOD_TEAM: Final = "neighbourhood-team"
_HERE: Final = f"CareTeam.extension.where(url='{MDT_ARRANGEMENT}')"
_SINGLE: Final = ("cadence", "quorum", "list", "service")
_UNITS: Final = ("d", "wk", "mo")


@dataclass(frozen=True, slots=True)
class Cadence:
    """Every so many days (`d`), weeks (`wk`) or months (`mo`)."""

    every: int
    unit: str

    def after(self, day: date, times: int = 1) -> date:
        """The day so many intervals later; of a shorter month its last day."""
        count = self.every * times
        if self.unit != "mo":
            return day + timedelta(days=count * (7 if self.unit == "wk" else 1))
        months = day.month - 1 + count
        first = date(day.year + months // 12, months % 12 + 1, 1)
        following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        return min(first + timedelta(days=day.day - 1), following - timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What a team says of itself. `homes` are codes or `Organization/id`; `quorum` is how many must be there."""

    cadence: Cadence | None = None
    quorum: int | None = None
    cohort: str | None = None
    homes: tuple[str, ...] = ()
    service: str | None = None


def is_multidisciplinary(team: Resource | None) -> bool:
    """Whether a CareTeam is such a team: about no one person, and of one of the two categories."""
    if team is None or team.get("subject") is not None:
        return False
    codings = [coding for concept in team.get("category") or () for coding in concept.get("coding") or ()]
    kinds = {coding.get("code") for coding in codings if coding.get("system") == CARE_TEAM_CATEGORY}
    return bool(kinds & {MDT, NEIGHBOURHOOD_TEAM})


def arrangement_of(team: Resource) -> Arrangement:
    """What the extension says, as far as it can be read."""
    told = _told(team)
    quorum = _value(told, "quorum", "valuePositiveInt")
    homes = (reference_code(each.get("valueReference")) for each in told if each.get("url") == "care-home")
    return Arrangement(
        _cadence(_value(told, "cadence", "valueTiming")), quorum if isinstance(quorum, int) else None,
        _value(told, "list", "valueCode"), tuple(home for home in homes if home is not None),
        _value(told, "service", "valueCode"),
    )  # fmt: skip


def arrangement_faults(team: Resource) -> Iterator[Issue]:
    """What of the extension cannot be read; without it a team has no rhythm and no quorum, and that is allowed."""
    told = _told(team)
    for name in _SINGLE:
        if sum(each.get("url") == name for each in told) > 1:
            yield Issue(f"A team has one {name}", _HERE)
    if any(each.get("url") == "cadence" for each in told) and arrangement_of(team).cadence is None:
        text = "cadence is a Timing whose repeat has a whole period and periodUnit d, wk or mo (every two weeks: 2, wk)"
        yield Issue(text, f"{_HERE}.extension.where(url='cadence')")
    if any(each.get("url") == "quorum" for each in told) and (arrangement_of(team).quorum or 0) < 1:
        text = "quorum is how many members must be there: a valuePositiveInt of 1 or more"
        yield Issue(text, f"{_HERE}.extension.where(url='quorum')")
    named = [each for each in told if each.get("url") == "care-home"]
    if len(arrangement_of(team).homes) < len(named):
        yield Issue("care-home is a Reference to an Organization", f"{_HERE}.extension.where(url='care-home')")


def _told(team: Resource) -> list[dict[str, Any]]:
    return [
        inner for each in team.get("extension") or () if each.get("url") == MDT_ARRANGEMENT
        for inner in each.get("extension") or ()
    ]  # fmt: skip


def _value(told: list[dict[str, Any]], name: str, kind: str) -> Any:
    return next((each.get(kind) for each in told if each.get("url") == name), None)


def _cadence(timing: Any) -> Cadence | None:
    repeat = (timing or {}).get("repeat") or {}
    every, unit = repeat.get("period"), repeat.get("periodUnit")
    if every is None or isinstance(every, bool | str) or unit not in _UNITS or repeat.get("frequency", 1) != 1:
        return None
    return Cadence(int(every), str(unit)) if every == int(every) and 1 <= every <= 366 else None
